"""How likely is a Sharpe ratio to be more than luck, when it is the best of many that were tried?

All ratios here are per period, not annualised, and periods are what the returns were counted in. A kurtosis of 3 is the normal one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING

from perpscope.errors import InputError, NotEnoughData

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    Vector = NDArray[np.float64]

EULER = 0.5772156649015329
"""The Euler-Mascheroni constant."""
_NORMAL = NormalDist()


@dataclass(frozen=True, slots=True)
class Moments:
    """What a series of returns tells of its Sharpe ratio.

    Parameters
    ----------
    n : returns. sharpe : mean over standard deviation (of n - 1), per period. skew, kurtosis : third and fourth standardised moments, of n.
    """

    n: int
    sharpe: float
    skew: float
    kurtosis: float


@dataclass(frozen=True, slots=True)
class Deflated:
    """A best Sharpe ratio after the search that found it.

    Parameters
    ----------
    probability : that the true ratio is above `threshold`, 0 to 1: the deflated Sharpe ratio. threshold : ratio that the best of `trials`
        worthless ones is expected to show, per period. trials : independent ones that the search amounts to, >= 1.
    alone : the same probability against a ratio of zero, as if nothing else had been tried.
    """

    probability: float
    threshold: float
    trials: float
    alone: float


def moments(returns: ArrayLike) -> Moments | None:
    """Return the moments of n >= 2 returns (fractions per period); None where they do not vary.

    Raises
    ------
    NotEnoughData
        When there are fewer than two, or one of them is not finite.

    Examples
    --------
    >>> round(moments([0.01, 0.03]).sharpe, 6)
    1.414214
    >>> moments([0.01, 0.01]) is None
    True
    """
    import numpy as np

    values = np.asarray(returns, dtype=np.float64)
    if values.ndim != 1 or values.size < 2 or not np.isfinite(values).all():  # noqa: PLR2004 - of one value there is no spread
        raise NotEnoughData("a Sharpe ratio", f"an array of shape {values.shape}", "Give two finite returns or more.")
    away = values - values.mean()
    second = float((away**2).mean())
    if values.max() == values.min() or second == 0.0:
        return None
    n = values.size
    sharpe = float(values.mean()) / math.sqrt(second * n / (n - 1))
    return Moments(n, sharpe, float((away**3).mean()) / second**1.5, float((away**4).mean()) / second**2)


def probabilistic_sharpe(found: Moments, threshold: float = 0.0) -> float:
    """Return the probability that the true Sharpe ratio is above a threshold (per period), 0 to 1.

    **Source**: Bailey and Lopez de Prado (2012), The Sharpe Ratio Efficient Frontier, Journal of Risk 15; with the skewness and kurtosis
    of the returns: Z = (S - S*) sqrt(n - 1) / sqrt(1 - skew S + (kurtosis - 1) S^2 / 4).

    Examples
    --------
    >>> round(probabilistic_sharpe(Moments(1250, 2.5 / 250**0.5, -3.0, 10.0)), 6)
    0.999997
    """
    spread = 1.0 - found.skew * found.sharpe + (found.kurtosis - 1.0) / 4.0 * found.sharpe**2
    if spread <= 0.0:  # kurtosis >= 1 + skew^2 holds for every series, and then the root is real
        raise InputError("a Sharpe ratio", f"skewness {found.skew:g} with kurtosis {found.kurtosis:g}", "No series has such moments.")
    return _NORMAL.cdf((found.sharpe - threshold) * math.sqrt(found.n - 1) / math.sqrt(spread))


def expected_best(trials: float, spread: float) -> float:
    """Return the Sharpe ratio that the best of many worthless trials is expected to show, per period.

    Parameters
    ----------
    trials : independent ones, >= 1; a single one is expected to show nothing. spread : standard deviation of the trials' ratios.

    **Source**: Bailey and Lopez de Prado (2014), The Deflated Sharpe Ratio, Journal of Portfolio Management 40(5): the mean of the largest
    of N normal numbers, spread x ((1 - g) Z(1 - 1/N) + g Z(1 - 1/(N e))), g Euler's constant. Below two trials the approximation falls
    under zero, which the best of at least one cannot be expected to: zero is taken.

    Examples
    --------
    >>> round(expected_best(100, (0.5 / 250) ** 0.5), 4)
    0.1132
    """
    if not trials >= 1 or not spread >= 0:
        raise InputError("an expected best of many", f"{trials:g} trials with a spread of {spread:g}", "Give 1 or more, and 0 or more.")
    if trials == 1:
        return 0.0
    first, second = _NORMAL.inv_cdf(1.0 - 1.0 / trials), _NORMAL.inv_cdf(1.0 - 1.0 / (trials * math.e))
    return max(0.0, spread * ((1.0 - EULER) * first + EULER * second))


def effective_trials(returns: ArrayLike) -> float:
    """Return how many independent trials correlated ones amount to: r + (1 - r) m, with r their mean correlation.

    Parameters
    ----------
    returns : (n, m), one column a trial; columns that do not vary are all the same trial (the one that did nothing) and count as one.

    **Source**: Bailey and Lopez de Prado (2014), as in `expected_best`, appendix 3. A mean correlation below zero counts as zero, so that
    there are never more than were tried.

    Examples
    --------
    >>> round(effective_trials([[1.0, 1.0, -1.0], [-1.0, -1.0, -1.0], [1.0, 1.0, 1.0], [-1.0, -1.0, 1.0]]), 6)
    2.333333
    """
    import numpy as np

    values = np.asarray(returns, dtype=np.float64)
    away = values - values.mean(axis=0)
    spread = np.sqrt((away**2).mean(axis=0))
    varies = np.ptp(values, axis=0) > 0  # the spread of a constant column is a rounding, not always zero
    m = int(varies.sum())
    idle = float(m < values.shape[1])
    if m <= 1:
        return max(1.0, m + idle)
    joint = (away[:, varies] / spread[varies]).sum(axis=1)
    mean = (float((joint**2).mean()) - m) / (m * (m - 1))
    mean = min(max(mean, 0.0), 1.0)
    return mean + (1.0 - mean) * m + idle


def deflated_sharpe(best: Moments, ratios: ArrayLike, trials: float, *, days_alone: bool = False) -> Deflated:
    """Return the probability that the best of many tried Sharpe ratios is truly above what the best of worthless ones would show.

    Parameters
    ----------
    best : moments of the chosen trial. ratios : Sharpe ratios of all trials, per period. trials : independent ones they amount to.
    days_alone : take for luck what n periods scatter a ratio of nothing by, 1 / sqrt(n - 1), instead of the spread between the trials.
        The paper takes the spread: it asks too much where trials differ by more than luck (some pay more costs than others).

    **Source**: Bailey and Lopez de Prado (2014), as in `expected_best`; the scatter as in `probabilistic_sharpe`, at a ratio of 0.

    Examples
    --------
    >>> best = Moments(1250, 2.5 / 250**0.5, -3.0, 10.0)
    >>> spread = (0.5 / 250) ** 0.5
    >>> round(deflated_sharpe(best, [-spread / 2**0.5, spread / 2**0.5], 100).probability, 4)
    0.9004
    """
    import numpy as np

    values = np.asarray(ratios, dtype=np.float64)
    spread = float(values.std(ddof=1)) if values.size > 1 else 0.0
    if days_alone:
        spread = 1.0 / math.sqrt(best.n - 1)
    threshold = expected_best(trials, spread)
    return Deflated(probabilistic_sharpe(best, threshold), threshold, trials, probabilistic_sharpe(best))
