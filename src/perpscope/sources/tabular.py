"""How are Parquet, CSV and JSON rows read into columns, without losing a row?

Rows are numbered from 1 as the file counts them (data rows; the header of a CSV is not one). CSV values stay text
until their meaning is known, so that each bad value is named with its row.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from perpscope.errors import SourceError
from perpscope.sources.columns import Columns, name_columns
from perpscope.sources.facts import read_columns
from perpscope.sources.mapping import Entry
from perpscope.sources.model import ROW, Refused, rejections

if TYPE_CHECKING:
    import polars as pl

_NEAR = 1000


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Columns as the file has them, and rows that could not be read: {row, reason}.

    Parameters
    ----------
    numbers : the rows' numbers; counted from 1 where None.
    """

    frame: pl.DataFrame
    rejected: pl.DataFrame
    notes: tuple[str, ...] = ()
    numbers: pl.Series | None = None


def parquet_rows(asked: str, data: bytes) -> Rows:
    """Read a Parquet file."""
    import polars as pl

    try:
        frame = pl.read_parquet(io.BytesIO(data))
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as problem:
        raise SourceError(asked, f"not a whole Parquet file ({str(problem).splitlines()[0]})", "Fetch it again: it was cut off.") from None
    return _some(asked, Rows(frame, rejections()))


def csv_rows(asked: str, data: bytes) -> Rows:
    """Read comma-separated values, all as text; a last line that was cut off is rejected."""
    import polars as pl

    whole, cut, notes = _without_cut_line(asked, data)
    bare = _is_candle(whole)
    try:
        frame = pl.read_csv(
            io.BytesIO(whole),
            has_header=not bare,
            new_columns=CANDLE if bare else None,
            infer_schema=False,
            separator=_separator(whole),
            encoding="utf8",
        )
    except (pl.exceptions.PolarsError, OSError) as problem:
        words = str(problem).splitlines()[0]
        raise SourceError(
            asked, f"not a table of values ({words})", "Give CSV with one header line and as many values in each line."
        ) from None
    _refuse_headless(asked, frame.columns)
    rejected = rejections([(frame.height + 1, cut)] if cut else [])
    return _some(asked, Rows(frame, rejected, notes))


def json_rows(asked: str, objects: Sequence[tuple[int, Mapping[str, Any]]], damaged: Sequence[tuple[int, str]], *, lines: bool) -> Rows:
    """Take flat JSON objects as rows.

    Parameters
    ----------
    objects : (line, object). damaged : (line, reason) of lines that hold none. lines : whether rows are counted by line.
    """
    import polars as pl

    try:
        frame = pl.DataFrame([entry for _, entry in objects], infer_schema_length=None, strict=False)
    except (pl.exceptions.PolarsError, TypeError) as problem:
        raise SourceError(asked, f"its objects are no rows ({str(problem).splitlines()[0]})", "Give objects with the same keys.") from None
    numbers = pl.Series(ROW, [line for line, _ in objects], dtype=pl.Int64()) if lines else None
    return _some(asked, Rows(frame, rejections(damaged), numbers=numbers))


