"""When was the close of a bar or a settlement observed, and did anybody trade in the bar?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from perpscope.units import MS_PER_HOUR

if TYPE_CHECKING:
    import polars as pl

STRAIGHT = 1e-9
"""A price this near (as a share of itself) to the mean of its neighbours', in all four prices of a bar, was drawn."""


def closed_at() -> pl.Expr:
    """Moment (ms UTC) at which a bar's close was observed: as its source states it, else the start of the bar plus its length.

    Needs the columns ts, close_ts and bar_hours of the table `prices`.
    """
    import polars as pl

    counted = pl.col("ts").dt.epoch("ms") + (pl.col("bar_hours") * MS_PER_HOUR).round().cast(pl.Int64)
    return pl.coalesce(pl.col("close_ts").dt.epoch("ms"), counted).alias("close_at")


def settlements(rows: pl.DataFrame) -> pl.DataFrame:
    """Daily settlements of a dated future: day and close_at (ms UTC; null where no source states it) and close_quote; sorted by day.

    Parameters
    ----------
    rows : of the table `dated_futures`, one series.
    """
    import polars as pl

    day, closed = pl.col("ts").dt.epoch("ms").alias("day"), pl.col("close_ts").dt.epoch("ms").alias("close_at")
    return rows.select(day, closed, "close_quote").sort("day")


def traded(bars: pl.DataFrame) -> pl.DataFrame:
    """Leave out the bars in which nobody traded: those that repeat the last close, and those on a straight line between their neighbours.

    While an exchange is down some archives repeat the last price or draw a line to the next; a premium over such a price is none.

    Parameters
    ----------
    bars : `open_quote`, `high_quote`, `low_quote` and `close_quote`, in time order; a bar that lacks one of the first three stays.
    """
    import polars as pl

    names = ("open_quote", "high_quote", "low_quote", "close_quote")
    bent = [(pl.col(n).shift(1) - 2 * pl.col(n) + pl.col(n).shift(-1)).abs() > STRAIGHT * pl.col(n) for n in names]
    repeats = pl.col("close_quote") == pl.col("close_quote").shift(1)
    moved = (pl.col("high_quote") > pl.col("low_quote")) | ~repeats
    return bars.filter((pl.any_horizontal(bent) & moved).fill_null(value=True))


def dealt(bars: pl.DataFrame) -> pl.DataFrame:
    """Leave out the bars at whose prices nobody can have dealt: drawn ones, and flat ones without volume.

    Milder than `traded`: prices on a line are no proof, for a market may rise evenly. Drawn is a bar whose four prices and whose volume,
    which changes from bar to bar, all lie on straight lines, and next to which the market leaps between a close and the next open though it
    does not elsewhere. Where volumes are not told, or all of them are 0, nothing is left out.

    Parameters
    ----------
    bars : as for `traded`, and `volume_base` (null where untold).
    """
    import polars as pl

    def straight(name: str, within: float) -> pl.Expr:
        bend = pl.col(name).shift(1) - 2 * pl.col(name) + pl.col(name).shift(-1)
        return bend.abs() <= within * pl.col(name)

    prices = [straight(name, STRAIGHT) for name in ("open_quote", "high_quote", "low_quote", "close_quote")]
    volume = pl.col("volume_base")
    leap = (pl.col("open_quote") / pl.col("close_quote").shift(1) - 1).abs()
    steady = leap.median() < _LEAP * (pl.col("close_quote") / pl.col("open_quote") - 1).abs().median()
    leaps = steady & (pl.max_horizontal(leap, leap.shift(-1)) > leap.median() / _LEAP)
    lines = pl.all_horizontal(prices) & straight("volume_base", _ROUNDED) & (volume != volume.shift(1))
    drawn = (lines & leaps).fill_null(value=False)
    flat = (pl.col("high_quote") == pl.col("low_quote")) & (pl.col("close_quote") == pl.col("close_quote").shift(1))
    begins = (flat & drawn.shift(-1)).fill_null(value=False)
    idle = (flat & (volume == 0) & (volume.sum() > 0)).fill_null(value=False)
    return bars.filter(~(drawn | begins | idle))


_ROUNDED = 1e-8
"""As `STRAIGHT`, for volumes, which archives round."""
_LEAP = 0.1
"""Part of what a bar usually moves inside that it leaps from the close before, at most; a drawn one leaps more by one over it."""
