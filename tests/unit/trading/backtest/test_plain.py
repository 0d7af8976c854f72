"""Does a step-by-step run in plain Python, written apart, come to the same money hour by hour?"""

from __future__ import annotations

from random import Random

import pytest

from perpscope.market.brackets import Brackets
from perpscope.market.contract import Contract
from perpscope.market.funding import PublishedFixing
from perpscope.trading.backtest.fold import backtest
from perpscope.trading.backtest.model import Bars, LegHistory, Plan
from perpscope.trading.costs.figure import Figure
from perpscope.trading.costs.parts import FlatFees, HalfSpread, LegCosts, TradeCosts
from perpscope.trading.margin import Requirement
from perpscope.trading.settle import Listing
from perpscope.trading.trade import Leg, Policy, Trade
from tests.unit.trading.backtest.plain import Cost, Market, Plain

HOUR = 3_600_000
HOURS = 600
SYMBOLS = {"spot": "BTC/USDT", "linear": "BTC/USDT:USDT", "inverse": "BTC/USD:BTC"}
TRADES = [
    [(1, "spot", 1), (-1, "linear", 3)],
    [(-1, "spot", 1), (1, "linear", 3)],
    [(1, "spot", 1), (-1, "linear", 20)],
    [(1, "linear", 5), (-1, "inverse", 5)],
    [(-1, "inverse", 1)],
    [(1, "inverse", 10)],
    [(-1, "linear", 10)],
]
POLICIES = {
    "hold": Policy.hold(),
    "flip": Policy.flip(),
    "threshold": Policy(0.3, 0.1, look=3),
    "patient": Policy(0.2, 0.0, look=2, follow=True, stay_hours=10, rest_hours=5, most_hours=100),
}


def market(dice: Random, path: list[float], hours: int) -> Market:
    """A market beside a path: its own trades, marks and extremes, and a rate every `hours`."""
    trade = [price * (1 + dice.gauss(0, 0.001)) for price in path]
    mark = [price * (1 + dice.gauss(0, 0.001)) for price in path]
    high = [max(a, b) * (1 + abs(dice.gauss(0, 0.01))) for a, b in zip(trade, mark, strict=True)]
    low = [min(a, b) * (1 - abs(dice.gauss(0, 0.01))) for a, b in zip(trade, mark, strict=True)]
    premium, paid = 0.0, {}
    for t in range(hours, HOURS, hours):
        premium = 0.9 * premium + dice.gauss(0, 2e-4)
        paid[t] = (premium, None if dice.random() < 0.3 else mark[t] * (1 + dice.gauss(0, 1e-4)))
    return {"trade": trade, "mark": mark, "high": high, "low": low, "paid": paid, "hours": hours}


def history(payoff: str, own: Market, cost: Cost) -> LegHistory:
    columns = (own["trade"], own["mark"], own["high"], own["low"])
    fixings = tuple(
        PublishedFixing("venue", SYMBOLS[payoff], t * HOUR, rate, own["hours"], price)
        for t, (rate, price) in own["paid"].items()
        if payoff != "spot"
    )
    contract = Contract("inverse", "BTC") if payoff == "inverse" else Contract("linear", "USDT")
    return LegHistory(
        Bars([t * HOUR for t in range(HOURS)], *columns), Listing(contract), fixings, Requirement(Brackets.flat(cost["maintenance"]))
    )


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("k", range(len(TRADES)))
def test_the_plain_run_agrees(k: int, policy: str) -> None:
    """To a millionth of a dollar in 10,000, at every hour: both are floats, added in different orders."""
    dice = Random(100 * k + sorted(POLICIES).index(policy))  # noqa: S311 - a market of a test, not a secret
    legs = [(side, payoff, float(leverage)) for side, payoff, leverage in TRADES[k]]
    price, path = 100.0, []
    for _ in range(HOURS):
        price *= 1 + dice.gauss(0, 0.008) + (dice.choice((-0.3, 0.4)) if dice.random() < 0.005 else 0)
        path.append(price)
    markets = [market(dice, path, dice.choice((1, 8))) for _ in legs]
    for (_, payoff, _), own in zip(legs, markets, strict=True):
        if payoff == "spot":
            own["paid"] = {}
    costs = [{"fee": 0.0004, "half": 0.0001, "borrow": 0.08, "liquidation": 0.003, "maintenance": 0.005} for _ in legs]
    rule = POLICIES[policy]
    words = {
        "enter": rule.enter,
        "exit": rule.exit,
        "look": rule.look,
        "follow": rule.follow,
        "stay": rule.stay_hours,
        "rest": rule.rest_hours,
        "most": rule.most_hours,
    }
    theirs = Plain(legs, markets, costs, words, 10_000).run()

    written = [
        Leg(f"venue{n}", SYMBOLS[payoff], "long" if side > 0 else "short", leverage=leverage)
        for n, (side, payoff, leverage) in enumerate(legs)
    ]
    charged = [
        LegCosts(
            FlatFees(Figure.given(9), Figure.given(own["fee"])),
            HalfSpread(Figure.given(own["half"])),
            Figure.given(own["borrow"]),
            Figure.given(own["liquidation"]),
        )
        for own in costs
    ]
    histories = [history(payoff, own, cost) for (_, payoff, _), own, cost in zip(legs, markets, costs, strict=True)]
    trade = Trade("perp_perp", tuple(written), policy=rule)
    ours = backtest(trade, histories, TradeCosts(tuple(charged)), Plan(notional=10_000, asset="USDT"))
    assert [units / 10**8 for units in ours.equity] == pytest.approx(theirs.equity, abs=1e-6)
    assert (ours.liquidations, ours.trades) == (theirs.liquidations, theirs.openings)
    assert ours.trades > 0
    assert ours.liquidations > 0 or legs[-1][2] < 20  # at that leverage every market of this file takes a leg away
