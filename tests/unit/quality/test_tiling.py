"""Is history that stands there twice found: in one series, in another contract, and laid many times over?"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from perpscope.store.quality import check
from tests.unit.quality import lifelike, plant
from tests.unit.quality.choice import chosen

SEEDS = range(10)


@pytest.mark.parametrize("length", [12, 24, 90, 300])
@pytest.mark.parametrize("seed", SEEDS)
def test_a_block_with_eight_odd_rates(shared: Path, seed: int, length: int) -> None:
    rng = np.random.default_rng(seed)
    _, rows = chosen(shared, rng, lambda _, rows: len(rows) > 3 * length + 10)
    rate = plant.rates(rows)
    while True:
        source, place = (int(i) for i in rng.integers(0, len(rows) - length, 2))
        if abs(source - place) >= length and _odd(rate, source, length) >= 8:
            break
        if not any(_odd(rate, i, length) >= 8 for i in range(0, len(rows) - length, length)):
            return  # a series that rests so much cannot show it
    rate[place : place + length] = rate[source : source + length]
    problems = check(plant.with_rates(rows, rate), kinds=["tiling"])
    for first in (source, place):
        planted = plant.Planted(rows, *plant.span(rows, first, first + length))
        assert planted.found(problems, "tiling")
    assert problems.height == 2


def _odd(rate: np.ndarray[tuple[int], np.dtype[np.float64]], first: int, length: int) -> int:
    """Rates of a block that stand nowhere else."""
    values, n = np.unique(rate, return_counts=True)
    return int(np.isin(rate[first : first + length], values[n == 1]).sum())


def test_one_block_laid_many_times() -> None:
    frame = lifelike.rows(3, 1000)
    rate = plant.rates(frame)
    rate[400:] = np.resize(rate[310:400], 600)
    problems = check(plant.with_rates(frame, rate))
    assert problems["kind"].to_list() == ["tiling"]
    assert "a block of 90 rows is laid 7.67 times in a row" in problems["detail"][0]


@pytest.mark.parametrize("late", [0, 5])
@pytest.mark.parametrize("seed", SEEDS)
def test_a_contract_copied_from_another(shared: Path, seed: int, late: int) -> None:
    rng = np.random.default_rng(seed)
    who, rows = chosen(shared, rng, lambda _, rows: rows["funding_rate"].n_unique() > 100)
    copy = rows[:-1].with_columns(native_id=pl.lit("COPY"), symbol=pl.lit("COPY/USDT:USDT"))
    copy = plant.with_stamps(copy, plant.stamps(copy) + late * lifelike.HOUR * 8)
    problems = check(pl.concat([rows, copy]), kinds=["tiling"])
    assert set(problems["native_id"]) == {"COPY"}
    assert f"on {who[0]} {'at the same time' if not late else 'at '}" in problems["detail"][0]


def test_two_sources_that_agree_are_no_tiling(shared: Path) -> None:
    _, rows = chosen(shared, np.random.default_rng(0))
    assert check(pl.concat([rows, rows.with_columns(source=pl.lit("another"))]), kinds=["tiling", "shift"]).is_empty()


def test_noise_over_the_copy_hides_it() -> None:
    """What the detector cannot do: a copy with other last digits passes."""
    rng = np.random.default_rng(0)
    planted = plant.tile(lifelike.rows(3, 1000), rng, 200)
    noisy = plant.with_rates(planted.rows, plant.rates(planted.rows) + rng.normal(0, 1e-7, 1000))
    assert check(noisy, kinds=["tiling"]).is_empty()
