"""When does a trade that earned so much stop paying: by its fees, its size, its holding time, its gap?

What was earned is taken to come in evenly over the horizon. Fees are known by how orders are filled; what size does to the price is a
model, with the status of its figures beside every answer.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import get_args

from perpscope.trading.costs.figure import Figure, summed
from perpscope.trading.costs.parts import Liquidity, TradeCosts, turn
from perpscope.trading.trade import Leg
from perpscope.units import HOURS_PER_DAY, HOURS_PER_YEAR

FILLS: tuple[Liquidity, ...] = get_args(Liquidity)
_ANY_TIME = 0
"""The fees of an example are those of its text at any moment."""
_SMALLEST, _LARGEST = 1.0, 1e15
_HALVINGS = 60
"""Of a range of 15 powers of ten: until two sizes are one double."""


@dataclass(frozen=True, slots=True)
class Earned:
    """What a trade earned before costs.

    Parameters
    ----------
    gain : of the notional of one leg, a fraction, > 0. days : it took, > 0.
    """

    gain: float
    days: float

    @property
    def daily(self) -> float:
        """Gain of one day."""
        return self.gain / self.days

    def days_to_pay(self, cost: float) -> float:
        """Days after which a cost (a fraction of the notional) is earned back; 0 where it is none."""
        return max(cost, 0.0) / self.daily

    def gap_that_pays_nothing(self, cost: float) -> float:
        """Difference of the two rates, a year, at which the horizon just pays a cost."""
        return cost / self.days * (HOURS_PER_YEAR / HOURS_PER_DAY)


@dataclass(frozen=True, slots=True)
class Way:
    """One way in and out, by whether orders rest or take.

    Parameters
    ----------
    opening, closing : of each leg, in the order of the legs. cost : of both ends, a fraction of the notional of one leg.
    ends : of each end alone.
    """

    opening: tuple[Liquidity, ...]
    closing: tuple[Liquidity, ...]
    cost: Figure
    ends: tuple[Figure, Figure]


def ways(costs: TradeCosts, legs: Sequence[Leg]) -> tuple[Way, ...]:
    """Add the fees of every way in and out, cheapest first.

    **Source**: `trading.costs.parts.turn`; fees alone, without what taking orders cross.
    """
    each = {fills: _end(costs, legs, fills, opening=True) for fills in product(FILLS, repeat=len(legs))}
    back = {fills: _end(costs, legs, fills, opening=False) for fills in each}
    found = [Way(a, b, summed({"in": each[a], "out": back[b]}), (each[a], back[b])) for a, b in product(each, back)]
    return tuple(sorted(found, key=lambda way: (float(way.cost.value or 0), way.opening, way.closing)))


def _end(costs: TradeCosts, legs: Sequence[Leg], fills: tuple[Liquidity, ...], *, opening: bool) -> Figure:
    filled = [replace(leg, liquidity=fill) for leg, fill in zip(legs, fills, strict=True)]
    parts = turn(costs, filled, 0, _ANY_TIME, opening=opening)
    return summed({name: figure for name, figure in parts.items() if name.startswith("fee ")})


def trip(costs: TradeCosts, legs: Sequence[Leg], notional: float) -> Mapping[str, Figure]:
    """Add fees and impact of entering and leaving at a size, by part: fractions of the notional of one leg.

    **Source**: `trading.costs.parts.turn`.
    """
    found = {"fees": list[Figure](), "impact": list[Figure]()}
    for opening in (True, False):
        for name, figure in turn(costs, legs, notional, _ANY_TIME, opening=opening).items():
            found["fees" if name.startswith("fee ") else "impact"].append(figure)
    return {part: summed({str(k): figure for k, figure in enumerate(figures)}) for part, figures in found.items()}


def cost_at(costs: TradeCosts, legs: Sequence[Leg], notional: float) -> float | None:
    """Cost of both ends at a size, a fraction of the notional; None where a part is unknown."""
    total = summed(dict(trip(costs, legs, notional)))
    return None if total.value is None else float(total.value)


@dataclass(frozen=True, slots=True)
class Size:
    """Where size ends a trade.

    Parameters
    ----------
    break_even : notional of one leg at which nothing is left. best : at which most money is left. most : that money.
        All None where there is none, see `why`.
    """

    break_even: float | None
    best: float | None
    most: float | None
    why: str = ""


def where_it_ends(costs: TradeCosts, legs: Sequence[Leg], earned: Earned) -> Size:
    """Find the size at which entering and leaving cost what is earned, and the one that leaves most money.

    **Source**: halving between sizes, for a cost that only grows with size (half a spread and the root of the size do).
    """
    least, most = cost_at(costs, legs, _SMALLEST), cost_at(costs, legs, _LARGEST)
    if least is None or most is None:
        return Size(None, None, None, summed(dict(trip(costs, legs, _LARGEST))).note)
    if least >= earned.gain:
        return Size(None, None, None, "at no size: the costs of the smallest trade exceed what is earned")
    if most <= earned.gain:
        return Size(None, None, None, "at no size: resting orders cross nothing, and who fills them is not asked")

    def left(notional: float) -> float:
        return earned.gain - (cost_at(costs, legs, notional) or 0.0)

    def grows(notional: float) -> float:
        step = notional * 1e-6
        return (notional + step) * left(notional + step) - (notional - step) * left(notional - step)

    ends, best = _crossing(left), _crossing(grows)
    return Size(ends, best, best * left(best))


def _crossing(falls: Callable[[float], float]) -> float:
    """Halve between the smallest and the largest size, on a scale of ratios, to where a falling function meets 0."""
    low, high = math.log(_SMALLEST), math.log(_LARGEST)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if falls(math.exp(middle)) > 0 else (low, middle)
    return math.exp((low + high) / 2)
