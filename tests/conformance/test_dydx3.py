"""Do the rules of dydx3 say what their sources say?"""

from __future__ import annotations

from tests.conformance.real import PublishedRates, Series
from tests.conformance.suite import RuleBook


class TestDydx3(RuleBook):
    venue = "dydx3"


class TestDydx3Rates(PublishedRates):
    venue = "dydx3"
    series = (Series("funding_dydx_v3_hourly.parquet", "dydx_v3", "BTC-USD", "linear", limited=10000),)
