"""Small funding tables for tests: one contract at a time, in hours since a fixed Monday."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from perpscope.market.table import FUNDING
from perpscope.market.time import to_ms
from perpscope.units import MS_PER_HOUR

if TYPE_CHECKING:
    from collections.abc import Sequence

MONDAY = to_ms("2026-01-05T00:00:00Z")
Fixings = list[tuple[int, float, float]]
"""(hours since Monday, rate, interval in hours)."""


def at(hours: float) -> int:
    return MONDAY + round(hours * MS_PER_HOUR)


def contract(
    fixings: Sequence[tuple[float, float, float]], venue: str = "alpha", symbol: str = "BTC/USDT:USDT", **others: str
) -> pl.DataFrame:
    """Build the funding table of one contract; `others` overrides columns."""
    stamps = pl.Series([at(hours) for hours, _, _ in fixings], dtype=pl.Int64).cast(pl.Datetime("ms", "UTC"))
    facts = {
        "venue": venue,
        "native_id": symbol.split(":", maxsplit=1)[0].replace("/", ""),
        "symbol": symbol,
        "market": "linear",
        "market_list": "",
        "kind": "settled",
        "accrual": "stamp",
        "source": f"source-{venue}",
    }
    frame = pl.DataFrame(
        {
            "ts": stamps,
            "slot": stamps,
            "funding_rate": [rate for _, rate, _ in fixings],
            "interval_hours": [hours for _, _, hours in fixings],
        },
        schema_overrides={"funding_rate": pl.Float64, "interval_hours": pl.Float64},
    )
    return FUNDING.conform(frame.with_columns(pl.lit(value).alias(name) for name, value in (facts | others).items()))


def regular(count: int, hours: float, rate: float = 0.0001, start: float = 0.0) -> Fixings:
    """Build `count` fixings of one interval, the first one interval after `start`."""
    return [(round(start + hours * (i + 1)), rate, hours) for i in range(count)]


def changing() -> Fixings:
    """8h -> 4h -> 1h -> 8h within a month, every rate its own: the day of each change is the hard one."""
    out: Fixings = []
    hour = 0
    for until, step in ((80, 8), (160, 4), (211, 1), (720, 8)):
        while hour < until:
            hour = (hour // step + 1) * step
            out.append((hour, round(((hour * 7919) % 997 - 400) * 1e-7, 10), float(step)))
    return out


def row(board: pl.DataFrame, **who: str) -> dict[str, Any]:
    """Return the only row that fits."""
    found = board.filter(pl.col(name) == value for name, value in who.items()) if who else board
    assert len(found) == 1, found
    return found.row(0, named=True)
