"""Which dated futures of a coin does the store hold at a moment, at which price, and what was spot then?

Settlements are held by position on the curve; which contract stands behind a position is told by its expiry rule and by the habit of the
series, fitted to the days before the moment and to no later one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from perpscope.analysis.bars import closed_at, settlements
from perpscope.analysis.carry.curve import curve, fitted_rolls, matched
from perpscope.analysis.carry.lockin import DELIVERY_HOUR
from perpscope.errors import InputError
from perpscope.market.instrument import parse_symbol
from perpscope.market.table import DATED_FUTURES, PRICES
from perpscope.market.time import to_text
from perpscope.trading.hedge.offer import Quote
from perpscope.trading.trade import Leg
from perpscope.units import MS_PER_DAY, MS_PER_HOUR

if TYPE_CHECKING:
    import polars as pl

    from perpscope.store import Store

OLD_DAYS = 4
"""Days since the last settlement (a long weekend) after which it is no quote."""
TWO = 2


@dataclass(frozen=True, slots=True, eq=False)
class Dated:
    """Quotes, and the rows of the store behind them."""

    quotes: tuple[Quote, ...] = ()
    frames: tuple[pl.DataFrame, ...] = ()


def dated_quotes(store: Store, perp: Leg, at: int, series: tuple[str, str, str]) -> Dated:
    """Read the first two futures of a coin as last settled before a moment, beside spot at that very moment.

    Parameters
    ----------
    perp : whose coin, on whose side and with whose leverage. at : ms UTC. series : venue, near and far position; "" chooses.

    Raises
    ------
    InputError
        When several series fit.
    """
    import polars as pl

    coin = parse_symbol(perp.symbol)[0]
    rows = store.read(DATED_FUTURES, end_ms=at + 1).filter(
        pl.col("symbol").str.starts_with(f"{coin}/") & (pl.col("close_ts").dt.epoch("ms") <= at)
    )
    rows = rows if not series[0] else rows.filter(pl.col("venue") == series[0])
    if rows.is_empty():
        return Dated()
    sides = _sides(rows, series[1:])
    bars = _spot(store, coin, at, sides[0])
    if bars.is_empty():
        return Dated()
    days = _days(sides, bars)
    last = days.filter(pl.col("settled") & pl.col("spot").is_not_null()).tail(1)
    if last.is_empty() or int(last["close_at"][0]) < at - OLD_DAYS * MS_PER_DAY:
        return Dated()
    row = last.row(0, named=True)
    told = (f"settlement and spot of {to_text(row['close_at'])}", f"spot is {bars['venue'][0]} {bars['symbol'][0]}")
    quotes = tuple(
        Quote(_leg(rows, perp, row[f"{name}_expiry"]), row[name], row["spot"], days_left, told)
        for name in ("front", "second")
        if (days_left := (row[f"{name}_expiry"] + DELIVERY_HOUR * MS_PER_HOUR - row["close_at"]) / MS_PER_DAY) > 0
    )
    return Dated(quotes, (*sides, bars.drop("close_at")))


def _leg(rows: pl.DataFrame, perp: Leg, expiry: int) -> Leg:
    symbol = str(rows["symbol"][0])
    day = datetime.fromtimestamp(expiry / 1000, tz=UTC)
    return Leg(str(rows["venue"][0]), f"{symbol}-{day:%y%m%d}", perp.side, leverage=perp.leverage)


def _sides(rows: pl.DataFrame, named: tuple[str, str]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Rows of the two positions: as named, or the venue's only two in alphabetical order."""
    import polars as pl

    venues = sorted(set(rows["venue"]))
    if len(venues) > 1:
        raise InputError("dated futures", f"those of {', '.join(venues)}", "Name one with --dated-venue.")
    held = sorted(set(rows["native_id"]))
    near, far = (name or (held[place] if len(held) == TWO else "") for place, name in enumerate(named))
    if near not in held or far not in held or near == far:
        raise InputError(f"two series of {venues[0]}", f"it has {', '.join(held)}", "Name two of them with --near and --far.")
    one, other = (rows.filter(pl.col("native_id") == name) for name in (near, far))
    return one, other


def _spot(store: Store, coin: str, at: int, front: pl.DataFrame) -> pl.DataFrame:
    """Bars of a spot market of the coin with the moment each close was seen: the one with most closes at the very settlements."""
    import polars as pl

    rows = store.read(PRICES, end_ms=at + 1).filter(
        (pl.col("market") == "spot") & pl.col("symbol").str.starts_with(f"{coin}/USD") & pl.col("price_kind").is_in(["trade", "aggregate"])
    )
    rows = rows.filter(pl.col("close_ts").is_not_null()).with_columns(closed_at()).filter(pl.col("close_at") <= at)
    groups = [part for _, part in rows.group_by("venue", "symbol", "bar_hours", "price_kind", maintain_order=True)]
    if not groups:
        return rows
    settled = front["close_ts"].dt.epoch("ms").implode()
    best = max(groups, key=lambda part: (int(part["close_at"].is_in(settled).sum()), str(part["venue"][0])))
    return best.sort("close_at").unique("close_at", maintain_order=True)


def _days(sides: tuple[pl.DataFrame, pl.DataFrame], bars: pl.DataFrame) -> pl.DataFrame:
    front, second = (settlements(side) for side in sides)
    days = matched(front, second, bars.select("close_at", "close_quote"))
    return curve(days, fitted_rolls(days))
