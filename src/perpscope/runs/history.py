"""What does the store know of the markets a trade is made in?

Prices, fixings, contract, life and margins of every leg, with what is missing, what stands in for it, and the certificate of exactly
the rows used. A missing thing is a `Lack`: a strict run stops at it, any other carries it on in words.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from perpscope.errors import InputError, NotEnoughData
from perpscope.market.instrument import parse_symbol
from perpscope.market.table import PRICES
from perpscope.market.time import FOREVER, to_text
from perpscope.runs.clocks import late_of, references
from perpscope.runs.contracts import Life, Margins, asked_of, life_of, listing_of
from perpscope.runs.dated import cut_from_curve, last_of_contract
from perpscope.runs.fixings import priced, settled_rows
from perpscope.runs.prices import NEARLY, Series, common, held_series, one_clock, overlap, worth_a_word
from perpscope.runs.told import Found, Lack, assumed_of, inside, lacks_of, told_of
from perpscope.trading.backtest.model import LegHistory
from perpscope.trading.decided import gaps
from perpscope.trading.settle import Listing
from perpscope.trading.trade import Leg, Trade
from perpscope.units import MS_PER_DAY, MS_PER_HOUR

if TYPE_CHECKING:
    import polars as pl

    from perpscope.store import Certificate, Store

_QUIET_DAYS = 2


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which part of a history is asked for, and what the user states about it.

    Parameters
    ----------
    start, end : ms UTC; None for all that the store holds of every leg. bar_hours : length of the bars; None chooses.
    price_of : leg name -> (venue, symbol, market) whose prices stand in for its own. margins : maintenance as the user states it.
    halts : venue -> (from, to) ms UTC, in which it let nobody trade or move money.
    late : leg name -> hours by which the stamps of its prices are late, which are taken off.
    """

    start: int | None = None
    end: int | None = None
    bar_hours: float | None = None
    price_of: Mapping[str, tuple[str, str, str]] = field(default_factory=dict)
    margins: Margins = field(default_factory=Margins)
    halts: Mapping[str, tuple[tuple[int, int], ...]] = field(default_factory=dict)
    late: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class Gathered:
    """The histories of a trade's legs.

    Parameters
    ----------
    histories : one a leg. start, end : ms UTC, the window that all legs have prices in. series : the prices behind each.
    certificate : of the rows used. lacks : what is missing. assumed : what stands in. legs : for a reader, one a leg.
    """

    histories: tuple[LegHistory, ...]
    start: int
    end: int
    series: tuple[Series, ...]
    certificate: Certificate
    lacks: tuple[Lack, ...]
    assumed: tuple[str, ...]
    legs: tuple[Mapping[str, Any], ...]


def gather(store: Store, trade: Trade, wanted: Wanted) -> Gathered:
    """Read what the store holds of every leg of a trade.

    Raises
    ------
    NotEnoughData
        When a leg has no prices, a perpetual no fixings, or the legs no window in common.
    InputError
        When a symbol means several contracts, a quanto's multiplier is not stated, or a halt lies outside of the window.
    """
    span = _span(wanted)
    warm = (trade.policy.look + _QUIET_DAYS) * MS_PER_DAY
    begun = [_begin(store, leg, wanted, (span[0] - warm, *span)) for leg in trade.legs]
    told = common([each.choices for each in begun], wanted.bar_hours)
    chosen = one_clock(told)
    window = _window(begun, chosen, wanted)
    _refuse_idle(wanted.halts, window)
    clocks = _clocks(store, trade.legs, told, chosen, window)
    cut = [series.cut(window.start, window.end) for series in chosen]
    read = [
        _leg(store, each, series, wanted, (window.start - warm, window.start, window.end)) for each, series in zip(begun, cut, strict=True)
    ]
    return Gathered(
        histories=tuple(each.history for each in read),
        start=window.start,
        end=window.end,
        series=tuple(cut),
        certificate=store.certificate(*(frame for each in read for frame in each.frames)),
        lacks=(*clocks, *window.lacks, *(lack for each in read for lack in each.lacks)),
        assumed=tuple(dict.fromkeys(words for each in read for words in each.assumed)),
        legs=tuple(each.told for each in read),
    )


def _span(wanted: Wanted) -> tuple[int, int]:
    start = 0 if wanted.start is None else wanted.start
    end = FOREVER - 1 if wanted.end is None else wanted.end
    if start >= end:
        raise InputError("a window", f"from {to_text(start)} to {to_text(end)}", "Give --from before --to.")
    return start, end


@dataclass(frozen=True, slots=True, eq=False)
class _Begun:
    """What the store holds of a leg, before a window is chosen: series of every length, settled rows, and its life."""

    leg: Leg
    choices: Sequence[Series]
    rows: pl.DataFrame | None
    life: Life
    native_id: str


