"""What became of each file?"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Protocol

from perpscope.market.table import Table
from perpscope.store import Source, Written

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True, slots=True)
class Imported:
    """Rows of one file that belong to one table; rows = added + present + rejected.

    Parameters
    ----------
    file : the file as it was named. table : name of the table, empty where the file belongs to none.
    rows : rows of the file (messages of a recording count by the rows they give). added : new in the store.
    present : there already. rejected : not stored. reason : why rows were rejected or the file refused, and remarks.
    """

    file: str
    table: str
    rows: int
    added: int
    present: int
    rejected: int
    reason: str = ""

    def __post_init__(self) -> None:
        """Refuse counts that do not add up."""
        if self.rows != self.added + self.present + self.rejected:
            raise AssertionError(f"{self.file}: {self.rows} rows are not {self.added} + {self.present} + {self.rejected}")

    def to_dict(self) -> dict[str, Any]:
        """Write it as plain values, for JSON."""
        return asdict(self)


class Sink(Protocol):
    """Where rows go: a store, or anything that writes like one."""

    def write(self, table: Table, frame: pl.DataFrame, source: Source) -> Written:
        """Store rows of one source, all or none; harmless to repeat."""
        ...
