"""A place for rows that keeps them in memory and counts as a store does."""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

from perpscope.market.table import Table
from perpscope.store import Source, Written


@dataclass
class Memory:
    """Rows by table, and every call."""

    rows: dict[str, pl.DataFrame] = field(default_factory=dict)
    sources: list[Source] = field(default_factory=list)

    def write(self, table: Table, frame: pl.DataFrame, source: Source) -> Written:
        assert tuple(frame.columns) == table.names
        assert table.faults(frame).is_empty()
        assert set(frame["source"]) == {source.id}
        self.sources.append(source)
        held = self.rows.get(table.name, table.empty()).filter(pl.col("source") == source.id)
        key = list(table.key)
        known = frame.join(held.select(key), on=key, how="semi", nulls_equal=True)
        free = frame.join(held.select(key), on=key, how="anti", nulls_equal=True)
        once = free.unique(maintain_order=True)
        torn = once.filter(once.select(key).is_duplicated())
        bad = free.join(torn.select(key).unique(), on=key, how="semi", nulls_equal=True)
        new = once.join(torn.select(key).unique(), on=key, how="anti", nulls_equal=True)
        self.rows[table.name] = pl.concat([self.rows.get(table.name, table.empty()), new])
        return Written(new.height, known.height + free.height - bad.height - new.height, bad.with_columns(pl.lit("torn").alias("reason")))
