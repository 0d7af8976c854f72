"""Did prices stand still because nobody looked?

When a feed stops, archives repeat the last bar. Markets stand still too, the less they trade the longer, so a rest is
measured against the others of its series: told from eight bars on, if three times the longest ordinary one. In 750,000 real
bars of 65 series no rest was that far from the next. A doubt: the market may have been closed.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from perpscope.store.quality._bars import Bars
from perpscope.store.quality._series import HOUR, Flags, Floats, Ints, runs
from perpscope.store.quality.problem import Problem, count, when

LEAST = 8
LONGER = 3.0
MOST = 4
"""Rests that may be told in one series; more of one length are its habit."""


def find_stale(bars: Bars) -> Iterator[Problem]:
    """Tell every rest far longer than the others."""
    series = bars.series
    first, length = _rests(bars)
    down = np.sort(length)[::-1]
    ordinary = next((int(down[k]) for k in range(1, min(MOST + 1, len(down))) if down[k - 1] >= LONGER * down[k]), None)
    if ordinary is None:
        return
    for i, n in zip(first.tolist(), length.tolist(), strict=True):
        if n < max(LEAST, LONGER * ordinary):
            continue
        start, end = int(series.ts[i]), int(series.ts[i + n - 1])
        yield Problem(
            "filler",
            start,
            end,
            f"{count(n, 'bar')} from {when(start)} to {when(end)} ({(end - start) / HOUR + series.hours[i]:g} h) stand still at"
            f" {series.rate[i]:g}, while the longest ordinary rest is {count(ordinary, 'bar')}. The feed stood still, or the market"
            " was closed: leave them out.",
            "doubt",
        )


def _rests(bars: Bars) -> tuple[Ints, Ints]:
    """First bar and length of every rest: bars that repeat the one before, or its close without a range."""
    close = bars.series.rate

    def same(values: Floats) -> Flags:
        return np.concatenate(([False], values[1:] == values[:-1]))

    flat = ~(bars.high > bars.low)
    again = same(bars.open) & same(bars.high) & same(bars.low)
    return runs(np.cumsum(~(same(close) & (flat | again))))
