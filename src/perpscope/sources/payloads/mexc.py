"""What do messages of MEXC futures and BingX swaps say?

Source
------
Field names: MEXC contract documents, BingX swap documents. `collectCycle` is the interval in hours; `fairPrice` is the
mark.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from perpscope.sources.messages import Message
from perpscope.sources.payloads.shape import Fact, Memory, Row, Shape, moment, number, unkept


def _who(symbol: str) -> Row:
    return {"venue": "mexc", "symbol": symbol, "market": "inverse" if symbol.endswith("_USD") else "linear"}


def _history(message: Message, memory: Memory) -> Iterator[Fact]:
    del memory
    for entry in message.body["data"]["resultList"]:
        row = {
            "ts": moment(entry["settleTime"]),
            "funding_rate": number(entry["fundingRate"]),
            "interval_hours": number(entry.get("collectCycle")),
        }
        yield Fact("funding", {**_who(entry["symbol"]), **row})


def _current(message: Message, memory: Memory) -> Iterator[Fact]:
    del memory
    data = message.body["data"]
    for entry in data if isinstance(data, list) else [data]:
        row = {
            "ts": moment(entry["timestamp"]),
            "predicted_rate": number(entry["fundingRate"]),
            "interval_hours": number(entry["collectCycle"]),
            "next_funding": moment(entry.get("nextSettleTime")),
            "cap_rate": number(entry.get("maxFundingRate")),
            "floor_rate": number(entry.get("minFundingRate")),
        }
        yield Fact("contexts", {**_who(entry["symbol"]), **row})


def _price_row(entry: dict[str, Any]) -> Fact:
    row = {
        "ts": moment(entry["timestamp"]),
        "mark_price": number(entry.get("fairPrice")),
        "index_price": number(entry.get("indexPrice")),
        "predicted_rate": number(entry.get("fundingRate")),
    }
    return Fact("contexts", {**_who(entry["symbol"]), **row})


def _prices(message: Message, memory: Memory) -> Iterator[Fact]:
    del memory
    data = message.body["data"]
    yield from (_price_row(entry) for entry in (data if isinstance(data, list) else [data]))


def _bingx(message: Message, memory: Memory) -> Iterator[Fact]:
    del memory
    for entry in message.body["data"]:
        who = {"venue": "bingx", "symbol": entry["symbol"], "market": "linear"}
        yield Fact("funding", {**who, "ts": moment(entry["fundingTime"]), "funding_rate": number(entry["fundingRate"])})


SHAPES = (
    Shape("settled funding", _history, ("data.resultList.0.symbol", "data.resultList.0.settleTime", "data.resultList.0.fundingRate")),
    Shape("current funding", _current, ("data.symbol", "data.fundingRate", "data.collectCycle", "data.timestamp")),
    Shape("current fundings", _current, ("data.0.symbol", "data.0.fundingRate", "data.0.collectCycle", "data.0.timestamp")),
    Shape("prices", _prices, ("data.symbol", "data.fairPrice", "data.timestamp")),
    Shape("index price", _prices, ("data.symbol", "data.indexPrice", "data.timestamp", "success")),
    Shape("prices, listed", _prices, ("data.0.symbol", "data.0.fairPrice", "data.0.timestamp")),
    Shape("pushed", unkept("pushed tickers, books and trades of this venue are not kept"), ("data",), {"channel": "push\\..*"}),
    Shape(
        "settled funding of BingX",
        _bingx,
        ("data.0.symbol", "data.0.fundingRate", "data.0.fundingTime"),
        {"code": "0", "data.0.symbol": "\\w+-\\w+"},
    ),
)
