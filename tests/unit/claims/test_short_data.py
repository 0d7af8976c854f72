"""Do claims answer, and answer soberly, where a store holds a few rows only, one venue only, or one number over and over?"""

from __future__ import annotations

import numpy as np
import pytest

from perpscope.claims.ledger import claim_ids
from perpscope.market.time import day_ms
from tests.unit.claims.held import Held, funding, held, prices, tried

START = day_ms("2023-01-02")
LINEAR = ("binanceusdm", "BTC/USDT:USDT")
HOURLY = ("dydx3", "BTC/USD:USDC")


def test_five_fixings_are_no_share() -> None:
    found = tried("A04", held(funding(*LINEAR, START, [1e-4] * 5)))
    assert (found.verdict, found.broken) == ("cannot be tested", False)
    assert "720 hours" in found.why.en


def test_rates_with_an_interest_alone_say_nothing_of_hedgers() -> None:
    found = tried("F04", held(funding(*LINEAR, START, 1e-4 + np.random.default_rng(1).standard_normal(2000) * 1e-5)))
    assert found.verdict == "cannot be tested"
    assert found.found["mean_binance"] == pytest.approx(0.1095, rel=0.02)
    assert "absent here (OKX" in found.why.en


@pytest.mark.parametrize(("level", "verdict"), [(1e-4, "holds with changes"), (-1e-4, "holds"), (0.0, "fails")])
def test_the_sign_without_an_interest_decides_and_prices_may_be_absent(level: float, verdict: str) -> None:
    rates = level + np.random.default_rng(1).standard_normal(1500) * 1e-5
    rates -= rates.mean() - level
    found = tried("F04", held(funding("okx", "BTC/USDT:USDT", START, rates)))
    assert found.verdict == verdict
    assert "hourly closes of Binance's perpetual and spot" in found.why.en
    assert "split_rate" not in found.found


def _everything(count: int, rate: float, price: float) -> Held:
    """Every contract that claims look at, each with the same number `count` times."""
    linear = [
        funding(venue, f"{coin}/USDT:USDT", START, [rate] * count)
        for venue in ("binanceusdm", "okx", "bybit", "htx")
        for coin in ("BTC", "ETH")
    ]
    inverse = [funding(venue, "BTC/USD:BTC", START, [rate] * count) for venue in ("bitmex", "bybit", "binancecoinm")]
    premium = funding("hyperliquid", "BTC/USDC:USDC", START, [rate / 8] * count, hours=1.0, native_id="BTC", premium_frac=[rate] * count)
    spots = [prices("binance", f"{coin}/USDT", START, [price] * count) for coin in ("BTC", "ETH")]
    perps = [prices("binanceusdm", f"{coin}/USDT:USDT", START, [price] * count, market="linear") for coin in ("BTC", "ETH")]
    daily = [prices("yahoo", f"{coin}/USD", START, [price] * count, hours=24.0) for coin in ("BTC", "ETH")]
    return held(*linear, *inverse, premium, *spots, *perps, *daily)


@pytest.mark.parametrize(("count", "rate", "price"), [(1, 1e-4, 100.0), (7, 0.0, 100.0), (1000, 1e-4, 100.0), (1000, 5.0, 1e-9)])
def test_no_claim_breaks_on_few_rows_or_on_one_number_over_and_over(count: int, rate: float, price: float) -> None:
    shelf = _everything(count, rate, price)
    broken = {name: one.why.en for name in claim_ids() if (one := tried(name, shelf)).broken}
    assert broken == {}
