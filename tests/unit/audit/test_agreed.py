"""Where readings of a disputed rule differ only in how they look at the market, is what they share still tested?"""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from perpscope.audit.contract import audit_contract
from perpscope.audit.facts import Facts
from perpscope.audit.model import Check
from perpscope.catalogue.load import load_venue
from tests.unit.audit.histories import published

CAPS, ATOM, DIGITS = "caps never exceeded", "atom at the interest term", "decimals as stated"


def checks(funding: pl.DataFrame) -> dict[str, Check]:
    found = audit_contract(Facts(funding), load_venue("bitmex"))
    return {check.name: check for check in found.checks}


@pytest.fixture
def history(shared: Path) -> pl.DataFrame:
    return published(shared / "data/funding_bitmex_xbtusd.parquet", "bitmex", "XBTUSD", "bitmex", "inverse")


@pytest.mark.needs_shared
def test_the_atom_of_a_disputed_rule_is_tested(history: pl.DataFrame) -> None:
    assert checks(history)[ATOM].holds is True


@pytest.mark.needs_shared
def test_a_rate_beyond_the_limit_both_readings_share_is_found(history: pl.DataFrame) -> None:
    day = pl.lit("2018-03-01T04:00:00Z").str.to_datetime(time_zone="UTC")
    broken = history.with_columns(pl.when(pl.col("slot") == day).then(0.004).otherwise("funding_rate").alias("funding_rate"))
    found = checks(broken)[CAPS]
    assert checks(history)[CAPS].holds is True
    assert found.holds is False
    assert "2018-03-01" in found.detail


@pytest.mark.needs_shared
def test_dust_of_doubles_is_no_decimal(history: pl.DataFrame) -> None:
    day = pl.lit("2018-03-01T04:00:00Z").str.to_datetime(time_zone="UTC")

    def with_rate(rate: float) -> str:
        rows = history.with_columns(pl.when(pl.col("slot") == day).then(rate).otherwise("funding_rate").alias("funding_rate"))
        return checks(rows)[DIGITS].detail

    assert "2018-03-01" not in with_rate(0.00010300000000000001)
    assert with_rate(0.00010312345).split(" rates")[0] != with_rate(0.000103).split(" rates")[0]
