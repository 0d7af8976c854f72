"""What do messages of Bitget say?

Source
------
Field names: Bitget API documents (v1, v2, v3) and recordings of 2022 to 2026. The product type tells the payoff kind:
USDT- and USDC-FUTURES (umcbl, cmcbl, mc) linear, COIN-FUTURES (dmcbl) inverse. A ticker's `fundingRate` (`capitalRate`
in v1) is the rate to be paid at the next funding time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from perpscope.sources.messages import Message, Unkept
from perpscope.sources.payloads.shape import Fact, Memory, Row, Shape, book, moment, number, sides, unkept

_DATED = re.compile(r".*[FGHJKMNQUVXZ]\d\d")
_KINDS = {"sp": "spot", "spot": "spot", "coin-futures": "inverse", "dmcbl": "inverse"}


def _who(symbol: str, product: str = "") -> Row:
    if _DATED.fullmatch(symbol):
        return {"venue": "bitget", "symbol": symbol, "market": "dated"}
    market = _KINDS.get(product.lower()) or ("inverse" if re.fullmatch(r".*USD(?:_DMCBL)?", symbol) else "linear")
    return {"venue": "bitget", "symbol": symbol, "market": market}


def _named(message: Message) -> tuple[str, str]:
    arg = message.body["arg"]
    return str(arg.get("instId", arg.get("symbol"))), str(arg["instType"])


def _history(message: Message, memory: Memory) -> Iterator[Fact]:
    del memory
    data = message.body["data"]
    for entry in data["resultList"] if isinstance(data, dict) else data:
        stamp = entry.get("fundingTime", entry.get("fundingRateTimestamp", entry.get("settleTime")))
        if stamp is None:
            raise Unkept("a current rate without a time")
        yield Fact("funding", {**_who(entry["symbol"]), "ts": moment(stamp), "funding_rate": number(entry["fundingRate"])})


def _current(message: Message, memory: Memory) -> Iterator[Fact]:
    del memory
    for entry in message.body["data"]:
        row = {
            "ts": moment(message.body.get("requestTime")) or message.received,
            "predicted_rate": number(entry["fundingRate"]),
            "interval_hours": number(entry.get("fundingRateInterval")),
            "next_funding": moment(entry.get("nextUpdate")),
            "cap_rate": number(entry.get("maxFundingRate")),
            "floor_rate": number(entry.get("minFundingRate")),
        }
        yield Fact("contexts", {**_who(entry["symbol"]), **row})


def _ticker(message: Message, memory: Memory) -> Iterator[Fact]:
    del memory
    symbol, product = _named(message)
    who = _who(symbol, product)
    if who["market"] == "spot":
        raise Unkept("spot tickers are not kept")
    for entry in message.body["data"]:
        row = {
            "ts": moment(entry.get("ts") or entry.get("systemTime") or message.body.get("ts")) or message.received,
            "mark_price": number(entry.get("markPrice")),
            "index_price": number(entry.get("indexPrice")),
            "predicted_rate": number(entry.get("fundingRate", entry.get("capitalRate"))),
            "next_funding": moment(entry.get("nextFundingTime") or entry.get("nextSettleTime")),
        }
        yield Fact("contexts", {**who, **row})


def _books(message: Message, memory: Memory) -> Iterator[Fact]:
    del memory
    symbol, product = _named(message)
    kind = "change" if message.body.get("action") == "update" else "snapshot"
    for entry in message.body["data"]:
        levels = sides(entry.get("bids", entry.get("b")), entry.get("asks", entry.get("a")))
        ids: dict[str, Any] = {"last_update": entry.get("seq"), "previous_update": entry.get("pseq")}
        yield book(message, "bitget", symbol, kind, levels, ts=moment(entry["ts"]), **ids, market=_who(symbol, product)["market"])


SHAPES = (
    Shape("book", _books, ("arg.instType", "data.0.bids"), {"arg.channel": "books.*"}),
    Shape("book of v3", _books, ("arg.instType", "data.0.b"), {"arg.topic": "books.*"}),
    Shape("ticker", _ticker, ("arg.instType", "data.0.markPrice"), {"arg.channel": "ticker"}),
    Shape("ticker of v3", _ticker, ("arg.instType", "data.0.markPrice"), {"arg.topic": "ticker"}),
    Shape("trades", unkept("trade, candle and spot ticker messages are not kept"), ("arg.instType", "data", "action")),
    Shape("answer", unkept("an answer of the connection, no data"), ("arg.instType", "event")),
    Shape("current funding", _current, ("data.0.symbol", "data.0.fundingRate", "data.0.fundingRateInterval"), {"code": "00000"}),
    Shape("settled funding", _history, ("data.0.symbol", "data.0.fundingRate", "data.0.fundingTime"), {"code": "00000"}),
    Shape("settled funding of v3", _history, ("data.resultList.0.fundingRateTimestamp",), {"code": "00000"}),
)
