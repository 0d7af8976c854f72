"""What do messages of HTX (formerly Huobi) contracts say?

Source
------
Field names: HTX contract documents and recordings of 2020 to 2022. Ids BTC-USD are inverse, BTC-USDT linear.
`funding_rate` is decided and paid at `funding_time`, `estimated_rate` is the estimate of the one after; of the history
`realized_rate` was paid.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from perpscope.sources.messages import Message, Unkept
from perpscope.sources.payloads.shape import Fact, Memory, Row, Shape, book, moment, number, sides, unkept

_CHANNEL = re.compile(r"market\.([\w-]+)\.(?:depth|bbo).*")


def _who(code: str) -> Row:
    if not re.fullmatch(r"[A-Z0-9]+-(?:USD|USDT)", code):
        raise Unkept("options, dated contracts and spot of this venue are not kept")
    return {"venue": "htx", "symbol": code, "market": "inverse" if code.endswith("-USD") else "linear"}


def _funding(message: Message, memory: Memory) -> Iterator[Fact]:
    del memory
    for entry in message.body["data"]:
        row = {
            "ts": moment(message.body.get("ts")) or message.received,
            "funding_rate": number(entry.get("funding_rate")),
            "predicted_rate": number(entry.get("estimated_rate")),
            "next_funding": moment(entry.get("settlement_time") or entry.get("next_funding_time") or entry.get("funding_time")),
        }
        yield Fact("contexts", {**_who(entry["contract_code"]), **row})


def _history(message: Message, memory: Memory) -> Iterator[Fact]:
    del memory
    for entry in message.body["data"]["data"]:
        rate = entry.get("realized_rate") or entry["funding_rate"]
        yield Fact("funding", {**_who(entry["contract_code"]), "ts": moment(entry["funding_time"]), "funding_rate": number(rate)})


def _depth(message: Message, memory: Memory) -> Iterator[Fact]:
    del memory
    found = _CHANNEL.fullmatch(message.body["ch"])
    tick = message.body["tick"]
    if not found or not tick.get("bids", tick.get("asks")):
        raise Unkept("an empty book message")
    who = _who(found[1])
    kind = "change" if tick.get("event") == "update" else "snapshot"
    update = tick.get("version", tick.get("mrid"))
    levels = sides(tick.get("bids") or (), tick.get("asks") or ())
    yield book(message, "htx", who["symbol"], kind, levels, ts=moment(message.body["ts"]), last_update=update, market=who["market"])


def _best(message: Message, memory: Memory) -> Iterator[Fact]:
    del memory
    found = _CHANNEL.fullmatch(message.body["ch"])
    tick = message.body["tick"]
    who = _who(found[1] if found else "")
    levels = sides(*([tick[side]] if tick.get(side) else [] for side in ("bid", "ask")))
    yield book(message, "htx", who["symbol"], "top", levels, ts=moment(tick["ts"]), last_update=tick.get("version"), market=who["market"])


SHAPES = (
    Shape("book", _depth, ("tick.bids",), {"ch": "market\\..*\\.depth\\..*"}),
    Shape("best quote", _best, ("tick.bid", "tick.ask"), {"ch": "market\\..*\\.bbo"}),
    Shape("trades", unkept("trade, candle and basis messages are not kept"), ("ch",), {"ch": "market\\..*"}),
    Shape("funding", _funding, ("data.0.contract_code", "data.0.estimated_rate"), {"topic": "public\\..*\\.funding_rate"}),
    Shape("settled funding", _history, ("data.data.0.contract_code", "data.data.0.funding_time")),
    Shape("answer", unkept("an answer of the connection, no data"), ("subbed", "status")),
    Shape("answer", unkept("an answer of the connection, no data"), ("op",), {"op": "sub|ping|auth|close"}),
    Shape("answer", unkept("an answer of the connection, no data"), ("ping",)),
)
