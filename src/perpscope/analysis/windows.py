"""What did a contract pay over its last days?

The window of D days ends at the contract's own last stamp and holds the fixings after (last - D days). The annual
rate is sum(rates) / sum(hours) x 8760, so any change of interval inside the window is exact. A window of which less
than 90 % is covered gives no number but a reason.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from perpscope.analysis.series import SERIES, covered_hours
from perpscope.units import HOURS_PER_DAY, HOURS_PER_YEAR, MS_PER_DAY

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl

COVERAGE = 0.9
"""Least covered share of a window that still gives a number."""
OVERLAP = 1.5
"""Largest ratio of summed interval labels to the window; beyond it labels and stamps disagree (8 h written on 1 h stamps gives 8)."""


def window_apr(rows: pl.DataFrame, days: Sequence[int]) -> pl.DataFrame:
    """Return one row per contract with the annual rate of each window.

    Parameters
    ----------
    rows : what `series.fixings` gives.
    days : lengths of the windows.

    Returns
    -------
    frame
        venue, market_list, native_id and, for each D: apr_Dd (fraction a year, null where not enough is covered),
        covered_Dd (share of the window, 0 to 1) and why_Dd (the reason of a null, else null).
    """
    out = rows.select(SERIES).unique(maintain_order=True)
    for length in days:
        out = out.join(_one(rows, length), on=SERIES, how="left", maintain_order="left")
    return out


def _one(rows: pl.DataFrame, days: int) -> pl.DataFrame:
    import polars as pl

    start = pl.col("slot").max().over(SERIES) - days * MS_PER_DAY
    inside = rows.with_columns(start.alias("start")).filter(pl.col("slot") > pl.col("start"))
    length = days * HOURS_PER_DAY
    sums = inside.group_by(SERIES, maintain_order=True).agg(
        pl.col("funding_rate").sum().alias("paid"),
        pl.col("interval_hours").sum().alias("hours"),
        (covered_hours(pl.col("start")).sum() / length).alias("covered"),
    )
    short = pl.col("covered") < COVERAGE - 1e-9
    clash = pl.col("hours") > OVERLAP * length
    percent = (pl.col("covered") * 100).floor().cast(pl.Int64)
    why = (
        pl.when(short)
        .then(pl.format("{} % of the {} days is covered", percent, days))
        .when(clash)
        .then(pl.format("intervals sum to {} h in {} h: labels and stamps disagree", pl.col("hours").round(1), length))
    )
    apr = pl.when(~(short | clash)).then(pl.col("paid") / pl.col("hours") * HOURS_PER_YEAR)
    return sums.select(*SERIES, apr.alias(f"apr_{days}d"), pl.col("covered").alias(f"covered_{days}d"), why.alias(f"why_{days}d"))
