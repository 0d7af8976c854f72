"""Published histories of the real data as frames of the funding table, read here by the plainest means."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from perpscope.catalogue.load import load_venue
from perpscope.market.table import FUNDING


def published(path: Path, venue: str, symbol: str, ours: str, market: str, market_list: str = "") -> pl.DataFrame:
    """One contract of one file; `venue` and `symbol` as the file spells them, `ours` the venue id."""
    rows = pl.read_parquet(path).filter((pl.col("venue") == venue) & (pl.col("symbol") == symbol)).drop_nulls("interval_hours")
    return funding(rows, ours, symbol, market, market_list, path.stem)


def funding(rows: pl.DataFrame, venue: str, native_id: str, market: str, market_list: str = "", source: str = "generated") -> pl.DataFrame:
    """Rows with ts, funding_rate, interval_hours (and premium, mark_price, slot) as a conformed frame."""
    try:
        instrument = load_venue(venue).instrument(native_id)
    except Exception:  # noqa: BLE001 - a venue the catalogue does not hold yet
        instrument = None
    said = {"venue": venue, "native_id": native_id, "symbol": instrument.symbol if instrument else native_id, "market": market}
    said |= {"market_list": market_list, "kind": "settled", "accrual": "stamp", "source": source}
    rows = rows.rename({k: v for k, v in {"premium": "premium_frac", "mark_price": "mark_price_quote"}.items() if k in rows.columns})
    if "slot" not in rows.columns:
        hour = pl.col("ts").dt.round("1h")
        rows = rows.with_columns(pl.when((pl.col("ts") - hour).abs() < pl.duration(minutes=5)).then(hour).otherwise("ts").alias("slot"))
    kept = [c for c in rows.columns if c in FUNDING.names]
    return FUNDING.conform(rows.select(kept).with_columns(pl.lit(v).alias(k) for k, v in said.items()))


def hourly_with_premium(shared: Path) -> pl.DataFrame:
    """Hyperliquid BTC from both files: the one with premiums first, what it lacks from the other."""
    name = "hyperliquid"
    first = published(shared / "data/funding_hyperliquid_btc_eth_hourly_premium.parquet", name, "BTC", name, "linear")
    rest = published(shared / "data/funding_cross_section_2025_2026.parquet", name, "BTC", name, "linear")
    return pl.concat([first, rest.join(first, on="slot", how="anti")]).sort("slot")
