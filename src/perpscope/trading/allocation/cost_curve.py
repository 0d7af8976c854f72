"""What does a trade of any size cost, in a shape that a convex program can hold?

The cost objects are those of the backtest and the scan. They are asked at several sizes, and the lower convex hull of the answers
(with nothing for nothing) becomes segments of rising price. Walks through books and powers above one are convex, so that the hull goes
through every point asked; between two of them it lies on the chord. Where costs fall with the size the hull is below them, by `gap`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise

from perpscope.errors import InputError
from perpscope.market.number import INF
from perpscope.trading.allocation.candidate import Charge
from perpscope.trading.costs.figure import summed

POINTS = 24
"""Sizes asked; they grow with the square of their number, for impact bends most where trades are small."""
HALVINGS = 40
"""Steps by which the largest size with a known cost is found."""
CORNER = 1e-6
"""Sizes closer to a corner than this part are on it: sizes are told to ten digits of the capital, of which a small trade sees fewer."""


@dataclass(frozen=True, slots=True)
class Segments:
    """A convex cost of the notional.

    Parameters
    ----------
    widths : notional of each segment, money; the last may be infinite. slopes : cost per unit of notional in each, rising.
    gap : most by which the hull lies below a cost asked, money. ends : why no larger size is offered; "" where only the given one ends it.
    """

    widths: tuple[float, ...]
    slopes: tuple[float, ...]
    gap: float = 0.0
    ends: str = ""

    def unending(self) -> Segments:
        """Let the last segment go on: what is larger costs as its last part did, and other limits say how much there may be."""
        return replace(self, widths=(*self.widths[:-1], INF)) if self.widths else self

    @property
    def top(self) -> float:
        """Largest notional."""
        return math.fsum(self.widths)

    def around(self, notional: float) -> tuple[float, float]:
        """Next corner below a notional (0 where there is none) and next above it (infinite where there is none)."""
        corners = list(accumulate(self.widths))
        before = [corner for corner in corners if corner < notional * (1 - CORNER)]
        after = [corner for corner in corners if corner > notional * (1 + CORNER)]
        return max(before, default=0.0), min(after, default=INF)

    def at(self, notional: float) -> float:
        """Cost of a notional up to the top, money."""
        left, cost = notional, 0.0
        for width, slope in zip(self.widths, self.slopes, strict=True):
            step = min(left, width)
            cost += slope * step
            left -= step
        return cost


def convex_cost(charge: Charge, top: float, points: int = POINTS, near: Segments | None = None, size: float = 0.0) -> Segments | str:
    """Ask for the cost at sizes up to `top` and take the lower convex hull; the reason, where not even the smallest has a cost.

    Parameters
    ----------
    charge : see `Charge`. top : largest notional wanted, money, > 0. points : sizes asked, >= 1.
    near, size : a hull taken before, and a size on it: as many sizes again are asked between its corners before and after.

    Examples
    --------
    >>> from perpscope.trading.costs.figure import Figure
    >>> flat = convex_cost(lambda notional: {"fee": Figure.given(0.001)}, 1000.0)
    >>> flat.widths, flat.slopes
    ((1000.0,), (0.001,))
    """
    if not 0 < top < INF or points < 1:
        raise InputError("the cost of a trade by size", f"sizes up to {top:g} at {points} points", "Give a size above 0, and a point.")
    sizes = [top * (place / points) ** 2 for place in range(1, points + 1)]
    if near is not None:
        low, high = near.around(size)
        high = min(high, top)
        sizes = sorted({*sizes, *(low + (high - low) * place / points for place in range(points + 1) if low or place)})
    known, why = _known(charge, sizes)
    if not known:
        return why
    hull = _hull([(0.0, 0.0), *known])
    widths = tuple(b[0] - a[0] for a, b in pairwise(hull))
    slopes = tuple((b[1] - a[1]) / (b[0] - a[0]) for a, b in pairwise(hull))
    found = Segments(widths, slopes, ends=why)
    return Segments(widths, slopes, max(0.0, *(cost - found.at(size) for size, cost in known)), why)


def _known(charge: Charge, sizes: list[float]) -> tuple[list[tuple[float, float]], str]:
    """Sizes with their costs in money, up to the first whose cost is unknown, and why it is."""
    known: list[tuple[float, float]] = []
    for size in sizes:
        cost, why = _money(charge, size)
        if cost is None:
            low = _edge(charge, known[-1][0] if known else 0.0, size)
            if low is not None and (not known or low[0] > known[-1][0]):
                known.append(low)
            return known, why
        known.append((size, cost))
    return known, ""


def _edge(charge: Charge, low: float, high: float) -> tuple[float, float] | None:
    """Largest size with a known cost between one that has one (or 0) and one that has none."""
    found = None
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        cost, _why = _money(charge, middle)
        if cost is None:
            high = middle
        else:
            low, found = middle, (middle, cost)
    return found


def _money(charge: Charge, size: float) -> tuple[float | None, str]:
    whole = summed(charge(size))
    return (None, whole.note) if whole.value is None else (float(whole.value) * size, "")


def _hull(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Lower convex hull of points sorted by x; of points on a line only the ends stay.

    **Source**: Andrew (1979), Another efficient algorithm for convex hulls in two dimensions.
    """
    hull: list[tuple[float, float]] = []
    for x, y in points:
        while len(hull) > 1 and _turns(hull[-2], hull[-1], (x, y)) <= STRAIGHT * abs(x * y):
            hull.pop()
        hull.append((x, y))
    return hull


STRAIGHT = 1e-12
"""Turns smaller than this part of x times y are rounding."""


def _turns(a: tuple[float, float], b: tuple[float, float], c: tuple[float, float]) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
