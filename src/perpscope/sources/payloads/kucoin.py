"""What do messages of KuCoin futures say?

Source
------
Field names: KuCoin futures documents and recorded messages of 2024. Contracts ending in USDTM or USDCM are linear, in
USDM inverse. Of the channel `funding.rate`, a granularity of a minute is the running estimate, a longer one the rate
of that many milliseconds. `.XBTUSDMPI` is the premium index of XBTUSDM.
"""

from __future__ import annotations

from collections.abc import Iterator

from perpscope.sources.messages import Message, Unkept
from perpscope.sources.payloads.shape import Fact, Memory, Row, Shape, book, moment, number, sides, unkept
from perpscope.units import MS_PER_HOUR

_PREMIUM = {"premium_is": "premium index of the venue, one a minute"}
_MINUTE = 60_000


def _who(symbol: str) -> Row:
    if not symbol.endswith("M"):
        raise Unkept("dated contracts of this venue are not kept")
    return {"venue": "kucoinfutures", "symbol": symbol, "market": "inverse" if symbol.endswith("USDM") else "linear"}


def _topic(message: Message) -> str:
    return str(message.body["topic"]).rpartition(":")[2]


def _history(message: Message, memory: Memory) -> Iterator[Fact]:
    del memory
    for entry in message.body["data"]:
        yield Fact("funding", {**_who(entry["symbol"]), "ts": moment(entry["timepoint"]), "funding_rate": number(entry["fundingRate"])})


def _unified(message: Message, memory: Memory) -> Iterator[Fact]:
    del memory
    data = message.body["data"]
    for entry in data["list"]:
        yield Fact("funding", {**_who(data["symbol"]), "ts": moment(entry["ts"]), "funding_rate": number(entry["fundingRate"])})


def _premium(message: Message, memory: Memory) -> Iterator[Fact]:
    del memory
    for entry in message.body["data"]["dataList"]:
        symbol = entry["symbol"].removeprefix(".").removesuffix("PI")
        yield Fact("premium_samples", {**_who(symbol), "ts": moment(entry["timePoint"]), "premium": number(entry["value"])})


def _rate(message: Message, memory: Memory) -> Iterator[Fact]:
    del memory
    data = message.body["data"]
    running = data["granularity"] <= _MINUTE
    rates = (
        {"predicted_rate": data["fundingRate"]}
        if running
        else {"funding_rate": data["fundingRate"], "interval_hours": data["granularity"] / MS_PER_HOUR}
    )
    yield Fact("contexts", {**_who(_topic(message)), "ts": moment(data["timestamp"]), **rates})


def _marks(message: Message, memory: Memory) -> Iterator[Fact]:
    del memory
    data = message.body["data"]
    symbol = data.get("symbol") or _topic(message)
    prices = {"mark_price": number(data.get("markPrice", data.get("value"))), "index_price": number(data["indexPrice"])}
    yield Fact("contexts", {**_who(symbol), "ts": moment(data.get("timestamp", data.get("timePoint"))), **prices})


def _snapshot(message: Message, memory: Memory) -> Iterator[Fact]:
    del memory
    data = message.body["data"]
    levels = sides(data["bids"], data["asks"])
    yield book(
        message,
        "kucoinfutures",
        data["symbol"],
        "snapshot",
        levels,
        ts=moment(data["ts"]),
        last_update=data["sequence"],
        market=_who(data["symbol"])["market"],
    )


def _change(message: Message, memory: Memory) -> Iterator[Fact]:
    del memory
    data, symbol = message.body["data"], _topic(message)
    price, side, quantity = data["change"].split(",")
    levels = sides([[price, quantity]] if side == "buy" else [], [[price, quantity]] if side == "sell" else [])
    yield book(
        message,
        "kucoinfutures",
        symbol,
        "change",
        levels,
        ts=moment(data["timestamp"]),
        last_update=data["sequence"],
        market=_who(symbol)["market"],
    )


def _best(message: Message, memory: Memory) -> Iterator[Fact]:
    del memory
    data = message.body["data"]
    levels = sides([[data["bestBidPrice"], data["bestBidSize"]]], [[data["bestAskPrice"], data["bestAskSize"]]])
    yield book(
        message,
        "kucoinfutures",
        data["symbol"],
        "top",
        levels,
        ts=moment(data["ts"]),
        last_update=data["sequence"],
        market=_who(data["symbol"])["market"],
    )


SHAPES = (
    Shape("book change", _change, ("topic", "data.change"), {"subject": "level2"}),
    Shape("book", _snapshot, ("data.symbol", "data.bids", "data.asks", "data.ts"), {"subject": "level2Snapshot"}),
    Shape("best quote", _best, ("data.bestBidPrice", "data.bestAskPrice", "data.ts"), {"topic": "/contractMarket/tickerV2:.*"}),
    Shape("funding", _rate, ("data.granularity", "data.fundingRate"), {"subject": "funding.rate"}),
    Shape("mark and index", _marks, ("data.indexPrice", "data.markPrice"), {"subject": "mark.index.price"}),
    Shape("mark, answered", _marks, ("data.symbol", "data.value", "data.indexPrice", "data.timePoint")),
    Shape(
        "trades",
        unkept("trade, candle and detail messages are not kept"),
        ("topic", "data"),
        {"topic": "/(?:contract|market|spotMarket|contractMarket|index)/.*"},
    ),
    Shape("settled funding", _history, ("data.0.symbol", "data.0.fundingRate", "data.0.timepoint")),
    Shape("settled funding, unified", _unified, ("data.symbol", "data.list.0.fundingRate", "data.list.0.ts")),
    Shape(
        "premium index",
        _premium,
        ("data.dataList.0.symbol", "data.dataList.0.value"),
        {"data.dataList.0.symbol": "\\..*PI"},
        facts=_PREMIUM,
    ),
)
