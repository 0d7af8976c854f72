"""How do the tests of the detectors see the real histories? As conformed rows, read straight from the shared files.

The importer is another room: here only what the detectors need is read, by facts written in the shared README and its
import.toml. Rows without an interval are left out, as an import would reject them.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import polars as pl

from perpscope.market.table import FUNDING, PRICES
from perpscope.store.quality import Rules, VenueFacts

VENUES = {"binance": "binanceusdm", "hyperliquid-xyz": "hyperliquid", "dydx_v3": "dydx3"}
QUOTES = ("USDT", "USDC", "PERP", "USD")
FUNDING_FILES = (
    "funding_binance_usdm_btc_eth",
    "funding_bitmex_ethusd_sample_2018_08",
    "funding_bitmex_xbtusd",
    "funding_cross_section_2025_2026",
    "funding_deribit_btc_hourly",
    "funding_dydx_v3_hourly",
    "funding_hyperliquid_btc_eth_hourly_premium",
    "funding_other_venues_btc_eth",
)
PRICE_FILES = {
    "perp_1h_binance_usdm_btc_eth_2020_2024": 1.0,
    "perp_1h_close_binance_usdm_28coins_2020_2024": 1.0,
    "prices_1h_bitmex_xbtusd_2015_2021": 1.0,
    "prices_8h_binance_btc_spot_coinm_2020_2025": 8.0,
    "prices_8h_spot_perp_2023_2024": 8.0,
    "spot_1h_binance_btc_eth_2017_2025": 1.0,
    "spot_daily_btc_eth": 24.0,
    "spot_daily_coinbase_many_2020_2025": 24.0,
}
RULES: Rules = {
    ("binanceusdm",): VenueFacts(phase_hours=0, interest_8h=(1e-4, 0.0), decimals=8),
    ("binancecoinm",): VenueFacts(phase_hours=0, interest_8h=(1e-4,), decimals=8),
    ("bybit",): VenueFacts(phase_hours=0, interest_8h=(1e-4, 0.0), decimals=8),
    ("bitmex",): VenueFacts(phase_hours=4, cap=0.01125, decimals=6),
    ("gate",): VenueFacts(phase_hours=0, interest_8h=(1e-4,), cap=0.00375, decimals=6),
    ("htx",): VenueFacts(phase_hours=0, interest_8h=(1e-4,), cap=0.00375),
    ("okx",): VenueFacts(phase_hours=0, interest_8h=()),
    ("hyperliquid",): VenueFacts(phase_hours=0, interest_8h=(1e-4,), cap=0.04, decimals=10, lag=0),
    ("hyperliquid", "xyz"): VenueFacts(phase_hours=0, interest_8h=(1e-4, 5e-5), cap=0.04, decimals=10, lag=0),
    ("dydx3",): VenueFacts(phase_hours=0, interest_8h=(), lag=0),
    ("deribit",): VenueFacts(phase_hours=0, interest_8h=(), continuous=True),
}
"""Facts of spec/venues.md: stamps, interest per 8 h, caps of section 2 and decimals of section 7; for tests only."""


def unified(venue: str, symbol: str) -> str:
    """Spell a native symbol of the shared files as base/quote:settle."""
    name = symbol.removeprefix("xyz:")
    base = re.split(r"[-_/]", name)[0]
    quote = next((q for q in QUOTES if base.endswith(q) and base != q), "")
    base = {"XBT": "BTC"}.get(base.removesuffix(quote) if quote else base, base.removesuffix(quote) if quote else base)
    inverse = venue in {"bitmex", "deribit"} or symbol.endswith(("USD_PERP", "USD-SWAP")) or (venue == "bybit" and symbol.endswith("USD"))
    return f"{base}/USD:{base}" if inverse else f"{base}/USDT:USDT"


@cache
def fundings(shared: Path) -> pl.DataFrame:
    """Every real funding row, conformed; one source for each file."""
    return pl.concat([_funding(shared / "data" / f"{name}.parquet") for name in FUNDING_FILES])


def _funding(path: Path) -> pl.DataFrame:
    raw = pl.read_parquet(path).filter(pl.col("interval_hours").is_not_null())
    venue, symbol = pl.col("venue"), pl.col("symbol")
    coin_margined = (venue == "binance") & symbol.str.ends_with("USD_PERP")
    names = raw.select("venue", "symbol").unique()
    spelt = {(v, s): unified(v, s) for v, s in names.iter_rows()}
    who = pl.struct("venue", "symbol").map_elements(lambda row: spelt[row["venue"], row["symbol"]], return_dtype=pl.String)
    frame = raw.select(
        venue=pl.when(coin_margined).then(pl.lit("binancecoinm")).otherwise(venue.replace(VENUES)),
        native_id=symbol,
        symbol=who,
        market=pl.lit("linear"),
        market_list=pl.when(venue == "hyperliquid-xyz").then(pl.lit("xyz")).otherwise(pl.lit("")),
        ts="ts",
        slot="ts",
        funding_rate="funding_rate",
        interval_hours="interval_hours",
        kind=pl.lit("settled"),
        accrual=pl.lit("continuous" if "deribit" in path.name else "stamp"),
        mark_price_quote=pl.col("mark_price") if "mark_price" in raw.columns else pl.lit(None),
        source=pl.lit(path.stem),
    )
    return FUNDING.conform(frame)


@cache
def prices(shared: Path) -> pl.DataFrame:
    """Every real price bar of the files with bars, conformed; one source for each file."""
    return pl.concat([_price(shared / "data" / f"{name}.parquet", hours) for name, hours in PRICE_FILES.items()])


def _price(path: Path, hours: float) -> pl.DataFrame:
    raw = pl.read_parquet(path)
    present = {f"{name}_quote": pl.col(name) for name in ("open", "high", "low", "close") if name in raw.columns}
    kind = pl.col("kind") if "kind" in raw.columns else pl.lit("spot" if "spot" in path.name else "perpetual")
    return PRICES.conform(
        raw.select(
            venue="venue",
            native_id="symbol",
            symbol=pl.col("symbol").str.extract(r"^(\w+?)[-/]?(?:USDT|USD)", 1) + "/USD",
            market=kind,
            market_list=pl.lit(""),
            price_kind=pl.lit("trade"),
            bar_hours=pl.lit(hours),
            ts=(pl.col("ts") if "ts" in raw.columns else pl.col("date").cast(pl.Datetime("ms")).dt.replace_time_zone("UTC")),
            precision=pl.lit("float64"),
            source=pl.lit(path.stem),
            **present,
        )
    )


def series_names(frame: pl.DataFrame) -> list[tuple[str, str, str, str]]:
    """Venue, list, native id and source of every series, sorted."""
    return sorted(frame.select("venue", "market_list", "native_id", "source").unique().iter_rows())
