"""What may a floating carry come to over the time held, at worst in one of twenty cases?

Daily sums of the history are drawn again in blocks (stationary bootstrap), at least as long on average as the time held where the history
has room for it; mean and tail are of the same history. Caps and changes of interval are those the history lived through; `risk funding`
pays every path under the law in force.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from perpscope.analysis.inference.bootstrap import block_length
from perpscope.analysis.risk.resample import block_sums
from perpscope.analysis.risk.tail import value_at_risk
from perpscope.errors import NotEnoughData

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

LEVEL = 0.95
PATHS = 20_000
LEAST_DAYS = 30
ROUNDING = 1e-12
"""Shortfalls below this part of the sum are the last digits of sums in another order."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a floating carry may come to.

    Parameters
    ----------
    mean : expected sum over the time held, a fraction of the notional. shortfall : how much less the worst one in twenty brings, >= 0.
    days : of history behind it.
    """

    mean: float
    shortfall: float
    days: int


def outlook(daily: Floats, days: float, seed: int) -> Outlook:
    """Draw what a floating carry may come to.

    Parameters
    ----------
    daily : (t,) received a day, fraction of the notional, in order of time. days : time held, > 0. seed : of the draws.

    Raises
    ------
    NotEnoughData
        When the history is shorter than twice the time held, or than 30 days.

    **Source**: Politis and Romano (1994), The stationary bootstrap; the shortfall is the mean less the 5 % quantile.

    Examples
    --------
    >>> import numpy as np
    >>> found = outlook(np.full(60, 0.0003), 30, 1)
    >>> round(found.mean, 9), found.shortfall
    (0.009, 0.0)
    """
    import numpy as np

    span = max(round(days), 1)
    if len(daily) < max(2 * span, LEAST_DAYS):
        there = f"{len(daily)} days of history"
        raise NotEnoughData(f"a carry over {days:g} days", there, f"{max(2 * span, LEAST_DAYS)} are needed.")
    scale = days / span
    mean = float(np.mean(daily)) * span * scale
    block = min(max(block_length(daily), float(span)), len(daily) / 3)
    sums = block_sums(np.asarray(daily, dtype=np.float64), (PATHS, span), block, np.random.default_rng(seed))
    worst = -value_at_risk(-sums, LEVEL) * scale
    short = mean - worst
    return Outlook(mean, short if short > ROUNDING * max(abs(mean), abs(worst)) else 0.0, len(daily))
