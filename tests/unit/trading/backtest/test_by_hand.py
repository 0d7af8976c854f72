"""Do trades come to the cent that a person works out on paper?

All cases: decimals=2, so whole units are cents; prices of one bar are one price unless said otherwise.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import pytest

from perpscope.market.contract import Contract
from perpscope.market.number import Number
from perpscope.trading.backtest.fold import backtest
from perpscope.trading.backtest.model import LegHistory, Plan, Result
from perpscope.trading.costs.figure import Figure
from perpscope.trading.costs.parts import FlatFees, HalfSpread, LegCosts, TradeCosts
from perpscope.trading.trade import Collateral, Kind, Policy, Trade
from tests.unit.trading.backtest.cases import (
    COIN,
    HOUR,
    PERP,
    QUANTO,
    SPOT,
    bars,
    cost,
    costs,
    fixings,
    happened,
    leg,
    perp,
    reasons,
    spot,
)

SPOT_8H = [100, 102, 101, 103, 104]
PERP_8H = [101, 102.5, 101, 103.2, 104]
PAID_8H = fixings([(8, 0.0001, 102.5), (16, -0.0002, 101), (24, 0.0003, 103.2)])
TWO = costs(cost(0.001, 0.0002, borrow=0.073), cost(0.0005, 0.0001))


def run(trade: Trade, histories: list[LegHistory], charged: TradeCosts, capital: Number | None = None, **plan: object) -> Result:
    return backtest(trade, histories, charged, Plan(capital=capital, decimals=2, **plan))  # type: ignore[arg-type]  # the plan refuses others


def carry(kind: Kind = "cash_and_carry", **more: object) -> Trade:
    return Trade(kind, (leg(SPOT, "long", venue="shop"), leg(PERP, "short", 2)), **more)  # type: ignore[arg-type]  # the trade refuses others


def market() -> list[LegHistory]:
    return [spot(bars(SPOT_8H, 8)), perp(bars(PERP_8H, 8), PAID_8H)]


def test_cash_and_carry_with_three_settlements() -> None:
    """10,000 of notional: 100 coins at 100, 100 contracts at 101 with 5,000 of margin; 15,000 in all.

    fees    in 10,000 x 0.1 % = 10.00 and 10,100 x 0.05 % = 5.05; out 10,400 x 0.1 % = 10.40 and 10,400 x 0.05 % = 5.20: 30.65
    impact  in 10,000 x 0.02 % = 2.00 and 10,100 x 0.01 % = 1.01; out 2.08 and 1.04: 6.13
    funding the short receives 100 x (102.5 x 0.0001 - 101 x 0.0002 + 103.2 x 0.0003) = 1.025 - 2.02 + 3.096 = 2.101
    basis   the coins gain 100 x 4 = 400, the short loses 100 x 3 = 300: 100.00
    """
    found = run(carry(), market(), TWO, 15_000)
    assert reasons(found) == {"fee": -30.65, "impact": -6.13, "funding": 2.10, "basis": 100.00}
    assert found.equity[0] == 15_000_00
    assert found.equity[-1] == 15_065_32
    assert found.by_leg["venue:BTC/USDT:USDT"]["basis"] == -300_00
    assert (found.trades, found.liquidations, found.unknown, found.assumed) == (1, 0, {}, ())


def test_the_equity_on_the_way() -> None:
    """At 8 h: 15,000 - 12 - 6.06 + coins 200 - short 150 + funding 1.025 = 15,032.965; the point of the start is the capital."""
    found = run(carry(), market(), TWO, 15_000)
    assert [at / HOUR for at in found.at] == [0, 8, 16, 24, 32]
    assert found.equity[:2] == (15_000_00, 15_032_96)
    assert found.active == (False, True, True, True, True)


def test_the_other_sign_borrows_the_coins() -> None:
    """Reverse carry: what was gained by prices and funding is lost, costs are the same, and the coins are borrowed.

    borrow  100 x (100 + 102 + 101 + 103) x 7.3 % x 8 / 8760 = 40,600 x 0.0000666... = 2.7067
    total   -100 - 2.101 - 30.65 - 6.13 - 2.7067 = -141.5877
    """
    trade = carry().reversed()
    found = run(Trade("reverse_carry", trade.legs), market(), TWO, 15_000)
    assert found.equity[-1] - found.equity[0] == -141_59
    assert reasons(found) == {"fee": -30.65, "impact": -6.13, "funding": -2.10, "basis": -100.00, "borrow": -2.71}


def test_an_inverse_short_paid_in_full_is_worth_dollars() -> None:
    """10,000 contracts of 1 USD short, 0.2 BTC of margin: worth 10,000 USD at any price, and the funding in coins comes on top.

    funding 10,000 / 60,000 x 0.0001 = 0.0000166667 BTC, 1.00 USD when it is paid, 0.67 USD at the end
    50,000 -> 60,000: the contract loses 0.0333 BTC (at 50,000: -1,666.67), the coins gain 2,000; the cross term is -333.33
    60,000 -> 40,000: it gains 0.0833 BTC (at 60,000: 5,000), the coins 0.16668 x -20,000 = -3,333.67; the cross term is -1,666.67
    """
    trade = Trade("naked_short", (leg(COIN, "short"),))
    history = perp(bars([50_000, 60_000, 40_000], 8), fixings([(8, 0.0001, 60_000)], symbol=COIN), contract=Contract("inverse", "BTC"))
    found = run(trade, [history], costs(cost()), 10_000)
    assert found.equity == (10_000_00, 10_001_00, 10_000_67)
    assert reasons(found) == {"funding": 1.00, "basis": 1_999.67, "convexity": -2_000.00}
    assert found.assumed == ("BTC put up for venue:BTC/USD:BTC is bought and sold at its price without a cost (assumed)",)


def test_a_quanto_and_its_covariance() -> None:
    """100 contracts of 0.000001 BTC a dollar of ETH at 2,000 and BTC at 50,000 are 10,000 USD; both rise by a tenth.

    the contract gains 0.02 BTC (at 50,000: 1,000), the coins 0.2 x 5,000 = 1,000, together 0.02 x 5,000 = 100 more
    funding 100 x 0.000001 x 2,200 x 0.001 = 0.00022 BTC paid at 55,000: 12.10
    fee     0.05 % of 0.2 BTC at 50,000 = 5.00 in, of 0.22 BTC at 55,000 = 6.05 out; the first is 0.0001 BTC less to gain: 0.50
    """
    contract = Contract("quanto", "BTC", 1e-6)
    trade = Trade("naked_long", (leg(QUANTO, "long", multiplier=1e-6),))
    history = perp(
        bars([2_000, 2_200, 2_200], 8),
        fixings([(8, 0.001, 2_200)], symbol=QUANTO),
        contract=contract,
        coin=bars([50_000, 55_000, 55_000], 8),
    )
    found = run(trade, [history], costs(cost(0.0005)), 10_000)
    assert reasons(found) == {"fee": -11.05, "funding": -12.10, "basis": 1_999.50, "convexity": 100.00}
    assert found.equity[-1] == 12_076_35


def test_the_interval_changes_on_the_way() -> None:
    """Eight hours, then four, then one: seven payments, each once, no hole. 100 x 100 x 0.0001 x (8 + 4 + 4 + 1 + 1 + 1 + 1) = 20."""
    rows = [(8, 8), (12, 4), (16, 4), (17, 1), (18, 1), (19, 1), (20, 1)]
    paid = tuple(one for at, hours in rows for one in fixings([(at, 0.0001 * hours, 100)], hours))
    flat = bars([100] * 21)
    found = run(carry(), [spot(flat), perp(flat, paid)], costs(cost(), cost()), 15_000)
    assert reasons(found) == {"funding": 20.00}
    assert found.equity[17] - found.equity[16] == 1_00
    assert happened(found, "hole") == []


def test_what_accrues_is_paid_for_the_time_it_was_held() -> None:
    """Entered in the middle of the first of two intervals of eight hours: half of 100 x 100 x 0.001, then all of it: 15."""
    flat = bars([100] * 17)
    paid = fixings([(8, 0.001, 100), (16, 0.001, 100)], accrual="continuous")
    found = run(carry(), [spot(flat), perp(flat, paid)], costs(cost(), cost()), 15_000, start=4 * HOUR)
    assert reasons(found) == {"funding": 15.00}


def short(leverage: Number = 10) -> Trade:
    return Trade("naked_short", (leg(PERP, "short", leverage),), policy=Policy(rest_hours=1e6))


QUIET = fixings([(hour, 0, 100) for hour in range(1, 40)], 1)


@pytest.mark.parametrize(
    ("bar", "fill", "left"),
    [
        ({"high": 115, "low": 105, "mark": 113}, 109.45273631840796, 32.84),  # the bar was on both sides of the price
        ({"high": 115, "low": 112, "mark": 113}, 113.0, 0.0),  # all of it lies beyond: the first mark known there
        ({"high": 115, "low": 105, "mark": 113, "open": 112}, 112.0, 0.0),  # it opened beyond
        ({"high": 115, "low": 105, "mark": 113, "open": 106}, 109.45273631840796, 32.84),
    ],
)
def test_liquidation_through_a_gap(bar: dict[str, float], fill: float, left: float) -> None:
    """A short of 100 at 100 with 1,000: equity 1,000 - 100 (p - 100) is 0.5 % of 100 p at p = 11,000 / 100.5 = 109.4527.

    There it has lost 945.27, the fee is 0.2 % of 10,945.27 = 21.89: 32.84 are left.
    At 113 it has lost 1,300 of 1,000, at 112 1,200: nothing is left, and the insurance fund bears what is beyond it and the fee.
    """
    columns: dict[str, Any] = {name: [100, 101, price, 113] for name, price in bar.items()}
    others: Sequence[Number | None] | None = columns.get("open")
    columns["open"] = others or [100, None, None, 113]  # an opening price that one bar lacks is no reason to forget those of the others
    found = run(short(), [perp(bars([100, 101, 113, 113], **columns), QUIET)], costs(cost(liquidation=0.002)), 1_000)
    event = next(event for event in found.events if event.what == "liquidated")
    assert event.detail["price"] == pytest.approx(fill, rel=1e-12)
    assert found.equity[-1] / 100 == left
    assert found.liquidations == 1
    assert event.detail["insurance"] == pytest.approx(max(0, 100 * fill - 11_000 + 0.2 * fill), abs=1e-9)
    assert reasons(found)["basis"] == -1_300.00  # to the trade price of the bar; the forced close gives back the rest
    assert sum(found.by_reason.values()) == found.equity[-1] - found.equity[0]


def test_the_rest_is_closed_with_the_leg_that_was_liquidated() -> None:
    """Cash and carry at 10x: the short ends at 113 with nothing, the coins are sold at 113 of the same bar: 1,300 less 0.1 %."""
    trade = Trade("cash_and_carry", (leg(SPOT, "long", venue="shop"), leg(PERP, "short", 10)), policy=Policy(rest_hours=1e6))
    prices = bars([100, 101, 113, 120])
    found = run(trade, [spot(prices), perp(prices, QUIET)], costs(cost(0.001), cost()), 11_000)
    assert found.equity == (11_000_00, 10_990_00, 10_000_00 + 1_300_00 - 10_00 - 11_30, 11_278_70)
    assert happened(found, "liquidated") == [(2, "venue:BTC/USDT:USDT")]
    assert happened(found, "closed") == [(2, "shop:BTC/USDT")]


def test_funding_alone_can_liquidate() -> None:
    """9.6 % of 10,000 is paid at 1 h of 1,000 of margin: 40 are left, 50 are needed; closed at the mark."""
    paid = fixings([(1, -0.096, 100), (2, 0, 100)], 1)
    found = run(short(), [perp(bars([100, 100, 100]), paid)], costs(cost()), 1_000)
    assert happened(found, "liquidated") == [(1, "venue:BTC/USDT:USDT")]
    assert found.equity[-1] == 40_00


def test_a_delisting_ends_the_trade() -> None:
    """The perpetual ends at 2 h: its last mark is 103.5, its last trade 104; delivery costs 0.1 %. The coins are sold then, at 104.

    basis 400 - 400; delivery 100 x 0.5 = 50 gained against the trade price, and 10.35 of fee.
    The funding of 2 h is paid: 0.1 % of 10,400 after 0.1 % of 10,200.
    """
    prices = bars([100, 102, 104, 200, 300], mark=[100, 102, 103.5, 200, 300])
    own = perp(prices, fixings([(1, 0.001, 102), (2, 0.001, 104), (3, 5, 200)], 1), ended=2 * HOUR)
    found = run(carry(), [spot(bars([100, 102, 104, 200, 300])), own], costs(cost(), cost(delivery=0.001)), 15_000)
    assert reasons(found) == {"funding": 20.60, "delivery": 39.65}
    assert found.at[-1] == 2 * HOUR
    assert happened(found, "delisted") == [(2, "venue:BTC/USDT:USDT")]
    assert happened(found, "closed") == [(2, "shop:BTC/USDT")]


def test_a_delisting_between_two_bars() -> None:
    """Ended at 1.5 h, settled at the last known mark; the coins go at the next bar."""
    prices = bars([100, 102, 104, 104])
    found = run(carry(), [spot(prices), perp(prices, QUIET, ended=HOUR + HOUR // 2)], costs(cost(), cost()), 15_000)
    assert reasons(found) == {"basis": 200.00}  # the coins rose to 104, the short was settled at 102
    assert found.at[-1] == 2 * HOUR


def test_a_halted_venue_makes_the_trade_wait() -> None:
    """The carry turns negative at 2 h, known at 3 h; the perpetual's venue is halted from 3 h to 5 h and pays funding all the same."""
    paid = fixings([(1, 0.001, 100), (2, -0.001, 100), (3, -0.001, 100), (4, -0.001, 100), (5, -0.001, 100)], 1)
    flat = bars([100] * 7)
    trade = carry(policy=Policy(0, 0, look=1))
    found = run(trade, [spot(flat), perp(flat, paid, halts=((3 * HOUR, 5 * HOUR),))], costs(cost(), cost()), 15_000)
    assert happened(found, "opened") == [(2, "")]
    assert happened(found, "waiting") == [(3, "")]
    assert happened(found, "closed") == [(5, "")]
    assert reasons(found) == {"funding": -30.00}  # held before 3, 4 and 5 h


