"""Whose carry is to be locked, and which legs does an instrument need for it?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from perpscope.errors import InputError
from perpscope.market.number import INF
from perpscope.trading.costs.figure import Figure
from perpscope.trading.costs.parts import LegCosts, Order
from perpscope.trading.trade import Leg

Leaving = Literal["trade", "delivery"]


@dataclass(frozen=True, slots=True)
class Position:
    """A perpetual whose carry is to be locked, alone or against its coin.

    Parameters
    ----------
    perp : the leg that pays or receives funding. against : the coin on the other side (spot held, or borrowed and sold); None: outright.
    notional : money, > 0. days : for how long, > 0. held : whether it is open already, so that entering it costs nothing more.
    """

    perp: Leg
    against: Leg | None
    notional: float
    days: float
    held: bool = False

    def __post_init__(self) -> None:
        """Refuse what has no carry of this kind."""
        what = f"the carry of {self.perp.name}"
        if not self.perp.perpetual:
            raise InputError(what, "it pays no funding", "Give a perpetual such as BTC/USDT:USDT.")
        if not 0 < self.notional < INF or not 0 < self.days < INF:
            raise InputError(what, f"{self.notional:,.10g} for {self.days:g} days", "Give a notional and days above 0.")
        if self.against is not None and (self.against.market != "spot" or self.against.side == self.perp.side):
            raise InputError(what, f"{self.against.side} {self.against.name} against it", "Give spot on the other side.")

    @property
    def receives(self) -> int:
        """+1 where a positive funding rate is received (short), -1 where it is paid (long)."""
        return -self.perp.sign

    @property
    def legs(self) -> tuple[Leg, ...]:
        """The perpetual, and what stands against it."""
        return (self.perp,) if self.against is None else (self.perp, self.against)

    @property
    def called(self) -> str:
        """Name it for a reader."""
        return " against ".join(f"{leg.side} {leg.name}" for leg in self.legs)


@dataclass(frozen=True, slots=True)
class Use:
    """One leg on its way through an instrument.

    Parameters
    ----------
    leg, costs : which, and what it costs. enters : whether it is opened for it (not: it is there already).
    leaves : whether it is closed by a trade or settled at its expiry. stays : whether it is held on; else it is only closed.
    price : of its contract, where its venue charges per contract.
    """

    leg: Leg
    costs: LegCosts
    enters: bool = True
    leaves: Leaving = "trade"
    stays: bool = True
    price: float | None = None


def fills(uses: Iterable[Use], notional: float, ms: int) -> dict[str, Figure]:
    """Cost of all fills, by part and leg; fractions of the notional.

    Parameters
    ----------
    uses : legs. notional : money, > 0. ms : moment whose prices are asked for the way in and, as nobody knows better, for the way out.
    """
    found: dict[str, Figure] = {}
    for use in uses:
        leg, size = use.leg, notional * use.leg.ratio
        into: Order = "buy" if leg.side == "long" else "sell"
        out: Order = "sell" if into == "buy" else "buy"
        if use.enters:
            found |= _named(leg, use.costs.fill(ms, into, size, leg.liquidity, use.price), "in")
        if use.leaves == "delivery":
            found[f"delivery {leg.name}"] = use.costs.delivery.times(leg.ratio)
        else:
            found |= _named(leg, use.costs.fill(ms, out, size, leg.liquidity, use.price), "out")
    return found


def _named(leg: Leg, parts: Mapping[str, Figure], way: str) -> dict[str, Figure]:
    return {f"{part} {leg.name} {way}": figure.times(leg.ratio) for part, figure in parts.items()}


def borrowed(uses: Iterable[Use]) -> dict[str, Figure]:
    """Cost of the coins that legs borrow; fractions of the notional a year."""
    short = [use for use in uses if use.stays and use.leg.market == "spot" and use.leg.side == "short"]
    return {f"borrow {use.leg.name}": use.costs.borrow.times(use.leg.ratio) for use in short}


def capital_of(uses: Iterable[Use]) -> float:
    """Margins of legs, per unit of notional."""
    return float(sum(use.leg.ratio / use.leg.leverage for use in uses if use.stays))
