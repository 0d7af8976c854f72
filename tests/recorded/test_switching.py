"""Did a contract on record change its interval when the rule says so, and only then?

The histories of 2025-08 to 2026-08 hold one change to hourly payments: after a rate of exactly -1 %, eight hours after one of
-0.87 % that changed nothing.
"""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from perpscope.catalogue.load import load_venue
from perpscope.market.time import to_ms
from tests.unit.quality import real

pytestmark = pytest.mark.needs_shared

HOUR = 3_600_000
LIMIT = 0.01
"""The limit of the contract is not on record: the largest size any of its rates ever had, which is a whole per cent."""


@pytest.fixture(scope="module")
def payments(shared: Path) -> pl.DataFrame:
    """Payments of every contract of two venues under the rule, with the hours since the one before and until the one after."""
    found = real.fundings(shared).filter(pl.col("venue").is_in(["bybit", "binanceusdm"])).sort("venue", "native_id", "ts")
    hours = (pl.col("ts").diff().dt.total_seconds() / 3600).round(0).over("venue", "native_id", "source")
    return found.with_columns(before=hours).with_columns(after=pl.col("before").shift(-1).over("venue", "native_id", "source"))


def test_the_one_change_to_hourly_follows_a_rate_at_the_limit(payments: pl.DataFrame) -> None:
    changed = payments.filter(pl.col("before").is_in([4.0, 8.0]), pl.col("after") == 1.0)
    assert changed.select("venue", "native_id", "funding_rate").rows() == [("bybit", "INJUSDT", -LIMIT)]
    own = payments.filter(pl.col("venue") == "bybit", pl.col("native_id") == "INJUSDT")
    assert own["funding_rate"].abs().max() == LIMIT


def test_the_rule_says_the_same_of_every_payment_of_that_contract(payments: pl.DataFrame) -> None:
    start = to_ms("2025-10-30T08:00:00Z")
    own = payments.filter(pl.col("native_id") == "INJUSDT", pl.col("venue") == "bybit", pl.col("ts").dt.epoch("ms") >= start)
    eight = own.filter(pl.col("before") == 8.0, pl.col("after").is_in([1.0, 8.0]))  # not after a hole, nor the way back
    assert len(eight) > 500
    for at, rate, after in eight.select(pl.col("ts").dt.epoch("ms"), "funding_rate", "after").iter_rows():
        switching = load_venue("bybit").switching("INJUSDT", at, 8)
        assert switching is not None
        assert switching.next_hours(8, [rate], -LIMIT, LIMIT) == after
