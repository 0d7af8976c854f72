"""Is the covariance of the time held the one the definitions give, and always possible?"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from perpscope.errors import InputError, NotEnoughData
from perpscope.trading.allocation.risk import chains, given_risk, horizon_risk

Floats = npt.NDArray[np.float64]


def from_autocovariances(x: Floats, span: int) -> Floats:
    """Variance of a sum of `span` days, term by term."""
    z, t = x - x.mean(axis=0), len(x)
    found = span * z.T @ z / t
    for k in range(1, span):
        lagged = z[k:].T @ z[:-k] / t
        found += (span - k) * (lagged + lagged.T)
    return np.asarray(found)


def test_it_is_the_variance_of_a_sum_before_it_is_shrunk() -> None:
    rng = np.random.default_rng(3)
    x = np.cumsum(rng.normal(size=(200, 2)), axis=0) * 1e-4 + rng.normal(size=(200, 2)) * 1e-3
    found = horizon_risk(x, 7)
    plain = from_autocovariances(x, 7)
    np.testing.assert_allclose(np.diag(found.covariance), np.diag(plain), rtol=1e-10)  # shrinking leaves variances alone
    np.testing.assert_allclose(found.covariance, plain, rtol=1e-10)  # two trades have one correlation, which is its own mean


def test_a_day_held_is_the_covariance_of_days() -> None:
    x = np.random.default_rng(4).normal(size=(60, 1))
    np.testing.assert_allclose(horizon_risk(x, 1).covariance, np.cov(x.T, bias=True).reshape(1, 1), rtol=1e-12)


def test_it_can_be_even_where_there_are_more_trades_than_days() -> None:
    x = np.random.default_rng(5).normal(size=(30, 50))
    found = horizon_risk(x, 15)
    assert np.linalg.eigvalsh(found.covariance).min() > -1e-12
    assert 0 < found.shrunk <= 1


def test_a_short_history_is_shrunk_further() -> None:
    rng = np.random.default_rng(6)
    mix = np.array([[1.0, 0.9, 0.0], [0.0, 0.4, 0.0], [0.0, 0.0, 1.0]])
    x = rng.normal(size=(2000, 3)) @ mix
    short, long_ = horizon_risk(x[:60], 10), horizon_risk(x, 10)
    assert short.shrunk > long_.shrunk
    pairs = np.triu_indices(3, 1)
    assert np.ptp(short.correlation[pairs]) < np.ptp(long_.correlation[pairs])


def test_a_trade_that_never_moves_has_no_risk_and_no_fellow() -> None:
    x = np.column_stack([np.random.default_rng(7).normal(size=40), np.full(40, 3e-4)])
    found = horizon_risk(x, 2)
    assert found.covariance[1, 1] == pytest.approx(0, abs=1e-20)
    assert found.correlation.tolist() == [[1.0, 0.0], [0.0, 1.0]]


def test_too_few_days_and_gaps_are_refused() -> None:
    with pytest.raises(NotEnoughData, match="29 days that all trades have in common"):
        horizon_risk(np.zeros((29, 2)), 1)
    with pytest.raises(NotEnoughData, match="60 are needed"):
        horizon_risk(np.zeros((59, 2)), 30)
    with pytest.raises(InputError, match="gaps"):
        horizon_risk(np.full((40, 1), np.nan), 1)


def test_a_covariance_that_is_stated_must_be_one() -> None:
    daily = np.array([[4.0, 1.0], [1.0, 9.0]]) * 1e-8
    np.testing.assert_allclose(given_risk(daily, 30, "mine").covariance, daily * 30, rtol=1e-12)
    for wrong, words in (
        (np.array([[1.0, 2.0], [2.0, 1.0]]), "eigenvalue"),
        (np.array([[1.0, 0.5], [0.2, 1.0]]), "not symmetric"),
        (np.array([[1.0, 0.5]]), "shape"),
        (np.array([[np.nan]]), "finite"),
    ):
        with pytest.raises(InputError, match=words):
            given_risk(wrong, 30, "mine")


def test_chains_hold_whoever_moves_with_a_member() -> None:
    r = np.eye(5)
    for a, b in ((0, 2), (2, 4)):
        r[a, b] = r[b, a] = 0.85
    assert chains(r, 0.85) == [[0, 2, 4]]
    assert chains(r, 0.9) == []
    assert chains(r, -1) == [[0, 1, 2, 3, 4]]
