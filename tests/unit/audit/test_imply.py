"""Each check is seen to hold, to fail with dates, and to say why it could not be tried."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from perpscope.audit.contract import audit_contract
from perpscope.audit.facts import Facts
from perpscope.audit.model import Check
from perpscope.catalogue.load import load_venue
from perpscope.catalogue.schema import Venue
from perpscope.market.time import to_ms
from tests.unit.audit.histories import funding, published
from tests.unit.audit.rules import PULL, rule, venue

START = to_ms("2024-01-01T08:00:00Z")
STEP = 8 * 3_600_000
CAPPED = PULL + ', cap = "0.003 @text", floor = "-0.003 @text"'


def moments(ms: list[int]) -> pl.Series:
    return pl.Series("ts", ms).cast(pl.Datetime("ms")).dt.replace_time_zone("UTC")


def history(rates: list[float], stamps: list[int] | None = None, hours: float = 8.0) -> pl.DataFrame:
    stamps = stamps or [START + STEP * k for k in range(len(rates))]
    return funding(pl.DataFrame({"ts": moments(stamps), "funding_rate": rates, "interval_hours": hours}), "madeup", "BTCUSDT", "linear")


def checks(frame: pl.DataFrame, law: Venue, references: pl.DataFrame | None = None) -> dict[str, Check]:
    return {check.name: check for check in audit_contract(Facts(frame, references=references), law).checks}


def pulled(count: int, seed: int = 1, damper: float = 0.0005) -> list[float]:
    premium = np.random.default_rng(seed).normal(0.0002, 0.0006, count)
    return [round(float(p + np.clip(0.0001 - p, -damper, damper)), 8) for p in premium]


def test_a_rate_beyond_the_cap_is_found_with_its_date() -> None:
    name = "caps never exceeded"
    inside = checks(history([0.0001, 0.003, -0.003]), venue(rule("one", CAPPED)))[name]
    assert inside.holds is True
    assert "reached 2 times" in inside.detail
    beyond = checks(history([0.0001, 0.00301, -0.003]), venue(rule("one", CAPPED)))[name]
    assert beyond.holds is False
    assert "1 beyond: 2024-01-01T16:00:00Z" in beyond.detail
    untold = checks(history([0.0001, 0.9]), venue(rule("one")))[name]
    assert untold.holds is None
    assert "tested 0 of 2" in untold.detail


def test_a_cap_is_scaled_to_the_interval_of_the_row() -> None:
    law = venue(rule("one", PULL + ', cap = "0.004 @text", floor = "-0.004 @text", limit_per = "8 @text"'))
    hourly = history([0.0005, 0.0004], [START, START + 3_600_000], hours=1.0)
    assert checks(hourly, law)["caps never exceeded"].holds is True
    assert checks(hourly.with_columns(pl.lit(0.00051).alias("funding_rate")), law)["caps never exceeded"].holds is False


def test_a_step_beyond_the_limit_is_found_but_not_over_a_gap() -> None:
    name, law = "steps within the rate-of-change cap", venue(rule("one", PULL + ', change = "0.001 @text"'))
    assert checks(history([0.00010001, 0.00110001, 0.0002]), law)[name].holds is True
    found = checks(history([0.00010001, 0.00110003, 0.0002]), law)[name]
    assert found.holds is False
    assert "2024-01-01T16:00:00Z" in found.detail
    apart = [START, START + 2 * STEP]
    assert checks(history([0.0001, 0.0012], apart), law)[name].holds is None
    assert checks(history([0.0001]), venue(rule("one")))[name].holds is None


def test_the_atom_must_be_at_the_interest() -> None:
    name = "atom at the interest term"
    assert checks(history(pulled(300)), venue(rule("one")))[name].holds is True
    moved = [rate + 0.0002 if rate == 0.0001 else rate for rate in pulled(300)]
    found = checks(history(moved), venue(rule("one")))[name]
    assert found.holds is False
    assert "0.0003" in found.detail
    assert checks(history(pulled(99)), venue(rule("one")))[name].holds is None
    spread = np.random.default_rng(1).normal(0, 0.001, 300).round(8).tolist()
    assert checks(history(spread), venue(rule("one")))[name].holds is None, "the premium may never have been near"


def test_a_history_at_its_cap_is_no_atom_elsewhere() -> None:
    rates = [0.003] * 200 + [0.0001] * 50 + np.random.default_rng(1).normal(0, 0.0005, 50).round(8).tolist()
    assert checks(history(rates), venue(rule("one", CAPPED)))["atom at the interest term"].holds is True


def test_a_rule_that_pays_the_premium_has_no_atom() -> None:
    name, law = "no atom where the rule has none", venue(rule("one", 'interest = "0 @text"'))
    free = np.random.default_rng(1).normal(0, 0.001, 300).round(8).tolist()
    assert checks(history(free), law)[name].holds is True
    assert checks(history(pulled(300)), law)[name].holds is False
    assert checks(history(free), venue(rule("one")))[name].holds is None


def test_zeros_in_a_row_are_filler_where_zero_is_no_interest() -> None:
    name = "no runs of zeros"
    rates = pulled(50)
    assert checks(history(rates), venue(rule("one")))[name].holds is True
    found = checks(history([*rates[:20], 0.0, 0.0, 0.0, *rates[23:]]), venue(rule("one")))[name]
    assert found.holds is False
    assert "3 from 2024-01-08T00:00:00Z to 2024-01-08T16:00:00Z" in found.detail
    assert checks(history([0.0] * 50), venue(rule("one", PULL.replace("0.0001", "0"))))[name].holds is None


def test_more_decimals_than_stated_are_found() -> None:
    name, law = "decimals as stated", venue(rule("one", PULL + ', decimals = "6 @text"'))
    assert checks(history([0.000123, 0.0001]), law)[name].holds is True
    assert checks(history([0.0001234, 0.0001]), law)[name].holds is False
    assert checks(history([0.0001234]), venue(rule("one")))[name].holds is None


def test_stamps_off_the_grid_are_found_and_jitter_is_not() -> None:
    name = "settlements on the schedule's grid"
    late = [START + 31, START + STEP + 5, START + 2 * STEP]
    found = checks(history([0.0001] * 3, late), venue(rule("one")))[name]
    assert found.holds is True
    assert "31 ms" in found.detail
    off = [START, START + STEP + 3_600_000, START + 2 * STEP]
    assert checks(history([0.0001] * 3, off), venue(rule("one")))[name].holds is False
    phased = venue(rule("one").replace('phase_hours = "0 @text"', 'phase_hours = "4 @text"'))
    assert checks(history([0.0001] * 3), phased)[name].holds is False
    untold = venue(rule("one").replace('hours = "8 @text"', 'hours = "? differs by contract"', 1))
    assert checks(history([0.0001] * 3), untold)[name].holds is None


def test_an_interval_that_overlaps_or_is_regularly_too_short_is_found() -> None:
    name = "stated intervals agree with the stamps"
    assert checks(history([0.0001] * 3), venue(rule("one")))[name].holds is True
    overlapping = [START + STEP // 2 * k for k in range(6)]
    assert checks(history([0.0001] * 6, overlapping), venue(rule("one")))[name].holds is False
    one_off = [START + STEP * k for k in range(40)]
    one_off[20] += 7_200_000
    assert checks(history([0.0001] * 40, one_off), venue(rule("one")))[name].holds is True, "that is the grid's matter"
    regular = [START + STEP * k for k in range(14)]
    assert checks(history([0.0001] * 14, regular, hours=4.0), venue(rule("one")))[name].holds is False
    missing = [START + STEP * k for k in (0, 1, 3, 4, 6, 7)]
    assert checks(history([0.0001] * 6, missing), venue(rule("one")))[name].holds is True
    assert checks(history([0.0001]), venue(rule("one")))[name].holds is None


def test_a_gap_is_told_and_blames_nobody() -> None:
    name = "every settlement of the schedule is there"
    assert checks(history([0.0001] * 3), venue(rule("one")))[name].holds is True
    found = checks(history([0.0001] * 3, [START, START + STEP, START + 5 * STEP]), venue(rule("one")))[name]
    assert found.holds is None
    assert "1 gaps, 24 h not held" in found.detail


def test_without_a_row_nothing_is_claimed() -> None:
    empty = pl.concat([history([0.0001])]).with_columns(pl.lit("predicted").alias("kind"))
    assert all(check.holds is None for check in checks(empty, venue(rule("one"))).values())


@pytest.fixture(scope="module")
def elsewhere(shared: Path) -> pl.DataFrame:
    return published(shared / "data/funding_binance_usdm_btc_eth.parquet", "binance", "ETHUSDT", "binanceusdm", "linear")


def real(shared: Path, native_id: str, name: str) -> pl.DataFrame:
    return published(shared / "data/funding_other_venues_btc_eth.parquet", name, native_id, name, "linear")


def test_the_lag_of_both_eras_is_seen_against_another_venue(shared: Path, elsewhere: pl.DataFrame) -> None:
    found = checks(real(shared, "ETHUSDT", "bybit"), load_venue("bybit"), elsewhere)
    assert found["lag against another venue"].holds is True
    assert "expected to follow by 1" in found["lag against another venue"].detail
    assert "expected to follow by 0" in found["lag against another venue"].detail
    assert found["sign against another venue"].holds is True


def test_a_history_shifted_by_one_interval_or_turned_over_is_found(shared: Path, elsewhere: pl.DataFrame) -> None:
    own = real(shared, "ETHUSDT", "bybit")
    moved = own.with_columns(pl.col("funding_rate").shift(1)).drop_nulls("funding_rate")
    assert checks(moved, load_venue("bybit"), elsewhere)["lag against another venue"].holds is False
    turned = own.with_columns(-pl.col("funding_rate"))
    assert checks(turned, load_venue("bybit"), elsewhere)["sign against another venue"].holds is False


def test_noise_follows_nobody(shared: Path, elsewhere: pl.DataFrame) -> None:
    own = real(shared, "ETHUSDT", "bybit")
    noise = own.with_columns(pl.Series("funding_rate", np.random.default_rng(4).permutation(own["funding_rate"].to_numpy())))
    found = checks(noise, load_venue("bybit"), elsewhere)
    assert found["lag against another venue"].holds is None
    assert found["sign against another venue"].holds is None


def test_stamps_of_another_phase_or_interval_are_no_evidence(shared: Path, elsewhere: pl.DataFrame) -> None:
    own = real(shared, "ETHUSDT", "bybit")
    for other in (
        elsewhere.with_columns(pl.col("ts", "slot") + pl.duration(hours=4)),
        elsewhere.with_columns(pl.lit(4.0).alias("interval_hours")),
    ):
        assert checks(own, load_venue("bybit"), other)["lag against another venue"].holds is None
