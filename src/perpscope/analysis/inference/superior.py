"""Is the best of many series truly above nothing, or only the luckiest? Two tests over the same resamples.

White's reality check compares the best mean with the best of every resample, each series centred on its own. Hansen's test divides
by the standard errors and leaves out of the comparison what is hopelessly bad, so that adding bad trials does not hide a good one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from perpscope.analysis.inference.bootstrap import CELLS, block_indices
from perpscope.analysis.inference.multiple import step_down
from perpscope.errors import InputError, NotEnoughData

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    from perpscope.analysis.inference.bootstrap import Indices

    Vector = NDArray[np.float64]
    Flags = NDArray[np.bool_]

_LEAST = 16
"""Rows from which log(log(n)) and a spread mean anything."""


@dataclass(frozen=True, slots=True)
class Superior:
    """What resampling says of the best of many series.

    Parameters
    ----------
    best : its column. mean : of that column, per row. t : its studentised mean.
    reality_check : p of White's test. lower, consistent, upper : p of Hansen's: bounds on either side of the consistent one.
    adjusted : (m,) p of every series by Romano and Wolf's step-down, one-sided; 1 where a series does not vary.
    block, draws : of the stationary bootstrap; rows per block on average.
    """

    best: int
    mean: float
    t: float
    reality_check: float
    lower: float
    consistent: float
    upper: float
    adjusted: Vector
    block: float
    draws: int


def superior(gains: ArrayLike, block: float, draws: int, rng: np.random.Generator) -> Superior:
    """Test whether the best of many series has a mean above zero.

    Parameters
    ----------
    gains : (n, m), n >= 16 rows in time order, one column a series: what each is better than the benchmark, row by row.
    block : rows per block on average, 1 to n. draws : resamples. rng : numpy Generator; the same seed gives the same answer.

    Returns
    -------
    Superior
        A p is the share of resamples with a larger best, so 0 means smaller than 1 / draws.

    Raises
    ------
    NotEnoughData
        When there are too few rows, or no column varies.

    **Source**: White (2000), A Reality Check for Data Snooping, Econometrica 68; Hansen (2005), A Test for Superior Predictive Ability,
    Journal of Business and Economic Statistics 23, with the variance of its appendix (the stationary bootstrap's own); stationary
    bootstrap: Politis and Romano (1994).
    """
    import numpy as np

    values = np.asarray(gains, dtype=np.float64)
    if values.ndim != 2 or values.shape[0] < _LEAST or not values.size:  # noqa: PLR2004 - rows by series
        raise NotEnoughData("a test of the best of many", f"an array of shape {values.shape}", f"Give {_LEAST} rows or more.")
    if not np.isfinite(values).all():
        raise InputError("a test of the best of many", "values that are not finite", "Leave out series that have none.")
    error = np.sqrt(long_run_variances(values, block) / values.shape[0])
    varies = (np.ptp(values, axis=0) > 0) & (error > 0)
    if not varies.any():
        raise NotEnoughData("a test of the best of many", "series that never change", "Give some that do something.")
    return _tested(values, error, varies, resampled_means(values, block_indices(values.shape[0], block, draws, rng)), block)


def _tested(values: Vector, error: Vector, varies: Flags, drawn: Vector, block: float) -> Superior:
    import numpy as np

    n, mean = values.shape[0], values.mean(axis=0)
    drawn -= mean
    reality = float((drawn.max(axis=1) > mean.max()).mean())
    mean, drawn, error = mean[varies], drawn[:, varies], error[varies]
    t = mean / error
    drawn /= error
    statistic = max(0.0, float(t.max()))
    hopeless = -math.sqrt(2.0 * math.log(math.log(n)))
    centres = (np.minimum(t, 0.0), np.where(t >= hopeless, 0.0, t), np.zeros_like(t))  # what is not taken off comes back here
    lower, consistent, upper = (float((np.maximum((drawn + centre).max(axis=1), 0.0) > statistic).mean()) for centre in centres)
    adjusted = np.ones(values.shape[1])
    adjusted[varies] = step_down(t, drawn, two_sided=False)
    best = int(np.flatnonzero(varies)[t.argmax()])
    return Superior(best, float(values[:, best].mean()), float(t.max()), reality, lower, consistent, upper, adjusted, block, drawn.shape[0])


def resampled_means(values: Vector, indices: Indices) -> Vector:
    """Return the mean of every column in every resample: (draws, m) from (n, m) values and (draws, n) rows.

    Counts of rows times the values, one product of matrices instead of a copy of the table for each draw.

    **Source**: arithmetic: a resample's mean is the sum of its rows, each as often as it was drawn.
    """
    import numpy as np

    n = values.shape[0]
    step = max(1, CELLS // n)
    out = np.empty((indices.shape[0], values.shape[1]))
    for at in range(0, indices.shape[0], step):
        part = indices[at : at + step]
        flat = part + n * np.arange(part.shape[0])[:, None]
        counts = np.bincount(flat.ravel(), minlength=n * part.shape[0]).reshape(part.shape[0], n)
        out[at : at + step] = counts.astype(np.float64) @ values
    out /= n
    return out


def long_run_variances(values: Vector, block: float) -> Vector:
    """Return the variance of sqrt(n) x mean for each column, as the stationary bootstrap would find it with draws without end.

    Parameters
    ----------
    values : (n, m). block : rows per block on average.

    **Source**: Politis and Romano (1994), Journal of the American Statistical Association 89; Hansen (2005), section 3: autocovariances
    weighted by (1 - i/n)(1 - q)^i + (i/n)(1 - q)^(n - i), q = 1 / block. The autocovariances come from the spectrum, all lags at once.
    """
    import numpy as np

    n = values.shape[0]
    lags = np.arange(1, n)
    stay = 1.0 - 1.0 / block
    weights = np.concatenate(([1.0], 2.0 * ((1.0 - lags / n) * stay**lags + lags / n * stay ** (n - lags))))
    out = np.empty(values.shape[1])
    step = max(1, CELLS // (2 * n))
    for at in range(0, values.shape[1], step):
        away = values[:, at : at + step] - values[:, at : at + step].mean(axis=0)
        power = np.abs(np.fft.rfft(away, 2 * n, axis=0)) ** 2
        covariances = np.fft.irfft(power, 2 * n, axis=0)[:n] / n
        out[at : at + step] = weights @ covariances
    return np.maximum(out, 0.0)
