"""What did the same coin, and the rest of the market, do at the same time?

One series cannot say whether a spike was real; ten can. Departures are measured against the neighbours in time, in units
of what is usual around them, so that coins and venues of any size compare.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from perpscope.store.quality._series import HOUR, Floats, Ints, Series

AROUND = 300
"""Rows on both sides that say what is usual."""
RARE = 0.01
"""A departure that at most 1 % of the rows around exceed counts as a move."""
WINDOW_HOURS = 9
"""Hours after a stamp in which others may tell of the same event (an 8 h venue averages it until its next stamp)."""


@dataclass(frozen=True, slots=True)
class Company:
    """How many companions there are at a moment, and how many of them moved."""

    same: int
    same_moved: int
    other: int
    other_moved: int


def departures(rate: Floats) -> Floats:
    """Distance of each rate from the median of the two before and the two after it."""
    n = len(rate)
    if n < 5:  # noqa: PLR2004 - two neighbours on both sides
        return np.zeros(n)
    wide = np.pad(rate, 2, mode="reflect")
    return np.abs(rate - np.median(np.stack([wide[:n], wide[1 : n + 1], wide[3 : n + 3], wide[4 : n + 4]]), axis=0))


def company(target: Series, ms: int, hours: float, others: Sequence[tuple[Series, Floats]]) -> Company:
    """Count companions of `target` around one stamp; `others` are series with their departures."""
    tally = [0, 0, 0, 0]
    for series, departure in others:
        if series.contract == target.contract:
            continue
        moved = _moved(series, departure, int(ms - hours * HOUR), ms + WINDOW_HOURS * HOUR)
        if moved is not None:
            place = 0 if series.coin == target.coin else 2
            tally[place] += 1
            tally[place + 1] += moved
    return Company(*tally)


def _moved(series: Series, departure: Floats, start: int, end: int) -> bool | None:
    """Whether a companion moved in start..end; None where it has too few rows around to tell."""
    a, b = np.searchsorted(series.ts, [start, end])
    around = np.r_[departure[max(0, a - AROUND) : a], departure[b : b + AROUND]]
    if b <= a or len(around) < 1 / RARE / 3:
        return None
    return bool((around >= departure[a:b].max()).mean() < RARE)


def mean_rate_over(series: Series, ends: Ints, hours: Floats) -> Floats:
    """Mean rate per hour a series paid in each span of `hours` before `ends`; NaN where it does not reach."""
    total = np.r_[0.0, np.cumsum(series.rate)]
    starts = series.ts - series.hours * HOUR

    def until(ms: Floats) -> Floats:
        i = np.minimum(np.searchsorted(series.ts, ms, "left"), len(series) - 1)
        part: Floats = np.clip((ms - starts[i]) / (series.hours[i] * HOUR), 0, 1)
        return np.asarray(total[i] + part * series.rate[i])

    begin = ends - hours * HOUR
    value = (until(ends.astype(np.float64)) - until(begin)) / hours
    return np.where((ends > series.ts[-1]) | (begin < starts[0]), np.nan, value)
