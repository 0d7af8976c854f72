"""What is missing about a leg, what stands in for it, and what is said of it?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from perpscope.market.number import INF, to_float
from perpscope.market.time import length_text, to_text
from perpscope.runs.contracts import Asked, Life
from perpscope.runs.fixings import Fixings
from perpscope.runs.prices import Series
from perpscope.trading.settle import Listing
from perpscope.trading.trade import Leg
from perpscope.units import MS_PER_HOUR

MS_PER_MINUTE = 60_000
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Lack:
    """Something a backtest should know and does not; three parts as an error has them.

    Parameters
    ----------
    kind : clock, window, prices, holes, marks, funding, unpriced, estimated, end or margin.
    asked, there, do : what was asked of which leg, what is there, what to do.
    """

    kind: str
    asked: str
    there: str
    do: str

    @property
    def told(self) -> str:
        """Write it for a reader of a run that goes on without it."""
        return f"{self.asked}: {self.there}"


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """One leg as read.

    Parameters
    ----------
    fixed : fixings inside the window; None for a leg that pays none. unpaid : stretches of the window (ms UTC) without one.
    coin : prices of the asset a quanto settles in. stand_in : whether the prices are another contract's. life : of its contract.
    """

    leg: Leg
    series: Series
    fixed: Fixings | None
    unpaid: tuple[tuple[int, int], ...]
    asked: Asked
    listing: Listing
    coin: Series | None
    stand_in: bool
    life: Life


def inside(fixed: Fixings, start: int, end: int) -> Fixings:
    """Return the fixings of start < stamp <= end (ms UTC)."""
    kept = tuple(f for f in fixed.fixings if start < f.at <= end)
    errors = [to_float(f.price_error) for f in kept if f.price_error is not None]
    return replace(
        fixed, fixings=kept, estimated=len(errors), unpriced=sum(f.price is None for f in kept), largest_error=max(errors, default=0.0)
    )


def lacks_of(found: Found) -> tuple[Lack, ...]:
    """List what is missing about a leg."""
    return tuple(_lacks(found))


def _lacks(found: Found) -> Iterator[Lack]:
    leg, life = found.leg, found.life
    yield from _lacks_of_prices(found)
    if found.fixed is not None:
        yield from _lacks_of_funding(found, found.fixed)
    if life.silent and life.ended is not None:
        there = f"no source states one, and after {to_text(life.ended)} none has a row for 90 days or more"
        yield Lack("end", f"the end of {leg.name}", there, "Import the rows between, or state when it ended: the fact `ended`.")
    if found.asked.why:
        yield Lack("margin", f"the margin of {leg.name}", found.asked.why, "Give --maintenance RATE or --brackets FILE.")


def _lacks_of_prices(found: Found) -> Iterator[Lack]:
    leg, series = found.leg, found.series
    what, whole = f"the prices of {leg.name}", "Import its own bars, or do without --strict."
    if found.stand_in:
        yield Lack("prices", what, f"those of {series.venue} {series.symbol} stand in", whole)
    elif series.fills != "trade":
        yield Lack("prices", what, f"no traded ones are held, and the {series.fills} price stands in", whole)
    if holes := series.holes():
        drawn = f" (in {series.drawn} bars nobody traded)" if series.drawn else ""
        hours = sum(high - low - series.step for low, high in holes) / MS_PER_HOUR
        there = f"{len(holes)} holes, {hours:g} h in all{drawn}, the first after {to_text(holes[0][0])}"
        yield Lack("holes", what, there, "Import those bars, or do without --strict.")
    if leg.market != "spot" and series.unmarked:
        there = f"{series.unmarked} of {series.bars.height} bars have none, and the {series.fills} price stands in"
        yield Lack("marks", f"the marks of {leg.name}", there, "Import those marks, or do without --strict.")


def _lacks_of_funding(found: Found, fixed: Fixings) -> Iterator[Lack]:
    what = f"the funding of {found.leg.name}"
    if found.unpaid:
        there = f"{len(found.unpaid)} holes in its fixings, the first after {to_text(found.unpaid[0][0])}"
        yield Lack("funding", what, there, "Import those rates, or do without --strict.")
    if fixed.unpriced:
        yield Lack("unpriced", what, f"{fixed.unpriced} fixings without a price", "Import prices of those stamps.")
    if fixed.estimated:
        named = found.listing.settle.price
        there = f"the price of {fixed.estimated} of {len(fixed.fixings)} fixings is not the one its rule names ({named})"
        yield Lack("estimated", what, there, "Import those prices, or do without --strict.")


def assumed_of(found: Found) -> tuple[str, ...]:
    """List what was taken for granted about a leg; every line says the word."""
    return tuple(_assumed(found))


def _assumed(found: Found) -> Iterator[str]:
    leg, fixed = found.leg, found.fixed
    yield from _of_prices(leg, found.series, stand_in=found.stand_in)
    if fixed is not None and fixed.estimated:
        size = "unknown" if fixed.largest_error == INF else f"at most {fixed.largest_error:.2%}"
        yield f"{leg.name}: {fixed.estimated} fixings are assumed to have been paid at another price than its rule names; error {size} each"
    yield from _of_life(leg, found.life)
    if found.coin is not None:
        yield f"{leg.name}: the price of {leg.asset} is assumed to be that of {found.coin.venue} {found.coin.symbol}"
    if found.listing.assumed:
        yield f"{leg.name}: {found.listing.assumed}" + ("" if "assumed" in found.listing.assumed else " (assumed)")
    yield from found.asked.assumed


def _of_life(leg: Leg, life: Life) -> Iterator[str]:
    """Say what was taken for granted about the life of a contract."""
    if life.ended is None:
        return
    if life.again:
        yield f"{leg.name}: the contract that ended at {to_text(life.ended)} is assumed to be meant, not the one of that name later"
    if life.silent:
        yield f"{leg.name}: it is assumed to have ended at {to_text(life.ended)}, when all sources fell silent for 90 days or more"


def _of_times(leg: Leg, series: Series) -> Iterator[str]:
    """Say what was taken for granted about the moments of prices."""
    if series.stamped_late_ms:
        yield f"{leg.name}: its prices are assumed to be stamped {series.stamped_late_ms / MS_PER_HOUR:g} h late"
    if series.late_ms:
        late = series.late_ms / MS_PER_MINUTE
        yield f"{leg.name}: its prices are assumed to hold {late:g} minutes after they were known, when the other legs have theirs"


def _of_prices(leg: Leg, series: Series, *, stand_in: bool) -> Iterator[str]:
    """Say what was taken for granted about the prices of a leg."""
    if stand_in:
        yield f"{leg.name}: the prices of {series.venue} {series.symbol} are assumed to be its own"
    yield from _of_times(leg, series)
    if series.fills == "settlement":
        yield f"{leg.name}: its days are cut out of positions on the curve by the turns of these series, fitted to their prices (assumed)"
    if leg.market == "dated":
        yield f"{leg.name}: it is assumed to end with its last price of its last day"
    if series.fills != "trade":
        yield f"{leg.name}: orders are assumed to fill at the {series.fills} price, no traded prices are held"
    if leg.market != "spot" and series.mark_is != "mark":
        yield f"{leg.name}: the {series.mark_is} price is assumed to be its mark"
    if leg.market != "spot" and series.unmarked:
        yield f"{leg.name}: the {series.fills} price is assumed to be the mark of {series.unmarked} bars that have none"
    if leg.market != "spot" and not series.has_extremes:
        yield f"{leg.name}: no highs and lows are held; inside its {length_text(series.hours)} the price is assumed to stay between closes"


def told_of(found: Found) -> Mapping[str, Any]:
    """Tell what a leg's history is made of."""
    series, fixed, listing = found.series, found.fixed, found.listing
    return {
        "leg": found.leg.name,
        "side": found.leg.side,
        "market": found.leg.market,
        "payoff": listing.contract.payoff if found.leg.market != "spot" else "spot",
        "leverage": to_float(found.leg.leverage),
        "ratio": to_float(found.leg.ratio),
        "prices": f"{series.venue}:{series.symbol}",
        "price_kind": series.fills,
        "mark_is": series.mark_is,
        "bar_hours": series.hours,
        "bars": series.bars.height,
        "bars_in_which_nobody_traded": series.drawn,
        "holes": [[to_text(low), to_text(high)] for low, high in series.holes()[:_SHOWN]],
        "n_holes": len(series.holes()),
        "fixings": None if fixed is None else len(fixed.fixings),
        "fixings_estimated": None if fixed is None else fixed.estimated,
        "fixings_missing_after": None if fixed is None else [to_text(since) for since, _ in found.unpaid[:_SHOWN]],
        "intervals": None if fixed is None else sorted({to_float(f.interval_hours) for f in fixed.fixings}),
        "pays_at": None if fixed is None else listing.settle.price,
        "listed": None if listing.listed is None else to_text(listing.listed),
        "ended": None if listing.ended is None else to_text(listing.ended),
        "margin": found.asked.told,
        "why_no_margin": found.asked.why or None,
    }
