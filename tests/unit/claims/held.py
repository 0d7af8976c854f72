"""A shelf that holds tables made by a test, and proves nothing about them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import polars as pl

from perpscope.claims.case import Case, Shelf, Who
from perpscope.claims.ledger import load_claim
from perpscope.claims.run import reproduce
from perpscope.market.table import FUNDING, PRICES, Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import numpy.typing as npt

    from perpscope.claims.model import Reproduction

    Floats = Sequence[float] | npt.NDArray[np.float64]


@dataclass(slots=True)
class Held(Shelf):
    """The tables of a test, by name."""

    given: dict[str, pl.DataFrame] = field(default_factory=dict)

    def proof(self, table: Table, who: Who) -> dict[str, Any]:
        """Prove nothing: the rows are invented."""
        rows = self.part(table, who).height
        return {"table": table.name, "rows": rows, "digest": "invented", "missing": 0, "sources": [], "who": dict(who)}

    def _whole(self, table: Table) -> pl.DataFrame:
        return self.given.get(table.name, table.empty())


def held(*frames: tuple[Table, pl.DataFrame]) -> Held:
    """Put frames on a shelf; several of one table are stacked."""
    given: dict[str, pl.DataFrame] = {}
    for table, frame in frames:
        own = [*([given[table.name]] if table.name in given else []), table.conform(frame)]
        given[table.name] = pl.concat(own)
    return Held(None, given=given)


def tried(name: str, shelf: Shelf) -> Reproduction:
    """Reproduce one claim."""
    return reproduce(load_claim(name), shelf)


def case_of(name: str, shelf: Shelf) -> Case:
    """Open the case of one claim."""
    return Case(load_claim(name), shelf)


def prices(
    venue: str, symbol: str, start: int, values: Floats, *, hours: float = 1.0, market: str = "spot", kind: str = "trade"
) -> tuple[Table, pl.DataFrame]:
    """Bars whose closes are `values`; the first opens at `start` (ms UTC)."""
    step = round(hours * 3_600_000)
    stamps = pl.Series([start + k * step for k in range(len(values))], dtype=pl.Int64).cast(pl.Datetime("ms", "UTC"))
    frame = pl.DataFrame({"ts": stamps, "close_quote": [float(x) for x in values]})
    facts = {
        "venue": venue,
        "symbol": symbol,
        "native_id": symbol.replace("/", "").partition(":")[0],
        "market": market,
        "market_list": "",
        "precision": "float64",
    }
    frame = frame.with_columns(pl.lit(value).alias(name) for name, value in facts.items())
    bar = frame.with_columns(pl.lit(float(hours)).alias("bar_hours"), (pl.col("ts") + pl.duration(milliseconds=step)).alias("close_ts"))
    same = [pl.col("close_quote").alias(f"{name}_quote") for name in ("open", "high", "low")]
    return PRICES, bar.with_columns(*same, pl.lit(kind).alias("price_kind"), pl.lit("made").alias("source"))


def funding(
    venue: str, symbol: str, start: int, rates: Floats, *, hours: float = 8.0, native_id: str = "", **more: Floats
) -> tuple[Table, pl.DataFrame]:
    """Settled fixings; the first is paid one interval after `start` (ms UTC); `more` are further columns of numbers."""
    step = round(hours * 3_600_000)
    stamps = pl.Series([start + (k + 1) * step for k in range(len(rates))], dtype=pl.Int64).cast(pl.Datetime("ms", "UTC"))
    settle = symbol.partition(":")[2]
    base, _, quote = symbol.partition(":")[0].partition("/")
    market = "linear" if settle == quote else "inverse" if settle == base else "quanto"
    facts = {
        "venue": venue,
        "symbol": symbol,
        "native_id": native_id or symbol.partition(":")[0].replace("/", ""),
        "market": market,
        "market_list": "",
        "kind": "settled",
        "accrual": "stamp",
        "source": "made",
    }
    frame = pl.DataFrame({"ts": stamps, "slot": stamps, "funding_rate": [float(r) for r in rates], **more})
    return FUNDING, frame.with_columns(pl.lit(float(hours)).alias("interval_hours"), *(pl.lit(v).alias(k) for k, v in facts.items()))
