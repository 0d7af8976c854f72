"""Are stamps of another time zone found: by the grid, by what a moved block leaves behind, by other sources, by the market?"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from perpscope.store.quality import Rules, VenueFacts, check
from tests.unit.quality import lifelike, plant, real
from tests.unit.quality.choice import chosen, in_company, paid_every

HOUR = lifelike.HOUR
SEEDS = range(6)
UNSOUND = {
    ("deribit", "", "BTC-PERPETUAL"),
    ("gate", "", "ETH_USDT"),
    ("htx", "", "BTCUSDT"),
    ("htx", "", "ETHUSDT"),
    ("hyperliquid", "", "BTC"),
    ("hyperliquid", "", "TON"),
}
"""Series with known faults (see test_silence)."""


@pytest.mark.parametrize("hours", [1, 3, -5, 5.5, 9])
@pytest.mark.parametrize("seed", SEEDS)
def test_a_whole_series_beside_every_known_grid(shared: Path, seed: int, hours: float) -> None:
    rng = np.random.default_rng(seed)
    _, rows = chosen(shared, rng, paid_every(8.0))
    planted = plant.shift(rows, rng, hours)
    problems = check(planted.rows, kinds=["shift"])
    assert planted.found(problems, "shift")
    assert problems["severity"].to_list() == ["doubt"]


@pytest.mark.parametrize("hours", [1, 3, 4, -4])
@pytest.mark.parametrize("seed", SEEDS)
def test_a_whole_series_beside_the_venues_grid(shared: Path, seed: int, hours: float) -> None:
    rng = np.random.default_rng(seed)
    who, rows = chosen(shared, rng, lambda who, rows: paid_every(8.0)(who, rows) and who[0] in {"binanceusdm", "bybit", "okx", "gate"})
    planted = plant.shift(rows, rng, hours)
    problems = check(planted.rows, {(who[0],): real.RULES[who[0],]}, ["shift"])
    assert planted.found(problems, "shift")
    assert set(problems["severity"]) == {"fault"}


@pytest.mark.parametrize(("hours", "length"), [(1, 6), (1, 100), (-1, 50), (3, 20)])
@pytest.mark.parametrize("seed", SEEDS)
def test_a_block_beside_the_grid_of_the_rest(shared: Path, seed: int, hours: float, length: int) -> None:
    rng = np.random.default_rng(seed)
    _, rows = chosen(shared, rng, paid_every(8.0))
    planted = plant.shift(rows, rng, hours, length)
    problems = check(planted.rows, kinds=["shift"])
    assert planted.found(problems, "shift")
    assert problems.height == 1
    assert f"{hours:+g} h beside" in problems["detail"][0]


@pytest.mark.parametrize(
    ("every", "hours", "length"), [(1.0, 1, 500), (1.0, -1, 200), (1.0, 3, 100), (1.0, 8, 100), (8.0, 8, 40), (8.0, -8, 40)]
)
def test_a_block_moved_by_whole_intervals_leaves_a_hole_and_doubles(shared: Path, every: float, hours: float, length: int) -> None:
    """Where the doubled rates are equal nothing shows; at least half of the places tell, and none tells wrongly."""
    found = 0
    for seed in range(12):
        rng = np.random.default_rng(seed)
        _, rows = chosen(shared, rng, lambda who, rows: paid_every(every)(who, rows) and who[:3] not in UNSOUND)
        planted = plant.shift(rows, rng, hours, length)
        problems = check(planted.rows, kinds=["shift"])
        found += planted.found(problems, "shift")
        assert problems.height <= 1
        assert check(planted.rows, kinds=["gap", "duplicate"]).height == 2
    assert found >= 6


def test_summer_time_is_recognised() -> None:
    """Hourly stamps in London time, read as UTC: an hour is missing in March and one comes twice in October."""
    frame = lifelike.rows(5, 9000, 1.0)
    frame = plant.with_rates(frame, np.random.default_rng(0).normal(0, 1e-4, len(frame)))
    ms = plant.stamps(frame) - lifelike.START + int(datetime(2023, 1, 1, tzinfo=UTC).timestamp()) * 1000
    begin, end = (int(datetime(2023, month, day, 1, tzinfo=UTC).timestamp()) * 1000 for month, day in ((3, 26), (10, 29)))
    local = ms + HOUR * ((ms >= begin) & (ms < end))
    problems = check(plant.with_stamps(frame, local), kinds=["shift"])
    assert problems.height == 1
    assert "begins and ends with European summer time" in problems["detail"][0]


@pytest.mark.parametrize("hours", [8, -8, 24, 1])
@pytest.mark.parametrize("seed", SEEDS)
def test_two_sources_that_tell_the_same_at_other_times(shared: Path, seed: int, hours: float) -> None:
    rng = np.random.default_rng(seed)
    _, rows = chosen(shared, rng, lambda who, rows: paid_every(8.0)(who, rows) and who[:3] not in UNSOUND)
    other = plant.shift(rows, rng, hours).rows.with_columns(source=pl.lit("another"))
    problems = check(pl.concat([rows, other])).filter(pl.col("detail").str.contains("stand in source"))
    told = {(source, severity) for source, severity in problems.select("source", "severity").iter_rows()}
    both = {(rows["source"][0], "doubt"), ("another", "doubt")}
    assert told == ({("another", "fault")} if hours == 1 else both)


@pytest.mark.parametrize("hours", [1, -2, 8])
def test_an_hourly_series_that_lags_its_market(shared: Path, hours: float) -> None:
    """Every contract of the main list in turn is shifted; most are told, and never a sound one."""
    rows = real.fundings(shared).filter(
        (pl.col("venue") == "hyperliquid") & (pl.col("market_list") == "") & pl.col("source").str.contains("cross")
    )
    names = real.series_names(rows)
    found = 0
    for who in names:
        planted = plant.shift(plant.one(rows, who), np.random.default_rng(0), hours)
        problems = check(pl.concat([planted.rows, plant.without(rows, who)]), kinds=["shift"])
        assert set(problems["native_id"]) <= {who[2]}
        if problems.height:
            found += planted.found(problems, "shift", 2 * HOUR)
            assert f"{abs(hours):g} h too {'late' if hours > 0 else 'early'}" in problems["detail"][0]
    assert found >= 0.75 * len(names)


@pytest.mark.parametrize("seed", range(4))
def test_from_a_date_on_an_hourly_series_lags_its_market(shared: Path, seed: int) -> None:
    rng = np.random.default_rng(seed)
    who, rows = chosen(shared, rng, lambda who, rows: who[2] in {"SOL", "DOGE", "ETH", "ARB"} and len(rows) > 8000)
    ms = plant.stamps(rows)
    cut = int(rng.integers(2000, 5000))
    ms[cut:] += HOUR
    problems = check(in_company(shared, who, plant.with_stamps(rows, ms)), kinds=["shift"])
    assert problems.height == 1
    found = problems.row(0, named=True)
    assert found["native_id"] == who[2]
    assert abs(found["from"].timestamp() * 1000 - ms[cut]) <= HOUR
    assert found["to"].timestamp() * 1000 >= ms[-1] - 14 * 24 * HOUR


def test_no_half_hours_make_no_zone() -> None:
    frame = lifelike.rows(1, 200)
    ms = plant.stamps(frame)
    ms[50:90] += 17 * 60_000
    assert "no whole or half hour of any zone" in check(plant.with_stamps(frame, ms), kinds=["shift"])["detail"][0]


def test_a_known_phase_is_believed_over_the_rows() -> None:
    rules: Rules = {("somewhere",): VenueFacts(phase_hours=4)}
    assert check(lifelike.rows(1, 200, phase_hours=4), rules).is_empty()
    assert check(lifelike.rows(1, 200, phase_hours=0), rules)["kind"].to_list() == ["shift"]
    assert check(lifelike.rows(1, 200, 24.0, phase_hours=12), rules).is_empty()


DELAYS: Rules = {
    (venue,): replace(real.RULES.get((venue,), VenueFacts()), lag=lag)
    for venue, lag in (("binanceusdm", 0), ("binancecoinm", 0), ("bitmex", 1), ("hyperliquid", 0), ("dydx3", 0), ("deribit", 0))
}
"""Delays between averaging and payment, of spec/venues.md section 1b."""


@pytest.mark.parametrize("hours", [-8, -5, 5, 8, 9])
def test_an_hourly_history_in_another_zone_than_the_slow_ones_of_its_coin(shared: Path, hours: float) -> None:
    """All hourly histories of a venue at once, as a whole file in local time would be; about half of them are told."""
    rows = real.fundings(shared)
    fast = [who for who in real.series_names(rows) if who[0] in {"dydx3", "deribit"} or (who[0] == "hyperliquid" and not who[1])]
    found = told = 0
    for venue in ("hyperliquid", "dydx3", "deribit"):
        mine = [who for who in fast if who[0] == venue]
        others = rows.filter(pl.col("venue") != venue)
        moved = pl.concat([plant.shift(plant.one(rows, who), np.random.default_rng(0), hours).rows for who in mine])
        problems = check(pl.concat([others, moved]), DELAYS, ["shift"]).filter(pl.col("detail").str.contains("witness"))
        assert set(problems["venue"]) <= {venue}
        found += problems.select("native_id", "source").n_unique()
        told += len(mine)
        assert (problems["detail"].str.contains("too late") == (hours > 0)).all()
    assert found >= 0.45 * told


def test_a_slow_history_that_alone_contradicts_an_hourly_one(shared: Path) -> None:
    """Stamps of UTC+8 on a grid of eight hours: no grid shows it; the hourly histories of the coin do."""
    rows = real.fundings(shared).filter(pl.col("symbol").str.starts_with("BTC/"))
    who = ("bitmex", "", "XBTUSD", "funding_bitmex_xbtusd")
    planted = plant.shift(plant.one(rows, who), np.random.default_rng(0), 8)
    problems = check(pl.concat([planted.rows, plant.without(rows, who)]), DELAYS, ["shift"])
    assert planted.found(problems, "shift")
    assert set(problems["venue"]) == {"bitmex"}
    assert "h too late" in problems["detail"][0]
