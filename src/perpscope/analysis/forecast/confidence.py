"""Which models cannot be told from the best?

The model confidence set drops the worst model while the range of mean losses is too wide for chance, and stops when it is
not. A model's p is the largest size of the test at which it would still be in the set.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from perpscope.errors import InputError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
    Ints = npt.NDArray[np.int64]

SIZE = 0.10
"""A model is in the set where its p is above this: the set holds the best one with probability 0.9."""


def confidence_set(losses: Floats, rows: Ints) -> Floats:
    """Return the p of each model: the range statistic, variances and quantiles from the same resamples.

    Parameters
    ----------
    losses : (n, k) losses at the same n origins, in time order; no two columns equal.
    rows : (draws, n) rows of each resample, in blocks (`inference.bootstrap.block_indices`, stationary).

    Returns
    -------
    p : (k,) 0 to 1; 1 for the last that stays.

    Source: Hansen, Lunde and Nason (2011), Econometrica 79, "The model confidence set", with T_R.
    """
    import numpy as np

    from perpscope.analysis.forecast.history import kernel

    n, k = losses.shape
    if rows.ndim != 2 or rows.shape[1] != n:  # noqa: PLR2004 - draws and rows
        raise InputError("a model confidence set", f"resamples of shape {rows.shape} for {n} losses", "Give n rows in each.")
    means = np.zeros((len(rows), k))
    sums = np.vstack([np.zeros(k), losses.cumsum(axis=0)])
    kernel("_origins", "resampled_means")(sums, np.ascontiguousarray(rows), means)
    told = losses.mean(axis=0)
    apart = told[:, None] - told[None, :]
    drawn = means[:, :, None] - means[:, None, :] - apart
    spread = np.sqrt((drawn**2).mean(axis=0))
    still = spread == 0.0
    if (still & (apart == 0.0) & ~np.eye(k, dtype=bool)).any():
        raise InputError("a model confidence set", "two models with the same losses", "Leave one of them out.")
    scale = np.where(still, 1.0, spread)
    certain = np.where(apart == 0.0, 0.0, np.copysign(np.inf, apart))  # a difference that no resample changes is no chance
    return _eliminated(np.where(still, certain, apart / scale), drawn / scale)


def _eliminated(apart: Floats, drawn: Floats) -> Floats:
    import numpy as np

    p, largest = np.ones(len(apart)), 0.0
    left = list(range(len(apart)))
    while len(left) > 1:
        told = apart[np.ix_(left, left)]
        statistic = told.max()
        chance = drawn[:, left][:, :, left].max(axis=(1, 2))
        largest = max(largest, float((statistic < chance).mean()))
        worst = left[int(np.argwhere(told == statistic)[0, 0])]
        p[worst] = largest
        left.remove(worst)
    return p


def block_of(n: int, ahead: int) -> float:
    """Mean block of the resamples in rows: the horizon or the cube root of n, the longer, and at most a quarter of n."""
    return float(min(max(ahead, n ** (1 / 3), 1.0), max(n / 4, 1.0)))
