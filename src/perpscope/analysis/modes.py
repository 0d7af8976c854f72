"""Which value is the most frequent, exactly or within a stated width?

Published rates repeat to the last digit, so their mode is a value. Premiums are nearly continuous: their mode is a place,
and it depends on the width of the bins and where they begin. So it is asked with several of both, and the answer is a range.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from perpscope.errors import InputError, NotEnoughData

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    Vector = NDArray[np.float64]

SHIFTS = 8
"""Positions of the first edge tried within one width."""


@dataclass(frozen=True, slots=True)
class Mode:
    """The most frequent value.

    Parameters
    ----------
    value : its place, in the unit of the data (middle of the fullest bin; the value itself where it is exact).
    share : of all values, 0 to 1. n : values looked at. runner_up, runner_up_share : the next most frequent (exact modes only, else
    nan). low, high : where the mode lies over all positions of the bins (the value itself where exact).
    """

    value: float
    share: float
    n: int
    runner_up: float
    runner_up_share: float
    low: float
    high: float


def exact_mode(values: ArrayLike, grain: float) -> Mode:
    """Return the value that repeats most, taking values within half a grain of the same multiple for one.

    Parameters
    ----------
    values : numbers. grain : the last published digit, in their unit, > 0. Ties go to the value nearest to zero.

    Examples
    --------
    >>> found = exact_mode([0.0003, 0.0003, 0.0001], 1e-8)
    >>> found.value, round(found.share, 4), found.runner_up
    (0.0003, 0.6667, 0.0001)

    **Source**: definition of a mode.
    """
    import numpy as np

    data = _finite(values)
    if not grain > 0:
        raise InputError("an exact mode", f"a grain of {grain}", "Give the last published digit, such as 1e-8.")
    steps, counts = np.unique(np.rint(data / grain).astype(np.int64), return_counts=True)
    order = np.lexsort((steps, np.abs(steps), -counts))
    best = order[0]
    value = float(np.median(data[np.rint(data / grain).astype(np.int64) == steps[best]]))
    second = (float(steps[order[1]] * grain), float(counts[order[1]] / data.size)) if order.size > 1 else (float("nan"), 0.0)
    return Mode(value, float(counts[best] / data.size), data.size, *second, value, value)


def binned_mode(values: ArrayLike, width: float, shifts: int = SHIFTS) -> Mode:
    """Return the fullest bin of a given width, over several positions of the bins.

    Parameters
    ----------
    values : numbers. width : of a bin, in their unit, > 0. shifts : positions tried; the first has an edge in the middle of a bin at 0.

    Returns
    -------
    Mode
        value and share: median of the middles of the fullest bins and mean of their shares; low, high: their least and largest middle.

    Examples
    --------
    >>> found = binned_mode([0.1, 0.11, 0.12, 0.5], 0.1, shifts=1)
    >>> round(found.value, 6), found.share
    (0.1, 0.75)

    **Source**: definition of a mode; bins of every position because one position alone can split a peak.
    """
    import numpy as np

    data = _finite(values)
    if not (width > 0 and shifts >= 1):
        raise InputError("a binned mode", f"a width of {width} at {shifts} positions", "Give a width above 0 and at least one position.")
    middles, shares = [], []
    for shift in range(shifts):
        offset = width * (shift / shifts - 0.5)
        bins, counts = np.unique(np.floor((data - offset) / width).astype(np.int64), return_counts=True)
        best = int(np.argmax(counts))
        middles.append(float((bins[best] + 0.5) * width + offset))
        shares.append(float(counts[best] / data.size))
    nan = float("nan")
    return Mode(float(np.median(middles)), float(np.mean(shares)), data.size, nan, nan, min(middles), max(middles))


def share_near(values: ArrayLike, place: float, width: float) -> float:
    """Return the share of values within half a width of a place, 0 to 1.

    **Source**: definition.
    """
    import numpy as np

    return float(np.mean(np.abs(_finite(values) - place) <= width / 2))


def histogram(values: ArrayLike, edges: Sequence[float]) -> list[float]:
    """Return the share of all values in each bin [edge, next edge); what lies outside is in no bin but counts in the whole.

    **Source**: definition.
    """
    import numpy as np

    data = _finite(values)
    counts = np.diff(np.searchsorted(np.sort(data), np.asarray(edges, dtype=np.float64), side="left"))
    return [float(count / data.size) for count in counts]


def _finite(values: ArrayLike) -> Vector:
    import numpy as np

    data = np.asarray(values, dtype=np.float64).ravel()
    data = data[np.isfinite(data)]
    if data.size == 0:
        raise NotEnoughData("a mode", "no values", "Give at least one.")
    return data
