"""Which of these rows are new, which are known, and which contradict what is known?

Within one source a key has one set of values. A row whose key is free is new; one that repeats the values is present;
one that brings other values conflicts and is never stored over the first. Rows of one delivery that contradict each
other over a free key all conflict: none of them is more right.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from perpscope.market.table import Table

if TYPE_CHECKING:
    import polars as pl

_KNOWN = "_known"


@dataclass(frozen=True, slots=True)
class Separated:
    """Rows to add (each key once), the count of rows already there, and the rows that conflict with a `reason`."""

    new: pl.DataFrame
    present: int
    conflicting: pl.DataFrame


def separate(table: Table, frame: pl.DataFrame, known: pl.DataFrame) -> Separated:
    """Compare rows of one source with the rows known of it.

    Parameters
    ----------
    table : their declaration.
    frame : rows offered, conformed to the table.
    known : rows of the same source in the store; may hold more keys than asked about.
    """
    import polars as pl

    key = list(table.key)
    values = [name for name in table.names if name not in {*key, "source"}]
    free, taken = _by_key(frame, known, key, values)
    differing = _differing(values)
    present = taken.filter(differing == "").height
    clashes = taken.filter(differing != "").select(*table.names, (differing + " differs from the stored row").alias("reason"))
    new, repeats, quarrels = _among_themselves(free, key, values)
    return Separated(new, present + repeats, pl.concat([clashes, quarrels.select(*table.names, "reason")]))


def _by_key(frame: pl.DataFrame, known: pl.DataFrame, key: list[str], values: list[str]) -> tuple[pl.DataFrame, pl.DataFrame]:
    import polars as pl

    if known.is_empty():
        return frame, frame.clear().with_columns(pl.lit(None, dtype=frame.schema[name]).alias(name + _KNOWN) for name in values)
    there = known.select(*key, *(pl.col(name).alias(name + _KNOWN) for name in values))
    taken = frame.join(there, on=key, how="inner", nulls_equal=True)
    if taken.is_empty():
        return frame, taken
    return frame.join(there, on=key, how="anti", nulls_equal=True), taken


def _differing(values: list[str]) -> pl.Expr:
    import polars as pl

    return pl.concat_str(
        [pl.when(pl.col(name).ne_missing(pl.col(name + _KNOWN))).then(pl.lit(name)) for name in values], separator=", ", ignore_nulls=True
    )


def _among_themselves(frame: pl.DataFrame, key: list[str], values: list[str]) -> tuple[pl.DataFrame, int, pl.DataFrame]:
    """Rows to add, count of exact repeats among them, and rows that contradict each other."""
    import polars as pl

    repeated = frame.select(key).is_duplicated()
    alone = frame.filter(~repeated)
    several = frame.filter(repeated)
    if several.is_empty():
        return frame, 0, several.with_columns(pl.lit("").alias("reason"))
    once = several.unique(subset=[*key, *values], keep="first", maintain_order=True)
    torn = once.filter(once.select(key).is_duplicated()).select(key).unique()
    quarrels = several.join(torn, on=key, how="semi", nulls_equal=True)
    agreed = once.join(torn, on=key, how="anti", nulls_equal=True)
    words = "another row of the same delivery has this key and other values"
    repeats = several.height - quarrels.height - agreed.height
    return pl.concat([alone, agreed]), repeats, quarrels.with_columns(pl.lit(words).alias("reason"))
