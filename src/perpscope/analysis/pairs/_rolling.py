"""What was the mean of a window of hours, and how far did they scatter, at every hour of a history? The scan's hottest loop.

Plain text, compiled as it stands: run as it stands it is the definition, and both agree bit for bit.

A running sum that takes in the newest hour and gives back the oldest drifts: every step leaves its rounding behind. Here nothing
is ever given back. The history is cut into blocks as long as the window; the sum of a window that ends inside a block is the sum
of that block so far, from its left, and the rest of the block before, from its right. No window knows the rounding of another, and
the error of a sum of n hours stays below n u sum|x| (u = 2^-53), whatever came before. Squares are taken about the
difference of the two series' own means, so that a scatter much smaller than the level is not lost.
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
    Stretch = tuple[int, int]

DAY = 24
"""Hours of a day."""
MEAN, SD, HOURS, LARGEST, SMALLEST = 0, 1, 2, 3, 4
"""Places of a window's numbers."""
ONE = np.uint64(1)


def level(a: Floats) -> float:
    """Mean of a series over the hours it has; 0 where it has none."""
    total = 0.0
    count = 0
    for t in range(len(a)):
        value = a[np.uint64(t)]
        if value == value:  # noqa: PLR0124 - a hole is NaN, which is not itself
            total += value
            count += 1
    return total / count if count else 0.0


def spread(a: Floats, b: Floats, apart: float, x: Floats, seen: Counts) -> Stretch:
    """Write a - b less `apart` of every hour, 0 where either is missing, and the count of hours that are not.

    Returns the first hour both have and the hour after the last; 0, 0 where they share none.
    """
    first, after, count = 0, 0, 0
    seen[0] = 0
    for t in range(len(a)):
        here = np.uint64(t)
        value = a[here] - b[here]
        if value == value:  # noqa: PLR0124 - as above
            x[here] = value - apart
            first = t if count == 0 else first
            after = t + 1
            count += 1
        else:
            x[here] = 0.0
        seen[here + ONE] = count
    return first, after


def roll(x: Floats, seen: Counts, first: int, after: int, size: int, least: int, room: Floats, out: Floats) -> None:  # noqa: PLR0917 - flat
    """Slide a window of `size` hours from the first hour to the last; windows of fewer than `least` hours do not count.

    `out` gets mean, sample deviation and hours of the last window, and the largest and smallest mean of all, what `spread` took off not
    added; NaN where no window counts. `room` (4, size + 1 or more): rests of sums and of squares, of the block before and of this one.
    """
    rest, squares, rest_next, squares_next = room[0], room[1], room[2], room[3]
    for k in range(size + 1):
        rest[k], squares[k] = 0.0, 0.0
    nobody = np.zeros(size, dtype=np.int32)
    whole, part, total, square = -math.inf, -math.inf, 0.0, 0.0
    whole_low, part_low = math.inf, math.inf
    n = 0
    for start in range(first, after, size):
        stop = min(start + size, after)
        block, come = x[start:stop], seen[start + 1 : stop + 1]
        gone = seen[start + 1 - size : stop + 1 - size] if start > first else nobody
        back = np.uint64(stop - start)  # unsigned: no index need be asked whether it is negative
        run, run_squared, tail, tail_squared = 0.0, 0.0, 0.0, 0.0
        rest_next[back], squares_next[back] = 0.0, 0.0
        for k in range(stop - start):
            here = np.uint64(k)
            back -= ONE
            run += block[here]
            run_squared += block[here] * block[here]
            tail += block[back]
            tail_squared += block[back] * block[back]
            rest_next[back], squares_next[back] = tail, tail_squared
            total, square = run + rest[here + ONE], run_squared + squares[here + ONE]
            n = come[here] - gone[here]
            if n == size:
                whole = max(whole, total)
                whole_low = min(whole_low, total)
            elif n >= least:
                part = max(part, total / n)
                part_low = min(part_low, total / n)
        rest, rest_next = rest_next, rest
        squares, squares_next = squares_next, squares
    out[HOURS] = n
    out[MEAN] = total / n if n >= least and n > 0 else math.nan
    out[SD] = math.sqrt(max((square - total * total / n) / (n - 1), 0.0)) if n >= least and n > 1 else math.nan
    largest = max(whole / size, part)
    out[LARGEST] = largest if largest > -math.inf else math.nan
    smallest = min(whole_low / size, part_low)
    out[SMALLEST] = smallest if smallest < math.inf else math.nan


def compare(  # noqa: PLR0917 - flat arrays
    low: int, high: int, pairs: Ints, rates: Floats, sizes: Ints, leasts: Ints, out: Floats, ends: Ints, legs: Floats, days: Floats
) -> None:
    """Compare pairs low to high, each spread being the first series minus the second.

    Written are, for each pair: every window's numbers (see `roll`), the first common hour and the one after the last, each leg's own mean
    over the common hours of every window, and the means of the days, counted back from the last common hour; `legs` and `days` may have
    no rows or columns, and are then left alone.
    """
    hours = rates.shape[1]
    x, seen = np.empty(hours), np.empty(hours + 1, dtype=np.int32)
    room = np.empty((4, sizes.max() + 1))
    levels = np.empty(len(rates))
    for c in range(len(rates)):
        levels[c] = level(rates[c])
    for p in range(low, high):
        one, other = rates[pairs[p, 0]], rates[pairs[p, 1]]
        apart = levels[pairs[p, 0]] - levels[pairs[p, 1]]
        first, after = spread(one, other, apart, x, seen)
        ends[p, 0] = first
        ends[p, 1] = after
        for w in range(len(sizes)):
            roll(x, seen, first, after, sizes[w], leasts[w], room, out[p, w])
            out[p, w, MEAN] += apart
            out[p, w, LARGEST] += apart
            out[p, w, SMALLEST] += apart
            if len(legs):
                begin = max(after - sizes[w], first)
                legs[p, w, 0] = common_mean(one, seen, begin, after) if out[p, w, HOURS] >= leasts[w] else math.nan
                legs[p, w, 1] = common_mean(other, seen, begin, after) if out[p, w, HOURS] >= leasts[w] else math.nan
        for d in range(days.shape[1]):
            end = after - d * DAY
            begin = max(end - DAY, first)
            whole = end > begin and 10 * (seen[end] - seen[begin]) >= 9 * DAY
            days[p, d] = apart + common_mean(x, seen, begin, end) if whole else math.nan


def common_mean(value: Floats, seen: Counts, begin: int, end: int) -> float:
    """Mean over the hours that both have; NaN where there are none."""
    total = 0.0
    for t in range(begin, end):
        if seen[t + 1] > seen[t]:
            total += value[t]
    n = seen[end] - seen[begin]
    return total / n if n else math.nan
