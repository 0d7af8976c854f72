"""What do messages of dYdX say, of its third version and of its own chain?

Source
------
Field names: dYdX v3 and v4 indexer documents and a recording of 2021. `nextFundingRate` estimates the running hour's
rate, fraction per hour. Books of v3 carry an offset per level in the snapshot and one per change; their order is free.
"""

from __future__ import annotations

from collections.abc import Iterator

from perpscope.sources.messages import Message
from perpscope.sources.payloads.shape import Fact, Memory, Row, Shape, best_first, book, moment, number, sides, unkept

_FUNDING = {"rate_kind": "settled"}


def _who(market: str, *, third: bool) -> Row:
    base, _, quote = market.partition("-")
    return {"venue": "dydx3" if third else "dydx", "symbol": market, "market": "linear", "base": base, "quote": quote, "settle": "USDC"}


def _markets(message: Message, memory: Memory) -> Iterator[Fact]:
    del memory
    body = message.body
    body = body.get("contents") or body.get("result") or body
    for name, entry in body["markets"].items():
        third = "indexPrice" in entry
        row = {
            "ts": message.received or moment(message.body.get("isoTimestamp")),
            "index_price": number(entry["indexPrice"] if third else entry["oraclePrice"]),
            "predicted_rate": number(entry.get("nextFundingRate")),
            "next_funding": moment(entry.get("nextFundingAt")),
            "interval_hours": 1.0,
            "initial_margin_frac": number(entry.get("initialMarginFraction")),
            "maintenance_margin_frac": number(entry.get("maintenanceMarginFraction")),
            "open_interest": number(entry.get("openInterest")),
        }
        yield Fact("contexts", {**_who(name, third=third), **row})


def _snapshot(message: Message, memory: Memory) -> Iterator[Fact]:
    del memory
    contents, third = message.body["contents"], message.body["channel"] == "v3_orderbook"
    levels = [*contents["bids"], *contents["asks"]]
    newest = max((int(level["offset"]) for level in levels if "offset" in level), default=None)
    who = _who(message.body["id"], third=third)
    row = best_first(sides(contents["bids"], contents["asks"], "price", "size"))
    yield book(
        message,
        who["venue"],
        who["symbol"],
        "snapshot",
        row,
        last_update=newest,
        **{k: who[k] for k in ("market", "base", "quote", "settle")},
    )


def _change(message: Message, memory: Memory) -> Iterator[Fact]:
    del memory
    contents, third = message.body["contents"], message.body["channel"] == "v3_orderbook"
    who = _who(message.body["id"], third=third)
    update = int(contents["offset"]) if "offset" in contents else None
    row = sides(contents.get("bids", ()), contents.get("asks", ()))
    yield book(
        message,
        who["venue"],
        who["symbol"],
        "change",
        row,
        last_update=update,
        **{k: who[k] for k in ("market", "base", "quote", "settle")},
    )


def _funding(message: Message, memory: Memory) -> Iterator[Fact]:
    del memory
    listed = (message.body.get("result") or message.body)["historicalFunding"]
    for entry in listed:
        third = "market" in entry
        row = {
            "ts": moment(entry["effectiveAt"]),
            "funding_rate": number(entry["rate"]),
            "interval_hours": 1.0,
            "index_price": number(entry.get("price")),
        }
        yield Fact("funding", {**_who(entry["market"] if third else entry["ticker"], third=third), **row})


SHAPES = (
    Shape("book change", _change, ("id", "contents.bids"), {"type": "channel_data", "channel": "v[34]_orderbook"}),
    Shape("book change, one side", _change, ("id", "contents.asks"), {"type": "channel_data", "channel": "v4_orderbook"}),
    Shape("book", _snapshot, ("id", "contents.bids"), {"type": "subscribed", "channel": "v[34]_orderbook"}),
    Shape("trades", unkept("trade messages are not kept"), ("contents",), {"channel": "v[34]_(?:trades|candles)"}),
    Shape("markets, subscribed", _markets, ("contents.markets.*.nextFundingRate",), {"channel": "v[34]_markets"}),
    Shape("markets, changed", unkept("partial market updates are not kept"), ("contents",), {"channel": "v[34]_markets"}),
    Shape("markets", _markets, ("markets.*.market", "markets.*.indexPrice")),
    Shape("markets of the chain", _markets, ("markets.*.ticker", "markets.*.oraclePrice")),
    Shape("markets, answered", _markets, ("result.markets.*.oraclePrice",)),
    Shape("settled funding", _funding, ("historicalFunding.0.rate",), facts=_FUNDING),
    Shape("settled funding, answered", _funding, ("result.historicalFunding.0.rate",), facts=_FUNDING),
    Shape("connection", unkept("an answer of the connection, no data"), ("connection_id",), {"type": "connected|error|unsubscribed"}),
)
