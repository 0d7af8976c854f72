"""Which legs make a trade of a kind on one perpetual, and which of the store's markets is its other leg?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from perpscope.catalogue.load import load_venue, venue_ids
from perpscope.errors import InputError, NotEnoughData
from perpscope.market.instrument import parse_symbol
from perpscope.market.table import PRICES
from perpscope.trading.scan.form import spot_share
from perpscope.trading.trade import Kind, Leg

if TYPE_CHECKING:
    from perpscope.store import Store

SIDES: dict[Kind, tuple[str, str]] = {
    "cash_and_carry": ("short", "long"),
    "reverse_carry": ("long", "short"),
    "perp_perp": ("short", "long"),
    "perp_dated": ("short", "long"),
    "dated_carry": ("short", "long"),
    "perp_swap": ("short", "long"),
    "naked_long": ("long", ""),
    "naked_short": ("short", ""),
}
"""Kind -> side of the perpetual, side of the other leg."""


def legs_of_kind(kind: Kind, perpetual: Leg, other: Leg | None) -> tuple[Leg, ...]:
    """Return the legs of a kind of trade.

    A perpetual paid in its own coin holds the coins of its margin long already: of a cash and carry, the spot leg is only what they leave
    open, 1 - 1 / leverage of the notional, and none at a leverage of 1; of a reverse carry it is as much more.

    Parameters
    ----------
    perpetual, other : in any sides, which the kind decides.

    Raises
    ------
    InputError
        For a kind that is not one perpetual and another leg, or an other leg too many or too few.
    """
    if kind not in SIDES:
        raise InputError(f"a trade of the kind {kind}", "it is not told by one perpetual", "Write its legs with --leg.")
    own, opposite = SIDES[kind]
    first = replace(perpetual, side=own)  # type: ignore[arg-type]  # one of the two sides
    if not opposite:
        if other is not None:
            raise InputError(f"a trade of the kind {kind}", f"a second leg, {other.name}", "Leave out --spot and --against.")
        return (first,)
    if other is None:
        raise InputError(f"a trade of the kind {kind}", "one leg", "Name the other with --spot or --against VENUE:SYMBOL.")
    second = replace(other, side=opposite, leverage=1 if other.market == "spot" else other.leverage)  # type: ignore[arg-type]  # one of the two sides
    if other.market != "spot":
        return first, second
    share = spot_share(first)
    return (first, replace(second, ratio=share)) if share > 0 else (first,)


def exposure(legs: tuple[Leg, ...]) -> float:
    """Exposure to the first leg's coin just after entry, a share of the notional: legs by their sign, and coins put aside as margin.

    Examples
    --------
    >>> exposure((Leg("v", "BTC/USD:BTC", "short"), Leg("v", "BTC/USDT", "long")))
    1.0
    """
    coin = parse_symbol(legs[0].symbol)[0]
    found = 0.0
    for leg in legs:
        if leg.swap:
            continue
        found += leg.sign * float(leg.ratio) if parse_symbol(leg.symbol)[0] == coin else 0.0
        found += float(leg.ratio / leg.leverage) if leg.asset == coin else 0.0
    return found


def spot_of(store: Store, perpetual: Leg) -> Leg:
    """Find the spot market of a perpetual's coin at the same house that the store has most prices of, in the same quote asset first.

    Raises
    ------
    NotEnoughData
        When there is none.
    """
    import polars as pl

    base, quote, _ = parse_symbol(perpetual.symbol)
    house = [perpetual.venue, *(name for name in venue_ids() if perpetual.venue.startswith(name) and not load_venue(name).rules)]
    rows = store.read(PRICES).filter(pl.col("venue").is_in(house) & (pl.col("market") == "spot"))
    named = rows.filter(pl.col("symbol").str.starts_with(f"{base}/"))
    best = named.group_by("venue", "symbol").len().sort((pl.col("symbol") == f"{base}/{quote}").cast(pl.Int8), "len", descending=True)
    if best.is_empty():
        there = f"the store holds no spot prices of {base} at {' or '.join(house)}"
        raise NotEnoughData(f"the spot market of {perpetual.name}", there, "Name one with --spot VENUE:SYMBOL, or import its bars.")
    venue, symbol, _ = best.row(0)
    return Leg(venue, symbol, "long")
