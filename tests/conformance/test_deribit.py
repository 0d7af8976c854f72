"""Do the rules of deribit say what their sources say?"""

from __future__ import annotations

from tests.conformance.real import PublishedRates, Series
from tests.conformance.suite import RuleBook


class TestDeribit(RuleBook):
    venue = "deribit"


class TestDeribitRates(PublishedRates):
    venue = "deribit"
    series = (Series("funding_deribit_btc_hourly.parquet", "deribit", "BTC-PERPETUAL", "inverse", limited=2000),)
