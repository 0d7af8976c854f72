"""Does the history pile up where the rule says it must, and nowhere else?

A rule that pulls the premium towards the interest pays exactly the interest whenever the premium is near it, so its
history has an atom there. A rule without that pull has none.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from perpscope.analysis.ruled import at_interest
from perpscope.audit.compare import DOUBLES
from perpscope.audit.digits import decimals
from perpscope.audit.eras import Era
from perpscope.audit.imply.grounds import Grounds, tested, unlimited
from perpscope.audit.model import Check

if TYPE_CHECKING:
    from perpscope.audit.facts import Flags, Floats, Ints

ATOM = "atom at the interest term"
NO_ATOM = "no atom where the rule has none"
FILLER = "no runs of zeros"
DIGITS = "decimals as stated"
LEAST_ROWS = 100
"""Fewest rows of one rule and interval that are judged: an atom of one in twenty shows five times."""
ATOM_SHARE = 0.05
"""Share of the rows at one value from which on it is called an atom."""
REPEATS = 3
"""Least hits of a value that is called repeated; longest harmless run of zeros plus one."""


@dataclass(frozen=True, slots=True)
class _Pile:
    """Rows under one rule at one interval: how many sit at the interest, and how many at the most frequent other value."""

    rule: str
    hours: float
    rows: int
    interest: float
    at_interest: int
    other: float
    at_other: int


def interest_atom(grounds: Grounds) -> Check:
    """Under rules that pull, the most frequent rate inside the limits is the interest term."""
    piles = [pile for era in grounds.ruled for pile in _piles(grounds, era, pulls=True)]
    if not piles:
        return Check(ATOM, None, f"no rule that pulls towards an interest was in force over {LEAST_ROWS} rows of one interval")
    said = "; ".join(
        f"{p.rule} ({p.hours:g} h): {p.at_interest} of {p.rows:,} rows ({p.at_interest / p.rows:.1%}) at {p.interest:.6g}, "
        f"next {p.at_other} at {p.other:.6g}"
        for p in piles
    )
    judged = [_verdict(p) for p in piles]
    holds = False if False in judged else True if True in judged else None
    return Check(ATOM, holds, said if holds is not None else f"no value repeats often enough to tell: {said}")


def _verdict(pile: _Pile) -> bool | None:
    """Say whether the atom is at the interest, elsewhere (False), or absent (None: the premium may never have been near)."""
    if pile.at_interest >= REPEATS and pile.at_interest > pile.at_other:
        return True
    if pile.at_other >= ATOM_SHARE * pile.rows and pile.at_other > REPEATS * pile.at_interest:
        return False
    return None


def no_other_atom(grounds: Grounds) -> Check:
    """Under rules that pay the premium itself, no rate is repeated like an interest term."""
    piles = [pile for era in grounds.ruled for pile in _piles(grounds, era, pulls=False)]
    if not piles:
        return Check(NO_ATOM, None, f"no rule without a pull was in force over {LEAST_ROWS} rows of one interval")
    said = "; ".join(f"{p.rule} ({p.hours:g} h): most frequent {p.other:.6g}, {p.at_other} of {p.rows:,} rows" for p in piles)
    return Check(NO_ATOM, all(p.at_other < ATOM_SHARE * p.rows for p in piles), said)


def _piles(grounds: Grounds, era: Era, *, pulls: bool) -> list[_Pile]:
    import numpy as np

    rule = unlimited(era)
    if rule is None:
        return []
    out = []
    for hours in np.unique(grounds.series.hours[era.rows]).tolist():
        interest = at_interest(rule, hours)
        rows = era.rows[grounds.series.hours[era.rows] == hours]
        if len(rows) >= LEAST_ROWS and pulls == (interest is not None):
            out.append(_pile(grounds, era, rows, hours, np.nan if interest is None else interest))
    return out


def _pile(grounds: Grounds, era: Era, rows: Ints, hours: float, interest: float) -> _Pile:
    import numpy as np

    rate, half = grounds.series.rate[rows], grounds.half[rows]
    near = np.abs(rate - interest) <= half + DOUBLES * np.abs(rate) if interest == interest else np.zeros(len(rows), dtype=bool)  # noqa: PLR0124 - only NaN differs from itself
    inside = ~near & ~_at_limits(grounds, era, rows, rate, half)
    values, hits = np.unique(np.rint(rate[inside] / (2 * half[inside])) * 2 * half[inside], return_counts=True)
    top = int(np.argmax(hits)) if len(hits) else -1
    other, at_other = (float(values[top]), int(hits[top])) if top >= 0 else (np.nan, 0)
    return _Pile(era.dated.id, hours, len(rows), interest, int(near.sum()), other, at_other)


def _at_limits(grounds: Grounds, era: Era, rows: Ints, rate: Floats, half: Floats) -> Flags:
    """Rows at the rule's limits, or, where it states none, at an extreme reached several times."""
    import numpy as np

    out = np.zeros(len(rows), dtype=bool)
    for name, extreme in (("cap", rate.max()), ("floor", rate.min())):
        bound = era.limit(name, grounds.series.hours[rows])
        out |= np.abs(rate - (extreme if bound is None else bound)) <= half
    return out


