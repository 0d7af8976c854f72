"""What do messages of Hyperliquid say?

Source
------
Field names: Hyperliquid documents and a recording of 2026. Rates are per hour (its documents, funding). The running
`funding` of a context estimates the hour's rate. `allDexsAssetCtxs` names no assets: the place in its list stands for
the name, as `@0`; messages with a universe give names. Assets of builder-deployed lists are spelled `list:NAME`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from perpscope.sources.messages import Message, Unkept
from perpscope.sources.payloads.shape import Fact, Memory, Row, Shape, book, number, sides, unkept

_VENUE = "hyperliquid"


def _who(name: str, market_list: str = "") -> Row:
    if "/" in name:
        raise Unkept("spot pairs of this venue are not kept")
    prefix, colon, _ = name.partition(":")
    return {"venue": _VENUE, "symbol": name, "market": "linear", "market_list": market_list or (prefix if colon else "")}


def _context(context: dict[str, Any], name: str, ts: int | None, market_list: str = "") -> Fact:
    bid, ask = context.get("impactPxs") or (None, None)
    row = {
        "ts": ts,
        "mark_price": number(context.get("markPx")),
        "index_price": number(context.get("oraclePx")),
        "mid_price": number(context.get("midPx")),
        "impact_bid": number(bid),
        "impact_ask": number(ask),
        "premium": number(context.get("premium")),
        "predicted_rate": number(context.get("funding")),
        "open_interest": number(context.get("openInterest")),
        "interval_hours": 1.0,
    }
    return Fact("contexts", {**_who(name, market_list), **row})


def _all_lists(message: Message, memory: Memory) -> Iterator[Fact]:
    del memory
    for name, contexts in message.body["data"]["ctxs"]:
        for place, context in enumerate(contexts):
            yield _context(context, f"@{place}", message.received, name)


def _universe(message: Message, memory: Memory) -> Iterator[Fact]:
    del memory
    meta, contexts = message.body
    for asset, context in zip(meta["universe"], contexts, strict=False):
        yield _context(context, asset["name"], message.received)


def _one(message: Message, memory: Memory) -> Iterator[Fact]:
    del memory
    data = message.body["data"]
    yield _context(data["ctx"], data["coin"], message.received)


def _funding(message: Message, memory: Memory) -> Iterator[Fact]:
    del memory
    for entry in message.body:
        row = {
            "ts": entry["time"],
            "funding_rate": number(entry["fundingRate"]),
            "premium": number(entry.get("premium")),
            "interval_hours": 1.0,
        }
        yield Fact("funding", {**_who(entry["coin"]), **row})


def _ladder(message: Message, memory: Memory) -> Iterator[Fact]:
    del memory
    data = message.body.get("data", message.body)
    who = _who(data["coin"])
    bids, asks = data["levels"]
    levels = sides(bids, asks, "px", "sz")
    yield book(message, _VENUE, data["coin"], "snapshot", levels, ts=data["time"], market="linear", market_list=who["market_list"])


def _best(message: Message, memory: Memory) -> Iterator[Fact]:
    del memory
    data = message.body["data"]
    who = _who(data["coin"])
    bid, ask = ([level] if level else [] for level in data["bbo"])
    yield book(
        message, _VENUE, data["coin"], "top", sides(bid, ask, "px", "sz"), ts=data["time"], market="linear", market_list=who["market_list"]
    )


def _trades(message: Message, memory: Memory) -> Iterator[Fact]:
    """Read single trades; their side is that of the taker, B for a buyer and A (ask) for a seller."""
    del memory
    for entry in message.body["data"]:
        if entry["coin"].startswith("@"):
            raise Unkept("spot pairs of this venue are not kept")
        row = {
            "ts": entry["time"],
            "received": message.received,
            "trade_id": entry["tid"],
            "taker": {"B": "buy", "A": "sell"}[entry["side"]],
        }
        yield Fact("trades", {**_who(entry["coin"]), **row, "price": number(entry["px"]), "quantity": number(entry["sz"])})


_PREMIUM = {"premium_is": "averaged premium of the hour before ts, as the venue publishes it with the rate"}
SHAPES = (
    Shape("book", _ladder, ("data.coin", "data.levels", "data.time"), {"channel": "l2Book"}),
    Shape("book, bare", _ladder, ("coin", "levels", "time")),
    Shape("best quote", _best, ("data.coin", "data.bbo"), {"channel": "bbo"}),
    Shape("trades", _trades, ("data.0.tid",), {"channel": "trades"}),
    Shape(
        "other channels",
        unkept("candles, all mids and accounts' own messages are not kept"),
        (),
        {"channel": "trades|candle|allMids|userFills|userEvents|orderUpdates|webData2"},
    ),
    Shape("contexts of all lists", _all_lists, ("data.ctxs.0.1",), {"channel": "allDexsAssetCtxs"}),
    Shape("universe and contexts", _universe, ("0.universe.0.name", "1.0.oraclePx")),
    Shape("context", _one, ("data.coin", "data.ctx.oraclePx"), {"channel": "activeAssetCtx"}),
    Shape("settled funding", _funding, ("0.coin", "0.fundingRate", "0.time"), facts=_PREMIUM),
)
