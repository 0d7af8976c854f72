"""Do the claims on basis follow their data: true where the market is made so, false where not, partial where a part is missing?"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from perpscope.analysis.carry.calendar import contract_months, settles
from perpscope.store import Store
from tests.unit.claims.markets import INVERSE, LINEAR, Contract, dated, funding, spot, store_of, tried, utc

BEGIN, DAYS = utc(2019, 9, 10), 1025
APR = 1 / 1095
"""Rate per 8 h of 100 % a year."""


def curve(carry: float, first: date = date(2019, 9, 10), days: int = DAYS) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Settlements of a market of one carry, and spot by the hour at 30,000."""
    trading = [day for day in (first + timedelta(days=n) for n in range(days)) if settles(day)]
    ends = [contract_months(day, 1, 2) for day in trading]
    prices = [[30_000 * (1 + carry * (end - day).days / 365) for end in pair] for day, pair in zip(trading, ends, strict=True)]
    stamps = [datetime(day.year, day.month, day.day, tzinfo=BEGIN.tzinfo) for day in trading]
    start = datetime(first.year, first.month, first.day, tzinfo=BEGIN.tzinfo)
    return dated(stamps, [a for a, _ in prices], [b for _, b in prices]), spot([30_000.0] * (days * 24 + 24), start)


def flat(who: Contract, apr: float, days: int = DAYS, start: datetime = BEGIN) -> pl.DataFrame:
    return funding(who, [apr * APR] * (3 * days), start)


def market(tmp_path: Path, binance: float, bitmex: float | None, carry: float | None) -> Store:
    rates = [flat(LINEAR, binance), *([] if bitmex is None else [flat(INVERSE, bitmex)])]
    if carry is None:
        return store_of(tmp_path, funding=rates)
    futures, hourly = curve(carry)
    return store_of(tmp_path, funding=rates, dated=[futures], prices=[hourly])


def test_ten_points_above_both_holds(tmp_path: Path) -> None:
    one = tried("F06", market(tmp_path, 0.18, 0.08, 0.08))
    assert one.verdict == "holds"
    assert one.found["gap_bitmex"] == pytest.approx(0.10, abs=1e-9)
    assert one.found["second_over_spot_days"] == pytest.approx(0.08, abs=1e-9)
    assert one.found["gap_cme"] == pytest.approx(0.10, abs=0.003)
    assert [figure.key for figure in one.figures] == ["fig2", "months"]


def test_no_gap_fails(tmp_path: Path) -> None:
    assert tried("F06", market(tmp_path, 0.10, 0.10, 0.10)).verdict == "fails"


def test_a_reading_far_off_is_a_change(tmp_path: Path) -> None:
    one = tried("F06", market(tmp_path, 0.30, 0.20, 0.20))
    assert one.verdict == "holds with changes"
    assert one.found["least_gap"] < 0.05


def test_what_is_missing_is_said_and_the_rest_is_tried(tmp_path: Path) -> None:
    alone = tried("F06", market(tmp_path / "a", 0.18, 0.08, None))
    assert alone.verdict == "holds with changes"
    assert "CME settlements are absent" in alone.why.en
    assert "gap_cme" not in alone.found
    other = tried("F06", market(tmp_path / "b", 0.18, None, 0.08))
    assert "BitMEX's funding is absent" in other.why.en
    futures, _ = curve(0.08)
    no_spot = tried("F06", store_of(tmp_path / "c", funding=[flat(LINEAR, 0.18), flat(INVERSE, 0.08)], dated=[futures]))
    assert "over spot are untried" in no_spot.why.en
    assert tried("F06", None).verdict == "cannot be tested"