def no_filler(grounds: Grounds) -> Check:
    """Under rules that pull towards an interest other than zero, zero is a rate like any other: it does not come in runs."""
    import numpy as np

    rows = [era.rows for era in grounds.ruled if _never_zero(era, float(grounds.series.hours[era.rows[0]]))]
    if not rows:
        return Check(FILLER, None, "no rule with an interest other than zero was in force")
    own = np.sort(np.concatenate(rows))
    zero = np.flatnonzero(np.diff(np.concatenate([[0], (grounds.series.rate[own] == 0).astype(np.int8), [0]])))
    runs = [(own[a], own[b - 1], b - a) for a, b in zip(zero[::2], zero[1::2], strict=True) if b - a >= REPEATS]
    total = int((grounds.series.rate[own] == 0).sum())
    said = f"{tested(len(own), len(grounds.series))}; {total} zeros"
    if not runs:
        return Check(FILLER, True, f"{said}, never {REPEATS} running")  # noqa: FBT003 - a verdict is its value
    listed = "; ".join(f"{count} from {grounds.days(np.array([a]))} to {grounds.days(np.array([b]))}" for a, b, count in runs[:REPEATS])
    return Check(FILLER, False, f"{said}; {len(runs)} runs: {listed}")  # noqa: FBT003 - as above


def _never_zero(era: Era, hours: float) -> bool:
    rule = unlimited(era)
    interest = None if rule is None else at_interest(rule, hours)
    return interest is not None and interest != 0


def stated_decimals(grounds: Grounds) -> Check:
    """No rate has more decimals than the rule says are published."""
    import numpy as np

    places = decimals(grounds.series.rate)
    judged, over = [], []
    for era in grounds.ruled:
        stated = era.dated.parts["formula"].get("decimals")
        if stated is not None and stated.known:
            judged.append(era.rows)
            most, rates = int(stated.number({})), grounds.series.rate[era.rows]
            dust = np.abs(rates - np.round(rates, most)) <= np.abs(rates) * DOUBLES  # a decimal that arithmetic on doubles has touched
            over.append(era.rows[(places[era.rows] > most) & ~dust])
    if not judged:
        return Check(DIGITS, None, f"no rule in force states its decimals; the data shows up to {int(places.max(initial=0))}")
    beyond = np.sort(np.concatenate(over))
    said = f"{tested(sum(map(len, judged)), len(grounds.series))}; the data shows up to {int(places.max(initial=0))}"
    if not len(beyond):
        return Check(DIGITS, True, said)  # noqa: FBT003 - a verdict is its value
    return Check(DIGITS, False, f"{len(beyond)} rates have more: {grounds.days(beyond)}; {said}")  # noqa: FBT003 - as above
