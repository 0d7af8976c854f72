"""Is the cost of a size the one the cost objects name, and what ends the sizes offered?"""

from __future__ import annotations

import math

import pytest

from perpscope.errors import InputError
from perpscope.market.book import Book
from perpscope.trading.allocation.candidate import Charge
from perpscope.trading.allocation.cost_curve import Segments, convex_cost
from perpscope.trading.costs.figure import Figure
from perpscope.trading.costs.parts import FlatFees, HalfSpread, LegCosts, SquareRoot, TradeCosts, Walk, round_trip
from perpscope.trading.trade import Leg
from tests.unit.trading.allocation.plans import bent, flat


def held(found: Segments | str) -> Segments:
    assert isinstance(found, Segments)
    return found


def charged(costs: TradeCosts, leg: Leg) -> Charge:
    return lambda size: round_trip(costs, [leg], size, 0)


def test_a_flat_cost_is_one_segment() -> None:
    found = held(convex_cost(flat(0.0012), 5e6))
    assert found.widths == (5e6,)
    assert found.slopes == pytest.approx((0.0012,), rel=1e-12)
    assert (found.gap, found.ends) == (0.0, "")


def test_a_bent_cost_is_met_at_the_sizes_asked_and_never_undercut_between() -> None:
    found = held(convex_cost(bent(0.001, 1e-9), 1e6, points=8))
    assert len(found.widths) == 8
    assert all(a < b for a, b in zip(found.slopes, found.slopes[1:], strict=False))
    for place in range(1, 9):
        size = 1e6 * (place / 8) ** 2
        assert found.at(size) == pytest.approx(0.001 * size + 1e-9 * size**2, rel=1e-12)
    between = 1e6 * (5.5 / 8) ** 2
    exact = 0.001 * between + 1e-9 * between**2
    assert exact < found.at(between) < exact * 1.02


def test_the_impact_law_and_the_walk_of_a_book_are_the_cost_objects_own() -> None:
    leg = Leg("venue", "BTC/USDT:USDT", "short")
    fees = FlatFees(Figure.given(0), Figure.given(0.0004))
    root = SquareRoot(Figure.given(0.0001), Figure.assumed(1, "usual"), Figure.given(0.03), Figure.given(1e9))
    book = Book(bids=((100.0, 50.0), (99.0, 50.0)), asks=((101.0, 50.0), (102.0, 50.0)))
    for crossing, top in ((root, 1e6), (Walk(book, "made up"), 9_000.0)):
        costs = TradeCosts((LegCosts(fees, crossing),))
        found = held(convex_cost(charged(costs, leg), top))
        whole = sum(float(part.needed("cost")) for part in round_trip(costs, [leg], top, 0).values())
        assert found.at(top) == pytest.approx(whole * top, rel=1e-9)
        assert found.gap < 1e-7 * top  # what a sale costs, by the money received, is not quite convex inside a level of the book


def test_a_book_ends_the_sizes_where_it_ends() -> None:
    leg = Leg("venue", "BTC/USDT:USDT", "short")
    book = Book(bids=((100.0, 50.0),), asks=((101.0, 40.0),))
    costs = TradeCosts((LegCosts(FlatFees(Figure.given(0), Figure.given(0)), Walk(book, "made up")),))
    found = held(convex_cost(charged(costs, leg), 1e6))
    assert found.top == pytest.approx(4_040, rel=1e-9)  # 40 x 101, the thinner side
    assert "the recorded book holds" in found.ends


def test_a_cost_that_falls_with_the_size_is_undercut_and_says_by_how_much() -> None:
    found = held(convex_cost(lambda size: {"fee": Figure.given(10 / size + 0.001)}, 100_000.0))
    assert found.slopes == pytest.approx((0.0011,))
    # at the smallest size asked, (1/24)^2 of the whole, the ticket of 10 is on the hull only in part
    assert found.gap == pytest.approx(10 - 10 / 24**2, rel=1e-9)


def test_a_rebate_costs_less_than_nothing() -> None:
    assert held(convex_cost(flat(-0.0004), 1e6)).at(1e6) == pytest.approx(-400)


def test_what_nobody_knows_has_no_curve_but_a_reason() -> None:
    costs = TradeCosts((LegCosts(FlatFees(Figure.given(0), Figure.unknown("no fee is on record")), HalfSpread(Figure.given(0))),))
    found = convex_cost(charged(costs, Leg("venue", "BTC/USDT:USDT", "long")), 1e6)
    assert isinstance(found, str)
    assert "no fee is on record" in found


@pytest.mark.parametrize("top", [0.0, -1.0, math.inf, math.nan])
def test_sizes_without_an_end_are_refused(top: float) -> None:
    with pytest.raises(InputError, match="Give a size above 0"):
        convex_cost(flat(0.001), top)
