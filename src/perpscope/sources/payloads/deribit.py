"""What do messages of Deribit say?

Source
------
Field names: Deribit API v2 documents and recordings of 2019 to 2025. Funding runs continuously: `current_funding` is
the rate now, written for eight hours; `interest_1h` is what one hour accrued and `interest_8h` the last eight hours.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from perpscope.sources.messages import Message, Unkept
from perpscope.sources.payloads.shape import Fact, Memory, Row, Shape, book, number, unkept

_FUNDING = {"accrual": "continuous", "rate_is": "realised over the hour before ts"}
_LEVEL = 3


def _who(name: str) -> Row:
    if not name.endswith("-PERPETUAL"):
        raise Unkept("options, combinations and dated futures of this venue are not kept")
    return {"venue": "deribit", "symbol": name, "market": "linear" if "_" in name else "inverse"}


def _data(message: Message) -> dict[str, Any]:
    data: dict[str, Any] = message.body["params"]["data"]
    return data


def _ticker(message: Message, memory: Memory) -> Iterator[Fact]:
    del memory
    entry = _data(message)
    row = {
        "ts": entry["timestamp"],
        "mark_price": number(entry.get("mark_price")),
        "index_price": number(entry.get("index_price")),
        "funding_rate": number(entry.get("current_funding")),
        "interval_hours": 8.0,
    }
    yield Fact("contexts", {**_who(entry["instrument_name"]), **row})


def _history(message: Message, memory: Memory) -> Iterator[Fact]:
    del memory
    body = message.body
    for entry in body["result"] if isinstance(body, dict) else body:
        rates = {"funding_rate": entry["interest_1h"], "interval_hours": 1.0, "funding_rate_8h": entry["interest_8h"]}
        yield Fact("funding", {"venue": "deribit", "symbol": None, "ts": entry["timestamp"], **rates, "index_price": entry["index_price"]})


def _book(message: Message, memory: Memory) -> Iterator[Fact]:
    """Read a book: levels are [action, price, quantity], or [price, quantity] in grouped snapshots."""
    del memory
    entry = _data(message)
    who = _who(entry["instrument_name"])
    row: Row = {}
    for side in ("bid", "ask"):
        levels = [level[1:] if len(level) == _LEVEL else level for level in entry[f"{side}s"]]
        row |= {f"{side}_prices": [float(p) for p, _ in levels], f"{side}_quantities": [float(q) for _, q in levels]}
    ids = {"last_update": entry["change_id"], "previous_update": entry.get("prev_change_id")}
    kind = "change" if entry.get("type") == "change" else "snapshot"
    yield book(message, "deribit", who["symbol"], kind, row, ts=entry["timestamp"], **ids, market=who["market"])


def _quote(message: Message, memory: Memory) -> Iterator[Fact]:
    del memory
    entry = _data(message)
    who = _who(entry["instrument_name"])
    row: Row = {}
    for side in ("bid", "ask"):
        price, quantity = entry.get(f"best_{side}_price"), entry.get(f"best_{side}_amount")
        row |= {f"{side}_prices": [price] if price else [], f"{side}_quantities": [quantity] if price else []}
    yield book(message, "deribit", who["symbol"], "top", row, ts=entry["timestamp"], market=who["market"])


SHAPES = (
    Shape("book", _book, ("params.data.instrument_name", "params.data.bids", "params.data.asks"), {"params.channel": "book\\..*"}),
    Shape("ticker", _ticker, ("params.data.instrument_name", "params.data.mark_price"), {"params.channel": "(?:incremental_)?ticker\\..*"}),
    Shape("best quote", _quote, ("params.data.instrument_name",), {"params.channel": "quote\\..*"}),
    Shape(
        "trades",
        unkept("trade messages are not kept"),
        ("params.data",),
        {"params.channel": "(?:trades|chart|perpetual|platform_state|deribit|markprice).*"},
    ),
    Shape("accrued funding", _history, ("result.0.interest_1h", "result.0.interest_8h"), facts=_FUNDING),
    Shape("accrued funding, listed", _history, ("0.interest_1h", "0.interest_8h"), facts=_FUNDING),
    Shape("instruments", unkept("lists of contracts are not kept"), ("result.0.instrument_name", "result.0.tick_size")),
    Shape("answer", unkept("an answer of the connection, no data"), ("jsonrpc", "result")),
)
