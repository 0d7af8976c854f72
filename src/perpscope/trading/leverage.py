"""What does holding a levered position cost in funding?

Funding is charged on the notional; the equity behind it is smaller by the leverage, and the same charge is that much larger a
share of it. Simple rates over 365 days; what is compounded is called APY and stands apart.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from perpscope.errors import InputError
from perpscope.market.number import to_exact, to_float
from perpscope.units import HOURS_PER_DAY, HOURS_PER_YEAR, Rate

_LARGEST = 1e6  # nobody lends more; beyond it, it is a slip of the hand

Side = Literal["long", "short"]


@dataclass(frozen=True, slots=True)
class Carry:
    """Funding cost as fractions of one base, the notional or the equity; > 0 is paid, < 0 is received.

    Parameters
    ----------
    per_interval, per_day, per_year : simple. per_year_compounded : the APY; None where an interval costs everything.
    """

    per_interval: float
    per_day: float
    per_year: float
    per_year_compounded: float | None

    @classmethod
    def of(cls, rate: Rate) -> Carry:
        """Write one rate for an interval, a day and a year."""
        compounded = rate.apy if rate.value > -1 else None
        return cls(rate.value, _over(rate, HOURS_PER_DAY), _over(rate, HOURS_PER_YEAR), compounded)


@dataclass(frozen=True, slots=True)
class HoldingCost:
    """Cost of a position held at a leverage.

    Parameters
    ----------
    leverage, side, rate : what was asked. on_notional, on_equity : the same cost on two bases.
    """

    leverage: float
    side: Side
    rate: Rate
    on_notional: Carry
    on_equity: Carry

    def over(self, hours: float) -> float:
        """Cost of `hours` on the notional, a fraction: simple and pro rata, whatever the number of stamps in it."""
        return _over(Rate(self.on_notional.per_interval, self.rate.per), hours)

    def stamps(self, hours: float) -> tuple[int, int]:
        """Fewest and most payments that fall into `hours`, by where it begins between two stamps."""
        whole = hours / self.rate.per
        least = math.floor(whole)
        return least, least if least == whole else least + 1

    def break_even(self, hours: float, fees: float = 0.0) -> float:
        """Move of the price that pays for `hours` of funding and for `fees` (a fraction of notional, both ends together).

        Signed: a long needs a rise (> 0), a short a fall (< 0); the other sign means the funding received allows for a move against.
        For a linear contract, on the notional at entry.
        """
        cost = to_float(to_exact(self.over(hours)) + to_exact(fees))
        return cost if self.side == "long" else -cost


def holding_cost(leverage: float, rate: Rate, side: Side = "long") -> HoldingCost:
    """Cost of holding at a leverage >= 1 while the funding rate stays at `rate`.

    Raises
    ------
    InputError
        When the leverage is below 1 or beyond a million, or the rate is the whole notional and more.

    Source
    ------
    L x r x 3 x 365 on equity: `theory_checks.json`, leverage_cost_5x (54.75 % a year at 5x and 0.01 % per 8 hours).

    Examples
    --------
    >>> holding_cost(5, Rate.parse("0.01%/8h")).on_equity.per_year
    0.5475
    """
    if abs(rate.value) >= 1:
        raise InputError(
            f"a rate of {rate.value:g} per {rate.per:g} hours", "the whole notional and more", "Give a fraction: 0.01 % is 0.0001."
        )
    if not 1 <= leverage < _LARGEST:
        raise InputError("a leverage", f"{leverage:g}", "Give 1 or more, up to a million; 1 is a position paid in full.")
    pays = rate.value if side == "long" else -rate.value
    notional = Rate(pays or 0.0, rate.per)
    equity = Rate(to_float(to_exact(notional.value) * to_exact(leverage)), rate.per)
    return HoldingCost(leverage, side, rate, Carry.of(notional), Carry.of(equity))


def _over(rate: Rate, hours: float) -> float:
    """Return the simple rate of `hours`, rounded once."""
    return to_float(to_exact(rate.value) * to_exact(hours) / to_exact(rate.per))
