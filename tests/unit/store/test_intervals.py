"""Are true intervals found through noise, and are their changes dated?"""

from __future__ import annotations

import random
from itertools import pairwise
from typing import TYPE_CHECKING

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perpscope.market.time import FOREVER, to_ms
from perpscope.store.eras import cut
from perpscope.store.intervals import LIFE_GAP_MS, infer_intervals, interval_disputes, stated_facts

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tests.unit.store.conftest import Rows

HOUR = 3_600_000
DAY = 24 * HOUR
START = 1_600_000_000_000 // DAY * DAY
MONTH = [(0, 8), (10 * 24, 4), (15 * 24, 1), (20 * 24, 8)]  # since which hour, which interval: a month of a restless contract


def stamps(eras: Sequence[tuple[int, int]], until: int) -> list[float]:
    """Hours of all settlements, from the first era's start to `until`."""
    out: list[float] = [float(eras[0][0])]
    for (start, step), (end, _) in pairwise([*eras, (until, 0)]):
        out += [float(hour) for hour in range(start + step, end + 1, step)]
    return out


def found(frame: pl.DataFrame, fact: str = "interval_hours") -> list[tuple[float, float, float]]:
    """(value, from, to) of inferred facts, times in hours after the start."""

    def hours(ms: int) -> float:
        return float("inf") if ms == FOREVER else (ms - START) / HOUR

    return [(f.value, hours(f.valid_from), hours(f.valid_to)) for f in infer_intervals(frame) if f.fact == fact]


def test_changes_within_a_month_are_found_and_dated(funding: Rows) -> None:
    inf = float("inf")
    assert found(funding(stamps(MONTH, 30 * 24))) == [(8, -8, 240), (4, 240, 360), (1, 360, 480), (8, 480, inf)]


@settings(max_examples=60)
@given(seed=st.integers(0, 10**6))
def test_noise_moves_no_change(seed: int) -> None:
    """Jitter of seconds on every stamp, a few single gaps, a settlement two hours late: eras stay what they are."""
    chance = random.Random(seed)  # noqa: S311 - noise, not secrets
    clean = stamps(MONTH, 30 * 24)
    safe = [
        i
        for i in range(3, len(clean) - 3)
        if clean[i + 3] - clean[i] == 3 * (clean[i] - clean[i - 1]) and clean[i] - clean[i - 3] == 3 * (clean[i] - clean[i - 1])
    ]
    drawn = set(chance.sample(safe, 4))
    gone = {i for i in drawn if not {i - 1, i - 2, i + 1, i + 2} & drawn}
    late = chance.choice([i for i in safe if i not in gone and not {i - 1, i + 1} & gone and clean[i] - clean[i - 1] == 8])
    noisy = [hour + (2.0 if i == late else 0.0) + chance.uniform(-30, 30) / 3600 for i, hour in enumerate(clean) if i not in gone]
    ts = pl.Series([START + round(hour * HOUR) for hour in noisy]).cast(pl.Datetime("ms", "UTC"))
    frame = pl.DataFrame({"ts": ts}).with_columns(venue=pl.lit("v"), market_list=pl.lit(""), native_id=pl.lit("BTC"))
    assert [(value, low) for value, low, _ in found(frame)] == [(8, -8), (4, 240), (1, 360), (8, 480)]


@pytest.mark.parametrize("phase", [0, 4])
def test_the_phase_of_the_grid(funding: Rows, phase: int) -> None:
    frame = funding(range(phase, 240, 8))
    assert [value for value, *_ in found(frame, "phase_hours")] == [phase]


def test_a_shift_of_phase_is_dated(funding: Rows) -> None:
    frame = funding([*range(0, 121, 8), *range(132, 240, 8)])
    assert found(frame, "phase_hours") == [(0, -8, 120), (4, 120, float("inf"))]
    assert [value for value, *_ in found(frame)] == [8]


def test_a_hole_of_months_is_not_bridged(funding: Rows) -> None:
    again = LIFE_GAP_MS // HOUR + 800
    frame = funding([*range(0, 81, 8), *range(again, again + 81, 8)])
    assert found(frame) == [(8, -8, 80), (8, again - 8, float("inf"))]
    assert [(f.valid_from - START, f.valid_to - START) for f in infer_intervals(frame) if f.fact == "seen"] == [
        (0, 80 * HOUR),
        (again * HOUR, (again + 80) * HOUR),
    ]


