"""How do the net carries of trades move together over the time they are held?

From daily sums of what each trade received. Funding follows itself, so the variance of 30 days is not 30 times that of one: it is taken
from all autocovariances up to the time held, with the weights by which they enter a sum (Bartlett's), which keeps it positive.
Correlations are then shrunk toward their mean, the more the fewer times held the history has room for.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from perpscope.errors import InputError, NotEnoughData

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

LEAST_DAYS = 30
"""Days that all trades must have in common."""
ESTIMATOR = (
    "covariance of sums over the time held, from daily autocovariances with Bartlett weights (n in the divisor); correlations shrunk toward"
    " their mean; only what legs paid is in it, not how their prices drift apart"
)


@dataclass(frozen=True, slots=True, eq=False)
class Risk:
    """How trades move together.

    Parameters
    ----------
    factor : (n, k) F, so that F F' is the covariance of what n trades receive over the time held, fractions of their notional.
    days : of history behind it; 0 where it was given. shrunk : 0 to 1, how far correlations are their mean.
    told : what a reader must know of it.
    """

    factor: Floats
    days: int = 0
    shrunk: float = 0.0
    told: tuple[str, ...] = ()

    @property
    def covariance(self) -> Floats:
        """(n, n), positive semidefinite."""
        return self.factor @ self.factor.T

    @property
    def correlation(self) -> Floats:
        """(n, n); a trade that never moves is correlated with none."""
        import numpy as np

        whole = self.covariance
        sd = np.sqrt(np.diag(whole))
        safe = np.where(sd > 0, sd, 1.0)
        found = whole / np.outer(safe, safe)
        np.fill_diagonal(found, 1.0)
        return np.asarray(found, dtype=np.float64)

    def of(self, places: list[int]) -> Risk:
        """Keep some of the trades, in the order named."""
        return Risk(self.factor[places], self.days, self.shrunk, self.told)


def horizon_risk(daily: Floats, days: float) -> Risk:
    """Estimate it from history.

    Parameters
    ----------
    daily : (t, n) what each trade received a day, fractions of notional, without gaps. days : time held, > 0.

    Raises
    ------
    NotEnoughData
        When the history is shorter than 30 days, or than twice the time held.

    **Source**: variance of a sum from its autocovariances; Newey and West (1987) for its positivity; Ledoit and Wolf (2004), Honey, I
    shrunk the sample covariance matrix, for the target of equal correlations. The intensity is theirs and Schäfer and Strimmer's (2005),
    the sampling variance of the correlations over their spread, with (1 - r^2)^2 / (m - 1) for the former, m the times held in the history.

    Examples
    --------
    >>> import numpy as np
    >>> calm = np.tile([[0.001, 0.0], [-0.001, 0.0]], (30, 1))
    >>> np.round(horizon_risk(calm, 1).covariance * 1e6, 6).tolist()
    [[1.0, 0.0], [0.0, 0.0]]
    """
    import numpy as np

    t, span = daily.shape[0], max(round(days), 1)
    if not np.isfinite(daily).all():
        raise InputError("the daily carry of trades", "gaps", "Leave out the days on which one of them has none.")
    if t < max(LEAST_DAYS, 2 * span):
        there = f"{t} days that all trades have in common"
        raise NotEnoughData(f"the risk of trades held {days:g} days", there, f"{max(LEAST_DAYS, 2 * span)} are needed: hold them shorter.")
    padded = np.vstack([np.zeros((1, daily.shape[1])), daily - daily.mean(axis=0), np.zeros((span - 1, daily.shape[1]))])
    running = np.cumsum(padded, axis=0)
    sums = running - np.vstack([np.zeros((span, daily.shape[1])), running])[: running.shape[0]]
    whole = sums[1:].T @ sums[1:] / t * (days / span)
    shrunk, share = _shrunk(np.asarray(whole, dtype=np.float64), t / span)
    return Risk(_factor(shrunk), t, share, (ESTIMATOR, f"{t} days, {share:.0%} of the way to equal correlations"))


def given_risk(daily: Floats, days: float, told: str) -> Risk:
    """Build it from a covariance of one day's carry that somebody states; days are taken as independent (assumed).

    Raises
    ------
    InputError
        When the matrix is not square, not symmetric, not finite or not positive semidefinite.
    """
    import numpy as np

    if daily.ndim != 2 or daily.shape[0] != daily.shape[1] or not np.isfinite(daily).all():  # noqa: PLR2004 - a matrix
        raise InputError("a covariance of trades", f"an array of shape {daily.shape}", "Give finite numbers, one row and column a trade.")
    scale = float(np.abs(daily).max(initial=0.0))
    if not np.allclose(daily, daily.T, rtol=0, atol=1e-9 * scale):
        raise InputError("a covariance of trades", "it is not symmetric", "The covariance of a and b is that of b and a.")
    lowest = float(np.linalg.eigvalsh((daily + daily.T) / 2).min(initial=0.0))
    if lowest < -1e-9 * scale:
        raise InputError("a covariance of trades", f"an eigenvalue of {lowest:g}", "No trades can move so; give a semidefinite matrix.")
    whole = np.asarray((daily + daily.T) / 2 * days, dtype=np.float64)
    return Risk(_factor(whole), told=(told, "days are taken as independent (assumed)"))


def _shrunk(whole: Floats, times: float) -> tuple[Floats, float]:
    """Shrink correlations toward their mean; also how far."""
    import numpy as np

    sd = np.sqrt(np.diag(whole))
    moves = np.flatnonzero(sd > 0)
    if moves.size < 2:  # noqa: PLR2004 - a correlation is of two
        return whole, 0.0
    outer = np.outer(sd[moves], sd[moves])
    r = whole[np.ix_(moves, moves)] / outer
    pairs = np.triu_indices(moves.size, 1)
    mean = float(r[pairs].mean())
    noise = float(((1 - r[pairs] ** 2) ** 2).sum()) / max(times - 1, 1.0)
    spread = float(((r[pairs] - mean) ** 2).sum())
    share = min(noise / spread, 1.0) if spread > 0 else 0.0
    target = np.full_like(r, mean)
    np.fill_diagonal(target, 1.0)
    mixed = whole.copy()
    mixed[np.ix_(moves, moves)] = ((1 - share) * r + share * target) * outer
    return mixed, share


def _factor(whole: Floats) -> Floats:
    """F with F F' = the matrix; eigenvalues that rounding put below 0 are 0."""
    import numpy as np

    values, vectors = np.linalg.eigh((whole + whole.T) / 2)
    kept = values > values.max(initial=0.0) * 1e-14
    return np.asarray(vectors[:, kept] * np.sqrt(values[kept]), dtype=np.float64)


def chains(correlation: Floats, from_: float) -> list[list[int]]:
    """Group trades whose correlation is at least `from_`, chain by chain; trades alone are no group.

    Examples
    --------
    >>> import numpy as np
    >>> chains(np.array([[1, 0.9, 0.1], [0.9, 1, 0.2], [0.1, 0.2, 1]]), 0.8)
    [[0, 1]]
    """
    n = len(correlation)
    left, found = set(range(n)), list[list[int]]()
    while left:
        group, edge = set[int](), [min(left)]
        while edge:
            one = edge.pop()
            group.add(one)
            edge += [other for other in left - group if other not in edge and correlation[one][other] >= from_ - math.ulp(1.0)]
        left -= group
        if len(group) > 1:
            found.append(sorted(group))
    return found
