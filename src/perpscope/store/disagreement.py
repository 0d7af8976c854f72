"""Where do sources differ over the same fact, and is it more than rounding?

Each row that is not current is compared with the current row of its fact, number by number:

- `float32 rounding`: one value is exactly the other one rounded to a 32-bit float: the same number, held in less;
- `last digit`: they differ by at most one unit of the coarser source's last published decimal, in a series of three
  digits or more: rounded or cut off;
- `different`: anything else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from perpscope.market.table import Table
from perpscope.store.precedence import fact_columns, ranked, with_fact

if TYPE_CHECKING:
    import polars as pl

_WHO = ("venue", "market_list", "native_id", "symbol")
_UNIT_SLACK = 1e-6  # of a unit: what subtracting two decimals in binary may add to their difference
_LEAST_UNITS = 100  # a series whose largest number has fewer units of its last decimal is not rounded, it is different
_MOST_DECIMALS = 15  # a float64 holds no more decimals of a number near one; beyond, digits are binary noise


def disagreements(table: Table, frame: pl.DataFrame, sources: pl.DataFrame) -> pl.DataFrame:
    """Compare all sources' rows with the current ones.

    Returns
    -------
    One row per differing number: venue, market_list, native_id, symbol, ts, column, current, other (values),
    current_source, other_source, verdict. Times are compared and shown as ms; texts and lists are not compared.
    """
    import polars as pl

    fact = [*fact_columns(table), *(name for name in table.key if name == "kind")]
    pairs = _pairs(table, ranked(table, with_fact(table, frame), sources), fact)
    columns = [c.name for c in table.columns if c.kind in {"float", "int", "time"} and c.name not in {*table.key, "ts"}]
    found = [_of_column(pairs, name) for name in columns]
    shown = [*_WHO, "ts", "column", "current", "other", "current_source", "other_source", "verdict"]
    return pl.concat([each.select(shown) for each in found]).sort(*shown[:6], "other_source")


def _pairs(table: Table, rows: pl.DataFrame, fact: list[str]) -> pl.DataFrame:
    """Each row that is not current beside the current one (columns with the suffix _current)."""
    import polars as pl

    rows = rows.filter(rows.select(fact).is_duplicated()).with_columns(pl.int_range(pl.len()).over(fact).alias("_place"))
    kept = [name for name in table.names if name not in fact]
    best = rows.filter(pl.col("_place") == 0).select(*fact, *(pl.col(name).alias(f"{name}_current") for name in kept))
    return rows.filter(pl.col("_place") > 0).join(best, on=fact, how="inner")


def _of_column(pairs: pl.DataFrame, name: str) -> pl.DataFrame:
    import polars as pl

    numbers = {f"{name}_current": "current", name: "other"}
    stated = [
        (pl.col(old).dt.timestamp("ms") if isinstance(pairs.schema[old], pl.Datetime) else pl.col(old)).cast(pl.Float64).alias(new)
        for old, new in numbers.items()
    ]
    who = [*_WHO, "ts"]
    sides = pairs.select(*who, pl.col("source_current").alias("current_source"), pl.col("source").alias("other_source"), *stated)
    both = sides.filter(pl.col("current").is_not_null() & pl.col("other").is_not_null())
    group = [*_WHO, "current_source", "other_source"]
    both = both.filter((pl.col("current") != pl.col("other")).any().over(group))
    here, there = (decimals(pl.col(side)).max().over(group) for side in ("current", "other"))
    largest = pl.max_horizontal(pl.col("current").abs(), pl.col("other").abs()).max().over(group)
    return (
        both.with_columns(pl.min_horizontal(here, there).alias("_decimals"), largest.alias("_largest"))
        .filter(pl.col("current") != pl.col("other"))
        .with_columns(pl.lit(name).alias("column"), _verdict().alias("verdict"))
    )


def _verdict() -> pl.Expr:
    import polars as pl

    here, there = pl.col("current"), pl.col("other")
    rounded = (here.cast(pl.Float32).cast(pl.Float64) == there) | (there.cast(pl.Float32).cast(pl.Float64) == here)
    unit = pl.lit(10.0).pow(-pl.col("_decimals").cast(pl.Float64))
    fine = (pl.col("_decimals") <= _MOST_DECIMALS) & (pl.col("_largest") >= unit * _LEAST_UNITS)
    digit = fine & ((here - there).abs() <= unit * (1 + _UNIT_SLACK))
    return pl.when(rounded).then(pl.lit("float32 rounding")).when(digit).then(pl.lit("last digit")).otherwise(pl.lit("different"))


def decimals(value: pl.Expr) -> pl.Expr:
    """Count the decimals of the shortest text that reads back as the same float64 (1.5 -> 1, 3e-06 -> 6, 100 -> 0)."""
    import polars as pl

    text = value.abs().cast(pl.String)
    after = text.str.extract(r"\.(\d+)").str.strip_chars_end("0").str.len_chars().fill_null(0).cast(pl.Int64)
    power = text.str.extract(r"e([-+]?\d+)").cast(pl.Int64).fill_null(0)
    return pl.max_horizontal(after - power, pl.lit(0, dtype=pl.Int64))
