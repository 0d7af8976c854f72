"""Do the rules of gate say what their sources say?"""

from __future__ import annotations

from tests.conformance.real import PublishedRates, Series
from tests.conformance.suite import RuleBook


class TestGate(RuleBook):
    venue = "gate"


class TestGateRates(PublishedRates):
    venue = "gate"
    series = (
        Series("funding_other_venues_btc_eth.parquet", "gate", "BTC_USDT", "linear", limited=1200, rests=("2019-11-18", "2022-08-09")),
        Series("funding_other_venues_btc_eth.parquet", "gate", "ETH_USDT", "linear", limited=1000, rests=("2020-01-01", "2022-08-09")),
    )
