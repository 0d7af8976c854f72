"""Ten days of hourly prices of a perpetual and its coin, with funding and, where asked for, lending rates."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from perpscope.market.table import LENDING_RATES, Table
from perpscope.market.time import day_ms
from perpscope.units import MS_PER_HOUR
from tests.unit.claims.held import funding, prices
from tests.unit.runs.stocked import stocked

if TYPE_CHECKING:
    from pathlib import Path

    from perpscope.store import Store

START = day_ms("2022-03-01")
HOURS = 24 * 10


def lending(asset: str, rate: float) -> tuple[Table, pl.DataFrame]:
    """Daily borrow rates of one asset."""
    stamps = pl.Series([START + k * 24 * MS_PER_HOUR for k in range(-1, 12)], dtype=pl.Int64).cast(pl.Datetime("ms", "UTC"))
    facts = {
        "venue": "aave",
        "native_id": asset,
        "symbol": asset,
        "market": "lending",
        "market_list": "",
        "side": "borrow",
        "source": "made",
    }
    frame = pl.DataFrame({"ts": stamps}).with_columns(pl.lit(value).alias(name) for name, value in facts.items())
    return LENDING_RATES, frame.with_columns(pl.lit(rate).alias("lending_rate_1y"), pl.lit("made").alias("source"))


def made(folder: Path, *more: tuple[Table, pl.DataFrame]) -> Store:
    """Write a store with the prices, the funding and whatever else is given."""
    rng = np.random.default_rng(4)
    spot = 100 * np.exp(np.cumsum(rng.normal(0, 0.002, HOURS)))
    perp = spot * (1 + 4e-4 * np.sin(np.arange(HOURS)) + rng.normal(0, 1e-4, HOURS))
    return stocked(
        folder,
        prices("binance", "BTC/USDT", START, spot),
        prices("binanceusdm", "BTC/USDT:USDT", START, perp, market="linear"),
        funding("binanceusdm", "BTC/USDT:USDT", START, [1e-4] * (HOURS // 8)),
        *more,
    )
