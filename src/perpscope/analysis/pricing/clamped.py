"""Which price belongs to a rate when the premium is pulled towards the interest by a clamp?

The rule F = P + clamp(I - P, -g, g) is flat where the premium is within g of the interest. If nobody gains without risk, funding equals
the carry r, and the price is where the rule gives r: one price for r unlike the interest, a whole interval for r equal to it.
The premium of this room is (F - S) / F, as the paper's; all rates and kappa are of one period; rates that
differ by less than a billionth of themselves count as equal.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from perpscope.analysis.pricing.validity import arrays, in_kind, positive, refuse
from perpscope.mechanisms.decide import PULL, combined

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from perpscope.analysis.pricing.validity import Floats, Values


@dataclass(frozen=True, slots=True)
class Interval:
    """Prices low to high, both included; equal where there is one price.

    Parameters
    ----------
    low, high : quote units, of one shape.
    """

    low: Values
    high: Values


def clamped_rate(premium: Values, interest: Values, width: Values) -> Values:
    """Rate of a premium: P + clamp(I - P, -g, g); all fractions of one period.

    Raises
    ------
    InputError
        When the width is below 0 or something is no number.

    Source: the clamp formula of the perpetual guides, by the text of `mechanisms.decide`; He et al. v7 eq. (7).

    Examples
    --------
    >>> [round(float(f), 6) for f in clamped_rate([-0.001, 0.0002, 0.0035], 0.0001, 0.0005)]
    [-0.0005, 0.0001, 0.003]
    """
    import numpy as np

    p, i, g = arrays("a clamped rate", premium=premium, interest=interest, width=width)
    _refuse_width(g)
    rule = np.vectorize(lambda p, i, g: combined(PULL, p, p, i, g), otypes=[np.float64])
    return in_kind(np.asarray(rule(p, i, g)))


def plateau(interest: Values, width: Values) -> Interval:
    """Premiums, both included, whose rate is exactly the interest: I - g to I + g.

    Raises
    ------
    InputError
        As `clamped_rate`.

    Source: He et al. v7; article C ("premium between -0.04 % and 0.06 %").

    Examples
    --------
    >>> found = plateau(0.0001, 0.0005)
    >>> round(found.low, 6), round(found.high, 6)
    (-0.0004, 0.0006)
    """
    i, g = arrays("a plateau", interest=interest, width=width)
    _refuse_width(g)
    return Interval(in_kind(i - g), in_kind(i + g))


def clamped_price(spot: Values, carry: Values, interest: Values, width: Values, kappa: Values = 1.0) -> Interval:
    """Prices at which the clamped funding of a perpetual equals its carry.

    Parameters
    ----------
    spot : S, quote units, > 0.
    carry : r, what holding the perpetual instead of the coin saves: quote rate less base rate (plus the covariance of a quanto).
    interest, width : I and g of the rule. kappa : share of the premium paid per period; 1 where all are of the funding period.

    Returns
    -------
    Interval
        F = S kappa / (kappa + sgn(I - r) g - r); where r is I, from kappa / (kappa + g - r) to kappa / (kappa - g - r).

    Raises
    ------
    InputError
        When no finite price exists: carry and width reach kappa.

    Source: He, Manela, Ross, von Wachter v7, Cor. 2 and eq. (9); `theory.md` 3.4.

    Examples
    --------
    >>> found = clamped_price(1, 0.0001, 0.0001, 0.0005)
    >>> round(found.low, 8), round(found.high, 8)
    (0.99960016, 1.00060036)
    """
    import numpy as np

    what = "a perpetual with a clamp"
    s, r, i, g, k = arrays(what, spot=spot, carry=carry, interest=interest, width=width, kappa=kappa)
    positive(what, spot=s, kappa=k)
    _refuse_width(g)
    same = _same(r, i)
    low_side, high_side = np.where(same | (i > r), g, -g), np.where(same | (i < r), -g, g)
    for side in (low_side, high_side):
        refuse(what, k + side - r <= 0, "no finite price: carry and width reach kappa", "Check that all are of one period.")
    return Interval(in_kind(s * k / (k + low_side - r)), in_kind(s * k / (k + high_side - r)))


def implied_rate(futures: Values, spot: Values, interest: Values, width: Values, kappa: Values = 1.0) -> Values:
    """Carry that a price implies: the clamped rate of kappa (F - S) / F, per the period of kappa.

    Raises
    ------
    InputError
        When a price is not above 0.

    Source: He et al. v7 eq. (66).

    Examples
    --------
    >>> round(implied_rate(60_060, 60_000, 0.1095, 0.5475, 1095), 9)
    0.546406094
    """
    f, s, i, g, k = arrays("an implied rate", futures=futures, spot=spot, interest=interest, width=width, kappa=kappa)
    positive("an implied rate", futures=f, spot=s, kappa=k)
    return clamped_rate(k * (f - s) / f, i, g)


def deviation(futures: Values, spot: Values, carry: Values, interest: Values, width: Values, kappa: Values = 1.0) -> Values:
    """Distance of a price from the one without gain, as a rate: rho = kappa (F - S) / F + sgn(I - r) g - r.

    Where the carry is the interest it is the distance of kappa (F - S) / F from the interval r - g to r + g, 0 inside.

    Raises
    ------
    InputError
        When a price is not above 0.

    Source: He et al. v7 eq. (17); the case r = I from its eq. (9).

    Examples
    --------
    >>> round(deviation(60_060, 60_000, 0.049, 0.1095, 0.5475, 1095), 9)
    1.592406094
    """
    import numpy as np

    names = {"futures": futures, "spot": spot, "carry": carry, "interest": interest, "width": width, "kappa": kappa}
    f, s, r, i, g, k = arrays("a deviation", **names)
    positive("a deviation", futures=f, spot=s, kappa=k)
    _refuse_width(g)
    p = k * (f - s) / f
    return in_kind(np.where(_same(r, i), p - np.clip(p, r - g, r + g), p + np.sign(i - r) * g - r))


def no_clamp_deviation(carry: Values, interest: Values, width: Values) -> Values:
    """Deviation of the price that ignores the clamp, where kappa (F - S) / F = r: sgn(I - r) g.

    Source: He et al. v7; `theory.md` 3.5.

    Examples
    --------
    >>> no_clamp_deviation(0.049, 0.1095, 0.5475)
    0.5475
    """
    import numpy as np

    r, i, g = arrays("a deviation", carry=carry, interest=interest, width=width)
    _refuse_width(g)
    return in_kind(np.where(_same(r, i), 0.0, np.sign(i - r) * g))


def _same(carry: Floats, interest: Floats) -> npt.NDArray[np.bool_]:
    """Whether two rates are one: apart by rounding only, which must not decide between a price and an interval of prices."""
    import numpy as np

    return np.isclose(carry, interest, rtol=1e-9, atol=1e-15)


def _refuse_width(g: Floats) -> None:
    refuse("a clamp", g < 0, "its half width is below 0", "Give the half width as a positive fraction.")
