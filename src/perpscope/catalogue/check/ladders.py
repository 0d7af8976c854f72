"""What are the two ladders of an order book that an example gives?"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from perpscope.catalogue.check.facts import Facts, Lacking
from perpscope.errors import PerpscopeError
from perpscope.market.book import Book
from perpscope.market.number import Number


def book_of(facts: Facts) -> dict[str, list[tuple[Number, Number]]]:
    """Return the levels (price, quantity) of both sides, best first, as a book that can be."""
    found = {side: _levels(facts, side) for side in ("bids", "asks")}
    try:
        Book.of(*([(float(p), float(q)) for p, q in levels] for levels in found.values()))
    except PerpscopeError as problem:
        raise Lacking(str(problem)) from None
    return found


def _levels(facts: Facts, side: str) -> list[tuple[Number, Number]]:
    value = facts.take(side)
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise Lacking(f"{side} are {value!r}, not levels of [price, quantity]")
    found: list[tuple[Number, Number]] = []
    for level in value:
        match level:
            case [Fraction() as price, Fraction() as quantity, *_]:
                found.append((price, quantity))
            case _:
                raise Lacking(f"{side} are not levels of [price, quantity]")
    return found
