"""Which rows cannot be taken, and why?

While a table is built, each row carries the reasons against it as text, empty where there are none.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from perpscope.sources.model import FAULT

if TYPE_CHECKING:
    import polars as pl


def blamed(frame: pl.DataFrame, *faults: tuple[pl.Expr, str | pl.Expr]) -> pl.DataFrame:
    """Add reasons: pairs of (test, words)."""
    import polars as pl

    reasons = [pl.when(test).then(pl.lit(words) if isinstance(words, str) else words) for test, words in faults]
    if FAULT not in frame.columns:
        frame = frame.with_columns(pl.lit("").alias(FAULT))
    before = pl.when(pl.col(FAULT) != "").then(pl.col(FAULT))
    return frame.with_columns(pl.concat_str([before, *reasons], separator="; ", ignore_nulls=True).alias(FAULT))


def with_numbers(frame: pl.DataFrame, words: Iterable[str], kind: pl.DataType | None = None) -> pl.DataFrame:
    """Make the columns `words` numbers (those that are there); a text that is none is a reason against its row."""
    import polars as pl

    wanted = kind or pl.Float64()
    for word in words:
        if word not in frame.columns or frame.schema[word] == wanted:
            continue
        if frame.schema[word] == pl.String:
            text = pl.col(word).str.strip_chars()
            frame = frame.with_columns(pl.when(text != "").then(text).alias(word))
            number = pl.col(word).cast(pl.Float64(), strict=False)
            words_for = pl.format("{} {} is not a number", pl.lit(word), pl.col(word).str.slice(0, 40))
            frame = blamed(frame, (pl.col(word).is_not_null() & number.is_null(), words_for)).with_columns(number)
        frame = frame.with_columns(pl.col(word).cast(wanted, strict=False))
    return frame
