"""Are rows told that were written on after life, or collection, had ended, and are living rests left alone?"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from perpscope.store.quality import Rules, VenueFacts, check
from tests.unit.quality import lifelike, plant
from tests.unit.quality.choice import chosen, paid_every

SEEDS = range(8)
HOUR = lifelike.HOUR


@pytest.mark.parametrize("length", [1, 20, 417])
@pytest.mark.parametrize("seed", SEEDS)
def test_after_the_known_end_nothing_is_life(shared: Path, seed: int, length: int) -> None:
    rng = np.random.default_rng(seed)
    who, rows = chosen(shared, rng, lambda who, _: who[2] != "TON")
    planted = plant.filler(rows, length)
    rules: Rules = {who[:3]: VenueFacts(ended=int(plant.stamps(rows)[-1]))}
    problems = check(planted.rows, rules, ["filler"])
    assert planted.found(problems, "filler")
    assert problems.height == 1
    assert problems["severity"][0] == "fault"
    assert check(rows, rules, ["filler"]).is_empty()


@pytest.mark.parametrize("length", [8, 60, 417])
@pytest.mark.parametrize("seed", SEEDS)
def test_a_last_rate_nobody_paid_before_goes_on(shared: Path, seed: int, length: int) -> None:
    rng = np.random.default_rng(seed)
    _, rows = chosen(shared, rng, lambda who, rows: who[2] != "TON" and _odd(rows[-1:], rows))
    planted = plant.filler(rows, length)
    assert planted.found(check(planted.rows), "filler")


def _odd(last: pl.DataFrame, rows: pl.DataFrame) -> bool:
    value = last["funding_rate"][0]
    return (rows["funding_rate"] == value).sum() == 1 and value not in {rows["funding_rate"].max(), rows["funding_rate"].min()}


@pytest.mark.parametrize("seed", SEEDS)
def test_months_of_interest_after_a_long_life(shared: Path, seed: int) -> None:
    """The archive that went on for 417 rows of 0.0001, on any eight-hourly series whose longest rest is below a third of that."""
    rng = np.random.default_rng(seed)
    _, rows = chosen(shared, rng, lambda who, rows: paid_every(8.0)(who, rows) and _longest(rows) < 139)
    planted = plant.filler(rows, 417, 1e-4)
    found = check(planted.rows, kinds=["filler"])
    assert planted.found(found, "filler", slack_ms=90 * 8 * HOUR)
    assert found["severity"][0] == "doubt"


def _longest(rows: pl.DataFrame) -> int:
    return int(max(rows["funding_rate"].rle().struct.field("len").to_list()))


@pytest.mark.parametrize("length", [6, 40])
@pytest.mark.parametrize("seed", SEEDS)
def test_a_span_filled_with_zero(shared: Path, seed: int, length: int) -> None:
    rng = np.random.default_rng(seed)
    _, rows = chosen(shared, rng, lambda _, rows: (rows["funding_rate"] == 0).sum() == 0)
    planted = plant.filled(rows, rng, length, 0.0)
    assert planted.found(check(planted.rows), "filler")


@pytest.mark.parametrize("seed", SEEDS)
def test_a_span_filled_with_the_rate_before(shared: Path, seed: int) -> None:
    rng = np.random.default_rng(seed)
    _, rows = chosen(shared, rng, lambda _, rows: rows["funding_rate"].n_unique() > 0.98 * len(rows))
    planted = plant.filled(rows, rng, 12)
    assert planted.found(check(planted.rows), "filler")


@pytest.mark.parametrize("seed", range(4))
def test_a_mark_price_that_stands_still_too(shared: Path, seed: int) -> None:
    rng = np.random.default_rng(seed)
    _, rows = chosen(shared, rng, lambda _, rows: rows["mark_price_quote"].null_count() == 0)
    planted = plant.filler(rows, 20, float(rows["funding_rate"].mode()[0]))
    problems = check(planted.rows)
    assert planted.found(problems, "filler", slack_ms=8 * HOUR)
    assert "mark price does not move either" in problems["detail"][0]


def test_a_rest_before_a_long_hole_is_the_end_of_a_life() -> None:
    """A ticker that was used again: life, months of filler, nothing, another life."""
    first, second = lifelike.rows(1, 900), lifelike.rows(3, 900)
    written_on = plant.filler(first, 417, 1e-4)
    later = plant.with_stamps(second, plant.stamps(second) + written_on.until - lifelike.START + 30 * 24 * HOUR)
    problems = check(pl.concat([written_on.rows, later]))
    assert written_on.found(problems, "filler", slack_ms=40 * 8 * HOUR)


@pytest.mark.parametrize("value", [1e-4, 5e-5, 0.0])
def test_a_short_history_may_rest_all_its_life(value: float) -> None:
    frame = lifelike.rows(1, 90)
    assert check(plant.with_rates(frame, np.full(90, value))).is_empty()


def test_a_limit_may_hold_a_rate() -> None:
    """Forty settlements at the lowest rate ever, once: a squeeze against the floor."""
    frame = lifelike.rows(1, 1200)
    rate = plant.rates(frame)
    rate[500:540] = -0.02
    assert check(plant.with_rates(frame, rate), kinds=["filler"]).is_empty()
