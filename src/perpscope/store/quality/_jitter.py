"""Do stamps lie a little beside their slot?

Venues write the moment at which a settlement ran: some milliseconds to seconds late, rarely a minute. That is harmless
as long as nobody joins on raw stamps, so it is told once per series, as a note. Certain.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from perpscope.store.quality._grid import grid_of
from perpscope.store.quality._series import MINUTE, Series
from perpscope.store.quality.facts import VenueFacts
from perpscope.store.quality.problem import Problem, count, when

MOST = 5 * MINUTE
"""Beyond this a stamp is off its slot, not late: queues and clocks explain seconds, not minutes."""

CUSTOM = 0.9
"""Share of stamps with one and the same offset that makes it the source's custom (bars labelled by their first minute's end)."""


def find_jitter(series: Series, facts: VenueFacts) -> Iterator[Problem]:
    """Tell jitter once, from the first to the last stamp that has it."""
    if facts.continuous:
        return
    off = grid_of(series, facts).off
    value, n = np.unique(off, return_counts=True)
    if len(series) and n.max() >= CUSTOM * len(series):
        off = off - value[n.argmax()]
    rows = np.flatnonzero((off != 0) & (np.abs(off) <= MOST))
    if not len(rows):
        return
    early, late = int(off[rows].min()), int(off[rows].max())
    by = f"by {early / 1000:+g} to {late / 1000:+g} s" if early != late else f"by {late / 1000:+g} s"
    yield Problem(
        "jitter",
        int(series.ts[rows[0]]),
        int(series.ts[rows[-1]]),
        f"{count(len(rows), 'stamp')} of {len(series):,} beside the slot {by}, first {when(series.ts[rows[0]])}."
        " Join on the nominal slot, never on the raw stamp.",
        "note",
    )
