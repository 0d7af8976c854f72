"""What did each contract pay, stamp by stamp?

The common ground of every statistic: settled fixings of each contract in time order, with the coin they belong to
and their simple annual rate. A contract is (venue, market list, native id); its symbol is a label.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from perpscope.units import HOURS_PER_YEAR, MS_PER_HOUR

if TYPE_CHECKING:
    import polars as pl

SERIES: tuple[str, ...] = ("venue", "market_list", "native_id")


def fixings(funding: pl.DataFrame) -> pl.DataFrame:
    """Return the settled fixings, one row per contract and stamp, sorted, in plain integers and floats.

    Parameters
    ----------
    funding : conformed frame of the table `funding`, one row per key.

    Returns
    -------
    frame
        venue, market_list, native_id, symbol, market, coin, slot (ms), before (slot of the fixing before, null for
        the first), funding_rate (fraction per interval_hours), interval_hours, apr (fraction a year, simple), source.
    """
    import polars as pl

    rows = funding.filter(pl.col("kind") == "settled").select(
        *SERIES,
        "symbol",
        "market",
        coin_of().alias("coin"),
        pl.col("slot").dt.epoch("ms"),
        "funding_rate",
        "interval_hours",
        (pl.col("funding_rate") * (HOURS_PER_YEAR / pl.col("interval_hours"))).alias("apr"),
        "source",
    )
    rows = rows.sort(*SERIES, "slot")
    return rows.with_columns(pl.col("slot").shift(1).over(SERIES).alias("before"))


def coin_of() -> pl.Expr:
    """Name the coin of a row: the base of its symbol without a multiplier (1000PEPE is PEPE).

    A builder list names its assets itself, so its tickers are kept apart ("xyz:GOLD" is not the coin GOLD).
    """
    import polars as pl

    base = pl.col("symbol").str.split("/").list.first().str.replace(r"^10{3,}([A-Z])", "${1}")
    listed = pl.col("market_list")
    return pl.when(listed == "").then(base).otherwise(pl.concat_str(listed, pl.lit(":"), base))


def covered_hours(start: pl.Expr) -> pl.Expr:
    """Hours after `start` (ms) that a row's own interval covers and the fixing before it does not.

    Summed over the rows after `start` this is the length of the union of their intervals.
    """
    import polars as pl

    since = pl.max_horizontal(pl.col("before"), start)
    return pl.min_horizontal(pl.col("interval_hours"), (pl.col("slot") - since) / MS_PER_HOUR)
