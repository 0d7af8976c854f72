"""Is the price really the spot expected at a random time?

The second way to the same number, by summation instead of algebra: funding stops the contract at a time tau that is exponential with
rate kappa (continuous) or geometric (paid on the spot at the start of a period), and the price is (1 - iota / kappa) E[x(tau)].
"""

from __future__ import annotations

import math

from perpscope.analysis.pricing.validity import arrays, positive, refuse

STEPS_AT_MOST = 10_000_000
SMALL = 1e-17


def mean_life(kappa: float) -> float:
    """Mean of tau, in periods (years): how far ahead a perpetual looks.

    Raises
    ------
    InputError
        When kappa is not above 0.

    Source: Ackerer, Hugonnier, Jermann, random-time representation; `theory.md` 3.1.

    Examples
    --------
    >>> round(mean_life(1095) * 365 * 24, 1)  # hours, where the premium is paid over eight of them
    8.0
    """
    (k,) = arrays("a random time", kappa=kappa)
    positive("a random time", kappa=k)
    return 1 / float(k)


def expected_at_stopping(spot: float, kappa: float, growth: float) -> float:
    """E[x(tau)] in discrete time, summed period by period: tau = n with probability kappa / (1 + kappa)^(n + 1), n = 0, 1, ...

    Parameters
    ----------
    spot : > 0. kappa : per period, > 0. growth : expected factor of the spot per period, below 1 + kappa.

    Raises
    ------
    InputError
        When the sum has no end.

    Source: as `mean_life`.

    Examples
    --------
    >>> round(expected_at_stopping(100, 0.01, 1.0), 9)
    100.0
    """
    x, k, g = arrays("a random time", spot=spot, kappa=kappa, growth=growth)
    positive("a random time", spot=x, kappa=k, growth=g)
    refuse("a random time", g >= 1 + k, "the underlying outgrows the stopping", "Give a growth below 1 + kappa.")
    shrink = float(g) / (1 + float(k))
    steps = math.ceil(math.log(SMALL) / math.log(shrink))
    refuse("a random time", arrays("", steps=steps)[0] > STEPS_AT_MOST, f"{steps} periods to sum", "Use the closed form.")
    return float(x) * float(k) / (1 + float(k)) * math.fsum(shrink**n for n in range(steps))


def expected_at_exponential(spot: float, kappa: float, drift: float) -> float:
    """E[x(tau)] in continuous time, integrated numerically: tau has the density kappa exp(-kappa t).

    Parameters
    ----------
    spot : > 0. kappa, drift : per year, kappa > 0 and above the drift.

    Raises
    ------
    InputError
        When the integral has no end.

    Source: as `mean_life`.

    Examples
    --------
    >>> round(expected_at_exponential(2000, 2, 0.02), 6)
    2020.20202
    """
    from scipy.integrate import quad

    x, k, g = arrays("a random time", spot=spot, kappa=kappa, drift=drift)
    positive("a random time", spot=x, kappa=k)
    refuse("a random time", g >= k, "the underlying outgrows the stopping", "Give a drift below kappa.")
    rate, up = float(k), float(g)
    found, _ = quad(lambda t: rate * math.exp((up - rate) * t), 0, math.inf, epsabs=0, epsrel=1e-13)
    return float(x) * float(found)
