"""What does each instrument offer: which rate for how long, what floats beside it, which legs does it need, and what do they cost?

A perpetual fixes nothing. A dated future against its coin fixes the distance of both prices until it expires; rolled, it fixes only the
first stretch. A swap fixes the funding of the perpetual one holds, but for what its own reference pays otherwise. Another perpetual in
place of the coin leaves the difference of two floating rates.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from perpscope.errors import InputError
from perpscope.market.number import INF
from perpscope.mechanisms.funding_swap import time_fee, upfront
from perpscope.trading.costs.figure import Figure
from perpscope.trading.costs.parts import LegCosts
from perpscope.trading.hedge.position import Position, Use, capital_of
from perpscope.trading.trade import Leg

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

Instrument = Literal["perp", "dated", "swap", "other_perp"]
DAYS_PER_YEAR = 365
SECONDS_PER_DAY = 86_400


@dataclass(frozen=True, slots=True, eq=False)
class Stretch:
    """Time in which a carry floats.

    Parameters
    ----------
    days : how long. daily : (t,) what was received a day in the past, fraction of the notional; None where it is not known, see `why`.
    """

    days: float
    daily: Floats | None
    why: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Offer:
    """One instrument for one position.

    Parameters
    ----------
    instrument, name : which. uses : legs it needs. again : legs opened anew at each roll.
    fixed : rate received while it is locked, simple, a year; below 0 is paid; None where nothing is locked. fixed_days : for how long.
    rolled : whether it is rolled at the same rate (assumed) until the time held is over; else what comes after floats.
    once : costs beside those of legs, fractions of the notional. margin : money beside the margins of `uses`, a fraction of the notional.
    floats : what floats in the time held. open_end : why what it is worth at the end of the time held is not known; "" where it is.
    why_not : why it is no offer at all; "" where it is one. told : what a reader must know.
    """

    instrument: Instrument
    name: str
    uses: tuple[Use, ...]
    again: tuple[Use, ...] = ()
    fixed: float | None = None
    fixed_days: float = 0.0
    rolled: bool = False
    once: Mapping[str, Figure] = field(default_factory=dict)
    margin: Figure = field(default_factory=lambda: Figure.given(0, "no margin beside that of its legs"))
    floats: tuple[Stretch, ...] = ()
    open_end: str = ""
    why_not: str = ""
    told: tuple[str, ...] = ()

    @property
    def capital(self) -> Figure:
        """Margins of everything, per unit of notional."""
        own = self.margin
        return own if own.value is None else Figure(float(own.value) + capital_of(self.uses), own.status, own.source, own.note)


def stay(position: Position, costs: Mapping[str, LegCosts], daily: Floats | None, why: str = "") -> Offer:
    """Stay in the perpetual.

    Parameters
    ----------
    costs : leg name -> its costs. daily : what a long paid a day in the past, fraction of the notional; None where not known, see `why`.
    """
    received = None if daily is None else position.receives * daily
    return Offer("perp", position.perp.name, _kept(position, costs), floats=(Stretch(position.days, received, why),))


@dataclass(frozen=True, slots=True)
class Quote:
    """A dated future and spot, seen together.

    Parameters
    ----------
    leg : the future, on the perpetual's side. price, spot : quote units, > 0. days : to its expiry, > 0.
    told : of which moment, or other things a reader must know.
    """

    leg: Leg
    price: float
    spot: float
    days: float
    told: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse quotes that lock nothing."""
        what = f"the quote of {self.leg.name}"
        if not 0 < self.price < INF or not 0 < self.spot < INF:
            raise InputError(what, f"{self.price:g} with spot at {self.spot:g}", "Prices are positive.")
        if not 0 < self.days < INF:
            raise InputError(what, f"{self.days:g} days to its expiry", "Give an expiry after the entry.")

    @property
    def basis(self) -> float:
        """Future over spot, less one, a simple annual rate by the days to expiry.

        **Source**: definition, as in `analysis.carry.implied`.
        """
        return (self.price / self.spot - 1) / self.days * DAYS_PER_YEAR


def dated(position: Position, quote: Quote, costs: Mapping[str, LegCosts], daily: Floats | None, why: str = "") -> Offer:
    """Hold a dated future in the perpetual's place, to its expiry; rolled at the same basis (assumed) where the time held is longer.

    Parameters
    ----------
    costs, daily, why : as `stay`; what comes after the first expiry is taken to vary as the perpetual's funding did (assumed).
    """
    use = Use(quote.leg, costs[quote.leg.name], leaves="delivery", price=quote.price)
    legs = (use, *_coin(position, costs), *_closed(position, costs))
    left = position.days - quote.days
    told, end = list(quote.told), ""
    floats: tuple[Stretch, ...] = ()
    if left > 0:
        told.append(f"after its expiry it is rolled at the same basis for {left:g} days (assumed)")
        told.append("what is not locked varies as funding did (assumed)")
        floats = (Stretch(left, None if daily is None else position.receives * (daily - daily.mean()), why),)
    if left < 0:
        end = f"it expires {-left:g} days after the time held, and what it is worth on the way is not known"
        told.append("closed before its expiry its basis is taken to run off evenly (assumed)")
    fixed = position.receives * quote.basis
    return Offer("dated", quote.leg.name, legs, (use,), fixed, quote.days, rolled=True, floats=floats, open_end=end, told=tuple(told))