def test_a_perpetual_against_a_dated_future_to_its_expiry() -> None:
    """Long the perpetual at 100, short the future at 106, both paid in full; at expiry the future is settled at the mark of 110.

    basis: the perpetual +1,000 at 110; the future, last traded at 111, -500; delivery +100 against the trade, fee 0.02 % of 11,000 = 2.20
    funding paid 100 x 105 x 0.002 = 21
    """
    legs = (leg(PERP, "long"), leg("BTC/USDT:USDT-210326", "short", venue="later"))
    dated = perp(bars([106, 109, 111], mark=[106, 109, 110]), ended=2 * HOUR)
    own = perp(bars([100, 105, 110, 300]), fixings([(1, 0.002, 105), (2, 0, 110)], 1))
    found = run(Trade("perp_dated", legs), [own, dated], costs(cost(), cost(delivery=0.0002)), 20_000)
    assert reasons(found) == {"funding": -21.00, "basis": 500.00, "delivery": 97.80}
    assert happened(found, "delivered") == [(2, "later:BTC/USDT:USDT-210326")]


def test_a_swap_turns_floating_into_fixed() -> None:
    """Short perpetual and short swap at 8.76 % a year, 10,000 each: what is paid floating cancels, 100 hours of fixed remain: 10.00.

    At the end the swap is quoted 4.38 %; 100 of its 200 hours are left, so it is worth 10,000 x 4.38 % x 100 / 8760 = 5.00 more.
    """
    legs = (leg(PERP, "short"), leg(PERP, "short", 10, venue="swaps", swap=True))
    paid = fixings([(hour, 0.000001 * hour, 100) for hour in range(1, 101)], 1)
    rates = bars([0.0876] * 100 + [0.0438], rates=True)
    swap = perp(rates, paid, ended=200 * HOUR)
    found = run(Trade("perp_swap", legs), [perp(bars([100] * 101), paid), swap], costs(cost(), cost()), 11_000)
    assert reasons(found) == {"funding": 10.00, "basis": 5.00}


