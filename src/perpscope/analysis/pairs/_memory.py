"""How long does a spread remember, and how far may its mean be off? From the means of its days, the newest first; NaN days are holes.

Plain text, compiled as it stands.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from perpscope.analysis.pairs.expected import LEAST_DAYS

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Memory = tuple[float, float, int]

STEADY = 0.995
"""Largest coefficient: a spread that never came back would have no mean."""
LEAST_NOISE_DAYS = 7
"""Fewest days a scatter is estimated from."""


def remember(days: Floats) -> Memory:
    """Fit an autoregression of one day, y = m + phi (y of the day before - m) + e, by least squares: m, phi, pairs of days.

    NaN, NaN where there are fewer than `LEAST_DAYS` pairs. A spread that does not vary has phi 0.

    **Source**: ordinary least squares.
    """
    n = 0
    sx, sy = 0.0, 0.0
    for k in range(len(days) - 1):
        if not math.isnan(days[k]) and not math.isnan(days[k + 1]):
            n += 1
            sx += days[k + 1]
            sy += days[k]
    if n < LEAST_DAYS:
        return math.nan, math.nan, n
    mx, my = sx / n, sy / n
    sxx, sxy = 0.0, 0.0
    for k in range(len(days) - 1):
        if not math.isnan(days[k]) and not math.isnan(days[k + 1]):
            sxx += (days[k + 1] - mx) * (days[k + 1] - mx)
            sxy += (days[k + 1] - mx) * (days[k] - my)
    phi = min(max(sxy / sxx, -STEADY), STEADY) if sxx > 0.0 else 0.0
    return (my - phi * mx) / (1.0 - phi), phi, n


def scatter(days: Floats, length: int) -> float:
    """Long-run variance of the last `length` days, by Bartlett's weights with floor(4 (n / 100)^(2/9)) lags; NaN below seven days.

    A mean of n days has this over n as the square of its standard error, memory included.

    **Source**: Newey and West (1987), Econometrica 55; the number of lags as in Newey and West (1994), Review of Economic Studies 61.
    """
    n = 0
    total = 0.0
    for k in range(min(length, len(days))):
        if not math.isnan(days[k]):
            n += 1
            total += days[k]
    if n < LEAST_NOISE_DAYS:
        return math.nan
    mean = total / n
    found = 0.0
    lags = int(4.0 * (n / 100.0) ** (2.0 / 9.0))
    for lag in range(lags + 1):
        part = 0.0
        for k in range(min(length, len(days)) - lag):
            if not math.isnan(days[k]) and not math.isnan(days[k + lag]):
                part += (days[k] - mean) * (days[k + lag] - mean)
        found += part / n if lag == 0 else 2.0 * (1.0 - lag / (lags + 1.0)) * part / n
    return max(found, 0.0)


def memories(low: int, high: int, days: Floats, length: int, out: Floats) -> None:
    """Write mean, phi, pairs of days and long-run variance of every row of `days`."""
    for p in range(low, high):
        mean, phi, n = remember(days[p])
        out[p, 0], out[p, 1], out[p, 2] = mean, phi, n
        out[p, 3] = scatter(days[p], length)
