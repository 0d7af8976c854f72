"""How do recordings of order books become rows of `book_messages`?

A message is one row, in the order of arrival. A snapshot or best quote that is crossed, or a snapshot whose levels are
not best first, is no book and is rejected with its line.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from perpscope.sources.columns import level_columns
from perpscope.sources.tables.faults import blamed
from perpscope.sources.tables.given import Given
from perpscope.sources.tables.stamps import as_time, with_times

if TYPE_CHECKING:
    import polars as pl

_LISTS = ("bid_prices", "bid_quantities", "ask_prices", "ask_quantities")
_UPDATES = ("first_update", "last_update", "previous_update")


def book_messages(frame: pl.DataFrame, given: Given) -> pl.DataFrame:
    """Build rows of `book_messages` from messages, or from a table of levels (asks[0].price ...)."""
    import polars as pl

    if "bid_prices" not in frame.columns:
        frame = _from_levels(frame)
    frame = frame.with_columns(pl.lit(None, dtype=pl.Int64()).alias(word) for word in ("ts", "received") if word not in frame.columns)
    frame = with_times(with_times(frame, "ts", given), "received", given)
    frame = frame.with_columns(pl.coalesce("ts", "received").alias("ts"))
    absent = [name for name in _UPDATES if name not in frame.columns]
    frame = frame.with_columns(*(pl.lit(None).alias(name) for name in absent), as_time(pl.col("ts")), as_time(pl.col("received")))
    return _checked(frame)


def _from_levels(frame: pl.DataFrame) -> pl.DataFrame:
    """Gather levels beside each other into lists; absent ones end a side."""
    import polars as pl

    sides = level_columns(frame.columns)
    lists = []
    for name, key in zip(_LISTS, [(s, f) for s in ("bids", "asks") for f in ("price", "amount")], strict=True):
        lists.append(pl.concat_list(pl.col(column).cast(pl.Float64, strict=False) for column in sides[key]).list.drop_nulls().alias(name))
    return frame.with_columns(*lists, pl.lit("snapshot").alias("kind"), pl.col("row").alias("sequence"))


def _checked(frame: pl.DataFrame) -> pl.DataFrame:
    """Find what is no book: lengths that differ, numbers that are none, sides out of order or across each other."""
    import polars as pl

    bids, asks = pl.col("bid_prices"), pl.col("ask_prices")
    whole = pl.col("kind") != "change"
    values = [pl.col(name) for name in _LISTS]
    broken = pl.any_horizontal(
        ((value.list.max().is_infinite()) | value.list.max().is_nan() | value.list.min().is_infinite()) for value in values
    )
    signs = pl.any_horizontal((bids.list.min() <= 0), (asks.list.min() <= 0), *((pl.col(name).list.min() < 0) for name in _LISTS[1::2]))
    uneven = (bids.list.len() != pl.col("bid_quantities").list.len()) | (asks.list.len() != pl.col("ask_quantities").list.len())
    crossed = whole & (bids.list.first() >= asks.list.first())
    words = pl.format("crossed book: bid {} is not below ask {}", bids.list.first(), asks.list.first())
    frame = blamed(
        frame,
        (broken.fill_null(value=False), "a price or quantity is not a number"),
        (signs.fill_null(value=False), "a price or quantity is not above zero"),
        (uneven, "prices and quantities differ in number"),
        (crossed.fill_null(value=False), words),
    )
    return _ordered(frame)


def _ordered(frame: pl.DataFrame) -> pl.DataFrame:
    """Blame snapshots whose levels are not best first, each once."""
    import polars as pl

    snapshots = frame.filter(
        (pl.col("kind") == "snapshot") & ((pl.col("bid_prices").list.len() > 1) | (pl.col("ask_prices").list.len() > 1))
    )
    if snapshots.is_empty():
        return frame
    steps = {"bids": pl.col("bid_prices").list.diff().list.max() >= 0, "asks": pl.col("ask_prices").list.diff().list.min() <= 0}
    found = snapshots.select("row", "venue", "native_id", *(test.fill_null(value=False).alias(side) for side, test in steps.items()))
    frame = frame.join(found, on=["row", "venue", "native_id"], how="left", nulls_equal=True, maintain_order="left")
    return blamed(frame, *((pl.col(side), f"{side} are not best first (reversed or repeated)") for side in steps)).drop(*steps)
