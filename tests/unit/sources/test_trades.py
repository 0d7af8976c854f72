"""Is a single trade kept as it was told, once, and a row that is none rejected?"""

from __future__ import annotations

from pathlib import Path

import pytest

from perpscope.sources import Refused
from tests.unit.sources.samples import START, lines, only, read, reasons, text

FUTURE = {"e": "trade", "E": START + 1, "T": START, "s": "BTCUSDT", "t": 7, "p": "100.5", "q": "0.25", "X": "MARKET", "m": True}
SPOT = {"e": "trade", "E": START + 1, "T": START, "s": "BTCUSDT", "t": 7, "p": "100.5", "q": "0.25", "m": False, "M": True}


def test_a_trade_is_a_row_with_the_takers_side(tmp_path: Path) -> None:
    frame = only(read(lines(tmp_path, FUTURE, {**FUTURE, "t": 8, "m": False}))).frame
    assert frame.select("venue", "symbol", "trade_id", "sequence", "price_quote", "quantity", "taker").rows() == [
        ("binanceusdm", "BTC/USDT:USDT", 7, 0, 100.5, 0.25, "sell"),
        ("binanceusdm", "BTC/USDT:USDT", 8, 1, 100.5, 0.25, "buy"),
    ]
    assert frame["ts"].dt.epoch("ms").to_list() == [START, START]


def test_spot_and_future_of_one_name_are_two_contracts(tmp_path: Path) -> None:
    frame = only(read(lines(tmp_path, FUTURE, SPOT))).frame
    assert frame.select("venue", "market").rows() == [("binanceusdm", "linear"), ("binance", "spot")]


def test_a_trade_told_twice_counts_once(tmp_path: Path) -> None:
    part = only(read(lines(tmp_path, FUTURE, FUTURE)))
    assert part.frame.height == 1
    assert reasons(part) == [(2, "this trade was told before")]


def test_a_message_may_hold_many_trades(tmp_path: Path) -> None:
    told = [{"coin": "BTC", "side": side, "px": "10", "sz": "2", "time": START, "tid": tid} for side, tid in (("A", 9), ("B", 3))]
    frame = only(read(lines(tmp_path, {"channel": "trades", "data": told}))).frame
    assert frame.select("venue", "trade_id", "sequence", "taker").rows() == [("hyperliquid", 9, 0, "sell"), ("hyperliquid", 3, 1, "buy")]


def test_a_table_of_trades_needs_their_ids(tmp_path: Path) -> None:
    told = {"venue": "bybit", "market": "linear", "symbol": "BTCUSDT"}
    part = only(read(text(tmp_path, f"time,trade id,price,qty,taker\n{START},1,10,2,Buy\n{START},2,0,2,Sell\n{START},3,10,2,up\n"), **told))
    assert part.table.name == "trades"
    assert part.frame.select("trade_id", "taker").rows() == [(1, "buy")]
    assert reasons(part) == [(2, "price_quote is not above zero"), (3, "taker up is neither buy nor sell")]
    with pytest.raises(Refused, match="trade_id"):
        read(text(tmp_path, f"time,price,qty\n{START},10,2\n", "bare.csv"), **told)