def test_noise_between_spot_and_perpetual_is_lost_as_it_is() -> None:
    """The perpetual is the coin plus noise: what is lost is 100 x (noise at the end - noise at the start), no more and no less."""
    coins = [100, 130, 90, 120, 115]
    noise = [0.40, -2.00, 3.00, 1.00, 1.65]
    own = perp(bars([a + b for a, b in zip(coins, noise, strict=True)]), QUIET)
    found = run(carry(), [spot(bars(coins)), own], costs(cost(), cost()), 15_000)
    assert reasons(found) == {"basis": -125.00}
    assert [round(units / 100 - 15_000, 2) for units in found.equity] == [0.0, 240.00, -260.00, -60.00, -125.00]


def test_drifted_exposures_are_brought_together() -> None:
    """100 coins short in an inverse contract at 100 are 10,000 contracts; at 120 they stand for 83.33 coins, a fifth less than 100.

    Both ways trade as many coins; the larger leg is made smaller: 16.67 coins are sold at 121, 0.1 % of 2,016.67 = 2.02.
    """
    legs = (leg(SPOT, "long", venue="shop"), leg(COIN, "short"))
    trade = Trade("cash_and_carry", legs, collateral=Collateral(rebalance=0.1))
    inverse = perp(bars([100, 120, 121, 121]), QUIET, contract=Contract("inverse", "BTC"))
    found = run(trade, [spot(bars([100, 120, 121, 121])), inverse], costs(cost(0.001), cost()), 20_000)
    event = next(event for event in found.events if event.what == "rebalanced")
    assert (event.at / HOUR, event.leg) == (2, "shop:BTC/USDT")
    assert event.detail["after"] == pytest.approx(100 / 1.2)
    assert reasons(found)["fee"] == round(-10 - 2.0167 - 10.0833, 2)


