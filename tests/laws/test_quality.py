"""What holds for the detectors of any history, whatever its intervals, jitter, company and order?"""

from __future__ import annotations

import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from perpscope.store.quality import check, coverage
from perpscope.store.quality._evidence import ranks
from tests.unit.quality import lifelike, plant

HOUR = lifelike.HOUR
STAMPS = ("gap", "duplicate", "jitter", "off-slot", "interval", "shift")
cheap = settings(max_examples=60)
seeds = st.integers(0, 2**32 - 1)
intervals = st.sampled_from([1.0, 2.0, 4.0, 8.0])


@st.composite
def calendars(draw: st.DrawFn) -> tuple[list[int], list[float]]:
    """Stamps of eras with changing intervals; every stamp lies on the grid of its interval."""
    ms, hours = [lifelike.START], [draw(intervals)]
    for _ in range(draw(st.integers(1, 5))):
        step = draw(intervals)
        for _ in range(draw(st.integers(4, 60))):
            ms.append((ms[-1] // round(step * HOUR) + 1) * round(step * HOUR))
            hours.append(step)
    return ms, hours


def history(ms: list[int], hours: list[float], seed: int) -> pl.DataFrame:
    rate = np.round(np.random.default_rng(seed).standard_t(4, len(ms)) * 1e-4, 8)
    return lifelike.framed(ms, rate, hours)


@cheap
@given(calendars(), seeds)
def test_a_calendar_that_changes_is_complete(calendar: tuple[list[int], list[float]], seed: int) -> None:
    frame = history(*calendar, seed)
    assert coverage(frame) == (frame.height, frame.height, [])
    assert check(frame, kinds=STAMPS).is_empty()


@cheap
@given(seeds, intervals, st.integers(60, 300), st.data())
def test_expected_is_present_and_missing(seed: int, hours: float, n: int, data: st.DataObject) -> None:
    """Take any rows out of one era but its ends: what was there is still expected."""
    gone = data.draw(st.sets(st.integers(1, n - 2), max_size=n // 4))
    frame = lifelike.rows(seed, n, hours)
    left = frame.filter(~pl.int_range(pl.len()).is_in(sorted(gone)))
    found = coverage(left)
    assert (found.expected, found.present) == (n, n - len(gone))
    assert sum(hole.missing for hole in found.gaps) == len(gone)
    assert _times_told(frame, gone) == dict.fromkeys(gone, 1)


def test_every_second_row_missing_is_told_as_an_interval_that_may_be_wrong() -> None:
    gone = {3, 49, 51, 53, 55}
    assert _times_told(lifelike.rows(0, 60, 1.0), gone) == dict.fromkeys(gone, 1)


def _times_told(frame: pl.DataFrame, gone: set[int]) -> dict[int, int]:
    """How many findings cover each row taken out, as a hole or as every second settlement missing of a longer interval."""
    left = frame.filter(~pl.int_range(pl.len()).is_in(sorted(gone)))
    told, ts = check(left, kinds=["gap", "interval"]), plant.stamps(frame)
    out = {}
    for row in gone:
        covered = (told["from"].dt.timestamp("ms") < ts[row]) & (told["to"].dt.timestamp("ms") > ts[row])
        out[row] = int(covered.sum())
    return out


@cheap
@given(seeds, intervals, st.integers(1, 120))
def test_jitter_changes_nothing_but_is_noted(seed: int, hours: float, seconds: int) -> None:
    frame = lifelike.rows(seed, 200, hours)
    late = np.random.default_rng(seed).integers(0, seconds * 1000, 200)
    late[7] = 1
    jittered = plant.with_stamps(frame, plant.stamps(frame) + late)
    assert coverage(jittered) == coverage(frame)
    assert check(jittered, kinds=STAMPS)["kind"].to_list() == ["jitter"]


@cheap
@given(seeds, st.integers(1, 4))
def test_order_of_rows_and_of_sources_says_nothing(seed: int, copies: int) -> None:
    frame = lifelike.rows(seed, 150).with_columns(pl.int_range(pl.len()).alias("i")).filter(pl.col("i") % 37 != 20).drop("i")
    every = pl.concat([frame.with_columns(source=pl.lit(f"s{i}")) for i in range(copies)])
    assert check(every.sample(fraction=1.0, shuffle=True, seed=seed % 1000)).equals(check(every))
    assert check(every)["source"].value_counts().height == copies


@cheap
@given(seeds, st.sampled_from([1, 2, 3, 5, 6, 7]), st.booleans())
def test_a_zone_off_the_grid_is_always_told(seed: int, offset: int, early: bool) -> None:  # noqa: FBT001 - drawn
    frame = plant.shift(lifelike.rows(seed, 120), np.random.default_rng(0), -offset if early else offset).rows
    assert "shift" in check(frame, kinds=STAMPS)["kind"].to_list()


@cheap
@given(seeds, st.integers(-500, 500))
def test_a_move_by_whole_days_changes_no_finding_but_its_dates(seed: int, days: int) -> None:
    rng = np.random.default_rng(seed)
    frame = plant.gap(plant.off_slot(plant.jitter(lifelike.rows(seed, 200), rng, 3, 900).rows, rng, 2).rows, rng, 5).rows
    moved = plant.with_stamps(frame, plant.stamps(frame) + days * 24 * HOUR)
    here, there = check(frame, kinds=STAMPS), check(moved, kinds=STAMPS)
    assert here["kind"].equals(there["kind"])
    assert ((there["from"] - here["from"]).dt.total_hours() == days * 24).all()


@cheap
@given(seeds, st.floats(0.1, 10))
def test_the_size_of_rates_does_not_make_a_jump(seed: int, factor: float) -> None:
    frame = lifelike.rows(seed, 400)
    scaled = plant.with_rates(frame, plant.rates(frame) * factor)
    assert check(scaled, kinds=["jump", "tiling", "fabrication"]).is_empty()


@cheap
@given(seeds, st.integers(8, 60))
def test_a_tile_of_odd_rates_is_always_found(seed: int, length: int) -> None:
    rng = np.random.default_rng(seed)
    odd = np.round(rng.standard_t(4, 400) * 1e-4, 8)
    frame = plant.with_rates(lifelike.rows(1, 400), odd)
    planted = plant.tile(frame, rng, length)
    assert planted.found(check(planted.rows, kinds=["tiling"]), "tiling")


@cheap
@given(st.lists(st.lists(st.integers(0, 6), min_size=8, max_size=8), min_size=1, max_size=4))
def test_ranks_are_average_ranks(rows: list[list[int]]) -> None:
    """Against the definition: the mean place of all equal values."""
    found = ranks(np.array(rows, float))
    for row, scaled in zip(rows, found, strict=True):
        plain = np.array([sum(x < value for x in row) + (sum(x == value for x in row) - 1) / 2 for value in row])
        size = plain.std()
        assert np.allclose(scaled, (plain - plain.mean()) / size if size else 0, atol=1e-12)
