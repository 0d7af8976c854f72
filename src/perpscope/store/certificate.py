"""What exactly was this result computed from?

A certificate names the tables and their versions, the sources with the hashes of their content, the rows, the stamps
expected and present with every gap, and a digest of the values themselves. Two results with the same digest saw the
same values; change one used value and the digest changes. Order of import, compaction and storage do not enter it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from perpscope.errors import InputError
from perpscope.market.table import TABLES, Table
from perpscope.market.time import to_text
from perpscope.store.gaps import Coverage, coverage
from perpscope.store.log import order
from perpscope.store.manifest import span_ms

if TYPE_CHECKING:
    import polars as pl

_GENERATED = "sim:"


@dataclass(frozen=True, slots=True)
class UsedSource:
    """One source whose rows were used: `rows` of them; `complete` is False where its import was cut off."""

    id: str
    name: str
    sha256: str
    licence: str
    rows: int
    complete: bool


@dataclass(frozen=True, slots=True)
class UsedTable:
    """Rows used of one table.

    Parameters
    ----------
    table, version : name and version of the log when the certificate was made.
    rows, first, last : count and span (ms; None where there are no rows).
    coverage : stamps expected and present, and the gaps.
    sources : where the rows come from.
    digest : sha256 over all values used.
    synthetic : whether any of the rows were generated and are of no market.
    """

    table: str
    version: int
    rows: int
    first: int | None
    last: int | None
    coverage: Coverage
    sources: tuple[UsedSource, ...]
    digest: str
    synthetic: bool = False

    def to_dict(self) -> dict[str, Any]:
        """Write it as plain values, times as text."""
        return {
            "table": self.table,
            "version": self.version,
            "rows": self.rows,
            "first": None if self.first is None else to_text(self.first),
            "last": None if self.last is None else to_text(self.last),
            "expected": self.coverage.expected,
            "present": self.coverage.present,
            "missing": self.coverage.missing,
            "gaps": [gap.to_dict() for gap in self.coverage.gaps],
            "sources": [
                {"id": s.id, "name": s.name, "sha256": s.sha256, "licence": s.licence, "rows": s.rows, "complete": s.complete}
                for s in self.sources
            ],
            "digest": self.digest,
        }


@dataclass(frozen=True, slots=True)
class Certificate:
    """What a result was computed from."""

    used: tuple[UsedTable, ...]

    @property
    def rows(self) -> int:
        """Rows used."""
        return sum(each.rows for each in self.used)

    @property
    def complete(self) -> bool:
        """Whether no stamp is missing inside the rows used and every source was imported to its end."""
        return all(not each.coverage.missing and all(source.complete for source in each.sources) for each in self.used)

    @property
    def synthetic(self) -> bool:
        """Whether any of the rows used were generated and are of no market."""
        return any(each.synthetic for each in self.used)

    @property
    def digest(self) -> str:
        """sha256 over the digests of the tables used."""
        return hashlib.sha256("".join(f"{each.table} {each.digest}\n" for each in self.used).encode()).hexdigest()

    def to_dict(self) -> dict[str, Any]:
        """Write it as plain values, for JSON."""
        told = {"digest": self.digest, "complete": self.complete, "synthetic": self.synthetic, "rows": self.rows}
        return told | {"tables": [each.to_dict() for each in self.used]}


def table_of(frame: pl.DataFrame) -> Table:
    """Tell the table whose rows these are by their columns."""
    found = next((table for table in TABLES.values() if tuple(frame.columns) == table.names), None)
    if found is None:
        raise InputError("a certificate", "a frame whose columns are not those of a table", "Give rows as the store returned them.")
    return found


def certify(frames: Sequence[pl.DataFrame], versions: dict[str, int], sources: pl.DataFrame) -> Certificate:
    """Certify rows as the store returned them (or any part of them); frames of one table are taken together."""
    import polars as pl

    of_table: dict[str, list[pl.DataFrame]] = {}
    for frame in frames:
        of_table.setdefault(table_of(frame).name, []).append(frame)
    used = [_used(TABLES[name], pl.concat(each).unique(), versions, sources) for name, each in sorted(of_table.items())]
    return Certificate(tuple(used))


def _used(table: Table, frame: pl.DataFrame, versions: dict[str, int], sources: pl.DataFrame) -> UsedTable:
    import polars as pl

    known = sources.filter(pl.col("table") == table.name)
    counts = frame.group_by("source").agg(pl.len().alias("n")).join(known, left_on="source", right_on="id", how="left").sort("source")
    named = counts.select("source", pl.col("name", "sha256", "licence").fill_null("unknown"), "n", pl.col("state").eq_missing("complete"))
    first, last = span_ms(frame)
    return UsedTable(
        table=table.name,
        version=versions.get(table.name, -1),
        rows=frame.height,
        first=first,
        last=last,
        coverage=coverage(table, frame),
        sources=tuple(UsedSource(*row) for row in named.iter_rows()),
        digest=digest(table, frame),
        synthetic=_generated(frame, known),
    )


def _generated(frame: pl.DataFrame, known: pl.DataFrame) -> bool:
    """Whether a row is of a generated venue, or of a source that calls itself synthetic."""
    import polars as pl

    if frame["venue"].str.starts_with(_GENERATED).any():
        return True
    used = known.filter(pl.col("id").is_in(frame["source"].unique().implode()))
    return any(json.loads(facts or "{}").get("synthetic") == "yes" for facts in used["facts"])


def digest(table: Table, frame: pl.DataFrame) -> str:
    """sha256 over every value of the rows, in the order of the table, whatever order they come in."""
    rows = frame.sort(order(table))
    seen = hashlib.sha256(f"{table.name} {rows.height}\n".encode())
    for name in table.names:
        seen.update(f"{name}\n".encode())
        for part in _bytes_of(rows[name]):
            seen.update(part)
    return seen.hexdigest()


def _bytes_of(values: pl.Series) -> list[bytes]:
    """Bytes that tell any two different columns apart: where values are null, how long they are, what they are."""
    import polars as pl

    null = values.is_null().to_numpy().tobytes()
    if isinstance(values.dtype, pl.List):
        return [null, values.list.len().fill_null(0).cast(pl.UInt32).to_numpy().tobytes(), *_bytes_of(values.explode(empty_as_null=False))]
    if values.dtype == pl.String:
        texts = values.fill_null("")
        lengths = texts.str.len_bytes().cast(pl.UInt32).to_numpy().tobytes()
        return [null, lengths, str(texts.str.join("").item() if texts.len() else "").encode()]
    if values.dtype == pl.Float64:
        return [null, values.fill_null(0.0).to_numpy().astype("<f8").tobytes()]
    return [null, values.to_physical().cast(pl.Int64).fill_null(0).to_numpy().astype("<i8").tobytes()]
