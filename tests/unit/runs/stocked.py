"""A store with rows made by a test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from perpscope.store import Source, Store

if TYPE_CHECKING:
    from pathlib import Path

    from perpscope.market.table import Table


def stocked(folder: Path, *frames: tuple[Table, pl.DataFrame]) -> Store:
    """Write frames to a new store, each as a source of its own."""
    store = Store.open(folder / "store", create=True)
    for number, (table, frame) in enumerate(frames):
        source = Source(name=f"made-{number}", sha256=f"{number:064x}", table=table.name, rows=frame.height)
        store.write(table, table.conform(frame.with_columns(pl.lit(source.id).alias("source"))), source)
    return store
