"""Are invented histories told apart from published ones, and is the verdict never built on one sign?"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from perpscope.store.quality import Rules, VenueFacts, check
from tests.unit.quality import lifelike, plant
from tests.unit.quality.choice import chosen, in_company, paid_every

Make = Callable[[np.random.Generator, int], Any]
CLAMPS: Rules = {(venue,): VenueFacts(interest_8h=(1e-4,)) for venue in ("binanceusdm", "bybit", "hyperliquid", "gate", "htx", "bitmex")}


def remembering(rng: np.random.Generator, n: int) -> Any:  # noqa: ANN401 - an array
    """An autoregression of Gaussian shocks."""
    out = np.zeros(n)
    for i in range(1, n):
        out[i] = 0.8 * out[i - 1] + 1.2e-4 * rng.standard_normal()
    return 1e-4 + out


def wave(rng: np.random.Generator, n: int) -> Any:  # noqa: ANN401 - an array
    """A sine with noise."""
    return 1e-4 + 2e-4 * np.sin(2 * np.pi * np.arange(n) / rng.integers(15, 60)) + rng.normal(0, 5e-5, n)


BLIND: dict[str, tuple[Make, int]] = {
    "Gaussian": (lambda rng, n: rng.normal(1e-4, 2e-4, n), 900),
    "Gaussian, clipped": (lambda rng, n: np.clip(rng.normal(1e-4, 2e-4, n), -4e-4, 6e-4), 1600),
    "uniform": (lambda rng, n: rng.uniform(-1e-4, 3e-4, n), 500),
    "fat-tailed": (lambda rng, n: 1e-4 + 1e-4 * rng.standard_t(3, n), 1700),
    "wave": (wave, 800),
}
"""What is told without knowing anything, and how many rows that takes."""
WITH_FACTS: dict[str, tuple[Make, int]] = {
    "Gaussian": (BLIND["Gaussian"][0], 420),
    "fat-tailed": (BLIND["fat-tailed"][0], 1000),
    "remembering": (remembering, 1000),
}


def wide(_: plant.Who, rows: pl.DataFrame) -> bool:
    return len(rows) > 2500


@pytest.mark.parametrize("name", BLIND)
@pytest.mark.parametrize("seed", range(4))
def test_a_whole_invention_without_any_facts(shared: Path, seed: int, name: str) -> None:
    rng = np.random.default_rng(seed)
    _, rows = chosen(shared, rng, wide)
    make, n = BLIND[name]
    planted = plant.invent(rows[:n], rng, make)
    problems = check(planted.rows, kinds=["fabrication"])
    assert planted.found(problems, "fabrication")
    assert problems["detail"][0].count(";") >= 1, "one sign never suffices"


@pytest.mark.parametrize("name", WITH_FACTS)
@pytest.mark.parametrize("seed", range(4))
def test_a_whole_invention_at_a_venue_that_clamps(shared: Path, seed: int, name: str) -> None:
    rng = np.random.default_rng(seed)
    _, rows = chosen(shared, rng, lambda who, rows: wide(who, rows) and (who[0],) in CLAMPS)
    make, n = WITH_FACTS[name]
    planted = plant.invent(rows[:n], rng, make)
    problems = check(planted.rows, CLAMPS, ["fabrication"])
    assert planted.found(problems, "fabrication")
    assert "times on an interest, where a clamp must lead" in problems["detail"][0]


@pytest.mark.parametrize("name", ["Gaussian", "fat-tailed", "remembering"])
@pytest.mark.parametrize("seed", range(4))
def test_a_whole_invention_in_company(shared: Path, seed: int, name: str) -> None:
    rng = np.random.default_rng(seed)
    who, rows = chosen(
        shared, rng, lambda who, rows: paid_every(1.0, 8000)(who, rows) and "cross" in who[3] and not who[1] and who[2] != "TON"
    )
    planted = plant.invent(rows[:1000], rng, WITH_FACTS[name][0])
    problems = check(in_company(shared, who, planted.rows), kinds=["fabrication"])
    assert planted.found(problems, "fabrication")
    assert set(problems["native_id"]) == {who[2]}


@pytest.mark.parametrize("seed", range(6))
def test_an_invented_block_in_a_true_history(shared: Path, seed: int) -> None:
    rng = np.random.default_rng(seed)
    _, rows = chosen(shared, rng, lambda who, rows: (who[0],) in CLAMPS and len(rows) > 5000)
    planted = plant.invent(rows, rng, BLIND["Gaussian"][0], 1500)
    problems = check(planted.rows, kinds=["fabrication"])
    assert planted.found(problems, "fabrication", slack_ms=(planted.until - planted.since) // 6)
    assert problems.height == 1


@pytest.mark.parametrize("seed", range(4))
def test_true_rates_in_false_order(shared: Path, seed: int) -> None:
    rng = np.random.default_rng(seed)
    who, rows = chosen(
        shared, rng, lambda who, rows: paid_every(1.0, 8000)(who, rows) and "cross" in who[3] and not who[1] and who[2] != "TON"
    )
    shuffled = plant.with_rates(rows[:2000], rng.permutation(plant.rates(rows[:2000])))
    assert not check(in_company(shared, who, shuffled), kinds=["fabrication"]).is_empty()


def test_a_constant_is_no_history() -> None:
    frame = lifelike.rows(1, 400)
    problems = check(plant.with_rates(frame, np.full(400, 1e-4)))
    assert problems["kind"].to_list() == ["fabrication"]
    assert "a constant, not a history" in problems["detail"][0]


def test_a_short_invention_is_not_judged() -> None:
    frame = lifelike.rows(1, 300)
    assert check(plant.invent(frame, np.random.default_rng(1), BLIND["Gaussian"][0]).rows, kinds=["fabrication"]).is_empty()


def test_declared_simulations_are_not_asked() -> None:
    frame = lifelike.rows(1, 2000, venue="sim:somewhere")
    assert check(plant.invent(frame, np.random.default_rng(1), BLIND["Gaussian"][0]).rows).is_empty()


def test_more_digits_than_published_are_one_sign(shared: Path) -> None:
    rng = np.random.default_rng(1)
    _, rows = chosen(shared, rng, wide)
    rates = rng.normal(1e-4, 2e-4, 900)
    rules: Rules = {(rows["venue"][0],): VenueFacts(decimals=8)}
    problems = check(plant.with_rates(rows[:900], rates), rules, ["fabrication"])
    assert "100% of the rates have more decimals than the venue publishes" in problems["detail"][0]
    assert check(plant.with_rates(rows, plant.rates(rows) + 1e-13), rules, ["fabrication"]).is_empty()
