"""What holds for every plan: limits are kept, money adds up, more is never worth less, and what does not pay is never taken."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from perpscope.trading.allocation.candidate import Candidate
from perpscope.trading.allocation.explain import explained
from perpscope.trading.allocation.limits import Aim, Limits
from perpscope.trading.allocation.plan import plan
from perpscope.trading.allocation.risk import Risk, given_risk, horizon_risk
from tests.unit.trading.allocation.plans import bent, trade

DIGITS = 1e-12
"""Sums of numbers within a limit."""
FEW = settings(max_examples=15)
shares = st.floats(0.1, 1.0)


@st.composite
def markets(draw: st.DrawFn) -> tuple[list[Candidate], Risk]:
    n = draw(st.integers(1, 5))
    trades = []
    for k in range(n):
        venues = draw(st.lists(st.sampled_from("abc"), min_size=2, max_size=2, unique=True))
        charge = bent(draw(st.floats(0, 3e-3)), draw(st.sampled_from([0.0, 1e-9, 1e-8])))
        coin = draw(st.sampled_from(["BTC", "ETH"]))
        margin = draw(st.floats(0.05, 1.0))
        trades.append(trade(f"t{k}", draw(st.floats(-0.3, 0.6)), charge, venues=venues, margin=margin, coin=coin))
    rng = np.random.default_rng(draw(st.integers(0, 1000)))
    mix = rng.normal(size=(n, n)) * 1e-3
    return trades, given_risk(mix @ mix.T, 30, "made up")


@st.composite
def limits(draw: st.DrawFn) -> Limits:
    sd = draw(st.sampled_from([None, 0.002, 0.01]))
    return Limits(draw(st.floats(1e5, 1e7)), venue=draw(shares), coin=draw(shares), together=draw(shares), correlated=0.5, sd=sd)


@FEW
@given(markets(), limits(), st.sampled_from([0.0, 1.0, 50.0]))
def test_limits_are_kept_and_money_adds_up(market: tuple[list[Candidate], Risk], within: Limits, aversion: float) -> None:
    found = plan(*market[:1], within, Aim(30, aversion), market[1])
    answer = explained(found)
    for row in answer["limits"]:
        assert row["used"] <= row["most"] * (1 + DIGITS)
        assert row["earns_more"] >= 0
    assert sum(one["capital"] for one in answer["trades"]) <= within.capital * (1 + DIGITS)
    for one in answer["trades"]:
        assert one["expected"] == pytest.approx(math.fsum(one["by_reason"].values()), rel=1e-9, abs=1e-9)
        assert sum(leg["margin"] for leg in one["legs"]) == pytest.approx(one["capital"], rel=1e-9)
    whole = math.fsum(one["expected"] for one in answer["trades"])
    assert answer["totals"]["expected"] == pytest.approx(whole, rel=1e-9, abs=1e-6)
    named = {one["name"] for one in answer["trades"]} | {one["name"] for one in answer["left_out"]}
    assert named == {one.name for one in market[0]}


@FEW
@given(markets(), limits(), st.sampled_from([0.0, 1.0, 50.0]))
def test_what_does_not_pay_is_never_taken(market: tuple[list[Candidate], Risk], within: Limits, aversion: float) -> None:
    answer = explained(plan(market[0], within, Aim(30, aversion), market[1]))
    assert all(one["expected"] > 0 for one in answer["trades"])
    for one in answer["left_out"]:
        assert one["why"].startswith("does not pay") == (one["net_at_zero"] <= 0)


NEXT_TO_NOTHING = [
    trade("t0", 4.1e-228, bent(0.0, 0.0), venues=["a", "b"], margin=1.0),
    trade("t1", 0.0, bent(0.0, 0.0), venues=["a", "b"], margin=1.0),
]

BENT = [trade("t0", 0.09375, bent(0.0, 1e-8), venues=["a", "b"], margin=0.3046875)]
"""Best at 385,000; at a capital of 10.8 million a size asked, 277,397, differs from what is told of it in the ninth digit."""


@FEW
@given(markets(), limits(), st.floats(1.0, 5.0), st.sampled_from([0.0, 20.0]))
@example((BENT, given_risk(np.array([[1e-6]]), 30, "made up")), Limits(7_212_329.0), 1.5, 0.0)
@example((NEXT_TO_NOTHING, given_risk(np.array([[1e-6, 2e-6], [2e-6, 1.3e-5]]), 30, "made up")), Limits(1e5), 1.0, 20.0)
def test_more_capital_is_never_worth_less(market: tuple[list[Candidate], Risk], within: Limits, times: float, aversion: float) -> None:
    """Costs are sampled at other sizes where the capital is another: between two of them the hull may be up to a part in 500 too dear."""
    less = plan(market[0], within, Aim(30, aversion), market[1]).solution.worth
    more = plan(market[0], replace(within, capital=within.capital * times), Aim(30, aversion), market[1]).solution.worth
    assert more >= less * (1 - 2e-3) - 1e-3


@FEW
@given(st.integers(0, 10_000), st.integers(1, 6), st.floats(0.5, 15))
def test_a_covariance_of_history_can_always_be(seed: int, n: int, days: float) -> None:
    rng = np.random.default_rng(seed)
    x = np.cumsum(rng.normal(size=(45, n)) @ rng.normal(size=(n, n)), axis=0) * 1e-4
    found = horizon_risk(x, days)
    values = np.linalg.eigvalsh(found.covariance)
    assert values.min() >= -1e-12 * values.max()
    assert np.all(np.abs(found.correlation) <= 1 + 1e-9)
