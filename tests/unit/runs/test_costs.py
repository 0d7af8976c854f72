"""Do the books of a store charge what walking them by hand costs, and does a book that cannot be walked say why?"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from perpscope.market.table import BOOK_MESSAGES
from perpscope.market.time import day_ms
from perpscope.runs.costs import recorded_crossings
from perpscope.store import Store
from perpscope.trading.leg_text import kind_of, parse_leg
from perpscope.trading.trade import Trade
from tests.unit.audit.recordings import books, moment, numbered_book
from tests.unit.runs.stocked import stocked

START = day_ms("2024-08-08")
MINUTE = 60_000
SPOT = {"venue": "binance", "native_id": "BTCUSDT", "symbol": "BTC/USDT", "market": "spot"}


def snapshot(k: int, at: int, bid: float, ask: float, quantity: float = 10) -> dict[str, Any]:
    sides = {"bid_prices": [bid, bid - 1], "ask_prices": [ask, ask + 1]}
    held = {"bid_quantities": [quantity] * 2, "ask_quantities": [quantity] * 2}
    return {"sequence": k, "ts": moment(at), "received": moment(at), "kind": "snapshot", "last_update": k, **sides, **held}


def held(tmp_path: Path, *frames: pl.DataFrame) -> Store:
    return stocked(tmp_path, *((BOOK_MESSAGES, frame) for frame in frames))


def trade(*texts: str) -> Trade:
    legs = tuple(parse_leg(text) for text in texts)
    return Trade(kind_of(legs), legs)


def test_the_book_of_the_moment_is_walked(tmp_path: Path) -> None:
    rows = [snapshot(0, START, 99, 101), snapshot(1, START + 10 * MINUTE, 98, 102)]
    store = held(tmp_path, books(rows, **SPOT))
    (crossing,) = recorded_crossings(store, trade("long:binance:BTC/USDT"), START).values()
    first, last = (crossing.at(START + minutes * MINUTE, "buy", 1000) for minutes in (0, 10))
    assert first.value == pytest.approx(0.01, rel=1e-14)
    assert last.value == pytest.approx(0.02, rel=1e-14)
    assert first.status == "measured"
    assert first.source == "books of binance:BTC/USDT recorded 2024-08-08T00:00:00Z to 2024-08-08T00:10:00Z"
    deep = crossing.at(START, "buy", 1010 + 510)
    assert deep.value == pytest.approx((1010 + 510) / 15 / 100 - 1, rel=1e-13)
    assert not crossing.at(START, "buy", 2031).known


def test_the_nearest_recording_answers_and_legs_without_one_are_left_out(tmp_path: Path) -> None:
    early = books([snapshot(0, START, 99, 101), snapshot(1, START + MINUTE, 99, 101)], **SPOT)
    late = books([snapshot(0, START + 10 * 86_400_000, 95, 105), snapshot(1, START + 10 * 86_400_000 + MINUTE, 95, 105)], **SPOT)
    store = held(tmp_path, early, late)
    asked = trade("long:binance:BTC/USDT", "short:binanceusdm:BTC/USDT:USDT")
    costs = []
    for day in (1, 9):
        found = recorded_crossings(store, asked, START + day * 86_400_000)
        assert list(found) == ["binance:BTC/USDT"]
        costs.append(found["binance:BTC/USDT"].at(START + day * 86_400_000, "sell", 10))
    assert [figure.value for figure in costs] == [pytest.approx(0.01, rel=1e-13), pytest.approx(0.05, rel=1e-13)]
    assert costs[0].note.startswith("recorded 1.0 days away, mean of ")


def test_contracts_of_a_coin_are_counted_by_their_size_and_a_size_that_is_not_known_says_so(tmp_path: Path) -> None:
    who = {"market": "inverse", "symbol": "BTC/USD:BTC"}
    sized = books([snapshot(0, START, 99, 101)], venue="binancecoinm", native_id="BTCUSD_PERP", **who)
    unsized = books([snapshot(0, START, 99, 101)], venue="okx", native_id="BTC-USD-SWAP", **who)
    store = held(tmp_path, sized, unsized)
    (known,) = recorded_crossings(store, trade("short:binancecoinm:BTC/USD:BTC"), START).values()
    assert known.at(START, "buy", 1000).value == pytest.approx(0.01, rel=1e-14)  # ten contracts of 100
    assert known.at(START, "buy", 1500).value == pytest.approx(1500 / (1000 / 101 + 500 / 102) / 100 - 1, rel=1e-13)
    (given,) = recorded_crossings(store, trade("short:okx:BTC/USD:BTC:size=50"), START).values()
    assert given.at(START, "buy", 500).value == pytest.approx(0.01, rel=1e-14)
    assert not given.at(START, "buy", 1001).known


def test_a_quanto_s_book_needs_the_price_of_its_settle_asset(tmp_path: Path) -> None:
    """A contract of 0.000001 BTC a dollar at 50,000 a BTC is 0.05 coins: ten of them at 101 are 50.5."""
    frame = books([snapshot(0, START, 99, 101)], venue="bitmex", native_id="ETHUSD", symbol="ETH/USD:BTC", market="quanto")
    store = held(tmp_path, frame)
    asked = trade("short:bitmex:ETH/USD:BTC:size=0.000001")
    (without,) = recorded_crossings(store, asked, START).values()
    assert "no price of BTC is given" in without.at(START, "buy", 10).note
    (walk,) = recorded_crossings(store, asked, START, {"BTC": 50_000}).values()
    assert walk.at(START, "buy", 50).value == pytest.approx(0.01, rel=1e-12)
    assert walk.at(START, "buy", 60).needed("deeper") > 0.01
    assert not walk.at(START, "buy", 102).known


def test_a_recording_without_a_whole_book_says_so(tmp_path: Path) -> None:
    crossed = [snapshot(0, START, 102, 101)]
    store = held(tmp_path, books(crossed, **SPOT))
    (crossing,) = recorded_crossings(store, trade("long:binance:BTC/USDT"), START).values()
    assert "bid 102 is not below ask 101" in crossing.at(START, "buy", 10).note


def test_real_books_cost_what_was_measured_on_them(shared: Path, tmp_path: Path) -> None:
    """The opening snapshot of 2024-08-08: 2.264 bp to buy a million of spot, as the note on costs measured it."""
    path = shared / "fixtures" / "books" / "binance_spot_btcusdt_20240808.jsonl.gz"
    frame = numbered_book(path, **SPOT).head(3000)
    snapshots = frame.filter(pl.col("kind") == "snapshot")
    store = held(tmp_path, snapshots)
    ms = int(snapshots.select(pl.col("ts").dt.epoch("ms").min()).item())
    (crossing,) = recorded_crossings(store, trade("long:binance:BTC/USDT"), ms).values()
    expected = {("buy", 1_000_000): 2.264, ("sell", 1_000_000): 1.556, ("buy", 100_000): 0.014, ("sell", 100_000): 0.001}
    for (order, notional), bp in expected.items():
        found = crossing.at(ms, order, notional).needed("the walk")  # type: ignore[arg-type]  # one of two words
        assert float(found) * 10_000 == pytest.approx(bp, abs=5e-4)  # printed to a thousandth of a basis point
