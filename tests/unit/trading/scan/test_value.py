"""Do cost, net, break-even and capacity follow from each other as the text says?"""

from __future__ import annotations

import math

import pytest

from perpscope.errors import InputError
from perpscope.market.time import day_ms
from perpscope.trading.costs.assemble import trade_costs
from perpscope.trading.costs.figure import Figure
from perpscope.trading.costs.parts import FlatFees, HalfSpread, LegCosts, TradeCosts, Transfer
from perpscope.trading.leg_text import parse_leg
from perpscope.trading.scan.capacity import capacity
from perpscope.trading.scan.remembered import remembered
from perpscope.trading.scan.terms import Terms
from perpscope.trading.scan.value import Costed, costed, worth
from perpscope.trading.trade import Leg, Trade

SHORT, LONG = Leg("a", "X/USDT:USDT", "short", leverage=4), Leg("b", "X/USDT:USDT", "long", leverage=4)
PAIR = Trade("perp_perp", (SHORT, LONG))
NONE = Figure.unknown("not given")


class Rooted:
    """Half a basis point, and 100 bp at a million, growing with the root."""

    asked = 0

    def at(self, ms: int, order: str, notional: float) -> Figure:
        del ms, order
        self.asked += 1
        return Figure.given(0.5e-4 + 0.01 * math.sqrt(notional / 1e6))


def flat(fee: float, crossing: object = None) -> LegCosts:
    fees = FlatFees(Figure.given(fee / 2), Figure.given(fee))
    return LegCosts(fees, crossing or HalfSpread(Figure.given(1e-4)))  # type: ignore[arg-type]  # of the protocol


def test_the_cost_of_a_trade_is_four_fills_and_what_is_moved() -> None:
    costs = TradeCosts((flat(5e-4), flat(6e-4)), Transfer(Figure.given(10), Figure.given(1), "USDT"))
    found = costed(PAIR, costs, Terms(notional=10_000, transfers=3), 0)
    assert sum(float(each.value or 0) for each in found.parts.values()) == pytest.approx(2 * (5e-4 + 6e-4 + 2e-4) + 3 * 10 / 10_000)
    assert "transfers" not in costed(PAIR, costs, Terms(), 0).parts


def test_a_transfer_in_coins_is_valued_at_the_price_of_the_coin() -> None:
    inverse = Trade("perp_perp", (Leg("a", "X/USD:X", "short"), Leg("b", "X/USD:X", "long")))
    costs = TradeCosts((flat(5e-4), flat(6e-4)), Transfer(Figure.given(0.001), Figure.given(1), "X"))
    found = costed(inverse, costs, Terms(notional=10_000, transfers=1), 0, (50_000.0, 50_000.0))
    assert found.parts["transfers"].value == pytest.approx(0.001 * 50_000 / 10_000)
    assert costed(inverse, costs, Terms(transfers=1), 0).parts["transfers"].note == "a transfer costs X, of which no price is known"


def test_an_unknown_spread_bounds_the_net_and_an_unknown_fee_does_not() -> None:
    spread = worth(0.1, "", Costed({"fee a in": Figure.given(0.001), "impact a in": NONE}, {}, NONE, NONE), PAIR, 73)
    assert spread.net is None
    assert spread.at_most == pytest.approx((0.1 - 0.005) / 0.5)
    assert spread.why["cost_bp"] == "not given (impact a in)"
    fee = worth(0.1, "", Costed({"fee a in": NONE}, {}, NONE, NONE), PAIR, 73)
    assert (fee.net, fee.at_most) == (None, None)
    assert "rebate" in fee.why["net_apr_capital_at_most"]


def test_rebates_break_even_at_once_and_a_carry_that_only_costs_never_does() -> None:
    assert worth(0.1, "", Costed({"fee": Figure.given(-0.001)}, {}, NONE, NONE), PAIR, 30).breakeven_days == 0
    never = worth(0.01, "", Costed({"fee": Figure.given(0.001)}, {"borrow": Figure.given(0.02)}, NONE, NONE), PAIR, 30)
    assert (never.breakeven_days, never.why["breakeven_days"][:5]) == (None, "never")


def test_capacity_is_where_the_root_reaches_the_income() -> None:
    """Four fills of 5 bp and of 0.5 bp + 100 bp sqrt(N / 1e6): 22 bp + 400 bp sqrt(N / 1e6) = 60 bp at N = 1e6 (0.38 / 4)^2."""
    costs = TradeCosts((flat(5e-4, Rooted()), flat(5e-4, Rooted())))
    found = capacity(PAIR, costs, 0, 0.006)
    assert found.notional == pytest.approx(1e6 * (0.38 / 4) ** 2, rel=1e-6)
    assert found.bound == "its costs reach its income"
    assert capacity(PAIR, costs, 0, 0.0021).notional == 0.0


def test_the_capacity_of_a_measured_walk_is_what_was_measured() -> None:
    """Walks of both markets are on record up to a million, to the unit: not 1,000,000.001."""
    legs = (parse_leg("short:binanceusdm:BTC/USDT:USDT:x3"), parse_leg("long:binance:BTC/USDT"))
    trade, ms = Trade("cash_and_carry", legs), day_ms("2022-03-01")
    found = capacity(trade, trade_costs(trade, ms), ms, 0.01)
    assert found.notional == 1_000_000
    assert "measured up to 1,000,000; record books" in found.bound


def test_a_spread_alone_says_nothing_of_depth() -> None:
    found = capacity(PAIR, TradeCosts((flat(5e-4), flat(5e-4, Rooted()))), 0, 0.01)
    assert (found.notional, "your own spread" in found.why) == (None, True)
    unknown = capacity(PAIR, TradeCosts((flat(5e-4, HalfSpread(NONE)), flat(5e-4))), 0, 0.01)
    assert (unknown.notional, unknown.why) == (None, "a:X/USDT:USDT: not given")


def test_what_was_asked_once_is_not_asked_again() -> None:
    law = Rooted()
    costs = remembered(flat(5e-4, law))
    assert [costs.fill(0, "buy", 1000, "taker") for _ in range(3)] == [flat(5e-4, Rooted()).fill(0, "buy", 1000, "taker")] * 3
    assert law.asked == 1


@pytest.mark.parametrize("words", [{"notional": 0}, {"leverage": 0.5}, {"buffer": -1}, {"window": 0}, {"transfers": -1}, {"by": "hope"}])
def test_terms_nobody_can_trade_on_are_refused(words: dict[str, object]) -> None:
    with pytest.raises(InputError):
        Terms(**words)  # type: ignore[arg-type]  # the mistake on trial


def test_orders_that_rest_are_assumed_to_be_filled() -> None:
    assert not any("resting orders" in words for words in Terms().assumed)
    assert "resting orders are filled, all legs at once and at no spread (assumed)" in Terms(liquidity="maker").assumed
