"""Does the verdict on reversals follow the data, and the fall of May 2021 the prices?"""

from __future__ import annotations

from functools import cache

import numpy as np
import polars as pl
import pytest

from perpscope.analysis.returns.events import Cell, Extreme, extremes
from perpscope.claims.extremes import DAY as CRASH
from perpscope.claims.sentiment import _verdict
from perpscope.market.time import day_ms
from tests.unit.claims.held import Held, funding, held, prices, tried

DAY = 86_400_000
START = day_ms("2019-01-01")
DAYS = 1200
CONTRACTS = (("binanceusdm", "BTC/USDT:USDT", 0), ("binanceusdm", "ETH/USDT:USDT", 1), ("bitmex", "BTC/USD:BTC", 0))


@cache
def mood(seed: int) -> np.ndarray:
    """Deviation of each day's funding: it comes and goes within about ten days."""
    rng = np.random.default_rng(seed)
    signal = rng.standard_normal(DAYS)
    for day in range(1, DAYS):
        signal[day] += 0.9 * signal[day - 1]
    return signal * 1e-4


def story(*, drift: float, turn: float) -> Held:
    """Prices that drift with the mood, and turn by so much on each of the seven days after an extreme of a week."""
    tables = []
    for place in (0, 1):
        rng = np.random.default_rng(place + 5)
        moves = 0.01 * rng.standard_normal(DAYS) + drift * mood(place)
        for side, sign in (("high", -1.0), ("low", 1.0)):
            for day in extremes(mood(place), Extreme(side, 0.95, 7))[0]:  # type: ignore[arg-type] # two words
                moves[day + 1 : day + 8] += sign * turn
        close = 100 * np.exp(np.cumsum(moves))
        tables.append(prices("yahoo", ("BTC/USD", "ETH/USD")[place], START, close.tolist(), hours=24))
    for venue, symbol, place in CONTRACTS:
        tables.append(funding(venue, symbol, START - DAY // 3, np.repeat(mood(place) / 3 + 1e-4, 3)))
    return held(*tables)


def test_reversals_that_are_there_are_found() -> None:
    one = tried("A13", story(drift=60.0, turn=0.03))
    assert one.found["least_p_stepped"] < 0.05
    assert one.found["btc_high"] < 0 < one.found["btc_low"]
    assert one.verdict == "holds"


def test_a_thermometer_alone_holds_with_changes_and_says_that_no_turn_is_seen() -> None:
    one = tried("A13", story(drift=30.0, turn=0.0))
    assert one.verdict == "holds with changes"
    assert "not seen to work" in one.why.en
    assert one.found["btc_mood_t"] > 2


def test_turns_without_a_mood_hold_with_changes_and_neither_fails() -> None:
    assert tried("A13", story(drift=30.0, turn=0.03)).verdict == "holds with changes"
    assert tried("A13", story(drift=0.0, turn=0.0)).verdict == "fails"


def test_going_on_is_no_reversal() -> None:
    one = tried("A13", story(drift=60.0, turn=-0.03))
    assert one.verdict == "holds with changes"
    assert one.found["least_p_stepped"] < 0.05
    assert "not seen to work" in one.why.en


def test_turns_that_more_returns_contradict_are_no_warning() -> None:
    def cell(side: str) -> Cell:
        return Cell("btc", Extreme(side, 0.95), 7, 9, 0.1, 0.0, 0.1, 0.1, 0.5, 0.01, 0.01, 0.01)  # type: ignore[arg-type] # two words

    both = [cell("high"), cell("low")]
    assert _verdict(both, 1, thermometer=True) == "holds"
    assert _verdict(both, 2, thermometer=True) == "holds with changes"
    assert _verdict(both[:1], 0, thermometer=True) == "holds with changes"
    assert _verdict(both, 2, thermometer=False) == "fails"


def test_contracts_that_are_not_at_hand_are_left_out() -> None:
    whole = story(drift=30.0, turn=0.0).given
    one = tried("A13", Held(None, given={**whole, "funding": whole["funding"].filter(pl.col("symbol") == "BTC/USDT:USDT")}))
    assert one.verdict == "holds with changes"
    assert "(1 contracts" in one.why.en
    assert not [name for name in one.found if name.startswith(("eth", "bitmex"))]
    assert tried("A13", Held(None, given={"prices": whole["prices"]})).verdict == "cannot be tested"


def test_a_study_of_a_few_months_is_too_little() -> None:
    shelf = story(drift=0.0, turn=0.0)
    shelf.given["prices"] = shelf.given["prices"].filter(pl.col("ts").dt.epoch("ms") < START + 50 * DAY)
    one = tried("A13", shelf)
    assert one.verdict == "cannot be tested"
    assert "hardly overlap" in one.why.en


def crash(depth: float, panic: float, *, hours: int = 6, venues: int = 3, mania: float = 0.002) -> Held:
    """A price of 100 that falls by `depth` within `hours` on the day, and rates that follow at all of these venues."""
    first = day_ms("2020-09-01")
    count = (day_ms("2021-10-01") - first) // 3_600_000
    path = np.full(count, 100.0)
    at = (CRASH - first) // 3_600_000 + 12
    path[at - hours : at + 1] = np.linspace(100, 100 * (1 - depth), hours + 1)
    path[at + 1 :] = 100 * (1 - depth) + 5
    rates = np.full(count // 8, 1e-4)
    rates[10:14] = mania
    calm = rates.copy()
    rates[(CRASH - first) // (8 * 3_600_000) + 1] = panic
    tables = [prices("binance", "BTC/USDT", first, path.tolist())]
    whose = (("binanceusdm", "BTC/USDT:USDT"), ("bybit", "BTC/USD:BTC"), ("gate", "BTC/USDT:USDT"))
    tables += [funding(*who, first, rates if place < venues else calm) for place, who in enumerate(whose)]
    return held(*tables)


def test_the_day_as_told_holds() -> None:
    one = tried("A08", crash(0.39, -0.003))
    assert one.verdict == "holds"
    assert one.found["spot_24h"] == pytest.approx(-0.39)
    assert one.found["lowest_that_day"] == -0.003
    assert "The low held" in one.why.en


def test_a_smaller_fall_or_a_venue_that_kept_calm_holds_with_changes() -> None:
    assert tried("A08", crash(0.30, -0.003)).verdict == "holds with changes"
    one = tried("A08", crash(0.39, -0.003, venues=2))
    assert one.verdict == "holds with changes"
    assert one.found["share_in_months"] == pytest.approx(2 / 3)
    assert "did not go below zero" in one.why.en


def test_a_fall_of_days_is_told_as_one() -> None:
    one = tried("A08", crash(0.39, -0.003, hours=60))
    assert one.verdict == "holds with changes"
    assert one.found["spot_72h"] == pytest.approx(-0.39)
    assert "fall of three days" in one.why.en


def test_no_panic_fails() -> None:
    assert tried("A08", crash(0.39, 1e-4)).verdict == "fails"
    assert tried("A08", crash(0.39, -0.003, venues=1)).verdict == "fails"


def test_no_mania_fails() -> None:
    assert tried("A08", crash(0.39, -0.003, mania=0.0009)).verdict == "fails"
