"""The same fact came from several sources: which row is current?

In this order: the kind of rate (settled before next before predicted) -> the higher precedence stated by the mapping
-> the row with a premium -> the row with more of its optional columns filled -> float64 before float32 -> the source
imported first -> the source's id. Rows of a table with nominal slots are the same fact when their raw stamps fall in the same
minute: venues and archives jitter by milliseconds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from perpscope.market.table import Table

if TYPE_CHECKING:
    import polars as pl

_KINDS = {"settled": 0, "next": 1, "predicted": 2}
_FACT = "_fact"


def current(table: Table, frame: pl.DataFrame, sources: pl.DataFrame) -> pl.DataFrame:
    """Keep one row per fact, by precedence.

    Parameters
    ----------
    table : declaration of the rows.
    frame : rows of all sources.
    sources : the manifest.
    """
    fact = fact_columns(table)
    marked = with_fact(table, frame)
    if not marked.select(fact).is_duplicated().any():
        return frame
    return ranked(table, marked, sources).unique(subset=fact, keep="first", maintain_order=True).select(table.names)


def fact_columns(table: Table) -> list[str]:
    """Columns that make two rows the same fact, after `with_fact`; a settled and a predicted rate of one stamp are one fact."""
    return [_FACT if name == "ts" else name for name in table.key if name != "kind"]


def with_fact(table: Table, frame: pl.DataFrame) -> pl.DataFrame:
    """Add the stamp by which rows are the same fact: the nearest minute where stamps jitter, else the stamp itself."""
    import polars as pl

    stamp = pl.col("ts").dt.offset_by("30s").dt.truncate("1m") if "slot" in table.names else pl.col("ts")
    return frame.with_columns(stamp.alias(_FACT))


def ranked(table: Table, marked: pl.DataFrame, sources: pl.DataFrame) -> pl.DataFrame:
    """Sort rows so that of each fact the current one comes first."""
    import polars as pl

    known = sources.filter(pl.col("table") == table.name).select(
        pl.col("id").alias("source"),
        pl.col("precedence").alias("_stated"),
        pl.col("first_import").alias("_import"),
        pl.col("facts").str.json_path_match("$.precision").alias("_precision"),
    )
    precision = pl.coalesce("precision", "_precision") if "precision" in table.names else pl.col("_precision")
    optional = [column.name for column in table.columns if not column.required]
    filled = pl.sum_horizontal(pl.col(name).is_not_null() for name in optional) if optional else pl.lit(0)
    kind = pl.col("kind").replace_strict(_KINDS, default=len(_KINDS), return_dtype=pl.Int64) if "slot" in table.names else pl.lit(0)
    ranks = {
        "_r1": kind,
        "_r2": -pl.col("_stated").fill_null(0),
        "_r3": pl.col("premium_frac").is_null() if "premium_frac" in table.names else pl.lit(0),
        "_r4": -filled.cast(pl.Int64),
        "_r5": precision.fill_null("float64") == "float32",
        "_r6": pl.col("_import"),
    }
    return (
        marked.join(known, on="source", how="left", maintain_order="left")
        .with_columns(**ranks)
        .sort(*fact_columns(table), *ranks, "source", "ts", nulls_last=True, maintain_order=True)
    )
