"""Which trades are taken, at what size, and why are the others left out?

The program is convex; what is not convex comes after it. A cost that jumps ends a trade before the jump where that is worth more, see
`sizing`. A trade whose size falls below the smallest asked for is dropped, the smallest first, and the program solved again until none is
left: that is no search over all subsets, and the plan says which were dropped so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from perpscope.errors import CatalogueError, InputError
from perpscope.trading.allocation.candidate import Candidate
from perpscope.trading.allocation.cost_curve import Segments
from perpscope.trading.allocation.limits import Aim, Limits
from perpscope.trading.allocation.program import Program
from perpscope.trading.allocation.risk import Risk
from perpscope.trading.allocation.sizing import before_jumps, cost_of, sized
from perpscope.trading.allocation.solve import Solution


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """What was asked, and what came of it.

    Parameters
    ----------
    limits, aim : as asked. candidates, costs : the trades that could be weighed, in order. program, solution : of the last solving; the
        candidates named in `dropped` take no part in it.
    risk : of the candidates; None where none was asked for.
    refused : name -> why a trade could not be weighed. dropped : name -> size it had, below the smallest asked for.
    """

    limits: Limits
    aim: Aim
    candidates: tuple[Candidate, ...]
    costs: tuple[Segments, ...]
    program: Program
    solution: Solution
    risk: Risk | None
    refused: Mapping[str, str] = field(default_factory=dict)
    dropped: Mapping[str, float] = field(default_factory=dict)


def plan(candidates: Sequence[Candidate], limits: Limits, aim: Aim, risk: Risk | None = None, *, strict: bool = False) -> Plan:
    """Choose and size trades.

    Parameters
    ----------
    candidates : with names of their own. risk : of them, in their order; needed where the aim or the limits weigh risk.
    strict : whether an unknown cost stops; else the trade is left out and named, and unknown costs of holding count nothing, as said.

    Raises
    ------
    InputError
        When there are no trades, two of one name, or no risk where one is asked for.
    CatalogueError
        Strict, and a cost is unknown: which, of which trade.
    """
    _check(candidates, limits, aim, risk)
    weighed, costs, refused = _weighed(candidates, limits, strict=strict)
    if not weighed:
        told = "; ".join(f"{name}: {why}" for name, why in refused.items())
        raise CatalogueError("a plan", f"no trade can be weighed ({told})", "Give the missing costs in a file with --costs.")
    used = None if risk is None or not _asks(limits, aim) else risk.of(weighed)
    chosen = tuple(candidates[place] for place in weighed)
    dropped: dict[str, float] = {}
    while True:
        found = before_jumps(chosen, sized(chosen, costs, limits, aim, used), limits, aim, used)
        small = [(size, one.name) for size, one in zip(found.notional, chosen, strict=True) if 0 < size < limits.least]
        if not small:
            return Plan(limits, aim, chosen, found.costs, found.program, found.solution, used, refused, dropped)
        size, name = min(small)
        dropped[name] = size
        costs = tuple(replace(cost, widths=(), slopes=()) if one.name in dropped else cost for one, cost in zip(chosen, costs, strict=True))


def _asks(limits: Limits, aim: Aim) -> bool:
    """Whether how trades move together plays a part."""
    return aim.aversion > 0 or limits.sd is not None or limits.together is not None


def _check(candidates: Sequence[Candidate], limits: Limits, aim: Aim, risk: Risk | None) -> None:
    names = [one.name for one in candidates]
    if not names:
        raise InputError("a plan", "no candidates", "Give at least one trade.")
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise InputError("a plan", f"{', '.join(twice)} more than once", "Give each trade once, or names that tell them apart.")
    if risk is None and _asks(limits, aim):
        there = "nothing is known of how these trades move together"
        raise InputError("a plan that weighs risk", there, "Give their covariance, or ask for no aversion, no sd and no groups.")
    if risk is not None and len(risk.factor) != len(names):
        raise InputError("a plan", f"a risk of {len(risk.factor)} trades for {len(names)}", "Give one row a trade, in their order.")


def _weighed(candidates: Sequence[Candidate], limits: Limits, *, strict: bool) -> tuple[list[int], tuple[Segments, ...], dict[str, str]]:
    """Places of the trades whose cost is known, their costs, and why the others cannot be weighed."""
    places, costs, refused = list[int](), list[Segments](), dict[str, str]()
    for place, one in enumerate(candidates):
        cost = cost_of(one, limits)
        hole = cost if isinstance(cost, str) else next(iter(_holes(one).values()), "") if strict else ""
        if strict and hole:
            raise CatalogueError(f"the costs of {one.name}", hole, "Give them in a cost file (--costs), or do without --strict.")
        if isinstance(cost, str):
            refused[one.name] = cost
        else:
            places.append(place)
            costs.append(cost)
    return places, tuple(costs), refused


def _holes(one: Candidate) -> dict[str, str]:
    """Costs of holding that are not known."""
    figures = {**one.held, "opportunity": one.opportunity}
    return {name: figure.note for name, figure in figures.items() if figure.value is None}