@dataclass(frozen=True, slots=True)
class Terms:
    """A swap of a venue's funding for a fixed rate.

    Parameters
    ----------
    name : for a reader. rate : fixed rate, simple, a year of 365 days. days : to its maturity, > 0.
    fee, settlement_fee : fractions of the size a year, paid at once and as the floating rate settles. margin : a fraction of the size.
    entrance : money paid once.
    """

    name: str
    rate: float
    days: float
    fee: Figure
    settlement_fee: Figure
    margin: Figure
    entrance: Figure

    def __post_init__(self) -> None:
        """Refuse swaps that have ended."""
        if not math.isfinite(self.rate) or not 0 < self.days < INF:
            there = f"a fixed rate of {self.rate:g} for {self.days:g} days"
            raise InputError(f"the swap {self.name}", there, "Give a rate, and a maturity after the entry.")


def swap(
    position: Position,
    terms: Terms,
    costs: Mapping[str, LegCosts],
    daily: Floats | None,
    apart: Floats | None,
    why: tuple[str, str] = ("", ""),
) -> Offer:
    """Swap the perpetual's funding for a fixed rate: who receives funding receives the fixed rate, who pays it pays that.

    The size is the perpetual's, the fixed leg is paid at once for the whole time to maturity, without interest on it.

    Parameters
    ----------
    costs, daily : as `stay`; apart : what a long paid a day on the perpetual less what the swap's reference paid, None where not known.
    why : of the two, where None.

    **Source**: `mechanisms.funding_swap`.
    """
    seconds = terms.days * SECONDS_PER_DAY
    once = {
        "fee swap": _of_time(terms.fee, seconds),
        "settlement swap": _of_time(terms.settlement_fee, seconds),
        "entrance swap": terms.entrance.times(1 / position.notional),
    }
    received = -float(upfront(-position.receives, terms.rate, seconds))
    left = position.days - terms.days
    floats = [Stretch(min(terms.days, position.days), None if apart is None else position.receives * apart, why[1])]
    told, end = ["the fixed leg changes hands at once; interest on it is not counted"], ""
    if left > 0:
        told.append(f"after its maturity funding floats for {left:g} days")
        floats.append(Stretch(left, None if daily is None else position.receives * daily, why[0]))
    if left < 0:
        end = f"it matures {-left:g} days after the time held, and the rate it can be closed at then is not known"
        told.append("closed before its maturity its fixed rate is taken to run off evenly, fees are paid in full (assumed)")
    fixed = received / terms.days * DAYS_PER_YEAR
    return Offer(
        "swap", terms.name, _kept(position, costs), (), fixed, terms.days,
        once=once, margin=terms.margin, floats=tuple(floats), open_end=end, told=tuple(told),
    )  # fmt: skip


def other(position: Position, leg: Leg, costs: Mapping[str, LegCosts], theirs: Floats | None, apart: Floats | None, why: str = "") -> Offer:
    """Take another perpetual: in place of the coin where there is one (on its side), else in place of the perpetual itself.

    Parameters
    ----------
    leg : the other perpetual. costs : as `stay`. theirs : what a long paid a day on it; apart : what a long paid on ours less that.
    why : why they are not known, where None.
    """
    use = Use(leg, costs[leg.name])
    told = (
        ()
        if leg.asset == position.perp.asset
        else (f"it settles in {leg.asset}, not {position.perp.asset}: how that moves is not counted",)
    )
    if position.against is None:
        received = None if theirs is None else position.receives * theirs
        return Offer("other_perp", leg.name, (use, *_closed(position, costs)), floats=(Stretch(position.days, received, why),), told=told)
    kept = Use(position.perp, costs[position.perp.name], enters=not position.held)
    gone = (Use(position.against, costs[position.against.name], enters=False, stays=False),) if position.held else ()
    received = None if apart is None else position.receives * apart
    return Offer("other_perp", leg.name, (kept, use, *gone), floats=(Stretch(position.days, received, why),), told=told)


def _of_time(rate: Figure, seconds: float) -> Figure:
    return rate if rate.value is None else rate.times(float(time_fee(1, 1, seconds)))


def _kept(position: Position, costs: Mapping[str, LegCosts]) -> tuple[Use, ...]:
    """Legs of the position itself."""
    return tuple(Use(leg, costs[leg.name], enters=not position.held) for leg in position.legs)


def _coin(position: Position, costs: Mapping[str, LegCosts]) -> tuple[Use, ...]:
    return () if position.against is None else (Use(position.against, costs[position.against.name], enters=not position.held),)


def _closed(position: Position, costs: Mapping[str, LegCosts]) -> tuple[Use, ...]:
    """Close the perpetual that is held and no longer needed."""
    return (Use(position.perp, costs[position.perp.name], enters=False, stays=False),) if position.held else ()
