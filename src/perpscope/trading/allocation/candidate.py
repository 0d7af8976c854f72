"""What does a plan know of a trade that might be taken?

Per unit of notional: what it is expected to receive, what it holds at which venue, and what entering and leaving costs at a size.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from perpscope.errors import InputError
from perpscope.market.number import INF
from perpscope.trading.costs.figure import Figure

Charge: TypeAlias = Callable[[float], Mapping[str, Figure]]
"""Cost of entering and leaving at a notional (quote units), by part; fractions of that notional."""
NO_OPPORTUNITY = "no opportunity cost is given"


@dataclass(frozen=True, slots=True)
class Stake:
    """One leg, as limits see it.

    Parameters
    ----------
    venue, what, side : where, which contract or payoff, long or short.
    ratio : its notional per unit of the trade's, > 0.
    margin : money put aside for it per unit of the trade's notional, > 0.
    """

    venue: str
    what: str
    side: str
    ratio: float
    margin: float

    def __post_init__(self) -> None:
        """Refuse legs that weigh nothing: a plan could take any amount of them."""
        if not 0 < self.ratio < INF or not 0 < self.margin < INF:
            there = f"a ratio of {self.ratio:g} and a margin of {self.margin:g} per unit of notional"
            raise InputError(f"the leg {self.called}", there, "Give both above 0: what holds no capital has no limit.")

    @property
    def called(self) -> str:
        """Name it for a reader."""
        return f"{self.side} {self.venue} {self.what}"


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """A trade that might be taken.

    Parameters
    ----------
    name : for a reader, unique in a plan. kind, coin : of the trade; trades of one coin share its limit.
    legs : at least one. buffer : idle money per unit of notional, >= 0, lying in equal parts at the venues of the legs (assumed).
    carry : reason -> what is expected before costs, simple annual rates of the notional; below 0 is paid.
    charge : cost of entering and leaving. held : part -> cost of holding, fractions of the notional a year.
    opportunity : what the capital would earn elsewhere, a fraction a year. capacity : largest notional, money, > 0.
    assumed : what was taken for granted, for a reader.
    """

    name: str
    kind: str
    coin: str
    legs: tuple[Stake, ...]
    carry: Mapping[str, float]
    charge: Charge
    held: Mapping[str, Figure] = field(default_factory=dict)
    opportunity: Figure = field(default_factory=lambda: Figure.unknown(NO_OPPORTUNITY))
    capacity: float = INF
    buffer: float = 0.0
    assumed: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what is no trade."""
        what = f"the candidate {self.name}"
        if not self.legs:
            raise InputError(what, "no legs", "Give at least one.")
        if not all(math.isfinite(rate) for rate in self.carry.values()):
            raise InputError(what, f"a carry of {dict(self.carry)}", "Give finite annual rates; leave out what is not known.")
        if not self.capacity > 0 or not 0 <= self.buffer < INF:
            raise InputError(what, f"a capacity of {self.capacity:g}, a buffer of {self.buffer:g}", "Give them above 0, and 0 or more.")

    @property
    def gross(self) -> float:
        """Expected carry before costs, a simple annual rate of the notional."""
        return sum(self.carry.values())

    @property
    def capital(self) -> float:
        """Money put aside per unit of notional: all margins, and the buffer."""
        return sum(leg.margin for leg in self.legs) + self.buffer

    @property
    def venues(self) -> tuple[str, ...]:
        """Venues of the legs, each once."""
        return tuple(dict.fromkeys(leg.venue for leg in self.legs))

    def capital_at(self, venue: str) -> float:
        """Money lying at a venue per unit of notional."""
        if venue not in self.venues:
            return 0.0
        return sum(leg.margin for leg in self.legs if leg.venue == venue) + self.buffer / len(self.venues)

    def gross_at(self, venue: str) -> float:
        """Notional held at a venue, long and short added, per unit of the trade's."""
        return sum(leg.ratio for leg in self.legs if leg.venue == venue)
