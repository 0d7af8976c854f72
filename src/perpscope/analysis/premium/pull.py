"""How much of a premium is gone a step later, in a band, outside of it, and by the clock of the funding window?

The pull is minus the slope of the next change on the premium: 0 is a random walk, 1 is gone at once. Errors are
Newey-West's. An intercept is always there, so the pull is towards whatever level the data choose.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from perpscope.analysis.inference.ols import ols
from perpscope.errors import NotEnoughData

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    Vector = NDArray[np.float64]

LEAST = 30
"""Fewest steps a pull is read from."""


@dataclass(frozen=True, slots=True)
class Pull:
    """Share of a deviation that is gone a step later.

    Parameters
    ----------
    share : 0 stays, 1 is gone. se : Newey-West. level : the premium at which no change is expected; nan where nothing pulls.
    n : steps. mean : of the premiums.
    """

    share: float
    se: float
    level: float
    n: int
    mean: float

    @property
    def half_life(self) -> float:
        """Steps after which half is gone; infinite where nothing pulls, 0 where all is gone at once."""
        return half_life(self.share)


def half_life(share: float) -> float:
    """Return the steps after which half of a deviation is gone, when `share` of it goes in each.

    Source: (1 - share)^steps = 1/2.

    Examples
    --------
    >>> half_life(0.5), half_life(0.0)
    (1.0, inf)
    """
    if share <= 0:
        return math.inf
    return 0.0 if share >= 1 else math.log(0.5) / math.log1p(-share)


def pull(premium: Vector, change: Vector) -> Pull:
    """Read the pull off premiums and their next changes, in time order.

    Raises
    ------
    NotEnoughData
        When there are fewer than thirty steps.

    Source: a first-order autoregression, written for changes.

    Examples
    --------
    >>> import numpy as np
    >>> x = np.tile([0.001, -0.001], 50)
    >>> round(pull(x, -0.5 * x + 0.0001).share, 6)
    0.5
    """
    if len(premium) < LEAST:
        raise NotEnoughData("the pull on a premium", f"{len(premium)} steps", f"Give at least {LEAST}.")
    fit = ols(change, premium, ["premium"])
    slope, intercept = float(fit.coef[1]), float(fit.coef[0])
    level = -intercept / slope if slope else math.nan
    return Pull(-slope, float(fit.se_hac[1]), level, fit.n, float(premium.mean()))


def pull_inside(premium: Vector, change: Vector, low: float, high: float) -> Pull:
    """Read the pull off the premiums that start between `low` and `high`.

    Source: as `pull`.
    """
    kept = (premium >= low) & (premium <= high)
    return pull(premium[kept], change[kept])


def pull_with_bends(premium: Vector, change: Vector, low: float, high: float) -> dict[str, tuple[float, float]]:
    """Read the pull inside a known band and the pull on the excess beyond either edge, all at once.

    Returns
    -------
    dict
        "inside", "below", "above" -> share gone a step later and its Newey-West error; beyond an edge it is the whole slope there.

    Source: least squares on the premium and its two excesses; `edges.find_edges` searches the band instead.
    """
    import numpy as np

    excess = np.column_stack([premium, np.minimum(premium - low, 0.0), np.maximum(premium - high, 0.0)])
    fit = ols(change, excess, ["inside", "below", "above"])
    found = {"inside": (-float(fit.coef[1]), float(fit.se_hac[1]))}
    for k, name in ((2, "below"), (3, "above")):
        variance = fit.cov_hac[1, 1] + fit.cov_hac[k, k] + 2 * fit.cov_hac[1, k]
        found[name] = (-float(fit.coef[1] + fit.coef[k]), math.sqrt(max(float(variance), 0.0)))
    return found


def pull_by_clock(hour: NDArray[np.int64], premium: Vector, change: Vector, hours: Sequence[int]) -> list[Pull]:
    """Read the pull off the steps that start at each hour of the funding window (0: at the stamp).

    Source: as `pull`, hour by hour.
    """
    return [pull(premium[hour == k], change[hour == k]) for k in hours]


def difference(one: Pull, other: Pull) -> tuple[float, float]:
    """Difference of two pulls that were read off different steps, and its standard error, taken as independent.

    Source: variances add.
    """
    return one.share - other.share, math.hypot(one.se, other.se)
