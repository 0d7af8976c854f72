"""Were the losses beyond the value at risk as rare as it said, and did they come one by one?

At each origin only what had been settled by then is used; the horizons do not overlap, so the hits are independent if the forecasts
are right. Few horizons fit into a few years: the tests then have little power, and the exact binomial probability is told as well.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from perpscope.errors import InputError
from perpscope.units import MS_PER_HOUR

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np
    import numpy.typing as npt

    from perpscope.analysis.risk.flow import Flow

    Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Coverage:
    """What became of a value at risk.

    Parameters
    ----------
    level : of the value at risk. n, hits : horizons, and losses beyond it. expected : (1 - level) n.
    kupiec, independence, conditional : likelihood ratios; p_* their probabilities under right coverage, independence and both
    (chi² with 1, 1 and 2 degrees of freedom). p_exact : two-sided binomial.

    **Source** Kupiec (1995); Christoffersen (1998).
    """

    level: float
    n: int
    hits: int
    expected: float
    kupiec: float
    p_kupiec: float
    p_exact: float
    independence: float
    p_independence: float
    conditional: float
    p_conditional: float


def coverage(hits: Sequence[bool], level: float) -> Coverage:
    """Test a row of hits.

    Parameters
    ----------
    hits : whether each horizon's loss was beyond its value at risk, in order of time. level : 0 < level < 1.

    Raises
    ------
    InputError
        Without horizons.

    **Source** Kupiec (1995), Techniques for verifying the accuracy of risk measurement models; Christoffersen (1998), Evaluating interval
    forecasts.

    Examples
    --------
    >>> found = coverage([False] * 95 + [True] * 5, 0.95)
    >>> round(found.kupiec, 12), found.hits
    (0.0, 5)
    """
    from scipy.stats import binomtest, chi2

    n, x, p = len(hits), sum(bool(h) for h in hits), 1 - level
    if not n:
        raise InputError("a test of coverage", "no horizon", "Give a longer history.")
    kupiec = 2 * (_likelihood(x, n, x / n) - _likelihood(x, n, p))
    apart = _independence(hits)
    both = kupiec + apart
    return Coverage(
        level=level,
        n=n,
        hits=x,
        expected=p * n,
        kupiec=kupiec,
        p_kupiec=float(chi2.sf(kupiec, 1)),
        p_exact=float(binomtest(x, n, p).pvalue),
        independence=apart,
        p_independence=float(chi2.sf(apart, 1)),
        conditional=both,
        p_conditional=float(chi2.sf(both, 2)),
    )


def _likelihood(x: int, n: int, p: float) -> float:
    """Logarithm of p^x (1-p)^(n-x), with 0 log 0 = 0."""
    return (x * math.log(p) if x else 0.0) + ((n - x) * math.log1p(-p) if n > x else 0.0)


def _independence(hits: Sequence[bool]) -> float:
    """Likelihood ratio of a first-order Markov chain against independence."""
    from itertools import pairwise

    moves = [(bool(a), bool(b)) for a, b in pairwise(hits)]
    if not moves:
        return 0.0
    after = {state: [b for a, b in moves if a is state] for state in (False, True)}
    free = sum(_likelihood(sum(each), len(each), sum(each) / len(each)) for each in after.values() if each)
    total = sum(b for _, b in moves)
    return max(2 * (free - _likelihood(total, len(moves), total / len(moves))), 0.0)


@dataclass(frozen=True, slots=True, eq=False)
class Rolled:
    """Forecasts and what came.

    Parameters
    ----------
    origins : ms UTC, when each forecast was made. losses : what each horizon cost. forecasts : value at risk, one list a level.
    """

    origins: tuple[int, ...]
    losses: tuple[float, ...]
    forecasts: tuple[tuple[float, ...], ...]

    def hits(self, place: int) -> list[bool]:
        """Whether each loss was beyond the value at risk of the level at `place`."""
        return [loss > var + 1e-15 for loss, var in zip(self.losses, self.forecasts[place], strict=True)]


def rolled(flow: Flow, windows: int, side: int, forecast: Callable[[Flow], Sequence[float]], *, least: int, most: int = 0) -> Rolled:
    """Forecast at the start of each horizon from what was known then, and note what came.

    Parameters
    ----------
    flow : history. windows : length of the horizon; horizons follow each other without overlap. side : 1 long, -1 short.
    forecast : gets the flow up to the origin, gives a value at risk per level (fraction of notional).
    least : windows before the first origin. most : at most so many origins, the last ones; 0 for all.

    **Source** none: bookkeeping. A horizon that is cut by a gap is left out.
    """
    n = len(flow.steps)
    starts = list(range(n - windows, least - 1, -windows))[::-1]
    step = round(flow.hours * MS_PER_HOUR)
    whole = [s for s in starts if flow.ends[s + windows - 1] - flow.ends[s] == (windows - 1) * step]
    whole = whole[-most:] if most else whole
    origins, losses, told = [], [], []
    for s in whole:
        origin = int(flow.ends[s]) - step
        told.append(tuple(forecast(flow.before(origin))))
        origins.append(origin)
        losses.append(side * float(flow.steps[s : s + windows].sum()))
    levels = len(told[0]) if told else 0
    return Rolled(tuple(origins), tuple(losses), tuple(tuple(each[k] for each in told) for k in range(levels)))