def _begin(store: Store, leg: Leg, wanted: Wanted, span: tuple[int, int, int]) -> _Begun:
    import polars as pl

    if leg.swap:
        do = "Back-test it from Python, see docs/guide/backtest.md, or weigh it with carry hedge."
        raise InputError(f"a backtest of {leg.name} as a swap", "a store holds no quotes of fixed rates", do)
    warm, start, end = span
    rows = settled_rows(store, leg.venue, leg.symbol, (warm, end)) if leg.perpetual else None
    if rows is not None and rows.is_empty():
        there = f"the store holds none{_when(wanted)}"
        raise NotEnoughData(f"the settled funding of {leg.name}", there, "Import its rates, or ask for another window.")
    native = None if rows is None else (str(rows["market_list"][0]), str(rows["native_id"][0]))
    choices = _choices(store, leg, wanted, (start, end))
    life = life_of(store, leg, (start, end), native)
    if leg.market == "dated":
        life = life._replace(ended=_expiry(store, leg, wanted, start))
    if life.again and life.ended is not None and rows is not None:
        rows = rows.filter(pl.col("slot").dt.epoch("ms") <= life.ended)
        choices = [series.cut(series.first, life.ended) for series in choices if series.first <= life.ended]
        if rows.is_empty() or not choices:
            raise NotEnoughData(
                f"the rows of {leg.name}", f"none of its contract that ended at {to_text(life.ended)}", "Ask for a later window."
            )
    return _Begun(leg, choices, rows, life, native[1] if native else "")


def _expiry(store: Store, leg: Leg, wanted: Wanted, start: int) -> int:
    """When a dated leg ends, ms UTC: by all prices the store holds of it, whatever the end of the window."""
    return last_of_contract(leg.symbol, max(each.last for each in _choices(store, leg, wanted, (start, FOREVER - 1))))


def _choices(store: Store, leg: Leg, wanted: Wanted, span: tuple[int, int]) -> Sequence[Series]:
    """Every length of bars that may price a leg."""
    venue, symbol, market = wanted.price_of.get(leg.name, (leg.venue, leg.symbol, leg.market))
    late = round(wanted.late.get(leg.name, 0.0) * MS_PER_HOUR)
    found = held_series(store, venue, symbol, market, (span[0] + late, min(span[1] + late, FOREVER - 1)))
    if market == "dated" and not found and (cut := cut_from_curve(store, venue, symbol, span)):
        return [cut]
    if found:
        return [series.corrected(late) for series in found] if late else found
    what, there = f"the prices of {venue} {symbol}", f"the store holds none{_when(wanted)}"
    if leg.name in wanted.price_of:
        raise NotEnoughData(what, there, "Name another contract with --price-of, or import its bars.")
    raise NotEnoughData(what, there, f"Import its bars, or let another contract's stand in: --price-of {leg.name}=VENUE:SYMBOL.")


def _when(wanted: Wanted) -> str:
    """Say of which window; nothing where all of the store was asked for."""
    if wanted.start is None and wanted.end is None:
        return ""
    first = "the beginning" if wanted.start is None else to_text(wanted.start)[:16]
    last = "the end" if wanted.end is None else to_text(wanted.end)[:16]
    return f" of {first} to {last}"


def _clocks(store: Store, legs: Sequence[Leg], told: Sequence[Series], taken: Sequence[Series], window: _Window) -> list[Lack]:
    """Find series that are of other moments than they say, and legs whose prices are never of one moment."""
    others = references(store, told, (window.start, window.end))
    found = []
    for leg, series, used in zip(legs, told, taken, strict=True):
        late = late_of(series, [*(other for other in told if other is not series), *others])
        if late is not None:
            do = f"If it is so, take it off: --late {leg.name}={late.hours:g}h."
            found.append(Lack("clock", f"the clock of {leg.name}", late.told, do))
        if used.late_ms > worth_a_word(used.step):
            there = f"its prices are {used.late_ms / MS_PER_HOUR:g} h old when the other legs have theirs"
            found.append(Lack("clock", f"the clock of {leg.name}", there, "Import bars that close at one moment, or finer ones."))
    return found


class _Window(NamedTuple):
    """Window of a backtest, ms UTC, and what of the one asked for it leaves out."""

    start: int
    end: int
    lacks: list[Lack]


