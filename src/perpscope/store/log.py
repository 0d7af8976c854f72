"""How does an entry get into the log of a table?

The `deltalake` library writes logs too, but it does not sync: after a loss of power its log can name data that never
reached the disk. So writing is ours. The data file is durable before its entry exists, and the entry is durable
before it has a name.

Source
------
Delta transaction log protocol (actions commitInfo, protocol, metaData, add, remove; entries numbered with 20 digits,
each created once; timestamps in microseconds): https://github.com/delta-io/delta/blob/master/PROTOCOL.md
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from perpscope.market.table import Kind, Table
from perpscope.store.durable import write_new
from perpscope.store.snapshot import LOG, Snapshot

if TYPE_CHECKING:
    import polars as pl

ROW_GROUP = 131_072
_PRUNED_BY = ("venue", "native_id", "source")
_DELTA: dict[Kind, object] = {
    "text": "string",
    "float": "double",
    "int": "long",
    "time": "timestamp",
    "flag": "boolean",
    "floats": {"type": "array", "elementType": "double", "containsNull": True},
}

Action = dict[str, Any]


def write_part(folder: Path, table: Table, frame: pl.DataFrame, now_ms: int, *, changes: bool = True) -> Action:
    """Write rows as one durable data file, in the order of the table, and return the action that adds it.

    `changes` is False where the rows are in the table already and only move.
    """
    import polars as pl

    frame = frame.sort(order(table), maintain_order=True)
    times = [column.name for column in table.columns if column.kind == "time"]
    buffer = io.BytesIO()
    frame.with_columns(pl.col(times).cast(pl.Datetime("us", "UTC"))).write_parquet(buffer, compression="zstd", row_group_size=ROW_GROUP)
    data = buffer.getvalue()
    name = f"part-{uuid4().hex}.zstd.parquet"
    write_new(folder / name, data)
    stated = {"path": name, "partitionValues": {}, "size": len(data), "modificationTime": now_ms, "dataChange": changes}
    return {"add": {**stated, "stats": json.dumps(_statistics(frame), separators=(",", ":"), ensure_ascii=False)}}


def order(table: Table) -> list[str]:
    """Columns that rows are sorted by: who, when, then what else makes them unique."""
    first = ["venue", "market_list", "native_id", "ts"]
    return [*first, *(name for name in (*table.key, "source") if name not in first)]


def first_actions(table: Table, now_ms: int) -> list[Action]:
    """Actions that make a table, or tell an older one of new columns."""
    return [{"protocol": {"minReaderVersion": 1, "minWriterVersion": 2}}, _metadata(table, now_ms, table.names)]


def grown(table: Table, seen: Snapshot, now_ms: int) -> list[Action]:
    """Actions needed before rows of `table` fit the snapshot: none, all of the first ones, or new columns."""
    if seen.version < 0:
        return first_actions(table, now_ms)
    if set(table.names) <= set(seen.names):
        return []
    from deltalake import DeltaTable

    described = DeltaTable(str(seen.folder)).metadata()
    action = _metadata(table, described.created_time or now_ms, table.names)
    action["metaData"]["id"] = str(described.id)
    return [action]


def commit(folder: Path, version: int, actions: Iterable[Action], said: Action) -> None:
    """Claim `version` of the log with these actions, whole and durable.

    Raises
    ------
    FileExistsError
        When another writer claimed that version first; nothing was changed.
    """
    lines = [{"commitInfo": said}, *actions]
    text = "".join(json.dumps(line, separators=(",", ":"), ensure_ascii=False) + "\n" for line in lines)
    write_new(folder / LOG / f"{version:020d}.json", text.encode())


def remove(path: str, size: int, now_ms: int) -> Action:
    """Write the action that takes a data file out of the table without a change of its rows."""
    return {"remove": {"path": path, "deletionTimestamp": now_ms, "dataChange": False, "partitionValues": {}, "size": size}}


def _statistics(frame: pl.DataFrame) -> Action:
    low = {name: frame[name].min() for name in _PRUNED_BY}
    high = {name: frame[name].max() for name in _PRUNED_BY}
    none = {name: frame[name].null_count() for name in _PRUNED_BY}
    return {"numRecords": frame.height, "minValues": low, "maxValues": high, "nullCount": none}


def _metadata(table: Table, created_ms: int, names: Iterable[str]) -> Action:
    kinds = {column.name: column.kind for column in table.columns}
    fields = [{"name": name, "type": _DELTA[kinds[name]], "nullable": True, "metadata": {}} for name in names]
    return {
        "metaData": {
            "id": str(uuid4()),
            "name": table.name,
            "description": table.meaning,
            "format": {"provider": "parquet", "options": {}},
            "schemaString": json.dumps({"type": "struct", "fields": fields}),
            "partitionColumns": [],
            "createdTime": created_ms,
            "configuration": {},
        }
    }
