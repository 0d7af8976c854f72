"""How good was each parameter set? Returns, risk and counts of many at once, from totals and daily equity.

Returns are simple, day by day: the change of the equity over a day by the equity at its start, 0 from where nothing is left. A year is 365
days. The Sharpe ratio here is that of daily returns; a backtest's own is that of its bars.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from perpscope.units import HOURS_PER_YEAR

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


class Scores(NamedTuple):
    """Scores of m sets, one number each.

    Parameters
    ----------
    net_return : last equity / capital - 1. apr : that by the length of the window, simple. sharpe : of daily returns, for a year; NaN where
        they do not vary. max_drawdown : least of equity / highest so far - 1 at the days' ends, <= 0.
    """

    net_return: Floats
    apr: Floats
    sharpe: Floats
    max_drawdown: Floats


def daily_returns(curve: Floats, capital: Floats) -> Floats:
    """Return the daily returns of equity curves.

    Parameters
    ----------
    curve : (m, days) equity at the end of each day. capital : (m,) equity before the first.

    Returns
    -------
    array
        (m, days), fractions.

    Examples
    --------
    >>> import numpy as np
    >>> daily_returns(np.array([[110.0, 0.0, 5.0]]), np.array([100.0])).round(12).tolist()
    [[0.1, -1.0, 0.0]]
    """
    import numpy as np

    before = np.hstack([capital[:, None], curve[:, :-1]])
    found = np.zeros_like(curve)
    np.divide(curve - before, before, out=found, where=before > 0)
    return found


def excess(returns: Floats, hours: float, risk_free: float) -> Floats:
    """Return daily returns beyond a simple annual rate, of which each of the steps in so many hours has its even part.

    Examples
    --------
    >>> import numpy as np
    >>> excess(np.array([[0.01, 0.0]]), 48.0, 0.365).round(12).tolist()
    [[0.009, -0.001]]
    """
    return returns if not risk_free else returns - risk_free * hours / returns.shape[1] / HOURS_PER_YEAR


def scores(curve: Floats, capital: Floats, hours: float, risk_free: float = 0.0) -> Scores:
    """Score equity curves.

    Parameters
    ----------
    curve, capital : as in `daily_returns`, at least one day. hours : length of the window, > 0. risk_free : as in `excess`.
    """
    import numpy as np

    returns = excess(daily_returns(curve, capital), hours, risk_free)
    net = curve[:, -1] / capital - 1.0
    highest = np.maximum.accumulate(np.hstack([capital[:, None], curve]), axis=1)[:, 1:]
    fall = np.minimum((curve / highest - 1.0).min(axis=1), 0.0)
    return Scores(net, net / hours * HOURS_PER_YEAR, sharpe(returns, hours), fall)


def sharpe(returns: Floats, hours: float) -> Floats:
    """Return the Sharpe ratio of each row of daily returns, for a year; NaN where they do not vary, or are fewer than two."""
    import numpy as np

    m, n = returns.shape
    found = np.full(m, np.nan)
    if n > 1:
        varies = np.ptp(returns, axis=1) > 0
        mean, spread = returns[varies].mean(axis=1), returns[varies].std(axis=1, ddof=1)
        found[varies] = mean / spread * np.sqrt(n / hours * HOURS_PER_YEAR)
    return found
