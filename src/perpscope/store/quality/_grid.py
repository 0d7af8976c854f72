"""Where should each stamp have been? The grid a series lives on, read off its own stamps.

Each row states its interval; the offset of the grid is the one most stamps share, unless the venue's is known.
Stamps that come twice count once, and a run of stamps that lie closer than their stated interval is placed by its
spacing: otherwise a wrong interval would hide every other finding.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from perpscope.store.quality._series import HOUR, MINUTE, Floats, Ints, Series, runs
from perpscope.store.quality.facts import VenueFacts

LEAST = 4
"""Rows of one interval before its offset is believed; rarer ones lie on the grid of the others, or on none."""
SHARE = 0.3
"""Share of the stamps that must agree on an offset; events without a grid do not."""
QUARTER = 15 * MINUTE
LATE = 5 * MINUTE
"""Grids lie on quarters of an hour; stamps this near to one are late or early, and do not make another grid."""
UNIT = 8 * HOUR
"""A venue's grid is known to this length: daily stamps at 12:00 lie on the grid 04/12/20."""
STEADY = 6
"""Equal spacings in a row before they are believed against the stated interval (three of eight hours fill one day)."""


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """Nominal places of the stamps of one series.

    Parameters
    ----------
    step : interval each row was placed by, ms. slot : nominal stamp, ms. off : raw stamp minus slot, ms.
    phase : offset from 00:00 UTC of the grid most rows lie on, ms; None where there is none.
    """

    step: Ints
    slot: Ints
    off: Ints
    phase: int | None


@lru_cache(maxsize=2)
def grid_of(series: Series, facts: VenueFacts) -> Grid:
    """Place every stamp on its grid; a stamp without a grid keeps its own minute.

    The last ones are kept: detector after detector asks for the grid of the same series.
    """
    step = _steps(series)
    minute = (series.ts + MINUTE // 2) // MINUTE * MINUTE
    slot = minute.copy()
    phases: dict[int, tuple[int, int]] = {}
    known = None if facts.phase_hours is None else round(facts.phase_hours * HOUR)
    for length in np.unique(step).tolist():
        rows = step == length
        phase = _phase(minute[rows], length)
        if known is not None and (phase is None or (phase - known) % min(length, UNIT)):
            phase = known % length
        if phase is not None:
            phases[length] = (int(rows.sum()), phase)
    main = max(phases.items(), key=lambda item: item[1][0], default=None)
    for length in np.unique(step).tolist():
        grid = (length, phases[length][1]) if length in phases else _borrowed(length, main)
        if grid is not None:
            rows = step == length
            slot[rows] = _nearest(series.ts[rows], *grid)
    return Grid(step, slot, series.ts - slot, None if main is None else main[1][1])


def stated_steps(series: Series) -> Ints:
    """Stated intervals, ms."""
    return np.maximum(np.round(series.hours * HOUR), MINUTE).astype(np.int64)


def spacing_hours(series: Series) -> tuple[Ints, Floats]:
    """Rows that are no repeats of the stamp before (within a minute), and the hours between them."""
    kept = np.flatnonzero(np.r_[True, np.diff(series.ts) > MINUTE]) if len(series) else np.empty(0, np.int64)
    return kept, np.diff(series.ts[kept]) / HOUR


def _steps(series: Series) -> Ints:
    """Stated intervals, except where at least `STEADY` equal spacings in a row are clearly shorter."""
    step = stated_steps(series)
    kept, between = spacing_hours(series)
    minutes = np.round(between * 60).astype(np.int64)
    first, length = runs(minutes)
    for start, n in zip(first.tolist(), length.tolist(), strict=True):
        if n >= STEADY:
            rows = slice(int(kept[start + 1]), int(kept[start + n]) + 1)
            spacing = int(minutes[start]) * MINUTE
            step[rows] = np.where(spacing < 0.75 * step[rows], spacing, step[rows])
    return step


def _phase(minute: Ints, length: int) -> int | None:
    if len(minute) < LEAST:
        return None
    quarter = (minute + QUARTER // 2) // QUARTER * QUARTER
    near = np.where(np.abs(minute - quarter) <= LATE, quarter, minute)
    offsets, n = np.unique(near % length, return_counts=True)
    return int(offsets[n.argmax()]) if n.max() >= max(LEAST - 1, SHARE * len(minute)) else None


def _borrowed(length: int, main: tuple[int, tuple[int, int]] | None) -> tuple[int, int] | None:
    """Place a rare interval on the main grid where the two fit into each other."""
    if main is None:
        return None
    step, (_, phase) = main
    if step % length == 0:
        return length, phase % length
    return (step, phase) if length % step == 0 else None


def _nearest(ts: Ints, length: int, phase: int) -> Ints:
    """Nearest slots; ties go to the earlier one, as in `perpscope.market.time.Schedule`."""
    return (ts - phase + (length - 1) // 2) // length * length + phase
