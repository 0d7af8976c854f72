"""How coarse is one price: how far from trade to trade, how wide the spread, how large the tick?

Every number here is of single prices. What it means for a premium, and for an average of premiums, is the matter of the
other modules.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from perpscope.errors import NotEnoughData

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

UNIFORM = 12.0
"""Variance of a number known only to a whole step is step^2 / 12."""
DEEPEST = 12
LEAST_TRADES = 3


@dataclass(frozen=True, slots=True)
class TradeNoise:
    """How trades scatter; all but counts are fractions of the price.

    Parameters
    ----------
    trades : how many. moved : share of trades at another price than the one before.
    sd : of the change from trade to trade. bounce : effective spread by Roll, None where changes do not turn back.
    """

    trades: int
    moved: float
    sd: float
    bounce: float | None


def trade_noise(prices: Floats) -> TradeNoise:
    """Measure how far prices move from one trade to the next.

    Parameters
    ----------
    prices : (n,) prices of consecutive trades, in the order they were made.

    Raises
    ------
    NotEnoughData
        When there are fewer than three.

    **Source**: Roll (1984): spread = 2 sqrt(-cov of neighbouring changes).

    Examples
    --------
    >>> import numpy as np
    >>> found = trade_noise(np.array([100.0, 100.1, 100.0, 100.1, 100.0, 100.1]))
    >>> found.trades, round(found.sd, 6)
    (6, 0.001095)
    """
    import numpy as np

    if len(prices) < LEAST_TRADES:
        raise NotEnoughData("the scatter of trades", f"{len(prices)} trades", "Import recordings with trades.")
    change = np.diff(prices) / prices[:-1]
    turned = -float(np.mean((change[1:] - change.mean()) * (change[:-1] - change.mean())))
    return TradeNoise(
        trades=len(prices),
        moved=float(np.mean(change != 0)),
        sd=float(change.std(ddof=1)),
        bounce=2 * turned**0.5 if turned > 0 else None,
    )


def tick_of(prices: Floats) -> float | None:
    """Largest step of which all prices are whole multiples; None where they are no decimals.

    **Source**: greatest common divisor of the prices in units of their last decimal.

    Examples
    --------
    >>> import numpy as np
    >>> tick_of(np.array([100.5, 101.0, 99.5]))
    0.5
    """
    import numpy as np

    known = np.unique(prices[np.isfinite(prices)])
    if not len(known):
        return None
    for places in range(DEEPEST):
        scaled = known * 10.0**places
        whole = np.rint(scaled)
        if np.all(np.abs(scaled - whole) <= np.abs(scaled) * 2.0**-50 + 1e-9):
            return float(np.gcd.reduce(whole.astype(np.int64))) / 10.0**places if len(known) > 1 else 10.0**-places
    return None


def rounding_sd(tick: float, price: float) -> float:
    """Find how far a price known to one tick only scatters: standard deviation, a fraction of the price.

    **Source**: the uniform distribution over one step, tick / sqrt(12).
    """
    return float(tick / UNIFORM**0.5 / price)
