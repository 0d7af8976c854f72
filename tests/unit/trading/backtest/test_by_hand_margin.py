"""Margins, money on its way and halts, worked out on paper: the cases in which the order of things decides."""

from __future__ import annotations

from dataclasses import replace

import pytest

from perpscope.market.brackets import Brackets
from perpscope.market.contract import Contract
from perpscope.market.number import Number
from perpscope.trading.backtest.fold import backtest
from perpscope.trading.backtest.model import Plan
from perpscope.trading.margin import Requirement
from perpscope.trading.trade import Collateral, Policy, Trade
from tests.unit.trading.backtest.cases import COIN, HOUR, PERP, SPOT, bars, cost, costs, fixings, happened, leg, perp, reasons, spot

QUIET = fixings([(hour, 0, 100) for hour in range(1, 40)], 1)
REST = Policy(rest_hours=1e6)


def plan(capital: Number) -> Plan:
    return Plan(capital=capital, decimals=2)


@pytest.mark.parametrize(("mark", "liquidated"), [(109.452, False), (109.453, True)])
def test_a_price_just_beyond_is_beyond_after_a_bar_that_came_near(mark: float, liquidated: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """A short of 100 at 100 with 1,000 lasts to 109.45274; a bar before went to 109."""
    trade = Trade("naked_short", (leg(PERP, "short", 10),), policy=REST)
    found = backtest(trade, [perp(bars([100, 109, 100, mark, 100]), QUIET)], costs(cost()), plan(1_000))
    assert found.liquidations == liquidated


@pytest.mark.parametrize(("high", "fill"), [(92, 92.0), (100, 9_000 / 92)])
def test_a_table_that_jumps_ends_a_position_that_would_be_safe_below(high: float, fill: float) -> None:
    """Above a value of 9,300 all of it asks 8 %, below 0.5 %. Long 100 at 100 with 1,000: 100 p - 9,000 is 8 p at 97.83.

    At 92 the position would be small enough again; on the way it was liquidated.
    """
    table = Brackets.of([(9_300, 0.005, None), (1e12, 0.08, None)], marginal=False)
    own = replace(perp(bars([100, 92, 92], high=[100, high, 92]), QUIET), requirement=Requirement(table))
    found = backtest(Trade("naked_long", (leg(PERP, "long", 10),), policy=REST), [own], costs(cost()), plan(1_000))
    event = next(event for event in found.events if event.what == "liquidated")
    assert event.detail["price"] == pytest.approx(fill)


@pytest.mark.parametrize(("hours", "liquidated"), [(1, False), (2, True), (3, True)])
def test_a_top_up_that_comes_in_time_and_those_that_do_not(hours: int, liquidated: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """Short 100 at 100 with 2,000 and 4,000 in reserve, 110 at 1 h, seen at 2 h: the ratio is 1,000 / 11,000, below 15 %.

    Asked at 2 h: 20 % of 11,000 less 1,000 = 1,200, and 5 of fee. At 4 h the mark is 120, and 2,000 last to 12,000 / 100.5 = 119.40;
    money that arrives at 4 h comes after the bar that ends then.
    """
    keep = Collateral(buffer=0.4, top_up=0.15, target=0.2)
    trade = Trade("cash_and_carry", (leg(SPOT, "long", venue="shop"), leg(PERP, "short", 5)), collateral=keep, policy=REST)
    prices = bars([100, 110, 110, 110, 120, 119, 119])
    found = backtest(trade, [spot(prices), perp(prices, QUIET)], costs(cost(), cost(), hours=hours, fee=5), plan(16_000))
    sent = next(event for event in found.events if event.what == "moved")
    assert (sent.at, sent.detail["amount"], sent.detail["arrives"]) == (2 * HOUR, 1_200.0, (2 + hours) * HOUR)
    assert found.liquidations == liquidated
    assert reasons(found)["transfer"] in {-5.0, -10.0}


def test_money_inside_one_venue_moves_at_once_and_for_nothing() -> None:
    trade = Trade("naked_short", (leg(PERP, "short", 5),), collateral=Collateral(buffer=0.4, top_up=0.15))
    found = backtest(trade, [perp(bars([100, 110, 110, 119, 119, 119]), QUIET)], costs(cost()), plan(6_000))
    assert happened(found, "moved") == [(2, "venue:BTC/USDT:USDT"), (4, "venue:BTC/USDT:USDT")]
    assert reasons(found) == {"basis": -1_900.00}
    assert found.liquidations == 0


def test_a_leg_is_topped_up_from_another() -> None:
    """Two perpetuals against each other at 5x: the loser asks of the winner, whose cash is 2,000, what it lacks.

    At 110 the winner has 3,000 where 2,200 are its target: 800 are free; the loser lacks 2,200 - 1,000 = 1,200 and gets 799, the fee is 1.
    """
    legs = (leg(PERP, "short", 5, venue="one"), leg(PERP, "long", 5, venue="two"))
    trade = Trade("perp_perp", legs, collateral=Collateral(top_up=0.15))
    prices = bars([100, 110, 110, 110])
    found = backtest(trade, [perp(prices, QUIET), perp(prices, QUIET)], costs(cost(), cost(), hours=1, fee=1), plan(4_000))
    sent = next(event for event in found.events if event.what == "moved")
    assert (sent.detail["giver"], sent.detail["amount"]) == ("two:BTC/USDT:USDT", 799.0)
    assert reasons(found) == {"transfer": -1.0}


def test_gains_that_are_not_realised_cannot_be_sent() -> None:
    """Long at 10x, 130: 4,000 of equity and 1,300 of target, but no more than 1,000 of cash; one of it is the fee."""
    legs = (leg(PERP, "short", 2, venue="one"), leg(PERP, "long", 10, venue="two"))
    trade = Trade("perp_perp", legs, collateral=Collateral(top_up=0.2))
    prices = bars([100, 130, 130, 130])
    found = backtest(trade, [perp(prices, QUIET), perp(prices, QUIET)], costs(cost(), cost(), hours=1, fee=1), plan(6_000))
    sent = next(event for event in found.events if event.what == "moved")
    assert (sent.detail["giver"], sent.detail["amount"]) == ("two:BTC/USDT:USDT", 999.0)


def test_coins_on_their_way_move_with_their_price() -> None:
    """An inverse long of 10,000 at 100 with 20 coins; at 94 it has lost 6.38 of them, seen at 2 h, and is worth 106.38.

    Its ratio is 13.62 / 106.38 = 12.8 %, 20 % are asked: 7.66 coins, 720 dollars at 94, sent at 2 h for two hours.
    At 3 h the coin is 104: the sent ones gain 76.60, before they arrive.
    """
    legs = (leg(COIN, "long", 5), leg(SPOT, "short", venue="shop"))
    trade = Trade("reverse_carry", legs, collateral=Collateral(buffer=0.2, top_up=0.15, target=0.2))
    prices = [100, 94, 94, 104, 104, 104]
    inverse = perp(bars(prices), fixings([(hour, 0, 100) for hour in range(1, 6)], 1, COIN), contract=Contract("inverse", "BTC"))
    histories = [inverse, spot(bars(prices), requirement=Requirement(Brackets.flat(0.1)))]
    charged = costs(cost(), cost(), hours=2, fee=0)
    found = backtest(trade, histories, charged, Plan(notional=10_000, decimals=2))
    kept = backtest(replace(trade, collateral=Collateral(buffer=0.2)), histories, charged, Plan(notional=10_000, decimals=2))
    sent = next(event for event in found.events if event.what == "moved")
    assert (sent.at / HOUR, sent.detail["amount"]) == (2, pytest.approx(720.0))
    assert found.equity[2] == kept.equity[2]
    assert found.equity[3] - kept.equity[3] == 76_60
    assert set(reasons(found)) == {"basis", "convexity"}


def test_a_transfer_of_unknown_time_is_not_made() -> None:
    keep = Collateral(buffer=0.4, top_up=0.15, target=0.2)
    trade = Trade("cash_and_carry", (leg(SPOT, "long", venue="shop"), leg(PERP, "short", 5)), collateral=keep, policy=REST)
    prices = bars([100, 110, 110, 110, 110])
    found = backtest(trade, [spot(prices), perp(prices, QUIET)], costs(cost(), cost()), plan(16_000))
    assert happened(found, "moved") == []
    assert happened(found, "refused") == [(2, "venue:BTC/USDT:USDT")]
    assert set(found.unknown) == {"the time of a transfer between venues", "the fee of a transfer between venues"}


def test_money_waits_for_a_halt_to_end() -> None:
    """Sent at 2 h for one hour, to a venue that is halted from 3 h until 5 h: there at 5 h."""
    keep = Collateral(buffer=0.4, top_up=0.15, target=0.2)
    trade = Trade("cash_and_carry", (leg(SPOT, "long", venue="shop"), leg(PERP, "short", 5)), collateral=keep, policy=REST)
    prices = bars([100, 110, 110, 110, 110, 110, 110])
    own = perp(prices, QUIET, halts=((3 * HOUR, 5 * HOUR),))
    found = backtest(trade, [spot(prices), own], costs(cost(), cost(), hours=1), plan(16_000))
    assert happened(found, "arrived") == [(5, "venue:BTC/USDT:USDT")]


def test_what_is_left_waits_for_its_venue() -> None:
    """The short is liquidated at 2 h while the coins' venue is halted until 4 h: they are sold at the price of 4 h."""
    trade = Trade("cash_and_carry", (leg(SPOT, "long", venue="shop"), leg(PERP, "short", 10)), policy=REST)
    prices = bars([100, 101, 113, 120, 90, 90])
    coins = spot(prices, halts=((2 * HOUR, 4 * HOUR),))
    found = backtest(trade, [coins, perp(prices, QUIET)], costs(cost(), cost()), plan(11_000))
    assert happened(found, "closed") == [(4, "shop:BTC/USDT")]
    assert found.equity[-1] == 9_000_00


def test_a_venue_that_is_halted_at_the_end_leaves_a_leg_open() -> None:
    prices = bars([100, 110, 110])
    own = perp(prices, QUIET, halts=((HOUR, 9 * HOUR),))
    trade = Trade("cash_and_carry", (leg(SPOT, "long", venue="shop"), leg(PERP, "short", 2)))
    found = backtest(trade, [spot(prices), own], costs(cost(0.001), cost(0.001)), plan(15_000))
    assert happened(found, "left open") == [(2, "")]
    assert reasons(found) == {"fee": -31.00}  # coins in and out, the short in


def test_what_is_held_may_stay_open() -> None:
    prices = bars([100, 110, 110])
    trade = Trade("naked_short", (leg(PERP, "short", 2),))
    found = backtest(trade, [perp(prices, QUIET)], costs(cost(0.001)), Plan(capital=5_000, decimals=2, close=False))
    assert happened(found, "closed") == []
    assert reasons(found) == {"fee": -10.00, "basis": -1_000.00}


def test_a_swap_pays_its_fee_for_the_time_that_is_left() -> None:
    """0.1 % a year of 10,000 for 87.6 hours is 0.10; half a spread of 0.05 % a year 0.05; closed after 43.8 of them at half of both."""
    trade = Trade("naked_long", (leg(PERP, "long", 10, venue="swaps", swap=True),))
    rates = bars([0.05, 0.05], 43.8, rates=True)
    swap = perp(rates, fixings([(43.8, 0.05 * 43.8 / 8760, None)], 43.8), ended=round(87.6 * HOUR))
    found = backtest(trade, [swap], costs(cost(0.001, 0.0005)), Plan(notional=10_000, decimals=3))
    assert reasons(found) == {"fee": -0.15, "impact": -0.075}  # what is paid fixed is received floating


def test_a_swap_can_be_liquidated() -> None:
    """Short 10,000 at 5 % for a year with 200: the rate of 8 % is worth 300 more than was agreed. 150 are needed: gone at 5.5 %."""
    trade = Trade("naked_short", (leg(PERP, "short", 50, venue="swaps", swap=True),), policy=REST)
    rates = bars([0.05, 0.05, 0.08, 0.08], rates=True)
    swap = replace(perp(rates, QUIET, ended=8760 * HOUR), requirement=Requirement(Brackets.flat(0.015)))
    found = backtest(trade, [swap], costs(cost()), Plan(notional=10_000, decimals=2))
    event = next(event for event in found.events if event.what == "liquidated")
    assert (event.at / HOUR, event.detail["price"]) == (2, 0.08)  # the whole bar lies beyond
    assert found.equity[-1] == 0
