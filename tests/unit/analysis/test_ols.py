"""Does least squares refuse what cannot be answered, and keep its own laws?"""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from perpscope.analysis.inference.ols import lag_rule, long_run_variance, mean_hac, ols
from perpscope.errors import InputError, NotEnoughData


@given(st.integers(1, 10**7))
def test_the_lag_rule_is_the_floor_it_says(n: int) -> None:
    lags = lag_rule(n)
    assert lags**9 * 100**2 <= 4**9 * n**2 < (lags + 1) ** 9 * 100**2


def test_the_lag_rule_is_exact_where_a_float_would_fall_below() -> None:
    assert [lag_rule(100 * k**9) for k in (1, 2, 3, 4, 5)] == [4, 16, 36, 64, 100]


def test_a_perfect_line_is_found_and_fully_explained() -> None:
    x = np.arange(10.0)
    fit = ols(2 + 3 * x, x, ["x"])
    np.testing.assert_allclose(fit.coef, [2, 3], rtol=1e-12)
    assert fit.r2 == pytest.approx(1)
    assert fit.of("x").beta == pytest.approx(1)
    assert math.isnan(fit.of("const").beta)


def test_no_lag_is_white() -> None:
    rng = np.random.default_rng(1)
    x = rng.standard_normal((80, 2))
    fit = ols(x @ [1.0, 2.0] + rng.standard_normal(80), x, ["a", "b"], lags=0)
    np.testing.assert_allclose(fit.se_hac, fit.se_hc1, rtol=1e-12)


def test_a_mean_is_a_regression_on_nothing_but_a_constant() -> None:
    x = np.random.default_rng(2).standard_normal(60).cumsum()
    fit = ols(x, np.ones(60), ["level"], intercept=False)
    assert mean_hac(x) == pytest.approx((fit.coef[0], fit.se_hac[0]), rel=1e-12)


def test_memory_widens_the_error_of_a_mean_and_alternation_narrows_it() -> None:
    wave = np.tile([1.0, -1.0], 50)
    assert long_run_variance(wave, 5) < long_run_variance(wave, 0) < long_run_variance(np.repeat([1.0, -1.0], 50), 5)


@pytest.mark.parametrize(
    ("y", "x", "names", "word"),
    [
        ([1.0, 2.0, 3.0], [1.0, 2.0], ["a"], "one row of x"),
        ([1.0, 2.0, 3.0, 4.0], [[1.0], [2.0], [4.0], [5.0]], ["a", "b"], "Name every column"),
        ([1.0, 2.0, math.nan, 4.0], [1.0, 2.0, 3.0, 5.0], ["a"], "not finite"),
        ([1.0, 2.0, 3.0, 4.0], [1.0, 2.0, math.inf, 5.0], ["a"], "not finite"),
    ],
)
def test_what_cannot_be_regressed_is_refused(y: list[float], x: list[float], names: list[str], word: str) -> None:
    with pytest.raises(InputError, match=word):
        ols(y, x, names)


@pytest.mark.parametrize(
    ("y", "x", "names", "word"),
    [
        ([1.0, 2.0, 3.0, 5.0], [1.0, 1.0, 1.0, 1.0], ["ones"], "'ones'"),
        ([1.0, 2.0, 3.0, 5.0, 9.0], [[1.0, 2.0], [2.0, 4.0], [5.0, 10.0], [4.0, 8.0], [3.0, 6.0]], ["a", "b"], "'b'"),
        ([0.1 + 0.2, 0.3, 0.3, 0.3], [1.0, 2.0, 3.0, 5.0], ["a"], "are the same"),
    ],
)
def test_what_never_moves_on_its_own_is_not_enough_data(y: list[float], x: list[float], names: list[str], word: str) -> None:
    with pytest.raises(NotEnoughData, match=word):
        ols(y, x, names)


def test_too_few_rows_are_not_enough_data() -> None:
    with pytest.raises(NotEnoughData):
        ols([1.0, 2.0], [1.0, 3.0], ["a"])
    with pytest.raises(NotEnoughData):
        mean_hac([1.0])
    with pytest.raises(InputError):
        long_run_variance([1.0, 2.0], -1)


def test_an_unknown_name_tells_the_known_ones() -> None:
    with pytest.raises(InputError, match="const, x"):
        ols([1.0, 2.0, 4.0], [1.0, 2.0, 3.0], ["x"]).of("z")


def test_a_combination_of_one_is_the_coefficient_itself_and_a_difference_counts_the_covariance() -> None:
    rng = np.random.default_rng(3)
    x = rng.standard_normal((90, 2))
    x[:, 1] += x[:, 0]
    fit = ols(x @ [1.0, 2.0] + rng.standard_normal(90), x, ["a", "b"])
    assert fit.combined([0, 1, 0]) == pytest.approx((fit.coef[1], fit.se_hac[1]), rel=1e-12)
    turned = ols(fit.residuals + x @ fit.coef[1:], np.column_stack([x[:, 0], x[:, 0] + x[:, 1]]), ["difference", "b"])
    assert fit.combined([0, 1, -1]) == pytest.approx((turned.coef[1], turned.se_hac[1]), rel=1e-9)
