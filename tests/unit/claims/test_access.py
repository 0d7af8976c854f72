"""Do the claims about access and about carry beside the price turn with the market they are given?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from perpscope.claims.access import BEHIND, WINDOWS
from perpscope.market.time import day_ms
from tests.unit.claims.held import funding, held, prices, tried

if TYPE_CHECKING:
    import polars as pl

    from perpscope.market.table import Table

DAY = 86_400_000
START = day_ms("2016-07-01")
DAYS = (BEHIND - START) // DAY
DATES = START + DAY * np.arange(DAYS)


def _walk(seed: int = 1) -> np.ndarray:
    return np.asarray(1000 * np.exp(np.cumsum(np.random.default_rng(seed).normal(0, 0.04, DAYS + 1))))


def _spot(coin: str, seed: int = 1) -> tuple[Table, pl.DataFrame]:
    return prices("yahoo", f"{coin}/USD", START - DAY, _walk(seed), hours=24)


def _inside(window: str) -> np.ndarray:
    low, high = WINDOWS[window]
    return np.asarray((low <= DATES) & (high > DATES))


def _paid(yearly: np.ndarray, venue: str = "bitmex", symbol: str = "BTC/USD:BTC") -> tuple[Table, pl.DataFrame]:
    noise = np.random.default_rng(9).normal(0, 1e-4, 3 * DAYS)
    return funding(venue, symbol, START - 4 * 3_600_000, np.repeat(yearly, 3) / (365 * 3) + noise)


def _prior(coin_seed: int = 1) -> np.ndarray:
    price = _walk(coin_seed)[:DAYS]  # price[k] is the close at the start of day k
    back = np.full(DAYS, np.nan)
    back[30:] = price[30:] / price[:-30] - 1
    return np.asarray(np.nan_to_num(back))


def test_windows_that_pay_for_access_are_found() -> None:
    yearly = 0.1 + 0.6 * (_inside("2017") | _inside("2021"))
    found = tried("F28", held(_spot("BTC"), _paid(yearly)))
    assert found.verdict == "holds"
    assert found.found["above_2017_bitmex"] == pytest.approx(0.6, abs=0.05)
    assert found.found["beyond_2021_bitmex"] == pytest.approx(0.6, abs=0.05)


def test_windows_that_only_follow_the_price_are_no_premium_for_access() -> None:
    price = _walk()
    boost = np.ones(DAYS + 1)
    rise = np.cumsum(np.where(np.append(_inside("2021"), [False]), 0.02, 0.0))
    spot = prices("yahoo", "BTC/USD", START - DAY, price * np.exp(rise) * boost, hours=24)
    moved = (price * np.exp(rise))[:DAYS]
    prior = np.zeros(DAYS)
    prior[30:] = moved[30:] / moved[:-30] - 1
    found = tried("F28", held(spot, _paid(0.1 + 0.8 * prior)))
    assert found.found["above_2021_bitmex"] > 0.2
    assert abs(found.found["beyond_2021_bitmex"]) < 0.05
    assert found.verdict == "holds with changes"


def test_windows_like_any_other_fail() -> None:
    found = tried("F28", held(_spot("BTC"), _paid(np.full(DAYS, 0.1))))
    assert found.verdict == "fails"
    assert "gap_2021" not in found.found
    assert "Futures to compare with are absent" in found.why.en


def test_carry_that_follows_the_price_and_carry_that_flees_it() -> None:
    spots = (_spot("BTC"), _spot("ETH", 2))
    follows = tried("F22", held(*spots, _paid(0.1 + 0.5 * _prior())))
    assert follows.verdict == "holds with changes"
    assert follows.found["bitmex_btc_30"] > 0.6
    assert "cannot be tried" in follows.why.en
    flees = tried("F22", held(*spots, _paid(0.1 - 0.5 * _prior())))
    assert flees.verdict == "fails"
    assert flees.found["bitmex_btc_30"] < -0.6
    assert "does not rise" in flees.why.en


def test_without_prices_or_funding_nothing_is_claimed() -> None:
    for name in ("F22", "F28"):
        assert tried(name, held()).verdict == "cannot be tested"
        assert tried(name, held(_spot("BTC"), _spot("ETH", 2))).verdict == "cannot be tested"
