"""Does a long at our price gain nothing, period by period, in the coin he is paid in?"""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from perpscope.analysis.pricing.perpetual import Paid, inverse_price, linear_price, pegging_iota, quanto_price
from perpscope.analysis.pricing.random_time import expected_at_exponential, expected_at_stopping, mean_life
from perpscope.errors import InputError

EXACT = 1e-12
"""Relative: a dozen roundings of a double."""
CASES = [(0.01, 0.005, 0.010, 0.005), (1.0, 0.0001, 0.00005, 0.0), (0.3, -0.02, 0.001, 0.004), (0.05, 0.0, 0.0, 0.0)]


@pytest.mark.parametrize(("kappa", "iota", "up", "down"), CASES)
@pytest.mark.parametrize("paid", ["start", "end"])
def test_a_linear_long_gains_nothing_on_the_path_that_rates_imply(kappa: float, iota: float, up: float, down: float, paid: Paid) -> None:
    """On the sure path x' = x (1 + ra) / (1 + rb) the cash flow itself is nothing, not only its expectation."""
    before, after = 100.0, 100.0 * (1 + up) / (1 + down)
    f, g = (float(linear_price(x, kappa, iota, up, down, paid=paid)) for x in (before, after))
    spot = before if paid == "start" else after
    funding = (kappa * (f - before) / before + iota) * spot
    assert g - f - funding == pytest.approx(0, abs=100 * EXACT)


@pytest.mark.parametrize(("kappa", "iota", "up", "down"), CASES)
@pytest.mark.parametrize("paid", ["start", "end"])
def test_an_inverse_long_who_pays_iota_gains_no_coin(kappa: float, iota: float, up: float, down: float, paid: Paid) -> None:
    """The sign of iota is that of what a long pays: he owns 1/I - 1/I' and pays kappa (1/x - 1/I) + iota / x."""
    before, after = 100.0, 100.0 * (1 + up) / (1 + down)
    f, g = (float(inverse_price(x, kappa, iota, up, down, paid=paid)) for x in (before, after))
    paid_on = 1 / before if paid == "start" else 1 / after
    funding = (kappa * (1 / before - 1 / f) * before + iota) * paid_on
    assert 1 / f - 1 / g - funding == pytest.approx(0, abs=EXACT)


@pytest.mark.parametrize("paid", ["start", "end", "continuous"])
@pytest.mark.parametrize("price", [linear_price, inverse_price])
def test_at_the_pegging_interest_the_price_is_the_spot(price: object, paid: Paid) -> None:
    iota = pegging_iota(0.03, 0.01, paid=paid, inverse=price is inverse_price)
    assert price(250.0, 0.4, iota, 0.03, 0.01, paid=paid) == pytest.approx(250, rel=EXACT)  # type: ignore[operator]  # one of two functions


@pytest.mark.parametrize("paid", ["start", "end", "continuous"])
def test_a_quanto_is_pegged_by_its_covariance(paid: Paid) -> None:
    iota = pegging_iota(0.03, 0.01, 0.2, paid=paid)
    assert quanto_price(250.0, 0.9, iota, 0.03, 0.01, 0.2, paid=paid) == pytest.approx(250, rel=EXACT)
    assert quanto_price(250.0, 0.9, 0.0, 0.03, 0.01, 0.0, paid=paid) == linear_price(250.0, 0.9, 0.0, 0.03, 0.01, paid=paid)


def test_with_rates_of_zero_no_convexity_is_left() -> None:
    assert inverse_price(100.0, 0.5, 0.0, 0.0, 0.0) == linear_price(100.0, 0.5, 0.0, 0.0, 0.0) == 100


def test_a_longer_history_of_cash_flows_adds_up_to_the_price() -> None:
    """Replication: f = E[f' + (kappa - iota) x] / (1 + kappa), from a far future back, in exact fractions."""
    kappa, iota, growth = Fraction(1, 50), Fraction(1, 1000), Fraction(1005, 1000) / Fraction(1002, 1000)
    ratio = Fraction(1)
    for _ in range(2500):
        ratio = (ratio * growth + kappa - iota) / (1 + kappa)
        ratio = Fraction(round(ratio * 10**30), 10**30)
    assert linear_price(1.0, 0.02, 0.001, 0.005, 0.002, paid="start") == pytest.approx(float(ratio), rel=EXACT)


def test_the_price_is_the_spot_expected_at_a_random_time() -> None:
    assert (1 - 0.005 / 0.2) * expected_at_exponential(10_000, 0.2, 0.02) == pytest.approx(
        float(linear_price(10_000, 0.2, 0.005, 0.04, 0.02)), rel=1e-10
    )
    growth = 1.01 / 1.005
    assert (1 - 0.5) * expected_at_stopping(10_000, 0.01, growth) == pytest.approx(
        float(linear_price(10_000, 0.01, 0.005, 0.01, 0.005, paid="start")), rel=1e-10
    )
    assert mean_life(4.0) == 0.25


def test_arrays_are_priced_as_numbers_are() -> None:
    kappas = np.array([0.1, 0.2, 0.4])
    found = linear_price(100.0, kappas, 0.005, 0.04, 0.02)
    assert isinstance(found, np.ndarray)
    assert found.tolist() == [linear_price(100.0, float(k), 0.005, 0.04, 0.02) for k in kappas]


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ((100.0, 0.01, 0.0, 0.05, 0.02), "no finite price"),
        ((0.0, 0.1, 0.0, 0.05, 0.02), "spot is not above 0"),
        ((100.0, 0.0, 0.0, 0.05, 0.02), "nothing ties"),
        ((100.0, 0.1, 0.1, 0.05, 0.02), "no positive price"),
        ((100.0, float("nan"), 0.1, 0.05, 0.02), "not finite"),
    ],
)
def test_outside_its_range_the_model_says_why(given: tuple[float, ...], why: str) -> None:
    with pytest.raises(InputError, match=why):
        linear_price(*given)


def test_one_bad_case_of_many_is_counted() -> None:
    with pytest.raises(InputError, match="1 of 3 cases"):
        linear_price(100.0, np.array([0.1, 0.01, 0.2]), 0.0, 0.05, 0.02)
    with pytest.raises(InputError, match="do not fit"):
        linear_price(np.ones(2), np.ones(3), 0.0, 0.05, 0.02)
    with pytest.raises(InputError, match="own coin"):
        pegging_iota(0.1, 0.1, 0.2, inverse=True)
    with pytest.raises(InputError, match="Known"):
        linear_price(1.0, 1.0, 0.0, 0.0, 0.0, paid="never")  # type: ignore[arg-type]  # what it refuses
    with pytest.raises(InputError, match="loses everything"):
        linear_price(1.0, 1.0, 0.0, -1.0, 0.0, paid="start")
