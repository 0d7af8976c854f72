"""Do the claims on averages, modes and a deliverable venue follow their data, and do those without data come alive with it?"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from tests.unit.claims.markets import INVERSE, LINEAR, Contract, funding, spot, store_of, tried, utc

APR = 1 / 1095
MONTH = 90
OKX: Contract = ("okx", "BTC/USDT:USDT", "linear")
BYBIT: Contract = ("bybit", "BTC/USDT:USDT", "linear")


def months(levels: list[float]) -> list[float]:
    """Rates of months of thirty days, one level a year each."""
    return [level * APR for level in levels for _ in range(MONTH)]


@pytest.mark.parametrize(
    ("binance", "bitmex", "verdict"),
    [
        ([0.1, 0.9, 0.6, -0.05] * 6, [0.1, 0.6, -0.5, 0.0] * 6, "holds"),
        ([0.1, 0.9, 0.6, -0.8] * 6, [0.1, 0.6, -0.5, 0.0] * 6, "holds with changes"),
        ([0.1, 0.2, 0.1, -0.2] * 6, [0.1, 0.6, 0.5, 0.0] * 6, "fails"),
    ],
)
def test_spikes_and_one_sidedness(tmp_path: Path, binance: list[float], bitmex: list[float], verdict: str) -> None:
    start = utc(2020)
    store = store_of(tmp_path, funding=[funding(LINEAR, months(binance), start), funding(INVERSE, months(bitmex), start)])
    one = tried("F07", store)
    assert one.verdict == verdict
    assert "with_price_binance" not in one.found
    assert one.found["highest_binance"] <= max(binance) + 1e-9


def test_one_venue_alone_shows_no_asymmetry(tmp_path: Path) -> None:
    assert tried("F07", store_of(tmp_path, funding=[funding(LINEAR, months([0.1] * 20), utc(2020))])).verdict == "cannot be tested"


@pytest.mark.parametrize(
    ("scale", "shift", "noise", "verdict"),
    [(0.3, 0.2, 0.02, "holds"), (1.0, 0.0, 0.0, "fails"), (0.3, 0.2, 0.7, "holds with changes"), (0.0, 0.2, 0.3, "fails")],
)
def test_alike_and_apart_are_two_things(tmp_path: Path, scale: float, shift: float, noise: float, verdict: str) -> None:
    rng = np.random.default_rng(11)
    season = np.repeat(rng.normal(0.1, 0.3, 30), MONTH)
    other = scale * season + shift + rng.normal(0, noise, season.size)
    start = utc(2019, 10)
    store = store_of(tmp_path, funding=[funding(LINEAR, list(season * APR), start), funding(INVERSE, list(other * APR), start)])
    one = tried("F08", store)
    assert one.verdict == verdict
    assert one.found["pairs"] == 1


def _modal(tmp_path: Path, rate: float, premium: float) -> str:
    rng = np.random.default_rng(3)
    n = 1200
    close = 30_000 * np.exp(np.cumsum(rng.normal(0, 0.001, n)))
    perpetual = close * (1 + premium + rng.normal(0, 0.00003, n))
    store = store_of(
        tmp_path,
        funding=[funding(LINEAR, [rate] * 300, utc(2021))],
        prices=[spot(list(close), utc(2021)), spot(list(perpetual), utc(2021), who=LINEAR)],
    )
    return tried("F30", store).verdict


def test_modes_of_funding_and_premium_are_asked_apart(tmp_path: Path) -> None:
    assert _modal(tmp_path / "a", 0.0001, 0.0003) == "holds"
    assert _modal(tmp_path / "b", 0.0001, -0.0004) == "holds with changes"
    assert _modal(tmp_path / "c", 0.0002, 0.0003) == "holds with changes"
    assert _modal(tmp_path / "d", 0.0002, -0.0004) == "fails"


def test_a_day_that_lacks_a_settlement_is_no_day(tmp_path: Path) -> None:
    rows = funding(LINEAR, [0.0001] * 600, utc(2021))
    torn = rows.filter(pl.int_range(pl.len()) % 3 != 1)
    assert tried("F30", store_of(tmp_path, funding=[torn])).verdict == "cannot be tested"


@pytest.mark.parametrize(
    ("shares", "verdict"), [((0.9, 0.9, 0.9), "holds"), ((0.9, 0.9, 0.3), "holds with changes"), ((0.0, 0.0, 0.0), "fails")]
)
def test_most_conditions_are_more_than_half(tmp_path: Path, shares: tuple[float, ...], verdict: str) -> None:
    rng = np.random.default_rng(7)
    parts = []
    for who, share in zip((LINEAR, OKX, BYBIT), shares, strict=True):
        rates = np.where(rng.random(900) < share, 0.0001, rng.normal(0, 0.0003, 900).round(8))
        parts.append(funding(who, list(rates), utc(2024)))
    one = tried("A04", store_of(tmp_path, funding=parts))
    assert one.verdict == verdict
    assert one.found["okx_share"] == pytest.approx(shares[1], abs=0.05)


def test_rules_and_rates_of_one_year(tmp_path: Path) -> None:
    rng = np.random.default_rng(9)
    hourly: Contract = ("dydx3", "BTC/USDC:USDC", "linear")
    low = [funding(who, list(rng.normal(0.05, 0.02, 1095) * APR), utc(2022)) for who in (LINEAR, BYBIT)]
    high = funding(hourly, list(rng.normal(0.2, 0.05, 8760) / 8760), utc(2022), 1.0)
    one = tried("A15", store_of(tmp_path / "a", funding=[*low, high]))
    assert (one.verdict, one.found["year"]) == ("holds", 2022)
    assert one.found["gap"] == pytest.approx(0.15, abs=0.01)
    same = funding(hourly, list(rng.normal(0.05, 0.05, 8760) / 8760), utc(2022), 1.0)
    assert tried("A15", store_of(tmp_path / "b", funding=[*low, same])).verdict == "holds with changes"
    assert tried("A15", store_of(tmp_path / "c", funding=low)).verdict == "cannot be tested"


COINFLEX = {coin: ("coinflex", f"{coin}/USD:USD", "linear") for coin in ("BTC", "ETH")}


@pytest.mark.parametrize(("own", "verdict"), [(0.06, "holds"), (0.2, "holds with changes"), (0.4, "fails")])
def test_the_deliverable_venue_comes_alive_with_its_rates(tmp_path: Path, own: float, verdict: str) -> None:
    rng = np.random.default_rng(13)
    parts = []
    for coin, who in COINFLEX.items():
        parts.append(funding(who, list(rng.normal(own, 0.1, 300) * APR), utc(2021, 1, 1, 4)))
        parts.append(funding(("binanceusdm", f"{coin}/USDT:USDT", "linear"), list(rng.normal(0.3, 0.1, 300) * APR), utc(2021)))
        parts.append(funding(("htx", f"{coin}/USDT:USDT", "linear"), list(rng.normal(0.3, 0.1, 300) * APR), utc(2021)))
    one = tried("C03", store_of(tmp_path, funding=parts))
    assert one.verdict == verdict
    assert one.found["coinflex_htx_eth"] == pytest.approx(own, abs=0.02)
    assert len(one.intervals) == 4


def test_without_its_rates_the_deliverable_venue_is_untried(tmp_path: Path) -> None:
    one = tried("C03", store_of(tmp_path, funding=[funding(LINEAR, [0.0001] * 300, utc(2021))]))
    assert one.verdict == "cannot be tested"
    assert "coinflex" in one.why.en


@pytest.mark.parametrize(("days", "verdict"), [(56, "holds"), (66, "holds with changes"), (0, "fails")])
def test_a_planted_trade_is_found(tmp_path: Path, days: int, verdict: str) -> None:
    rng = np.random.default_rng(17)
    parts = []
    for coin, sum_wanted in (("BTC", 0.01175688), ("ETH", 0.0344486)):
        base = rng.normal(0.1, 0.2, 500) * APR
        other = base - rng.normal(0, 0.00002, 500)
        if days:
            other[200 : 200 + 3 * days] -= (sum_wanted - (base - other)[200 : 200 + 3 * days].sum()) / (3 * days)
            other[:200] += 0.0004
            other[200 + 3 * days :] += 0.0004
        parts += [
            funding(("binanceusdm", f"{coin}/USDT:USDT", "linear"), list(base), utc(2021)),
            funding(("htx", f"{coin}/USDT:USDT", "linear"), list(other), utc(2021)),
        ]
    one = tried("C08", store_of(tmp_path, funding=parts))
    assert one.verdict == verdict
    if days:
        assert one.found["best_days"] == pytest.approx(days, abs=1)
        assert one.found["best_miss"] < 1e-9
