"""Within which limits is a plan made, and what is it to weigh?"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from perpscope.errors import InputError
from perpscope.market.number import INF


@dataclass(frozen=True, slots=True)
class Limits:
    """What a plan may not exceed; shares are of the whole capital, None sets no limit.

    Parameters
    ----------
    capital : money, > 0.
    venue : share of the capital that may lie at one venue. venues : venue -> its own share, before `venue`.
    venue_notional : notional held at one venue, long and short added, as a multiple of the capital.
    coin : share of the capital in trades of one coin.
    together : share of the capital in one group of trades that move together; correlated : correlation of their net carry from which on two
        trades do. Groups are chains: who moves with a member belongs to them.
    sd : standard deviation of what the whole plan receives over the time held, as a share of the capital.
    least : smallest notional of a trade, money: see `plan`.
    """

    capital: float
    venue: float | None = None
    venues: Mapping[str, float] = field(default_factory=dict)
    venue_notional: float | None = None
    coin: float | None = None
    together: float | None = None
    correlated: float = 0.8
    sd: float | None = None
    least: float = 0.0

    def __post_init__(self) -> None:
        """Refuse limits nobody can keep."""
        if not 0 < self.capital < INF:
            raise InputError("a plan's capital", f"{self.capital:g}", "Give money above 0.")
        shares = {"venue": self.venue, "coin": self.coin, "together": self.together, **{f"venue {k}": v for k, v in self.venues.items()}}
        for name, share in shares.items():
            if share is not None and not 0 <= share <= 1:
                raise InputError(f"the limit of a {name}", f"{share:g} of the capital", "Give a share from 0 to 1: 0.3 is 30 %.")
        for name, value in {"notional at one venue": self.venue_notional, "standard deviation": self.sd}.items():
            if value is not None and not 0 <= value < INF:
                raise InputError(f"the limit of the {name}", f"{value:g} of the capital", "Give 0 or more.")
        if not -1 <= self.correlated <= 1:
            raise InputError("a correlation", f"{self.correlated:g}", "Give a number from -1 to 1.")
        if not 0 <= self.least < INF:
            raise InputError("the smallest notional of a trade", f"{self.least:g}", "Give money, 0 or more.")

    def of_venue(self, venue: str) -> float | None:
        """Share of the capital that may lie at a venue."""
        return self.venues.get(venue, self.venue)


@dataclass(frozen=True, slots=True)
class Aim:
    """What a plan weighs.

    Parameters
    ----------
    days : time every trade is held, > 0. aversion : money given up per unit of variance of the return on capital over that time, per unit
        of capital; >= 0. 0 weighs no risk.

    **Source**: mean and variance, Markowitz (1952); an aversion of 1/2 is to second order that of a logarithmic utility.
    """

    days: float
    aversion: float = 1.0

    def __post_init__(self) -> None:
        """Refuse aims that are none."""
        if not 0 < self.days < INF:
            raise InputError("the time trades are held", f"{self.days:g} days", "Give days above 0.")
        if not 0 <= self.aversion < INF or math.isnan(self.aversion):
            raise InputError("an aversion to risk", f"{self.aversion:g}", "Give 0 or more.")
