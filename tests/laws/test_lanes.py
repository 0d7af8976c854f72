"""Does a lane that leaps agree with one that walks, bit for bit, and with the backtest, and does the number of threads not matter?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perpscope.market.brackets import Brackets
from perpscope.market.contract import Contract
from perpscope.market.funding import PublishedFixing
from perpscope.trading.backtest.fold import backtest
from perpscope.trading.backtest.model import Bars, LegHistory, Plan, Result, Why
from perpscope.trading.costs.figure import Figure
from perpscope.trading.costs.parts import HalfSpread, LegCosts, TradeCosts
from perpscope.trading.lanes import _kernels
from perpscope.trading.lanes.build import Laid, lay_out
from perpscope.trading.lanes.run import COLUMNS, Lanes, columns, days, run, window
from perpscope.trading.margin import Requirement
from perpscope.trading.settle import Listing
from perpscope.trading.sweep.grid import ParameterSet
from perpscope.trading.trade import Collateral, Leg, Trade

HOUR = 3_600_000
HOURS = 60
INF = float("inf")
Span = tuple[int | None, int | None]
SPOT, PERP, OTHER = Leg("house", "BTC/USDT", "long"), Leg("house", "BTC/USDT:USDT", "short"), Leg("chain", "BTC/USDC:USDC", "long")


def bars(dice: Random, step: int, *, quiet: bool) -> Bars:
    """Prices that move by a few in a hundred and sometimes by a third, with marks beside them and extremes beyond both."""
    known = [k * HOUR for k in range(0, HOURS + 1, step)]
    trade = [100.0 * dice.uniform(0.98, 1.02)]
    for _ in known[1:]:
        jump = 0.0 if quiet or dice.random() > 0.03 else dice.uniform(-0.3, 0.4)
        trade.append(trade[-1] * (1 + dice.gauss(0, 0.01) + jump))
    mark = [price * dice.uniform(0.995, 1.005) for price in trade]
    high = [max(pair) * dice.uniform(1, 1.02) for pair in zip(trade, mark, strict=True)]
    low = [min(pair) * dice.uniform(0.98, 1) for pair in zip(trade, mark, strict=True)]
    opened = [low_ + (high_ - low_) * dice.random() for low_, high_ in zip(low, high, strict=True)]
    first = dice.choice((None, opened, [dice.choice((None, price)) for price in opened]))
    return Bars(known, trade, mark, high, low, step_hours=step, open=first)


def fixings(dice: Random, leg: Leg, every: int) -> tuple[PublishedFixing, ...]:
    """Rates every so many hours, those before the prices begin among them; some carry their own price."""
    stamps = range(-5 * every, HOURS + 1, every)
    return tuple(
        PublishedFixing(
            leg.venue,
            leg.symbol,
            k * HOUR + dice.choice((0, 0, 0, 7)),
            round(dice.gauss(1e-4, 4e-4), 8),
            every,
            dice.choice((None, 100.0)),
        )
        for k in stamps
    )


def history(dice: Random, leg: Leg, step: int, every: int, *, quiet: bool) -> LegHistory:
    prices = bars(dice, step, quiet=quiet)
    listing = Listing(Contract("linear", leg.asset, dice.choice((1.0, 0.001))))
    if leg.market == "spot":
        return LegHistory(prices, Listing(Contract("linear", "USDT")))
    asked = Requirement(Brackets.flat(dice.choice((0.005, 0.03))), dice.choice((0.0, 0.0005)), dice.choice(("trigger", "bankruptcy")))
    return LegHistory(prices, listing, fixings(dice, leg, every), asked)


@dataclass(frozen=True)
class Stepped:
    """Fees that change once."""

    ms: int
    before: float
    after: float

    def at(self, ms: int, *_: object) -> Figure:
        return Figure.given(self.before if ms < self.ms else self.after)


def cost(dice: Random) -> LegCosts:
    fees = Stepped(dice.randint(-20, 70) * HOUR, dice.choice((0.0, 0.0005, -0.0001)), dice.choice((0.001, -0.0002)))
    half, penalty = dice.choice((0.0, 0.0002)), dice.choice((0.0, 0.0125))
    return LegCosts(fees, HalfSpread(Figure.given(half)), liquidation=Figure.given(penalty))


def one_set(dice: Random) -> ParameterSet:
    enter = dice.choice((-INF, -0.5, 0.0, 0.2))
    leave = dice.choice((-INF, enter, enter - 0.3))
    times = (dice.choice((0.0, 0.0, 5.0, 9.5)), dice.choice((0.0, 0.0, 3.0, 12.0)), dice.choice((INF, INF, 7.0, 20.0)))
    return ParameterSet(enter, leave, dice.choice((1, 3)), dice.choice((1.0, 2.5, 8.0, 25.0)), *times)


class Case:
    """A trade of two legs, its history, and parameter sets."""

    def __init__(self, seed: int) -> None:
        dice = Random(seed)  # noqa: S311 - a drawn test case
        carries, step = dice.random() < 0.5, dice.choice((1, 1, 4))
        legs = (PERP, SPOT) if carries else (PERP, OTHER)
        legs = dice.choice((legs, legs[::-1]))
        quiet = dice.random() < 0.5
        self.trade = Trade("cash_and_carry" if carries else "perp_perp", legs, Collateral(dice.choice((0, 0.1))))
        self.histories = [history(dice, leg, step, dice.choice((8, 8, 4, 1)), quiet=quiet) for leg in legs]
        self.costs = TradeCosts(tuple(cost(dice) for _ in legs))
        self.plan = Plan(capital=100_000.0, compound=dice.random() < 0.5, missing="skip", asset="USDT", keep_ledger=False)
        self.sets = [one_set(dice) for _ in range(6)]

    def laid(self) -> Laid:
        return lay_out(self.trade, self.histories, self.costs, self.plan, (1, 3), [one.leverage for one in self.sets])


WHOLE: Span = (None, None)


def ran(laid: Laid, sets: list[ParameterSet], kernel: str = "leap", *, plain: bool = False, span: Span = WHOLE, threads: int = 1) -> Lanes:
    within = window(laid.track, *span)
    text = getattr(_kernels, kernel) if plain else None
    asked = columns(sets, laid.looks, laid.terms, laid.sizing)
    return run(laid.track, laid.terms, asked, within, days(laid.track, within), kernel=text, threads=threads)


def folded(case: Case, own: ParameterSet, span: Span) -> Result:
    legs = tuple(replace(leg, leverage=1 if leg.market == "spot" else own.leverage) for leg in case.trade.legs)
    trade = replace(case.trade, legs=legs, policy=own.policy)
    return backtest(trade, case.histories, case.costs, replace(case.plan, start=span[0], end=span[1]))


def money(result: Result, *reasons: Why) -> float:
    return sum(result.by_reason.get(why, 0) for why in reasons) / 10.0**result.places


@settings(max_examples=60)
@given(st.integers(0, 2**32))
def test_leaping_walking_and_the_plain_text_agree_bit_for_bit(seed: int) -> None:
    case = Case(seed)
    laid = case.laid()
    leapt = ran(laid, case.sets)
    for other in (ran(laid, case.sets, "walk", plain=True), ran(laid, case.sets, "leap", plain=True)):
        np.testing.assert_array_equal(leapt.totals, other.totals)
        np.testing.assert_array_equal(leapt.curve, other.curve)


@settings(max_examples=25)
@given(st.integers(0, 2**32), st.booleans())
def test_lanes_agree_with_the_backtest(seed: int, part: bool) -> None:  # noqa: FBT001 - drawn by hypothesis
    """All sets of a case, over the whole history or a part that begins warm: equity, its daily points and its reasons to 1e-9."""
    case = Case(seed)
    laid, span = case.laid(), (13 * HOUR, 49 * HOUR) if part else WHOLE
    lanes = ran(laid, case.sets, span=span)
    rows = days(laid.track, window(laid.track, *span))
    for k, own in enumerate(case.sets):
        found = folded(case, own, span)
        capital, last = (units / 10.0**found.places for units in (found.equity[0], found.equity[-1]))
        assert lanes.column("equity")[k] == pytest.approx(last, rel=1e-9, abs=1e-8)  # the result's unit
        assert lanes.column("funding")[k] == pytest.approx(money(found, "funding"), abs=1e-9 * capital)
        assert lanes.column("costs")[k] == pytest.approx(-money(found, "fee", "impact"), abs=1e-9 * capital)
        assert lanes.column("liquidation")[k] == pytest.approx(money(found, "liquidation"), abs=1e-9 * capital)
        assert (lanes.column("trades")[k], lanes.column("liquidations")[k]) == (found.trades, found.liquidations)
        points = dict(zip(found.at, found.equity, strict=True))
        told = [points[int(laid.track.at[row])] / 10.0**found.places for row in rows]
        np.testing.assert_allclose(lanes.curve[k], told, rtol=1e-9, atol=1e-9 * capital)


def test_the_cases_liquidate_trade_and_refuse_enough_to_mean_something() -> None:
    """Of sixty cases: liquidations of either leg, re-entries, sets that never trade, and curves that move."""
    seen = np.zeros((0, len(COLUMNS)))
    for seed in range(60):
        case = Case(seed)
        seen = np.vstack([seen, ran(case.laid(), case.sets).totals])
    assert (seen[:, COLUMNS.index("liquidations")] > 0).sum() > 20
    assert (seen[:, COLUMNS.index("liquidations")] == 2).sum() > 2
    assert (seen[:, COLUMNS.index("trades")] > 3).sum() > 20
    assert (seen[:, COLUMNS.index("trades")] == 0).sum() > 2


@given(st.integers(0, 2**32))
@settings(max_examples=5)
def test_threads_change_nothing(seed: int) -> None:
    case = Case(seed)
    laid, sets = case.laid(), case.sets * 12
    one, three = ran(laid, sets), ran(laid, sets, threads=3)
    np.testing.assert_array_equal(one.totals, three.totals)
    np.testing.assert_array_equal(one.curve, three.curve)
