"""A small invented store that scans are worked out on by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from perpscope.catalogue.tariff_file import read_costs
from perpscope.market.time import day_ms
from perpscope.runs.contracts import Margins
from perpscope.runs.scan import Asked, scan
from perpscope.trading.scan.rank import Choice, ranked
from perpscope.trading.scan.terms import Terms
from tests.unit.claims.held import funding, prices
from tests.unit.runs.stocked import stocked

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import polars as pl

    from perpscope.market.table import Table
    from perpscope.store import Store

START = day_ms("2026-01-01")
DAYS = 100
DAY = 86_400_000
END = START + DAYS * DAY
LINEAR, USDC, SPOT = "BTC/USDT:USDT", "BTC/USDC:USDC", "BTC/USDT"
COSTS = """
[[fee]]
venue = "binanceusdm"
taker_bp = 5
maker_bp = 2
[[fee]]
venue = "bybit"
taker_bp = 6
maker_bp = 1
[[fee]]
venue = "hyperliquid"
taker_bp = 4
maker_bp = 1
[[fee]]
venue = "binance"
taker_bp = 10
maker_bp = 10
[[spread]]
half_bp = 1
[[borrow]]
venue = "binance"
asset = "BTC"
per_year_pct = 2
"""
"""Bp of a fill: fees as written, and half a spread of 1 everywhere."""
Frames = tuple["Table", "pl.DataFrame"]


def constant(venue: str, symbol: str, rate: float, hours: int, *, days: int = DAYS, start: int = START, **more: Any) -> Frames:  # noqa: ANN401 - columns
    """One contract that always pays the same."""
    return funding(venue, symbol, start, [rate] * (days * 24 // hours), hours=hours, **more)


def three() -> list[Frames]:
    """Three venues that pay 8 h, 4 h and 1 h: 1.25e-5, 0.5e-5 and 1e-5 an hour; and spot of one house.

    A year of 8760 h: 10.95 %, 4.38 % and 8.76 %.
    """
    return [
        constant("binanceusdm", LINEAR, 1e-4, 8),
        constant("bybit", LINEAR, 2e-5, 4),
        constant("hyperliquid", USDC, 1e-5, 1),
        prices("binance", SPOT, END - 4 * DAY, [100.0 + k % 3 for k in range(4 * 24)]),
    ]


def store_of(folder: Path, *frames: Frames) -> Store:
    """Make a store of these rows, or of the three venues."""
    return stocked(folder, *(frames or three()))


def asked(**words: Any) -> Asked:  # noqa: ANN401 - of any kind
    """Ask with the costs above and a maintenance of 0.5 %; `terms` by name."""
    terms = Terms(**words.pop("terms", {}))
    usual: Mapping[str, Any] = {"given": read_costs(COSTS), "margins": Margins({"": 0.005})}
    return Asked(terms=terms, **{**usual, **words})


def lines(store: Store, choice: Choice | None = None, **words: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - of any kind
    """Scan, and rank."""
    return ranked(scan(store, asked(**words)).rows, choice or Choice())


def named(rows: list[dict[str, Any]], *legs: str) -> dict[str, Any]:
    """Find the line whose legs are these, written SIDE VENUE."""
    (found,) = [row for row in rows if {f"{leg['side']} {leg['venue']}" for leg in row["legs"]} == set(legs)]
    return found
