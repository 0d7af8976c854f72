"""What is this perpetual worth, which interest would peg it, and within which bounds do costs let it stray?"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

from perpscope.analysis.pricing.clamped import clamped_price
from perpscope.analysis.pricing.costs import Rule, bounds, round_trip, threshold
from perpscope.analysis.pricing.perpetual import Paid, inverse_price, linear_price, pegging_iota, quanto_price
from perpscope.errors import InputError
from perpscope.market.contract import PAYOFFS, Payoff
from perpscope.units import HOURS_PER_YEAR


@dataclass(frozen=True, slots=True)
class Perpetual:
    """A perpetual and its market; every rate is a fraction per `hours`, or per year where funding is continuous.

    Parameters
    ----------
    payoff : linear, inverse or quanto. spot : > 0. kappa, iota : as in `perpetual.linear_price`; iota is what a long pays.
    r_quote, r_base : riskless rates of quote currency and base coin. covariance : of underlying and margin coin (quanto only).
    paid : "start", "end" or "continuous". hours : length of the period; a year where funding is continuous.
    width : half width of the clamp, None without one: iota is then added whatever the premium.
    spot_cost, futures_cost : of one trade in each leg, fractions.
    """

    payoff: Payoff
    spot: float
    kappa: float
    iota: float
    r_quote: float
    r_base: float
    covariance: float = 0.0
    paid: Paid = "continuous"
    hours: float = HOURS_PER_YEAR
    width: float | None = None
    spot_cost: float = 0.0
    futures_cost: float = 0.0

    def __post_init__(self) -> None:
        """Refuse what is no perpetual."""
        if self.payoff not in PAYOFFS:
            raise InputError("a perpetual", f"the payoff {self.payoff!r}", f"Give one of {', '.join(PAYOFFS)}.")
        if self.payoff != "quanto" and self.covariance:
            raise InputError(f"the price of a perpetual that is {self.payoff}", "a covariance", "Only a quanto has one: leave it out.")
        if self.width is not None and self.paid == "end":
            raise InputError("a price with a clamp", "funding on the spot at the end of the period", "The model pays on that at the start.")

    @property
    def price(self) -> float:
        """Price where funding follows the premium without a clamp."""
        given = (self.spot, self.kappa, self.iota, self.r_quote, self.r_base)
        if self.payoff == "quanto":
            return float(quanto_price(*given, self.covariance, paid=self.paid))
        return float((inverse_price if self.payoff == "inverse" else linear_price)(*given, paid=self.paid))

    @property
    def pegging_iota(self) -> float:
        """Interest at which the price is the spot."""
        return float(pegging_iota(self.r_quote, self.r_base, self.covariance, paid=self.paid, inverse=self.payoff == "inverse"))


def quote(contract: Perpetual) -> dict[str, Any]:
    """Price a perpetual.

    Parameters
    ----------
    contract : the perpetual and its market.

    Returns
    -------
    dict
        price (quote units; null where every price of an interval will do), price_low and price_high (equal where there is one price),
        premium (price over spot, less 1), pegging_iota and its apr, iota_over_pegging, mean_life_hours (how far ahead the price looks),
        bounds (cost of a round trip, threshold of the deviation, low and high price within them).

    Raises
    ------
    InputError
        Where the model has no finite positive price.

    Source: `perpetual`, `clamped` and `costs`; with a clamp, no gain means that the clamped rate equals the carry, which is the pegging
    interest of the payoff (He et al. v7, for the linear contract; derived for the others).

    Examples
    --------
    >>> found = quote(Perpetual("linear", 10_000, 0.2, 0.005, 0.04, 0.02))
    >>> round(found["price"], 4), round(found["pegging_iota"], 9)
    (10833.3333, 0.02)
    """
    low, high = _prices(contract)
    cost = float(round_trip(contract.spot_cost, contract.futures_cost))
    within = _within(contract, cost)
    peg = contract.pegging_iota
    one = low if math.isclose(low, high, rel_tol=1e-15) else None
    return {
        "payoff": contract.payoff,
        "spot": contract.spot,
        "price": one,
        "price_low": low,
        "price_high": high,
        "premium": None if one is None else one / contract.spot - 1,
        "premium_low": low / contract.spot - 1,
        "premium_high": high / contract.spot - 1,
        "pegging_iota": peg,
        "pegging_iota_apr": peg * HOURS_PER_YEAR / contract.hours,
        "iota_over_pegging": contract.iota - peg,
        "mean_life_hours": contract.hours / contract.kappa,
        "bounds": {"cost": cost, "threshold": float(threshold(cost, contract.kappa)), "low": within[0], "high": within[1]},
    }


def _prices(contract: Perpetual) -> tuple[float, float]:
    if contract.width is None:
        return contract.price, contract.price
    found = clamped_price(contract.spot, contract.pegging_iota, contract.iota, contract.width, contract.kappa)
    return float(found.low), float(found.high)


def _within(contract: Perpetual, cost: float) -> tuple[float, float]:
    """Prices whose deviation is at most kappa x cost; without a clamp those of a carry that is higher or lower by as much."""
    if contract.width is not None:
        rule = Rule(contract.pegging_iota, contract.iota, contract.width, contract.kappa)
        found = bounds(contract.spot, rule, cost)
        return float(found.low), float(found.high)
    reach = float(threshold(cost, contract.kappa))
    ends = sorted(_carried(contract, by).price for by in (-reach, reach))
    return ends[0], ends[1]


def _carried(contract: Perpetual, more: float) -> Perpetual:
    """Return the same perpetual with a carry that is higher by `more`: the rate that drives its expectation is moved."""
    inverse = contract.payoff == "inverse"
    up, down = (contract.r_base, contract.r_quote) if inverse else (contract.r_quote, contract.r_base)
    factor = (1 + down) * math.exp(-contract.covariance)
    moved = up + more if contract.paid == "continuous" else up + more * factor
    return replace(contract, r_base=moved) if inverse else replace(contract, r_quote=moved)
