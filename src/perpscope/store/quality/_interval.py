"""Does the stated interval agree with the stamps?

A rate without its interval is worth nothing, and a stated one is often a default. A row disagrees where the spacing
before it differs from its interval and its neighbours show that same spacing. Where rows on both sides agree with it, one
is enough; else shorter spacing is told from two rows on, for the first interval after a change is a short one, and longer
from `LONGER` on, for single holes side by side look like a longer interval. Certain that they disagree; which of the two
is wrong, the venue's calendar says.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from perpscope.store.quality._grid import spacing_hours
from perpscope.store.quality._series import Series, runs
from perpscope.store.quality.facts import VenueFacts
from perpscope.store.quality.problem import Problem, count, when

LONGER = 4
SHORTER = 2
TOLERANCE = 0.2


def find_intervals(series: Series, facts: VenueFacts) -> Iterator[Problem]:
    """Tell every run of rows whose spacing is steady and not the stated one."""
    del facts
    kept, between = spacing_hours(series)
    minutes = np.round(between * 60)
    first, length = runs(minutes)
    hours = series.hours[kept]
    for start, n in zip(first.tolist(), length.tolist(), strict=True):
        rows = np.arange(start + 1, start + n + 1)
        ratio = between[start] / hours[rows]
        for group in _groups(rows, ratio):
            stated, spacing = hours[group[0]], between[start]
            inside = group[0] > rows[0] and group[-1] < rows[-1]
            if not inside and len(group) < (SHORTER if spacing < stated else LONGER):
                continue
            yield _problem(series, kept[group], float(stated), float(spacing))


def _groups(rows: np.ndarray[tuple[int], np.dtype[np.int64]], ratio: np.ndarray[tuple[int], np.dtype[np.float64]]) -> list[list[int]]:
    """Neighbouring rows that disagree by one and the same ratio."""
    out: list[list[int]] = []
    odd = np.flatnonzero(np.abs(ratio - 1) > TOLERANCE)
    for row, r in zip(rows[odd].tolist(), ratio[odd].tolist(), strict=True):
        if out and row == out[-1][-1] + 1 and abs(ratio[row - rows[0] - 1] - r) <= 1e-6 * r:
            out[-1].append(row)
        else:
            out.append([row])
    return out


def _problem(series: Series, rows: np.ndarray[tuple[int], np.dtype[np.int64]], stated: float, spacing: float) -> Problem:
    first, last = int(series.ts[max(rows[0] - 1, 0)]), int(series.ts[rows[-1]])
    reading = (
        "either the interval was never updated, or the rates are per the stated interval and paid in parts"
        if spacing < stated
        else f"either the interval is wrong, or {round(spacing / stated) - 1} of {round(spacing / stated)} settlements are missing"
    )
    return Problem(
        "interval",
        first,
        last,
        f"{count(len(rows), 'row')} between {when(first)} and {when(last)} state {stated:g} h but come every {spacing:g} h: {reading}."
        f" Annualised rates are off by a factor of {max(stated / spacing, spacing / stated):g}; correct interval_hours in the mapping.",
    )
