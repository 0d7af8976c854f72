"""Are price bars told that contradict themselves, stand still, jump, or stand there twice?"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from perpscope.store.quality import check
from tests.unit.quality import lifelike, plant, real

SEEDS = range(6)
PRICES = ("open_quote", "high_quote", "low_quote", "close_quote")
HOUR = lifelike.HOUR


@cache
def series(shared: Path) -> tuple[pl.DataFrame, ...]:
    """Every real series of bars without a known fault."""
    frame = real.prices(shared).filter((pl.col("venue") != "coinbase") & (pl.col("native_id") != "ETHUSDT"))
    key = ["venue", "native_id", "market", "bar_hours", "source"]
    return tuple(part.sort("ts") for part in frame.partition_by(key))


def chosen(shared: Path, rng: np.random.Generator, *, ranges: bool = False) -> pl.DataFrame:
    fitting = [rows for rows in series(shared) if not ranges or (rows["high_quote"].null_count() == 0 and rows["venue"][0] != "bitmex")]
    rows = fitting[int(rng.integers(len(fitting)))]
    first = int(rng.integers(0, len(rows) - 1000))
    return rows[first : first + 1000]


def put(rows: pl.DataFrame, place: int, **values: float) -> pl.DataFrame:
    """Change one bar."""
    at = pl.int_range(pl.len()) == place
    return rows.with_columns(pl.when(at).then(pl.lit(value)).otherwise(pl.col(name)).alias(name) for name, value in values.items())


def kinds_at(problems: pl.DataFrame, rows: pl.DataFrame, place: int) -> list[str]:
    return problems.filter(pl.col("from") == rows["ts"][place])["kind"].to_list()


@pytest.mark.parametrize("seed", SEEDS)
def test_bars_that_contradict_themselves(shared: Path, seed: int) -> None:
    rng = np.random.default_rng(seed)
    rows = chosen(shared, rng, ranges=True)
    assert check(rows).is_empty()
    place = int(rng.integers(10, 990))
    high, low = rows["high_quote"][place], rows["low_quote"][place]
    for words, fault in (
        ("high below their low", {"high_quote": low, "low_quote": high * 1.001}),
        ("close outside", {"close_quote": high * 1.002}),
        ("open outside", {"open_quote": low * 0.998}),
        ("zero, negative", {"close_quote": -1.0}),
        ("zero, negative", {"low_quote": 0.0}),
    ):
        problems = check(put(rows, place, **fault), kinds=["order"])
        assert kinds_at(problems, rows, place) == ["order"]
        assert words in problems["detail"][0]


def test_an_open_that_is_the_close_before_is_a_custom(shared: Path) -> None:
    rows = chosen(shared, np.random.default_rng(3), ranges=True)
    close = float(rows["close_quote"][499]) * 1.03
    rows = put(rows, 499, close_quote=close, high_quote=close)
    assert check(put(rows, 500, open_quote=close), kinds=["order"]).is_empty()
    assert check(put(rows, 500, open_quote=close * 1.01), kinds=["order"]).height == 1


@pytest.mark.parametrize("factor", [10.0, 0.1, 3.0])
@pytest.mark.parametrize("seed", SEEDS)
def test_a_spike(shared: Path, seed: int, factor: float) -> None:
    rng = np.random.default_rng(seed)
    rows = chosen(shared, rng)
    largest = np.abs(np.diff(np.log(rows["close_quote"].to_numpy()))).max()
    place = int(rng.integers(10, 990))
    value = float(rows["close_quote"][place]) * max(factor, np.exp(14 * largest)) ** (1 if factor > 1 else -1)
    planted = put(rows, place, **{name: value for name in PRICES if rows[name].null_count() == 0})
    assert "jump" in kinds_at(check(planted), rows, place)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_wick(shared: Path, seed: int) -> None:
    rng = np.random.default_rng(seed)
    rows = chosen(shared, rng, ranges=True)
    place = int(rng.integers(10, 990))
    longest = np.log(rows["high_quote"].to_numpy() / rows["low_quote"].to_numpy()).max()
    planted = put(rows, place, high_quote=float(rows["high_quote"][place]) * float(np.exp(15 * longest)))
    problems = check(planted)
    assert kinds_at(problems, rows, place) == ["jump"]
    assert "has a high" in problems["detail"][0]


@pytest.mark.parametrize("factor", [1000.0, 0.01])
@pytest.mark.parametrize("seed", SEEDS)
def test_another_unit_from_a_date_on(shared: Path, seed: int, factor: float) -> None:
    rng = np.random.default_rng(seed)
    rows = chosen(shared, rng)
    place = int(rng.integers(100, 900))
    later = pl.int_range(pl.len()) >= place
    planted = rows.with_columns(pl.when(later).then(pl.col(name) * factor).otherwise(pl.col(name)).alias(name) for name in PRICES)
    problems = check(planted)
    assert kinds_at(problems, rows, place) == ["jump"]
    assert "stays there" in problems["detail"][0]


@pytest.mark.parametrize("length", [12, 60])
@pytest.mark.parametrize("seed", SEEDS)
def test_a_feed_that_stood_still(shared: Path, seed: int, length: int) -> None:
    rng = np.random.default_rng(seed)
    rows = chosen(shared, rng)
    place = int(rng.integers(10, 900))
    frozen = pl.int_range(pl.len()).is_between(place, place + length - 1)
    planted = rows.with_columns(pl.when(frozen).then(pl.col(name).get(place - 1)).otherwise(pl.col(name)).alias(name) for name in PRICES)
    problems = check(planted)
    since, until = plant.span(rows, place, place + length)
    assert plant.Planted(planted, since, until).found(problems, "filler", slack_ms=0)


@pytest.mark.parametrize("seed", SEEDS)
def test_bars_missing_doubled_or_laid_twice(shared: Path, seed: int) -> None:
    rng = np.random.default_rng(seed)
    rows = chosen(shared, rng)
    place = int(rng.integers(10, 400))
    assert plant.Planted(rows, *plant.span(rows, place, place + 3)).found(check(pl.concat([rows[:place], rows[place + 3 :]])), "gap")
    doubled = check(pl.concat([rows, rows[place : place + 2]]))
    assert doubled["kind"].to_list() == ["duplicate"]
    assert "2 bars" in doubled["detail"][0]
    copy = rows[place : place + 90].with_columns(rows["ts"][place + 400 : place + 490], close_ts=None)
    problems = check(pl.concat([rows[: place + 400], copy, rows[place + 490 :]]))
    assert problems.filter(pl.col("kind") == "tiling").height == 2


@pytest.mark.parametrize("seed", SEEDS)
def test_bars_in_local_time(shared: Path, seed: int) -> None:
    rng = np.random.default_rng(seed)
    rows = next(r for r in series(shared) if r["bar_hours"][0] == 8.0 and r["native_id"][0] == ("BTCUSDT", "BTC/USDT")[seed % 2])
    planted = plant.shift(rows.with_columns(slot=pl.col("ts")), rng, 1.0, 300)
    assert planted.found(check(planted.rows.drop("slot")), "shift")
