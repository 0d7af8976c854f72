"""What was found, where, how sure is it, and what should the reader do?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

from perpscope.market.time import to_text

if TYPE_CHECKING:
    import polars as pl

Severity = Literal["fault", "doubt", "note"]
"""fault: it is so. doubt: a true history could look like this, but hardly ever does. note: true, and harmless."""

KINDS: dict[str, str] = {
    "gap": "stamps that should be there are not",
    "duplicate": "one settlement stands there twice",
    "jitter": "stamps lie milliseconds to minutes beside their slot",
    "off-slot": "single settlements lie minutes to hours beside their slot",
    "interval": "the stated interval is not the spacing of the stamps",
    "shift": "stamps are in another time zone, throughout or from a date on",
    "jump": "a value no neighbour and no other market knows of",
    "unit": "rates are percent instead of fractions, or per another period than stated",
    "cap": "rates lie beyond the limit of the venue",
    "sign": "rates have the opposite sign",
    "filler": "a value repeated after the contract, or the collection, had ended",
    "tiling": "a block of history stands there a second time",
    "fabrication": "values were invented or computed, not published by a venue",
    "order": "prices of a bar contradict each other, or are not prices",
}
COLUMNS = ("table", "venue", "symbol", "kind", "from", "to", "detail", "severity", "market_list", "native_id", "source")


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding in one series.

    Parameters
    ----------
    kind : one of `KINDS`.
    since, until : first and last stamp of the place (ms UTC); for a gap the stamps that enclose it.
    detail : what was found, with figures, and what to do.
    severity : how sure it is.
    """

    kind: str
    since: int
    until: int
    detail: str
    severity: Severity = "fault"


class Named(Protocol):
    """A series that can say who it is."""

    @property
    def names(self) -> tuple[str, str, str, str, str, str]:
        """Table, venue, symbol, market_list, native_id, source."""
        ...


def problems_frame(found: Iterable[tuple[Named, Problem]]) -> pl.DataFrame:
    """Build the frame of problems, sorted by who and when."""
    import polars as pl

    stamp = pl.Datetime("ms", "UTC")
    rows = []
    for series, problem in found:
        table, venue, symbol, market_list, native_id, source = series.names
        place = (problem.kind, int(problem.since), int(problem.until), problem.detail, problem.severity)
        rows.append((table, venue, symbol, *place, market_list, native_id, source))
    plain = {name: pl.Int64() if name in {"from", "to"} else pl.String() for name in COLUMNS}
    frame = pl.DataFrame(rows, schema=plain, orient="row").with_columns(pl.col("from", "to").cast(stamp))
    return frame.sort("table", "venue", "market_list", "native_id", "source", "from", "kind")


def when(ms: float) -> str:
    """Write a stamp the way all details do."""
    return to_text(int(ms)).replace("T", " ").removesuffix(":00Z").removesuffix("Z")


def count(number: int, one: str, many: str | None = None) -> str:
    """Write a number with its noun."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
