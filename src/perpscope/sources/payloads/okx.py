"""What do messages of OKX say?

Source
------
Field names: OKX API documents (v3, v5) and a recording of 2022. Of a funding message `fundingRate` is paid at
`fundingTime`: decided already where `method` is next_period or a `nextFundingRate` stands beside it, else an estimate.
Of the history `realizedRate` is what was paid.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from perpscope.sources.messages import Message, Unkept
from perpscope.sources.payloads.shape import Fact, Memory, Row, Shape, book, moment, number, sides, unkept
from perpscope.units import MS_PER_HOUR

_PREMIUM = {"premium_is": "premium of the venue's history, one a minute"}


def _who(inst: str) -> Row:
    """Payoff kind by the id: BTC-USD-SWAP inverse, BTC-USDT-SWAP linear, BTC-USDT spot, a date dated."""
    parts = inst.split("-")
    if parts[-1] in {"C", "P"} or not re.fullmatch(r"[A-Z0-9]+-[A-Z0-9_]+(?:-(?:SWAP|\d{6}))?", inst) or "_" in inst:
        raise Unkept("options, spreads and expiring perpetuals are not kept")
    perpetual = "inverse" if parts[1] == "USD" else "linear"
    market = "spot" if parts[2:] == [] else perpetual if parts[2] == "SWAP" else "dated"
    return {"venue": "okx", "symbol": inst, "market": market, "base": parts[0], "quote": parts[1], "settle": _settle(parts, market)}


def _settle(parts: list[str], market: str) -> str:
    return "" if market == "spot" else parts[0] if parts[1] == "USD" else parts[1]


def _history(message: Message, memory: Memory) -> Iterator[Fact]:
    del memory
    for entry in message.body["data"]:
        yield Fact("funding", {**_who(entry["instId"]), "ts": moment(entry["fundingTime"]), "funding_rate": number(entry["realizedRate"])})


def _funding(message: Message, memory: Memory) -> Iterator[Fact]:
    del memory
    for entry in message.body["data"]:
        paid, after = moment(entry.get("fundingTime")), moment(entry.get("nextFundingTime"))
        decided = entry.get("method") == "next_period" or bool(entry.get("nextFundingRate"))
        row = {
            "ts": moment(entry.get("ts")) or message.received,
            "funding_rate": number(entry.get("fundingRate")) if decided else None,
            "predicted_rate": number(entry.get("nextFundingRate") if decided else entry.get("fundingRate")),
            "next_funding": paid,
            "interval_hours": (after - paid) / MS_PER_HOUR if paid and after else None,
            "premium": number(entry.get("premium")),
            "cap_rate": number(entry.get("maxFundingRate")),
            "floor_rate": number(entry.get("minFundingRate")),
            "impact_notional_quote": number(entry.get("impactValue")),
        }
        yield Fact("contexts", {**_who(entry["instId"]), **row})


def _third(message: Message, memory: Memory) -> Iterator[Fact]:
    del memory
    for entry in message.body["data"]:
        rates = {"funding_rate": number(entry["funding_rate"]), "predicted_rate": number(entry.get("estimated_rate"))}
        yield Fact(
            "contexts", {**_who(entry["instrument_id"]), "ts": message.received, **rates, "next_funding": moment(entry["funding_time"])}
        )


def _price(message: Message, memory: Memory) -> Iterator[Fact]:
    del memory
    for entry in message.body["data"]:
        yield Fact("contexts", {**_who(entry["instId"]), "ts": moment(entry["ts"]), "mark_price": number(entry["markPx"])})


def _premium(message: Message, memory: Memory) -> Iterator[Fact]:
    del memory
    for entry in message.body["data"]:
        yield Fact("premium_samples", {**_who(entry["instId"]), "ts": moment(entry["ts"]), "premium": number(entry["premium"])})


def _books(message: Message, memory: Memory) -> Iterator[Fact]:
    del memory
    body = message.body
    inst = body["arg"]["instId"]
    who = _who(inst)
    kind = {"snapshot": "snapshot", "update": "change"}.get(body.get("action", "snapshot"), "change")
    for entry in body["data"]:
        ids = {"last_update": entry.get("seqId"), "previous_update": entry.get("prevSeqId")}
        yield _book(message, who, kind, sides(entry["bids"], entry["asks"]), ts=moment(entry["ts"]), **ids)


def _tickers(message: Message, memory: Memory) -> Iterator[Fact]:
    del memory
    for entry in message.body["data"]:
        levels = sides([[entry["bidPx"], entry["bidSz"]]], [[entry["askPx"], entry["askSz"]]])
        yield _book(message, _who(entry["instId"]), "top", levels, ts=moment(entry["ts"]))


def _book(message: Message, who: Row, kind: str, levels: Row, **more: Any) -> Fact:  # noqa: ANN401 - columns
    return book(message, who["venue"], who["symbol"], kind, levels, **{k: who[k] for k in ("market", "base", "quote", "settle")}, **more)


SHAPES = (
    Shape("book", _books, ("arg.instId", "data.0.bids", "data.0.asks", "data.0.ts"), {"arg.channel": "books.*|bbo-tbt"}),
    Shape("best quote", _tickers, ("data.0.bidPx", "data.0.askPx", "data.0.ts"), {"arg.channel": "tickers"}),
    Shape(
        "trades", unkept("trade messages are not kept"), ("data",), {"arg.channel": "trades.*|liquidation-orders|.*candle.*|opt-summary"}
    ),
    Shape("settled funding", _history, ("data.0.instId", "data.0.realizedRate", "data.0.fundingTime")),
    Shape("funding", _funding, ("data.0.instId", "data.0.fundingTime")),
    Shape("mark price", _price, ("data.0.instId", "data.0.markPx", "data.0.ts")),
    Shape("premium history", _premium, ("data.0.instId", "data.0.premium", "data.0.ts"), facts=_PREMIUM),
    Shape("funding of v3", _third, ("data.0.instrument_id", "data.0.funding_rate"), {"table": "swap/funding_rate"}),
    Shape("answer", unkept("an answer of the connection, no data"), ("arg",), {"event": "subscribe|unsubscribe|channel-conn-count"}),
)
