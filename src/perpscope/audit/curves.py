"""Which curve of dated futures does the store hold, and which spot price belongs to the moment of its close?

Reads settlements of two positions on the curve and the spot market that has most prices at their hour; what they imply is
computed by `analysis.carry`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from perpscope.analysis.bars import settlements
from perpscope.analysis.carry.curve import curve, fitted_rolls, matched
from perpscope.audit.which import held_contract, keys_of, spot_bars, venue_named
from perpscope.errors import InputError, NotEnoughData
from perpscope.market.instrument import parse_symbol
from perpscope.market.table import DATED_FUTURES, FUNDING, PRICES
from perpscope.units import MS_PER_HOUR

if TYPE_CHECKING:
    import polars as pl

    from perpscope.market.instrument import Instrument
    from perpscope.store import Store

QUOTES = ("USD", "USDT", "USDC")
MOST_TURNS = 10


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """Two positions of a curve beside spot.

    Parameters
    ----------
    venue, near, far : of the futures. spot : VENUE SYMBOL, "" where there is none. bar_hours : of its bars. apart_hours : how far
        from the future's close, before or after, a spot price may be.
    curve : trading days asked for, with expiries. turns : business days before the expiry on which the series turns, by year.
    turns_are : "fitted" to the prices, "given", or "assumed" where prices cannot tell.
    frames : rows it was read from. certificate : of them, as plain values.
    """

    venue: str
    near: str
    far: str
    spot: str
    bar_hours: float
    apart_hours: float
    curve: pl.DataFrame
    turns: dict[int, int]
    turns_are: str
    frames: tuple[pl.DataFrame, ...]
    certificate: dict[str, Any]


def read_curve(
    store: Store,
    venue: str = "",
    near: str = "",
    far: str = "",
    *,
    spot: str = "",
    start: int | None = None,
    end: int | None = None,
    turn: int | None = None,
) -> Curve:
    """Read the two series and the spot price at each of their closes.

    Parameters
    ----------
    venue, near, far : "" takes the only venue that has dated futures, and its only two series in alphabetical order.
    spot : VENUE:SYMBOL; "" takes the spot market of the same coin with most prices at the very moment of the closes.
    start, end : ms UTC, trading days with start <= day < end. turn : business days before the expiry on which the series turns to the next
        contract; None fits it to the prices.

    Raises
    ------
    InputError
        When several series fit, or a name is of the wrong form.
    NotEnoughData
        When the store lacks one of the series, or no day is left.
    """
    import polars as pl

    if turn is not None and not 0 <= turn <= MOST_TURNS:
        raise InputError(f"a turn {turn} business days before the expiry", "not from 0 to 10", "Give 0 for the expiry itself.")
    rows, sides = _series(store, venue, near, far)
    front, second = (settlements(frame) for frame in sides)
    bars, hours = _spot(store, rows, front, spot)
    prices = None if bars is None else bars.select(pl.col("close_ts").dt.epoch("ms").alias("close_at"), "close_quote")
    apart = 0.0 if bars is None or not spot or _hits(bars, front) else hours / 2
    days = matched(front, second, prices, apart)
    turns = {} if turn is not None else fitted_rolls(_exact(store, rows, front, second) if apart else days)
    whole = curve(days, turn if turn is not None else turns)
    low = pl.lit(value=True) if start is None else pl.col("day") >= start
    kept = whole.filter(low, pl.lit(value=True) if end is None else pl.col("day") < end)
    if kept.is_empty():
        raise NotEnoughData("a futures curve", "no trading day of both series in this window", "Widen --from and --to.")
    frames = _used(kept, sides, bars)
    return Curve(
        venue=str(rows["venue"][0]),
        near=str(sides[0]["native_id"][0]),
        far=str(sides[1]["native_id"][0]),
        spot="" if bars is None else f"{bars['venue'][0]} {bars['symbol'][0]}",
        bar_hours=hours,
        apart_hours=apart,
        curve=kept,
        turns=turns,
        turns_are="given" if turn is not None else "fitted" if turns else "assumed",
        frames=frames,
        certificate=store.certificate(*frames).to_dict(),
    )


def _exact(store: Store, rows: pl.DataFrame, front: pl.DataFrame, second: pl.DataFrame) -> pl.DataFrame:
    """Days beside a spot price of the very moment, from which alone turns can be told, whatever spot market was named."""
    import polars as pl

    bars, _ = _spot(store, rows, front, "")
    prices = None if bars is None else bars.select(pl.col("close_ts").dt.epoch("ms").alias("close_at"), "close_quote")
    return matched(front, second, prices)


def read_perpetual(store: Store, venue: str, symbol: str, market_list: str | None = None) -> tuple[Instrument, pl.DataFrame]:
    """Read the rates of one perpetual as the store holds them.

    Raises
    ------
    NotEnoughData
        When there are none.
    """
    contract = held_contract(store, venue, symbol, market_list=market_list)
    rows = store.read(FUNDING, **keys_of(contract))
    if rows.is_empty():
        raise NotEnoughData(f"the rates of {venue} {symbol}", "the store holds none", "Import its history.")
    return contract, rows


def _series(store: Store, venue: str, near: str, far: str) -> tuple[pl.DataFrame, tuple[pl.DataFrame, pl.DataFrame]]:
    """All rows of the venue's dated futures, and those of the two series."""
    import polars as pl

    rows = store.read(DATED_FUTURES)
    if rows.is_empty():
        raise NotEnoughData(
            "a futures curve", "the store holds no dated futures", "Import daily settlements of two positions on the curve."
        )
    venues = sorted(set(rows["venue"]))
    chosen = venue_named(venue) if venue else venues[0]
    if not venue and len(venues) > 1:
        raise InputError("a futures curve", f"dated futures of {', '.join(venues)}", "Name one with --venue.")
    rows = rows.filter(pl.col("venue") == chosen)
    held = sorted(set(rows["native_id"]))
    if not held:
        raise NotEnoughData(f"dated futures of {venue}", f"the store holds those of {', '.join(venues)}", "Name one of these.")
    if (not near or not far) and len(held) != 2:  # noqa: PLR2004 - two positions
        raise InputError(f"two series of {chosen}", f"it has {', '.join(held)}", "Name them with --near and --far.")
    wanted = [name or held[place] for place, name in enumerate((near, far))]
    for name in wanted:
        if name not in held:
            raise NotEnoughData(f"the series {name} of {chosen}", f"the store holds {', '.join(held)}", "Name one of these.")
    if wanted[0] == wanted[1]:
        raise InputError("two series", f"{wanted[0]} twice", "Name two different ones with --near and --far.")
    one, other = (rows.filter(pl.col("native_id") == name) for name in wanted)
    return rows, (one, other)


