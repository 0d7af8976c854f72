"""Are bars of the moments they say, and do legs share a clock?"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from perpscope.runs.clocks import lateness, references
from perpscope.runs.prices import apart, common, held_series, one_clock, worth_a_word
from tests.unit.claims.held import prices
from tests.unit.runs.made_pair import HOUR, START
from tests.unit.runs.stocked import stocked

if TYPE_CHECKING:
    from pathlib import Path

    from perpscope.runs.prices import Series
    from perpscope.store import Store

SPAN = (START, START + 10**10)


def walk(n: int, seed: int = 3) -> list[float]:
    """A price that moves one percent an hour."""
    chance, found = random.Random(seed), [100.0]  # noqa: S311 - a made price
    for _ in range(n - 1):
        found.append(found[-1] * (1 + chance.gauss(0, 0.01)))
    return found


def eight(hourly: list[float]) -> list[float]:
    """Closes of every eighth hour."""
    return hourly[7::8]


def held(store: Store, venue: str, symbol: str = "BTC/USDT", market: str = "spot") -> Series:
    return held_series(store, venue, symbol, market, SPAN)[0]


@pytest.mark.parametrize("late", [-3, 0, 2, 5])
def test_coarse_bars_are_found_late_by_just_so_much(tmp_path: Path, late: int) -> None:
    hourly = walk(2000)
    store = stocked(
        tmp_path, prices("binance", "BTC/USDT", START, hourly), prices("okx", "BTC/USDT", START + late * HOUR, eight(hourly), hours=8)
    )
    found = lateness(held(store, "okx"), held(store, "binance"))
    assert (None if found is None else found.hours) == (late or None)
    if found is not None:
        assert f"stamped {abs(late)} h {'late' if late > 0 else 'early'}" in found.told


def test_a_constant_premium_or_another_market_is_no_lateness(tmp_path: Path) -> None:
    hourly = walk(2000)
    dearer = [price * 1.02 for price in eight(hourly)]
    store = stocked(
        tmp_path,
        prices("binance", "BTC/USDT", START, hourly),
        prices("okx", "BTC/USDT", START, dearer, hours=8),
        prices("gate", "BTC/USDT", START, eight(walk(2000, seed=9)), hours=8),
    )
    assert lateness(held(store, "okx"), held(store, "binance")) is None
    assert lateness(held(store, "gate"), held(store, "binance")) is None


def test_fine_bars_of_the_same_coin_tell_the_time_of_coarse_ones(tmp_path: Path) -> None:
    hourly = walk(200)
    store = stocked(
        tmp_path,
        prices("binance", "ETH/USDT", START, hourly),
        prices("binance", "BTC/USDT", START, hourly),
        prices("okx", "BTC/USDT", START, eight(hourly), hours=8),
    )
    assert [(one.venue, one.symbol) for one in references(store, [held(store, "okx")], SPAN)] == [("binance", "BTC/USDT")]
    assert references(store, [held(store, "binance")], SPAN) == []


def test_earlier_bars_wait_for_later_ones(tmp_path: Path) -> None:
    store = stocked(tmp_path, prices("binance", "BTC/USDT", START, walk(50)), prices("bitmex", "BTC/USDT", START - 60_000, walk(50)))
    pair = [held(store, "binance"), held(store, "bitmex")]
    assert [one.late_ms for one in one_clock(pair)] == [0, 60_000]
    assert apart(pair) == 60_000 <= worth_a_word(pair[0].step)


def test_bars_that_close_hours_apart_are_not_common(tmp_path: Path) -> None:
    hourly = walk(400)
    store = stocked(
        tmp_path,
        prices("binance", "BTC/USDT", START, hourly),
        prices("binance", "BTC/USDT", START, eight(hourly), hours=8),
        prices("okx", "BTC/USDT", START + 4 * HOUR, eight(hourly), hours=8),
    )
    choices = [held_series(store, "binance", "BTC/USDT", "spot", SPAN), held_series(store, "okx", "BTC/USDT", "spot", SPAN)]
    assert [one.hours for one in common(choices)] == [1, 8]
