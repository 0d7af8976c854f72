"""Do the rules of bitmex say what their sources say?"""

from __future__ import annotations

from tests.conformance.real import PublishedRates, Series
from tests.conformance.suite import RuleBook


class TestBitmex(RuleBook):
    venue = "bitmex"


class TestBitmexRates(PublishedRates):
    venue = "bitmex"
    series = (
        Series(
            "funding_bitmex_xbtusd.parquet", "bitmex", "XBTUSD", "inverse", limited=4000, stepped=4000, rests=("2017-04-21", "2022-01-01")
        ),
        Series("funding_bitmex_ethusd_sample_2018_08.parquet", "bitmex", "ETHUSD", "quanto", rests=("2018-08-01",)),
    )
