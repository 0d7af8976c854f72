"""What does one file say, row by row?

A `Reading` is the whole of a file: rows ready for their tables, rows that are rejected with a reason each, and what a
reader should know besides. Nothing of it is stored yet.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from perpscope.errors import SourceError
from perpscope.market.table import Table
from perpscope.sources.facts import KNOWN

if TYPE_CHECKING:
    import polars as pl

ROW, FAULT = "row", "fault"


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """Rows of a file that belong to one table.

    Parameters
    ----------
    table : the table.
    frame : its columns but for `source`, and `row`: the line or row of the file each comes from (from 1).
    rejected : {row, reason} of rows that were meant for this table and are not fit for it.
    wide : whether one row of the file gives several rows here, so that the file's rows are counted.
    lives : (venue, market_list, native_id) to its stated listing and end (ms UTC; None where unstated).
    """

    table: Table
    frame: pl.DataFrame
    rejected: pl.DataFrame
    wide: bool = False
    lives: Mapping[tuple[str, str, str], tuple[int | None, int | None]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """One file, read and checked whole.

    Parameters
    ----------
    name : of the file. sha256 : of its bytes. counted : what its rows are called: row, line or message.
    parts : its rows by table. rejected : {row, reason} of rows that belong to no table.
    notes : what else a reader should know.
    says : facts that its format states about all its rows.
    """

    name: str
    sha256: str
    counted: str
    parts: tuple[Part, ...]
    rejected: pl.DataFrame
    notes: tuple[str, ...] = ()
    says: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Lacks:
    """Facts that neither the columns nor the mapping give, gathered so that a file is refused once, with all of them."""

    found: dict[str, list[str]] = field(default_factory=dict)

    def add(self, fact: str, why: str = "") -> None:
        """Note that a fact is missing, and why it is needed."""
        listed = self.found.setdefault(fact, [])
        if why and why not in listed:
            listed.append(why)

    def merge(self, other: Lacks) -> None:
        """Take over what another one gathered."""
        for fact, listed in other.found.items():
            self.add(fact)
            for why in listed:
                self.add(fact, why)

    def words(self) -> str:
        """Write every missing fact; empty where none is."""
        return "; ".join(self._words(fact, why) for fact, why in self.found.items())

    def refuse(self, asked: str, rows: int) -> None:
        """Raise if any fact is missing."""
        if self.found:
            there = self.words()
            do = ", ".join(f"{fact} ({KNOWN[fact].values})" for fact in self.found)
            raise Refused(asked, f"not said by its columns: {there}", f"State in import.toml beside it, or with --map: {do}.", rows)

    @staticmethod
    def _words(fact: str, why: list[str]) -> str:
        return fact + (f" ({', '.join(why[:4])}{', ...' if len(why) > 4 else ''})" if why else "")  # noqa: PLR2004 - four examples are enough


class Refused(SourceError):  # noqa: N818 - named as its parents are, by what happened
    """A file that was read and cannot be taken; `rows` is how many rows it has."""

    def __init__(self, asked: str, there: str = "", do: str = "", rows: int = 0) -> None:
        self.rows = rows
        super().__init__(asked, there, do)


def rejections(pairs: Iterable[tuple[int, str]] = ()) -> pl.DataFrame:
    """Build the frame {row, reason}."""
    import polars as pl

    return pl.DataFrame(list(pairs), schema={ROW: pl.Int64(), "reason": pl.String()}, orient="row")
