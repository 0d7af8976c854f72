"""Are rates that cannot be told apart from typing errors, other units, other signs, or beyond a limit?"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from perpscope.store.quality import Rules, VenueFacts, check
from tests.unit.quality import lifelike, plant, real
from tests.unit.quality.choice import chosen, in_company, paid_every

HOUR = lifelike.HOUR
SEEDS = range(8)
ATOMLESS = {"okx", "dydx3", "deribit"}


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("seed", SEEDS)
def test_a_jump_in_company(shared: Path, seed: int, sign: int) -> None:
    """Twelve times the largest departure around, at any place, while the rest of the market is calm."""
    rng = np.random.default_rng(seed)
    who, rows = chosen(shared, rng, lambda who, rows: "2025" in who[3] and not who[1] and len(rows) > 500)
    rate = plant.rates(rows)
    place = int(rng.integers(300, len(rows) - 300))
    around = rate[place - 300 : place + 300]
    largest = np.abs(np.diff(around)).max()
    planted = plant.Planted(
        plant.with_rates(rows, np.where(np.arange(len(rate)) == place, rate + sign * 14 * largest, rate)),
        *plant.span(rows, place, place + 1),
    )
    calm = check(in_company(shared, who, rows), kinds=["jump"])
    assert calm.is_empty()
    if _market_is_calm(shared, who, planted.since):
        problems = check(in_company(shared, who, planted.rows), kinds=["jump"])
        assert planted.found(problems, "jump")
        assert problems.height == 1


def _market_is_calm(shared: Path, who: plant.Who, ms: int) -> bool:
    """Whether a jump planted in every other contract's place would be alone: no crash within a day of it."""
    crash = pl.datetime(2025, 10, 10, time_zone="UTC"), pl.datetime(2025, 10, 12, time_zone="UTC")
    rows = plant.company(real.fundings(shared), who)
    day = rows.filter((pl.col("ts").dt.timestamp("ms") - ms).abs() <= 24 * HOUR)
    coin = plant.one(real.fundings(shared), who)["symbol"][0].split("/")[0]
    return day.filter(pl.col("ts").is_between(*crash) | pl.col("symbol").str.starts_with(f"{coin}/")).is_empty()


@pytest.mark.parametrize("seed", SEEDS)
def test_a_jump_alone_must_be_far_out(seed: int) -> None:
    rng = np.random.default_rng(seed)
    frame = lifelike.rows(seed, 1500)
    largest = np.abs(np.diff(plant.rates(frame))).max()
    assert check(plant.jump(frame, rng, 5 * largest).rows, kinds=["jump"]).is_empty()
    planted = plant.jump(frame, rng, 70 * largest)
    problems = check(planted.rows, kinds=["jump"])
    assert planted.found(problems, "jump")
    assert "no other contract to compare with" in problems["detail"][0]


def test_a_jump_the_market_shares_is_none() -> None:
    frames = [
        lifelike.rows(seed, 600, native_id=f"{coin}USDT") for seed, coin in enumerate(("BTC", "ETH", "SOL", "XRP", "ADA", "DOT", "UNI"))
    ]
    crashed = [plant.with_rates(f, plant.rates(f) - 0.05 * (np.arange(600) == 300)) for f in frames]
    assert check(pl.concat(crashed), kinds=["jump"]).is_empty()
    alone = check(pl.concat([crashed[0], *frames[1:]]), kinds=["jump"])
    assert alone["native_id"].to_list() == ["BTCUSDT"]


def test_three_jumps_do_not_hide_each_other() -> None:
    frames = [
        lifelike.rows(seed, 900, native_id=f"{coin}USDT") for seed, coin in enumerate(("BTC", "ETH", "SOL", "XRP", "ADA", "DOT", "UNI"))
    ]
    rate = plant.rates(frames[0])
    rate[[200, 210, 240]] += (0.2, -0.25, 0.3)
    found = check(pl.concat([plant.with_rates(frames[0], rate), *frames[1:]]), kinds=["jump"])
    assert found["from"].to_list() == [frames[0]["ts"][i] for i in (200, 210, 240)]


@pytest.mark.parametrize("length", [None, 400, 120])
@pytest.mark.parametrize("seed", SEEDS)
def test_percent_for_fraction(shared: Path, seed: int, length: int | None) -> None:
    rng = np.random.default_rng(seed)
    _, rows = chosen(shared, rng, lambda who, rows: who[0] not in ATOMLESS and len(rows) > 600 and _rests(rows) > 0.15)
    planted = plant.scale(rows, rng, 100.0, length)
    problems = check(planted.rows)
    assert _covered(planted, problems.filter(pl.col("kind") == "unit")) >= 0.9, "chance hits of the right interest may split it"
    assert "percent, not fractions" in problems.filter(pl.col("kind") == "unit")["detail"][0]
    assert "cap" not in set(check(planted.rows, {(rows["venue"][0],): VenueFacts(cap=0.04)})["kind"]), "the unit explains the cap"


