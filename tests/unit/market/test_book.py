"""What does a notional cost, and which books are refused?"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perpscope.errors import InputError, NotEnoughData
from perpscope.market.book import Book, impact_price

BOOK = Book.of([[100, 1], [99, 2], [90, 100]], [[101, 1], [102, 2]])


@pytest.mark.parametrize(
    ("side", "notional", "price"),
    [
        ("bid", 50, 100),
        ("bid", 100, 100),
        ("bid", 199, 199 / 2),
        ("bid", 298, 298 / 3),
        ("ask", 101, 101),
        ("ask", 305, 305 / 3),
    ],
)
def test_the_average_fill_of_a_notional(side: Any, notional: float, price: float) -> None:  # noqa: ANN401 - a side
    assert BOOK.impact_price(side, notional) == pytest.approx(price, rel=1e-15)


def test_a_side_too_thin_says_what_it_holds() -> None:
    with pytest.raises(NotEnoughData, match="holds 305"):
        BOOK.impact_price("ask", 305.01)
    assert math.isnan(impact_price([], [], 1.0))


levels = st.lists(
    st.tuples(st.fractions(1, 100), st.fractions(Fraction(1, 100), 10)), min_size=1, max_size=8, unique_by=lambda level: level[0]
)


@given(levels=levels, share=st.fractions(Fraction(1, 1000), 1))
def test_the_fill_spends_the_notional_exactly_between_best_and_worst_price(
    levels: list[tuple[Fraction, Fraction]], share: Fraction
) -> None:
    """On exact numbers: base units bought at the average price cost the notional, no level is skipped or filled twice."""
    ladder = sorted(levels)
    whole = sum((p * q for p, q in ladder), start=Fraction(0))
    notional = whole * share
    prices: list[Any] = [p for p, _ in ladder]
    quantities: list[Any] = [q for _, q in ladder]
    average: Any = impact_price(prices, quantities, notional)  # type: ignore[arg-type]  # the text runs on exact numbers too
    assert isinstance(average, Fraction)
    assert prices[0] <= average <= prices[-1]
    left, base = notional, Fraction(0)
    for price, quantity in ladder:
        taken = min(quantity, left / price)
        left, base = left - taken * price, base + taken
    assert left == 0
    assert average * base == notional


@given(levels=levels, one=st.fractions(Fraction(1, 1000), 1), other=st.fractions(Fraction(1, 1000), 1))
def test_a_larger_notional_never_fills_better(levels: list[tuple[Fraction, Fraction]], one: Fraction, other: Fraction) -> None:
    ladder = sorted(levels)
    whole = sum((p * q for p, q in ladder), start=Fraction(0))
    prices, quantities = [float(p) for p, _ in ladder], [float(q) for _, q in ladder]
    small, large = (float(whole * share) * 0.999999 for share in sorted((one, other)))
    assert impact_price(prices, quantities, small) <= impact_price(prices, quantities, large) * (1 + 1e-12)


@pytest.mark.parametrize(
    ("bids", "asks", "says"),
    [
        ([[99, 1], [100, 1]], [[101, 1]], "the bids: levels out of order"),
        ([[100, 1], [100, 1]], [[101, 1]], "repeated"),
        ([[100, 1]], [[102, 1], [101, 1]], "the asks: levels out of order"),
        ([[101, 1]], [[101, 1]], "crossed"),
        ([[102, 1]], [[101, 1]], "crossed"),
        ([[100, 0]], [[101, 1]], "a level of 100.0 x 0.0"),
        ([[100, -1]], [[101, 1]], "positive"),
        ([[0, 1]], [[101, 1]], "positive"),
        ([[math.nan, 1]], [[101, 1]], "positive"),
        ([[100, math.inf]], [[101, 1]], "positive"),
    ],
)
def test_broken_books_are_refused(bids: list[list[float]], asks: list[list[float]], says: str) -> None:
    with pytest.raises(InputError, match=says):
        Book.of(bids, asks)


def test_one_side_may_be_empty_but_has_no_mid() -> None:
    assert BOOK.mid == 100.5
    with pytest.raises(NotEnoughData, match="one side"):
        _ = Book.of([], [[1, 1]]).mid
    with pytest.raises(NotEnoughData):
        Book.of([], [[1, 1]]).impact_price("bid", 1)
