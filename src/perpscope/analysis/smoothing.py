"""How can years of fixings be drawn on a few hundred points without hiding what happened?

Three answers: a rolling annual rate thinned to a grid, the envelope (lowest and highest single fixing of each piece
of time), and the annual rate of each calendar month. All are sums of rates over sums of hours.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from perpscope.analysis.series import SERIES, covered_hours
from perpscope.analysis.windows import COVERAGE, OVERLAP
from perpscope.units import HOURS_PER_DAY, HOURS_PER_YEAR, MS_PER_DAY, MS_PER_HOUR

if TYPE_CHECKING:
    import polars as pl

MONTH_COVERAGE = 0.5
"""Least covered share of a month that is shown."""


def rolling_apr(rows: pl.DataFrame, days: int, step_ms: int) -> pl.DataFrame:
    """Return the rolling annual rate of each contract, one point per `step_ms` (the last fixing in each step).

    Parameters
    ----------
    rows : what `series.fixings` gives.
    days : length of the window that ends at each fixing.
    step_ms : spacing of the points kept.

    Returns
    -------
    frame
        venue, market_list, native_id, coin, slot (ms), apr (fraction a year; null where less than 90 % of the window
        is covered), sorted.
    """
    import polars as pl

    length = days * HOURS_PER_DAY
    timed = rows.with_columns(covered_hours(pl.col("slot").min()).alias("own"))  # the first fixing of all counts nothing; see below
    timed = timed.with_columns(
        pl.when(pl.col("before").is_null()).then(pl.col("interval_hours")).otherwise(pl.col("own")).alias("own"),
        pl.from_epoch("slot", time_unit="ms").alias("at"),
    )
    sums = timed.rolling("at", period=f"{days}d", group_by=[*SERIES, "coin"]).agg(
        pl.col("slot").last(),
        pl.col("funding_rate").sum().alias("paid"),
        pl.col("interval_hours").sum().alias("hours"),
        pl.col("own").sum().alias("covered"),
    )
    good = (pl.col("covered") >= COVERAGE * length - 1e-9) & (pl.col("hours") <= OVERLAP * length)
    return (
        sums.with_columns(pl.when(good).then(pl.col("paid") / pl.col("hours") * HOURS_PER_YEAR).alias("apr"))
        .group_by(*SERIES, "coin", (pl.col("slot") // step_ms).alias("step"), maintain_order=True)
        .agg(pl.col("slot", "apr").last())
        .drop("step")
        .sort(*SERIES, "slot")
    )


def envelope(rows: pl.DataFrame, step_ms: int) -> pl.DataFrame:
    """Return the lowest and highest single fixing (annual rate) of each contract in each piece of `step_ms`.

    Returns
    -------
    frame
        venue, market_list, native_id, coin, slot (ms, middle of the piece), low_apr, high_apr, n; sorted.
    """
    import polars as pl

    middle = (pl.col("slot") // step_ms * step_ms + step_ms // 2).alias("middle")
    return (
        rows.group_by(*SERIES, "coin", middle, maintain_order=True)
        .agg(pl.col("apr").min().alias("low_apr"), pl.col("apr").max().alias("high_apr"), pl.len().cast(pl.Int64).alias("n"))
        .rename({"middle": "slot"})
        .sort(*SERIES, "slot")
    )


def broken(table: pl.DataFrame, holes: pl.DataFrame, step_ms: int) -> pl.DataFrame:
    """Put an empty row in the middle of each gap of at least `step_ms`, so that what is drawn stops there.

    Parameters
    ----------
    table : points of lines or bands, with venue, market_list, native_id, coin and slot.
    holes : what `coverage.gaps` gives.
    """
    import polars as pl

    start, end = pl.col("start"), pl.col("end")
    wide = holes.filter(end - start >= step_ms).select(*SERIES, ((start + end) // 2).alias("slot"))
    known = wide.join(table.select(*SERIES, "coin").unique(), on=SERIES, how="inner")
    return pl.concat([table, known], how="diagonal").sort(*SERIES, "slot")


def monthly(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the annual rate of each contract in each calendar month (UTC) of which at least half is covered.

    A fixing belongs to the month its interval began in, so the one stamped 00:00 on the first closes the month before.

    Returns
    -------
    frame
        venue, market_list, native_id, coin, month (ms, its first instant), apr (fraction a year), covered (0 to 1).
    """
    import polars as pl

    begins = pl.col("slot") - (pl.col("interval_hours") * MS_PER_HOUR).round().cast(pl.Int64)
    month = pl.from_epoch(begins, time_unit="ms").dt.truncate("1mo")
    hours = pl.col("interval_hours")
    return (
        rows.group_by(*SERIES, "coin", month.alias("month"), maintain_order=True)
        .agg((pl.col("funding_rate").sum() / hours.sum() * HOURS_PER_YEAR).alias("apr"), hours.sum().alias("hours"))
        .with_columns((pl.col("hours") / (pl.col("month").dt.days_in_month() * HOURS_PER_DAY)).clip(0, 1).alias("covered"))
        .filter(pl.col("covered") >= MONTH_COVERAGE)
        .select(*SERIES, "coin", pl.col("month").dt.epoch("ms"), "apr", "covered")
        .sort(*SERIES, "month")
    )


def daily(rows: pl.DataFrame, days: int) -> pl.DataFrame:
    """Return the annual rate of each contract day by day over the `days` before its own last stamp.

    Returns
    -------
    frame
        venue, market_list, native_id, day (0 is the oldest), apr (fraction a year).
    """
    import polars as pl

    last = pl.col("slot").max().over(SERIES)
    age = (last - pl.col("slot")) // MS_PER_DAY
    return (
        rows.with_columns((days - 1 - age).alias("day"))
        .filter(pl.col("day") >= 0)
        .group_by(*SERIES, "day", maintain_order=True)
        .agg((pl.col("funding_rate").sum() / pl.col("interval_hours").sum() * HOURS_PER_YEAR).alias("apr"))
        .sort(*SERIES, "day")
    )
