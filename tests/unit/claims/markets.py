"""Stores of invented funding, futures and spot, on which a claim can be made true or false at will."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl

from perpscope.claims.case import Shelf
from perpscope.claims.ledger import load_claim
from perpscope.claims.model import Reproduction
from perpscope.claims.run import reproduce
from perpscope.market.table import DATED_FUTURES, FUNDING, PRICES, Table
from perpscope.store import Store
from perpscope.store.source import Source

Contract = tuple[str, str, str]
"""Venue, unified symbol, market."""
LINEAR: Contract = ("binanceusdm", "BTC/USDT:USDT", "linear")
INVERSE: Contract = ("bitmex", "BTC/USD:BTC", "inverse")


def funding(who: Contract, rates: Sequence[float], start: datetime, hours: float = 8.0) -> pl.DataFrame:
    """One fixing an interval from `start` on."""
    venue, symbol, market = who
    stamps = [start + timedelta(hours=hours * (k + 1)) for k in range(len(rates))]
    facts = {"venue": venue, "native_id": _bare(symbol), "symbol": symbol, "market": market, "market_list": ""}
    return pl.DataFrame(
        {"ts": stamps, "slot": stamps, "funding_rate": list(rates)}, schema_overrides={"funding_rate": pl.Float64}
    ).with_columns(
        pl.lit(hours).alias("interval_hours"),
        pl.lit("settled").alias("kind"),
        pl.lit("stamp").alias("accrual"),
        *(pl.lit(value).alias(name) for name, value in facts.items()),
    )


def spot(closes: Sequence[float], start: datetime, hours: float = 1.0, who: Contract = ("binance", "BTC/USDT", "spot")) -> pl.DataFrame:
    """One bar after another from `start` on."""
    venue, symbol, market = who
    facts = {"venue": venue, "native_id": _bare(symbol), "symbol": symbol, "market": market, "market_list": ""}
    opens = [start + timedelta(hours=hours * k) for k in range(len(closes))]
    return pl.DataFrame({"ts": opens, "close_quote": list(closes)}).with_columns(
        (pl.col("ts") + pl.duration(seconds=round(hours * 3600))).alias("close_ts"),
        *(
            pl.lit(value).alias(name)
            for name, value in (facts | {"price_kind": "trade", "bar_hours": hours, "precision": "float64"}).items()
        ),
    )


def dated(days: Sequence[datetime], front: Sequence[float], second: Sequence[float], close_hour: int = 21) -> pl.DataFrame:
    """Settlements of two positions on the curve."""
    parts = []
    for name, closes in (("BTC1!", front), ("BTC2!", second)):
        facts = {"venue": "cme", "native_id": name, "symbol": "BTC/USD:USD", "market": "dated", "market_list": ""}
        frame = pl.DataFrame({"ts": list(days), "close_quote": list(closes)})
        parts.append(
            frame.with_columns(
                (pl.col("ts") + pl.duration(hours=close_hour)).alias("close_ts"),
                *(pl.lit(value).alias(key) for key, value in facts.items()),
            )
        )
    return pl.concat(parts)


def _bare(symbol: str) -> str:
    return symbol.replace("/", "").replace(":", "")


def store_of(folder: Path, **frames: Sequence[pl.DataFrame]) -> Store:
    """Write frames to a new store, by the name of their table."""
    store = Store.open(folder / "store", create=True, clock=lambda: 0)
    tables: Mapping[str, Table] = {"funding": FUNDING, "prices": PRICES, "dated": DATED_FUTURES}
    for name, parts in frames.items():
        for k, frame in enumerate(parts):
            source = Source(name=f"{name}{k}.parquet", sha256=f"{k:02d}", table=tables[name].name)
            store.write(tables[name], tables[name].conform(frame.with_columns(pl.lit(source.id).alias("source"))), source)
    return store


def tried(name: str, store: Store | None) -> Reproduction:
    """Put one claim on trial."""
    return reproduce(load_claim(name), Shelf(store))


def utc(year: int, month: int = 1, day: int = 1, hour: int = 0) -> datetime:
    return datetime(year, month, day, hour, tzinfo=UTC)