@pytest.mark.parametrize(
    ("hot", "verdict"),
    [((0.9, 0.8), "holds"), ((0.9, 0.9, 0.2), "holds"), ((0.9, 0.3, 0.2), "holds with changes"), ((0.3, 0.2), "fails")],
)
def test_february_counts_venues(tmp_path: Path, hot: tuple[float, ...], verdict: str) -> None:
    futures, hourly = curve(0.15, date(2021, 1, 4), 80)
    venues: tuple[Contract, ...] = (LINEAR, INVERSE, ("gate", "BTC/USDT:USDT", "linear"))
    rates = [flat(who, apr, 60, utc(2021, 1, 15)) for who, apr in zip(venues, hot, strict=False)]
    one = tried("F25", store_of(tmp_path, funding=rates, dated=[futures], prices=[hourly]))
    assert one.verdict == verdict
    assert one.found["gap_most"] == pytest.approx(max(hot) - one.found["cme"])
    assert one.n == len(hot) * 84


def test_a_month_half_there_is_not_compared(tmp_path: Path) -> None:
    futures, hourly = curve(0.15, date(2021, 1, 4), 80)
    rates = [flat(LINEAR, 0.9, 60, utc(2021, 1, 15)), flat(INVERSE, 0.1, 60, utc(2021, 2, 15))]
    one = tried("F25", store_of(tmp_path, funding=rates, dated=[futures], prices=[hourly]))
    assert one.verdict == "holds"
    assert "bitmex_coin" not in one.found


def test_identities_need_no_data_and_are_exact() -> None:
    parity, sizes = tried("F03", None), tried("F29", None)
    assert (parity.verdict, parity.found["largest_error"]) == ("holds", 0.0)
    assert sizes.verdict == "holds"
    assert sizes.found["month"] * 12 == pytest.approx(0.11)


def test_a_perpetual_that_never_changes_is_as_known_as_a_future(tmp_path: Path) -> None:
    futures, hourly = curve(0.08)
    one = tried("F17", store_of(tmp_path, funding=[flat(LINEAR, 0.1095)], dated=[futures], prices=[hourly]))
    assert one.verdict == "fails"
    assert one.found["unknown_front"] < 0.01


def test_a_perpetual_of_seasons_is_unknown_and_a_high_rate_says_much(tmp_path: Path) -> None:
    rates = [(0.5 if (k // 300) % 2 else 0.02) * APR * (1 + 0.1 * (k % 3)) for k in range(3 * DAYS)]
    one = tried("F17", store_of(tmp_path, funding=[funding(LINEAR, rates, BEGIN)]))
    assert one.verdict == "holds with changes"
    assert "untried" in one.why.en
    assert one.found["r2_rate"] > 0.25


def test_rates_without_memory_say_nothing_of_the_month(tmp_path: Path) -> None:
    rates = list(np.random.default_rng(2).normal(0.2, 40, 3 * DAYS) * APR)
    one = tried("F17", store_of(tmp_path, funding=[funding(LINEAR, rates, BEGIN)]))
    assert one.found["r2_rate"] < 0.05
    assert one.verdict == "holds"


def test_real_averages_are_those_of_a_plain_sum(shared: Path) -> None:
    """Straight from the files, without store, fixings or windows of ours."""
    first, end = utc(2019, 9, 10, 8), utc(2022, 7, 1)
    found = {}
    for name, file, symbol in (("binance", "funding_binance_usdm_btc_eth", "BTCUSDT"), ("bitmex", "funding_bitmex_xbtusd", "XBTUSD")):
        rows = pl.read_parquet(shared / "data" / f"{file}.parquet").filter(pl.col("symbol").str.contains(symbol))
        ts = pl.col("ts").dt.replace_time_zone(None)
        rows = rows.filter((ts >= first.replace(tzinfo=None)) & (ts < end.replace(tzinfo=None)))
        found[name] = float(rows["funding_rate"].sum()) / float(rows["interval_hours"].sum()) * 8760
    assert found["binance"] == pytest.approx(0.186656, abs=5e-7)
    assert found["binance"] - found["bitmex"] == pytest.approx(0.1039, abs=5e-5)
