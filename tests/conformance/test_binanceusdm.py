"""Do the rules of binanceusdm say what their sources say?"""

from __future__ import annotations

from tests.conformance.real import PublishedRates, Series
from tests.conformance.suite import RuleBook

CROSS_SECTION = [
    "APTUSDT",
    "ARBUSDC",
    "ARBUSDT",
    "BNBUSDC",
    "BNBUSDT",
    "BTCUSDC",
    "BTCUSDT",
    "DOGEUSDT",
    "ETHUSDC",
    "ETHUSDT",
    "INJUSDT",
    "LTCUSDC",
    "NEARUSDC",
    "NEARUSDT",
    "ORDIUSDC",
    "SOLUSDT",
    "SUIUSDC",
    "TIAUSDC",
    "TIAUSDT",
    "TONUSDT",
    "TRXUSDT",
    "WIFUSDC",
    "WIFUSDT",
    "XRPUSDC",
]


class TestBinanceUsdm(RuleBook):
    venue = "binanceusdm"


class TestBinanceUsdmRates(PublishedRates):
    venue = "binanceusdm"
    series = (
        Series("funding_binance_usdm_btc_eth.parquet", "binance", "BTCUSDT", "linear", limited=5000, rests=("2019-09-10", "2025-09-19")),
        Series("funding_binance_usdm_btc_eth.parquet", "binance", "ETHUSDT", "linear", limited=4500, rests=("2020-01-01", "2025-09-19")),
        *(
            Series("funding_cross_section_2025_2026.parquet", "binance", name, "linear", rests=("2025-08-21", "2025-09-19"))
            for name in CROSS_SECTION
        ),
    )
