"""Is there a value no neighbour and no other market knows of?

A rate that leaves its neighbours and returns, far more than any other around it, is a typing error or a crash. In a crash the
whole market jumps, so departures that companions share are set aside first; what is left must stand apart from the rest,
the farther the fewer companions can contradict it. A doubt always: the last word has the venue.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from perpscope.store.quality._companions import Company, Moves, company, departures
from perpscope.store.quality._series import Floats, Ints, Series
from perpscope.store.quality.facts import Rules
from perpscope.store.quality.problem import Problem, when

ALONE = 50.0
"""Times the next largest departure around where nothing can be compared. Departures have tails of index 2 or more in nine
of ten real series, so by chance 50 times comes with probability 50^-2 = 4e-4; the largest real one (a crash) had 23."""
ACCOMPANIED = 12.0
WELL_ACCOMPANIED = 6.0
"""With two contracts of the same coin or five of others; and, for rows of four hours and more, with both. In 317,000 real
fixings the largest departures nobody shared were 5.6 and 3.5 times the next; in the second case 2.8 and 2.2."""
SLOW_HOURS = 4.0
SAME, OTHER = 2, 5
MOST = 6
"""Jumps that may stand apart together in one stretch; more is another regime."""
TOP = 16
STRETCH = 1000
LEAST = 60
FINE = 4.0
"""Units of the last digit that ordinary departures must have."""


def find_jumps(all_series: Sequence[Series], rules: Rules) -> Iterator[tuple[Series, Problem]]:
    """Tell every departure that is alone around its place and in the market."""
    del rules
    everyone = [Moves.of(series, departures(series.rate / series.hours)) for series in all_series]
    for moves in everyone:
        told: set[int] = set()
        for first in range(0, max(len(moves.series) - STRETCH // 2, 1), STRETCH // 2):
            for row, times, shared, i in _apart(moves, first, everyone):
                if row not in told and times >= _needed(moves.series, shared, i):
                    told.add(row)
                    yield moves.series, _problem(moves.series, row, times, shared, i)


def _apart(moves: Moves, first: int, everyone: Sequence[Moves]) -> Iterator[tuple[int, float, Company, int]]:
    """Rows of one stretch that nobody shares and that stand apart: row, how many times the next one, company, place in it."""
    part = moves.departure[first : first + STRETCH]
    if len(part) < LEAST:
        return
    top: Ints = np.argsort(-part, kind="stable")[:TOP]
    if part[top[0]] < WELL_ACCOMPANIED * part[top[MOST]]:
        return  # seven alike: nothing can stand apart, shared or not
    if part[top[-1]] < FINE * _unit((moves.series.rate / moves.series.hours)[first : first + STRETCH]):
        return  # ordinary departures are single units of the last digit
    shared = company(moves.series, top + first, everyone)
    own = np.flatnonzero(~shared.shared)
    down = np.r_[part[top[own]], part[top[-1]]]
    ratio = down[:-1] / np.maximum(down[1:], 1e-300)
    for place in range(min(len(own), MOST)):
        times = float(ratio[place : MOST + 1].max())
        if down[place] > 0 and down[place + 1 :].max(initial=0) > 0:
            yield int(top[own[place]]) + first, times, shared, int(own[place])


def _unit(rate: Floats) -> float:
    """Smallest difference between two rates: what the last digit can tell apart."""
    return float(np.diff(np.unique(np.round(rate, 12))).min(initial=np.inf))


def _needed(series: Series, shared: Company, i: int) -> float:
    same, other = shared.same[i] >= SAME, shared.other[i] >= OTHER
    if same and other and float(np.median(series.hours)) >= SLOW_HOURS:
        return WELL_ACCOMPANIED
    return ACCOMPANIED if same or other else ALONE


def _problem(series: Series, row: int, times: float, shared: Company, i: int) -> Problem:
    with_it = (
        f"with it moved {shared.same_moved[i]} of {shared.same[i]} other contracts of the coin,"
        f" {shared.other_moved[i]} of {shared.other[i]} of other coins"
        if shared.same[i] + shared.other[i]
        else "there is no other contract to compare with"
    )
    before, after = max(row - 1, 0), min(row + 1, len(series) - 1)
    return Problem(
        "jump",
        int(series.ts[row]),
        int(series.ts[row]),
        f"{series.rate[row]:.6%} at {when(series.ts[row])} between {series.rate[before]:.6%} and {series.rate[after]:.6%}: {times:.1f}"
        " times"
        f" the next largest departure from neighbours around it; {with_it}. Compare with the venue's own history before using it.",
        "doubt",
    )
