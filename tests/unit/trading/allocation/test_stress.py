"""Does a leg with the margin named end exactly at the move? The liquidation price of `trading.margin` is the judge."""

from __future__ import annotations

from fractions import Fraction

import pytest

from perpscope.errors import InputError
from perpscope.market.brackets import Brackets
from perpscope.trading.allocation.stress import margin_needed, margin_of
from perpscope.trading.costs.figure import Figure
from perpscope.trading.margin import Holding, Requirement, liquidation
from perpscope.trading.trade import Leg, Side


@pytest.mark.parametrize("symbol", ["BTC/USDT:USDT", "BTC/USD:BTC", "ETH/USD:BTC", "BTC/USDT:USDT-260327", "BTC/USD:BTC-260327"])
@pytest.mark.parametrize("side", ["long", "short"])
@pytest.mark.parametrize(
    ("move", "kept"), [(Fraction(1, 5), Fraction(1, 200)), (Fraction(1, 2), Fraction(0)), (Fraction(3, 100), Fraction(1, 25))]
)
def test_the_margin_lasts_to_the_move_and_no_further(symbol: str, side: Side, move: Fraction, kept: Fraction) -> None:
    leg = Leg("venue", symbol, side, multiplier=Fraction(1, 1_000_000) if symbol == "ETH/USD:BTC" else None)
    quantity, entry = leg.sign * 1000, Fraction(2500)
    holding = Holding(leg.contract, quantity, entry)
    margin = margin_needed(leg, move, kept) * holding.value(entry)
    ends = liquidation(holding, Requirement(Brackets.flat(kept)), margin)
    assert ends.price == entry * (1 - leg.sign * move)


def test_a_leg_keeps_its_leverage_where_that_is_enough_and_says_so_where_it_is_not() -> None:
    calm = Leg("venue", "BTC/USDT:USDT", "short", leverage=2)
    assert margin_of(calm, 0.2, Figure.given(0.005)) == (0.5, "")
    margin, words = margin_of(Leg("venue", "BTC/USDT:USDT", "short", leverage=10), 0.2, Figure.given(0.005))
    assert margin == pytest.approx(0.206)
    assert words == "venue:BTC/USDT:USDT: 4.85x instead of 10x, to survive a move of 20%"


def test_a_hole_in_the_maintenance_is_told_only_where_a_move_asks_for_it() -> None:
    leg = Leg("venue", "BTC/USDT:USDT", "long", leverage=5)
    hole = Figure.unknown("no margin table is on record")
    assert margin_of(leg, None, hole) == (0.2, "")
    assert margin_of(leg, 0.1, hole) == (None, "venue:BTC/USDT:USDT: no margin table is on record")
    assert margin_of(Leg("venue", "BTC/USDT", "long"), 0.1, hole) == (1, "")


def test_no_swap_is_liquidated_by_a_price() -> None:
    with pytest.raises(InputError, match="does not move with the price"):
        margin_needed(Leg("venue", "BTC/USDT:USDT", "long", swap=True), 0.1, 0)


@pytest.mark.parametrize(("move", "kept"), [(1, 0), (-0.1, 0), (0.1, 1), (0.1, -0.1)])
def test_moves_that_are_none_are_refused(move: float, kept: float) -> None:
    with pytest.raises(InputError, match="a stress move"):
        margin_needed(Leg("venue", "BTC/USDT:USDT", "long"), move, kept)
