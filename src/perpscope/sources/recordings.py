"""What do a file's messages say, table by table?

Each message is read by the first shape that fits. Messages that give rows are counted by their rows; a message that
gives none is one rejected line with its reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING, Any

from perpscope.errors import InputError, SourceError
from perpscope.sources.messages import Message, Unkept
from perpscope.sources.model import ROW
from perpscope.sources.payloads import SHAPES
from perpscope.sources.payloads.shape import Memory, Row, Shape

if TYPE_CHECKING:
    import polars as pl

UNKNOWN = "no known kind of message"
_WORDS = {"venue", "symbol", "native_id", "market", "market_list", "kind", "base", "quote", "settle", "price_kind", "accrual", "taker"}
_WHOLE = {ROW, "ts", "received", "next_funding", "sequence", "first_update", "last_update", "previous_update", "trade_id"}


@dataclass(slots=True)
class Found:
    """What the messages gave.

    Parameters
    ----------
    rows : per table, rows in our words, each with its line. unread : (line, reason) of messages that gave none.
    facts : what the formats say about their rows. plain : (line, flat object) no shape knows, which may be rows of a table.
    odd : messages that are no such object.
    """

    rows: dict[str, list[Row]] = field(default_factory=dict)
    unread: list[tuple[int, str]] = field(default_factory=list)
    facts: dict[str, str] = field(default_factory=dict)
    plain: list[tuple[int, Mapping[str, Any]]] = field(default_factory=list)
    odd: int = 0

    @property
    def is_table(self) -> bool:
        """Whether all it holds are flat objects no shape knows."""
        return bool(self.plain) and not self.odd

    @property
    def damaged(self) -> list[tuple[int, str]]:
        """Lines that hold no message."""
        return [(line, words) for line, words in self.unread if not words.startswith(UNKNOWN)]

    @property
    def count(self) -> int:
        """Rows and rejected messages."""
        return len(self.unread) + sum(len(rows) for rows in self.rows.values())


def read_messages(messages: Iterable[Message | tuple[int, str]]) -> Found:
    """Read every message of a file."""
    found = Found()
    memory: Memory = {}
    for message in messages:
        if isinstance(message, tuple):
            found.unread.append(message)
            continue
        shape = next((shape for shape in SHAPES if shape.fits(message.body)), None)
        if shape is None:
            flat = _flat(message.body)
            found.plain.extend((message.line, entry) for entry in flat)
            found.odd += not flat
            found.unread.append((message.line, _unknown(message.body)))
            continue
        found.odd += 1
        _read(message, shape, memory, found)
    return found


def _read(message: Message, shape: Shape, memory: Memory, found: Found) -> None:
    """Take a message whole or not at all."""
    try:
        facts = list(shape.read(message, memory))
    except Unkept as reason:
        found.unread.append((message.line, str(reason)))
        return
    except (KeyError, ValueError, TypeError, IndexError, AttributeError, InputError, SourceError) as problem:
        found.unread.append((message.line, f"a {shape.name} message that cannot be read ({type(problem).__name__}: {problem})"[:200]))
        return
    if not facts:
        found.unread.append((message.line, f"a {shape.name} message without entries"))
    for table, row in facts:
        row[ROW] = message.line
        found.rows.setdefault(table, []).append(row)
    if facts:
        found.facts.update(shape.facts)


def _flat(body: Any) -> list[Mapping[str, Any]]:  # noqa: ANN401 - JSON
    """Flat objects of a body: itself, or the entries of a list."""
    listed = body if isinstance(body, list) else [body]
    flat: list[Mapping[str, Any]] = [
        entry for entry in listed if isinstance(entry, dict) and not any(isinstance(value, dict | list) for value in entry.values())
    ]
    return flat if len(flat) == len(listed) else []


def _unknown(body: Any) -> str:  # noqa: ANN401 - JSON
    first = body[0] if isinstance(body, list) and body else body
    keys = ", ".join(list(first)[:6]) if isinstance(first, dict) else type(first).__name__
    return f"{UNKNOWN} (its keys: {keys})"


def as_frame(rows: list[Row]) -> pl.DataFrame:
    """Rows in our words as columns."""
    import polars as pl

    names = list(dict.fromkeys(name for row in rows for name in row))
    return pl.DataFrame([_column(name, [row.get(name) for row in rows]) for name in names])


def _column(name: str, values: list[Any]) -> pl.Series:
    import polars as pl

    if name.endswith(("_prices", "_quantities")):
        return _lists(name, values)
    kind = pl.String() if name in _WORDS else pl.Int64() if name in _WHOLE else pl.Float64()
    return pl.Series(name, values, dtype=kind, strict=False)


def _lists(name: str, values: list[list[float] | None]) -> pl.Series:
    """Join the lists into one column first: thousands of small ones are slow to take one by one."""
    import numpy as np
    import polars as pl

    lengths = [len(value) if value else 0 for value in values]
    flat = np.fromiter(chain.from_iterable(value for value in values if value), dtype=np.float64, count=sum(lengths))
    place = np.repeat(np.arange(len(values), dtype=np.uint32), lengths)
    held = pl.DataFrame({"place": place, name: flat}).group_by("place", maintain_order=True).agg(name)
    given = pl.DataFrame({"place": pl.Series(range(len(values)), dtype=pl.UInt32), "there": [value is not None for value in values]})
    empty = pl.when("there").then(pl.lit([], dtype=pl.List(pl.Float64)))
    return given.join(held, on="place", how="left", maintain_order="left").select(pl.coalesce(name, empty).alias(name)).to_series()
