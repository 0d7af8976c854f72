"""How does a store stay quick to open and free of rubbish, without disturbing anybody?

Checkpoints sum up the log; compaction joins small data files into sorted large ones; cleaning deletes what no
version of the last day names. All three run under the table's lock and keep every file that a reader may still hold.
"""

from __future__ import annotations

import os
import shutil
import time
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

from perpscope.market.table import Table
from perpscope.store.durable import TEMPORARY, sync_folder, write_over
from perpscope.store.log import commit, grown, remove, write_part
from perpscope.store.snapshot import LOG, Snapshot, read_rows, snapshot

CHECKPOINT_EVERY = 32
COMPACT_AT = 64  # small data files before a writer joins them
TARGET_ROWS = 1_000_000
RETENTION_HOURS = 24.0
_LAST = "_last_checkpoint"


def checkpoint(folder: Path) -> None:
    """Sum up the log at its newest version, durable before it is named.

    The library writes checkpoints without syncing them, so it works in a folder of links beside the log; what it
    made is synced and moved into place, the checkpoint first, the pointer to it last.
    """
    from deltalake import DeltaTable

    log = folder / LOG
    bench = folder / f"{TEMPORARY}{uuid4().hex}"
    (bench / LOG).mkdir(parents=True)
    try:
        for each in log.iterdir():
            if not each.name.startswith(TEMPORARY):
                _link(each, bench / LOG / each.name)
        DeltaTable(str(bench)).create_checkpoint()
        made = [each for each in (bench / LOG).iterdir() if not (log / each.name).exists()]
        for each in [*sorted(m for m in made if m.name != _LAST), bench / LOG / _LAST]:
            write_over(log / each.name, each.read_bytes())
    finally:
        shutil.rmtree(bench, ignore_errors=True)


def compact(folder: Path, table: Table, now_ms: int) -> int:
    """Join small data files into sorted ones, in one commit that changes no row; returns the number of files joined."""
    import polars as pl

    seen = snapshot(folder)
    if seen.version < 0:
        return 0
    small = seen.parts.filter(pl.col("num_records") < TARGET_ROWS // 2).sort("num_records", "path")
    small = small.filter(pl.col("num_records").cum_sum() <= 2 * TARGET_ROWS)
    if small.height < 2:  # noqa: PLR2004 - one file alone is already joined
        return 0
    chosen = Snapshot(folder, seen.version, seen.names, small)
    rows = read_rows(table, chosen)
    joined = write_part(folder, table, rows, now_ms, changes=False)
    actions = [joined, *grown(table, seen, now_ms)]
    for path, size in small.select("path", "size_bytes").iter_rows():
        # The age of a file counts from the moment it went out of use, so that cleaning leaves readers their time.
        os.utime(folder / path)
        actions.append(remove(path, size, now_ms))
    said = {"timestamp": now_ms, "operation": "OPTIMIZE", "operationParameters": {}, "readVersion": seen.version}
    try:
        commit(folder, seen.version + 1, actions, said)
    except FileExistsError:  # a writer that knows nothing of our lock was faster; another time
        (folder / joined["add"]["path"]).unlink()
        return 0
    return int(small.height)


def clean(folder: Path, retention_hours: float = RETENTION_HOURS) -> list[str]:
    """Delete data files that the newest version does not name, leftovers of killed writers and summed-up log entries.

    Only what has been out of use for `retention_hours` goes: age is read off the disk's own clock.
    """
    seen = snapshot(folder)
    named = set(seen.parts["path"]) if seen.version >= 0 else set()
    unnamed = [each for each in folder.iterdir() if each.name not in named and _ours(each.name)] if folder.is_dir() else []
    return _delete(folder, [*unnamed, *_summed_up(folder / LOG)], retention_hours)


def sweep(folder: Path, retention_hours: float = RETENTION_HOURS) -> list[str]:
    """Delete leftovers of killed writers beside the tables."""
    return _delete(folder, list(folder.glob(f"{TEMPORARY}*")), retention_hours)


def _delete(folder: Path, rubbish: list[Path], retention_hours: float) -> list[str]:
    before = time.time() - retention_hours * 3600
    spent = [each for each in rubbish if each.stat().st_mtime <= before]
    for each in spent:
        if each.is_dir():
            shutil.rmtree(each, ignore_errors=True)
        else:
            with suppress(FileNotFoundError):
                each.unlink()
    if spent:
        sync_folder(folder)
    return sorted(each.name for each in spent)


def _ours(name: str) -> bool:
    return name.startswith(TEMPORARY) or (name.startswith("part-") and name.endswith(".parquet"))


def _summed_up(log: Path) -> list[Path]:
    """Leftovers in the log's folder, and entries and checkpoints older than the newest checkpoint."""
    if not log.is_dir():
        return []
    entries = [each for each in log.iterdir() if each.name[:20].isdigit()]
    sums = [each.name for each in entries if each.name.endswith(".checkpoint.parquet")]
    newest = max((name[:20] for name in sums), default="")
    return [*log.glob(f"{TEMPORARY}*"), *(each for each in entries if each.name[:20] < newest)]


def _link(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
