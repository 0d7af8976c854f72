"""Do the stamps fall where the schedule puts them?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from perpscope.audit.facts import JITTER_MS
from perpscope.audit.imply.grounds import Grounds, tested
from perpscope.audit.model import Check
from perpscope.units import MS_PER_HOUR

if TYPE_CHECKING:
    from perpscope.audit.facts import Flags, Ints

GRID = "settlements on the schedule's grid"
INTERVAL = "stated intervals agree with the stamps"
GAPS = "every settlement of the schedule is there"
NEARLY_ALL = 0.95
"""Share of the rows at one phase from which on the others are off their slot, and not evidence of another interval."""
STEADY = 10
"""Equal spacings in a row that tell an interval from a few missing rows."""


def on_grid(grounds: Grounds) -> Check:
    """Every raw stamp lies within a minute of a slot of its own interval, at the phase the rule states."""
    import numpy as np

    series = grounds.series
    judged: list[Ints] = []
    off: list[Ints] = []
    for era in grounds.ruled:
        schedule = era.dated.schedule
        if schedule is None or schedule.continuous:
            continue
        since = (series.stamp[era.rows] - schedule.phase) % series.step[era.rows]
        judged.append(era.rows)
        off.append(era.rows[np.minimum(since, series.step[era.rows] - since) > JITTER_MS])
    if not judged:
        return Check(GRID, None, "no rule in force states a schedule of stamps")
    away = np.sort(np.concatenate(off))
    late = np.abs(series.stamp - series.slot)
    said = f"{tested(sum(map(len, judged)), len(series))}; largest delay {late[late <= JITTER_MS].max(initial=0)} ms"
    if not len(away):
        return Check(GRID, True, said)  # noqa: FBT003 - a verdict is its value
    return Check(GRID, False, f"{len(away)} off their slot: {grounds.days(away)}; {said}")  # noqa: FBT003 - as above


def stated_intervals(grounds: Grounds) -> Check:
    """No interval overlaps the one before, and none is regularly followed by a hole of its own multiple.

    Settlements off their slot are another matter and left out.
    """
    import numpy as np

    series = grounds.series
    rows = np.flatnonzero(_on_phase(series.slot, series.step))
    if len(rows) <= 1:
        return Check(INTERVAL, None, "fewer than two settlements")
    spacing, step = np.diff(series.slot[rows]), series.step[rows][1:]
    overlap = rows[np.flatnonzero(spacing < step - JITTER_MS) + 1]
    regular = rows[_regular(spacing, step)]
    kinds, counts = np.unique(series.hours, return_counts=True)
    said = "stated " + ", ".join(f"{h:g} h x {c:,}" for h, c in zip(kinds, counts, strict=True))
    wrong = [f"{len(overlap)} begin before the one before ends: {grounds.days(overlap)}"] if len(overlap) else []
    wrong += [f"{len(regular)} follow at a regular multiple of their interval: {grounds.days(regular)}"] if len(regular) else []
    return Check(INTERVAL, not wrong, "; ".join([*wrong, said]))


def _on_phase(slot: Ints, step: Ints) -> Flags:
    """Rows whose slot has the phase nearly all rows of its interval have; all rows where there is no such phase."""
    import numpy as np

    on = np.zeros(len(slot), dtype=bool)
    for length in np.unique(step):
        own = step == length
        phases, counts = np.unique(slot[own] % length, return_counts=True)
        usual = slot[own] % length == phases[np.argmax(counts)]
        on[own] = usual | (counts.max() < NEARLY_ALL * counts.sum())
    return on


def _regular(spacing: Ints, step: Ints) -> Ints:
    """Rows in a steady stretch whose spacing is one and the same multiple (2 or more) of the interval they state."""
    import numpy as np

    wide = (spacing > step + JITTER_MS) & (spacing == np.concatenate([spacing[1:], [0]]))
    edges = np.flatnonzero(np.diff(np.concatenate([[0], wide.astype(np.int8), [0]])))
    runs = [np.arange(a, b) + 1 for a, b in zip(edges[::2], edges[1::2], strict=True) if b - a >= STEADY]
    return np.concatenate(runs) if runs else np.zeros(0, dtype=np.int64)


def complete(grounds: Grounds) -> Check:
    """Say whether each settlement follows the one before; a hole in what is held tells nothing of the venue, so it does not fail."""
    import numpy as np

    series = grounds.series
    if len(series) <= 1:
        return Check(GAPS, None, "fewer than two settlements")
    missing = np.diff(series.slot) - series.step[1:]
    holes = np.flatnonzero(missing > JITTER_MS) + 1
    if not len(holes):
        return Check(GAPS, True, f"{len(series):,} settlements follow each other")  # noqa: FBT003 - a verdict is its value
    hours = missing[holes - 1].sum() / MS_PER_HOUR
    longest = holes[np.argmax(missing[holes - 1])]
    said = f"longest {missing[longest - 1] / MS_PER_HOUR:g} h before {grounds.days(np.array([longest]))}"
    return Check(GAPS, None, f"{len(holes)} gaps, {hours:g} h not held, {said}: nothing is said of them")