def named(asked: str, rows: Rows, entry: Entry) -> tuple[pl.DataFrame, Columns, bool]:
    """Name columns in our words, turn a wide file into rows, and number the rows.

    Returns
    -------
    The frame (our words, columns of the mapping's `when`, `row`), the columns, and whether it was wide.
    """
    import polars as pl

    columns = name_columns(rows.frame.columns, read_columns(entry.facts["columns"]) if "columns" in entry.facts else {})
    asked_for = {
        column for case in entry.cases for column, _ in case.when if column in rows.frame.columns and column not in columns.word_of
    }
    numbers = rows.numbers if rows.numbers is not None else pl.Series(ROW, range(1, rows.frame.height + 1), dtype=pl.Int64)
    frame = rows.frame.with_columns(numbers.alias(ROW))
    taken = [pl.col(name).alias(word) for word, name in columns.word_of.items()]
    levels = [name for name in rows.frame.columns if columns.levels and name.startswith(("asks[", "bids["))]
    kept = frame.select(ROW, *taken, *levels, *columns.wide, *(asked_for - set(columns.wide)))
    if not columns.wide:
        return kept, columns, False
    value = "funding_rate" if entry.facts.get("table") == "funding" else "close"
    if columns.has(value) or columns.has("symbol"):
        there = f"columns of single contracts ({', '.join(columns.wide)}) beside a column {value} or symbol"
        raise Refused(asked, there, "Name columns as contracts only where no other column holds the contract or the value.", frame.height)
    index = [name for name in kept.columns if name not in columns.wide]
    long = kept.unpivot(on=list(columns.wide), index=index, variable_name="_column", value_name=value)
    long = long.with_columns(pl.col("_column").replace_strict(dict(columns.wide), return_dtype=pl.String).alias("symbol"))
    melted = Columns({**columns.word_of, value: value, "symbol": "symbol"}, {}, levels=False, unused=columns.unused)
    return _valued(long, value), melted, True


def _valued(long: pl.DataFrame, value: str) -> pl.DataFrame:
    """Drop a contract's empty cells, but keep one row of a line that has nothing else, to be rejected."""
    import polars as pl

    empty = pl.col(value).is_null()
    first = pl.col(ROW).is_first_distinct()
    bare = empty.all().over(ROW)
    return long.filter(~empty | (bare & first)).drop("_column").sort(ROW, maintain_order=True)


def _some(asked: str, rows: Rows) -> Rows:
    if rows.frame.is_empty():
        raise Refused(asked, f"it has columns ({', '.join(rows.frame.columns)}) and no rows", "Fetch it again.", rows.rejected.height)
    return rows


def _separator(data: bytes) -> str:
    head = data.split(b"\n", 1)[0].decode("utf-8", "replace")
    return max(",;\t|", key=head.count) if not head.count(",") else ","


CANDLE = [
    *("open_time", "open", "high", "low", "close", "volume", "close_time"),
    *("quote_volume", "count", "taker_buy_base_volume", "taker_buy_quote_volume", "ignore"),
]
"""Columns of the candles that Binance publishes without a header: its API documentation, and the header of its later files."""


def _is_candle(data: bytes) -> bool:
    """Whether a table begins with a candle instead of a header: twelve numbers, of which the first and the seventh are its times."""
    values = data.split(b"\n", 1)[0].decode("utf-8", "replace").strip().split(",")
    if len(values) != len(CANDLE) or not all(value.replace(".", "", 1).isdigit() for value in values):
        return False
    opened, closed = values[0], values[6]
    return opened.isdigit() and closed.isdigit() and len(opened) == len(closed) and int(opened) > 10**12 and int(closed) > int(opened)


def _refuse_headless(asked: str, names: Sequence[str]) -> None:
    numbers = [name for name in names if name.replace(".", "", 1).replace("-", "", 1).isdigit()]
    if len(numbers) * 2 > len(names):
        raise SourceError(asked, f"its first line is data ({', '.join(list(names)[:4])}, ...)", "Add a line with the names of the columns.")


def _without_cut_line(asked: str, data: bytes) -> tuple[bytes, str, tuple[str, ...]]:
    """Take off a last line that has no end and looks cut: fewer values than the header, or a last value shorter than any before."""
    body, newline, last = data.rpartition(b"\n")
    if not newline or not last.strip():
        return data, "", ()
    lines = [data.split(b"\n", 1)[0], *body.split(b"\n")[1:][-_NEAR:], last]
    try:
        header, *before, values = csv.reader([line.decode() for line in lines], delimiter=_separator(data))
    except (UnicodeDecodeError, csv.Error, ValueError):
        raise SourceError(asked, "its text is cut off or not in UTF-8", "Fetch it again, or save it in UTF-8.") from None
    lengths = [len(row[-1]) for row in before if len(row) == len(header)]
    if len(values) < len(header) or (lengths and len(values[-1]) < min(lengths)):
        return body + b"\n", "the last line has no end and is cut off", ()
    return data, "", ("the last line has no line break at its end",)