def _spot(store: Store, rows: pl.DataFrame, front: pl.DataFrame, spot: str) -> tuple[pl.DataFrame | None, float]:
    """Bars of the spot market, of one length, and that length."""
    import polars as pl

    base = parse_symbol(str(rows["symbol"][0]))[0]
    bars = spot_bars(store, spot, base) if spot else pl.concat([store.read(PRICES, symbol=f"{base}/{quote}") for quote in QUOTES])
    bars = bars.filter((pl.col("market") == "spot") & pl.col("close_ts").is_not_null())
    if bars.is_empty():
        if spot:
            raise NotEnoughData(
                f"the spot market {spot}", "the store holds no prices of it with their time", "Import them, or name another."
            )
        return None, 0.0
    groups = [part.sort("close_ts") for _, part in bars.group_by("venue", "symbol", "bar_hours", "price_kind")]
    best = max(groups, key=lambda part: (_hits(part, front), -part["bar_hours"][0], part["venue"][0], part["symbol"][0]))
    if not spot and not _hits(best, front):
        return None, 0.0
    return best.unique("close_ts", keep="first", maintain_order=True), float(best["bar_hours"][0])


def _hits(bars: pl.DataFrame, front: pl.DataFrame) -> int:
    """Count the closes of the future at whose very moment there is a price."""
    return len(set(bars["close_ts"].dt.epoch("ms").to_list()) & set(front["close_at"].drop_nulls().to_list()))


def _used(kept: pl.DataFrame, sides: tuple[pl.DataFrame, pl.DataFrame], bars: pl.DataFrame | None) -> tuple[pl.DataFrame, ...]:
    """Rows of the store that the days kept stand on."""
    import polars as pl

    low, high = int(kept["day"][0]), int(kept["day"][-1])
    stamp = pl.col("ts").dt.epoch("ms")
    found = [side.filter((stamp >= low) & (stamp <= high)) for side in sides]
    if bars is not None:
        closed = pl.col("close_ts").dt.epoch("ms")
        found.append(bars.filter((closed >= low) & (closed <= high + 48 * MS_PER_HOUR)))
    return tuple(found)
