"""How far may a price stray before a trade against it pays its costs, and when is such a trade on?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from perpscope.analysis.pricing.clamped import Interval, clamped_price
from perpscope.analysis.pricing.validity import arrays, in_kind, positive, refuse

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from perpscope.analysis.pricing.validity import Values


@dataclass(frozen=True, slots=True)
class Rule:
    """The clamp rule and the carry it is held against; all fractions of the period of kappa.

    Parameters
    ----------
    carry : r. interest, width : I and g. kappa : share of the premium paid per period, > 0.
    """

    carry: Values
    interest: Values
    width: Values
    kappa: Values = 1.0


def round_trip(spot_cost: Values, futures_cost: Values) -> Values:
    """Cost of entering and leaving both legs: 2 (cS + cF), fractions of the value.

    Source: He et al. v7, Table 3; `theory.md` 3.5.

    Examples
    --------
    >>> round(round_trip(0.000225, 0.000018), 9)
    0.000486
    """
    s, f = arrays("a cost", spot_cost=spot_cost, futures_cost=futures_cost)
    return in_kind(2 * (s + f))


def threshold(cost: Values, kappa: Values) -> Values:
    """Deviation at which a round trip is paid for: kappa x cost, per the period of kappa.

    Source: He et al. v7, Table 3.

    Examples
    --------
    >>> round(threshold(round_trip(0.000225, 0.000018), 1095), 6)
    0.53217
    """
    c, k = arrays("a threshold", cost=cost, kappa=kappa)
    refuse("a threshold", c < 0, "the cost is below 0", "Give the cost of a round trip; a rebate beyond the fees has no threshold.")
    positive("a threshold", kappa=k)
    return in_kind(k * c)


def bounds(spot: Values, rule: Rule, cost: Values) -> Interval:
    """Prices at which nobody gains after costs: those whose deviation is at most kappa x cost.

    Parameters
    ----------
    spot : > 0. rule : the clamp and the carry. cost : of a round trip, a fraction >= 0.

    Returns
    -------
    Interval
        Of prices; with cost 0 the price without costs, or its interval where the carry is the interest.

    Raises
    ------
    InputError
        When carry, width and cost reach kappa.

    Source: He et al. v7, Prop. 3 (|F - lambda S| <= C) with the thresholds of its Table 3; `theory.md` 3.5.

    Examples
    --------
    >>> found = bounds(60_000, Rule(0.05, 0.1095, 0.5475, 1095), 0.000486)
    >>> round(found.low, 2), round(found.high, 2)
    (59943.63, 60001.9)
    """
    import numpy as np

    s, r, i, g, k, c = arrays(
        "price bounds", spot=spot, carry=rule.carry, interest=rule.interest, width=rule.width, kappa=rule.kappa, cost=cost
    )
    fair = clamped_price(s, r, i, g, k)
    wide = arrays("price bounds", wide=threshold(c, k))[0]
    low, high = (np.asarray(k * (1 - s / price)) for price in arrays("price bounds", low=fair.low, high=fair.high))
    refuse("price bounds", high + wide >= k, "no finite price: carry, width and cost reach kappa", "Check that all are of one period.")
    return Interval(in_kind(s / (1 - (low - wide) / k)), in_kind(s / (1 - (high + wide) / k)))


def parity_gap(futures: Values, spot: Values, ratio: Values, cost: Values) -> Values:
    """How much |F - lambda S| exceeds its cost C, quote units; 0 where it does not.

    Source: He et al. v7, Prop. 3; `theory.md` 3.5.

    Examples
    --------
    >>> parity_gap(101.0, 100.0, 1.0, 0.25)
    0.75
    """
    import numpy as np

    f, s, ratio_, c = arrays("a parity", futures=futures, spot=spot, ratio=ratio, cost=cost)
    return in_kind(np.maximum(np.abs(f - ratio_ * s) - c, 0.0))


def positions(deviations: npt.ArrayLike, opens: float, closes: float = 0.0) -> npt.NDArray[np.int8]:
    """Arbitrage positions over time: opened where |rho| exceeds a threshold, closed where rho comes back to `closes` from its side.

    Parameters
    ----------
    deviations : (n,) rho in order of time; NaN keeps what is held. opens : > closes >= 0, in the unit of rho.

    Returns
    -------
    positions
        (n,) after each look: -1 short the perpetual and long the coin (rho was high), +1 the reverse, 0 none.

    Raises
    ------
    InputError
        When the thresholds are in the wrong order.

    Source: He et al. v7, section 4.4 (open at |rho| > kappa c, close at rho = 0); `theory.md` 3.5.

    Examples
    --------
    >>> positions([0.1, 0.6, 0.2, -0.1, -0.7, -0.1, 0.0], opens=0.5).tolist()
    [0, -1, -1, 0, 1, 1, 0]
    """
    import numpy as np

    lower, upper = arrays("a trading rule", closes=closes, opens=opens)
    refuse("a trading rule", (lower < 0) | (upper < lower), "thresholds in the wrong order", "Give opens >= closes >= 0.")
    held, found = 0, []
    for rho in np.asarray(deviations, dtype=np.float64).tolist():
        if held * rho >= -closes and held:
            held = 0
        if not held and abs(rho) > opens:
            held = -1 if rho > 0 else 1
        found.append(held)
    return np.array(found, dtype=np.int8)


def empirical_bounds(rate: Values, gap: Values, index: Values, spot_cost: Values) -> Interval:
    """Band of mark over index without arbitrage, as fitted to data: 1 -+ kS +- |f| -+ G / I.

    Parameters
    ----------
    rate : f, funding of the period, a fraction. gap : G, quote units: the 99th percentile of |mark - index| in a training sample.
    index : I, > 0. spot_cost : kS, a fraction.

    Returns
    -------
    Interval
        L = (1 - kS) + |f| - G / I and U = (1 + kS) - |f| + G / I. L above U says that no ratio is free of arbitrage.

    Source: the empirical form without rates recorded in `theory.md` 3.7 after Dai, Li, Yang 2025, whose own formulas are not known here.

    Examples
    --------
    >>> found = empirical_bounds(0.0001, 60, 60_000, 0.00018)
    >>> round(found.low, 6), round(found.high, 6)
    (0.99892, 1.00108)
    """
    import numpy as np

    f, gap_, i, k = arrays("empirical bounds", rate=rate, gap=gap, index=index, spot_cost=spot_cost)
    positive("empirical bounds", index=i)
    refuse("empirical bounds", (gap_ < 0) | (k < 0), "a gap or a cost is below 0", "Give both as positive numbers.")
    return Interval(in_kind((1 - k) + np.abs(f) - gap_ / i), in_kind((1 + k) - np.abs(f) + gap_ / i))
