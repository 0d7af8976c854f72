"""How do single trades become rows of `trades`?

A trade is one row, numbered by its place among the trades of the file. One that is told twice counts once, the first time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from perpscope.sources.tables.faults import blamed, with_numbers
from perpscope.sources.tables.given import Given
from perpscope.sources.tables.stamps import as_time, with_times

if TYPE_CHECKING:
    import polars as pl

_SIDES = {"buy": "buy", "buyer": "buy", "b": "buy", "bid": "buy", "sell": "sell", "seller": "sell", "s": "sell", "a": "sell", "ask": "sell"}


def trades(frame: pl.DataFrame, given: Given) -> pl.DataFrame:
    """Build rows of `trades` from messages, or from a table of trades."""
    import polars as pl

    frame = with_numbers(frame, ("price", "quantity"))
    frame = with_numbers(frame, ("trade_id",), pl.Int64())
    if "received" not in frame.columns:
        frame = frame.with_columns(pl.lit(None, dtype=pl.Int64()).alias("received"))
    frame = with_times(with_times(frame, "ts", given), "received", given)
    frame = _with_sides(frame)
    again = pl.col("trade_id").is_not_null() & ~pl.struct("venue", "market_list", "native_id", "trade_id").is_first_distinct()
    frame = blamed(frame, (again, "this trade was told before"))
    return frame.with_columns(
        pl.int_range(pl.len()).alias("sequence"),
        as_time(pl.col("ts")),
        as_time(pl.col("received")),
        pl.col("price").alias("price_quote"),
    )


def _with_sides(frame: pl.DataFrame) -> pl.DataFrame:
    """Write the taker's side as buy or sell; other words are a reason against the row."""
    import polars as pl

    if "taker" not in frame.columns:
        return frame.with_columns(pl.lit(None, dtype=pl.String()).alias("taker"))
    said = pl.col("taker").cast(pl.String).str.strip_chars().str.to_lowercase()
    side = said.replace_strict(_SIDES, default=None, return_dtype=pl.String)
    unknown = said.is_not_null() & (said != "") & side.is_null()
    return blamed(frame, (unknown, pl.format("taker {} is neither buy nor sell", said))).with_columns(side.alias("taker"))
