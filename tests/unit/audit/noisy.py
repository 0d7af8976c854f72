"""A minute of two invented markets, as a recorder would have written it, and hours of bars."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl

from perpscope.collect.imports import import_paths
from perpscope.market.table import FUNDING, PRICES, Table
from perpscope.store import Source, Store

START = 1_700_000_000_000  # 2023-11-14T22:13:20Z
T = datetime(2023, 3, 1, tzinfo=UTC)


def recording(folder: Path, *, seconds: int = 60, premium: float = 0.0009, trades: bool = True, seed: int = 3) -> Path:
    """Books of a perpetual and of spot, once a second, the perpetual dearer by `premium`, with a trade at the mid."""
    chance = np.random.default_rng(seed)
    lines = []
    for k in range(seconds):
        at = START + 1_000 * k
        spot = round(30_000 + float(chance.normal(0, 1)), 1)
        perp = round(spot * (1 + premium) + float(chance.normal(0, 0.5)), 1)
        body = {"lastUpdateId": k + 1, "T": at, "E": at, "symbol": "BTCUSDT", "bids": _side(perp, -1), "asks": _side(perp, 1)}
        lines.append((at, body))
        lines.append((at, {"lastUpdateId": k + 1, "symbol": "BTCUSDT", "bids": _side(spot, -1), "asks": _side(spot, 1)}))
        if trades:
            told = {"e": "trade", "E": at, "T": at, "s": "BTCUSDT", "p": str(perp), "q": "0.01", "m": bool(k % 2)}
            lines.append((at, {**told, "t": 100 + k, "X": "MARKET"}))
            lines.append((at, {**told, "t": 900 + k, "p": str(spot)}))
    path = folder / "minute.jsonl"
    path.write_text("".join(f"{at}000000 {json.dumps(body)}\n" for at, body in lines), encoding="utf-8")
    return path


def _side(mid: float, way: int) -> list[list[str]]:
    return [[f"{mid + way * (0.5 + step):.1f}", "0.8"] for step in range(200)]


def booked(folder: Path, **how: object) -> Store:
    """A store of the recording."""
    made = Store.open(folder / "store", create=True)
    (done,) = {row.rejected for row in import_paths(made, [recording(folder, **how)])}  # type: ignore[arg-type]  # as they are named
    assert done == 0
    return made


def barred(folder: Path, *, days: int = 40, noise: float = 2.0, seed: int = 5, premium: float = 0.0008) -> Store:
    """Hourly bars of both markets and the rates of eight hours, with closes that scatter by `noise` quote units."""
    chance = np.random.default_rng(seed)
    made = Store.open(folder / "store", create=True)
    hours = 24 * days
    spot = 20_000 + np.cumsum(chance.normal(0, 5, hours))
    for name, price, market in (
        ("BTC/USDT", spot, "spot"),
        ("BTC/USDT:USDT", spot * (1 + premium) + chance.normal(0, noise, hours), "linear"),
    ):
        venue = "binance" if market == "spot" else "binanceusdm"
        frame = pl.DataFrame(
            {
                "venue": venue,
                "native_id": "BTCUSDT",
                "symbol": name,
                "market": market,
                "market_list": "",
                "price_kind": "trade",
                "bar_hours": 1.0,
                "ts": [T + timedelta(hours=k) for k in range(hours)],
                "close_ts": [T + timedelta(hours=k + 1) for k in range(hours)],
                "open_quote": price,
                "high_quote": price,
                "low_quote": price,
                "close_quote": price,
                "precision": "float64",
            }
        )
        _write(made, PRICES, frame, name)
    stamps = [T + timedelta(hours=8 * (k + 1)) for k in range(hours // 8)]
    rates = pl.DataFrame(
        {
            "venue": "binanceusdm",
            "native_id": "BTCUSDT",
            "symbol": "BTC/USDT:USDT",
            "market": "linear",
            "market_list": "",
            "ts": stamps,
            "slot": stamps,
            "funding_rate": 0.0003,
            "interval_hours": 8.0,
            "kind": "settled",
            "accrual": "stamp",
        }
    )
    _write(made, FUNDING, rates, "rates")
    return made


def premiums(folder: Path, *, hours: int = 400, seed: int = 9) -> Store:
    """Hourly rates with the averaged premiums they follow from."""
    made = Store.open(folder / "store", create=True)
    premium = np.round(np.random.default_rng(seed).normal(0.0002, 0.0003, hours), 8)
    stamps = [T + timedelta(hours=k) for k in range(hours)]
    rows = pl.DataFrame(
        {
            "venue": "hyperliquid",
            "native_id": "BTC",
            "symbol": "BTC/USDC:USDC",
            "market": "linear",
            "market_list": "",
            "ts": stamps,
            "slot": stamps,
            "funding_rate": np.round((premium + np.clip(0.0001 - premium, -0.0005, 0.0005)) / 8, 10),
            "interval_hours": 1.0,
            "kind": "settled",
            "accrual": "stamp",
            "premium_frac": premium,
        }
    )
    _write(made, FUNDING, rows, "premiums")
    return made


def snapshots(folder: Path) -> Path:
    """Books of a contract whose index nobody recorded."""
    path = folder / "snapshots.jsonl"
    level = [{"px": "99", "sz": "1", "n": 1}], [{"px": "101", "sz": "1", "n": 1}]
    bodies = [{"channel": "l2Book", "data": {"coin": "BTC", "time": START + 1_000 * k, "levels": level}} for k in range(5)]
    path.write_text("".join(json.dumps(body) + "\n" for body in bodies), encoding="utf-8")
    return path


def _write(made: Store, table: Table, frame: pl.DataFrame, name: str) -> None:
    source = Source(name=name, sha256=name.encode().hex().ljust(64, "0")[:64], table=table.name)
    made.write(table, table.conform(frame.with_columns(pl.lit(source.id).alias("source"))), source)
