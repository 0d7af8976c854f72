"""What was the mean of a window of hours, and how far did they scatter, at every hour of a history? The scan's hottest loop.

Plain text, compiled as it stands: run as it stands it is the definition, and both agree bit for bit.

A running sum of doubles drifts: every step leaves its rounding behind, and the window after a crash still knows of it. Here spreads
are counted in whole quanta before they are added. The quantum is a power of two, as small as lets the sum of the whole history fit into
61 bits: at most the hours (or 4,096, if those are more) times 2^-60 of the largest spread there can be. So the sum, and the sum of squares,
of any window is the exact difference of two running sums, whatever path led there; the only rounding is that of each hour to half a
quantum. Quanta are counted from the difference of the two series' own means.

Squares are larger than a word. Kept are the running sum of their coarse parts, each within one of the square by 2^-shift, and the sum of
the squares themselves modulo 2^63. What the coarse sum leaves of the true one is so small that the remainder tells it.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Counts = NDArray[np.int32]
    Extent = tuple[int, int, int, float, float]

DAY = 24
"""Hours of a day."""
MEAN, SD, HOURS, LARGEST, SMALLEST = 0, 1, 2, 3, 4
"""Places of a window's numbers."""
SUMS, COARSE, FINE = 0, 1, 2
"""Running sums: of quanta; of the coarse parts of their squares; of their squares, modulo 2^63."""
BITS = 61
LEAST_HOURS = 4096
"""History whose quantum is the smallest: below it, a square in doubles would be off by more than the coarse sum may be."""
MODULUS = (1 << 63) - 1
BELOW_ZERO = 3 << 61
"""Remainder from which on what is left of a coarse sum is below 0."""
MOST = 1 << 62
"""Beyond every sum."""
ONE = np.uint64(1)


def extent(a: Floats) -> Extent:
    """First hour a series has, the hour after the last, how many it has, their mean and the largest of them without sign."""
    first, after, count = 0, 0, 0
    total, largest = 0.0, 0.0
    for t in range(len(a)):
        value = a[np.uint64(t)]
        if value == value:  # noqa: PLR0124 - a hole is NaN, which is not itself
            first = t if count == 0 else first
            after = t + 1
            count += 1
            total += value
            largest = max(largest, abs(value))
    return first, after, count, total / count if count else 0.0, largest


def shared(a: Floats, b: Floats, seen: Counts) -> tuple[int, int]:
    """Count the hours both have, up to each; gives the first and the one after the last."""
    first, after, count = 0, 0, 0
    seen[0] = 0
    for t in range(len(a)):
        here = np.uint64(t)
        value = a[here] - b[here]
        if value == value:  # noqa: PLR0124 - as above
            first = t if count == 0 else first
            after = t + 1
            count += 1
        seen[here + ONE] = count
    return first, after


def accumulate(a: Floats, b: Floats, apart: float, scale: float, shrink: float, sums: Ints) -> None:
    """Write the running sums over a - b less `apart` in quanta, half to even; an hour that either lacks counts 0.

    Parameters
    ----------
    scale : quanta in a unit, a power of two. shrink : 2^-shift.
    """
    total, coarse, fine = 0, 0, 0
    for k in range(3):
        sums[k, 0] = 0
    for t in range(len(a)):
        here = np.uint64(t)
        after = here + ONE
        value = np.rint((a[here] - b[here] - apart) * scale)
        counted = value if value == value else 0.0  # noqa: PLR0124 - as above
        whole = int(counted)
        total += whole
        coarse += int(counted * counted * shrink)
        fine = (fine + whole * whole) & MODULUS
        sums[SUMS, after] = total
        sums[COARSE, after] = coarse
        sums[FINE, after] = fine


def extremes(sums: Ints, first: int, after: int, size: int) -> tuple[int, int]:
    """Return the largest and smallest sum of all windows inside a history that has every hour."""
    most, least = -MOST, MOST
    ends, begins = sums[first + size : after + 1], sums[first : after + 1 - size]
    for k in range(len(ends)):
        held = ends[k] - begins[k]
        most, least = max(most, held), min(least, held)
    return most, least


def extremes_of_means(sums: Ints, seen: Counts, first: int, after: int, size: int, enough: int) -> tuple[float, float]:
    """Return the largest and smallest mean, in quanta, of the windows inside a history that hold enough hours."""
    most, least = -math.inf, math.inf
    for end in range(first + size, after + 1):
        n = seen[end] - seen[end - size]
        if n >= enough:
            mean = (sums[end] - sums[end - size]) / n
            most, least = max(most, mean), min(least, mean)
    return most, least


def squared(sums: Ints, begin: int, after: int, shift: int) -> float:
    """Sum of the squares of a window, in quanta: exact, then rounded as two doubles are."""
    coarse = int(sums[COARSE, after]) - int(sums[COARSE, begin])
    left = (int(sums[FINE, after]) - int(sums[FINE, begin]) - (coarse << shift)) & MODULUS
    rest = float(left) if left < BELOW_ZERO else float(left - MODULUS) - 1.0
    return float(coarse) * 2.0**shift + rest


