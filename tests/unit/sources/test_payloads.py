"""Is each venue's message read as its documents say?

The messages are made here after the venues' documents; recorded ones are read in tests/recorded.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from perpscope.sources import Refused
from perpscope.sources.payloads import SHAPES
from tests.unit.sources.samples import HOUR, START, lines, only, read, reasons, text

ISO = "2024-01-01T00:00:00.000Z"
NEXT = START + 8 * HOUR

CASES: list[dict[str, Any]] = json.loads(Path(__file__).with_name("messages.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", CASES, ids=[f"{case['table']} {case['expected'].get('venue', '')}" for case in CASES])
def test_messages_of_every_venue(tmp_path: Path, case: dict[str, Any]) -> None:
    part = only(read(lines(tmp_path, case["message"]), **case["told"]))
    assert part.table.name == case["table"]
    row = part.frame.row(0, named=True)
    assert {name: row[name] for name in case["expected"]} == pytest.approx(case["expected"])
    if case["table"] == "funding":
        assert (row["funding_rate"], row["slot"].timestamp()) == (0.0001, NEXT / 1000)
    else:
        assert row["ts"].timestamp() == START / 1000


def test_a_history_that_names_no_interval_is_refused_without_one(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="interval_hours"):
        read(lines(tmp_path, [{"symbol": "BTCUSD_PERP", "fundingTime": NEXT, "fundingRate": "0.0001"}]))


def test_a_list_without_names_goes_by_place_and_needs_its_time(tmp_path: Path) -> None:
    context = {"funding": "0.00001", "premium": None, "oraclePx": "100", "markPx": "101", "midPx": None, "impactPxs": None}
    path = lines(tmp_path, {"channel": "allDexsAssetCtxs", "data": {"ctxs": [["", [context, context]], ["xyz", [context]]]}})
    with pytest.raises(Refused, match="observed_at"):
        read(path)
    frame = only(read(path, observed_at=ISO)).frame
    assert frame.select("market_list", "native_id").rows() == [("", "@0"), ("", "@1"), ("xyz", "@0")]


def test_a_universe_names_its_contexts(tmp_path: Path) -> None:
    context = {"funding": "0.00001", "premium": "0.5", "oraclePx": "100", "markPx": "101", "midPx": "1", "impactPxs": ["1", "2"]}
    frame = only(read(lines(tmp_path, [{"universe": [{"name": "SOL"}, {"name": "kPEPE"}]}, [context, context]]), observed_at=ISO)).frame
    assert frame["symbol"].to_list() == ["SOL/USDC:USDC", "kPEPE/USDC:USDC"]


def test_two_versions_of_a_venue_are_told_apart(tmp_path: Path) -> None:
    third = {
        "markets": {
            "BTC-USD": {
                "market": "BTC-USD",
                "indexPrice": "100",
                "oraclePrice": "101",
                "nextFundingRate": "0.00001",
                "nextFundingAt": ISO,
                "initialMarginFraction": "0.05",
            }
        }
    }
    fourth = {
        "markets": {"BTC-USD": {"ticker": "BTC-USD", "oraclePrice": "101", "nextFundingRate": "0.00002", "initialMarginFraction": "0.05"}}
    }
    rows = only(read(lines(tmp_path, third, fourth), observed_at=ISO)).frame
    assert rows.select("venue", "index_price_quote").rows() == [("dydx3", 100.0), ("dydx", 101.0)]


def test_the_address_tells_the_venue_and_the_contract(tmp_path: Path) -> None:
    rows = '[{"symbol":"BTCUSDT","fundingTime":1704096000000,"fundingRate":"0.0001"}]'
    path = text(tmp_path, f"https://fapi.binance.com/fapi/v1/fundingRate?symbol=BTCUSDT -> 1704096001.5: {rows}\n")
    assert only(read(path, interval_hours=8)).frame["venue"].item() == "binanceusdm"
    bar = '[[1704067200000,"1","2","0.5","1.5","7",1704067259999,"10",3,"1","1","0"]]'
    marks = text(tmp_path, f"https://dapi.binance.com/dapi/v1/markPriceKlines?symbol=BTCUSD_PERP -> 1704096001.5: {bar}\n")
    row = only(read(marks)).frame.row(0, named=True)
    assert (row["venue"], row["price_kind"], row["volume_base"]) == ("binancecoinm", "mark", None)
    assert row["bar_hours"] == pytest.approx(1 / 60)
    samples = text(tmp_path, f"https://fapi.binance.com/fapi/v1/premiumIndexKlines?symbol=BTCUSDT -> 1704096001.5: {bar}\n")
    part = only(read(samples))
    assert (part.table.name, part.frame["premium_frac"].item()) == ("premium_samples", 1.5)


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ({"e": "aggTrade", "s": "BTCUSDT", "p": "1", "q": "2"}, "sums of trades and forced orders are not kept"),
        (
            {"e": "trade", "s": "BTCUSDT", "t": 1, "p": "1", "q": "2", "T": START, "m": False, "X": "INSURANCE_FUND"},
            "a transfer outside the market is no trade",
        ),
        ({"e": "kline", "s": "BTCUSDT", "k": {}}, "candle and 24 h statistics messages are not kept"),
        ({"table": "trade", "action": "insert", "data": [{"symbol": "XBTUSD"}]}, "trade messages are not kept"),
        ({"event": "subscribe", "arg": {"channel": "books", "instId": "BTC-USDT"}}, "an answer of the connection, no data"),
        ({"success": True, "subscribe": "trade"}, "an answer of the connection, no data"),
        (
            {"book": {"asks": []}, "sequence": 1, "symbol": "BTCUSD"},
            "prices of this venue are whole numbers of a unit the message does not state",
        ),
        ({"hello": {"world": 1}}, "no known kind of message (its keys: hello)"),
        ([1, 2], "no known kind of message (its keys: int)"),
    ],
)
def test_what_is_not_kept_says_why(tmp_path: Path, message: Any, reason: str) -> None:  # noqa: ANN401 - JSON
    reading = read(lines(tmp_path, message))
    assert reading.parts == ()
    assert reading.rejected.rows() == [(1, reason)]


def test_a_message_that_breaks_off_inside_is_rejected_whole(tmp_path: Path) -> None:
    good = {"e": "bookTicker", "u": 1, "s": "BTCUSDT", "b": "1", "B": "1", "a": "2", "A": "1", "T": START, "E": START}
    reading = read(lines(tmp_path, good, {**good, "b": "one"}))
    assert only(reading).frame.height == 1
    ((line, reason),) = reading.rejected.rows()
    assert line == 2
    assert "best quote message that cannot be read" in reason


def test_in_a_recording_one_contracts_fault_is_not_the_files(tmp_path: Path) -> None:
    rows = [{"symbol": "BTCUSD_PERP", "fundingTime": NEXT, "fundingRate": rate} for rate in ("0.0001", "0.0002")]
    other = {"success": True, "code": "200000", "data": [{"symbol": "XBTUSDTM", "fundingRate": 0.0187, "timepoint": NEXT}]}
    nameless = [{"symbol": "BTCUSDT", "fundingTime": NEXT, "fundingRate": "0.0001"}]
    part = only(read(lines(tmp_path, rows, other, nameless), interval_hours=8))
    assert part.frame["venue"].to_list() == ["binancecoinm", "binancecoinm"]
    (second, why), (third, lacking) = reasons(part)
    assert (second, third) == (2, 3)
    assert "no fraction" in why
    assert lacking.startswith("not said: venue")


def test_every_shape_has_a_reader_and_something_to_be_known_by() -> None:
    assert all(shape.name and (shape.has or shape.says) for shape in SHAPES)


def test_of_two_messages_about_one_instant_the_last_counts(tmp_path: Path) -> None:
    mark = {"e": "markPriceUpdate", "E": START, "s": "BTCUSDT", "p": "100", "i": "99", "r": "0.0003", "T": NEXT}
    part = only(read(lines(tmp_path, mark, {**mark, "s": "ETHUSDT"}, {**mark, "p": "101"})))
    assert part.frame.select("native_id", "mark_price_quote").rows() == [("ETHUSDT", 100.0), ("BTCUSDT", 101.0)]
    assert reasons(part) == [(1, "a later message says the same instant anew")]
