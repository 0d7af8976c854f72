"""Do the rules of bybit say what their sources say?"""

from __future__ import annotations

from tests.conformance.real import PublishedRates, Series
from tests.conformance.suite import RuleBook

CROSS_SECTION = [
    "AMZNUSDT",
    "APTUSDT",
    "ARBPERP",
    "ARBUSDT",
    "BNBPERP",
    "BNBUSDT",
    "BTCPERP",
    "BTCUSDT",
    "COINUSDT",
    "DOGEPERP",
    "DOGEUSDT",
    "ETHPERP",
    "ETHUSDT",
    "INJPERP",
    "INJUSDT",
    "NEARUSDT",
    "SKHYNIXUSDT",
    "SOLPERP",
    "SOLUSDT",
    "TIAPERP",
    "TIAUSDT",
    "TONPERP",
    "TONUSDT",
    "TRXPERP",
    "TRXUSDT",
    "WIFPERP",
    "WIFUSDT",
]


class TestBybit(RuleBook):
    venue = "bybit"


class TestBybitRates(PublishedRates):
    venue = "bybit"
    series = (
        Series(
            "funding_other_venues_btc_eth.parquet", "bybit", "BTCUSD", "inverse", limited=7000, rests=("2018-11-15", "2022-07-06"), longer=1
        ),
        Series("funding_other_venues_btc_eth.parquet", "bybit", "BTCUSDT", "linear", limited=5000, rests=("2020-03-25", "2022-07-06")),
        Series("funding_other_venues_btc_eth.parquet", "bybit", "ETHUSDT", "linear", rests=("2021-01-01", "2022-07-06")),
        Series("funding_other_venues_btc_eth.parquet", "bybit", "ETHUSD", "inverse", rests=("2023-01-01",)),
        Series("funding_other_venues_btc_eth.parquet", "bybit", "ETHPERP", "linear", rests=("2023-11-13",)),
        *(Series("funding_cross_section_2025_2026.parquet", "bybit", name, "linear", rests=("2025-08-21",)) for name in CROSS_SECTION),
    )