def _window(begun: Sequence[_Begun], chosen: Sequence[Series], wanted: Wanted) -> _Window:
    """Find the window in which all legs have prices; a contract that ended needs none after its end."""
    start = max(each.first for each in chosen)
    lasts = [_last(each.life, series) for each, series in zip(begun, chosen, strict=True)]
    end = min(*lasts, max(series.last for series in chosen))
    if start >= end:
        pairs = zip(begun, chosen, strict=True)
        told = "; ".join(f"{each.leg.name} {to_text(series.first)[:16]} to {to_text(series.last)[:16]}" for each, series in pairs)
        raise NotEnoughData("prices of all legs at one time", told, "Widen --from and --to, or import what is missing.")
    lacks = []
    for each, series, last in zip(begun, chosen, lasts, strict=True):
        if wanted.start is not None and series.first == start and start - wanted.start > series.step:
            lacks.append(_short(each.leg, f"its prices begin at {to_text(start)}", f"after --from {to_text(wanted.start)}"))
        if wanted.end is not None and last == end and wanted.end - end > series.step:
            lacks.append(_short(each.leg, f"its prices end at {to_text(end)}", f"before --to {to_text(wanted.end)}"))
    return _Window(start, end, lacks)


def _refuse_idle(halts: Mapping[str, tuple[tuple[int, int], ...]], window: _Window) -> None:
    """Refuse a halt that no instant of the window lies in: it would be without effect."""
    for venue, spans in halts.items():
        for low, high in spans:
            if high <= window.start or low > window.end:
                there = f"the window is {to_text(window.start)} to {to_text(window.end)}"
                raise InputError(f"the halt of {venue} from {to_text(low)} to {to_text(high)}", there, "Give a halt inside it.")


def _last(life: Life, series: Series) -> int:
    """Until when a leg lets a window go on: its last price or, where its contract ended about then, as long as the others do."""
    ended = life[1]
    return FOREVER if ended is not None and ended <= series.last + 2 * series.step else series.last


def _short(leg: Leg, held: str, asked: str) -> Lack:
    return Lack("window", f"the window of {leg.name}", f"{held}, {asked}", "Ask for that window, or import the rest.")


@dataclass(frozen=True, slots=True, eq=False)
class _Read:
    """One leg as read."""

    history: LegHistory
    frames: tuple[pl.DataFrame, ...]
    lacks: tuple[Lack, ...]
    assumed: tuple[str, ...]
    told: Mapping[str, Any]


def _leg(store: Store, begun: _Begun, series: Series, wanted: Wanted, span: tuple[int, int, int]) -> _Read:
    """Read one leg: (warm, start, end) are ms UTC; fixings of the warm time only inform decisions."""
    import polars as pl

    leg, (warm, start, end) = begun.leg, span
    stand_in = leg.name in wanted.price_of
    listing = listing_of(leg, (start, end), begun.life, begun.native_id)
    fixed = None
    if begun.rows is not None:
        rows = begun.rows.filter(pl.col("slot").dt.epoch("ms").is_between(warm, end))
        fixed = priced(rows, listing.settle, series.delayed(-series.late_ms), other=stand_in)
    asked = asked_of(leg, (start, end), wanted.margins)
    coin = _coin(store, leg, listing, (start, end))
    history = LegHistory(
        bars=series.to_bars(),
        listing=listing,
        fixings=fixed.fixings if fixed else (),
        requirement=asked.requirement,
        why_no_requirement=asked.why,
        halts=wanted.halts.get(leg.venue, ()),
        coin=None if coin is None else coin.to_bars(),
    )
    paid = None if fixed is None else inside(fixed, start, end)
    unpaid = () if paid is None else tuple(gaps(paid.fixings, history.fixings, start, min(end, listing.last)))
    found = Found(leg, series, paid, unpaid, asked, listing, coin, stand_in, begun.life)
    frames = (*series.rows, *((fixed.rows,) if fixed else ()), *(coin.rows if coin else ()))
    return _Read(history, frames, lacks_of(found), assumed_of(found), told_of(found))


def _coin(store: Store, leg: Leg, listing: Listing, span: tuple[int, int]) -> Series | None:
    """Price of the asset a quanto settles in: of the same venue's contracts, then of any spot market, the finest that covers most.

    Raises
    ------
    NotEnoughData
        When the store holds none.
    """
    import polars as pl

    if listing.contract.payoff != "quanto":
        return None
    _, quote, settle = parse_symbol(leg.symbol)
    rows = store.read(PRICES, start_ms=span[0], end_ms=span[1])
    named = pl.col("symbol").str.starts_with(f"{settle}/{quote}") & (pl.col("market") != "dated")
    markets = rows.filter(named).select("venue", "symbol", "market").unique().sort("venue", "symbol").rows()
    held = [series for venue, symbol, market in markets for series in held_series(store, venue, symbol, market, span)]
    if not held:
        what, there = f"the price of {settle}, in which {leg.name} settles", "the store holds none of that time"
        raise NotEnoughData(what, there, f"Import bars of {settle}/{quote}.")
    return max(held, key=lambda one: (overlap([one]) >= NEARLY * (span[1] - span[0]), one.venue == leg.venue, -one.hours))
