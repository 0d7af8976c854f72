"""What is a perpetual worth if funding follows its premium without a clamp: linear, inverse, quanto?

One text for all three. A long pays kappa x premium + iota, so that the price is the spot expected at a random time that kappa makes
near: f = (1 - iota / kappa) E[x(tau)]. What differs is only the drift of what is expected: the quote rate less the base rate for a linear
contract, the same of 1/x for an inverse one, and for a quanto also the covariance of its underlying with the coin it pays in.

Rates are fractions per period where `paid` is "start" or "end" (of the period, at whose spot funding is paid), and per year where it
is "continuous". `iota` is what a long pays, for every payoff: papers that write an inverse contract as a claim on 1/x, and the pricing
library that follows them, count it the other way round.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, get_args

from perpscope.analysis.pricing.validity import arrays, in_kind, positive, refuse
from perpscope.errors import InputError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from perpscope.analysis.pricing.validity import Floats, Values

Paid = Literal["start", "end", "continuous"]
PAID: tuple[str, ...] = get_args(Paid)


def linear_price(spot: Values, kappa: Values, iota: Values, r_quote: Values, r_base: Values, *, paid: Paid = "continuous") -> Values:
    """Price of a perpetual paid in its quote currency.

    Parameters
    ----------
    spot : x, quote units per base unit, > 0.
    kappa : anchoring, the share of the premium that is paid per period (year), > 0.
    iota : interest a long pays per period (year), a fraction of spot, below kappa.
    r_quote, r_base : riskless rates of the two currencies per period (simple), per year (continuously compounded).
    paid : "start": f' - f - kappa (f - x) - iota x is the period's cash flow; "end": funding is a fraction of the later spot,
        (kappa (f - x) / x + iota) x'; "continuous".

    Returns
    -------
    price
        f in quote units, in the shape of the arguments.

    Raises
    ------
    InputError
        Where no finite positive price exists: funding too weak for the drift, or an interest above kappa.

    Source: Ackerer, Hugonnier, Jermann, Perpetual Futures Pricing, eq. (12), Prop. 3 and the end of its section 3; `theory.md` 3.1.

    Examples
    --------
    >>> round(linear_price(10_000, 0.2, 0.005, 0.04, 0.02), 7)
    10833.3333333
    """
    x, k, i, a, b = arrays("a linear perpetual", spot=spot, kappa=kappa, iota=iota, r_quote=r_quote, r_base=r_base)
    positive("a linear perpetual", spot=x)
    return in_kind(x * _ratio("a linear perpetual", k, i, _growth(a, b, paid), paid))


def inverse_price(spot: Values, kappa: Values, iota: Values, r_quote: Values, r_base: Values, *, paid: Paid = "continuous") -> Values:
    """Price of a perpetual paid in its base coin.

    Parameters
    ----------
    spot, kappa, r_quote, r_base, paid : as in `linear_price`; the premium funding follows is that of 1/f over 1/x.
    iota : interest a **long** pays per period (year), a fraction; above -kappa. The i of papers that price 1/x is its negative.

    Returns
    -------
    price
        I in quote units per base unit: 1 / I is the linear price of 1/x with the two rates exchanged and the sign of iota turned.

    Raises
    ------
    InputError
        As `linear_price`.

    Source: Ackerer, Hugonnier, Jermann, Prop. 2 and 4; `theory.md` 3.2 for the sign.

    Examples
    --------
    >>> round(inverse_price(10_000, 0.2, -0.005, 0.04, 0.02), 7)
    11282.0512821
    """
    x, k, i, a, b = arrays("an inverse perpetual", spot=spot, kappa=kappa, iota=iota, r_quote=r_quote, r_base=r_base)
    positive("an inverse perpetual", spot=x)
    return in_kind(x / _ratio("an inverse perpetual", k, -i, _growth(b, a, paid), paid))


def quanto_price(
    spot: Values,
    kappa: Values,
    iota: Values,
    r_quote: Values,
    r_base: Values,
    covariance: Values,
    *,
    paid: Paid = "continuous",
) -> Values:
    """Price of a perpetual on x that is paid in a third coin at a fixed exchange.

    Parameters
    ----------
    spot, kappa, iota, r_quote, r_base, paid : as in `linear_price`; r_base is the rate of the underlying's own coin. The rate of the coin
        that is paid cancels out.
    covariance : rho sigma_x sigma_z of the log returns of the underlying and of the margin coin, both in quote currency, per period (year).

    Returns
    -------
    price
        q in quote units.

    Raises
    ------
    InputError
        As `linear_price`.

    Source: `theory.md` 3.3; derived: under the measure of the margin coin, x drifts at r_quote - r_base + covariance (Girsanov), so
    that q is the linear price at that drift. In discrete time its growth is (1 + r_quote) / (1 + r_base) x exp(covariance) for
    lognormal returns.

    Examples
    --------
    >>> round(quanto_price(2000, 10, 0.686822, 0.05, 0.03, 0.83 * 1.03 * 0.78), 6)
    2000.0
    """
    what = "a quanto perpetual"
    x, k, i, a, b, c = arrays(what, spot=spot, kappa=kappa, iota=iota, r_quote=r_quote, r_base=r_base, covariance=covariance)
    positive(what, spot=x)
    return in_kind(x * _ratio(what, k, i, _growth(a, b, paid, c), paid))


def pegging_iota(r_quote: Values, r_base: Values, covariance: Values = 0.0, *, paid: Paid = "continuous", inverse: bool = False) -> Values:
    """Interest at which the perpetual stands at its spot: what a long must pay to be no better off than the holder of the coin.

    Parameters
    ----------
    r_quote, r_base, covariance, paid : as in `quanto_price`; no covariance for linear and inverse contracts.
    inverse : whether the contract is paid in its base coin; only in discrete time this makes a difference.

    Returns
    -------
    iota
        Fraction per period (year).

    Raises
    ------
    InputError
        When a rate loses everything, or an inverse contract is given a covariance.

    Source: Ackerer, Hugonnier, Jermann; `theory.md` 3.1 to 3.3: (ra - rb) / (1 + rb), continuous ra - rb, quanto ra - rc + rho sx sz.

    Examples
    --------
    >>> round(pegging_iota(0.05, 0.03, 0.83 * 1.03 * 0.78), 6)
    0.686822
    """
    import numpy as np

    what = "a pegging interest"
    a, b, c = arrays(what, r_quote=r_quote, r_base=r_base, covariance=covariance)
    if inverse:
        refuse(what, c != 0, "an inverse contract pays in its own coin", "Leave the covariance out.")
    over, under = (b, a) if inverse else (a, b)
    growth = _growth(over, under, paid, c)
    if paid == "continuous":
        return in_kind(-growth if inverse else growth)
    gained = (over - under) / (1 + under) * np.exp(c) + np.expm1(c)  # the growth less 1, without the rounding of a difference from 1
    gained = gained if paid == "start" else gained / growth
    return in_kind(np.asarray(-gained if inverse else gained))


def _growth(up: Floats, down: Floats, paid: str, covariance: Floats | float = 0.0) -> Floats:
    """Return the expected growth of the spot: a factor per period, or a drift per year."""
    import numpy as np

    if paid not in PAID:
        raise InputError("a perpetual", f"funding paid at {paid!r}", f"Known: {', '.join(PAID)}.")
    if paid == "continuous":
        return np.asarray(up - down + covariance)
    refuse("a perpetual", (up <= -1) | (down <= -1), "a rate of -1 or less per period loses everything", "Give a fraction per period.")
    return np.asarray((1 + up) / (1 + down) * np.exp(covariance))


def _ratio(what: str, k: Floats, i: Floats, growth: Floats, paid: str) -> Floats:
    """Price over spot of a claim whose underlying grows; refused where the sum of what is expected is endless."""
    import numpy as np

    top, bottom = (k - i, k - growth) if paid == "continuous" else (k - i, 1 + k - growth)
    if paid == "end":
        top, bottom = (k - i) * growth, 1 - growth + k * growth
    _refuse_divergence(what, k, top, bottom)
    return np.asarray(top / bottom)


def _refuse_divergence(what: str, k: Floats, top: Floats, bottom: Floats) -> None:
    small: npt.NDArray[np.bool_] = k <= 0
    refuse(what, small, "kappa is not above 0: nothing ties the contract to its spot", "Give a positive kappa.")
    refuse(
        what,
        bottom <= 0,
        "no finite price: the underlying outgrows the funding (kappa plus base rate less quote rate is not above 0)",
        "Raise kappa, or check that all rates are of the same period.",
    )
    refuse(what, top <= 0, "no positive price: the interest is kappa or more", "Give an interest below kappa, of the same period.")
