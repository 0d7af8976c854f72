"""What did a contract, or a trade, receive on each day before a moment?

Days are the 24 hours that end at the moment and before it, so that nothing after it plays a part. A day of which less than 98 % of the
hours have a fixing is left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from perpscope.analysis.carry.lockin import over, running
from perpscope.analysis.series import fixings
from perpscope.errors import NotEnoughData
from perpscope.market.table import FUNDING
from perpscope.market.time import to_text
from perpscope.runs.prices import one_contract
from perpscope.units import MS_PER_DAY, MS_PER_HOUR

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import polars as pl

    from perpscope.store import Store
    from perpscope.trading.trade import Leg

    Floats = npt.NDArray[np.float64]

STALE_INTERVALS = 2
"""Age of the last fixing, in its intervals, from which on a history is none of that moment."""


@dataclass(frozen=True, slots=True, eq=False)
class Days:
    """What a long of one contract paid a day.

    Parameters
    ----------
    ends : (n,) ms UTC, rising, of days before the moment. paid : (n,) fraction of the notional; nan on days that are not covered.
    rows : of the store behind it.
    """

    ends: npt.NDArray[np.int64]
    paid: Floats
    rows: pl.DataFrame

    @property
    def covered(self) -> Floats:
        """What was paid on the days that are covered, in order of time."""
        import numpy as np

        return self.paid[np.isfinite(self.paid)]


def paid_daily(store: Store, venue: str, symbol: str, at: int, days: int) -> Days:
    """Read what a long of one contract paid on each of the days before a moment.

    Parameters
    ----------
    venue, symbol : id and unified symbol. at : ms UTC; fixings after it play no part. days : looked back.

    Raises
    ------
    NotEnoughData
        When the store holds no settled rate of it in those days, or the last one is older than two of its intervals: what it paid then
        says nothing of now.
    """
    import numpy as np
    import polars as pl

    start = at - days * MS_PER_DAY
    rows = store.read(FUNDING, venue=venue, symbol=symbol, start_ms=start, end_ms=at + 1).filter(pl.col("kind") == "settled")
    rows = one_contract(rows, venue, symbol).filter(pl.col("slot").dt.epoch("ms") <= at, pl.col("ts").dt.epoch("ms") <= at)
    if rows.is_empty():
        there = f"the store holds none in the {days} days before {to_text(at)}"
        raise NotEnoughData(f"settled funding of {venue} {symbol}", there, "Import its rates, or name another moment with --at.")
    last = rows.sort("slot").tail(1).with_columns(pl.col("slot").dt.epoch("ms").alias("ms")).row(0, named=True)
    if last["ms"] < at - STALE_INTERVALS * last["interval_hours"] * MS_PER_HOUR:
        there = f"the last is of {to_text(last['ms'])}, the moment asked for is {to_text(at)}"
        raise NotEnoughData(f"settled funding of {venue} {symbol}", there, "Import its rates, or name an earlier moment with --at.")
    ends = at - MS_PER_DAY * np.arange(days - 1, -1, -1, dtype=np.int64)
    paid = running(fixings(rows).unique("slot", keep="first", maintain_order=True))
    return Days(ends, over(paid, ends - MS_PER_DAY, ends), rows)


def latest(store: Store, venue: str, symbol: str, now: int) -> int:
    """Return the last moment at which the store speaks of a contract, ms UTC: now while its rates are fresh, or where it holds none.

    Parameters
    ----------
    venue, symbol : id and unified symbol. now : ms UTC.
    """
    import polars as pl

    rows = store.read(FUNDING, venue=venue, symbol=symbol, end_ms=now + 1).filter(pl.col("kind") == "settled")
    if rows.is_empty():
        return now
    stamps = one_contract(rows, venue, symbol).select(pl.max_horizontal("slot", "ts").dt.epoch("ms").alias("ms"), "interval_hours")
    last, interval = max(stamps.rows())
    return now if last >= now - STALE_INTERVALS * interval * MS_PER_HOUR else int(last)


def received(legs: Sequence[Leg], days: Sequence[Days]) -> Floats:
    """Return what the perpetual legs of a trade received a day, fractions of its notional; nan where one is not covered.

    Parameters
    ----------
    legs : the perpetual ones. days : of each, on the same days.
    """
    import numpy as np

    parts = [-leg.sign * float(leg.ratio) * one.paid for leg, one in zip(legs, days, strict=True)]
    return np.asarray(np.sum(parts, axis=0), dtype=np.float64)
