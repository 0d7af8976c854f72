"""Which venue's message is this, by its keys?

A shape names the keys a message must have and the values some must hold. The first shape that fits reads it. Readers
yield rows in our words; a reader that keeps nothing of a message says why.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeAlias

from perpscope.sources.messages import Message, Unkept

Row: TypeAlias = dict[str, Any]
Memory: TypeAlias = dict[Any, Any]


class Fact(NamedTuple):
    """A row in our words for a table."""

    table: str
    row: Row


Reader: TypeAlias = Callable[[Message, Memory], Iterable[Fact]]


@dataclass(frozen=True, slots=True)
class Shape:
    """One kind of message.

    Parameters
    ----------
    name : words for it. read : reads a message, given what was remembered of earlier ones of the file.
    has : paths that must be there (a number is a place in a list, * any one value).
    says : path to a pattern its value must match whole.
    facts : what the venue's documents say about all such rows, by the names of a mapping.
    """

    name: str
    read: Reader
    has: tuple[str, ...] = ()
    says: Mapping[str, str] = field(default_factory=dict)
    facts: Mapping[str, str] = field(default_factory=dict)

    def fits(self, body: Any) -> bool:  # noqa: ANN401 - JSON
        """Whether a message is of this kind."""
        return all(at(body, path) is not _ABSENT for path in self.has) and all(
            re.fullmatch(pattern, str(at(body, path))) for path, pattern in self.says.items()
        )


_ABSENT = object()


def at(body: Any, path: str) -> Any:  # noqa: ANN401 - JSON
    """Return the value at a path such as ``data.0.symbol``; a marker where there is none."""
    for step in path.split("."):
        if isinstance(body, dict):
            body = next(iter(body.values()), _ABSENT) if step == "*" else body.get(step, _ABSENT)
        elif isinstance(body, list) and step.isdigit():
            body = body[int(step)] if int(step) < len(body) else _ABSENT
        else:
            return _ABSENT
        if body is _ABSENT:
            return _ABSENT
    return body


def unkept(words: str) -> Reader:
    """Make the reader of messages that are not kept."""

    def read(message: Message, memory: Memory) -> Iterator[Fact]:
        del message, memory
        raise Unkept(words)

    return read


def number(value: Any) -> float | None:  # noqa: ANN401 - JSON
    """Read a number that may be a text; empty texts and nulls are none."""
    return None if value is None or value == "" else float(value)


def whole(value: Any) -> int | None:  # noqa: ANN401 - JSON
    """Read a whole number that may be a text."""
    return None if value is None or value == "" else int(value)


def moment(value: Any) -> int | None:  # noqa: ANN401 - JSON
    """Read a time in milliseconds UTC: a number of any unit since 1970, or an ISO text with its zone; 0 and empty are none."""
    from perpscope.market.time import to_ms

    if value in {None, "", 0, "0"}:
        return None
    if isinstance(value, str) and not re.fullmatch(r"\d+(\.\d+)?", value):
        return to_ms(_short_fraction(value))
    seconds = float(value)
    for scale, top in ((1000.0, 4.2e9), (1.0, 4.2e12), (1e-3, 4.2e15), (1e-6, 4.2e18)):
        if seconds < top:
            exact = scale < 1 and isinstance(value, int | str) and str(value).isdigit()
            return int(value) // round(1 / scale) if exact else round(seconds * scale)
    return None


def _short_fraction(text: str) -> str:
    return re.sub(r"(\.\d{6})\d+", r"\1", text)


def sides(bids: Iterable[Any], asks: Iterable[Any], price: Any = 0, quantity: Any = 1) -> Row:  # noqa: ANN401 - a key or a place
    """Four lists of a book's levels, in the order of the message."""
    bids, asks = list(bids), list(asks)
    return {
        "bid_prices": [float(level[price]) for level in bids],
        "bid_quantities": [float(level[quantity]) for level in bids],
        "ask_prices": [float(level[price]) for level in asks],
        "ask_quantities": [float(level[quantity]) for level in asks],
    }


def best_first(row: Row) -> Row:
    """Sort a snapshot whose venue sends levels in an order of its own, and leave out levels of quantity 0."""
    for side, falling in (("bid", True), ("ask", False)):
        levels = sorted(zip(row[f"{side}_prices"], row[f"{side}_quantities"], strict=True), reverse=falling)
        row[f"{side}_prices"] = [p for p, q in levels if q > 0]
        row[f"{side}_quantities"] = [q for p, q in levels if q > 0]
    return row


def book(message: Message, venue: str, symbol: str, kind: str, levels: Row, **more: Any) -> Fact:  # noqa: ANN401 - columns
    """Build a row of a book message."""
    said = {"venue": venue, "symbol": symbol, "kind": kind, "sequence": message.line, "received": message.received}
    return Fact("book_messages", {**said, **levels, **more})
