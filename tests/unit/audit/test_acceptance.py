"""What the audit must find on the real data, figure by figure."""

from __future__ import annotations

import dataclasses
import time
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from perpscope.audit.contract import audit_contract
from perpscope.audit.facts import Facts
from perpscope.catalogue.load import load_venue
from tests.unit.audit.histories import funding, hourly_with_premium

HOURS, WITH_PREMIUM = 18_785, 12_192


@pytest.fixture(scope="module")
def hourly(shared: Path) -> pl.DataFrame:
    return hourly_with_premium(shared)


def test_exactly_the_hours_with_a_premium_are_recomputed_and_all_match(hourly: pl.DataFrame) -> None:
    found = audit_contract(Facts(hourly), load_venue("hyperliquid"))
    assert (found.rows, found.recomputed, found.matched) == (HOURS, WITH_PREMIUM, WITH_PREMIUM)
    assert found.max_abs_error is not None
    assert found.max_abs_error < 1e-10
    assert sum(found.not_recomputable.values()) == HOURS - WITH_PREMIUM
    assert found.departures == ()
    assert not found.finding
    assert found.tolerance.largest == pytest.approx(5e-11 + 5e-11 / 8, rel=1e-6)
    assert found.residuals is not None
    assert found.residuals.height == WITH_PREMIUM


def test_one_wrong_digit_is_a_departure_with_its_date(hourly: pl.DataFrame) -> None:
    at = hourly.filter(pl.col("premium_frac").is_not_null())["slot"][500]
    spoilt = hourly.with_columns(
        pl.when(pl.col("slot") == at).then(pl.col("funding_rate") + 2e-10).otherwise("funding_rate").alias("funding_rate")
    )
    found = audit_contract(Facts(spoilt), load_venue("hyperliquid"))
    assert found.matched == WITH_PREMIUM - 1
    assert found.finding
    (departure,) = found.departures
    assert departure.start == departure.end == at.isoformat().replace("+00:00", "Z")
    assert departure.largest == pytest.approx(2e-10, abs=6e-11)


def test_rates_that_are_noise_move_no_computed_rate(hourly: pl.DataFrame) -> None:
    noise = np.random.default_rng(5).normal(0, 1e-3, len(hourly))
    true, false = (
        audit_contract(Facts(frame), load_venue("hyperliquid")).residuals
        for frame in (hourly, hourly.with_columns(pl.Series("funding_rate", noise)))
    )
    assert true is not None
    assert false is not None
    assert false["computed"].equals(true["computed"])
    assert not false["matched"].any()


def test_an_hour_computed_by_another_damper_would_not_match(hourly: pl.DataFrame) -> None:
    venue = load_venue("hyperliquid")
    rule = venue.rules[0]
    formula = {**rule.parts["formula"], "damper": dataclasses.replace(rule.parts["formula"]["damper"], text="0.0004")}
    other = dataclasses.replace(venue, rules=(dataclasses.replace(rule, parts={**rule.parts, "formula": formula}),))
    found = audit_contract(Facts(hourly), other)
    assert found.recomputed == WITH_PREMIUM
    assert found.matched < WITH_PREMIUM * 0.8


def test_ten_years_of_eight_hours_take_less_than_a_second() -> None:
    """Processor time after the start; the first call loads compiled code and is not counted."""
    count = 10 * 365 * 3
    premium = np.round(np.random.default_rng(1).normal(0.0002, 0.0006, count), 8)
    rate = np.round(premium + np.clip(0.0001 - premium, -0.0005, 0.0005), 8)
    ts = pl.Series("ts", 1_577_836_800_000 + 28_800_000 * np.arange(count)).cast(pl.Datetime("ms")).dt.replace_time_zone("UTC")
    rows = pl.DataFrame({"ts": ts, "funding_rate": rate, "premium": premium, "interval_hours": 8.0})
    own = funding(rows, "phemex", "BTCUSDT", "linear")
    elsewhere = funding(rows.drop("premium"), "binanceusdm", "BTCUSDT", "linear")
    facts = Facts(own, references=elsewhere)
    audit_contract(facts, load_venue("phemex"))
    before = time.process_time()
    found = audit_contract(facts, load_venue("phemex"))
    assert time.process_time() - before < 1.0
    assert found.rows == count
