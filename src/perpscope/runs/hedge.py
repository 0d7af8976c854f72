"""Which instruments does the store know for locking a carry, and what do they offer?

The perpetual's own history, those of all other perpetuals on its coin, and the dated futures whose settlements are held; quotes and swaps
that the user states come beside them. Nothing after the moment asked for plays a part.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from perpscope.analysis.series import coin_of
from perpscope.catalogue.tariff_row import CostRow
from perpscope.errors import CatalogueError, InputError, NotEnoughData
from perpscope.market.instrument import parse_symbol
from perpscope.market.table import DATED_FUTURES, FUNDING
from perpscope.market.time import to_text
from perpscope.runs.costs import recorded_crossings
from perpscope.runs.daily import Days, paid_daily
from perpscope.runs.dated_legs import dated_legs
from perpscope.runs.price_rows import PriceRows
from perpscope.trading.costs.assemble import trade_costs
from perpscope.trading.costs.figure import Figure
from perpscope.trading.costs.parts import LegCosts
from perpscope.trading.hedge.assess import Asked, Assessed, assess
from perpscope.trading.hedge.offer import Offer, Quote, Terms, dated, other, stay, swap
from perpscope.trading.hedge.position import Position
from perpscope.trading.hedge.rows import matching_rate, ranked
from perpscope.trading.scan.form import Dated
from perpscope.trading.trade import Leg, Side, Trade
from perpscope.units import MS_PER_DAY

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import polars as pl

    from perpscope.store import Store

    Floats = npt.NDArray[np.float64]

LOOK_DAYS = 365
_FRESH_DAYS = 2
OLD_DAYS = 2
"""Days between the label of a settlement and its close, at most."""
_NO_REFERENCE = "nothing says whose funding the swap pays; name it with --swap-on VENUE:SYMBOL"


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """What is asked.

    Parameters
    ----------
    position : whose carry. at : moment, ms UTC. look_days : history that outlooks are drawn from, at least twice the time held.
    quotes : dated futures as the user states them, instead of the store's. dated_venue : whose of the store's; "" takes all.
    terms : a swap as the user states it. reference : venue and symbol whose funding it pays.
    others : other perpetuals; None takes all of the coin that the store holds up to the moment.
    given, tiers : as `trade_costs` takes them. seed : of every random number.
    """

    position: Position
    at: int
    look_days: int = LOOK_DAYS
    quotes: tuple[Quote, ...] = ()
    dated_venue: str = ""
    terms: Terms | None = None
    reference: tuple[str, str] | None = None
    others: tuple[tuple[str, str], ...] | None = None
    given: tuple[CostRow, ...] = ()
    tiers: Mapping[str, str] | str = "base"
    seed: int = 1

    def __post_init__(self) -> None:
        """Refuse to look at no history."""
        if self.look_days < 1:
            raise InputError("a history to look at", f"{self.look_days} days", "Give days of history, 1 or more.")

    @property
    def days(self) -> int:
        """Days of history looked at: as asked, and twice the time held at least."""
        return max(self.look_days, 2 * max(round(self.position.days), 1))


def hedge(store: Store | None, asked: Question, *, books: bool = False, strict: bool = False) -> dict[str, Any]:
    """Weigh every instrument for a position.

    Parameters
    ----------
    books : whether books recorded in the store charge what crossing costs. strict : whether an unknown stops.

    Returns
    -------
    dict
        position, at, days, notional, options (rows, what locks most first), best_locked, least_risk, breakeven_fixed (name of each dated
        future -> fixed rate at which the swap locks what it does), assumed, certificate.

    Raises
    ------
    CatalogueError
        Strict, and a number is unknown: which, of which instrument.
    """
    reader = _Reader(store, asked, books=books)
    offers = list(_offers(asked, reader))
    found = assess(asked.position, offers, Asked(asked.at, asked.seed, _opportunity(asked)))
    if strict:
        _refuse_holes(found)
    rows = ranked(found, asked.position)
    frames = [days.rows for days in reader.known.values() if days is not None] + reader.frames
    return {
        "position": asked.position.called,
        "at": to_text(asked.at),
        "days": asked.position.days,
        "notional": asked.position.notional,
        "options": rows,
        "best_locked": next((row["name"] for row in rows if row["rank_locked"] == 1), None),
        "least_risk": next((row["name"] for row in rows if row["rank_risk"] == 1), None),
        "breakeven_fixed": _matches(found, asked.position),
        "assumed": _assumed(found, asked),
        "certificate": None if store is None or not frames else store.certificate(*frames).to_dict(),
    }


class _Reader:
    """Histories and costs, each read once."""

    __slots__ = ("asked", "books", "frames", "known", "store")

    def __init__(self, store: Store | None, asked: Question, *, books: bool) -> None:
        self.store, self.asked, self.books = store, asked, books
        self.known: dict[tuple[str, str], Days | None] = {}
        self.frames: list[Any] = []

    def days(self, venue: str, symbol: str) -> tuple[Days | None, str]:
        """Read what a long paid a day; None with the reason."""
        if self.store is None:
            return None, "no store is read"
        key = venue, symbol
        if key not in self.known:
            try:
                self.known[key] = paid_daily(self.store, venue, symbol, self.asked.at, self.asked.days)
            except NotEnoughData as short:
                self.known[key] = None
                return None, str(short)
        found = self.known[key]
        return found, "" if found is not None else f"the store holds no settled funding of {venue} {symbol} before the moment"

    def costs(self, legs: Sequence[Leg]) -> dict[str, LegCosts]:
        """Cost of legs by name."""
        asked = self.asked
        alone = [Trade("naked_long" if leg.side == "long" else "naked_short", (leg,)) for leg in legs]
        found = {}
        for leg, trade in zip(legs, alone, strict=True):
            walks = recorded_crossings(self.store, trade, asked.at) if self.books and self.store is not None else {}
            found[leg.name] = trade_costs(trade, asked.at, tiers=asked.tiers, given=asked.given, books=walks).legs[0]
        return found


def _offers(asked: Question, reader: _Reader) -> Iterator[Offer]:
    position = asked.position
    own, why = reader.days(position.perp.venue, position.perp.symbol)
    ours = None if own is None else own.covered
    costs = reader.costs(position.legs)
    yield stay(position, costs, ours, why)
    for quote in asked.quotes or _store_quotes(asked, reader):
        yield dated(position, quote, costs | reader.costs([quote.leg]), ours, why)
    if asked.terms is not None:
        apart, lack = _reference(asked, reader, own)
        yield swap(position, asked.terms, costs, ours, apart, (why, lack))
    for venue, symbol in _others(asked, reader):
        leg = Leg(venue, symbol, _side(position), leverage=position.perp.leverage)
        theirs, lack = reader.days(venue, symbol)
        apart, hole = _apart(own, theirs, why or lack)
        yield other(position, leg, costs | reader.costs([leg]), None if theirs is None else theirs.covered, apart, lack or hole)


def _side(position: Position) -> Side:
    """Side of another perpetual: the coin's where it takes its place, else our own."""
    return position.perp.side if position.against is None else position.against.side


