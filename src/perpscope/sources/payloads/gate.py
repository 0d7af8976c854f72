"""What do messages of Gate futures say?

Source
------
Field names: Gate API v4 documents and a recording of 2023. `interest_rate` is per day, `funding_impact_value` the
notional of the impact prices in quote units, `funding_rate` the rate to be paid at `funding_next_apply`. The history
({t, r}) names no contract.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from perpscope.sources.messages import Message, Unkept
from perpscope.sources.payloads.shape import Fact, Memory, Row, Shape, book, moment, number, sides, unkept

_DATED = re.compile(r".*_\d{8}")
_SECONDS = 3600.0


def _who(contract: str, kind: str = "") -> Row:
    """Payoff kind: as stated, else by the id (BTC_USD inverse, other coins against USD quanto, the rest linear)."""
    if _DATED.fullmatch(contract):
        raise Unkept("dated contracts of this venue are not kept")
    market = "inverse" if contract == "BTC_USD" or kind == "inverse" else "quanto" if contract.endswith("_USD") else "linear"
    return {"venue": "gate", "symbol": contract, "market": market}


def _context(entry: dict[str, Any], name: str, ts: int | None) -> Fact:
    leverage, interval = number(entry.get("leverage_max")), number(entry.get("funding_interval"))
    row = {
        "ts": ts,
        "mark_price": number(entry.get("mark_price")),
        "index_price": number(entry.get("index_price")),
        "funding_rate": number(entry.get("funding_rate")),
        "predicted_rate": number(entry.get("funding_rate_indicative")),
        "interval_hours": interval / _SECONDS if interval else None,
        "next_funding": moment(entry.get("funding_next_apply")),
        "interest_rate_1d": number(entry.get("interest_rate")),
        "impact_notional_quote": number(entry.get("funding_impact_value")),
        "initial_margin_frac": 1 / leverage if leverage else None,
        "maintenance_margin_frac": number(entry.get("maintenance_rate")),
    }
    return Fact("contexts", {**_who(name, entry.get("type", "")), **row})


def _contracts(message: Message, memory: Memory) -> Iterator[Fact]:
    del memory
    for entry in message.body if isinstance(message.body, list) else [message.body]:
        yield _context(entry, entry["name"], message.received)


def _tickers(message: Message, memory: Memory) -> Iterator[Fact]:
    """Read tickers; of several of one contract in a message the last is kept."""
    del memory
    body = message.body
    listed = body["result"] if isinstance(body["result"], list) else [body["result"]]
    flat = [entry for item in listed for entry in (item if isinstance(item, list) else [item])]
    stamp = body.get("time_ms") or body["time"]
    yield from (_context(entry, name, moment(stamp)) for name, entry in {entry["contract"]: entry for entry in flat}.items())


def _history(message: Message, memory: Memory) -> Iterator[Fact]:
    del memory
    for entry in message.body:
        yield Fact("funding", {"venue": "gate", "symbol": _asked(message), "ts": moment(entry["t"]), "funding_rate": number(entry["r"])})


def _asked(message: Message) -> str | None:
    found = re.search(r"[?&]contract=(\w+)", message.address)
    return found[1] if found else None


def _snapshot(message: Message, memory: Memory) -> Iterator[Fact]:
    del memory
    body = message.body
    contract = _asked(message) or body.get("contract")
    if not contract:
        raise Unkept("a book snapshot that does not name its contract")
    ts = moment(body.get("update") or body.get("current")) or message.received
    yield book(
        message,
        "gate",
        contract,
        "snapshot",
        sides(body["bids"], body["asks"], "p", "s"),
        ts=ts,
        last_update=body.get("id"),
        market=_who(contract)["market"],
    )


def _change(message: Message, memory: Memory) -> Iterator[Fact]:
    del memory
    result = message.body["result"]
    ids = {"first_update": result["U"], "last_update": result["u"]}
    yield book(
        message,
        "gate",
        result["s"],
        "change",
        sides(result["b"], result["a"], "p", "s"),
        ts=result["t"],
        **ids,
        market=_who(result["s"])["market"],
    )


def _best(message: Message, memory: Memory) -> Iterator[Fact]:
    del memory
    result = message.body["result"]
    bid, ask = ([[result[p], result[q]]] if result[p] else [] for p, q in (("b", "B"), ("a", "A")))
    yield book(
        message, "gate", result["s"], "top", sides(bid, ask), ts=result["t"], last_update=result["u"], market=_who(result["s"])["market"]
    )


SHAPES = (
    Shape("book change", _change, ("result.s", "result.U", "result.b"), {"channel": "futures.order_book_update"}),
    Shape("best quote", _best, ("result.s", "result.b", "result.a"), {"channel": "futures.book_ticker"}),
    Shape("book", _snapshot, ("asks.0.p", "bids.0.p", "current")),
    Shape("tickers", _tickers, ("result",), {"channel": "futures.tickers", "event": "update"}),
    Shape(
        "trades",
        unkept("trade and candle messages are not kept"),
        ("result",),
        {"channel": "futures\\.(?:trades|candlesticks)", "event": "update"},
    ),
    Shape("answer", unkept("an answer of the connection, no data"), ("channel",), {"event": "subscribe|unsubscribe"}),
    Shape("contracts", _contracts, ("0.name", "0.funding_rate_indicative", "0.index_price")),
    Shape("contract", _contracts, ("name", "funding_rate_indicative", "index_price")),
    Shape("settled funding", _history, ("0.t", "0.r")),
)
