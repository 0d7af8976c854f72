"""What of each history is there, and what is missing?

A fixing covers the interval before its stamp. Where the next one does not reach back to it, there is a gap.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from perpscope.analysis.series import SERIES
from perpscope.units import MS_PER_HOUR

if TYPE_CHECKING:
    import polars as pl


def gaps(rows: pl.DataFrame) -> pl.DataFrame:
    """List the uncovered stretches inside each contract's history.

    Less than half an interval is a late stamp, not a gap.

    Parameters
    ----------
    rows : what `series.fixings` gives.

    Returns
    -------
    frame
        venue, market_list, native_id, start, end (ms), missing_hours.
    """
    import polars as pl

    begins = _begins()
    missing = (begins - pl.col("before")) / MS_PER_HOUR
    return (
        rows.filter(missing >= pl.col("interval_hours") / 2)
        .select(*SERIES, pl.col("before").alias("start"), begins.alias("end"), missing.alias("missing_hours"))
        .sort(*SERIES, "start")
    )


def runs(rows: pl.DataFrame) -> pl.DataFrame:
    """List the unbroken stretches of each history, cut at gaps and at changes of interval.

    Returns
    -------
    frame
        venue, market_list, native_id, start, end (ms), interval_hours, n; sorted.
    """
    import polars as pl

    hours = pl.col("interval_hours")
    gap = ((_begins() - pl.col("before")) / MS_PER_HOUR >= hours / 2).fill_null(value=True)
    change = (hours != hours.shift(1).over(SERIES)).fill_null(value=True)
    return (
        rows.with_columns((gap | change).cum_sum().over(SERIES).alias("run"))
        .group_by(*SERIES, "run", maintain_order=True)
        .agg(_begins().first().alias("start"), pl.col("slot").last().alias("end"), hours.first(), pl.len().cast(pl.Int64).alias("n"))
        .drop("run")
    )


def _begins() -> pl.Expr:
    import polars as pl

    return pl.col("slot") - (pl.col("interval_hours") * MS_PER_HOUR).round().cast(pl.Int64)
