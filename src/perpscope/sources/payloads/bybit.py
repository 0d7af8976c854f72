"""What do messages of Bybit say?

Source
------
Field names: Bybit API documents (v2, v5) and a recording of 2021. Names ending in e4, e6, e8 are whole numbers of
ten-thousandths, millionths, hundred-millionths. `fundingRate` of a ticker is the rate to be paid at
`nextFundingTime`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from perpscope.sources.messages import Message, Unkept
from perpscope.sources.payloads.shape import Fact, Memory, Row, Shape, best_first, book, moment, number, sides, unkept

_DATED = re.compile(r"[A-Z0-9]+(?:[FGHJKMNQUVXZ]\d\d|-\d{1,2}[A-Z]{3}\d\d)")
_OPTION = re.compile(r".*-[CP](?:-USDT)?")
_KINDS = {"mark-price-kline": "mark", "index-price-kline": "index"}


def _who(symbol: str, category: str = "") -> Row:
    """Payoff kind by the category of the message, else by the id of a derivative: BTCUSD inverse, the others linear."""
    if _OPTION.fullmatch(symbol) or category == "option":
        raise Unkept("options are not kept")
    if category == "spot":
        market = "spot"
    elif _DATED.fullmatch(symbol):
        market = "dated"
    else:
        market = "inverse" if symbol.endswith("USD") else "linear"
    return {"venue": "bybit", "symbol": symbol, "market": market}


def _history(message: Message, memory: Memory) -> Iterator[Fact]:
    del memory
    result = message.body["result"]
    for entry in result["list"]:
        who = _who(entry["symbol"], result.get("category", ""))
        yield Fact("funding", {**who, "ts": moment(entry["fundingRateTimestamp"]), "funding_rate": number(entry["fundingRate"])})


def _ticker_row(entry: dict[str, Any], ts: int | None) -> Fact:
    hours = number(entry.get("fundingIntervalHour"))
    row = {
        "ts": ts,
        "mark_price": number(entry.get("markPrice")),
        "index_price": number(entry.get("indexPrice")),
        "predicted_rate": number(entry.get("fundingRate")),
        "next_funding": moment(entry.get("nextFundingTime")),
        "interval_hours": hours,
        "cap_rate": number(entry.get("fundingCap")),
    }
    return Fact("contexts", {**_who(entry["symbol"]), **row})


def _ticker(message: Message, memory: Memory) -> Iterator[Fact]:
    del memory
    entry = message.body["data"]
    if not {"markPrice", "indexPrice", "fundingRate"} & set(entry):
        raise Unkept("a ticker without mark, index or rate")
    yield _ticker_row(entry, moment(message.body.get("ts")) or message.received)


def _tickers(message: Message, memory: Memory) -> Iterator[Fact]:
    del memory
    for entry in message.body["result"]["list"]:
        yield _ticker_row(entry, moment(message.body.get("time")) or message.received)


def _scaled(entry: dict[str, Any], *names: str, scale: float) -> float | None:
    value = next((entry[name] for name in names if entry.get(name) not in {None, ""}), None)
    return None if value is None else float(value) / scale


def _instrument(message: Message, memory: Memory) -> Iterator[Fact]:
    """Read the old instrument channel; of a change only what it names."""
    del memory
    data = message.body["data"]
    for entry in [data] if "symbol" in data else data.get("update", []):
        row = {
            "ts": _stamp(message),
            "mark_price": _scaled(entry, "mark_price_e4", "markPriceE4", scale=1e4),
            "index_price": _scaled(entry, "index_price_e4", "indexPriceE4", scale=1e4),
            "funding_rate": _scaled(entry, "funding_rate_e6", "fundingRateE6", scale=1e6),
            "predicted_rate": _scaled(entry, "predicted_funding_rate_e6", "predictedFundingRateE6", scale=1e6),
        }
        yield Fact("contexts", {**_who(entry["symbol"]), **row})


def _stamp(message: Message) -> int | None:
    stamp = message.body.get("timestamp_e6") or message.body.get("timestampE6")
    return int(stamp) // 1000 if stamp else message.received


def _orderbook(message: Message, memory: Memory) -> Iterator[Fact]:
    del memory
    body = message.body
    data = body["data"]
    kind = "snapshot" if body["type"] == "snapshot" else "change"
    market = "spot" if "spot" in message.address else _who(data["s"])["market"]
    yield book(message, "bybit", data["s"], kind, sides(data["b"], data["a"]), ts=body["ts"], last_update=data["u"], market=market)


def _old_book(message: Message, memory: Memory) -> Iterator[Fact]:
    """Read level 2 by price: snapshot, or delete, update and insert."""
    del memory
    body = message.body
    data = body["data"]
    symbol = body["topic"].rpartition(".")[2]
    row: Row = {name: [] for name in ("bid_prices", "bid_quantities", "ask_prices", "ask_quantities")}
    whole = body["type"] == "snapshot"
    levels_of = {"insert": _whole_book(data)} if whole else data
    for action in ("delete", "update", "insert"):
        for entry in levels_of.get(action, ()):
            side = "bid" if entry["side"] == "Buy" else "ask"
            row[f"{side}_prices"].append(float(entry["price"]))
            row[f"{side}_quantities"].append(0.0 if action == "delete" else float(entry["size"]))
    levels = best_first(row) if whole else row
    yield book(message, "bybit", symbol, "snapshot" if whole else "change", levels, ts=_stamp(message), market=_who(symbol)["market"])


def _whole_book(data: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - JSON
    """Levels of a snapshot: listed, or under one of two names."""
    levels: list[dict[str, Any]] = data if isinstance(data, list) else data.get("order_book") or data.get("orderBook") or []
    return levels


def _bars(message: Message, memory: Memory) -> Iterator[Fact]:
    del memory
    result = message.body["result"]
    kind = next((kind for word, kind in _KINDS.items() if word in message.address and "premium" not in message.address), None)
    if kind is None:
        raise Unkept("candles whose message does not say what was priced")
    for entry in result["list"]:
        ohlc = dict(zip(("open", "high", "low", "close"), map(float, entry[1:5]), strict=True))
        yield Fact(
            "prices",
            {**_who(result["symbol"], result.get("category", "")), **ohlc, "ts": moment(entry[0]), "price_kind": kind, "bar_hours": None},
        )


SHAPES = (
    Shape("book", _orderbook, ("data.s", "data.b", "data.a", "ts", "type"), {"topic": "orderbook\\..*"}),
    Shape("book by price", _old_book, ("data", "type"), {"topic": "(?:orderBookL2_25|orderBook_200).*"}),
    Shape(
        "trades",
        unkept("trade messages are not kept"),
        ("data",),
        {"topic": "(?:publicTrade|trade|kline|klineV2|liquidation|candle|allLiquidation).*"},
    ),
    Shape("ticker", _ticker, ("data.symbol",), {"topic": "tickers\\..*"}),
    Shape("instrument", _instrument, ("data",), {"topic": "instrument_info.*"}),
    Shape("settled funding", _history, ("result.list.0.symbol", "result.list.0.fundingRateTimestamp")),
    Shape("tickers", _tickers, ("result.list.0.symbol", "result.list.0.markPrice", "result.list.0.fundingRate")),
    Shape("candles", _bars, ("result.symbol", "result.list.0.4"), {"retCode": "0"}, facts={"stamp": "open"}),
    Shape("answer", unkept("an answer of the connection, no data"), ("success", "ret_msg")),
)
