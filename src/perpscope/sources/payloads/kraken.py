"""What do messages of Kraken Futures say?

Source
------
Field names: Kraken Futures documents and a recording of 2021. `relative_funding_rate` is a fraction per hour; the
plain `funding_rate` is an amount of money per contract and is not kept. PI_ contracts are inverse, PF_ linear.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from perpscope.sources.messages import Message, Unkept
from perpscope.sources.payloads.shape import Fact, Memory, Row, Shape, best_first, book, moment, number, sides, unkept

_FUNDING = {"rate_is": "relative rate of the hour, fraction"}


def _who(product: str) -> Row:
    kind = product[:3].upper()
    if kind not in {"PI_", "PF_", "FI_", "FF_"}:
        raise Unkept("indices and baskets of this venue are not kept")
    return {"venue": "krakenfutures", "symbol": product.upper(), "market": {"PI_": "inverse", "PF_": "linear"}.get(kind, "dated")}


def _ticker(message: Message, memory: Memory) -> Iterator[Fact]:
    del memory
    entry = message.body
    row = {
        "ts": moment(entry["time"]),
        "mark_price": number(entry.get("markPrice")),
        "index_price": number(entry.get("index")),
        "funding_rate": number(entry.get("relative_funding_rate")),
        "predicted_rate": number(entry.get("relative_funding_rate_prediction")),
        "interval_hours": 1.0,
        "next_funding": moment(entry.get("next_funding_rate_time")),
    }
    yield Fact("contexts", {**_who(entry["product_id"]), **{k: v for k, v in row.items() if not (k.endswith("price") and v == 0)}})


def _tickers(message: Message, memory: Memory) -> Iterator[Fact]:
    del memory
    for entry in message.body["tickers"]:
        if "markPrice" in entry and str(entry["symbol"])[:3].upper() in {"PI_", "PF_", "FI_", "FF_"}:
            ts = moment(message.body.get("serverTime")) or message.received
            prices = {"mark_price": number(entry["markPrice"]), "index_price": number(entry.get("indexPrice"))}
            yield Fact("contexts", {**_who(entry["symbol"]), "ts": ts, **prices})


def _history(message: Message, memory: Memory) -> Iterator[Fact]:
    del memory
    for entry in message.body["rates"]:
        row = {"ts": moment(entry["timestamp"]), "funding_rate": number(entry["relativeFundingRate"])}
        yield Fact("funding", {"venue": "krakenfutures", "symbol": None, **row})


def _snapshot(message: Message, memory: Memory) -> Iterator[Fact]:
    del memory
    body = message.body
    levels = best_first(sides(body["bids"], body["asks"], "price", "qty"))
    yield _book(message, "snapshot", levels)


def _change(message: Message, memory: Memory) -> Iterator[Fact]:
    del memory
    level = [message.body["price"], message.body["qty"]]
    bids, asks = ([level], []) if message.body["side"] == "buy" else ([], [level])
    yield _book(message, "change", sides(bids, asks))


def _book(message: Message, kind: str, levels: Row, **more: Any) -> Fact:  # noqa: ANN401 - columns
    body = message.body
    who = _who(body["product_id"])
    return book(
        message, who["venue"], who["symbol"], kind, levels, ts=body["timestamp"], last_update=body["seq"], market=who["market"], **more
    )


SHAPES = (
    Shape("book change", _change, ("product_id", "side", "price", "qty", "seq", "timestamp"), {"feed": "book"}),
    Shape("book", _snapshot, ("product_id", "bids", "asks", "seq", "timestamp"), {"feed": "book_snapshot"}),
    Shape("ticker", _ticker, ("product_id", "time", "markPrice"), {"feed": "ticker"}),
    Shape("trades", unkept("trade messages are not kept"), ("product_id",), {"feed": "trade|trade_snapshot|ticker_lite|ticker"}),
    Shape("tickers", _tickers, ("tickers.0.symbol", "result"), {"result": "success"}),
    Shape("settled funding", _history, ("rates.0.relativeFundingRate", "rates.0.timestamp"), facts=_FUNDING),
    Shape("instruments", unkept("lists of contracts are not kept"), ("instruments", "result")),
    Shape(
        "answer",
        unkept("an answer of the connection, no data"),
        ("event",),
        {"event": "info|subscribed|unsubscribed|alert|heartbeat|systemStatus"},
    ),
)
