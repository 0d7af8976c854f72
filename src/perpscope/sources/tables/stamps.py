"""When does a row stand, to the slot?

The raw stamp is kept. The nominal slot takes off the jitter of venues and archives: a stamp within a minute of a whole
hour (or of the interval, where it is shorter) belongs to it; one further away keeps its raw stamp and is found by the
quality report. Every schedule on record settles at whole hours, whatever its phase, so hours are the grid.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from perpscope.market.time import to_ms
from perpscope.sources.tables.faults import blamed
from perpscope.sources.tables.given import Given
from perpscope.sources.times import read_stamps
from perpscope.units import MS_PER_HOUR

if TYPE_CHECKING:
    import polars as pl

JITTER_MS = 60_000
_USUAL_HOURS = (1, 2, 3, 4, 6, 8, 12, 24)


def with_times(frame: pl.DataFrame, word: str, given: Given) -> pl.DataFrame:
    """Make a column of times milliseconds UTC (Int64), with reasons against rows; messages hold milliseconds already."""
    import polars as pl

    if frame[word].null_count() == frame.height:
        return frame.with_columns(pl.lit(None, dtype=pl.Int64()).alias(word))
    stamps = read_stamps(frame[word], {"time_unit": "ms"} if given.mixed else given.facts)
    frame = frame.with_columns(stamps.ms.alias(word), stamps.fault.alias("_why"))
    return blamed(frame, (pl.col("_why").is_not_null(), pl.col("_why"))).drop("_why")


def with_observation(frame: pl.DataFrame, given: Given) -> pl.DataFrame:
    """Give rows whose payload holds no time the stated time of observation."""
    import polars as pl

    if "ts" not in frame.columns:
        frame = frame.with_columns(pl.lit(None, dtype=pl.Int64()).alias("ts"))
    frame = with_times(frame, "ts", given)
    if "observed_at" in given.facts:
        return frame.with_columns(pl.col("ts").fill_null(to_ms(given.facts["observed_at"])))
    if frame["ts"].null_count() == frame.height:
        given.lacks.add("observed_at", "its messages hold no time")
    return frame


def as_time(ms: pl.Expr) -> pl.Expr:
    """Milliseconds as the stored type of times."""
    import polars as pl

    return ms.cast(pl.Datetime("ms")).dt.replace_time_zone("UTC")


def slot_of(ts: pl.Expr, interval_hours: pl.Expr) -> pl.Expr:
    """Nominal slot (ms) of a stamp (ms)."""
    import polars as pl

    step = pl.min_horizontal((interval_hours * MS_PER_HOUR).round(), pl.lit(float(MS_PER_HOUR))).cast(pl.Int64)
    nearest = (ts + step // 2) // step * step
    return pl.when((ts - nearest).abs() <= JITTER_MS).then(nearest).otherwise(ts)


def spaced_hours(frame: pl.DataFrame) -> pl.Expr:
    """Hours between a contract's stamps, as the interval of the later one; null where they do not tell it.

    A spacing counts where the one before or after equals it, so a hole in the data is not taken for an interval, or
    where it is the last that counted; else the next one, the last one, or the contract's most frequent one stands in.
    """
    import polars as pl

    def usual(gap: pl.Expr) -> pl.Expr:
        return pl.coalesce(pl.when((gap - h * MS_PER_HOUR).abs() <= 2 * JITTER_MS).then(pl.lit(float(h))) for h in _USUAL_HOURS)

    who = ["venue", "market_list", "native_id"]
    times = frame.select(*who, "ts").filter(pl.col("ts").is_not_null()).unique([*who, "ts"]).sort(*who, "ts")
    gaps = times.with_columns(usual(pl.col("ts").diff().over(who)).alias("back")).with_columns(
        pl.col("back").shift(1).over(who).alias("before"),
        pl.col("back").shift(-1).over(who).alias("ahead"),
        pl.col("back").shift(-2).over(who).alias("after"),
        pl.col("back").drop_nulls().mode().min().over(who).alias("mode"),
    )
    b, a = pl.col("back"), pl.col("ahead")
    counts = ((b == a) | (b == pl.col("before"))).fill_null(value=False)
    gaps = gaps.with_columns(pl.when(counts).then(b).forward_fill().shift(1).over(who).alias("last"))
    follows = pl.when(a == pl.col("after")).then(a)
    chosen = pl.when(counts | (b == pl.col("last"))).then(b).otherwise(pl.coalesce(follows, "last", "mode"))
    found = gaps.with_columns(chosen.alias("hours")).select(*who, "ts", "hours")
    joined = frame.select(*who, "ts").join(found, on=[*who, "ts"], how="left", nulls_equal=True, maintain_order="left")
    return pl.lit(joined["hours"])
