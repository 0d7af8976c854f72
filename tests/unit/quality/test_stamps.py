"""Are doubled, late and misplaced stamps, and wrong intervals, found where they were planted, and told as what they are?"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from perpscope.store.quality import Rules, VenueFacts, check
from tests.unit.quality import lifelike, plant
from tests.unit.quality.choice import chosen, paid_every

SEEDS = range(6)


@pytest.mark.parametrize("length", [1, 3, 40])
@pytest.mark.parametrize(("late_ms", "change"), [(0, 0.0), (11, 0.0), (1000, 0.0), (0, 1e-5), (30_000, 1e-6)])
@pytest.mark.parametrize("seed", range(3))
def test_settlements_told_twice(shared: Path, seed: int, late_ms: int, change: float, length: int) -> None:
    rng = np.random.default_rng(seed)
    _, rows = chosen(shared, rng)
    planted = plant.duplicate(rows, rng, length, late_ms, change)
    problems = check(planted.rows, kinds=["duplicate"])
    assert planted.found(problems, "duplicate", slack_ms=late_ms)
    assert problems.height == 1
    assert ("two different values" in problems["detail"][0]) == bool(change)
    assert f"{length} settlement" in problems["detail"][0]


@pytest.mark.parametrize(("length", "most_ms"), [(1, 7), (10, 31), (100, 2000), (20, 60_000)])
@pytest.mark.parametrize("seed", SEEDS)
def test_jitter(shared: Path, seed: int, length: int, most_ms: int) -> None:
    rng = np.random.default_rng(seed)
    _, rows = chosen(shared, rng)
    planted = plant.jitter(rows, rng, length, most_ms)
    problems = check(planted.rows, kinds=["jitter"])
    assert planted.found(problems, "jitter")
    assert problems["severity"].to_list() == ["note"]
    assert problems["detail"][0].startswith(f"{length} stamp")
    before = check(rows, kinds=["gap", "off-slot", "duplicate"])
    assert check(planted.rows, kinds=["gap", "off-slot", "duplicate"]).height == before.height


@pytest.mark.parametrize("hours", [0.25, 1, -1, 2, 3, -3])
@pytest.mark.parametrize("seed", SEEDS)
def test_off_slot(shared: Path, seed: int, hours: float) -> None:
    rng = np.random.default_rng(seed)
    _, rows = chosen(shared, rng, paid_every(8.0))
    planted = plant.off_slot(rows, rng, hours)
    problems = check(planted.rows).filter(pl.col("from").dt.timestamp("ms") == planted.since)
    assert problems["kind"].to_list() == ["off-slot"]
    assert f"{abs(hours):g} h {'late' if hours > 0 else 'early'}" in problems["detail"][0]


@pytest.mark.parametrize("seed", SEEDS)
def test_off_slot_by_a_quarter_in_hourly_rows(shared: Path, seed: int) -> None:
    rng = np.random.default_rng(seed)
    _, rows = chosen(shared, rng, paid_every(1.0))
    planted = plant.off_slot(rows, rng, 0.25)
    assert planted.found(check(planted.rows), "off-slot")


@pytest.mark.parametrize(
    ("true", "length", "stated"), [(8, 1, 4), (8, 1, 1), (8, 3, 24), (8, 60, 4), (8, 60, 24), (8, 200, 1), (1, 1, 8), (1, 50, 8)]
)
@pytest.mark.parametrize("seed", range(4))
def test_wrong_intervals(shared: Path, seed: int, true: float, length: int, stated: float) -> None:
    rng = np.random.default_rng(seed)
    _, rows = chosen(shared, rng, paid_every(true))
    planted = plant.interval(rows, rng, length, stated)
    problems = check(planted.rows)
    assert planted.found(problems, "interval")
    new = problems.filter(pl.col("kind") != "interval")
    assert new.height <= check(rows).height, "the wrong interval must not look like gaps"


def test_all_intervals_wrong() -> None:
    frame = lifelike.rows(1, 400, 4.0).with_columns(interval_hours=pl.lit(8.0))
    problems = check(frame)
    assert problems["kind"].to_list() == ["interval"]
    assert "state 8 h but come every 4 h" in problems["detail"][0]


def test_continuous_accrual_has_no_slots() -> None:
    rules: Rules = {("somewhere",): VenueFacts(continuous=True)}
    frame = lifelike.rows(1, 100, 1.0)
    ms = plant.stamps(frame)
    ms[40] += 20 * 60_000
    ms[50] += 700
    assert check(plant.with_stamps(frame, ms), rules).is_empty()


def test_one_offset_for_all_is_a_custom_and_no_jitter() -> None:
    frame = lifelike.rows(1, 200, 1.0)
    early = plant.with_stamps(frame, plant.stamps(frame) - 60_000)
    assert check(early).is_empty()
    ms = plant.stamps(early)
    ms[40] += 7
    assert check(plant.with_stamps(early, ms))["kind"].to_list() == ["jitter"]
