"""Why is a future's rate above the forward rate, and why is that the same thing as the quanto's covariance?

In both, what is traded is paid in units that move with it: the gains of an interest-rate future are reinvested at the rate itself, those of
a quanto are paid in a coin that rises with the price. A change of the unit of account shifts the drift by the covariance with it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from perpscope.errors import InputError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]


def ho_lee_bias(sigma: float, first: float, second: float) -> float:
    """Futures rate less forward rate, continuously compounded: half sigma² T1 T2.

    Parameters
    ----------
    sigma : volatility of the short rate, per square root of a year.
    first, second : start and end of the deposit, years, 0 <= first < second.

    Returns
    -------
    float
        fraction a year; times 10,000 in basis points.

    **Source** Ho and Lee (1986); Hull, Options, Futures, and Other Derivatives, "convexity adjustments for Eurodollar futures".

    Examples
    --------
    >>> round(ho_lee_bias(0.012, 8, 8.25) * 1e4, 1)
    47.5
    """
    if not (0 <= first < second and sigma >= 0):
        raise InputError("a convexity bias", f"sigma {sigma}, {first} to {second} years", "Give sigma >= 0 and 0 <= first < second.")
    return 0.5 * sigma * sigma * first * second


def bias_by_covariance(sigma: float, first: float, second: float, steps: int) -> float:
    """Return the same bias as a sum of covariances, one a step: of the forward rate's change with the change of the unit of account.

    The unit of the forward rate is the bond that ends with the deposit, that of the future is the bank account. In a small step the rate
    moves by sigma dW; the log of the account relative to the bond of maturity T by sigma (T - t) dW. The forward rate belongs to both ends
    of the deposit, so the relative unit's move is the mean of the two ends' times.

    Parameters
    ----------
    sigma, first, second : as in `ho_lee_bias`. steps : midpoints of the time to the deposit.

    **Source** Girsanov's theorem for a change of numeraire; the drift of the forward rate in Ho and Lee's model.

    Examples
    --------
    >>> abs(bias_by_covariance(0.01, 5, 5.25, 10) - ho_lee_bias(0.01, 5, 5.25)) < 1e-16
    True
    """
    step = first / steps
    total = 0.0
    for k in range(steps):
        now = (k + 0.5) * step
        unit = sigma * ((first - now) + (second - now)) / 2
        total += sigma * unit * step
    return total


def quanto_drift(rho: float, sigma_price: float, sigma_margin: float, years: float) -> float:
    """Extra expected return of a quanto over `years`, as the covariance of the price with the coin it pays in: rho sigma sigma T.

    Parameters
    ----------
    rho : correlation. sigma_price, sigma_margin : volatilities, per square root of a year.

    **Source** the same theorem; the unit of account is the margin coin.

    Examples
    --------
    >>> round(quanto_drift(0.8, 1.0, 0.8, 1.0), 6)
    0.64
    """
    return rho * sigma_price * sigma_margin * years


def simulated_bias(sigma: float, first: float, second: float, *, paths: int, steps: int, seed: int) -> tuple[float, float]:
    """Futures rate less forward rate along simulated paths of Ho and Lee's short rate, and its standard error (over twenty batches).

    The futures rate is the mean of the rate at the fixing; the forward rate is the one at which a loan over the deposit, discounted along
    each path, is worth nothing.

    Parameters
    ----------
    sigma, first, second : as in `ho_lee_bias`. paths : a multiple of forty. steps : from today to `first`.

    **Source** Ho and Lee's model with the drift sigma² t that fits a flat curve of zero; discounting by the trapezium rule.
    """
    import numpy as np

    batches = 20
    rng = np.random.default_rng(seed)
    step, tau = first / steps, second - first
    half = rng.standard_normal((batches, paths // batches // 2, steps)) * (sigma * np.sqrt(step))
    moves = np.concatenate([half, -half], axis=1)
    times = step * np.arange(1, steps + 1)
    short = np.cumsum(moves, axis=2) + 0.5 * sigma**2 * times**2
    account = step * (short.sum(axis=2) - 0.5 * short[..., -1])
    bond = np.exp(-tau * short[..., -1] - 0.5 * sigma**2 * first * tau**2)
    discount = np.exp(-account)
    future = (-np.log(bond) / tau).mean(axis=1)
    forward = np.log(discount.mean(axis=1) / (discount * bond).mean(axis=1)) / tau
    bias = future - forward
    return float(bias.mean()), float(bias.std(ddof=1) / np.sqrt(batches))
