"""Which curve of dated futures, and which perpetuals, are the claims about basis tried on?

The same two series, spot at the hour of their close, and the same windows for all of them, so that no claim picks its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from perpscope.analysis.averages import average_apr, common_window, within
from perpscope.analysis.bars import traded
from perpscope.analysis.carry.curve import curve, fitted_rolls, matched
from perpscope.analysis.dispersion import aligned
from perpscope.analysis.inference.ols import lag_rule, mean_hac
from perpscope.analysis.premium.series import premiums
from perpscope.claims.case import Absent
from perpscope.market.time import day_ms

if TYPE_CHECKING:
    import polars as pl

    from perpscope.claims.case import Case

FIRST, BEHIND = day_ms("2019-09-01"), day_ms("2022-07-01")
"""Article F, figures 2 to 4: September 2019 to June 2022, both included."""
LINEAR, INVERSE = ("binanceusdm", "BTC/USDT:USDT"), ("bitmex", "BTC/USD:BTC")
FRONT, SECOND = ("cme", "BTC1!"), ("cme", "BTC2!")
BTC = (
    LINEAR,
    INVERSE,
    ("binancecoinm", "BTC/USD:BTC"),
    ("bybit", "BTC/USDT:USDT"),
    ("bybit", "BTC/USD:BTC"),
    ("gate", "BTC/USDT:USDT"),
    ("htx", "BTC/USDT:USDT"),
    ("deribit", "BTC/USD:BTC"),
    ("dydx3", "BTC/USDC:USDC"),
    ("okx", "BTC/USDT:USDT"),
    ("hyperliquid", "BTC/USDC:USDC"),
)
"""BTC perpetuals of all venues the shared data hold, the two of article F first."""
HALF_A_DAY = 12.0
MEMORY_DAYS = 30
"""Least lag of the errors of daily averages: funding remembers for weeks, which the general rule of lags cuts off."""


@dataclass(frozen=True, slots=True)
class Futures:
    """The curve of the dated futures.

    Parameters
    ----------
    days : prices matched with spot. curve : with expiries. rolls : fitted turns by year. spot : whether a spot price was there.
    """

    days: pl.DataFrame
    curve: pl.DataFrame
    rolls: dict[int, int]
    spot: bool


def futures(case: Case) -> Futures:
    """Read both contracts and spot at the hour of their close.

    Raises
    ------
    Absent
        When one of the two series is not there.

    **Source**: shared data: CME front and second contract, Binance spot by the hour.
    """
    front, second = case.dated(*FRONT), case.dated(*SECOND)
    spot = closes(case, "binance", "BTC/USDT", market="spot")
    days = matched(front, second, spot)
    return Futures(days, curve(days), fitted_rolls(days), days["spot"].null_count() < days.height)


def daily_spot(case: Case) -> pl.DataFrame | None:
    """Match the futures with daily spot prices in dollars instead, some hours away; None where there are none.

    **Source**: shared data: Yahoo's close is of 24:00 UTC.
    """
    try:
        daily = case.closes("yahoo", "BTC/USD", market="spot", bar_hours=24)
    except Absent:
        return None
    return matched(case.dated(*FRONT), case.dated(*SECOND), daily, HALF_A_DAY)


def closes(case: Case, venue: str, symbol: str, *, market: str) -> pl.DataFrame | None:
    """Read hourly closes, None where there are none.

    **Source**: the store.
    """
    try:
        return case.closes(venue, symbol, market=market, bar_hours=1)
    except Absent:
        return None


def hourly_premiums(case: Case, coin: str = "BTC", start: int | None = None, end: int | None = None) -> pl.DataFrame:
    """Last trades of the linear perpetual over those of its house's own spot, hour by hour, as `analysis.premium.series.premiums`.

    Hours without a trade, which archives fill by repeating a price or drawing a line, are left out (`analysis.bars.traded`).

    Raises
    ------
    Absent, NotEnoughData
        When one of the two prices is not held, or they never meet.

    **Source**: the store.
    """
    perp = case.bars(LINEAR[0], f"{coin}/USDT:USDT", market="linear", bar_hours=1, start=start, end=end)
    spot = case.bars("binance", f"{coin}/USDT", market="spot", bar_hours=1, start=start, end=end)
    return premiums(traded(perp), traded(spot))


def perpetuals(case: Case, *wanted: tuple[str, str]) -> dict[tuple[str, str], pl.DataFrame]:
    """Read the fixings of those of the contracts that the store holds.

    **Source**: the store.
    """
    return {who: case.funding(*who) for who in wanted if case.has_funding(*who)}


def averages(
    held: dict[tuple[str, str], pl.DataFrame], start: int = FIRST, end: int = BEHIND
) -> tuple[dict[tuple[str, str], float], int, int]:
    """Average each contract over the window common to them, and that window (ms, first included, last not).

    **Source**: the definition of averages; see `analysis.averages`.
    """
    names = {" ".join(who): rows for who, rows in held.items()}
    low, high = common_window(names, start, end)
    return {who: average_apr(within(rows, low, high)) for who, rows in held.items()}, low, high


def daily_gap(one: pl.DataFrame, other: pl.DataFrame, low: int, high: int) -> tuple[float, int]:
    """Return the standard error of the average difference of two contracts, from days (UTC) both have, and their number.

    **Source**: Newey-West with at least a month of lags.
    """
    import polars as pl

    sides = [aligned(within(rows, low, high), 24).select("stamp", pl.col("apr").alias(name)) for rows, name in ((one, "a"), (other, "b"))]
    both = sides[0].join(sides[1], on="stamp").sort("stamp")
    return error_of((both["a"] - both["b"]).to_numpy()), both.height


def error_of(values: object) -> float:
    """Return the Newey-West standard error of a mean of daily values, with at least a month of lags where there are that many.

    **Source**: `analysis.inference.ols.mean_hac`.
    """
    import numpy as np

    series = np.asarray(values, dtype=np.float64)
    return mean_hac(series, min(max(lag_rule(series.size), MEMORY_DAYS), series.size - 1))[1]
