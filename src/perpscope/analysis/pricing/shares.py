"""What do simple distributions say: time on the plateau, covariance of a quanto, Sharpe ratio of hours that are active?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from perpscope.analysis.pricing.validity import arrays, in_kind, positive, refuse

if TYPE_CHECKING:
    from perpscope.analysis.pricing.validity import Values


def plateau_share(mean: Values, sd: Values, interest: Values, width: Values) -> Values:
    """Share of readings with I - g <= P <= I + g for a normal premium: the null model of "the rate is exactly the interest".

    Parameters
    ----------
    mean, sd : of the premium, fractions of one period, sd > 0. interest, width : I and g >= 0 of the same period.

    Source: normal distribution; `theory_checks.json` (G statistics). Fat tails make real shares larger.

    Examples
    --------
    >>> round(plateau_share(0, 0.871 / 1095, 0.0001, 0.0005), 12)
    0.467139324123
    """
    from scipy.special import ndtr

    m, s, i, g = arrays("a plateau share", mean=mean, sd=sd, interest=interest, width=width)
    positive("a plateau share", sd=s)
    refuse("a plateau share", g < 0, "the half width is below 0", "Give it as a positive fraction.")
    return in_kind(ndtr((i + g - m) / s) - ndtr((i - g - m) / s))


def active_sharpe(mean: Values, sd: Values, active_hours: Values) -> Values:
    """Sharpe ratio a year of a strategy that is on for some hours only: mean / sd x sqrt(active hours a year).

    Parameters
    ----------
    mean, sd : of the hourly excess return of active hours, sd > 0. active_hours : a year, >= 0.

    Source: He et al. v7, section 4.4: the convention of its Sharpe ratios, larger than that of a portfolio held all year.

    Examples
    --------
    >>> round(active_sharpe(1e-5, 1e-4, 2119), 6)
    4.60326
    """
    import numpy as np

    m, s, n = arrays("a Sharpe ratio", mean=mean, sd=sd, active_hours=active_hours)
    positive("a Sharpe ratio", sd=s)
    refuse("a Sharpe ratio", n < 0, "a negative number of hours", "Give the active hours of a year.")
    return in_kind(m / s * np.sqrt(n))


def covariance(correlation: Values, sigma_one: Values, sigma_other: Values) -> Values:
    """Covariance of two returns from their correlation and volatilities: rho s1 s2.

    Raises
    ------
    InputError
        When the correlation lies outside -1 to 1, or a volatility is below 0.

    Source: definition.

    Examples
    --------
    >>> round(covariance(0.82, 0.67, 0.83), 6)
    0.456002
    """
    rho, a, b = arrays("a covariance", correlation=correlation, sigma_one=sigma_one, sigma_other=sigma_other)
    refuse("a covariance", abs(rho) > 1, "a correlation outside -1 to 1", "Give a fraction: 83 % is 0.83.")
    refuse("a covariance", (a < 0) | (b < 0), "a volatility below 0", "Give volatilities as positive fractions.")
    return in_kind(rho * a * b)


def quanto_return(coin_return: Values, underlying_return: Values) -> Values:
    """Return in quote currency of a quanto held over a period: (1 + r_coin) r_underlying.

    Source: article F; 1e-6 n (E1 - E0) B1 / (1e-6 n E0 B0).

    Examples
    --------
    >>> round(quanto_return(0.05, 0.08), 9)
    0.084
    """
    b, e = arrays("a quanto's return", coin_return=coin_return, underlying_return=underlying_return)
    return in_kind((1 + b) * e)
