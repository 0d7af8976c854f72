"""Recorded wire payloads as frames of the declared tables, read here by the plainest means."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl

from perpscope.market.table import BOOK_MESSAGES, CONTEXTS

Row = dict[str, Any]


def moment(ms: float) -> datetime:
    return datetime.fromtimestamp(round(ms) / 1000, tz=UTC)


def _ladder(side: str, levels: list[list[str]]) -> Row:
    return {f"{side}_prices": [float(p) for p, *_ in levels], f"{side}_quantities": [float(q) for _, q, *_ in levels]}


def books(rows: list[Row], **who: str) -> pl.DataFrame:
    said = {"venue": "", "native_id": "", "symbol": "", "market": "linear", "market_list": "", "source": "recording", **who}
    absent = ("first_update", "last_update", "previous_update", "received")
    frame = pl.DataFrame([{**dict.fromkeys(absent), **row} for row in rows], infer_schema_length=None)
    return BOOK_MESSAGES.conform(frame.with_columns(pl.lit(v).alias(k) for k, v in said.items()))


@cache
def numbered_book(path: Path, **who: str) -> pl.DataFrame:
    """A recording of lines `<arrival ns> <message>`: numbered changes, best quotes, one snapshot."""
    rows: list[Row] = []
    with gzip.open(path, "rt") as lines:
        for sequence, line in enumerate(lines):
            arrived, _, body = line.partition(" ")
            received = int(arrived) // 1_000_000
            message = json.loads(body)
            data = message.get("data", message)
            said = {"sequence": sequence, "received": moment(received), "ts": moment(data.get("T", data.get("E", received)))}
            if "lastUpdateId" in data:
                said |= {
                    "kind": "snapshot",
                    "last_update": data["lastUpdateId"],
                    **_ladder("bid", data["bids"]),
                    **_ladder("ask", data["asks"]),
                }
            elif data.get("e") == "depthUpdate":
                ids = {"first_update": data["U"], "last_update": data["u"], "previous_update": data.get("pu")}
                said |= {"kind": "change", **ids, **_ladder("bid", data["b"]), **_ladder("ask", data["a"])}
            else:
                continue
            rows.append(said)
    return books(rows, **who)


def offset_books(path: Path) -> Iterator[tuple[str, pl.DataFrame]]:
    """Recorded channel `v3_orderbook`: per market a snapshot with an offset per level, then changes that arrive out of order."""
    found: dict[str, list[Row]] = {}
    with gzip.open(path, "rt") as lines:
        for sequence, line in enumerate(lines):
            arrived, _, body = line.partition(": ")
            if not body.startswith('{"type":') or "v3_orderbook" not in body:
                continue
            message = json.loads(body)
            if message["type"] not in {"subscribed", "channel_data"}:
                continue
            contents = message["contents"]
            said: Row = {"sequence": sequence, "ts": moment(float(arrived) * 1000), "received": moment(float(arrived) * 1000)}
            if message["type"] == "subscribed":
                sides = {s: [[lv["price"], lv["size"]] for lv in contents[s + "s"]] for s in ("bid", "ask")}
                newest = max(int(lv["offset"]) for s in ("bids", "asks") for lv in contents[s])
                said |= {"kind": "snapshot", "last_update": newest, **_ladder("bid", sides["bid"]), **_ladder("ask", sides["ask"])}
            else:
                sides = {s: contents[s + "s"] for s in ("bid", "ask")}
                said |= {"kind": "change", "last_update": int(contents["offset"])}
                said |= {**_ladder("bid", sides["bid"]), **_ladder("ask", sides["ask"])}
            found.setdefault(message["id"], []).append(said)
    for market, rows in found.items():
        base, quote = market.split("-")
        yield market, books(rows, venue="dydx3", native_id=market, symbol=f"{base}/{quote}:USDC", market="linear")


def contexts(rows: list[Row], **who: str) -> pl.DataFrame:
    said = {"venue": "", "market": "linear", "market_list": "", "source": "recording", **who}
    return CONTEXTS.conform(pl.DataFrame([{**said, **row} for row in rows], infer_schema_length=None))


def number(text: Any) -> float | None:  # noqa: ANN401 - a JSON value
    return None if text is None else float(text)


def asset_contexts(path: Path, instant: str) -> pl.DataFrame:
    """`allDexsAssetCtxs`: every asset of the main list and of the builder lists at one instant; assets carry no names."""
    ts = datetime.fromisoformat(instant)
    with gzip.open(path, "rt") as text:
        lists = json.load(text)["data"]["ctxs"]
    return pl.concat(
        [
            contexts([_asset(c, ts, f"{name}#{k}") for k, c in enumerate(assets)], venue="hyperliquid", market_list=name)
            for name, assets in lists
        ]
    )


def thin_network_contexts(path: Path, instant: str) -> pl.DataFrame:
    """`metaAndAssetCtxs` of the test network."""
    ts = datetime.fromisoformat(instant)
    with gzip.open(path, "rt") as text:
        meta, assets = json.load(text)
    names = [asset["name"] for asset in meta["universe"]]
    rows = [_asset(c, ts, name) for name, c in zip(names, assets, strict=False)]
    return contexts(rows, venue="hyperliquid")


def _asset(context: Row, ts: datetime, name: str) -> Row:
    bid, ask = context.get("impactPxs") or (None, None)
    prices = {"mark_price_quote": "markPx", "index_price_quote": "oraclePx", "mid_price_quote": "midPx"}
    return {
        "native_id": name,
        "symbol": f"{name}/USDC:USDC",
        "ts": ts,
        "impact_bid_quote": number(bid),
        "impact_ask_quote": number(ask),
        "premium_frac": number(context.get("premium")),
        "predicted_rate": number(context.get("funding")),
        "interval_hours": 1.0,
        **{ours: number(context.get(theirs)) for ours, theirs in prices.items()},
    }


def active_instruments(path: Path) -> pl.DataFrame:
    """`/instrument/active`: the perpetuals among them, with the fair price each was marked at."""
    with gzip.open(path, "rt") as lines:
        body = next(lines).partition(" -> ")[2].partition(": ")[2]
    rows = []
    for entry in json.loads(body):
        if entry["fundingRate"] is None:
            continue
        hours = (datetime.fromisoformat(entry["fundingInterval"]) - datetime(2000, 1, 1, tzinfo=UTC)).total_seconds() / 3600
        rows.append(
            {
                "native_id": entry["symbol"],
                "symbol": entry["symbol"],
                "market": "inverse" if entry["isInverse"] else "quanto" if entry["isQuanto"] else "linear",
                "ts": datetime.fromisoformat(entry["timestamp"]),
                "mark_price_quote": entry["fairPrice"],
                "index_price_quote": entry["indicativeSettlePrice"],
                "impact_bid_quote": entry["impactBidPrice"],
                "impact_ask_quote": entry["impactAskPrice"],
                "mid_price_quote": entry["midPrice"],
                "funding_rate": entry["fundingRate"],
                "predicted_rate": entry["indicativeFundingRate"],
                "fair_basis_frac": entry["fairBasis"] / entry["indicativeSettlePrice"],
                "interval_hours": hours,
                "next_funding": datetime.fromisoformat(entry["fundingTimestamp"]),
            }
        )
    return contexts(rows, venue="bitmex")


def listed_markets(path: Path) -> pl.DataFrame:
    """`/v3/markets`: index price, next rate of the running hour, initial margin."""
    with gzip.open(path, "rt") as lines:
        _, _, rest = next(lines).partition(" -> ")
        arrived, _, body = rest.partition(": ")
    rows = [
        {
            "native_id": name,
            "symbol": f"{entry['baseAsset']}/USD:USDC",
            "ts": moment(float(arrived) * 1000),
            "index_price_quote": float(entry["indexPrice"]),
            "predicted_rate": float(entry["nextFundingRate"]),
            "interval_hours": 1.0,
            "next_funding": datetime.fromisoformat(entry["nextFundingAt"]),
            "initial_margin_frac": float(entry["initialMarginFraction"]),
            "maintenance_margin_frac": float(entry["maintenanceMarginFraction"]),
        }
        for name, entry in json.loads(body)["markets"].items()
    ]
    return contexts(rows, venue="dydx3")
