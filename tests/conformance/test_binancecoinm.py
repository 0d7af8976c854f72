"""Do the rules of binancecoinm say what their sources say?"""

from __future__ import annotations

from tests.conformance.real import PublishedRates, Series
from tests.conformance.suite import RuleBook


class TestBinanceCoinm(RuleBook):
    venue = "binancecoinm"


class TestBinanceCoinmRates(PublishedRates):
    venue = "binancecoinm"
    series = (
        Series("funding_other_venues_btc_eth.parquet", "binance", "BTCUSD_PERP", "inverse", limited=5000, rests=("2020-08-11",)),
        Series("funding_other_venues_btc_eth.parquet", "binance", "ETHUSD_PERP", "inverse", rests=("2023-01-01",)),
    )
