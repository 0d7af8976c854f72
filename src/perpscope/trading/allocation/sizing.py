"""Which sizes are best, with costs asked closely around them, and before a cost that jumps?

The convex hull of a cost lies below it where the cost falls with the size, or jumps at some size (a walk into a book that was measured at a
few sizes only). Where that is so at the size found, the trade is ended at the last size before the jump and all is solved again; of all
plans on this way the one that is worth most at its true costs is kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from perpscope.trading.allocation.candidate import Candidate
from perpscope.trading.allocation.cost_curve import HALVINGS, Segments, convex_cost
from perpscope.trading.allocation.limits import Aim, Limits
from perpscope.trading.allocation.program import DAYS_PER_YEAR, Program, build, yearly_cost
from perpscope.trading.allocation.risk import Risk
from perpscope.trading.allocation.solve import Solution, solve
from perpscope.trading.costs.figure import summed

CLOSER = 2
"""How often costs are asked again around the sizes found."""
JUMPS = "its cost per unit jumps beyond"
MOST_JUMPS = 3
"""Jumps before which a trade is ended, at most, on the average."""
SHORT = 1e-9
"""Part of a size by which a trade ends before a jump, so that no rounding carries it over."""
MATTERS = 1e-6
"""Share of the capital, and of what a plan is worth, from which on a difference is one."""


@dataclass(frozen=True, slots=True, eq=False)
class Sized:
    """Costs, the program made of them, and its solution."""

    costs: tuple[Segments, ...]
    program: Program
    solution: Solution

    @property
    def notional(self) -> list[float]:
        """Size of each trade, money."""
        return [float(size) for size in self.solution.notional]


def cost_of(one: Candidate, limits: Limits, near: Segments | None = None, size: float = 0.0) -> Segments | str:
    """Cost of a candidate by size; without an end where nothing but the capital ends it, for that is a limit of its own."""
    most = limits.capital / one.capital
    found = convex_cost(one.charge, min(one.capacity, most), near=near, size=size)
    return found if isinstance(found, str) or found.ends or one.capacity <= most else found.unending()


def sized(chosen: Sequence[Candidate], costs: tuple[Segments, ...], limits: Limits, aim: Aim, risk: Risk | None) -> Sized:
    """Solve, and solve again with costs asked more closely around the sizes found."""
    found = _solved(chosen, costs, limits, aim, risk)
    for _ in range(CLOSER):
        nearer = tuple(_closer(one, cost, size, limits) for one, cost, size in zip(chosen, found.costs, found.notional, strict=True))
        if nearer == found.costs:
            break
        found = _solved(chosen, nearer, limits, aim, risk)
    return found


def _solved(chosen: Sequence[Candidate], costs: tuple[Segments, ...], limits: Limits, aim: Aim, risk: Risk | None) -> Sized:
    program = build(chosen, costs, limits, aim, risk)
    return Sized(costs, program, solve(program))


def _closer(one: Candidate, cost: Segments, size: float, limits: Limits) -> Segments:
    """Ask the cost again around a size; a straight one, and one that was ended, have nothing to tell."""
    if len(cost.widths) < 2 or size == 0 or cost.ends == JUMPS:  # noqa: PLR2004 - one segment is straight
        return cost
    found = cost_of(one, limits, near=cost, size=size)
    return cost if isinstance(found, str) else found


def before_jumps(chosen: Sequence[Candidate], found: Sized, limits: Limits, aim: Aim, risk: Risk | None) -> Sized:
    """End trades before jumps of their cost, where most is hidden first, until no hull lies below a cost; the best on the way is kept."""
    best, worth = found, _worth(chosen, found, aim)
    for _ in range(MOST_JUMPS * len(chosen)):
        gaps = [hidden_cost(one, cost, size) for one, cost, size in zip(chosen, found.costs, found.notional, strict=True)]
        gap = max(gaps)
        if gap <= MATTERS * limits.capital:
            break
        place = gaps.index(gap)
        ended = _ended(chosen[place], found.costs[place], found.notional[place])
        costs = tuple(ended if other == place else cost for other, cost in enumerate(found.costs))
        found = sized(chosen, costs, limits, aim, risk)
        if _worth(chosen, found, aim) > worth + MATTERS * abs(worth):
            best, worth = found, _worth(chosen, found, aim)
    return best


def hidden_cost(one: Candidate, cost: Segments, size: float) -> float:
    """Return how far a hull lies below the cost of a size, money."""
    return _charged(one, size) - cost.at(size) if size > 0 else 0.0


def _charged(one: Candidate, size: float) -> float:
    return float(summed(one.charge(size)).needed(f"the cost of {one.name}")) * size


def _ended(one: Candidate, cost: Segments, size: float) -> Segments:
    """End a cost at the last size whose cost per unit is that of the corner of the hull before a size; nothing where there is no corner."""
    low, high = cost.around(size)[0], size
    if not low > 0:
        return replace(cost, widths=(), slopes=(), ends=JUMPS)
    unit = _charged(one, low) / low
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if _charged(one, middle) <= unit * middle * (1 + MATTERS) else (low, middle)
    found = convex_cost(one.charge, low * (1 - SHORT))
    return replace(cost, widths=(), slopes=(), ends=JUMPS) if isinstance(found, str) else replace(found, ends=JUMPS)


def _worth(chosen: Sequence[Candidate], found: Sized, aim: Aim) -> float:
    """Return what a plan is worth at its true costs, money."""
    years = aim.days / DAYS_PER_YEAR
    net = (
        size * (one.gross - yearly_cost(one)) * years - _charged(one, size)
        for one, size in zip(chosen, found.notional, strict=True)
        if size > 0
    )
    return sum(net) - aim.aversion * found.solution.sd**2 / found.program.capital