def _apart(own: Days | None, theirs: Days | None, why: str) -> tuple[Floats | None, str]:
    """Take what a long paid on theirs off what it paid on ours, on the days both are covered."""
    import numpy as np

    if own is None or theirs is None:
        return None, why
    found = own.paid - theirs.paid
    return np.asarray(found[np.isfinite(found)], dtype=np.float64), ""


def _reference(asked: Question, reader: _Reader, own: Days | None) -> tuple[Floats | None, str]:
    """How far our funding is from what the swap pays; nothing where it pays ours."""
    import numpy as np

    if asked.reference is None:
        return None, _NO_REFERENCE
    perp = asked.position.perp
    if asked.reference == (perp.venue, perp.symbol):
        return np.zeros(max(2 * max(round(asked.position.days), 1), 30)), ""
    theirs, lack = reader.days(*asked.reference)
    return _apart(own, theirs, lack or "the perpetual's own history is not known")


def _store_quotes(asked: Question, reader: _Reader) -> tuple[Quote, ...]:
    """Dated futures of the store on the perpetual's coin, as last seen before the moment beside spot."""
    perp = asked.position.perp
    if reader.store is None:
        return ()
    coin = parse_symbol(perp.symbol)[0]
    near = PriceRows.of(reader.store).near(coin, asked.at)
    found = [each for each in dated_legs(reader.store, near, coin, asked.at) if asked.dated_venue in {"", each.venue}]
    for each in found:
        reader.frames += _behind(reader.store, near, each)
    return tuple(_quote(each, perp) for each in found)


