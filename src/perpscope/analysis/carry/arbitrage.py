"""What does a perpetual held against its coin earn, hour by hour, when every trade costs something?

Both legs are worth one unit of the quote currency at the start of each hour, gains are not put back to work, and the coin is bought with
borrowed money. What is counted is the excess over doing nothing; margins and liquidation are the business of a backtest.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from perpscope.analysis.pricing.shares import active_sharpe
from perpscope.errors import InputError, NotEnoughData
from perpscope.units import HOURS_PER_YEAR, MS_PER_HOUR

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]


SAME = 1e-12
"""Gains whose deviation is smaller than this part of their mean never change: it is rounding."""


@dataclass(frozen=True, slots=True, eq=False)
class Looks:
    """A perpetual and its coin at the same moments; arrays of length n.

    Parameters
    ----------
    at : ms UTC, ascending. perp, spot : prices, > 0. paid : funding a long paid since the look before, a fraction of notional.
    carry : rate a year at which money is lent and borrowed from here on, a fraction.
    """

    at: npt.NDArray[np.int64]
    perp: Floats
    spot: Floats
    paid: Floats
    carry: Floats

    @property
    def hours(self) -> Floats:
        """Length of each of the n - 1 steps, hours."""
        import numpy as np

        return np.diff(self.at) / MS_PER_HOUR


@dataclass(frozen=True, slots=True)
class Performance:
    """How a position did, per unit of notional.

    Parameters
    ----------
    gain_1y : sum of gains a year of the whole window, a fraction. sharpe : a year, of active hours; nan where gains never change.
    active_hours : a year. drawdown : largest fall of the sum of gains, a fraction, <= 0. drawdown_compounded : the same of gains put
    back to work.
    """

    gain_1y: float
    sharpe: float
    active_hours: float
    drawdown: float
    drawdown_compounded: float


def gains(looks: Looks, held: npt.ArrayLike, cost: float = 0.0) -> Floats:
    """Return the excess gain of each step, per unit of notional.

    Parameters
    ----------
    looks : prices, funding and carry. held : (n,) position in the perpetual from each look on, -1, 0 or 1, with the coin on the other
    side. cost : of trading both legs once, a fraction >= 0; turning round from -1 to 1 trades twice.

    Returns
    -------
    gains
        (n - 1,) -held x (return of the coin - return of the perpetual + funding - carry) - cost of the trade that opens the step.

    Raises
    ------
    InputError
        When there is not one position a look.

    **Source**: the cash flows of both legs; the carry as in He et al. v7, whose printed returns of the trade that is always on are mean
    funding less the mean rate (`theory.md` 4).

    Examples
    --------
    >>> import numpy as np
    >>> prices = np.array([100.0, 110.0, 110.0])
    >>> looks = Looks(np.array([0, 1, 2]) * 3_600_000, prices, prices, np.array([0.0, 0.0, 0.0002]), np.full(3, 0.0876))
    >>> [round(x, 9) for x in gains(looks, [0, -1, -1], cost=0.001).tolist()]
    [0.0, -0.00081]
    """
    import numpy as np

    side = -np.asarray(held, dtype=np.float64)
    if side.shape != looks.at.shape:
        raise InputError("gains of a position", f"{side.size} positions for {looks.at.size} looks", "Give one position a look.")
    coin, perp = looks.spot[1:] / looks.spot[:-1] - 1, looks.perp[1:] / looks.perp[:-1] - 1
    traded = np.abs(np.diff(side[:-1], prepend=0.0))
    carried = looks.carry[:-1] * looks.hours / HOURS_PER_YEAR
    return np.asarray(side[:-1] * (coin - perp + looks.paid[1:] - carried) - cost * traded + 0.0, dtype=np.float64)


def performance(looks: Looks, held: npt.ArrayLike, cost: float = 0.0) -> Performance:
    """Sum up a position; parameters as of `gains`.

    Raises
    ------
    NotEnoughData
        When it is active for fewer than two steps.

    **Source**: `active_sharpe` for the Sharpe ratio (He et al. v7, section 4.4); a step is active where a position is held in it or closed
    at its start.
    """
    import numpy as np

    place = np.asarray(held)[:-1]
    active = (place != 0) | (np.diff(place, prepend=0) != 0)
    return summed_up(looks.hours, gains(looks, held, cost), active)


def summed_up(hours: Floats, gain: Floats, active: npt.NDArray[np.bool_]) -> Performance:
    """Sum up gains of steps, however they came about.

    Parameters
    ----------
    hours, gain, active : (n,) length of each step, its gain per unit of notional, and whether a position counts in it.

    Raises
    ------
    NotEnoughData
        When fewer than two steps are active.

    **Source**: `active_sharpe` (He et al. v7, section 4.4).
    """
    import numpy as np

    if active.sum() < 2:  # noqa: PLR2004 - a deviation needs two
        raise NotEnoughData("a Sharpe ratio", f"{int(active.sum())} active hours", "Lower the threshold or give a longer history.")
    years = float(hours.sum()) / HOURS_PER_YEAR
    busy = float(hours[active].sum()) / years
    sd = float(gain[active].std(ddof=1))
    mean = float(gain[active].mean())
    sharpe = float(active_sharpe(mean, sd, busy)) if sd > SAME * abs(mean) else math.nan
    total, grown = np.concatenate([[0.0], np.cumsum(gain)]), np.concatenate([[1.0], np.cumprod(1 + gain)])
    falls = float((total - np.maximum.accumulate(total)).min()), float((grown / np.maximum.accumulate(grown) - 1).min())
    return Performance(float(gain.sum()) / years, sharpe, busy, *falls)
