"""What do messages of BitMEX say?

Source
------
Field names: BitMEX API documents and recordings of 2021. `fairPrice` is the mark, `indicativeSettlePrice` the index;
`fundingRate` is in force until `fundingTimestamp`, `indicativeFundingRate` estimates the one after. Order book levels
are addressed by id; a change may name no price, so ids are remembered with theirs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from perpscope.market.time import to_ms
from perpscope.sources.messages import Message, Unkept
from perpscope.sources.payloads.shape import Fact, Memory, Row, Shape, best_first, book, moment, number, unkept
from perpscope.sources.symbols import plain
from perpscope.units import MS_PER_HOUR

_EPOCH = to_ms("2000-01-01T00:00:00Z")
_DATED = re.compile(r"[A-Z]+[FGHJKMNQUVXZ]\d\d")
_SPREAD = re.compile(r".*-.*")
_BARS = {"1m": 1 / 60, "5m": 1 / 12, "1h": 1.0, "1d": 24.0}
_PERPETUAL, _FUTURE = "FFWCSX", "FFCCSX"


def _is_contract(entry: dict[str, Any]) -> bool:
    """Whether an entry is of a perpetual or a future, not of an index, a spread or a spot pair."""
    symbol = entry["symbol"]
    return not symbol.startswith(".") and not _SPREAD.fullmatch(symbol) and entry.get("typ") in {None, _PERPETUAL, _FUTURE}


def _market(entry: dict[str, Any]) -> str | None:
    """Payoff kind by what the message states, else by the id; None where neither tells.

    Contracts quoted in USDT settled in XBT until 2021 and in USDT since: their ids do not tell.
    """
    symbol = entry["symbol"]
    if entry.get("typ") == _FUTURE or _DATED.fullmatch(symbol):
        return "dated"
    if "isInverse" in entry:
        return "inverse" if entry["isInverse"] else "quanto" if entry["isQuanto"] else "linear"
    return "inverse" if symbol.startswith("XBTUSD") and not symbol.endswith("T") else "quanto" if symbol.endswith("USD") else None


def _who(entry: dict[str, Any]) -> Row:
    if not _is_contract(entry):
        raise Unkept("indices, spreads and spot pairs are not kept")
    row: Row = {"venue": "bitmex", "symbol": entry["symbol"], "market": _market(entry)}
    if entry.get("underlying") and entry.get("quoteCurrency") and entry.get("settlCurrency"):
        row |= {"base": plain(entry["underlying"]), "quote": plain(entry["quoteCurrency"]), "settle": plain(entry["settlCurrency"].upper())}
    return row


def _context(entry: dict[str, Any], received: int | None) -> Fact:
    index, basis, interval = entry.get("indicativeSettlePrice"), entry.get("fairBasis"), entry.get("fundingInterval")
    row = {
        "ts": moment(entry.get("timestamp")) or received,
        "mark_price": entry.get("fairPrice"),
        "index_price": index,
        "mid_price": entry.get("midPrice"),
        "impact_bid": entry.get("impactBidPrice"),
        "impact_ask": entry.get("impactAskPrice"),
        "funding_rate": entry.get("fundingRate"),
        "predicted_rate": entry.get("indicativeFundingRate"),
        "interval_hours": None if interval is None else (to_ms(interval) - _EPOCH) / MS_PER_HOUR,
        "next_funding": moment(entry.get("fundingTimestamp")),
        "fair_basis_frac": basis / index if basis is not None and index else None,
        "initial_margin_frac": entry.get("initMargin"),
        "maintenance_margin_frac": entry.get("maintMargin"),
    }
    return Fact("contexts", {**_who(entry), **row})


def _instruments(message: Message, memory: Memory) -> Iterator[Fact]:
    del memory
    entries = message.body.get("data", [message.body]) if isinstance(message.body, dict) else message.body
    kept = [entry for entry in entries if _is_contract(entry)]
    if not kept:
        raise Unkept("indices, spreads and spot pairs are not kept")
    yield from (_context(entry, message.received) for entry in kept)


def _funding(message: Message, memory: Memory) -> Iterator[Fact]:
    del memory
    entries = message.body.get("data", [message.body]) if isinstance(message.body, dict) else message.body
    for entry in entries:
        hours = (to_ms(entry["fundingInterval"]) - _EPOCH) / MS_PER_HOUR
        yield Fact(
            "funding", {**_who(entry), "ts": moment(entry["timestamp"]), "funding_rate": entry["fundingRate"], "interval_hours": hours}
        )


def _levels(message: Message, memory: Memory) -> Iterator[Fact]:
    """Read level 2 by id: `partial` replaces the book, the other actions set levels, `delete` with quantity 0."""
    action, data = message.body.get("action", "update"), message.body.get("data", [message.body])
    prices = memory.setdefault("bitmex", {})
    found: dict[str, Row] = {}
    for entry in data:
        symbol = entry["symbol"]
        if "price" in entry:
            prices[symbol, entry["id"]] = float(entry["price"])
        price = prices.get((symbol, entry["id"]))
        if price is None:
            raise Unkept("it changes a book level that no earlier message announced")
        row = found.setdefault(symbol, {name: [] for name in ("bid_prices", "bid_quantities", "ask_prices", "ask_quantities")})
        side = "bid" if entry["side"] == "Buy" else "ask"
        row[f"{side}_prices"].append(price)
        row[f"{side}_quantities"].append(0.0 if action == "delete" else float(entry["size"]))
    whole = action == "partial"
    for symbol, row in found.items():
        levels = best_first(row) if whole else row
        yield book(
            message,
            "bitmex",
            symbol,
            "snapshot" if whole else "change",
            levels,
            ts=moment(data[0].get("timestamp")) or message.received,
            market=_market({"symbol": symbol}),
        )


def _ladder(message: Message, memory: Memory) -> Iterator[Fact]:
    del memory
    for entry in message.body.get("data", [message.body]):
        row = {
            f"{side}_{name}": [float(level[k]) for level in entry[f"{side}s"]]
            for side in ("bid", "ask")
            for k, name in enumerate(("prices", "quantities"))
        }
        yield book(
            message,
            "bitmex",
            entry["symbol"],
            "snapshot",
            row,
            ts=moment(entry.get("timestamp")) or message.received,
            market=_market(entry),
        )


def _quotes(message: Message, memory: Memory) -> Iterator[Fact]:
    """Read best quotes; of several of one contract in a message the last is kept."""
    del memory
    for entry in {entry["symbol"]: entry for entry in message.body["data"]}.values():
        row: Row = {}
        for side in ("bid", "ask"):
            price, quantity = entry.get(f"{side}Price"), entry.get(f"{side}Size")
            row |= {f"{side}_prices": [price] if price else [], f"{side}_quantities": [float(quantity or 0)] if price else []}
        yield book(
            message, "bitmex", entry["symbol"], "top", row, ts=moment(entry.get("timestamp")) or message.received, market=_market(entry)
        )


def _bars(message: Message, memory: Memory) -> Iterator[Fact]:
    del memory
    body = message.body
    found = re.search(r"(?:tradeBin|trade_bin_)(\d\w)", str(body.get("table", "") if isinstance(body, dict) else "") + message.address)
    entries = body.get("data", [body]) if isinstance(body, dict) else body
    for entry in entries:
        ohlc = {name: number(entry[name]) for name in ("open", "high", "low", "close")}
        row = {"ts": moment(entry["timestamp"]), "price_kind": "trade", "bar_hours": _BARS.get(found[1]) if found else None}
        yield Fact(
            "prices", {**_who(entry), **ohlc, **row, "volume_base": entry.get("homeNotional"), "volume_quote": entry.get("foreignNotional")}
        )


_INSTRUMENT = "fairPrice|indicativeSettlePrice|markPrice"
SHAPES = (
    Shape("level 2", _levels, ("data.0.id", "data.0.side"), {"table": "orderBookL2(?:_25)?"}),
    Shape("level 2, one level", _levels, ("symbol", "id", "side", "size", "price", "transactTime")),
    Shape("best quotes", _quotes, ("data.0.symbol",), {"table": "quote"}),
    Shape("book of ten", _ladder, ("data.0.bids",), {"table": "orderBook10"}),
    Shape("book of ten, bare", _ladder, ("symbol", "bids", "asks", "timestamp"), {"symbol": "[A-Z0-9]+"}),
    Shape("trades", unkept("trade messages are not kept"), (), {"table": "trade|liquidation"}),
    Shape("trade", unkept("trade messages are not kept"), ("symbol", "trdMatchID")),
    Shape("trades, listed", unkept("trade messages are not kept"), ("0.symbol", "0.trdMatchID")),
    Shape("instruments", _instruments, ("data.0.symbol",), {"table": "instrument"}),
    Shape("instruments, listed", _instruments, ("0.symbol", "0.rootSymbol", "0.typ", "0.indicativeSettlePrice")),
    Shape("instrument", _instruments, ("symbol", "rootSymbol", "typ", "indicativeSettlePrice")),
    Shape("instrument, changed mark", _instruments, ("symbol", "timestamp", "fairPrice")),
    Shape("instrument, changed index", _instruments, ("symbol", "timestamp", "indicativeSettlePrice")),
    Shape("settled funding", _funding, ("data.0.fundingRate", "data.0.fundingInterval"), {"table": "funding"}),
    Shape("settled funding, listed", _funding, ("0.symbol", "0.fundingInterval", "0.fundingRateDaily")),
    Shape("settled funding, one", _funding, ("symbol", "fundingInterval", "fundingRateDaily")),
    Shape("candles", _bars, ("data.0.close",), {"table": "tradeBin\\w+"}, facts={"stamp": "close"}),
    Shape("candles, listed", _bars, ("0.symbol", "0.homeNotional", "0.close"), facts={"stamp": "close"}),
    Shape("candle", _bars, ("symbol", "homeNotional", "close", "vwap"), facts={"stamp": "close"}),
)
