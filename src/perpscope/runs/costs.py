"""What would the books that the store holds have charged a trade?

The recording nearest to the moment is replayed; a contract whose book, or whose contract size, is not at hand says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from perpscope.catalogue.contracts import known_contract
from perpscope.catalogue.load import venue_ids
from perpscope.market.book import Book
from perpscope.market.number import Number
from perpscope.market.recording import Ladders, replay
from perpscope.market.table import BOOK_MESSAGES
from perpscope.market.time import to_text
from perpscope.trading.costs.figure import Figure
from perpscope.trading.costs.parts import Crossing, HalfSpread, Recordings, Walk
from perpscope.units import MS_PER_HOUR

if TYPE_CHECKING:
    import polars as pl

    from perpscope.store import Store
    from perpscope.trading.trade import Leg, Trade

LOOKS = 60
"""Moments of a recording at which its book is looked at."""
_LEVELS = 1000
_UNSIZED = "its size is not in the catalogue"


def recorded_crossings(
    store: Store, trade: Trade, ms: int, coins: Mapping[str, Number] | None = None, *, until: int | None = None
) -> dict[str, Crossing]:
    """Return leg name -> the books recorded nearest to a moment; legs without a recording are left out.

    Parameters
    ----------
    ms : moment, UTC. coins : settle asset -> its price in quote units, which the book of a quanto is valued by.
    until : ms UTC, nothing recorded later is looked at.
    """
    found = {leg.name: _crossing(store, leg, (ms, until), coins or {}) for leg in trade.legs if not leg.swap}
    return {name: crossing for name, crossing in found.items() if crossing is not None}


def _crossing(store: Store, leg: Leg, when: tuple[int, int | None], coins: Mapping[str, Number]) -> Crossing | None:
    ms, until = when
    rows = _nearest(store, leg, ms, None if until is None else until + 1)
    if rows is None:
        return None
    unit = _unit(leg, ms, coins)
    if isinstance(unit, Figure):
        return HalfSpread(unit)
    size, note = unit
    at = _looks(rows)
    ladders = replay(rows, at, levels=_LEVELS)
    source = f"books of {leg.name} recorded {to_text(int(at[0]))} to {to_text(int(at[-1]))}"
    books = [(int(at[k]), _book(ladders, k)) for k in range(len(at))]
    walks = tuple((when, Walk(book, source, leg.market == "inverse", size, note)) for when, book in books if book is not None)
    return Recordings(walks) if walks else HalfSpread(Figure.unknown(f"{source}: {_faults(ladders)}"))


def _nearest(store: Store, leg: Leg, ms: int, end: int | None) -> pl.DataFrame | None:
    """Messages of the recording nearest to a moment, those before `end`; None where there is none."""
    import polars as pl

    who: dict[str, Any] = {"venue": leg.venue, "symbol": leg.symbol, "current": False}
    near = store.read(BOOK_MESSAGES, start_ms=ms - MS_PER_HOUR, end_ms=ms + MS_PER_HOUR if end is None else end, **who)
    rows = (store.read(BOOK_MESSAGES, end_ms=end, **who) if near.is_empty() else near).filter(pl.col("kind") != "top")
    if rows.is_empty():
        return None
    stamps = pl.col("ts").dt.epoch("ms")
    spans = rows.group_by("source").agg(stamps.min().alias("low"), stamps.max().alias("high"))
    away = spans.with_columns(pl.max_horizontal(pl.col("low") - ms, ms - pl.col("high"), pl.lit(0)).alias("away"))
    return rows.filter(pl.col("source") == away.sort("away", "source")["source"][0])


def _unit(leg: Leg, ms: int, coins: Mapping[str, Number]) -> tuple[Number, str] | Figure:
    """Return what one unit of a book's quantity is worth, as `Walk` takes it; a hole where that is not known."""
    if leg.market in {"spot", "dated"}:
        return leg.multiplier or 1, ""
    size = leg.multiplier
    note = ""
    if size is None:
        known = known_contract(leg.venue, leg.symbol, ms) if leg.market != "quanto" and leg.venue in venue_ids() else None
        if known is None or (known.assumed and leg.market == "inverse" and _UNSIZED in known.assumed):
            return Figure.unknown(
                f"a book of {leg.name} is recorded, but the size of its contract is not known; give :size= behind the leg"
            )
        size, note = known.contract.size, known.assumed
    if leg.market != "quanto":
        return size, note
    if leg.asset not in coins:
        return Figure.unknown(f"a book of {leg.name} is recorded, but no price of {leg.asset} is given to value it by")
    return size * coins[leg.asset], note


def _looks(rows: pl.DataFrame) -> Any:  # noqa: ANN401 - an array
    """Even moments of a recording, its end among them, in ms UTC."""
    import numpy as np
    import polars as pl

    stamps = pl.col("ts").dt.epoch("ms")
    low, high = rows.select(stamps.min().alias("low"), stamps.max().alias("high")).row(0)
    return np.unique(np.linspace(low, high, LOOKS).astype(np.int64))


def _book(ladders: Ladders, k: int) -> Book | None:
    """Return the book at one look; None where there was none."""
    sides = []
    for prices, quantities in ((ladders.bid_prices, ladders.bid_quantities), (ladders.ask_prices, ladders.ask_quantities)):
        pairs = zip(prices[k].tolist(), quantities[k].tolist(), strict=True)
        sides.append(tuple((price, quantity) for price, quantity in pairs if quantity > 0))
    return Book(*sides) if all(sides) else None


def _faults(ladders: Ladders) -> str:
    return ladders.faults[0].detail if ladders.faults else "no whole book in it"
