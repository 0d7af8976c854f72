"""Which sources does the store hold, and how far did each get?

A source is entered as `started` before its first row is stored, and becomes `complete` with its counts, its gaps and
the facts learnt from it in one transaction after its rows are durable. A source cut off in between keeps its rows
and its mark; importing it again finds the rows present and completes the entry.
"""

from __future__ import annotations

import json
import sqlite3
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from perpscope.errors import InputError
from perpscope.store import state
from perpscope.store.gaps import Coverage
from perpscope.store.source import Source, facts_text

if TYPE_CHECKING:
    import polars as pl

_SHOWN = (
    "id, name, sha256, licence, table_name, facts, precedence, rows_offered, rows_stored, missing, gaps, first_ts, last_ts, "
    "imported_at, updated_at, state, first_import"
)


def start(folder: Path, source: Source, now_ms: int) -> None:
    """Enter a source before its rows; the mapping's latest word on precedence and licence holds."""
    with state.changing(folder) as db:
        known = db.execute("select sha256, facts from sources where id = ? and table_name = ?", (source.id, source.table)).fetchone()
        if known is None:
            db.execute(
                "insert into sources (id, table_name, name, sha256, licence, facts, rows_offered, precedence, state, imported_at,"
                " updated_at) values (?, ?, ?, ?, ?, ?, ?, ?, 'started', ?, ?)",
                (
                    *(source.id, source.table, source.name, source.sha256, source.licence, facts_text(source.facts)),
                    *(source.rows, source.precedence, now_ms, now_ms),
                ),
            )
        elif known != (source.sha256, facts_text(source.facts)):
            raise InputError(
                f"to write the source {source.name!r}", f"its id {source.id} stands for other content or facts", "Leave the id out."
            )


def finish(db: sqlite3.Connection, source: Source, held: pl.DataFrame, covered: Coverage, now_ms: int) -> None:
    """Complete the entry of a source, given all rows now stored of it; changes nothing where nothing changed."""
    first, last = span_ms(held)
    entry = (
        *(source.name, source.licence, source.precedence, source.rows, held.height, first, last, covered.missing),
        json.dumps([asdict(gap) for gap in covered.gaps], separators=(",", ":")),
    )
    columns = "name, licence, precedence, rows_offered, rows_stored, first_ts, last_ts, missing, gaps"
    who = (source.id, source.table)
    known = db.execute(f"select {columns}, state from sources where id = ? and table_name = ?", who).fetchone()  # noqa: S608 - constants
    if known != (*entry, "complete"):
        db.execute(
            f"update sources set ({columns}, state, updated_at) = (?, ?, ?, ?, ?, ?, ?, ?, ?, 'complete', ?)"  # noqa: S608 - constants
            " where id = ? and table_name = ?",
            (*entry, now_ms, *who),
        )


def span_ms(frame: pl.DataFrame) -> tuple[int | None, int | None]:
    """First and last `ts` of a frame in ms."""
    stamps = frame["ts"].dt.timestamp("ms")
    first, last = stamps.min(), stamps.max()
    return (first, last) if isinstance(first, int) and isinstance(last, int) else (None, None)


def sources(folder: Path) -> pl.DataFrame:
    """One row per source and table, in the order of first import.

    Columns: id, name, sha256, licence, table, facts (JSON), precedence, rows_offered (in the source), rows_stored,
    missing (stamps; null where the table has no grid), gaps (JSON list), first_ts, last_ts, imported_at, updated_at
    (UTC), state (started: cut off, import it again; complete), first_import (order).
    """
    import polars as pl

    with state.asking(folder) as db:
        found = db.execute(f"select {_SHOWN} from sources order by first_import").fetchall()  # noqa: S608 - constants
    names = [name.strip() for name in _SHOWN.replace("table_name", "table").split(",")]
    numbers = {"precedence", "rows_offered", "rows_stored", "missing", "first_import"}
    times = {"first_ts", "last_ts", "imported_at", "updated_at"}
    schema = {name: pl.Int64() if name in numbers | times else pl.String() for name in names}
    return pl.DataFrame(found, schema=schema, orient="row").with_columns(pl.col(times).cast(pl.Datetime("ms", "UTC")))
