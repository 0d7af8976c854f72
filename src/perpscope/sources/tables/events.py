"""How do trades on a venue whose rate drifts with the skew become rows of `velocity_events`?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from perpscope.errors import SourceError
from perpscope.sources.tables.faults import with_numbers
from perpscope.sources.tables.given import Given
from perpscope.sources.tables.stamps import as_time, with_times
from perpscope.sources.units import read_rate_unit
from perpscope.units import HOURS_PER_DAY

if TYPE_CHECKING:
    import polars as pl

NUMBERS = ("price", "quantity", "skew", "funding_rate", "velocity")


def velocity_events(frame: pl.DataFrame, given: Given) -> pl.DataFrame:
    """Build rows of `velocity_events`; the unit of the rates must be stated, and be per day.

    `sequence` is the order at the venue: by block where there is one (by time else), then by place in the file.
    """
    import polars as pl

    frame = with_numbers(frame, NUMBERS)
    if "rate_unit" not in given.facts:
        given.lacks.add("rate_unit", "its rates name no period")
        return frame
    unit = read_rate_unit(given.facts["rate_unit"])
    if unit.hours != HOURS_PER_DAY:
        there = f"rate_unit = {given.facts['rate_unit']}: the unit of the velocity does not follow from it"
        raise SourceError(given.asked, there, 'Convert rates to a fraction per day and state rate_unit = "day".')
    frame = with_times(frame, "ts", given)
    frame = with_numbers(frame, ("block",), pl.Int64())
    block = pl.col("block") if "block" in frame.columns else pl.lit(None, dtype=pl.Int64())
    order = pl.struct(block if "block" in frame.columns else pl.col("ts"), pl.col("row")).rank("ordinal").over("venue", "native_id")
    return frame.with_columns(
        block.alias("block"),
        (order.cast(pl.Int64) - 1).alias("sequence"),
        as_time(pl.col("ts")),
        pl.col("price").alias("price_quote"),
        pl.col("quantity").alias("quantity_base"),
        pl.col("skew").alias("skew_base"),
        (pl.col("funding_rate") * unit.scale).alias("funding_rate_1d"),
        (pl.col("velocity") * unit.scale).alias("velocity_1d"),
    )
