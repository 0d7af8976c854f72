"""What does this file say?

One door for every format: the file is unpacked, recognised by its content, named in our words, joined with the facts
of its mapping, and checked whole. Nothing is stored here.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from perpscope.errors import InputError, SourceError
from perpscope.market.table import TABLES
from perpscope.sources.assemble import Order, assemble
from perpscope.sources.content import Content, read_content
from perpscope.sources.facts import check_facts
from perpscope.sources.known import KnownFacts, nothing_known
from perpscope.sources.mapping import Entry
from perpscope.sources.messages import messages
from perpscope.sources.model import ROW, Part, Reading, Refused, rejections
from perpscope.sources.recognise import recognise
from perpscope.sources.recordings import Found, as_frame, read_messages
from perpscope.sources.tabular import Rows, csv_rows, json_rows, named, parquet_rows

if TYPE_CHECKING:
    import polars as pl

_NO_ENTRY = Entry()


def read_file(path: Path, entry: Entry = _NO_ENTRY, known: KnownFacts = nothing_known) -> Reading:
    """Read one file, whole.

    Parameters
    ----------
    path : the file; its name says nothing.
    entry : what the mapping states about it.
    known : what rule books know of contracts, where the mapping is silent.

    Raises
    ------
    SourceError
        When the file is empty, cut off, of no known kind or table, or lacks a fact; nothing of it may be stored.
    InputError
        When the mapping speaks of columns the file does not have, or of a venue nobody knows.
    """
    import polars as pl

    asked = f"to import {path.name}"
    content = read_content(path)
    try:
        return _read(asked, path, content, entry, known)
    except (pl.exceptions.PolarsError, OverflowError, RecursionError) as problem:
        words = str(problem).splitlines()[0][:200] if str(problem) else type(problem).__name__
        raise SourceError(
            asked, f"its values cannot be read as what its columns are called ({words})", "Give plain numbers, texts and times."
        ) from problem


def _read(asked: str, path: Path, content: Content, entry: Entry, known: KnownFacts) -> Reading:
    check_facts(f"the mapping of {path.name}", entry.facts)
    if content.kind == "parquet":
        return _of_rows(asked, path, content, parquet_rows(asked, content.data), entry, known)
    if content.kind == "csv":
        return _of_rows(asked, path, content, csv_rows(asked, content.data), entry, known)
    found = read_messages(messages(content, asked))
    if found.is_table:
        return _of_rows(asked, path, content, json_rows(asked, found.plain, found.damaged, lines=content.kind == "lines"), entry, known)
    return _of_messages(asked, path, content, found, entry, known)


def _of_rows(asked: str, path: Path, content: Content, rows: Rows, entry: Entry, known: KnownFacts) -> Reading:
    count = rows.frame.height + rows.rejected.height
    with _counting(count):
        frame, columns, wide = named(asked, rows, entry)
        table = recognise(asked, columns, entry.facts, count)
        part, notes = assemble(frame, Order(asked, table, entry, known, spelled=columns.word_of, wide=wide))
    unused = (f"not kept: {', '.join(columns.unused)}",) if columns.unused else ()
    says = {"precision": "float32"} if _short(frame) else {}
    return Reading(path.name, content.sha256, "row", (part,), rows.rejected, (*rows.notes, *unused, *notes), says)


def _short(frame: pl.DataFrame) -> bool:
    """Whether the file holds its rates or prices as 32-bit floats."""
    import polars as pl

    return any(frame.schema.get(word) == pl.Float32 for word in ("funding_rate", "close"))


def _of_messages(asked: str, path: Path, content: Content, found: Found, entry: Entry, known: KnownFacts) -> Reading:
    counted = "line" if content.kind == "lines" else "message"
    unread = rejections(found.unread)
    if not found.rows and not found.unread:
        raise Refused(asked, "it holds no message", "Fetch it again.")
    parts: list[Part] = []
    notes: list[str] = []
    refusals: list[Refused] = []
    for table, rows in found.rows.items():
        try:
            with _counting(found.count):
                part, said = assemble(as_frame(rows), Order(asked, table, entry, known, says=found.facts, mixed=True))
        except Refused as refused:
            refusals.append(refused)
            part, said = _none_of(table, [(row[ROW], refused.there) for row in rows]), ()
        parts.append(part)
        notes.extend(said)
    if refusals and len(refusals) == len(parts):
        raise refusals[0]
    parts.sort(key=lambda part: -part.frame.height)
    return Reading(path.name, content.sha256, counted, tuple(parts), unread, tuple(notes), dict(found.facts))


def _none_of(table: str, reasons: list[tuple[int, str]]) -> Part:
    """Build a table of which every row is rejected."""
    import polars as pl

    empty = TABLES[table].empty().drop("source").insert_column(0, pl.Series(ROW, [], dtype=pl.Int64()))
    return Part(TABLES[table], empty, rejections(reasons))


@contextmanager
def _counting(count: int) -> Iterator[None]:
    """Let a refusal tell how many rows the file has."""
    try:
        yield
    except (SourceError, InputError) as refused:
        raise Refused(refused.asked, refused.there, refused.do, count) from None
