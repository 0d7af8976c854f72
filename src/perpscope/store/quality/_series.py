"""Which rows belong together? One contract from one source, in order of time, as plain arrays.

Private because it opens with numpy; every detector takes what is declared here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt

from perpscope.units import MS_PER_HOUR

if TYPE_CHECKING:
    import polars as pl

Ints: TypeAlias = npt.NDArray[np.int64]
Floats: TypeAlias = npt.NDArray[np.float64]
Flags: TypeAlias = npt.NDArray[np.bool_]
HOUR = MS_PER_HOUR
MINUTE = 60_000
_WHO = ("venue", "market_list", "native_id", "source")


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """Settled fundings of one contract from one source, rising in time.

    Parameters
    ----------
    venue, market_list, native_id, source, symbol : who it is.
    ts : raw stamps (ms UTC). rate : fraction per interval (of bars: the close). hours : stated interval of each row (of bars:
        their length). mark : mark price, NaN where absent.
    part : what else tells series of one contract apart (of bars: market, price kind and length); empty for fundings.
    """

    venue: str
    market_list: str
    native_id: str
    source: str
    symbol: str
    ts: Ints
    rate: Floats
    hours: Floats
    mark: Floats
    part: str = ""

    def __len__(self) -> int:
        return len(self.ts)

    def rows(self, first: int, end: int) -> Series:
        """Take a slice of the rows."""
        part = slice(first, end)
        return replace(self, ts=self.ts[part], rate=self.rate[part], hours=self.hours[part], mark=self.mark[part])

    @property
    def names(self) -> tuple[str, str, str, str, str, str]:
        """Table, venue, symbol, market_list, native_id, source."""
        return "prices" if self.part else "funding", self.venue, self.symbol, self.market_list, self.native_id, self.source

    @property
    def contract(self) -> tuple[str, str, str]:
        """Whose it is, whatever the source."""
        return self.venue, self.market_list, self.native_id

    @property
    def noun(self) -> str:
        """What one row is."""
        return "bar" if self.part else "settlement"

    @property
    def coin(self) -> str:
        """The base asset, read off the unified symbol."""
        return self.symbol.split("/", 1)[0]

    @property
    def inverse(self) -> bool:
        """Whether it settles in its own coin: venues change the rules of such contracts at other times."""
        return self.symbol.rpartition(":")[2] == self.coin


def series_of(frame: pl.DataFrame) -> list[Series]:
    """Split a conformed `funding` frame into series; rows that are not settled or not numbers are left out."""
    import polars as pl

    stated = pl.col("funding_rate").is_finite() & pl.col("interval_hours").is_finite() & (pl.col("interval_hours") > 0)
    rows = frame.filter(stated & (pl.col("kind") == "settled") & pl.col("ts").is_not_null()).sort(*_WHO, "ts")
    ts, rate, hours = rows["ts"].dt.timestamp("ms").to_numpy(), rows["funding_rate"].to_numpy(), rows["interval_hours"].to_numpy()
    mark = rows["mark_price_quote"].fill_null(float("nan")).to_numpy()
    return [
        Series(venue, market_list, native_id, source, symbol, ts[a:b], rate[a:b], hours[a:b], mark[a:b])
        for (venue, market_list, native_id, source), symbol, a, b in pieces(rows, _WHO)
    ]


def pieces(rows: pl.DataFrame, key: Sequence[str]) -> Iterator[tuple[tuple[str, ...], str, int, int]]:
    """Walk sorted rows by key: the key's values, the symbol, first row, row after the last."""
    import polars as pl

    if rows.is_empty():
        return
    spans = rows.with_row_index("row").group_by(key, maintain_order=True).agg(pl.first("symbol"), pl.first("row"), pl.len().alias("n"))
    for *who, symbol, row, n in spans.iter_rows():
        yield tuple(who), symbol, row, row + n


def runs(values: npt.NDArray[np.generic]) -> tuple[Ints, Ints]:
    """First index and length of every run of equal neighbours."""
    if not len(values):
        empty = np.empty(0, np.int64)
        return empty, empty
    first = np.flatnonzero(np.r_[True, values[1:] != values[:-1]])
    return first, np.diff(np.r_[first, len(values)])


def spans(flags: Flags) -> list[tuple[int, int]]:
    """First and last index of every run of True."""
    first, length = runs(flags)
    return [(int(i), int(i + n - 1)) for i, n in zip(first, length, strict=True) if flags[i]]


def stretches(yes: Flags, no: Flags, against: float, least: int) -> list[tuple[int, int, int]]:
    """Find stretches in which `yes` comes at least `least` times more than `against` times `no`: first row, last row, times.

    A stretch reaches as far as the next `no` on both sides, or to the end: where neither comes, nothing tells its edge.
    """
    hits = np.flatnonzero(yes | no)
    if yes.sum() < least:
        return []
    score = np.where(yes[hits], 1.0, -against)
    out: list[tuple[int, int, int]] = []
    todo = [(0, len(hits))]
    while todo:
        a, b = todo.pop()
        walk = np.r_[0.0, np.cumsum(score[a:b])]
        rise = walk - np.minimum.accumulate(walk)
        end = int(rise.argmax())
        if rise[end] < least:
            continue
        begin = int(walk[: end + 1].argmin())
        first = int(hits[a + begin - 1]) + 1 if a + begin else 0
        last = int(hits[a + end]) - 1 if a + end < len(hits) else len(yes) - 1
        out.append((first, last, int(yes[first : last + 1].sum())))
        todo += [(a, a + begin), (a + end, b)]
    return sorted(out)
