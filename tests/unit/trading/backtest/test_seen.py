"""What does a decision see, and what does a policy make of it?"""

from __future__ import annotations

from dataclasses import replace

import pytest

from perpscope.market.funding import PublishedFixing
from perpscope.trading.backtest.fold import backtest
from perpscope.trading.backtest.model import Plan
from perpscope.trading.backtest.seen import ByPolicy, Decision, Seen, SeenLeg
from perpscope.trading.trade import Policy, Trade
from tests.unit.trading.backtest.cases import HOUR, PERP, SPOT, bars, cost, costs, fixings, happened, leg, perp, spot

SHORT, COINS = leg(PERP, "short"), leg(SPOT, "long", venue="shop")


def seen(*rates: float, hours: float = 8, **more: object) -> Seen:
    """What a short perpetual against coins sees after some fixings."""
    own = SeenLeg(SHORT)
    for k, rate in enumerate(rates):
        own.learn_fixing(PublishedFixing("venue", PERP, k * HOUR, rate, hours))
    return Seen(100 * HOUR, (SeenLeg(COINS), own), **more)  # type: ignore[arg-type]  # fields of `Seen`


def test_the_expected_carry_is_a_mean_of_annual_rates() -> None:
    """0.01 % and 0.03 % of eight hours are 10.95 % and 32.85 % a year; a short receives them."""
    assert seen(0.5, 0.0001, 0.0003).carry(2) == pytest.approx(0.219)
    assert seen(0.0001).carry(2) is None


def test_legs_that_receive_and_pay() -> None:
    one, other = SeenLeg(SHORT), SeenLeg(leg(PERP, "long", venue="other", ratio=0.5))
    one.learn_fixing(PublishedFixing("venue", PERP, 0, 0.0001, 8))
    other.learn_fixing(PublishedFixing("other", PERP, 0, 0.0001, 1))
    assert Seen(HOUR, (one, other)).carry(1) == pytest.approx(0.0001 * 1095 - 0.5 * 0.0001 * 8760)


def test_an_amount_per_base_unit_is_a_rate_of_the_price() -> None:
    own = SeenLeg(SHORT)
    own.learn_bar(0, 50.0, 50.0)
    own.learn_fixing(PublishedFixing("venue", PERP, 0, 0, 1, None, per_base=0.005))
    own.learn_fixing(PublishedFixing("venue", PERP, 0, 0, 1, 100.0, per_base=0.005))
    assert own.rates == [pytest.approx(0.0001 * 8760), pytest.approx(0.00005 * 8760)]


@pytest.mark.parametrize(
    ("policy", "now", "wanted"),
    [
        (Policy.hold(), seen(), "open"),
        (Policy.hold(), seen(-1, held=1, opened=0), "keep"),
        (Policy(0.1, 0.05, look=1), seen(), "keep"),
        (Policy(0.1, 0.05, look=1), seen(0.0001), "open"),  # 10.95 %
        (Policy(0.1, 0.05, look=1), seen(0.00008), "keep"),
        (Policy(0.1, 0.05, look=1), seen(0.00008, held=1, opened=0), "keep"),
        (Policy(0.1, 0.05, look=1), seen(0.00004, held=1, opened=0), "close"),
        (Policy(0.1, 0.05, look=1), seen(-0.0001), "keep"),
        (Policy(0.1, 0.05, look=1, follow=True), seen(-0.0001), "reverse"),
        (Policy(0.1, 0.05, look=1, follow=True), seen(-0.00004, held=-1, opened=0), "close"),
        (Policy(0.1, 0.05, look=1, follow=True), seen(-0.00008, held=-1, opened=0), "keep"),
        (Policy(0.1, 0.05, look=1, follow=True), seen(-0.0001, held=1, opened=0), "reverse"),
        (Policy(0.1, 0.05, look=1, follow=True, rest_hours=1), seen(-0.0001, held=1, opened=0), "close"),
        (Policy.flip(), seen(0.0), "keep"),
        (Policy.flip(), seen(0.0, held=1, opened=0), "keep"),
        (Policy.flip(), seen(0.00001, held=-1, opened=0), "open"),
        (Policy(0.1, 0.05, look=1, stay_hours=101), seen(-1, held=1, opened=0), "keep"),
        (Policy(0.1, 0.05, look=1, stay_hours=100), seen(-1, held=1, opened=0), "close"),
        (Policy(most_hours=100), seen(1, held=1, opened=0), "close"),
        (Policy(most_hours=101), seen(1, held=1, opened=0), "keep"),
        (Policy(rest_hours=101), seen(1, closed=0), "keep"),
        (Policy(rest_hours=100), seen(1, closed=0), "open"),
    ],
)
def test_a_policy_decides(policy: Policy, now: Seen, wanted: Decision) -> None:
    assert ByPolicy(policy)(replace(now)) == wanted


def test_a_decision_of_ones_own_sees_the_past_only() -> None:
    """At 3 h: bars and fixings of 0, 1 and 2 h, those of before the start among them; what it buys costs the price of 3 h."""
    told: list[tuple[float, list[float], list[float], int, float]] = []

    def decide(now: Seen, /) -> Decision:
        own = now.legs[1]
        told.append(
            (now.at / HOUR, [ms / HOUR for ms in own.known], [one.at / HOUR for one in own.fixings], now.held, round(now.equity, 2))
        )
        return "open" if now.at == 3 * HOUR else "keep"

    prices = bars([100, 101, 102, 103, 104, 105])
    paid = fixings([(k, 0.0001, 100) for k in range(1, 6)], 1)
    trade = Trade("cash_and_carry", (COINS, SHORT))
    plan = Plan(notional=10_300, start=2 * HOUR, decide=decide)
    found = backtest(trade, [spot(prices), perp(prices, paid)], costs(cost(), cost()), plan)
    assert told == [
        (2, [0, 1], [1], 0, 20_600.0),
        (3, [0, 1, 2], [1, 2], 0, 20_600.0),
        (4, [0, 1, 2, 3], [1, 2, 3], 1, 20_600.0),
    ]
    assert happened(found, "opened") == [(3, "")]
    assert happened(found, "closed") == [(5, "shop:BTC/USDT"), (5, "venue:BTC/USDT:USDT")]


def test_turning_at_every_sign_costs_more_than_holding() -> None:
    """A rate that changes its sign every two hours is followed two hours late: paid at every stamp, and traded each time."""
    prices = bars([100] * 13)
    paid = fixings([(k, 0.0001 if k % 4 in {1, 2} else -0.0001, 100) for k in range(1, 13)], 1)
    trade = Trade("cash_and_carry", (COINS, SHORT))
    gained = {}
    for name, policy in {"hold": Policy.hold(), "flip": Policy.flip()}.items():
        histories = [spot(prices), perp(prices, paid)]
        found = backtest(replace(trade, policy=policy), histories, costs(cost(0.001), cost(0.0005)), Plan(notional=10_000, decimals=2))
        gained[name] = {why: units / 100 for why, units in found.by_reason.items()}, found.trades
    assert gained["hold"] == ({"fee": -30.0, "funding": 0.0}, 1)
    reasons, trades = gained["flip"]
    assert trades == 5  # at 2, 4, 6, 8 and 10 h
    assert reasons["funding"] == pytest.approx(-10.0, abs=0.1)
    assert reasons["fee"] == pytest.approx(-150.0, abs=1)
