"""Rows to store, made by stating only what matters to the test."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import polars as pl
import pytest

from perpscope.market.table import FUNDING, PRICES
from perpscope.store import Source, Store

if TYPE_CHECKING:
    from collections.abc import Sequence

HOUR = 3_600_000
START = 1_600_000_000_000 // (24 * HOUR) * (24 * HOUR)  # 00:00 UTC of a day


class Rows(Protocol):
    """A maker of rows of one contract; stamps in hours after the start."""

    def __call__(self, hours: Sequence[float], source: Source | str = "s", **stated: object) -> pl.DataFrame: ...


def _times(hours: Sequence[float]) -> pl.Series:
    return pl.Series([START + round(h * HOUR) for h in hours], dtype=pl.Int64).cast(pl.Datetime("ms", "UTC"))


def _source_id(source: Source | str) -> str:
    return source if isinstance(source, str) else source.id


@pytest.fixture
def funding() -> Rows:
    """Rows of FUNDING: 8-hourly BTC on venue v unless stated otherwise; the rate counts upwards."""

    def make(hours: Sequence[float], source: Source | str = "s", **stated: object) -> pl.DataFrame:
        ts = _times(hours)
        columns: dict[str, object] = {
            "venue": "v",
            "native_id": "BTC",
            "symbol": "BTC/USDT:USDT",
            "market": "linear",
            "market_list": "",
            "kind": "settled",
            "accrual": "stamp",
            "interval_hours": 8.0,
            "source": _source_id(source),
            **stated,
        }
        frame = pl.DataFrame({"ts": ts, "slot": ts, "funding_rate": [(i + 1) * 1e-6 for i in range(len(ts))]})
        return FUNDING.conform(frame.with_columns(**{n: v if isinstance(v, pl.Series) else pl.lit(v) for n, v in columns.items()}))

    return make


@pytest.fixture
def prices() -> Rows:
    """Rows of PRICES: hourly trades."""

    def make(hours: Sequence[float], source: Source | str = "s", **stated: object) -> pl.DataFrame:
        columns: dict[str, object] = {
            "venue": "v",
            "native_id": "BTC",
            "symbol": "BTC/USDT:USDT",
            "market": "linear",
            "market_list": "",
            "price_kind": "trade",
            "bar_hours": 1.0,
            "close_quote": 100.0,
            "precision": "float64",
            "source": _source_id(source),
            **stated,
        }
        frame = pl.DataFrame({"ts": _times(hours)})
        return PRICES.conform(frame.with_columns(**{n: v if isinstance(v, pl.Series) else pl.lit(v) for n, v in columns.items()}))

    return make


class Clock:
    """A clock that a test sets by hand."""

    def __init__(self) -> None:
        self.now = 1_000

    def __call__(self) -> int:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(tmp_path: Path, clock: Clock) -> Store:
    """An empty store."""
    return Store.open(tmp_path / "store", create=True, clock=clock)


class Named(Protocol):
    """A maker of sources that differ by their name."""

    def __call__(self, name: str = "a", *, table: str = "funding", precedence: int = 0, facts: dict[str, str] | None = None) -> Source: ...


@pytest.fixture
def source() -> Named:
    def make(name: str = "a", *, table: str = "funding", precedence: int = 0, facts: dict[str, str] | None = None) -> Source:
        return Source(name=name, sha256=name.encode().hex(), table=table, precedence=precedence, facts=facts or {}, rows=1)

    return make
