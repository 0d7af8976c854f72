"""How do rows get into the store for good, and out again whole?

Writing: under the table's lock, rows are compared with what the source already has, the new ones become one durable
data file and one entry of the table's log, then the manifest and the registry follow in one transaction. Whatever
instant the process dies at, the table holds all of the rows or none, and a second import completes the rest.
Reading: a snapshot of the log, no lock.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from perpscope.errors import InputError, StoreError
from perpscope.market.table import TABLES, Table
from perpscope.store import disagreement, intervals, log, manifest, precedence, registry, state, upkeep
from perpscope.store.certificate import Certificate, certify, table_of
from perpscope.store.durable import disk, make_folders
from perpscope.store.fact import Fact
from perpscope.store.gaps import coverage
from perpscope.store.lock import exclusive
from perpscope.store.place import found, lock_file, table_folder, verify
from perpscope.store.registry import Registry
from perpscope.store.separate import Separated, separate
from perpscope.store.snapshot import LOG, read_rows, snapshot
from perpscope.store.source import Source, Written

if TYPE_CHECKING:
    import polars as pl

_ATTEMPTS = 20


def wall_ms() -> int:
    """Milliseconds since 1970 by the computer's clock."""
    return time.time_ns() // 1_000_000


@dataclass(frozen=True, slots=True)
class Store:
    """A folder of histories.

    Parameters
    ----------
    folder : of the store; use `Store.open`.
    clock : tells the time of writing, ms.
    """

    folder: Path
    clock: Callable[[], int] = wall_ms

    @classmethod
    def open(cls, folder: Path, create: bool = False, clock: Callable[[], int] = wall_ms) -> Store:  # noqa: FBT001, FBT002 - the agreed seam
        """Open the store in `folder`; with `create`, make one where the folder is absent or empty.

        Raises
        ------
        StoreError
            When the folder is no store, is of a newer format, or may not be read or made.
        """
        if create:
            found(folder)
        verify(folder)
        return cls(folder, clock)

    @property
    def registry(self) -> Registry:
        """What is known of the contracts."""
        return Registry(self.folder)

    def write(self, table: Table, frame: pl.DataFrame, source: Source) -> Written:
        """Store rows of one source; durable when it returns, all or nothing, and harmless to repeat.

        Parameters
        ----------
        table : declaration of the rows.
        frame : rows conformed to the table, without faults, whose column `source` is `source.id`.
        source : where they come from.

        Raises
        ------
        InputError
            When the rows are not of this table or source, or break its declaration; nothing is stored.
        StoreError
            When the disk refuses; nothing is stored half.
        """
        _check(table, frame, source)
        folder = table_folder(self.folder, table.name)
        with disk(f"to write {frame.height} rows to {table.name} in {self.folder}"):
            make_folders(folder / LOG)
            with exclusive(lock_file(self.folder, table.name)):
                now = self.clock()
                manifest.start(self.folder, source, now)
                held, done, version = _append(folder, table, frame, source, now)
                covered = coverage(table, held)
                facts = _facts(table, held)
                with state.changing(self.folder) as db:
                    manifest.finish(db, source, held, covered, now)
                    registry.record(db, facts, source.id, now)
                if not done.new.is_empty():
                    self._maintain(folder, table, version)
        return Written(done.new.height, done.present, done.conflicting)

    def read(
        self,
        table: Table,
        *,
        venue: str | None = None,
        symbol: str | None = None,
        native_id: str | None = None,
        market_list: str | None = None,
        start_ms: int | None = None,
        end_ms: int | None = None,
        current: bool = True,
    ) -> pl.DataFrame:
        """Rows with start_ms <= ts < end_ms, sorted by (venue, market_list, native_id, ts).

        With `current`, one row per fact by precedence (`perpscope.store.precedence`); without, the rows of all sources.
        """
        import polars as pl

        def moment(ms: int) -> pl.Expr:
            return pl.lit(ms * 1000).cast(pl.Datetime("us", "UTC"))

        wanted = [] if start_ms is None else [pl.col("ts") >= moment(start_ms)]
        wanted += [] if end_ms is None else [pl.col("ts") < moment(end_ms)]
        with disk(f"to read {table.name} in {self.folder}"):
            rows = self._rows(table, wanted, venue=venue, symbol=symbol, native_id=native_id, market_list=market_list)
        if current and not rows.is_empty():
            rows = precedence.current(table, rows, self.sources())
        return rows.sort(log.order(table))

    def _rows(self, table: Table, wanted: list[pl.Expr], **equal: str | None) -> pl.DataFrame:
        for _ in range(_ATTEMPTS):
            try:
                return read_rows(table, snapshot(table_folder(self.folder, table.name)), wanted, **equal)
            except FileNotFoundError:  # cleaned away since the snapshot: a newer one names what took its place
                continue
        raise StoreError(f"to read {table.name}", "data files named by its log are absent", "Restore the store from a copy.")

    def sources(self) -> pl.DataFrame:
        """List the manifest: one row per source and table (`perpscope.store.manifest.sources`)."""
        return manifest.sources(self.folder)

    def tables(self) -> list[str]:
        """List the tables that hold anything, in the order they are declared."""
        return [name for name, version in self.versions().items() if version >= 0]

    def versions(self, names: Iterable[str] = TABLES) -> dict[str, int]:
        """Version of the log of each table in `names` (all); -1 before its first commit."""
        with disk(f"to read the tables in {self.folder}"):
            return {name: snapshot(table_folder(self.folder, name)).version for name in names}

    def certificate(self, *frames: pl.DataFrame) -> Certificate:
        """Certify rows as `read` returned them, or any part of them: what they are, where from, and what is missing."""
        return certify(frames, self.versions(sorted({table_of(frame).name for frame in frames})), self.sources())

    def disagreements(self, table: Table, **who: str) -> pl.DataFrame:
        """Compare the numbers of sources that tell the same facts (`perpscope.store.disagreement`); `who` narrows as in `read`."""
        with disk(f"to read {table.name} in {self.folder}"):
            rows = self._rows(table, [], **who)
        return disagreement.disagreements(table, rows, self.sources())

    def compact(self, retention_hours: float = upkeep.RETENTION_HOURS) -> None:
        """Join small files, sum up the logs and clean away what has been out of use for `retention_hours`; safe at any time."""
        for name in self.tables():
            folder = table_folder(self.folder, name)
            with disk(f"to compact {name} in {self.folder}"), exclusive(lock_file(self.folder, name)):
                upkeep.compact(folder, TABLES[name], self.clock())
                upkeep.checkpoint(folder)
                upkeep.clean(folder, retention_hours)
        with disk(f"to tidy up {self.folder}"):
            upkeep.sweep(self.folder, retention_hours)

    def _maintain(self, folder: Path, table: Table, version: int) -> None:
        if (version + 1) % upkeep.CHECKPOINT_EVERY == 0:
            if snapshot(folder).parts.height >= upkeep.COMPACT_AT:
                upkeep.compact(folder, table, self.clock())
                upkeep.clean(folder)
            upkeep.checkpoint(folder)


