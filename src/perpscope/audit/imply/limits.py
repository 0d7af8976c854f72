"""Do rates stay inside the bounds the rule sets: the cap, the floor, the largest step?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from perpscope.audit.compare import DOUBLES
from perpscope.audit.imply.grounds import Grounds, tested
from perpscope.audit.model import Check
from perpscope.market.number import INF
from perpscope.market.time import to_text

if TYPE_CHECKING:
    from perpscope.audit.facts import Floats, Ints

CAPS = "caps never exceeded"
STEPS = "steps within the rate-of-change cap"


def caps(grounds: Grounds) -> Check:
    """No rate lies beyond the rule's cap or floor by more than half a published unit."""
    import numpy as np

    series, n = grounds.series, len(grounds.series)
    high, low = np.full(n, INF), np.full(n, -INF)
    for era in grounds.ruled:
        for name, bound in (("cap", high), ("floor", low)):
            found = era.limit(name, series.hours[era.rows])
            if found is not None:
                bound[era.rows] = found
    known = np.isfinite(high) | np.isfinite(low)
    if not known.any():
        return Check(CAPS, None, f"no rule in force states a cap or floor this contract's numbers suffice for; {tested(0, n)}")
    slack = grounds.half + DOUBLES * np.abs(series.rate)
    beyond = np.flatnonzero((series.rate > high + slack) | (series.rate < low - slack))
    touched = int((np.abs(series.rate - high) <= slack).sum() + (np.abs(series.rate - low) <= slack).sum())
    said = f"{tested(int(known.sum()), n)}; reached {touched} times; {_extremes(grounds, known, high, low)}"
    if not len(beyond):
        return Check(CAPS, True, said)  # noqa: FBT003 - a verdict is its value
    return Check(CAPS, False, f"{len(beyond)} beyond: {grounds.days(beyond)}; {said}")  # noqa: FBT003 - as above


def _extremes(grounds: Grounds, known: Floats, high: Floats, low: Floats) -> str:
    """Largest and smallest tested rate, with its bound and date."""
    import numpy as np

    rows = np.flatnonzero(known)
    top, bottom = rows[np.argmax(grounds.series.rate[rows])], rows[np.argmin(grounds.series.rate[rows])]
    return "; ".join(
        f"{word} {grounds.series.rate[k]:.6g} at {to_text(int(grounds.series.slot[k]))} (bound {bound[k]:.6g})"
        for word, k, bound in (("largest", top, high), ("smallest", bottom, low))
    )


def steps(grounds: Grounds) -> Check:
    """No rate is further from the one before than the rule allows."""
    import numpy as np

    series, n = grounds.series, len(grounds.series)
    allowed = np.full(n, INF)
    for era in grounds.ruled:
        found = era.limit("change", series.hours[era.rows])
        if found is not None:
            allowed[era.rows] = found
    if not np.isfinite(allowed).any():
        return Check(STEPS, None, "no rule in force states a largest step this contract's numbers suffice for")
    known = np.isfinite(allowed) & series.follows
    if not known.any():
        return Check(STEPS, None, "no two rates under such a rule follow each other")
    step = np.abs(np.diff(series.rate, prepend=np.nan))
    slack = grounds.half + np.concatenate([[0.0], grounds.half[:-1]]) + DOUBLES * np.abs(series.rate)
    rows: Ints = np.flatnonzero(known)
    beyond = rows[step[rows] > allowed[rows] + slack[rows]]
    worst = rows[np.argmax(step[rows] - allowed[rows])]
    said = f"{tested(len(rows), n)}; largest step {step[worst]:.6g} at {to_text(int(series.slot[worst]))} (allowed {allowed[worst]:.6g})"
    if not len(beyond):
        return Check(STEPS, True, said)  # noqa: FBT003 - a verdict is its value
    return Check(STEPS, False, f"{len(beyond)} larger: {grounds.days(beyond)}; {said}")  # noqa: FBT003 - as above
