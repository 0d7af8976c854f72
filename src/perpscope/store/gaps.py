"""Which stamps should be there and are not?

A row states the length of its own interval, so between two neighbouring rows of one series as many intervals should
fit as the time between them holds. Off-slot settlements (an hour or three late) and the short first interval after a
change of interval are no gaps: a stamp is missing only where more than half an interval is left over.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from perpscope.market.table import Table
from perpscope.market.time import to_text
from perpscope.units import MS_PER_HOUR

if TYPE_CHECKING:
    import polars as pl


_WHOLE = 1.5  # intervals between neighbours from which on a stamp is missing


@dataclass(frozen=True, slots=True)
class Gap:
    """Stamps missing strictly between two stamps of one series.

    Parameters
    ----------
    venue, market_list, native_id, symbol : of the contract.
    after, before : the last stamp present before the hole and the first after it (ms).
    missing : stamps that should lie between them.
    """

    venue: str
    market_list: str
    native_id: str
    symbol: str
    after: int
    before: int
    missing: int

    def to_dict(self) -> dict[str, Any]:
        """Write it with times as text."""
        who = {"venue": self.venue, "market_list": self.market_list, "native_id": self.native_id, "symbol": self.symbol}
        return {**who, "from": to_text(self.after), "to": to_text(self.before), "missing": self.missing}


@dataclass(frozen=True, slots=True)
class Coverage:
    """How complete rows are: `expected` = `present` + missing stamps; None where the table has no grid."""

    expected: int | None
    present: int
    gaps: tuple[Gap, ...] = ()

    @property
    def missing(self) -> int | None:
        """Stamps that should be there and are not."""
        return None if self.expected is None else self.expected - self.present


def grid_columns(table: Table) -> tuple[str, str] | None:
    """Columns holding the nominal stamp and the hours between stamps; None for tables of events."""
    names = table.names
    if "slot" in names and "interval_hours" in names:
        return "slot", "interval_hours"
    return ("ts", "bar_hours") if "bar_hours" in names else None


def coverage(table: Table, frame: pl.DataFrame) -> Coverage:
    """Count the stamps of `frame` (rows of `table`, any order, any number of series and sources) and list its gaps."""
    import polars as pl

    grid = grid_columns(table)
    if grid is None:
        return Coverage(None, frame.height)
    stamp, hours = grid
    who = ["venue", "market_list", "native_id"]
    series = [*who, *(name for name in ("market", "price_kind", "bar_hours") if name in table.key)]
    rows = frame.filter(pl.col("kind") == "settled") if "kind" in table.names else frame
    rows = rows.sort(*series, stamp, hours).unique(subset=[*series, stamp], keep="first", maintain_order=True)
    step = pl.col(stamp).diff().over(series).dt.total_milliseconds() / (pl.col(hours) * MS_PER_HOUR)
    holes = (
        rows.with_columns(before=pl.col(stamp).dt.timestamp("ms"), missing=step.round(mode="half_to_even").cast(pl.Int64) - 1)
        .with_columns(after=pl.col("before").shift(1))
        .filter(step > _WHOLE)
        .select(*who, "symbol", "after", "before", "missing")
    )
    gaps = tuple(Gap(*row) for row in holes.sort(*who, "after").iter_rows())
    return Coverage(rows.height + sum(gap.missing for gap in gaps), rows.height, gaps)