def test_too_few_stamps_prove_nothing(funding: Rows) -> None:
    assert found(funding([0])) == found(funding([0, 8])) == []
    assert [f.evidence for f in infer_intervals(funding([0, 8, 16])) if f.fact == "interval_hours"] == [2]


def test_contracts_and_lists_stand_apart_and_predictions_do_not_count(funding: Rows) -> None:
    both = pl.concat([funding(range(0, 48, 8)), funding(range(48), market_list="xyz"), funding([1, 2, 3], kind="predicted")])
    assert sorted((f.market_list, f.value) for f in infer_intervals(both) if f.fact == "interval_hours") == [("", 8), ("xyz", 1)]


def test_what_rows_state_is_kept_apart(funding: Rows) -> None:
    frame = pl.concat([funding(range(0, 48, 8)), funding(range(44, 80, 4), interval_hours=4.0)])
    assert [(f.value, (f.valid_from - START) // HOUR, f.basis, f.evidence) for f in stated_facts(frame)] == [
        (8.0, -8, "stated", 6),
        (4.0, 40, "stated", 9),
    ]
    assert interval_disputes(frame) == []


def test_a_stated_interval_that_the_stamps_deny_is_listed(funding: Rows) -> None:
    """Eight hours stated throughout, but the contract went to four for a day: the fault that doubles every APR."""
    frame = funding([*range(0, 48, 8), *range(44, 64, 4), *range(64, 120, 8)])
    (dispute,) = interval_disputes(frame)
    assert (dispute.stated_hours, dispute.inferred_hours, dispute.stamps) == (8, 4, 6)
    assert (dispute.first, dispute.last) == (START + 44 * HOUR, START + 64 * HOUR)


def test_the_cheapest_cut() -> None:
    def miss(seen: int, state: int) -> float:
        return float(seen != state)

    assert cut([], miss) == []
    assert cut([5], miss) == [5]
    assert cut([1] * 9 + [2] + [1] * 9, miss) == [1] * 19
    assert cut([1] * 9 + [2] * 9 + [1], miss) == [1] * 9 + [2] * 10


@given(st.lists(st.integers(1, 3), min_size=1, max_size=7))
def test_no_cut_is_cheaper(observed: list[int]) -> None:
    """Against every other way to cut."""
    from itertools import product

    def miss(seen: int, state: int) -> float:
        return 1.5 * (seen != state)

    def price(states: Sequence[int]) -> float:
        return sum(miss(o, s) for o, s in zip(observed, states, strict=True)) + 4.0 * sum(a != b for a, b in pairwise(states))

    chosen = cut(observed, miss)
    assert price(chosen) == min(price(states) for states in product(sorted(set(chosen)), repeat=len(observed)))


@pytest.mark.needs_shared
def test_real_changes_are_found(shared: Path) -> None:
    def load(name: str) -> pl.DataFrame:
        return pl.read_parquet(shared / "data" / name).rename({"symbol": "native_id"}).with_columns(market_list=pl.lit(""))

    def eras(name: str, native_id: str) -> list[tuple[float, int]]:
        facts = infer_intervals(load(name).filter(pl.col("native_id") == native_id))
        return [(f.value, f.valid_from) for f in facts if f.fact == "interval_hours"]

    # data/README.md: 22 daily settlements 2016-05-14..06-04, 8-hourly afterwards at 04/12/20
    bitmex = eras("funding_bitmex_xbtusd.parquet", "XBTUSD")
    assert bitmex == [(24.0, to_ms("2016-05-13T12:00Z")), (8.0, to_ms("2016-06-04T12:00Z"))]
    cross = load("funding_cross_section_2025_2026.parquet").filter(pl.col("interval_hours").is_not_null())
    restless = {f.native_id for f in infer_intervals(cross) if f.fact == "interval_hours" and f.venue == "bybit" and f.value == 1}
    assert restless == {"INJUSDT"}
    assert {d.native_id for d in interval_disputes(cross)} == {"ORDIUSDC", "TIAUSDC", "TIAUSDT", "WIFUSDC", "WIFUSDT"}
