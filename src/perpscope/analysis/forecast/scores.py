"""How wrong was a forecast, in basis points and in money, and was it wrong less often than a simple one?"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from perpscope.analysis.inference.ols import lag_rule, long_run_variance
from perpscope.errors import InputError, NotEnoughData

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]


def rmse(error: Floats) -> float:
    """Root of the mean square, in the unit of `error`, shape (n,)."""
    return math.sqrt(float(error @ error) / len(error))


def r2_out_of_sample(error: Floats, reference: Floats) -> float:
    """One minus the ratio of summed squared errors, both (n,): 0 is as good as the reference, 1 perfect; NaN where that is perfect.

    Source: Campbell and Thompson (2008), Review of Financial Studies 21, equation 1.
    """
    total = float(reference @ reference)
    return 1.0 - float(error @ error) / total if total > 0.0 else math.nan


@dataclass(frozen=True, slots=True)
class DieboldMariano:
    """Is one series of losses smaller than another?

    Parameters
    ----------
    gain : mean loss of the reference minus that of the model; > 0: the model is better.
    statistic, p : corrected statistic and its two-sided p in Student's t with n - 1 degrees of freedom; NaN where losses never differ.
    lags : of the long-run variance.
    """

    gain: float
    statistic: float
    p: float
    lags: int


def diebold_mariano(reference: Floats, model: Floats, ahead: int, lags: int | None = None) -> DieboldMariano:
    """Test whether two series of losses have the same mean.

    The variance is Newey and West's with Bartlett weights and max(lag_rule(n), 2 (ahead - 1)) lags: forecasts `ahead` steps
    ahead overlap for ahead - 1, and Bartlett weights count the farther of these at less than half unless the window is twice as
    wide. The statistic is shrunk by sqrt((n + 1 - 2h + h (h - 1) / n) / n).

    Parameters
    ----------
    reference, model : (n,) losses at the same origins in time order. ahead : h, settlements in the horizon, >= 1.
    lags : another number of lags, at least ahead - 1.

    Raises
    ------
    InputError
        When the lengths differ or the lags are fewer than the overlap.

    Source: Diebold and Mariano (1995), JBES 13; Harvey, Leybourne and Newbold (1997), International Journal of Forecasting 13.
    """
    n = len(model)
    if len(reference) != n or ahead < 1:
        raise InputError(
            "a Diebold-Mariano test", f"{len(reference)} and {n} losses, {ahead} ahead", "Give two of one length, 1 or more ahead."
        )
    if n < 3:  # noqa: PLR2004 - a variance and a degree of freedom
        raise NotEnoughData("a Diebold-Mariano test", f"{n} forecasts", "Give at least three.")
    width = max(lag_rule(n), 2 * (ahead - 1)) if lags is None else lags
    if width < ahead - 1:
        raise InputError("a Diebold-Mariano test", f"{width} lags for forecasts {ahead} steps ahead", "Give at least steps minus one.")
    gain = reference - model
    mean, shrink = float(gain.mean()), (n + 1 - 2 * ahead + ahead * (ahead - 1) / n) / n
    variance = long_run_variance(gain, min(width, n - 1)) / n
    if not (variance > 0.0 and shrink > 0.0):
        return DieboldMariano(mean, math.nan, math.nan, width)
    from scipy.special import stdtr

    statistic = mean / math.sqrt(variance) * math.sqrt(shrink)
    return DieboldMariano(mean, statistic, float(2.0 * stdtr(n - 1, -abs(statistic))), width)
