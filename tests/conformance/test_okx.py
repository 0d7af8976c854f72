"""Do the rules of okx say what their sources say?"""

from __future__ import annotations

from tests.conformance.real import PublishedRates, Series
from tests.conformance.suite import RuleBook


class TestOkx(RuleBook):
    venue = "okx"


class TestOkxRates(PublishedRates):
    venue = "okx"
    series = (
        Series("funding_other_venues_btc_eth.parquet", "okx", "BTC-USDT-SWAP", "linear", limited=1600),
        Series("funding_other_venues_btc_eth.parquet", "okx", "ETH-USDT-SWAP", "linear", limited=1600),
        Series("funding_other_venues_btc_eth.parquet", "okx", "BTC-USD-SWAP", "inverse", limited=1600),
        Series("funding_other_venues_btc_eth.parquet", "okx", "ETH-USD-SWAP", "inverse", limited=1600),
    )
