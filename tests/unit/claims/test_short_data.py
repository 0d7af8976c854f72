"""Do claims answer, and answer soberly, where a store holds a few rows only, one venue only, or one number over and over?"""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from perpscope.claims.ledger import claim_ids
from perpscope.market.table import DATED_FUTURES, Table
from perpscope.market.time import day_ms
from tests.unit.claims.held import Held, funding, held, prices, tried

START = day_ms("2023-01-02")
LINEAR = ("binanceusdm", "BTC/USDT:USDT")
HOURLY = ("dydx3", "BTC/USD:USDC")


def dated_of(name: str, start: int, closes: list[float]) -> tuple[Table, pl.DataFrame]:
    """Daily settlements at 21:00 UTC of one place on a curve."""
    stamps = pl.Series([start + k * 86_400_000 for k in range(len(closes))], dtype=pl.Int64)
    facts = {"venue": "cme", "native_id": name, "symbol": "BTC/USD:USD", "market": "dated", "market_list": "", "source": "made"}
    moments = {"ts": stamps, "close_ts": stamps + 21 * 3_600_000}
    frame = pl.DataFrame({key: each.cast(pl.Datetime("ms", "UTC")) for key, each in moments.items()} | {"close_quote": closes})
    return DATED_FUTURES, frame.with_columns(pl.lit(value).alias(key) for key, value in facts.items())


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


def test_half_a_window_is_not_the_window_of_the_figure() -> None:
    start, hours = day_ms("2018-08-01"), 24 * 700
    walk = 100 * np.exp(np.cumsum(np.random.default_rng(3).standard_normal((2, hours)) / 100, axis=1))
    found = tried("F11", held(*(prices("binance", f"{coin}/USDT", start, each) for coin, each in zip(("BTC", "ETH"), walk, strict=True))))
    assert (found.verdict, found.broken) == ("cannot be tested", False)
    assert "of the 1429 days" in found.why.en


def test_one_coin_is_tried_where_the_other_has_no_prices() -> None:
    rng, start = np.random.default_rng(4), day_ms("2019-01-01")
    daily = prices("yahoo", "BTC/USD", start, 100 * np.exp(np.cumsum(rng.standard_normal(1200) / 50)), hours=24.0)
    rates = funding(*LINEAR, start, 1e-4 + 1e-4 * rng.standard_normal(3 * 1100))
    found = tried("F22", held(daily, rates, funding("binanceusdm", "ETH/USDT:USDT", start, 1e-4 * rng.standard_normal(3 * 1100))))
    assert found.verdict != "cannot be tested"
    assert {name[:11] for name in found.found} == {"binance_btc"}


def test_the_missing_venue_is_set_beside_what_is_implied() -> None:
    rng, start = np.random.default_rng(5), day_ms("2021-01-01")
    parts = [
        funding(venue, f"{coin}/{quote}", start, level / 1095 + 2e-4 * rng.standard_normal(600))
        for venue, quote, level in (("binanceusdm", "USDT:USDT", 0.5), ("htx", "USDT:USDT", 0.4), ("coinflex", "USD:USD", 0.07))
        for coin in ("BTC", "ETH")
    ]
    found, without = tried("C08", held(*parts)), tried("C08", held(*parts[:4]))
    assert found.found["best_held_btc"] == pytest.approx(0.07, abs=0.05)
    assert "which are held here" in found.why.en
    assert "best_held_btc" not in without.found
    assert "which are held here" not in without.why.en


def test_closes_of_two_coins_that_never_share_a_day_end_the_study() -> None:
    rng, every = np.random.default_rng(6), 2 * 24.0
    rates = [funding("binanceusdm", f"{coin}/USDT:USDT", START, 1e-4 * rng.standard_normal(900)) for coin in ("BTC", "ETH")]
    closes = []
    for place, coin in enumerate(("BTC", "ETH")):
        table, frame = prices("yahoo", f"{coin}/USD", START + place * 86_400_000, 100 + rng.random(150), hours=every)
        closes.append((table, frame.with_columns(pl.lit(24.0).alias("bar_hours"))))
    found = tried("A13", held(*rates, *closes))
    assert (found.verdict, found.broken) == ("cannot be tested", False)
    assert "hardly overlap" in found.why.en


def test_rates_whose_days_never_differ_foretell_nothing() -> None:
    found = tried("F17", held(funding(*LINEAR, day_ms("2019-09-01"), [1e-4, -1e-4] * 1650)))
    assert not found.broken
    assert "kept_average" not in found.found


def test_a_curve_outside_the_window_of_the_averages_is_no_curve() -> None:
    days = 40
    walk = 100 + np.random.default_rng(8).random(days * 24)
    curve = [dated_of(name, day_ms("2018-08-02"), [100.0 + k for _ in range(days)]) for k, name in enumerate(("BTC1!", "BTC2!"))]
    rates = funding("okx", "BTC/USDT:USDT", START, [1e-4] * 300)
    found = tried("F04", held(rates, prices("binance", "BTC/USDT", day_ms("2018-08-02"), walk), *curve))
    assert not found.broken
    assert "mean_future" not in found.found


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