def last(sums: Ints, begin: int, after: int, n: int, shift: int, quantum: float, out: Floats) -> None:  # noqa: PLR0917 - flat
    """Write mean, sample deviation and hours of a window of n hours, one or more."""
    total = float(sums[SUMS, after] - sums[SUMS, begin])
    out[MEAN] = total / n * quantum
    if n > 1:
        squares = squared(sums, begin, after, shift)
        out[SD] = math.sqrt(max((squares - total * total / n) / (n - 1), 0.0)) * quantum


def window(  # noqa: PLR0917 - flat
    sums: Ints, seen: Counts, first: int, after: int, size: int, enough: int, shift: int, quantum: float, apart: float, out: Floats
) -> None:
    """Write the numbers of one length of window: of the last one, and the extremes of all that lie inside the history.

    `seen` counts hours where the history has holes; where it has none, it may be empty. A window of fewer than `enough` hours gives NaN.
    """
    begin = max(after - size, first)
    n = after - begin if len(seen) == 0 else seen[after] - seen[begin]
    for k in range(5):
        out[k] = math.nan
    out[HOURS] = n
    if n >= enough and n > 0:
        last(sums, begin, after, n, shift, quantum, out)
    if after - first >= size:
        if len(seen) == 0:
            most, least = extremes(sums[SUMS], first, after, size)
            out[LARGEST], out[SMALLEST] = float(most) / size * quantum, float(least) / size * quantum
        else:
            high, low = extremes_of_means(sums[SUMS], seen, first, after, size, enough)
            out[LARGEST], out[SMALLEST] = (high * quantum, low * quantum) if high > -math.inf else (math.nan, math.nan)
    for k in (MEAN, LARGEST, SMALLEST):
        out[k] += apart


def compare(  # noqa: PLR0917 - flat arrays
    low: int, high: int, pairs: Ints, rates: Floats, sizes: Ints, leasts: Ints, out: Floats, ends: Ints, legs: Floats, days: Floats
) -> None:
    """Compare pairs low to high, each spread being the first series minus the second.

    Written are, for each pair: every window's numbers (see `window`), the first common hour and the one after the last, each leg's own mean
    over the common hours of every window, and the means of the days, counted back from the last common hour; `legs` and `days` may have
    no rows or columns, and are then left alone.
    """
    hours = rates.shape[1]
    known = np.empty((len(rates), 5))
    for c in range(len(rates)):
        known[c, 0], known[c, 1], known[c, 2], known[c, 3], known[c, 4] = extent(rates[c])
    room = float(max(hours, LEAST_HOURS))
    shift = BITS + 1 - math.frexp(room)[1]
    sums = np.empty((3, hours + 1), dtype=np.int64)
    counted = np.empty(hours + 1, dtype=np.int32)
    for p in range(low, high):
        i, j = pairs[p, 0], pairs[p, 1]
        one, other = rates[i], rates[j]
        first, after = int(max(known[i, 0], known[j, 0])), int(min(known[i, 1], known[j, 1]))
        seen = counted[:0]
        whole = known[i, 2] == known[i, 1] - known[i, 0] and known[j, 2] == known[j, 1] - known[j, 0]
        if not whole or after <= first:
            first, after = shared(one, other, counted)
            seen = counted
        apart = known[i, 3] - known[j, 3]
        bits = math.frexp((known[i, 4] + known[j, 4] + abs(apart)) * room)[1]
        quantum = math.ldexp(1.0, bits - BITS)
        accumulate(one, other, apart, math.ldexp(1.0, BITS - bits), math.ldexp(1.0, -shift), sums)
        ends[p, 0] = first
        ends[p, 1] = after
        for w in range(len(sizes)):
            window(sums, seen, first, after, sizes[w], leasts[w], shift, quantum, apart, out[p, w])
            if len(legs):
                begin = max(after - sizes[w], first)
                told = out[p, w, HOURS] >= leasts[w]
                legs[p, w, 0] = common_mean(one, other, begin, after) if told else math.nan
                legs[p, w, 1] = common_mean(other, one, begin, after) if told else math.nan
        for d in range(days.shape[1]):
            days[p, d] = day_mean(sums[SUMS], seen, first, after - d * DAY, quantum, apart)


def common_mean(value: Floats, other: Floats, begin: int, end: int) -> float:
    """Mean of a series over the hours that another has too; NaN where there are none."""
    total, n = 0.0, 0
    for t in range(begin, end):
        if not math.isnan(value[t] - other[t]):
            total += value[t]
            n += 1
    return total / n if n else math.nan


def day_mean(sums: Ints, seen: Counts, first: int, end: int, quantum: float, apart: float) -> float:
    """Mean of the 24 hours before `end`; NaN where fewer than nine tenths of them are there."""
    begin = max(end - DAY, first)
    n = 0 if end <= begin else end - begin if len(seen) == 0 else seen[end] - seen[begin]
    if 10 * n < 9 * DAY:
        return math.nan
    return float(sums[end] - sums[begin]) / n * quantum + apart
