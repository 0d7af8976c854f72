"""Are missing stamps found, and counted, wherever they are?"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from perpscope.store.quality import check, coverage
from tests.unit.quality import lifelike, plant, real
from tests.unit.quality.choice import chosen

HOUR = lifelike.HOUR


@pytest.mark.parametrize("length", [1, 2, 7, 60])
@pytest.mark.parametrize("seed", range(6))
def test_a_planted_gap_is_found_and_counted(shared: Path, seed: int, length: int) -> None:
    rng = np.random.default_rng(seed)
    who, rows = chosen(shared, rng)
    planted = plant.gap(rows, rng, length)
    problems = check(planted.rows)
    assert planted.found(problems, "gap")
    before, after = coverage(rows), coverage(planted.rows)
    assert after.present == before.present - length
    assert after.expected == before.expected, who


def test_the_known_gaps_are_counted_exactly(shared: Path) -> None:
    found = coverage(real.fundings(shared)).gaps
    missing: dict[tuple[str, str], int] = {}
    for hole in found:
        missing[hole.venue, hole.native_id] = missing.get((hole.venue, hole.native_id), 0) + hole.missing
    assert missing == {
        ("bybit", "INJUSDT"): 1,
        ("deribit", "BTC-PERPETUAL"): 2,
        ("gate", "ETH_USDT"): 93,
        ("htx", "BTCUSDT"): 2,
        ("htx", "ETHUSDT"): 2,
        ("hyperliquid", "BTC"): 23 * 220 + 219 + 1,
    }
    assert [hole.exact for hole in found if hole.venue == "bybit"] == [False]


def test_missing_hours_of_prices_are_counted(shared: Path) -> None:
    rows = real.prices(shared).filter((pl.col("native_id") == "ETHUSDT") & (pl.col("source") == "spot_1h_binance_btc_eth_2017_2025"))
    words = check(rows).filter(pl.col("kind") == "gap")["detail"]
    assert sum(int(text.split(" ")[0]) for text in words) == 128  # the README's count


def test_an_interval_that_changes_opens_no_hole() -> None:
    ms, hours = [lifelike.START], [8.0]
    for step, n in ((8, 40), (4, 50), (1, 200), (8, 30), (24, 10), (8, 20)):
        for _ in range(n):
            nearest = (ms[-1] // (step * HOUR) + 1) * step * HOUR
            ms.append(nearest)
            hours.append(float(step))
    rng = np.random.default_rng(1)
    frame = lifelike.framed(ms, np.round(rng.standard_t(4, len(ms)) * 1e-4, 8), hours)
    assert coverage(frame).gaps == []
    assert coverage(frame).expected == len(ms)
    assert check(frame, kinds=["gap", "interval", "off-slot", "shift"]).is_empty()


def test_jitter_and_off_slot_stamps_fill_their_slots() -> None:
    frame = lifelike.rows(1, 300)
    ms = plant.stamps(frame)
    ms[50] += 3 * HOUR
    ms[100] -= 2 * HOUR
    ms[150:200] += np.arange(50) * 7
    assert coverage(plant.with_stamps(frame, ms)).gaps == []
    assert coverage(plant.with_stamps(frame, ms)).present == 300


def test_an_extra_settlement_fills_no_slot() -> None:
    frame = lifelike.rows(1, 300)
    extra = plant.with_stamps(frame[100:101], plant.stamps(frame)[100:101] + 3 * HOUR)
    found = coverage(pl.concat([frame, extra]))
    assert (found.expected, found.present, found.gaps) == (300, 300, [])


def test_neighbouring_holes_are_one_problem() -> None:
    frame = lifelike.rows(1, 300)
    problems = check(frame.with_row_index("i").filter(~pl.col("i").is_in([100, 102, 104])).drop("i"), kinds=["gap"])
    assert problems.height == 1
    assert problems["detail"][0].startswith("3 settlements missing in 3 neighbouring holes")


def test_every_second_stamp_gone_is_a_question_of_interval() -> None:
    frame = lifelike.rows(1, 300).gather_every(2)
    assert check(frame)["kind"].to_list() == ["interval"]
    assert coverage(frame).share == pytest.approx(150 / 299)


def test_the_share_of_nothing_is_one() -> None:
    assert coverage(lifelike.rows(1, 300)[:0]).share == 1.0
