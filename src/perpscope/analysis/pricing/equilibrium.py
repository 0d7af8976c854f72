"""Where do demand for leverage and limited arbitrage meet, and what does one more order move?

Demand falls with the deviation, Q = theta - eta rho; arbitrage comes in beyond a cost k, X = min(L (rho - k), W / m), until its capital W
is used up at the margin m. Where the two are equal is the deviation; where capital binds an order moves it more.
"""

from __future__ import annotations

from dataclasses import dataclass

from perpscope.analysis.pricing.validity import arrays, positive, refuse


@dataclass(frozen=True, slots=True)
class Equilibrium:
    """What the market settles at.

    Parameters
    ----------
    deviation : rho, in the unit of k. arbitrage : X >= 0. binding : whether capital is used up.
    impact : change of rho per unit of demand: 1 / (eta + L), or 1 / eta where capital binds or nobody arbitrages.
    """

    deviation: float
    arbitrage: float
    binding: bool
    impact: float


@dataclass(frozen=True, slots=True)
class Arbitrage:
    """Those who trade against a deviation.

    Parameters
    ----------
    eagerness : L, quantity per unit of deviation beyond the cost, > 0. cost : k >= 0.
    capital, margin : W >= 0 and m > 0; at most W / m can be held.
    """

    eagerness: float
    cost: float
    capital: float
    margin: float


def market_equilibrium(demand: float, slope: float, arbitrage: Arbitrage) -> Equilibrium:
    """Deviation at which demand theta - eta rho equals what arbitrage takes.

    Parameters
    ----------
    demand, slope : theta and eta > 0. arbitrage : the other side; it is one-sided, for a perpetual that is dear.

    Returns
    -------
    Equilibrium
        rho = (theta + L k) / (eta + L) while L (rho - k) <= W / m, else (theta - W / m) / eta; theta / eta where that is at most k.

    Raises
    ------
    InputError
        When a slope, eagerness or margin is not positive, or cost or capital is below 0.

    Source: He et al. v7, App. G eq. (73); `theory.md` 3.10.

    Examples
    --------
    >>> found = market_equilibrium(10, 5, Arbitrage(20, 0.2, 4, 0.5))
    >>> round(found.deviation, 9), found.binding, found.impact
    (0.56, False, 0.04)
    """
    what = "an equilibrium of demand and arbitrage"
    given = {"demand": demand, "slope": slope, "eagerness": arbitrage.eagerness, "cost": arbitrage.cost}
    theta, eta, eager, k, w, m = (float(a) for a in arrays(what, **given, capital=arbitrage.capital, margin=arbitrage.margin))
    positive(what, **dict(zip(("slope", "eagerness", "margin"), arrays(what, slope=eta, eagerness=eager, margin=m), strict=True)))
    refuse(what, arrays(what, least=min(k, w))[0] < 0, "a cost or a capital is below 0", "Give both as positive numbers.")
    if theta / eta <= k:
        return Equilibrium(theta / eta, 0.0, binding=False, impact=1 / eta)
    slack = (theta + eager * k) / (eta + eager)
    if eager * (slack - k) <= w / m:
        return Equilibrium(slack, eager * (slack - k), binding=False, impact=1 / (eta + eager))
    return Equilibrium((theta - w / m) / eta, w / m, binding=True, impact=1 / eta)
