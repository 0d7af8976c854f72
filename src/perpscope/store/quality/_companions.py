"""What did the same coin, and the rest of the market, do at the same time?

One series cannot say whether a spike was real; ten can. A move is a departure from the neighbours in time that is rare for
its own series in its own weeks, so that coins and venues of any size compare.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from perpscope.store.quality._series import HOUR, Floats, Ints, Series

WEEKS = 600
"""Rows that say together what is usual."""
WINDOW_HOURS = 9
"""Hours after a stamp in which others may tell of the same event (an 8 h venue averages it until its next stamp)."""
BY_CHANCE = 0.02
"""Chance that a companion moves in such a window although nothing happened."""


@dataclass(frozen=True, slots=True, eq=False)
class Company:
    """For each of a list of events: how many companions there were, and how many of them moved."""

    same: Ints
    same_moved: Ints
    other: Ints
    other_moved: Ints

    @property
    def shared(self) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        """Whether the event was the market's: a contract of the same coin moved, or more than a fifth of the others."""
        return np.asarray((self.same_moved > 0) | (self.other_moved > 0.2 * np.maximum(self.other, 1)))


@dataclass(frozen=True, slots=True, eq=False)
class Moves:
    """A series with the departures of its rows, and the stamps at which it moved."""

    series: Series
    departure: Floats
    stamps: Ints

    @classmethod
    def of(cls, series: Series, departure: Floats) -> Moves:
        """Take the rarest departures of every stretch of `WEEKS` rows for moves."""
        step = float(np.median(series.hours)) if len(series) else 1.0
        rare = BY_CHANCE / max(1.0, (WINDOW_HOURS + step) / step)
        moved = np.zeros(len(series), bool)
        for first in range(0, len(series), WEEKS):
            rows = slice(max(0, min(first, len(series) - WEEKS)), first + WEEKS)
            part = departure[rows]
            moved[rows] |= (part > 0) & (part >= np.quantile(part, 1 - rare))
        return cls(series, departure, series.ts[moved])


def departures(rate: Floats) -> Floats:
    """Distance of each value from the median of the two before and the two after it."""
    n = len(rate)
    if n < 5:  # noqa: PLR2004 - two neighbours on both sides
        return np.zeros(n)
    wide = np.pad(rate, 2, mode="reflect")
    return np.abs(rate - np.median(np.stack([wide[:n], wide[1 : n + 1], wide[3 : n + 3], wide[4 : n + 4]]), axis=0))


def company(target: Series, rows: Ints, everyone: Sequence[Moves]) -> Company:
    """Count the companions of `target`, and those that moved, around the stamps of some of its rows."""
    start = target.ts[rows] - np.round(target.hours[rows] * HOUR).astype(np.int64)
    end = target.ts[rows] + WINDOW_HOURS * HOUR
    tally = np.zeros((4, len(rows)), np.int64)
    for moves in everyone:
        other = moves.series
        if other.contract == target.contract or not len(other) or other.ts[-1] < start.min() or other.ts[0] > end.max():
            continue
        there = np.searchsorted(other.ts, end, "right") > np.searchsorted(other.ts, start, "right")
        moved = np.searchsorted(moves.stamps, end, "right") > np.searchsorted(moves.stamps, start, "right")
        place = 0 if other.coin == target.coin else 2
        tally[place] += there
        tally[place + 1] += there & moved
    return Company(*tally)


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
