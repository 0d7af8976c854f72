"""Is there a value no neighbour and no other market knows of?

A rate that leaves its neighbours and returns, far more than any other in its history, is a typing error or a crash. In a
crash the whole market jumps: in a year of 65 real contracts every departure of more than 4.4 times the second largest
was shared by a contract of the same coin or by a third of all. So the fewer companions there are, the further out a value
must be before it is told. A doubt always: the last word has the venue.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from perpscope.store.quality._companions import Company, company, departures
from perpscope.store.quality._series import Floats, Series
from perpscope.store.quality.facts import Rules
from perpscope.store.quality.problem import Problem, when

ALONE = 50.0
"""Times the next largest departure around where nothing can be compared. Departures have tails of index 2 or more in nine
of ten real series, so by chance 50 times comes with probability 50^-2 = 4e-4; the largest real one (a crash) had 23."""
ACCOMPANIED = 10.0
"""With at least two calm contracts of the same coin, or five of other coins. In 317,000 real fixings the largest departures
nobody shared were 4.4, 3.6 and 3.6 times the next; their tail (index 4.7) leaves 0.02 beyond 10 in as many rows."""
CALM_OTHER = 0.2
"""Share of other coins that may move at the same time without the event being shared."""
MOST = 6
"""Jumps looked for in one stretch; more than that is no jump but another regime."""
AROUND = 500
NEAR = 3
"""Rows on both sides of a departure that belong to it."""
LEAST = 60


def find_jumps(all_series: Sequence[Series], rules: Rules) -> Iterator[tuple[Series, Problem]]:
    """Tell every departure that is alone in its history and in the market."""
    del rules
    measured = [(series, departures(series.rate / series.hours)) for series in all_series]
    for series, departure in measured:
        if len(series) < LEAST:
            continue
        for row, times in _candidates(departure):
            if times < ACCOMPANIED:
                continue
            shared = company(series, int(series.ts[row]), float(series.hours[row]), measured)
            if times >= _needed(shared):
                yield series, _problem(series, row, times, shared)


def _candidates(departure: Floats) -> Iterator[tuple[int, float]]:
    """Rows whose departure stands out, with how many times the largest ordinary one around the outstanding ones are."""
    for row in np.argsort(-departure, kind="stable")[: 4 * MOST].tolist():
        a, b = max(0, row - AROUND), min(len(departure), row + AROUND + 1)
        around = departure[a:b].copy()
        around[max(0, row - NEAR - a) : row + NEAR + 1 - a] = 0
        around[row - a] = departure[row]
        down = np.sort(around)[::-1][: MOST + 1]
        rank = int((down > departure[row]).sum())
        below = down[rank + 1 :]
        if rank < MOST and len(below) and below[0] > 0:
            yield row, float((down[rank:-1] / np.maximum(below, 1e-300)).max())


def _needed(shared: Company) -> float:
    """How far out a value must be, by its company; infinite where the event is shared."""
    if shared.same_moved or shared.other_moved > CALM_OTHER * max(shared.other, 1):
        return np.inf
    return ACCOMPANIED if shared.same >= 2 or shared.other >= 5 else ALONE  # noqa: PLR2004 - one companion may be the wrong one


def _problem(series: Series, row: int, times: float, shared: Company) -> Problem:
    company_words = (
        f"with it moved {shared.same_moved} of {shared.same} other contracts of the coin, {shared.other_moved} of {shared.other} of"
        " other coins"
        if shared.same + shared.other
        else "there is no other contract to compare with"
    )
    before, after = max(row - 1, 0), min(row + 1, len(series) - 1)
    return Problem(
        "jump",
        int(series.ts[row]),
        int(series.ts[row]),
        f"{series.rate[row]:.6%} at {when(series.ts[row])} between {series.rate[before]:.6%} and {series.rate[after]:.6%}:"
        f" {times:.1f} times the next largest departure from neighbours around it; {company_words}. Compare with the venue's own"
        " history before using it.",
        "doubt",
    )