def _covered(planted: plant.Planted, problems: pl.DataFrame) -> float:
    """Share of the planted rows that lie in a problem."""
    inside = [pl.col("ts").is_between(start, end) for start, end in problems.select("from", "to").iter_rows()]
    ts = planted.rows.filter(pl.col("ts").dt.timestamp("ms").is_between(planted.since, planted.until))
    return ts.filter(pl.any_horizontal(inside)).height / ts.height if inside else 0.0


def _rests(rows: pl.DataFrame) -> float:
    """Share of rows at 0.01 % per 8 h."""
    return rows.filter((pl.col("funding_rate") * 8 / pl.col("interval_hours") - 1e-4).abs() < 1e-9).height / rows.height


@pytest.mark.parametrize("seed", SEEDS)
def test_percent_without_an_interest_shows_by_size(shared: Path, seed: int) -> None:
    rng = np.random.default_rng(seed)
    _, rows = chosen(shared, rng, lambda who, _: who[0] == "okx")
    problems = check(plant.scale(rows, rng, 100.0).rows, kinds=["unit"])
    assert set(problems["severity"]) == {"doubt"}


@pytest.mark.parametrize(
    ("hours", "factor", "words"), [(1.0, 8.0, "rates per 8 h"), (8.0, 3.0, "rates per day"), (1.0, 24.0, "rates per day")]
)
@pytest.mark.parametrize("seed", range(4))
def test_another_period_where_the_interest_is_known(shared: Path, seed: int, hours: float, factor: float, words: str) -> None:
    rng = np.random.default_rng(seed)
    who, rows = chosen(shared, rng, lambda who, rows: paid_every(hours)(who, rows) and _rests(rows) > 0.15)
    rules: Rules = {(who[0],): VenueFacts(interest_8h=(1e-4,))}
    assert words in check(plant.scale(rows, rng, factor).rows, rules, ["unit"])["detail"][0]
    assert check(rows, rules, ["unit"]).is_empty()


def test_two_sources_in_a_constant_ratio(shared: Path) -> None:
    _, rows = chosen(shared, np.random.default_rng(1), lambda who, _: who[0] == "okx")
    other = rows.with_columns(pl.col("funding_rate") / 8, source=pl.lit("another"))
    problems = check(pl.concat([rows, other]), kinds=["unit"])
    assert problems["source"].to_list() == [rows["source"][0]]
    assert "are 8 times those of source another" in problems["detail"][0]


@pytest.mark.parametrize("length", [None, 400, 100])
@pytest.mark.parametrize("seed", SEEDS)
def test_turned_signs(shared: Path, seed: int, length: int | None) -> None:
    rng = np.random.default_rng(seed)
    _, rows = chosen(shared, rng, lambda who, rows: who[0] not in ATOMLESS and len(rows) > 600 and _rests(rows) > 0.15)
    planted = plant.scale(rows, rng, -1.0, length)
    problems = check(planted.rows)
    assert planted.found(problems, "sign")
    assert problems.filter(pl.col("kind") == "sign").height == 1


def test_two_sources_that_mirror_each_other(shared: Path) -> None:
    _, rows = chosen(shared, np.random.default_rng(1), lambda who, _: who[0] == "okx")
    other = rows.with_columns(-pl.col("funding_rate"), source=pl.lit("another"))
    assert check(pl.concat([rows, other]), kinds=["sign"]).height == 2


@pytest.mark.parametrize("seed", range(4))
def test_beyond_the_cap(shared: Path, seed: int) -> None:
    rng = np.random.default_rng(seed)
    who, rows = chosen(shared, rng, lambda who, _: who[0] in {"gate", "htx", "bitmex"})
    rules: Rules = {(who[0],): real.RULES[who[0],]}
    cap = real.RULES[who[0],].cap or 0.0
    place = int(rng.integers(len(rows)))
    rate = plant.rates(rows)
    rate[place] = -1.5 * cap
    planted = plant.Planted(plant.with_rates(rows, rate), *plant.span(rows, place, place + 1))
    problems = check(planted.rows, rules, ["cap"])
    assert planted.found(problems, "cap")
    assert "1.5 times" in problems["detail"][0]
    rate[place] = np.float32(cap)
    assert check(plant.with_rates(rows, rate), rules, ["cap"]).is_empty()
