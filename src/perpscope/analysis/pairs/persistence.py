"""How often would holding a spread have paid more than it costs, from whatever day it had begun?

Windows of the holding time that end on every day of the history overlap, and so are not so many separate trials as there are days.
How many there are without overlap is told beside the share, and the interval around the share is that of so few.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from perpscope.analysis.windows import COVERAGE
from perpscope.errors import InputError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

LEAST_WINDOWS = 2
"""Fewest windows without overlap that a share is told of."""
LEVEL_90 = 1.6448536269514722
"""Normal quantile of a two-sided interval of 90 %."""


@dataclass(frozen=True, slots=True)
class Persistence:
    """Share of windows that paid, or why it is not told.

    Parameters
    ----------
    share : 0 to 1; None where the history is too short, see `why`. n : overlapping windows. effective : windows without overlap.
    low, high : 90 % interval of the share for `effective` trials.
    """

    share: float | None
    n: int
    effective: float
    low: float | None = None
    high: float | None = None
    why: str = ""


def persistence(days: Floats, hold: int, hurdle: float, sign: int = 1) -> Persistence:
    """Count the windows of `hold` days whose mean is above the hurdle.

    Parameters
    ----------
    days : daily annual rates, in order of time or against it, NaN for holes; a window needs nine tenths of its days, and none is looked
        for before the first day or after the last.
    hold : days of a window, 1 or more. hurdle : annual rate that pays nothing: costs, spread over the window. sign : +1, or -1 where the
        trade receives the opposite.

    Examples
    --------
    >>> import numpy as np
    >>> found = persistence(np.array([0.1, 0.1, 0.1, -0.1, 0.1, 0.1, 0.1, 0.1]), 2, 0.05)
    >>> round(found.share, 3), found.n, found.effective
    (0.714, 7, 4.0)

    **Source**: definition; the interval is Wilson's (1927), Journal of the American Statistical Association 22.
    """
    import numpy as np

    if hold < 1:
        raise InputError("a holding time", f"{hold} days", "Give whole days, 1 or more.")
    told_days = np.flatnonzero(~np.isnan(days))
    days = days[told_days[0] : told_days[-1] + 1] if len(told_days) else days[:0]
    there = ~np.isnan(days)
    effective = float(there.sum()) / hold
    if len(days) < hold or effective < LEAST_WINDOWS:
        why = f"the history holds {math.floor(10 * effective) / 10:.1f} windows of {hold} days without overlap, fewer than {LEAST_WINDOWS}"
        return Persistence(None, 0, effective, why=why)
    value = np.where(there, days * sign, 0.0)
    windows = np.lib.stride_tricks.sliding_window_view
    counts = windows(there, hold).sum(axis=1)
    sums = windows(value, hold).sum(axis=1)
    told = counts >= max(math.ceil(COVERAGE * hold - 1e-9), 1)
    n = int(told.sum())
    if n == 0:
        return Persistence(None, 0, effective, why=f"no window of {hold} days is covered")
    share = float((sums[told] > hurdle * counts[told]).sum()) / n
    return Persistence(share, n, effective, *wilson(share, effective))


def wilson(share: float, trials: float, quantile: float = LEVEL_90) -> tuple[float, float]:
    """Interval of a share, 0 to 1, of so many trials (above 0, whole or not).

    **Source**: Wilson (1927), Journal of the American Statistical Association 22.
    """
    square = quantile * quantile / trials
    middle = (share + square / 2) / (1 + square)
    half = quantile / (1 + square) * math.sqrt(share * (1 - share) / trials + square / (4 * trials))
    return 0.0 if share == 0 else max(middle - half, 0.0), 1.0 if share == 1 else min(middle + half, 1.0)
