"""How much of a forecast's skill is arithmetic?

A settled rate is an average of the premium, put through a clamp. So part of every gap between a moving average and the premium
of the moment is mechanical: an average has less noise than one reading, the clamp maps most readings to one number, and a
forecast made inside the window has already seen part of the answer. These are measured here, one at a time.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from perpscope.analysis.forecast.history import BP
from perpscope.analysis.forecast.scores import rmse
from perpscope.errors import InputError
from perpscope.units import MS_PER_HOUR

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import numpy.typing as npt
    import polars as pl

    from perpscope.analysis.forecast.contest import Round
    from perpscope.analysis.forecast.history import History

    Floats = npt.NDArray[np.float64]
    Ints = npt.NDArray[np.int64]
    Flags = npt.NDArray[np.bool_]

AT_INTEREST = 5e-11
"""A rate this near the interest term, as a fraction per interval, is at it."""


@dataclass(frozen=True, slots=True)
class Ladder:
    """Mean squared errors from the premium of one moment to the moving average, step by step.

    Parameters
    ----------
    names, losses : models from first to last and their mean squared errors, (bp per 8 hours) squared.
    gap : loss of the first minus loss of the last. shares : (k - 1,) part of the gap each step closes; they add up to 1, and can
        be negative or above 1.
    """

    names: tuple[str, ...]
    losses: tuple[float, ...]
    gap: float
    shares: tuple[float, ...]


def ladder(found: Round, names: Sequence[str]) -> Ladder:
    """Tell how much of the gap between the first and the last model each of those between them closes.

    Parameters
    ----------
    found : a round in which all of them took part. names : for instance current_premium, averaged_premium, last_rate, moving_average.
    """
    losses = [rmse(found.error(name)) ** 2 for name in names]
    gap = losses[0] - losses[-1]
    steps = [above - below for above, below in pairwise(losses)]
    return Ladder(tuple(names), tuple(losses), gap, tuple(step / gap if gap else math.nan for step in steps))


def off_interest(history: History, found: Round) -> Flags:
    """Return the judged rows of a round at which the next settled rate left the interest term; all where the term is unknown.

    Whether it will is not known at the origin: this tells where skill comes from, not what a forecaster could pick.
    """
    import numpy as np

    following = np.minimum(np.flatnonzero(found.judged) + 1, len(history) - 1)
    rate, interest = history.rate[following], history.interest[following]  # type: ignore[index]  # filled in at birth
    return ~(np.abs(rate - interest) <= AT_INTEREST)


def losses_where(found: Round, where: Flags) -> dict[str, float]:
    """Root mean squared error of each model, bp per 8 hours, at some of the judged rows."""
    if not where.any():
        raise InputError("errors at some settlements", "there is none of them", "Ask for others.")
    return {name: rmse(found.error(name)[where]) for name in found.names}


def samples_of(history: History, premium: pl.DataFrame, hours: int) -> Floats:
    """Lay the premium samples of each window beside each other.

    Parameters
    ----------
    premium : `at` (ms UTC) and `premium` (fraction). hours : length of the windows; samples are an hour apart.

    Returns
    -------
    (n, hours + 1)
        Column e is the premium seen e hours after the window of row i began, in bp per 8 hours; NaN where none was seen at that
        very time, or the row's interval is another.
    """
    import numpy as np

    at, value = premium["at"].to_numpy(), premium["premium"].to_numpy()
    when = history.slot[:, None] + (np.arange(hours + 1) - hours)[None, :] * MS_PER_HOUR
    place = np.minimum(np.searchsorted(at, when), len(at) - 1)
    return np.where((at[place] == when) & (history.hours == hours)[:, None], value[place] * BP, np.nan)


def filling(samples: Floats, weights: Floats) -> Floats:
    """Foretell a window's average premium as the window fills.

    Parameters
    ----------
    samples : (n, m + 1), column 0 at the start of the window, then its m samples. weights : (m,) of the samples in the average.

    Returns
    -------
    (n, m + 1)
        Column e: the weighted sum of the e samples seen so far, and the last one seen for all that are to come. Column 0 is the
        premium at the start, column m the average itself.
    """
    import numpy as np

    share: Floats = weights / weights.sum()
    seen = np.concatenate([np.zeros((len(samples), 1)), np.cumsum(samples[:, 1:] * share, axis=1)], axis=1)
    left = np.concatenate([[1.0], 1.0 - np.cumsum(share)])
    found: Floats = seen + samples * left
    return found
