"""What does it cost to move the rate by one basis point, at each time of the window?

Whoever would raise it takes every offer below the price he needs and then stands there with a bid of the impact
notional, which the others sell into. Taking costs once; standing costs at every sample. Both grow with the distance the
price has to be moved, which is the wanted change of the rate over the weight of the samples he stands for. Inside the
formula's flat stretch nothing he does is seen: he has to reach its edge first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from perpscope.errors import InputError
from perpscope.market.number import to_float
from perpscope.mechanisms.decide import Formula
from perpscope.mechanisms.shape import pieces

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

ONE_BP = 1e-4
UP, DOWN = 1, -1


@dataclass(frozen=True, slots=True, eq=False)
class Ladder:
    """One book.

    Parameters
    ----------
    bid_prices, bid_quantities, ask_prices, ask_quantities : (levels,) best first, base units, quantity 0 below the last level.
    index : index price at the moment. premium : the rule's premium at the moment, fraction.
    """

    bid_prices: Floats
    bid_quantities: Floats
    ask_prices: Floats
    ask_quantities: Floats
    index: float
    premium: float

    @property
    def mid(self) -> float:
        """Mean of best bid and best ask."""
        return float(self.bid_prices[0] + self.ask_prices[0]) / 2


@dataclass(frozen=True, slots=True)
class Cost:
    """Cost of one push, quote units.

    Parameters
    ----------
    clock, until : share of the window gone when it begins and ends. weight : of the samples in it. shift : of the premium, fraction.
    walk : lost by taking the book up to the price, as against its mid; None where the recorded book ends before. holding : lost by
    standing there, one impact notional at every sample.
    """

    clock: float
    until: float
    weight: float
    shift: float
    walk: float | None
    holding: float

    @property
    def total(self) -> float | None:
        """Both together; None where the book that was recorded is too short to tell."""
        return None if self.walk is None else self.walk + self.holding


@dataclass(frozen=True, slots=True)
class Way:
    """How far the averaged premium must move until the rate has moved by a step.

    Parameters
    ----------
    distance : of the premium, fraction, >= 0; None where a cap or floor forbids it. idle : the part of it in which the rate does not move.
    """

    distance: float | None
    idle: float


def way(formula: Formula, hours: float, premium: float, step: float, direction: int = UP) -> Way:
    """Distance of the averaged premium to a rate that is `step` (fraction per interval, > 0) higher or lower.

    Parameters
    ----------
    formula, hours : of the rule, and the interval of its rate. premium : the average as it stands. direction : UP or DOWN.

    **Source**: the straight pieces of the formula, `mechanisms.shape.pieces`.

    Examples
    --------
    >>> found = way(Formula(interest=0.0001, damper=0.0005), 8, 0.0, 0.0001)
    >>> round(found.distance, 6), round(found.idle, 6)
    (0.0007, 0.0006)
    """
    left, at, idle, distance = step, premium, 0.0, 0.0
    found = pieces(formula, hours)
    for piece in found if direction == UP else found[::-1]:
        edge = piece.high if direction == UP else piece.low
        room = direction * (edge - at)
        if room <= 0:
            continue
        gain = piece.slope * room if piece.slope > 0 else 0.0
        if gain >= left:
            return Way(distance + left / piece.slope, idle)
        if edge in (float("inf"), float("-inf")):
            return Way(None, idle)
        idle += room if piece.slope <= 0 else 0.0
        left, distance, at = left - gain, distance + room, edge
    return Way(None, idle)


def walk_cost(ladder: Ladder, target: float, direction: int = UP) -> float | None:
    """Quote units lost by taking everything nearer than `target`, each unit valued at the mid before; None where the book ends before.

    **Source**: the ladder itself, level by level.

    Examples
    --------
    >>> import numpy as np
    >>> one = np.array([1.0, 1.0])
    >>> walk_cost(Ladder(np.array([99.0, 98.0]), one, np.array([101.0, 102.0]), one, 100.0, 0.0), 101.5)
    1.0
    """
    prices, quantities = (ladder.ask_prices, ladder.ask_quantities) if direction == UP else (ladder.bid_prices, ladder.bid_quantities)
    there = quantities > 0
    prices, quantities = prices[there], quantities[there]
    if not len(prices) or direction * (target - prices[-1]) > 0:
        return None
    taken = direction * (target - prices) > 0
    return float((direction * (prices[taken] - ladder.mid)) @ quantities[taken])


def push_costs(
    ladders: Sequence[Ladder],
    weights: Floats,
    distance: float,
    notional: float,
    *,
    direction: int = UP,
    slices: int = 16,
    each: float = 0.0,
) -> list[Cost]:
    """Cost of moving the averaged premium by `distance` within each slice of the window; medians over the books.

    Parameters
    ----------
    ladders : books of the contract. weights : (n,) of the window's samples, summing to 1.
    distance : fraction the average has to move, >= 0. notional : quote units of the standing order, the impact notional.
    direction : UP or DOWN. slices : the window is cut into so many parts of equal length.
    each : fraction every pushed sample has to move besides, where the flat stretch lies in the samples and not in the average.

    Returns
    -------
    One `Cost` a slice that weighs anything.

    Raises
    ------
    InputError
        When there are more slices than samples.

    **Source**: the model of the module's first lines: taking once, and one impact notional lost to arbitrageurs at every sample, at the
    distance of the price from the mid. Others' reactions beyond that (a moved index, refilled depth) are left out, so that a real push
    costs more.
    """
    import numpy as np

    if slices > len(weights):
        raise InputError("costs by clock", f"{slices} slices of {len(weights)} samples", "Ask for fewer slices.")
    edges = [len(weights) * k // slices for k in range(slices + 1)]
    found: list[Cost] = []
    for a, b in pairwise(edges):
        weight = float(np.sum(weights[a:b]))
        if weight <= 0:
            continue
        shift = distance / weight + each
        walks: list[float] = []
        away: list[float] = []
        for ladder in ladders:
            target = ladder.index * (1 + ladder.premium + direction * shift)
            away.append(max(0.0, direction * (target - ladder.mid) / ladder.mid))
            cost = walk_cost(ladder, target, direction)
            walks.append(np.inf if cost is None else cost)
        walk = float(np.median(walks)) if walks else np.inf
        held = (b - a) * notional * (float(np.median(away)) if away else shift)
        share = len(weights)
        found.append(Cost(a / share, b / share, weight, shift, walk if np.isfinite(walk) else None, held))
    return found


def flat_in(formula: Formula, hours: float) -> tuple[float, float] | None:
    """Premiums between which the rate does not move, None where there is no such stretch: the plateau of the clamp.

    **Source**: `mechanisms.shape.pieces`.
    """
    inner = [p for p in pieces(formula, hours) if p.flat and to_float(p.low) > -1 and to_float(p.high) < 1]
    return (inner[0].low, inner[0].high) if inner else None