def test_what_the_capital_would_earn_elsewhere_is_counted_only_when_asked() -> None:
    charged = costs(cost(), cost(), opportunity=Figure.given(0.0876))
    flat = bars([100] * 11)
    histories = [spot(flat), perp(flat, QUIET)]
    assert reasons(run(carry(), histories, charged, 10_000)) == {}
    assert reasons(run(carry(), histories, charged, 10_000, charge_opportunity=True)) == {"opportunity": -1.00}


def test_a_maker_pays_his_own_fee_and_crosses_nothing() -> None:
    """A rebate of 0.02 % of 10,000, in and out, is received."""
    own = LegCosts(FlatFees(Figure.given(-0.0002), Figure.given(9)), HalfSpread(Figure.given(9)))
    trade = Trade("naked_short", (leg(PERP, "short", liquidity="maker"),))
    found = run(trade, [perp(bars([100, 100, 100]), QUIET)], costs(own), 10_000)
    assert reasons(found) == {"fee": 4.00}
    assert found.assumed == ("resting orders of venue:BTC/USDT:USDT are always filled, at the trade price (assumed)",)


def test_money_on_its_way_is_not_sent_twice() -> None:
    """At 111 the short of 100 has 900 of 11,100 left, less than a tenth, and lacks 1,320 to a fifth; it arrives after three hours, for 2.

    Until then the price goes on rising, and 2,120 of 11,200 with what is on its way is enough.
    """
    prices = bars([100, 104, 111, 112, 113, 114, 115, 116, 110])
    legs = (leg(SPOT, "long", venue="shop"), leg(PERP, "short", 5))
    trade = Trade("cash_and_carry", legs, Collateral(Fraction(1, 2), Fraction(1, 10), Fraction(1, 5)))
    found = run(trade, [spot(prices), perp(prices, QUIET)], costs(cost(), cost(), hours=3, fee=2), notional=10_000)
    assert [(event.at / HOUR, event.detail["amount"]) for event in found.events if event.what == "moved"] == [(3, 1_320.0)]
    assert happened(found, "arrived") == [(6, "venue:BTC/USDT:USDT")]
    assert reasons(found) == {"transfer": -2.00}
