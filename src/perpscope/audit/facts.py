"""What is at hand about one contract?

Frames of the declared tables, handed in. Nothing here reads a store or a clock.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from perpscope.errors import InputError
from perpscope.market.time import FOREVER
from perpscope.units import MS_PER_HOUR

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import polars as pl

    Floats = npt.NDArray[np.float64]
    Ints = npt.NDArray[np.int64]
    Flags = npt.NDArray[np.bool_]


JITTER_MS = 60_000
"""A stamp this far from its slot is late, not elsewhere: a sixtieth of the shortest interval any venue pays at."""


@dataclass(frozen=True, slots=True)
class Subject:
    """The contract under audit: venue id, native id, unified symbol, payoff kind and sub-market."""

    venue: str
    native_id: str
    symbol: str
    market: str = ""
    market_list: str = ""


@dataclass(frozen=True, slots=True)
class KnownNumber:
    """A number of the contract that somebody stated (cap, floor, initial_margin, ...), valid since <= t < until (ms UTC)."""

    name: str
    value: float
    since: int = 0
    until: int = FOREVER


@dataclass(frozen=True, slots=True, eq=False)
class Facts:
    """Everything at hand about one contract.

    Parameters
    ----------
    funding : rows of the table `funding`, of this contract.
    contexts, books, samples : rows of `contexts`, `book_messages` and `premium_samples` of this contract; None where there are none.
    index : columns ts and index_price_quote, the index the books are measured against; None takes the contexts' own.
    index_is : what that index is, in words, where it is not the venue's own ("the spot mid stands in").
    references : rows of `funding` of other venues' contracts on the same coin.
    numbers : dated numbers of the contract that the catalogue does not hold.
    contract_units : base units of one unit of a book's quantity (linear), or quote units of one (inverse); None asks the catalogue.
    """

    funding: pl.DataFrame
    contexts: pl.DataFrame | None = None
    books: pl.DataFrame | None = None
    samples: pl.DataFrame | None = None
    index: pl.DataFrame | None = None
    index_is: str = ""
    references: pl.DataFrame | None = None
    numbers: tuple[KnownNumber, ...] = ()
    contract_units: float | None = None

    def subject(self) -> Subject:
        """Name the contract all frames are of.

        Raises
        ------
        InputError
            When there is no row, or rows of several contracts.
        """
        columns = ["venue", "native_id", "symbol", "market", "market_list"]
        frames = [f for f in (self.funding, self.contexts, self.books, self.samples) if f is not None and not f.is_empty()]
        found = {Subject(*row) for frame in frames for row in frame.select(columns).unique().rows()}
        if len({(s.venue, s.native_id, s.market_list) for s in found}) != 1:
            there = "no rows" if not found else f"rows of {', '.join(sorted(f'{s.venue} {s.native_id}' for s in found))}"
            raise InputError("an audit", there, "Give the rows of one contract.")
        return min(found, key=lambda s: (s.symbol, s.market))


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """The settled fixings of one contract as columns of equal length, in order of time.

    Parameters
    ----------
    stamp, slot : raw stamp and nominal slot (ms UTC).
    rate, hours : fraction per the row's own `hours`.
    premium : averaged premium the venue published with the rate (fraction), NaN where it did not.
    source : small integer per source, for whatever depends on who wrote the digits.
    """

    stamp: Ints
    slot: Ints
    rate: Floats
    hours: Floats
    premium: Floats
    source: Ints

    def __len__(self) -> int:
        return len(self.rate)

    @property
    def step(self) -> Ints:
        """Length of each row's interval in ms."""
        import numpy as np

        return np.round(self.hours * MS_PER_HOUR).astype(np.int64)

    @property
    def follows(self) -> Flags:
        """Whether each row's interval begins at the slot of the row before."""
        import numpy as np

        return np.concatenate([[False], np.diff(self.slot) == self.step[1:]]) if len(self) else np.zeros(0, dtype=bool)


def series_of(funding: pl.DataFrame, start_ms: int | None = None, end_ms: int | None = None) -> Series:
    """Columns of the settled fixings with start_ms <= slot < end_ms.

    One settlement stamped twice within a minute of its slot (two sources, one with the venue's jitter) counts once: the
    row with the averaged premium, else the earlier stamp.
    """
    import numpy as np
    import polars as pl

    rows = funding.filter(pl.col("kind") == "settled").with_columns(pl.col("slot", "ts").dt.epoch("ms"))
    on_time = (pl.col("ts") - pl.col("slot")).abs() < JITTER_MS
    rows = rows.sort("slot", pl.col("premium_frac").is_null(), "ts")
    rows = rows.filter(~on_time | pl.struct("slot", on_time.alias("on_time")).is_first_distinct())
    if start_ms is not None:
        rows = rows.filter(pl.col("slot") >= start_ms)
    if end_ms is not None:
        rows = rows.filter(pl.col("slot") < end_ms)
    rows = rows.sort("slot", "ts")
    return Series(
        stamp=rows["ts"].to_numpy().astype(np.int64),
        slot=rows["slot"].to_numpy().astype(np.int64),
        rate=rows["funding_rate"].to_numpy().astype(np.float64),
        hours=rows["interval_hours"].to_numpy().astype(np.float64),
        premium=rows["premium_frac"].fill_null(float("nan")).to_numpy().astype(np.float64),
        source=rows["source"].rank("dense").fill_null(0).to_numpy().astype(np.int64),
    )