def _check(table: Table, frame: pl.DataFrame, source: Source) -> None:
    asked = f"to write to the table {table.name}"
    if source.table != table.name:
        raise InputError(asked, f"the source {source.name!r} is for {source.table}", "Make one source per table.")
    if dict(frame.schema) != table.schema() or tuple(frame.columns) != table.names:
        raise InputError(asked, "the columns are not the table's", "Pass the rows through Table.conform first.")
    faults = table.faults(frame)
    if not faults.is_empty():
        row, reason = faults.row(0)
        raise InputError(asked, f"{faults.height} faulty rows, the first is row {row}: {reason}", "Leave out the rows Table.faults names.")
    if not (frame["source"] == source.id).all():
        raise InputError(asked, "rows of another source", f"Give every row the source {source.id}.")


def _append(folder: Path, table: Table, frame: pl.DataFrame, source: Source, now: int) -> tuple[pl.DataFrame, Separated, int]:
    """All rows the source now has, what became of those offered, and the version of the log."""
    import polars as pl

    for _ in range(_ATTEMPTS):
        seen = snapshot(folder)
        known = read_rows(table, seen, source=source.id)
        done = separate(table, frame, known)
        if done.new.is_empty():
            return known, done, seen.version
        part = log.write_part(folder, table, done.new, now)
        said = {"timestamp": now, "operation": "WRITE", "operationParameters": {"mode": "Append"}, "source": source.id}
        try:
            log.commit(folder, seen.version + 1, [*log.grown(table, seen, now), part], said)
        except FileExistsError:  # a writer that knows nothing of our lock was faster: start again on what it left
            (folder / part["add"]["path"]).unlink()
        else:
            return pl.concat([known, done.new]), done, seen.version + 1
    raise StoreError(f"to write to the table {table.name}", "other writers were always faster", "Try again when they are done.")


def _facts(table: Table, held: pl.DataFrame) -> list[Fact]:
    if held.is_empty() or "interval_hours" not in table.names:
        return []
    return [*intervals.stated_facts(held), *(intervals.infer_intervals(held) if "slot" in table.names else [])]
