"""What is in a table now?

A table is a Delta Lake table, readable by anything that reads Delta; the `deltalake` library says what its log means.
A snapshot is one version of it: whole commits only, and no lock taken.
"""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from perpscope.errors import StoreError
from perpscope.market.table import Table

if TYPE_CHECKING:
    import polars as pl

LOG = "_delta_log"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One version of a table.

    Parameters
    ----------
    folder : of the table.
    version : of the log; -1 before the first commit.
    names : columns stored so far.
    parts : one row per data file: path, num_records, size_bytes, min.* and max.*.
    """

    folder: Path
    version: int
    names: tuple[str, ...]
    parts: pl.DataFrame


def snapshot(folder: Path) -> Snapshot:
    """Read the newest version.

    Raises
    ------
    StoreError
        When the log cannot be read.
    """
    import polars as pl
    from deltalake import DeltaTable
    from deltalake.exceptions import DeltaError

    problem: Exception | None = None
    for pause in (0.0, 0.01, 0.1):  # an entry summed up and cleaned away between listing and reading is no fault
        time.sleep(pause)
        if not _begun(folder):
            return Snapshot(folder, -1, (), pl.DataFrame())
        try:
            table = DeltaTable(str(folder))
            names = tuple(field.name for field in table.schema().fields)
            return Snapshot(folder, table.version(), names, pl.DataFrame(table.get_add_actions(flatten=True)))
        except (DeltaError, OSError) as caught:
            problem = caught
    raise StoreError(
        f"the table {folder.name}", f"its log is not readable: {str(problem).splitlines()[0]}", "Restore it from a copy."
    ) from problem


def _begun(folder: Path) -> bool:
    """Whether the log has an entry or a checkpoint."""
    try:
        with os.scandir(folder / LOG) as entries:
            return any(entry.name[:20].isdigit() for entry in entries)
    except FileNotFoundError:
        return False


def read_rows(table: Table, seen: Snapshot, wanted: Sequence[pl.Expr] = (), **equal: str | None) -> pl.DataFrame:
    """Rows of a snapshot, by equal values of text columns and further conditions; unordered.

    Raises
    ------
    FileNotFoundError
        When a data file was cleaned away since the snapshot was taken; take a newer one.
    """
    import polars as pl

    chosen = {name: value for name, value in equal.items() if value is not None}
    parts = _matching(seen, chosen)
    if not parts:
        return table.empty()
    schema = table.schema()
    stored = {name: _on_disk(kind) for name, kind in schema.items() if name in seen.names}
    frame = pl.scan_parquet(parts, schema=stored, glob=False, missing_columns="insert", extra_columns="ignore", hive_partitioning=False)
    conditions = [pl.col(name) == value for name, value in chosen.items()]
    found = frame.filter(*conditions, *wanted).collect() if conditions or wanted else frame.collect()
    return found.select(
        (pl.col(name).cast(kind) if name in found.columns else pl.lit(None, dtype=kind).alias(name)) for name, kind in schema.items()
    )


def _matching(seen: Snapshot, chosen: dict[str, str]) -> list[str]:
    import polars as pl

    parts = seen.parts
    if seen.version < 0 or parts.is_empty():
        return []
    for name, value in chosen.items():
        if f"min.{name}" in parts.columns:
            low, high = pl.col(f"min.{name}"), pl.col(f"max.{name}")
            parts = parts.filter(low.is_null() | high.is_null() | ((low <= value) & (high >= value)))
    return [str(seen.folder / path) for path in parts["path"]]


def _on_disk(kind: pl.DataType) -> pl.DataType:
    import polars as pl

    return pl.Datetime("us", "UTC") if isinstance(kind, pl.Datetime) else kind
