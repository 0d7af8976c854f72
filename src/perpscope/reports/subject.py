"""What is the report about? The fixings put in order once, with the names and colours every part of it shares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from perpscope.analysis.board import board_of
from perpscope.analysis.series import SERIES, fixings
from perpscope.market.instrument import parse_symbol
from perpscope.reports import words
from perpscope.reports.theme import Palette
from perpscope.units import MS_PER_DAY

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl

    from perpscope.reports.inputs import ReportInputs

CURRENT_DAYS = 3
"""A history is current if its last stamp is at most this many days before the newest stamp of all."""


@dataclass(frozen=True, slots=True, eq=False)
class Subject:
    """The market as the report sees it.

    Parameters
    ----------
    rows : settled fixings in order (`analysis.series.fixings`).
    board : the board of them (`analysis.board`), with `label` and `current` added.
    palette : colours by venue.
    names : source id to source name.
    synthetic_sources : ids of generated sources.
    start, end : first and newest stamp, ms.
    """

    rows: pl.DataFrame
    board: pl.DataFrame
    palette: Palette
    names: Mapping[str, str]
    synthetic_sources: frozenset[str]
    start: int
    end: int

    @property
    def recent(self) -> int:
        """Earliest last stamp (ms) that still counts as current."""
        return self.end - CURRENT_DAYS * MS_PER_DAY

    @classmethod
    def of(cls, inputs: ReportInputs) -> Subject | None:
        """Put the fixings in order; None where there are none."""
        import polars as pl

        rows = fixings(inputs.funding)
        if rows.is_empty():
            return None
        end = int(rows["slot"].max())  # type: ignore[arg-type]  # not empty, so a number
        table = board_of(rows, inputs.now_ms, inputs.terms, synthetic=inputs.synthetic)
        table = table.with_columns(
            pl.Series("label", [label(*who) for who in table.select("venue", "market_list", "symbol").iter_rows()], dtype=pl.String),
            (pl.col("last") >= end - CURRENT_DAYS * MS_PER_DAY).alias("current"),
        )
        venues = table.group_by("venue").agg(pl.col("n").sum()).sort("n", "venue", descending=[True, False])["venue"].to_list()
        return cls(
            rows=rows,
            board=table,
            palette=Palette(tuple(venues)),
            names={source.id: source.name for source in inputs.sources},
            synthetic_sources=inputs.synthetic,
            start=int(rows["slot"].min()),  # type: ignore[arg-type]  # not empty, so a number
            end=end,
        )

    def sources_of(self, rows: pl.DataFrame) -> str:
        """Name the sources of some rows, in words."""
        ids = rows["source"].unique().sort().to_list()
        return words.listing([self.names.get(one, one) for one in ids])

    @staticmethod
    def span(rows: pl.DataFrame) -> tuple[int, int, int]:
        """Count, first and last stamp (ms) of some rows; there must be any."""
        slots = rows["slot"]
        return len(rows), int(slots.min()), int(slots.max())  # type: ignore[arg-type]  # not empty, so numbers

    def synthetic(self, rows: pl.DataFrame) -> bool:
        """Whether any of these rows was generated."""
        return any(one in self.synthetic_sources for one in rows["source"].unique()) or any(
            venue.startswith("sim:") for venue in rows["venue"].unique()
        )

    def of_contracts(self, contracts: pl.DataFrame) -> pl.DataFrame:
        """Return the fixings of the contracts in a part of the board."""
        return self.rows.join(contracts.select(SERIES), on=SERIES, how="semi")


def label(venue: str, market_list: str, symbol: str) -> str:
    """Name a contract briefly, its venue before its symbol; the settle asset only where quote and base do not tell it."""
    return f"{venue} {f'{market_list}:' if market_list else ''}{short_symbol(symbol)}"


def short_symbol(symbol: str) -> str:
    """Leave out the settle asset where it is the quote (linear) or the base (inverse)."""
    base, quote, settle = parse_symbol(symbol)
    return f"{base}/{quote}:{settle}" if settle and settle not in {base, quote} else f"{base}/{quote}"
