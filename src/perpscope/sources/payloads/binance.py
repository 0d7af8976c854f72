"""What do messages of Binance (spot, USD-M, COIN-M) say, and those of venues that copied its API?

Source
------
Field names: Binance API documents, and recordings of its streams of 2021 and 2024. Which of the three venues sent a
message: its address where the recording holds one; else the id of the contract (BTCUSD_PERP and BTCUSD_240927 are
COIN-M) and the fields only futures have (`pu`, `T`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from perpscope.sources.messages import Message, Unkept
from perpscope.sources.payloads.shape import Fact, Memory, Row, Shape, book, moment, number, sides, unkept

_COIN = re.compile(r"[A-Z0-9]+USD_(?:PERP|\d{6})")
_DATED = re.compile(r".*_\d{6}")
_HOSTS = (("fapi", "binanceusdm"), ("fstream", "binanceusdm"), ("dapi", "binancecoinm"), ("dstream", "binancecoinm"))
_SPOT_HOSTS = ("api.binance.com", "stream.binance.com", "/api/v3/", "binance spot", "map binance messages")
_KLINES = {"markPriceKlines": "mark", "indexPriceKlines": "index", "continuousKlines": "trade", "/klines": "trade"}
_IN_THE_MARKET = "MARKET"
"""How futures mark a trade of two orders; others move positions to the insurance fund or between deleveraged accounts."""
_BAR = 12
"""Values in a candle of Binance."""


def _venue(symbol: str, address: str, *, futures: bool = False) -> str:
    """Venue id, empty where neither address nor id tells it."""
    if "aster" in address.lower():
        return "aster"
    for host, venue in _HOSTS:
        if host in address:
            return venue
    if _COIN.fullmatch(symbol):
        return "binancecoinm"
    if any(host in address for host in _SPOT_HOSTS):
        return "binance"
    return "binanceusdm" if futures else ""


def _market(symbol: str, venue: str) -> Row:
    if venue == "binance":
        return {"venue": venue, "market": "spot"}
    if _DATED.fullmatch(symbol):
        return {"venue": venue, "market": "dated"}
    known = {"binanceusdm": "linear", "binancecoinm": "inverse", "aster": "linear"}
    return {"venue": venue or None, "market": known.get(venue)}


def _change(message: Message, memory: Memory) -> Iterator[Fact]:
    body = message.body
    symbol = body["s"]
    venue = _venue(symbol, message.address, futures="pu" in body) or "binance"
    memory.setdefault("symbols", {})[symbol] = venue
    ids = {"first_update": body["U"], "last_update": body["u"], "previous_update": body.get("pu")}
    yield book(
        message,
        venue,
        symbol,
        "change",
        sides(body["b"], body["a"]),
        ts=body.get("T", body["E"]),
        **ids,
        market=_market(symbol, venue)["market"],
    )


def _top(message: Message, memory: Memory) -> Iterator[Fact]:
    body = message.body
    symbol = body["s"]
    venue = _venue(symbol, message.address, futures="e" in body) or "binance"
    memory.setdefault("symbols", {})[symbol] = venue
    levels = sides([[body["b"], body["B"]]], [[body["a"], body["A"]]])
    yield book(
        message,
        venue,
        symbol,
        "top",
        levels,
        ts=body.get("T", message.received),
        last_update=body["u"],
        market=_market(symbol, venue)["market"],
    )


def _snapshot(message: Message, memory: Memory) -> Iterator[Fact]:
    """Read a snapshot; where it names no contract, its address does, or it is the only one the file speaks of."""
    body = message.body
    asked = re.search(r"[?&]symbol=(\w+)", message.address)
    seen: dict[str, str] = memory.get("symbols", {})
    symbol = body.get("symbol") or (asked[1] if asked else next(iter(seen)) if len(seen) == 1 else "")
    if not symbol:
        raise Unkept("a book snapshot that does not name its contract")
    venue = _venue(symbol, message.address, futures="T" in body) or seen.get(symbol, "binance")
    levels = sides(body["bids"], body["asks"])
    yield book(
        message,
        venue,
        symbol,
        "snapshot",
        levels,
        ts=body.get("T", message.received),
        last_update=body["lastUpdateId"],
        market=_market(symbol, venue)["market"],
    )


def _trade(message: Message, memory: Memory) -> Iterator[Fact]:
    """Read a single trade; `m` says whether the buyer's order was resting, so that the seller took it."""
    del memory
    body = message.body
    symbol = body["s"]
    if body.get("X", _IN_THE_MARKET) != _IN_THE_MARKET:
        raise Unkept("a transfer outside the market is no trade")
    venue = _venue(symbol, message.address, futures="X" in body) or "binance"
    row = {"trade_id": body["t"], "price": number(body["p"]), "quantity": number(body["q"]), "taker": "sell" if body["m"] else "buy"}
    yield Fact("trades", {"symbol": symbol, **_market(symbol, venue), "ts": body["T"], "received": message.received, **row})


def _context(symbol: str, address: str, row: Row) -> Fact:
    venue = _venue(symbol, address) or "binanceusdm"
    return Fact("contexts", {"symbol": symbol, **_market(symbol, venue), **row})


