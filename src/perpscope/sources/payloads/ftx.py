"""What do messages of FTX, Coinbase International and other small sources of funding say?

Source
------
Field names: recorded messages of 2019 to 2026 and the documents of FTX and Coinbase International. FTX paid every hour
(its help page on funding); `nextFundingRate` estimates the running hour.
"""

from __future__ import annotations

from collections.abc import Iterator

from perpscope.sources.messages import Message, Unkept
from perpscope.sources.payloads.shape import Fact, Memory, Row, Shape, book, moment, number, sides, unkept


def _who(market: str) -> Row:
    if market.endswith("-PERP"):
        return {"venue": "ftx", "symbol": market, "market": "linear"}
    if "/" in market:
        return {"venue": "ftx", "symbol": market, "market": "spot"}
    raise Unkept("dated contracts and options of this venue are not kept")


def _instrument(message: Message, memory: Memory) -> Iterator[Fact]:
    del memory
    stats, info = message.body["data"]["stats"], message.body["data"]["info"]
    row = {
        "ts": message.received,
        "mark_price": number(info.get("mark")),
        "index_price": number(info.get("index")),
        "predicted_rate": number(stats.get("nextFundingRate")),
        "next_funding": moment(stats.get("nextFundingTime")),
        "open_interest": number(stats.get("openInterest")),
        "interval_hours": 1.0,
    }
    yield Fact("contexts", {**_who(message.body["market"]), **row})


def _history(message: Message, memory: Memory) -> Iterator[Fact]:
    del memory
    for entry in message.body["result"]:
        row = {"ts": moment(entry["time"]), "funding_rate": number(entry["rate"]), "interval_hours": 1.0}
        yield Fact("funding", {**_who(entry["future"]), **row})


def _book(message: Message, memory: Memory) -> Iterator[Fact]:
    del memory
    body = message.body
    data = body["data"]
    kind = "snapshot" if data["action"] == "partial" else "change"
    yield book(
        message,
        "ftx",
        body["market"],
        kind,
        sides(data["bids"], data["asks"]),
        ts=moment(data["time"]),
        market=_who(body["market"])["market"],
    )


def _international(message: Message, memory: Memory) -> Iterator[Fact]:
    """Read a funding message: final ones are settled, the others estimates."""
    del memory
    body = message.body
    who = {"venue": "coinbaseinternational", "symbol": body["product_id"], "market": "linear"}
    if body["is_final"]:
        yield Fact("funding", {**who, "ts": moment(body["time"]), "funding_rate": number(body["funding_rate"])})
    else:
        yield Fact("contexts", {**who, "ts": moment(body["time"]), "predicted_rate": number(body["funding_rate"])})


def _risk(message: Message, memory: Memory) -> Iterator[Fact]:
    del memory
    body = message.body
    prices = {"mark_price": number(body["mark_price"]), "index_price": number(body["index_price"])}
    yield Fact(
        "contexts",
        {"venue": "coinbaseinternational", "symbol": body["product_id"], "market": "linear", "ts": moment(body["time"]), **prices},
    )


_SCALED = "prices of this venue are whole numbers of a unit the message does not state"
_CONNECTION = "an answer of the connection, no data"
SHAPES = (
    Shape("book", _book, ("market", "data.bids", "data.action"), {"channel": "orderbook"}),
    Shape("instrument", _instrument, ("market", "data.stats.nextFundingRate", "data.info"), {"channel": "instrument"}),
    Shape(
        "trades",
        unkept("trade, ticker and dated contract messages are not kept"),
        ("market", "data"),
        {"channel": "trades|ticker|instrument"},
    ),
    Shape("settled funding", _history, ("result.0.future", "result.0.rate", "result.0.time")),
    Shape("funding of Coinbase International", _international, ("product_id", "funding_rate", "is_final"), {"channel": "FUNDING"}),
    Shape("risk of Coinbase International", _risk, ("product_id", "mark_price", "index_price"), {"channel": "RISK"}),
    Shape("scaled book", unkept(_SCALED), ("book", "sequence", "symbol")),
    Shape("scaled market", unkept(_SCALED), ("market24h",)),
    Shape("trades", unkept("trade messages are not kept"), ("trades", "symbol")),
    Shape(
        "answer",
        unkept(_CONNECTION),
        ("event",),
        {"event": "subscribe|subscribed|unsubscribed|info|conf|pong|systemStatus|subscriptionStatus"},
    ),
    Shape("answer", unkept(_CONNECTION), ("type",), {"type": "subscribed|subscriptions|connected|welcome|ack|pong|heartbeat"}),
    Shape("answer", unkept(_CONNECTION), ("m",), {"m": "connected|sub|unsub|ping|pong"}),
    Shape("answer", unkept(_CONNECTION), ("success",)),
    Shape("answer", unkept(_CONNECTION), ("error", "id", "result")),
    Shape("answer", unkept(_CONNECTION), ("result.status", "id")),
    Shape("greeting", unkept(_CONNECTION), ("info", "version", "docs")),
)
