"""How do pairs of hourly histories compare? The door to the kernels of this room."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from perpscope.analysis.pairs.contracts import Paid

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]


def hourly(fresh: Sequence[Paid], start: int, hours: int) -> Floats:
    """Lay contracts on a grid of hours; (c + 1, hours) fractions of notional per hour, NaN where not covered; the last row is 0: nothing.

    Parameters
    ----------
    start : ms at which the first hour begins. hours : how many.

    **Source**: definition; see `_grid.accrue`.
    """
    import numpy as np

    from perpscope.analysis.pairs import _grid
    from perpscope.mechanisms._kernels import compiled

    out = np.zeros((len(fresh) + 1, hours))
    offsets = np.cumsum([0, *(len(each.stamp) for each in fresh)])
    if fresh:
        stamp, length, rate = (np.concatenate([getattr(each, name) for each in fresh]) for name in ("stamp", "hours", "rate"))
        compiled(_grid.accrue)(offsets, stamp, length, rate, start, out[:-1], np.empty(hours, dtype=np.int64))
    return out


class Compared(NamedTuple):
    """What the kernels tell of p pairs over w windows; rates per hour.

    Parameters
    ----------
    windows : (p, w, 5) mean, sample deviation and hours of the last window, largest and smallest mean of the pair's history.
    ends : (p, 2) first common hour, the one after the last. legs : (p, w, 2) each leg's mean. days : (p, days) daily means, the
        newest first. memory : (p, 4) mean, phi and pairs of days of an autoregression of one day, long-run variance of a day.
    """

    windows: Floats
    ends: Ints
    legs: Floats
    days: Floats
    memory: Floats


def compare(pairs: Ints, grid: Floats, sizes: Ints, leasts: Ints, *, days: int = 0, noise_days: int = 30, threads: int = 1) -> Compared:
    """Compare pairs of rows of a grid, the first minus the second.

    Parameters
    ----------
    pairs : (p, 2) rows of `grid`. grid : (c, hours) fractions per hour, NaN for holes. sizes, leasts : (w,) hours of each window, and
        how many of them must be there. days : daily means to keep; with 0 there are neither legs nor memory. noise_days : newest days the
        long-run variance is of.

    **Source**: `_rolling.compare`, `_memory.memories`.
    """
    import numpy as np

    from perpscope.analysis.pairs import _memory, _rolling
    from perpscope.mechanisms._kernels import compiled
    from perpscope.mechanisms.batch import in_parts

    n, w = len(pairs), len(sizes)
    kept = n if days else 0
    got = Compared(np.empty((n, w, 5)), np.empty((n, 2), np.int64), np.empty((kept, w, 2)), np.empty((n, days)), np.empty((kept, 4)))
    slide, recall = compiled(_rolling.compare), compiled(_memory.memories)

    def part(low: int, high: int) -> None:
        slide(low, high, pairs, grid, sizes, leasts, got.windows, got.ends, got.legs, got.days)
        if days:
            recall(low, high, got.days, noise_days, got.memory)

    in_parts(part, n, parts=threads)
    return got