def _quote(seen: Dated, perp: Leg) -> Quote:
    told = (f"price and spot of {to_text(seen.seen)}", f"spot is {seen.spot_of}", *seen.assumed)
    leg = Leg(seen.venue, seen.symbol, perp.side, leverage=perp.leverage)
    return Quote(leg, seen.price, seen.spot, (seen.expiry - seen.seen) / MS_PER_DAY, told)


def _behind(store: Store, near: pl.DataFrame, seen: Dated) -> list[pl.DataFrame]:
    """Rows of the store that a quote rests on: the settlements and bars of its very moment."""
    import polars as pl

    settled = store.read(DATED_FUTURES, venue=seen.venue, start_ms=seen.seen - OLD_DAYS * MS_PER_DAY, end_ms=seen.seen + 1)
    bars = near.filter(pl.col("close_at") == seen.seen).drop("close_at")
    return [frame for frame in (settled.filter(pl.col("close_ts").dt.epoch("ms") == seen.seen), bars) if frame.height]


def _others(asked: Question, reader: _Reader) -> tuple[tuple[str, str], ...]:
    """Other perpetuals on the coin: as named, or all whose funding the store holds up to the moment."""
    import polars as pl

    if asked.others is not None or reader.store is None:
        return asked.others or ()
    perp = asked.position.perp
    coin = parse_symbol(perp.symbol)[0]
    rows = reader.store.read(FUNDING, start_ms=asked.at - _FRESH_DAYS * MS_PER_DAY, end_ms=asked.at + 1)
    kept = rows.filter((pl.col("kind") == "settled") & (coin_of() == coin) & (pl.col("market_list") == ""))
    pairs = kept.select("venue", "symbol").unique().sort("venue", "symbol").rows()
    real = [pair for pair in pairs if pair != (perp.venue, perp.symbol) and parse_symbol(pair[1])[2]]
    return tuple((venue, symbol) for venue, symbol in real if _kind(venue) == _kind(perp.venue))


def _kind(venue: str) -> bool:
    """Whether a venue is generated: what is and what is not are never weighed against each other."""
    return venue.startswith("sim:")


def _matches(found: Sequence[Assessed], position: Position) -> dict[str, float | None]:
    """Return the fixed rate at which the swap locks what each dated future does."""
    swaps = [one for one in found if one.offer.instrument == "swap"]
    futures = [one for one in found if one.offer.instrument == "dated"]
    return {one.offer.name: matching_rate(swaps[0], one, position.receives) for one in futures} if swaps else {}


def _assumed(found: Sequence[Assessed], asked: Question) -> list[str]:
    perp = asked.position.perp
    inverse = (
        "the perpetual's margin is in its own coin: here the coin against it is bought in full, and what margins gain or lose as its price"
        " moves is not counted (assumed)"
    )
    told = [
        *([inverse] if asked.position.against is not None and perp.market == "inverse" else []),
        "the notional is taken to stay what it is, and prices of both ends what they are at the entry (assumed)",
        f"outlooks are drawn from at most {asked.days} days before the moment, in blocks; what has not been in them is not in the outlook",
        "the way out is taken to cost what the way in does (assumed)",
    ]
    return list(dict.fromkeys([*told, *(words for one in found for words in one.told if words.startswith("counted as nothing"))]))


def _opportunity(asked: Question) -> Figure:
    """Return what capital would earn elsewhere, as the user's costs say."""
    legs = (asked.position.perp,)
    return trade_costs(Trade("naked_short", legs), asked.at, tiers=asked.tiers, given=asked.given).opportunity


def _refuse_holes(found: Sequence[Assessed]) -> None:
    """Raise an error at the first number that is not known; that what floats locks nothing is no hole."""
    for one in found:
        holes = {name: why for name, why in one.why_null.items() if name != "locked_apr" or one.offer.fixed is not None}
        for name, why in holes.items():
            raise CatalogueError(f"the {name} of {one.offer.name}", why, "Give what is missing, or do without --strict.")
        for part, figure in one.yearly.items():
            figure.needed(f"the {part} of {one.offer.name}")


def refuse_other_coin(perp: Leg, symbol: str, what: str) -> None:
    """Raise an error where a symbol is of another coin than the perpetual.

    Raises
    ------
    InputError
        When it is.
    """
    coin, mine = parse_symbol(symbol)[0], parse_symbol(perp.symbol)[0]
    if coin != mine:
        raise InputError(what, f"it is of {coin}, the perpetual of {mine}", "Name one of the same coin.")
