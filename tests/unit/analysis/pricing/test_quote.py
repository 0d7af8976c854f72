"""Do quotes hold for every payoff: a long at the price gains nothing, at the bounds the cost, and with a clamp what the rule pays?"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from perpscope.analysis.pricing.clamped import clamped_rate
from perpscope.analysis.pricing.quote import Perpetual, quote
from perpscope.errors import InputError

HOURS = 8.0
LINEAR = Perpetual("linear", 100.0, 0.5, 0.003, 0.006, 0.002, paid="start", hours=HOURS, spot_cost=0.001, futures_cost=0.0005)
INVERSE = replace(LINEAR, payoff="inverse")
QUANTO = replace(LINEAR, payoff="quanto", covariance=0.004)
CLOSE = 1e-12


def _paid(contract: Perpetual, price: float) -> float:
    """Funding of one period as a fraction of the position's own value, for a long."""
    over = contract.kappa * (price - contract.spot) + contract.iota * contract.spot
    if contract.payoff == "inverse":
        return contract.kappa * (price / contract.spot - 1) + contract.iota * price / contract.spot
    return over / price


@pytest.mark.parametrize("contract", [LINEAR, INVERSE, QUANTO, replace(LINEAR, paid="continuous"), replace(INVERSE, paid="continuous")])
def test_at_the_price_funding_is_the_carry_and_at_the_bounds_it_is_off_by_the_cost(contract: Perpetual) -> None:
    found: dict[str, Any] = quote(contract)
    carry, bounds = contract.pegging_iota, found["bounds"]
    assert _paid(contract, found["price"]) == pytest.approx(carry, abs=CLOSE)
    assert bounds["cost"] == pytest.approx(0.003)
    assert bounds["threshold"] == pytest.approx(0.0015)
    assert _paid(contract, bounds["high"]) - carry == pytest.approx(0.0015, abs=1e-15 + CLOSE)
    assert _paid(contract, bounds["low"]) - carry == pytest.approx(-0.0015, abs=1e-15 + CLOSE)
    assert found["premium"] == pytest.approx(found["price"] / 100 - 1)
    assert found["iota_over_pegging"] == pytest.approx(0.003 - carry)
    assert found["mean_life_hours"] == pytest.approx(16)


@pytest.mark.parametrize("contract", [LINEAR, INVERSE, QUANTO])
def test_with_a_clamp_the_rule_pays_the_carry(contract: Perpetual) -> None:
    clamped = replace(contract, width=0.002)
    price = quote(clamped)["price"]
    rate = clamped_rate(clamped.kappa * (price - 100) / price, clamped.iota, 0.002)
    assert rate == pytest.approx(clamped.pegging_iota, abs=CLOSE)
    growth = (1 + 0.006) / (1 + 0.002)
    if contract.payoff == "linear":
        assert price * growth - price - price * float(rate) == pytest.approx(0, abs=100 * CLOSE)
    if contract.payoff == "inverse":
        assert 1 / price - 1 / (price * growth) - float(rate) / price == pytest.approx(0, abs=CLOSE)


def test_a_peg_is_told_by_the_year_too() -> None:
    found = quote(replace(LINEAR, iota=LINEAR.pegging_iota))
    assert found["price"] == pytest.approx(100)
    assert found["pegging_iota_apr"] == pytest.approx(LINEAR.pegging_iota * 1095)
    at_peg = quote(replace(LINEAR, iota=LINEAR.pegging_iota, width=0.005))
    assert (at_peg["price"], at_peg["premium"]) == (None, None)
    assert at_peg["price_low"] < 100 < at_peg["price_high"]


def test_what_no_contract_is_is_refused() -> None:
    with pytest.raises(InputError, match="covariance"):
        replace(LINEAR, covariance=0.1)
    with pytest.raises(InputError, match="end of the period"):
        replace(LINEAR, paid="end", width=0.1)
    with pytest.raises(InputError, match="payoff"):
        replace(LINEAR, payoff="square")  # type: ignore[arg-type]  # what it refuses
