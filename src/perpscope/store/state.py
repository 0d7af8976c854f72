"""Where are the small facts kept: which sources there are, and what is known of each contract?

One SQLite file with a write-ahead log and full synchronisation: a transaction that returned is durable, one that
was cut off never was. Connections live as long as one question, so they cross neither threads nor forks.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from uuid import uuid4

from perpscope.store.durable import TEMPORARY, disk, write_new

NAME = "state.sqlite"
PATIENCE_S = 60.0

_SCHEMA = """
create table if not exists sources (
    first_import integer primary key,
    id text not null,
    table_name text not null,
    name text not null,
    sha256 text not null,
    licence text not null,
    facts text not null,
    rows_offered integer not null,
    precedence integer not null,
    state text not null check (state in ('started', 'complete')),
    imported_at integer not null,
    updated_at integer not null,
    rows_stored integer not null default 0,
    first_ts integer,
    last_ts integer,
    missing integer,
    gaps text not null default '[]',
    unique (id, table_name)
);
create table if not exists contract_facts (
    number integer primary key,
    venue text not null,
    market_list text not null,
    native_id text not null,
    fact text not null,
    value real not null,
    valid_from integer not null,
    valid_to integer not null,
    basis text not null check (basis in ('stated', 'inferred')),
    source text not null,
    evidence integer not null,
    recorded_at integer not null,
    superseded_at integer not null
);
create index if not exists contract_facts_of on contract_facts (native_id, venue, market_list, fact, superseded_at);
"""


def found(folder: Path) -> None:
    """Create the file and its tables; it has its name only when it is whole."""
    with disk(f"to make the state of the store in {folder}"):
        path = folder / f"{TEMPORARY}{uuid4().hex}.sqlite"
        with closing(sqlite3.connect(path, isolation_level=None)) as db:
            db.execute("pragma journal_mode = wal")
            db.execute("pragma synchronous = full")
            db.executescript(f"begin; {_SCHEMA} commit;")
        with suppress(FileExistsError):
            write_new(folder / NAME, path.read_bytes())
        path.unlink()


@contextmanager
def changing(folder: Path) -> Iterator[sqlite3.Connection]:
    """One transaction that changes something: durable when the block ends, undone if it raises."""
    with _connection(folder) as db:
        db.execute("begin immediate")
        try:
            yield db
        except BaseException:
            db.execute("rollback")
            raise
        db.execute("commit")


@contextmanager
def asking(folder: Path) -> Iterator[sqlite3.Connection]:
    """One consistent view for reading; never waits for a writer."""
    with _connection(folder, readonly=True) as db:
        db.execute("begin")
        yield db


@contextmanager
def _connection(folder: Path, *, readonly: bool = False) -> Iterator[sqlite3.Connection]:
    with disk(f"the state of the store in {folder}"), closing(_connect(_address(folder, readonly=readonly))) as db:
        db.execute("pragma synchronous = full")
        yield db


def _connect(address: str) -> sqlite3.Connection:
    return sqlite3.connect(address, timeout=PATIENCE_S, isolation_level=None, uri=True)


def _address(folder: Path, *, readonly: bool) -> str:
    path = folder / NAME
    if not readonly:
        return path.absolute().as_uri() + "?mode=rw"
    # On a folder that may not be written (a disk mounted for reading) the index of the log cannot be made either.
    frozen = not os.access(folder, os.W_OK) and not path.with_name(f"{NAME}-shm").exists()
    return path.absolute().as_uri() + ("?mode=ro&immutable=1" if frozen else "?mode=ro")
