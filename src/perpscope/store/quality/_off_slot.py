"""Did single settlements happen beside their slot?

Minutes to hours beside the grid of the rest, in runs shorter than `_shift.STEADY_ROWS`; longer runs with one offset are
a shift of time zone. Certain as to the stamps; true venues do this when a settlement fails and is run again later.
"""

from __future__ import annotations

from collections.abc import Iterator

from perpscope.store.quality._grid import Grid, grid_of
from perpscope.store.quality._jitter import MOST
from perpscope.store.quality._series import HOUR, MINUTE, Flags, Series, runs
from perpscope.store.quality.facts import VenueFacts
from perpscope.store.quality.problem import Problem, when

STEADY_ROWS = 6
"""Equal offsets in a row that make a shift. Real off-slot settlements come alone (7 of 3,284 in one venue's three years):
six in a row by chance have a probability below (1/469)^6 = 1e-16."""


def steady(grid: Grid) -> Flags:
    """Rows in runs of at least `STEADY_ROWS` with one and the same offset beyond jitter."""
    minutes = (grid.off + MINUTE // 2) // MINUTE
    first, length = runs(minutes)
    long = (length >= STEADY_ROWS) & (abs(minutes[first]) * MINUTE > MOST)
    return long.repeat(length)


def find_off_slot(series: Series, facts: VenueFacts) -> Iterator[Problem]:
    """Tell every settlement off its slot."""
    if facts.continuous:
        return
    grid = grid_of(series, facts)
    if grid.phase is None:
        return
    for i in ((abs(grid.off) > MOST) & ~steady(grid)).nonzero()[0].tolist():
        hours, step = grid.off[i] / HOUR, grid.step[i] / HOUR
        side = "late" if hours > 0 else "early"
        shared = any(0 <= j < len(series) and grid.slot[j] == grid.slot[i] for j in (i - 1, i + 1))
        extra = f" Its slot is filled by another row, so this one is an extra {series.noun}." if shared else ""
        yield Problem(
            "off-slot",
            int(series.ts[i]),
            int(series.ts[i]),
            f"the {series.noun} of {when(series.ts[i])} lies {abs(hours):g} h {side} of its slot on a grid of {step:g} h.{extra}"
            " Kept as published; compare with the venue's announcements before moving it.",
        )
