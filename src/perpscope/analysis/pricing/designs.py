"""What do other designs settle at: a claim on rents, funding that pegs a power, a pool that holds the other side?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from perpscope.analysis.pricing.validity import arrays, in_kind, positive, refuse

if TYPE_CHECKING:
    from perpscope.analysis.pricing.validity import Values


def perpetual_claim_settlement(before: Values, after: Values, dividend: Values, rate: Values) -> Values:
    """Settle a day of a perpetual claim: the long receives f' - f + d' - r f.

    Parameters
    ----------
    before, after : prices f and f'. dividend : d', of an index that no price enters, quote units; the short pays it.
    rate : r, a fraction of the price before, per settlement; the long pays it.

    Source: the 1993 proposal of a perpetual claim on an index of dividends, as article F retells it; `theory.md` 1.

    Examples
    --------
    >>> round(perpetual_claim_settlement(34.0, 35.0, 1.02, 0.05), 9)
    0.32
    """
    f, g, d, r = arrays("a perpetual claim", before=before, after=after, dividend=dividend, rate=rate)
    return in_kind(g - f + d - r * f)


def growing_claim_price(dividend: Values, growth: Values, rate: Values) -> Values:
    """Price of a perpetual claim whose dividends grow: d (1 + g) / (r - g).

    Parameters
    ----------
    dividend : the last one paid. growth, rate : fractions per settlement, growth below rate.

    Raises
    ------
    InputError
        When the dividends outgrow the rate: no finite price.

    Source: Gordon's formula, from that settlement with constant growth; `theory.md` 1.

    Examples
    --------
    >>> round(growing_claim_price(1, 0.02, 0.05), 9)
    34.0
    """
    d, g, r = arrays("a perpetual claim", dividend=dividend, growth=growth, rate=rate)
    refuse("a perpetual claim", g >= r, "no finite price: the dividends grow as fast as the rate", "Give a growth below the rate.")
    return in_kind(d * (1 + g) / (r - g))


def funding_that_pegs(spot: Values, rate: Values, volatility: Values, slope: Values, curvature: Values) -> Values:
    """Funding a long must pay so that the mark stays at phi(S): r S phi' + s^2 S^2 phi'' / 2.

    Parameters
    ----------
    spot : S, > 0. rate : r per year. volatility : s per root year. slope, curvature : phi'(S) and phi''(S).

    Returns
    -------
    funding
        Quote units per year.

    Source: Angeris, Chitra, Evans, Lorig, A primer on perpetuals, 2023; `theory.md` 3.8.

    Examples
    --------
    >>> round(funding_that_pegs(3.0, 0.05, 0.5, 2 * 3.0, 2.0), 9)  # phi = S^2: (2 r + s^2) S^2
    3.15
    """
    x, r, s, d, c = arrays("a pegging funding", spot=spot, rate=rate, volatility=volatility, slope=slope, curvature=curvature)
    positive("a pegging funding", spot=x)
    return in_kind(r * x * d + s**2 * x**2 * c / 2)


def power_funding_rate(power: Values, rate: Values, volatility: Values) -> Values:
    """Funding of a perpetual on S^n as a fraction of its mark, per year: n r + n (n - 1) s^2 / 2; for n = 1 the rate itself.

    Source: as `funding_that_pegs`, for phi = S^n.

    Examples
    --------
    >>> round(power_funding_rate(2, 0.05, 0.5), 9)
    0.35
    """
    n, r, s = arrays("a pegging funding", power=power, rate=rate, volatility=volatility)
    return in_kind(n * r + n * (n - 1) * s**2 / 2)


def pool_position(base: Values, price_before: Values, price: Values) -> Values:
    """Tell from the price of a pool of constant product how many base units traders hold long against it: x0 (1 - sqrt(p0 / p)).

    Parameters
    ----------
    base : x0, base reserve when nobody held anything, > 0. price_before, price : then and now, > 0.

    Source: derived from the invariant of `mechanisms.virtual_amm`: x p = y and x y constant give x = x0 sqrt(p0 / p).

    Examples
    --------
    >>> round(pool_position(10_000, 2000, 2040.2), 10)
    99.0099009901
    """
    import numpy as np

    x, p0, p = arrays("a pool", base=base, price_before=price_before, price=price)
    positive("a pool", base=x, price_before=p0, price=p)
    return in_kind(x * (1 - np.sqrt(p0 / p)))
