"""Does an independent library price the same perpetuals the same?

QuantLib integrates or sums what we solve. Its i of an inverse contract is minus what a long pays; it is never called with both rates zero,
where its discrete engine does not return.
"""

from __future__ import annotations

import math
from typing import Any

import pytest

from perpscope.analysis.pricing.perpetual import Paid, inverse_price, linear_price

MONTHS = 3
DISCRETE, CONTINUOUS = 1e-9, 1e-6
"""Relative: the library sums to sixty years and closes the rest; its integral stops at 1e-6."""
MARKETS = [(0.04, 0.02, 0.01, 0.005), (0.02, 0.05, 0.03, 0.0), (0.03, 0.0, 0.05, -0.01), (0.0, 0.02, 0.02, 0.01)]


@pytest.fixture(scope="module")
def ql() -> Any:  # noqa: ANN401 - untyped
    return pytest.importorskip("QuantLib")


def _theirs(ql: Any, payoff: int, funding: int, market: tuple[float, float, float, float], months: int) -> float:  # noqa: ANN401 - untyped
    up, down, kappa, iota = market
    assert (up, down) != (0, 0)
    today = ql.Date(1, 1, 2025)
    ql.Settings.instance().evaluationDate = today
    count = ql.ActualActual(ql.ActualActual.ISDA)
    curves = [ql.YieldTermStructureHandle(ql.FlatForward(today, rate, count)) for rate in (up, down)]
    contract = ql.PerpetualFutures(payoff, funding, ql.Period(months, ql.Months), ql.NullCalendar(), count)
    spot = ql.QuoteHandle(ql.SimpleQuote(10_000.0))
    contract.setPricingEngine(ql.DiscountingPerpetualFuturesEngine(*curves, spot, [0.0], [kappa], [iota]))
    return float(contract.NPV())


@pytest.mark.parametrize("market", MARKETS)
@pytest.mark.parametrize("paid", ["start", "end"])
def test_discrete_prices_agree(ql: Any, market: tuple[float, float, float, float], paid: Paid) -> None:  # noqa: ANN401 - untyped
    up, down, kappa, iota = market
    a, b = (math.expm1(rate * MONTHS / 12) for rate in (up, down))
    when = ql.PerpetualFutures.FundingWithPreviousSpot if paid == "start" else ql.PerpetualFutures.FundingWithCurrentSpot
    linear = _theirs(ql, ql.PerpetualFutures.Linear, when, market, MONTHS)
    assert linear_price(10_000, kappa, iota, a, b, paid=paid) == pytest.approx(linear, rel=DISCRETE)
    inverse = _theirs(ql, ql.PerpetualFutures.Inverse, when, market, MONTHS)
    assert inverse_price(10_000, kappa, -iota, a, b, paid=paid) == pytest.approx(inverse, rel=DISCRETE)


@pytest.mark.parametrize("market", [(a, b, 20 * k, i) for a, b, k, i in MARKETS])
def test_continuous_prices_agree(ql: Any, market: tuple[float, float, float, float]) -> None:  # noqa: ANN401 - untyped
    up, down, kappa, iota = market
    when = ql.PerpetualFutures.FundingWithPreviousSpot
    linear = _theirs(ql, ql.PerpetualFutures.Linear, when, market, 0)
    assert linear_price(10_000, kappa, iota, up, down) == pytest.approx(linear, rel=CONTINUOUS)
    inverse = _theirs(ql, ql.PerpetualFutures.Inverse, when, market, 0)
    assert inverse_price(10_000, kappa, -iota, up, down) == pytest.approx(inverse, rel=CONTINUOUS)


def test_the_sign_of_the_inverse_interest_is_not_theirs(ql: Any) -> None:  # noqa: ANN401 - untyped
    theirs = _theirs(ql, ql.PerpetualFutures.Inverse, ql.PerpetualFutures.FundingWithPreviousSpot, MARKETS[0], MONTHS)
    a, b = (math.expm1(rate * MONTHS / 12) for rate in MARKETS[0][:2])
    assert abs(float(inverse_price(10_000, 0.01, 0.005, a, b, paid="start")) / theirs - 1) > 0.1