def _premium_index(message: Message, memory: Memory) -> Iterator[Fact]:
    del memory
    for entry in message.body if isinstance(message.body, list) else [message.body]:
        rates = {"predicted_rate": number(entry.get("lastFundingRate")), "next_funding": moment(entry.get("nextFundingTime"))}
        prices = {"mark_price": number(entry["markPrice"]), "index_price": number(entry.get("indexPrice"))}
        yield _context(entry["symbol"], message.address, {"ts": moment(entry.get("time")) or message.received, **prices, **rates})


def _mark_update(message: Message, memory: Memory) -> Iterator[Fact]:
    del memory
    for entry in message.body if isinstance(message.body, list) else [message.body]:
        rates = {"predicted_rate": number(entry.get("r")), "next_funding": moment(entry.get("T"))}
        prices = {"mark_price": number(entry["p"]), "index_price": number(entry.get("i"))}
        yield _context(entry["s"], message.address, {"ts": moment(entry["E"]), **prices, **rates})


def _limits(message: Message, memory: Memory) -> Iterator[Fact]:
    del memory
    for entry in message.body:
        row = {"ts": moment(entry.get("time")) or message.received, "interval_hours": number(entry["fundingIntervalHours"])}
        cap, floor = (entry.get(f"adjustedFundingRate{side}", entry.get(f"fundingFee{side}")) for side in ("Cap", "Floor"))
        yield _context(entry["symbol"], message.address, {**row, "cap_rate": number(cap), "floor_rate": number(floor)})


def _funding(message: Message, memory: Memory) -> Iterator[Fact]:
    del memory
    for entry in message.body:
        symbol = entry["symbol"]
        row = {"symbol": symbol, **_market(symbol, _venue(symbol, message.address)), "ts": entry["fundingTime"]}
        yield Fact("funding", {**row, "funding_rate": number(entry["fundingRate"]), "mark_price": number(entry.get("markPrice"))})


def _klines(message: Message, memory: Memory) -> Iterator[Fact]:
    """Read candles: they name neither contract nor price, so the address or the mapping has to."""
    del memory
    asked = re.search(r"[?&](?:symbol|pair)=(\w+)", message.address)
    symbol = asked[1] if asked else None
    venue = _venue(symbol or "", message.address) or None
    kind = next((kind for word, kind in _KLINES.items() if word in message.address), None)
    for bar in message.body:
        who = {"symbol": symbol, "venue": venue, "market": _market(symbol or "", venue or "")["market"]}
        span = bar[6] + 1 - bar[0]
        if "premiumIndexKlines" in message.address:
            yield Fact("premium_samples", {**who, "ts": bar[6] + 1, "premium": number(bar[4])})
            continue
        ohlc = dict(zip(("open", "high", "low", "close"), map(float, bar[1:5]), strict=True))
        traded = (
            {
                "volume_base": number(bar[5]),
                "volume_quote": number(bar[7]),
                "taker_buy_base": number(bar[9]),
                "taker_buy_quote": number(bar[10]),
            }
            if kind == "trade" and venue in {"binance", "binanceusdm"}
            else {}
        )
        yield Fact("prices", {**who, **ohlc, **traded, "ts": bar[0], "bar_hours": span / 3_600_000, "price_kind": kind})


def _is_bar(body: Any) -> bool:  # noqa: ANN401 - JSON
    return isinstance(body, list) and bool(body) and isinstance(body[0], list) and len(body[0]) == _BAR


_BARS_SAY = {"stamp": "open", "premium_is": "last premium index of each bar, at its close"}
SHAPES = (
    Shape("order book change", _change, ("s", "U", "u", "b", "a"), {"e": "depthUpdate"}),
    Shape("best quote", _top, ("u", "s", "b", "B", "a", "A")),
    Shape("order book snapshot", _snapshot, ("lastUpdateId", "bids", "asks")),
    Shape("trade", _trade, ("s", "t", "p", "q", "T", "m"), {"e": "trade"}),
    Shape("sum of trades", unkept("sums of trades and forced orders are not kept"), (), {"e": "aggTrade|forceOrder"}),
    Shape(
        "candle or statistics",
        unkept("candle and 24 h statistics messages are not kept"),
        ("e",),
        {"e": "kline|continuous_kline|24hr\\w+|avgPrice"},
    ),
    Shape("mark price", _mark_update, ("s", "E", "p"), {"e": "markPriceUpdate"}),
    Shape("mark prices", _mark_update, ("0.s", "0.p"), {"0.e": "markPriceUpdate"}),
    Shape("premium index", _premium_index, ("symbol", "markPrice", "lastFundingRate", "nextFundingTime")),
    Shape("premium indices", _premium_index, ("0.symbol", "0.markPrice", "0.lastFundingRate")),
    Shape("funding limits", _limits, ("0.symbol", "0.fundingIntervalHours")),
    Shape("settled funding", _funding, ("0.symbol", "0.fundingRate", "0.fundingTime"), {"0.symbol": "[A-Z0-9]+(?:_PERP)?"}),
    Shape("candles", _klines, (f"0.{_BAR - 1}",), {f"0.{_BAR - 1}": "[\\d.]*"}, facts=_BARS_SAY),
    Shape("instruments", unkept("lists of contracts are not kept"), ("symbols", "serverTime")),
)
