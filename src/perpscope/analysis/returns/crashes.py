"""When did a price fall fast, how far, and how unusual was the funding that followed?

A fall is measured from the highest price of the hours before to a bar's low. Within one bar nobody knows whether its high or
its low came first, so a bar's own high does not count, only its open.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from perpscope.errors import InputError, NotEnoughData
from perpscope.units import MS_PER_DAY, MS_PER_HOUR

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True, slots=True)
class Fall:
    """One fall of a price.

    Parameters
    ----------
    peak_at, low_at : ms, opening of the bars of the highest price before and of the lowest.
    peak, low : prices. depth : low / peak - 1, a fraction below zero.
    """

    peak_at: int
    low_at: int
    peak: float
    low: float

    @property
    def depth(self) -> float:
        """How far it fell: a fraction, -0.3 is 30 % down."""
        return self.low / self.peak - 1.0


@dataclass(frozen=True, slots=True)
class Standing:
    """How one contract's lowest rate of a window stands in its own history.

    Parameters
    ----------
    rate : fraction per interval. at : its slot, ms. stamps : of the window.
    since_days : days since a rate as low or lower; None where there has been none. known_days : length of the history before.
    rank : 1 + number of lower rates in the history before.
    """

    rate: float
    at: int
    stamps: int
    since_days: float | None
    known_days: float
    rank: int


def falls(bars: pl.DataFrame, hours: float, least: float, gap_hours: float) -> tuple[Fall, ...]:
    """Find the falls of at least `least` within `hours`, the deepest of each cluster.

    Parameters
    ----------
    bars : open_at (ms), open_quote, high_quote and low_quote, sorted by open_at.
    hours : longest time from the peak's bar to the low's. least : depth as a positive fraction.
    gap_hours : lows closer than this to the one before belong to one cluster.

    Returns
    -------
    falls
        In time order.
    """
    import polars as pl

    if not (hours > 0 and least > 0 and gap_hours >= 0):
        raise InputError("falls", f"{hours} h, {least}, {gap_hours} h", "Give positive lengths and a positive depth.")
    deep = _measured(bars, hours).filter(pl.col("depth") <= -least)
    cluster = (pl.col("open_at").diff() > gap_hours * MS_PER_HOUR).fill_null(value=True).cum_sum()
    worst = deep.with_columns(cluster.alias("cluster")).sort("depth", "open_at").group_by("cluster", maintain_order=True).first()
    return tuple(_fall(bars, row, hours) for row in worst.sort("open_at").to_dicts())


def deepest_fall(bars: pl.DataFrame, hours: float, start: int, end: int) -> Fall:
    """Find the deepest fall within `hours` whose low lies in bars opening in start <= open_at < end (ms).

    Raises
    ------
    NotEnoughData
        When no bar opens in the window.
    """
    import polars as pl

    inside = _measured(bars, hours).filter((pl.col("open_at") >= start) & (pl.col("open_at") < end)).drop_nulls("depth")
    if inside.is_empty():
        raise NotEnoughData("the fall of a price", "no bar in the window", "Import prices that cover it.")
    return _fall(bars, inside.sort("depth", "open_at").row(0, named=True), hours)


def _measured(bars: pl.DataFrame, hours: float) -> pl.DataFrame:
    """Tell each bar's depth: its low against the highest price in the bars of the `hours` before it, and its own open."""
    import polars as pl

    moment = pl.from_epoch("open_at", "ms").alias("moment")
    before = pl.col("high_quote").rolling_max_by("moment", window_size=f"{round(hours * MS_PER_HOUR)}ms", closed="left")
    peak = pl.max_horizontal(before, "open_quote")
    return bars.sort("open_at").with_columns(moment).with_columns((pl.col("low_quote") / peak - 1.0).alias("depth"), peak.alias("peak"))


def _fall(bars: pl.DataFrame, row: dict[str, float], hours: float) -> Fall:
    import polars as pl

    at, opened = pl.col("open_at"), int(row["open_at"])
    earlier = bars.filter((at >= opened - hours * MS_PER_HOUR) & (at < opened) & (pl.col("high_quote") >= row["peak"]))
    peak_at = int(earlier["open_at"][-1]) if earlier.height else opened
    return Fall(peak_at, opened, float(row["peak"]), float(row["low_quote"]))


def standing(rows: pl.DataFrame, start: int, end: int) -> Standing:
    """Tell how the lowest rate of start <= slot < end (ms) stands among all rates before it.

    Parameters
    ----------
    rows : of one contract: slot (ms) and funding_rate, per interval of one length.

    Raises
    ------
    NotEnoughData
        When no slot lies in the window, or none before it.
    """
    import polars as pl

    told = rows.sort("slot")
    inside = told.filter((pl.col("slot") >= start) & (pl.col("slot") < end))
    history = told.filter(pl.col("slot") < start)
    if inside.is_empty() or history.is_empty():
        raise NotEnoughData(
            "the standing of a rate", f"{inside.height} stamps in the window, {history.height} before", "Import a longer history."
        )
    lowest = inside.sort("funding_rate", "slot").row(0, named=True)
    rate, at = float(lowest["funding_rate"]), int(lowest["slot"])
    as_low = history.filter(pl.col("funding_rate") <= rate)
    since = (at - int(as_low["slot"][-1])) / MS_PER_DAY if as_low.height else None
    lower = int((history["funding_rate"] < rate).sum())
    return Standing(rate, at, inside.height, since, (at - int(history["slot"][0])) / MS_PER_DAY, 1 + lower)
