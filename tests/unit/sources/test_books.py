"""Is a book message kept as it came, and one that is no book rejected?"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from perpscope.sources import Refused
from tests.unit.sources.samples import HOUR, START, lines, only, parquet, read, reasons

NS = START * 1_000_000


def snapshot(bids: list[list[Any]], asks: list[list[Any]]) -> dict[str, Any]:
    return {"lastUpdateId": 7, "E": START, "T": START, "symbol": "BTCUSD_PERP", "bids": bids, "asks": asks}


GOOD = snapshot([["99", "1"], ["98", "2"]], [["101", "1"], ["102", "3"]])


def test_a_message_is_a_row_in_the_order_of_arrival(tmp_path: Path) -> None:
    change = {
        "e": "depthUpdate",
        "E": START + 5,
        "T": START + 4,
        "s": "BTCUSD_PERP",
        "U": 8,
        "u": 9,
        "pu": 7,
        "b": [["99", "0"]],
        "a": [["101", "5"]],
    }
    top = {"e": "bookTicker", "u": 9, "s": "BTCUSD_PERP", "b": "98", "B": "2", "a": "101", "A": "5", "T": START + 6, "E": START + 6}
    part = only(read(lines(tmp_path, GOOD, {"stream": "btcusd_perp@depth", "data": change}, top)))
    frame = part.frame
    assert frame.select("row", "sequence", "kind", "first_update", "last_update", "previous_update").rows() == [
        (1, 1, "snapshot", None, 7, None),
        (2, 2, "change", 8, 9, 7),
        (3, 3, "top", None, 9, None),
    ]
    assert frame["ask_quantities"].to_list() == [[1.0, 3.0], [5.0], [5.0]]
    assert frame.select("venue", "market", "symbol").unique().rows() == [("binancecoinm", "inverse", "BTC/USD:BTC")]


@pytest.mark.parametrize(
    ("bids", "asks", "words"),
    [
        ([["98", "2"], ["99", "1"]], GOOD["asks"], "bids are not best first"),
        (GOOD["bids"], [["102", "3"], ["101", "1"]], "asks are not best first"),
        ([["99", "1"], ["99", "2"]], GOOD["asks"], "bids are not best first"),
        ([["101", "1"]], [["101", "1"]], "crossed book: bid 101.0 is not below ask 101.0"),
        ([["105", "1"]], [["101", "1"]], "crossed book"),
        ([["-99", "1"]], GOOD["asks"], "not above zero"),
        ([["99", "-1"]], GOOD["asks"], "not above zero"),
        ([["1e400", "1"]], GOOD["asks"], "not a number"),
        ([["NaN", "1"]], GOOD["asks"], "not a number"),
    ],
)
def test_what_is_no_book_is_rejected_by_its_line(tmp_path: Path, bids: list[list[str]], asks: list[list[str]], words: str) -> None:
    part = only(read(lines(tmp_path, GOOD, snapshot(bids, asks), GOOD)))
    ((line, reason),) = reasons(part)
    assert line == 2
    assert words in reason
    assert part.frame.height == 2


def test_a_change_need_not_be_in_order(tmp_path: Path) -> None:
    change = {
        "e": "depthUpdate",
        "E": START,
        "T": START,
        "s": "BTCUSDT",
        "U": 1,
        "u": 2,
        "pu": 0,
        "b": [["98", "1"], ["99", "0"]],
        "a": [["97", "0"]],
    }
    part = only(read(lines(tmp_path, change)))
    assert (part.frame["venue"].item(), part.frame["bid_prices"].to_list()) == ("binanceusdm", [[98.0, 99.0]])


def test_a_snapshot_without_a_name_belongs_to_the_only_contract_of_its_file(tmp_path: Path) -> None:
    nameless = {name: value for name, value in GOOD.items() if name not in {"symbol", "pair"}}
    top = {"e": "bookTicker", "u": 9, "s": "BTCUSDT", "b": "98", "B": "2", "a": "101", "A": "5", "T": START, "E": START}
    assert only(read(lines(tmp_path, top, nameless))).frame["native_id"].to_list() == ["BTCUSDT"] * 2
    reading = read(lines(tmp_path, top, {**top, "s": "ETHUSDT"}, nameless))
    assert reading.rejected.rows() == [(3, "a book snapshot that does not name its contract")]


def test_arrival_times_are_kept_and_stand_in_for_absent_ones(tmp_path: Path) -> None:
    path = tmp_path / "data"
    path.write_text(f'{NS + 1_999_999} {{"u":9,"s":"BTCUSDT","b":"98","B":"2","a":"101","A":"5"}}\n')
    row = only(read(path)).frame.select(pl.col("ts", "received").dt.timestamp("ms"), "venue", "market").row(0)
    assert row == (START + 1, START + 1, "binance", "spot")


def test_levels_beside_each_other_are_a_snapshot(tmp_path: Path) -> None:
    levels = {
        f"{side}[{k}].{what}": [v]
        for side, sign in (("asks", 1), ("bids", -1))
        for k in (0, 1)
        for what, v in (("price", 100 + sign * (k + 1)), ("amount", k + 1.5))
    }
    frame = pl.DataFrame(
        {
            "exchange": ["binance-futures"],
            "symbol": ["BTCUSDT"],
            "timestamp": [START * 1000],
            "local_timestamp": [(START + HOUR) * 1000],
            **levels,
        }
    )
    path = parquet(tmp_path, frame)
    with pytest.raises(Refused, match="market"):
        read(path)
    row = only(read(path, market="linear")).frame.row(0, named=True)
    assert (row["venue"], row["kind"], row["bid_prices"], row["ask_quantities"]) == ("binanceusdm", "snapshot", [99.0, 98.0], [1.5, 2.5])
    crossed = parquet(tmp_path, frame.with_columns(pl.lit(200.0).alias("bids[0].price")))
    assert "crossed" in reasons(only(read(crossed, market="linear")))[0][1]


def test_levels_addressed_by_id_are_remembered(tmp_path: Path) -> None:
    def message(action: str, *entries: dict[str, Any]) -> dict[str, Any]:
        return {"table": "orderBookL2", "action": action, "data": [{"symbol": "XBTUSD", **entry} for entry in entries]}

    path = tmp_path / "data"
    messages = [
        message(
            "partial",
            {"id": 2, "side": "Sell", "size": 5, "price": 101},
            {"id": 3, "side": "Sell", "size": 4, "price": 100.5},
            {"id": 4, "side": "Buy", "size": 1, "price": 99},
        ),
        message("update", {"id": 2, "side": "Sell", "size": 9}),
        message("delete", {"id": 4, "side": "Buy"}),
        message("update", {"id": 77, "side": "Buy", "size": 1}),
    ]
    import json

    path.write_text("".join(f"{START / 1000}: {json.dumps(each)}\n" for each in messages))
    reading = read(path)
    frame = only(reading).frame
    assert frame.select("kind", "bid_prices", "bid_quantities", "ask_prices", "ask_quantities").rows() == [
        ("snapshot", [99.0], [1.0], [100.5, 101.0], [4.0, 5.0]),
        ("change", [], [], [101.0], [9.0]),
        ("change", [99.0], [0.0], [], []),
    ]
    assert reading.rejected.rows() == [(4, "it changes a book level that no earlier message announced")]
