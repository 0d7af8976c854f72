"""Do the rules of htx say what their sources say?"""

from __future__ import annotations

from tests.conformance.real import PublishedRates, Series
from tests.conformance.suite import RuleBook


class TestHtx(RuleBook):
    venue = "htx"


class TestHtxRates(PublishedRates):
    venue = "htx"
    series = (
        Series("funding_other_venues_btc_eth.parquet", "htx", "BTCUSDT", "linear", limited=3000, rests=("2021-01-01",), off_slot=7),
        Series("funding_other_venues_btc_eth.parquet", "htx", "ETHUSDT", "linear", rests=("2021-01-01",), off_slot=7),
    )
