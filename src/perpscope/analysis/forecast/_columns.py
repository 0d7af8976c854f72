"""The compiled columns of this room: what was known at each settlement. Plain scalar text; row i looks at rows 0..i only.

Every sum runs from the oldest row to the newest, so that a slice that ends at row i gives row i bit for bit.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from perpscope.analysis.forecast.history import Floats, Ints

HOUR_MS = 3_600_000.0


def stretches(slot: Ints, hours: Floats, out: Ints) -> None:
    """Count the rows, up to each, that follow each other without a gap."""
    for i in range(len(slot)):
        step = round(hours[i] * HOUR_MS)
        out[i] = out[i - 1] + 1 if i > 0 and slot[i] - slot[i - 1] == step else 1


def trailing_mean(slot: Ints, hours: Floats, value: Floats, length: float, covered: float) -> float:
    """Mean of the last `length` hours before the last row, weighted by hours; NaN where fewer than the share `covered` are there."""
    last = len(slot) - 1
    since = slot[last] - length * HOUR_MS
    first = last
    while first > 0 and slot[first - 1] > since:
        first -= 1
    total = 0.0
    known = 0.0
    for i in range(first, last + 1):
        total += value[i] * hours[i]
        known += hours[i]
    return total / known if known >= covered * length else math.nan


def trailing_means(slot: Ints, hours: Floats, value: Floats, length: float, covered: float, out: Floats) -> None:
    """Fill out[i] with the trailing mean of the rows 0..i."""
    for i in range(len(slot)):
        out[i] = trailing_mean(slot[: i + 1], hours[: i + 1], value[: i + 1], length, covered)


def expanding_means(hours: Floats, value: Floats, out: Floats) -> None:
    """Fill out[i] with the mean of the rows 0..i, weighted by hours."""
    total = 0.0
    known = 0.0
    for i in range(len(value)):
        total += value[i] * hours[i]
        known += hours[i]
        out[i] = total / known


def smoothed(hours: Floats, value: Floats, half_life: float, out: Floats) -> None:
    """Fill out[i] with the exponentially weighted mean of the rows 0..i; a value `half_life` hours old weighs half."""
    for i in range(len(value)):
        if i == 0:
            out[i] = value[i]
        else:
            share = 1.0 - 0.5 ** (hours[i] / half_life)
            out[i] = out[i - 1] + share * (value[i] - out[i - 1])


def targets(slot: Ints, hours: Floats, value: Floats, stretch: Ints, length: float, mean: Floats, end: Ints) -> None:  # noqa: PLR0917 - flat arrays
    """Fill mean[i] with the average of the `length` hours after row i and end[i] with its last row; NaN and -1 where rows are missing.

    A length of 0 is the next settlement.
    """
    n = len(slot)
    j = 0
    for i in range(n):
        mean[i] = math.nan
        end[i] = -1
        j = max(j, i)
        if length == 0.0:
            last = i + 1
        else:
            until = slot[i] + round(length * HOUR_MS)
            while j + 1 < n and slot[j + 1] <= until:
                j += 1
            last = j if slot[j] == until else n
        if i < last < n and stretch[last] > last - i:
            total = 0.0
            known = 0.0
            for k in range(i + 1, last + 1):
                total += value[k] * hours[k]
                known += hours[k]
            mean[i] = total / known
            end[i] = last
