"""Does the verdict on forecasts follow the data: fails on a market that wanders, stands on one that returns?"""

from __future__ import annotations

import numpy as np
import pytest

from perpscope.market.time import to_ms
from tests.unit.claims.held import Held, funding, held, prices, tried

START = to_ms("2024-01-01T00:00:00Z")


def hyperliquid(premium: np.ndarray) -> Held:
    """A venue that pays by its rule on the premiums it publishes: P less 0.05 %, an eighth an hour, far above the plateau."""
    rate = (premium - 0.0005) / 8
    return held(funding("hyperliquid", "BTC/USDC:USDC", START, rate, hours=1.0, native_id="BTC", premium_frac=premium))


def wandering(n: int = 3000) -> np.ndarray:
    steps = np.random.default_rng(3).normal(0, 2e-5, n)
    return 0.004 + np.clip(np.cumsum(steps), -0.003, 0.003)


def returning(n: int = 3000) -> np.ndarray:
    return 0.004 + np.random.default_rng(4).normal(0, 3e-4, n)


def test_where_rates_wander_the_premium_of_the_moment_is_better() -> None:
    found = tried("F16", hyperliquid(wandering()))
    assert found.verdict == "fails"
    assert found.found["won"] == 0
    assert found.found["gain_hyperliquid_btc_next"] < 0


def test_where_rates_return_the_average_is_better() -> None:
    found = tried("F16", hyperliquid(returning()))
    assert found.verdict in {"holds", "holds with changes"}
    assert found.found["won"] == 1
    assert found.found["gain_hyperliquid_btc_next"] == pytest.approx(
        0.5, abs=0.05
    )  # the noise of one reading is gone, that of the outcome stays
    low, high = found.intervals["gain_hyperliquid_btc_next"]
    assert low < 0.5 < high


def test_neither_looks_ahead_nor_finds_skill_in_random_order() -> None:
    for premium in (wandering(), returning()):
        found = tried("F16", hyperliquid(premium)).found
        assert found["moved"] == 0
        assert found["shuffled_r2"] < 0.005


def test_a_premium_made_of_prices_is_taken_apart() -> None:
    """Rates average eight premiums that can be seen: the ladder from the last of them closes mostly by averaging."""
    rng = np.random.default_rng(5)
    n = 1800
    slow = np.repeat(0.002 + 0.001 * np.sin(np.arange(n) / 40), 8)
    premium = slow + rng.normal(0, 4e-4, 8 * n)
    spot = 100 * np.exp(np.cumsum(rng.normal(0, 1e-3, 8 * n + 8)))
    perp = spot * (1 + np.r_[premium[:8], premium])
    rate = premium.reshape(n, 8) @ np.arange(1, 9) / 36 - 0.0005
    shelf = held(
        funding("binanceusdm", "BTC/USDT:USDT", START + 8 * 3_600_000, rate, native_id="BTCUSDT"),
        prices("binanceusdm", "BTC/USDT:USDT", START, perp, market="linear"),
        prices("binance", "BTC/USDT", START, spot),
    )
    found = tried("F16", shelf)
    assert found.found["gain_binance_btc_next"] > 0
    assert 0.8 < found.found["mechanical_binance_btc_next"] < 1  # one reading in place of a weighted eight
    assert found.found["window_whole"] < 1e-8  # all seen, by the weights the rates were made with: eight decimals are left
    assert found.found["window_half"] > 1e-5
    assert {figure.key for figure in found.figures} >= {"errors_binance_btc", "window"}


def test_without_premiums_it_cannot_be_tested() -> None:
    rows = funding("binanceusdm", "BTC/USDT:USDT", START, np.full(2000, 1e-4), native_id="BTCUSDT")
    found = tried("F16", held(rows))
    assert found.verdict == "cannot be tested"
    assert "prices" in found.why.en
    short = tried("F16", hyperliquid(returning(200)))
    assert short.verdict == "cannot be tested"
