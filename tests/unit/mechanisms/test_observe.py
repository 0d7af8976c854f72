"""What does each way of looking at a market see?"""

from __future__ import annotations

import inspect
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perpscope.errors import CatalogueError, InputError
from perpscope.market.number import Number
from perpscope.mechanisms.observe import OBSERVATIONS, Observe, impact_band

PRICES: dict[str, Number] = {
    "impact_bid": Fraction(1012),
    "impact_ask": Fraction(1013),
    "bid": Fraction(1010),
    "ask": Fraction(1014),
    "mark": Fraction(1008),
    "index": Fraction(1000),
    "fair_basis": Fraction(8, 1000),
    "rate_in_force": Fraction(1, 1000),
    "long_open": Fraction(60),
    "short_open": Fraction(40),
    "reserved": Fraction(30),
    "pool": Fraction(120),
    "skew_base": Fraction(-7),
    "rate_given": Fraction(3, 1000),
    "execution": Fraction(1050),
}
EXPECTED = {
    "impact_band": Fraction(12, 1000),
    "impact_band_mark": Fraction(4, 1000),
    "impact_band_mark_basis": Fraction(12, 1000),
    "impact_band_mark_rate": Fraction(5, 1000),
    "mid": Fraction(12, 1000),
    "impact_mid": Fraction(125, 10_000),
    "mark_premium": Fraction(8, 1000),
    "mark_premium_basis": Fraction(16, 1000),
    "execution_premium": Fraction(42, 1008),
    "difference": Fraction(8),
    "imbalance": Fraction(20, 100),
    "utilisation": Fraction(30, 120),
    "skew": Fraction(-7),
    "final_price": Fraction(1000),
    "outside": Fraction(3, 1000),
}


@pytest.mark.parametrize("kind", OBSERVATIONS)
def test_every_kind_on_one_market(kind: str) -> None:
    look = Observe(kind)
    assert look.premium(**{name: PRICES[name] for name in look.columns}) == EXPECTED[kind]


def test_every_kind_is_tried_here() -> None:
    assert set(EXPECTED) == set(OBSERVATIONS)
    assert {name for f in OBSERVATIONS.values() for name in inspect.signature(f).parameters} <= set(PRICES)


@pytest.mark.parametrize(
    ("bid", "ask", "premium"),
    [(101, 102, "0.01"), (99, 101, "0"), (97, 98, "-0.02"), (100, 100, "0"), (102, 102, "0.02")],
)
def test_inside_the_impact_spread_there_is_no_premium(bid: int, ask: int, premium: str) -> None:
    assert impact_band(Fraction(bid), Fraction(ask), Fraction(100)) == Fraction(premium)


def test_the_fair_basis_telescopes_where_the_impact_bid_lies_above_the_mark() -> None:
    """Band against a fair price plus the basis it carries is the band against the index."""
    basis = PRICES["mark"] / PRICES["index"] - 1
    look = Observe("impact_band_mark_basis")
    prices = {**PRICES, "fair_basis": basis}
    assert look.premium(**{name: prices[name] for name in look.columns}) == EXPECTED["impact_band"]


@given(bid=st.fractions(90, 110), spread=st.fractions(0, 10), index=st.fractions(90, 110), factor=st.fractions(Fraction(1, 10), 10))
def test_premiums_do_not_depend_on_the_unit_of_the_prices(bid: Fraction, spread: Fraction, index: Fraction, factor: Fraction) -> None:
    prices = {"impact_bid": bid, "impact_ask": bid + spread, "bid": bid, "ask": bid + spread, "mark": bid, "index": index}
    for kind in ("impact_band", "impact_band_mark", "mid", "impact_mid", "mark_premium"):
        look = Observe(kind)
        one = look.premium(**{name: prices[name] for name in look.columns})
        assert one == look.premium(**{name: prices[name] * factor for name in look.columns})


def test_a_bound_holds_on_both_sides() -> None:
    look = Observe("mark_premium", bound=Fraction(1, 100))
    assert look.premium(mark=Fraction(200), index=Fraction(100)) == Fraction(1, 100)
    assert look.premium(mark=Fraction(50), index=Fraction(100)) == Fraction(-1, 100)


def test_a_table_of_instants() -> None:
    look = Observe("mark_premium")
    assert look.samples({"mark": [101, 99], "index": [100, 100], "bid": [1, 1]}) == [0.01, -0.01]
    with pytest.raises(InputError, match="no column index"):
        look.samples({"mark": [101]})


def test_kinds_without_a_look() -> None:
    assert Observe("none").columns == Observe("given").columns == ()
    with pytest.raises(InputError, match="observes 'given'"):
        Observe("given").premium()
    with pytest.raises(CatalogueError, match="'guess'"):
        Observe("guess")


@pytest.mark.parametrize(
    ("sides", "premium"), [({}, 0), ({"impact_bid": Fraction(99)}, float("inf")), ({"impact_ask": Fraction(102)}, Fraction(-49, 100))]
)
def test_an_absent_side_is_open_and_two_of_them_say_nothing(sides: dict[str, Fraction], premium: float) -> None:
    """Only bids lead to the upper limit, only asks to the lower; an empty book to nothing, as in the code of the chain it is from."""
    assert Observe("impact_mid", absent="open").premium(index=Fraction(100), **sides) == premium
    assert Observe("impact_band", absent="open").premium(index=Fraction(100)) == 0
