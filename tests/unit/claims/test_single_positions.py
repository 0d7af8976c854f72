"""Are the claims about single positions settled by the engine, and do they come out by hand?"""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perpscope.claims.positions import INVERSE, LINEAR, arbitrage, left_before, leg
from perpscope.claims.printed import BTC, COLLATERAL
from perpscope.mechanisms.settle import Settlement
from tests.unit.claims.held import held, tried

prices = st.fractions(min_value=100, max_value=100_000, max_denominator=100)
rates = st.fractions(min_value=Fraction(-1, 100), max_value=Fraction(1, 100), max_denominator=10_000)


@given(prices, prices, rates)
def test_the_formula_is_the_linear_profit_on_opening_notional_and_the_inverse_one_at_the_stamp(
    before: Fraction, after: Fraction, rate: Fraction
) -> None:
    said = before * (after / before - 1 - rate)
    assert sum(leg(LINEAR, Fraction(1), (before, after), rate, before)) == said
    assert sum(leg(INVERSE, before, (before, after), rate, after)) * after == said
    late = sum(leg(LINEAR, Fraction(1), (before, after), rate, after))
    assert said - late == before * rate * (after / before - 1)


@given(prices, prices, rates)
def test_long_and_short_cancel(before: Fraction, after: Fraction, rate: Fraction) -> None:
    for symbol in (LINEAR, INVERSE):
        one, other = (leg(symbol, side * Fraction(3), (before, after), rate, after) for side in (1, -1))
        assert (one.price + other.price, one.funding + other.funding) == (0, 0)


def test_a_hedged_arbitrage_earns_premium_and_funding_whatever_the_index_does() -> None:
    for premium in (Fraction(2, 1000), -Fraction(2, 1000)):
        gains = [arbitrage(premium, Fraction(move, 10), hedged=True) for move in (-1, 0, 1)]
        assert gains == pytest.approx([Fraction(2, 1000) + Fraction(15, 10_000) * (1 + Fraction(move, 10)) for move in (-1, 0, 1)])
        naked = [arbitrage(premium, Fraction(move, 10), hedged=False) for move in (-1, 1)]
        assert min(naked) < 0 < max(naked)


def test_a_small_discount_costs_its_buyer_funding() -> None:
    assert arbitrage(-Fraction(3, 10_000), Fraction(0), hedged=True) == pytest.approx(Fraction(2, 10_000))
    found = tried("A07", held())
    assert (found.verdict, found.found["rate_at_minus_0_03_percent"]) == ("holds with changes", 0.0001)


@pytest.mark.parametrize(
    ("way", "share"), [(Settlement(), 0), (Settlement(flow="through"), Fraction(1, 2)), (Settlement(sides="shared"), 0)]
)
def test_who_leaves_before_the_stamp_pays_only_where_funding_flows(way: Settlement, share: Fraction) -> None:
    assert left_before(way) == -share


def test_the_claims_about_positions_need_no_data() -> None:
    assert {name: tried(name, held()).verdict for name in ("F02", "A07", "A12", "C04", "C05", "C06")} == {
        "F02": "holds",
        "A07": "holds with changes",
        "A12": "holds",
        "C04": "holds",
        "C05": "holds",
        "C06": "holds with changes",
    }


def test_four_yields_share_fifty_six_days_and_one_way() -> None:
    found = tried("C05", held()).found
    assert (found["conventions_that_fit"], found["days"]) == (1.0, 56.0)
    assert found["worst_residual_in_printed_units"] <= 0.5
    assert found["days_high"] - found["days_low"] < 0.1


def test_another_printed_yield_would_not_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    profit, yearly, unit = BTC["btc_binance"]
    monkeypatch.setattr("perpscope.claims.printed.BTC", {**BTC, "btc_binance": (profit, yearly + 0.05, unit)})
    assert tried("C04", held()).verdict == "fails"
    assert tried("C05", held()).verdict == "fails"


def test_the_trade_ends_by_size_and_not_by_fees() -> None:
    found = tried("C06", held()).found
    assert (found["resting_both_ways"], found["one_of_each"], found["taking_both_ways"]) == pytest.approx((-0.0004, 0.0001, 0.0006))
    least = BTC["btc_htx"][0] / COLLATERAL
    assert found["break_even_days_resting"] * least / 56 == pytest.approx(0.0004)
    assert 2 * found["impact_each_way_that_ends_it"] + 0.0004 == pytest.approx(least)
