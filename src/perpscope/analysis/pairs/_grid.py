"""What did each contract pay in each hour? Fixings are laid on one grid of hours, so that unequal intervals can be compared.

Plain text, compiled as it stands.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Codes = NDArray[np.uint32]

HOUR = 3_600_000
LATE = 1.5
"""Longest time since the fixing before, in intervals, that a fixing still answers for; beyond, something is missing in between."""


def place(who: Codes, lengths: Codes, stamp: Ints, value: Floats, start: int, step: int, out: Floats) -> None:  # noqa: PLR0917 - flat
    """Write each value into the row of its series, at its place on the grid; what lies outside is left out.

    Parameters
    ----------
    who, lengths : (runs,) row of `out` of each run of values, and how many it has.
    """
    last, column, k = start, 0, 0
    for run in range(len(who)):
        row = out[who[run]]
        for _ in range(lengths[run]):
            if stamp[k] == last + step:
                column += 1
            elif stamp[k] != last:
                column = (stamp[k] - start) // step
            last = stamp[k]
            if 0 <= column < len(row):
                row[np.uint64(column)] = value[k]
            k += 1


def answered(stamp: int, before: int, hours: float) -> int:
    """Milliseconds before its stamp that a fixing answers for.

    It is the time since the fixing before, for that is what was paid: a stamp an hour late pays once for an hour more. Where more
    than one and a half of its own intervals lie between, fixings are missing, and it answers for its own interval alone.
    """
    label = round(hours * HOUR)
    return stamp - before if stamp - before <= LATE * label else label


def accrue(offsets: Ints, stamp: Ints, hours: Floats, rate: Floats, start: int, out: Floats, covered: Ints) -> None:  # noqa: PLR0917 - flat
    """Spread each fixing evenly over the time it answers for; hours that are not wholly covered become NaN.

    Parameters
    ----------
    offsets : (c + 1,) where each series begins; stamps rise within it. start : ms at which the grid begins.
    out : (c, hours) fraction of notional per hour, written. covered : (hours,) room.
    """
    cells = out.shape[1]
    for c in range(len(offsets) - 1):
        for t in range(cells):
            out[c, t] = 0.0
            covered[t] = 0
        for k in range(offsets[c], offsets[c + 1]):
            long = answered(stamp[k], stamp[k - 1], hours[k]) if k > offsets[c] else round(hours[k] * HOUR)
            begin = stamp[k] - long
            for t in range(max((begin - start) // HOUR, 0), min((stamp[k] - start + HOUR - 1) // HOUR, cells)):
                shared = min(stamp[k], start + (t + 1) * HOUR) - max(begin, start + t * HOUR)
                out[c, t] += rate[k] * (shared / long)
                covered[t] += shared
        for t in range(cells):
            if covered[t] < HOUR:
                out[c, t] = math.nan
