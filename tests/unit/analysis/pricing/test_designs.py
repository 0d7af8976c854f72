"""Do other designs settle at their formulas, and do equilibrium, shares and the simulated book behave?"""

from __future__ import annotations

from random import Random

import numpy as np
import pytest
from scipy.stats import norm

from perpscope.analysis.pricing.designs import (
    funding_that_pegs,
    growing_claim_price,
    perpetual_claim_settlement,
    pool_position,
    power_funding_rate,
)
from perpscope.analysis.pricing.equilibrium import Arbitrage, market_equilibrium
from perpscope.analysis.pricing.shares import active_sharpe, covariance, plateau_share, quanto_return
from perpscope.analysis.pricing.zero_intelligence import depth_of, simulate_book, spread_of
from perpscope.errors import InputError
from perpscope.mechanisms.virtual_amm import VirtualAmm


def test_a_growing_claim_settles_at_nothing() -> None:
    price, growth, rate, dividend = 0.0, 0.02, 0.05, 3.0
    price = float(growing_claim_price(dividend, growth, rate))
    settled = perpetual_claim_settlement(price, price * (1 + growth), dividend * (1 + growth), rate)
    assert settled == pytest.approx(0, abs=1e-12)
    with pytest.raises(InputError, match="no finite price"):
        growing_claim_price(1.0, 0.05, 0.05)


@pytest.mark.parametrize("power", [0.5, 1.0, 2.0, 3.0])
def test_the_funding_that_pegs_a_power_is_its_drift(power: float) -> None:
    """Ito by brute force: the expected growth of S^n over a short time, less nothing."""
    rate, volatility, spot, dt = 0.04, 0.3, 7.0, 1e-5
    nodes, weights = np.polynomial.hermite_e.hermegauss(20)
    after = spot * np.exp((rate - volatility**2 / 2) * dt + volatility * np.sqrt(dt) * nodes)
    grown = (weights @ after**power / weights.sum() - spot**power) / dt
    found = funding_that_pegs(spot, rate, volatility, power * spot ** (power - 1), power * (power - 1) * spot ** (power - 2))
    assert found == pytest.approx(grown, rel=1e-4)
    assert power_funding_rate(power, rate, volatility) == pytest.approx(float(found) / spot**power, rel=1e-12)


def test_a_pool_tells_its_position_by_its_price() -> None:
    pool, bought = VirtualAmm(20_000_000.0, 10_000.0).with_quote(200_000.0)
    assert pool_position(10_000, 2000, float(pool.price)) == pytest.approx(float(bought), rel=1e-12)


def test_arbitrage_is_slack_binding_or_absent() -> None:
    slack = market_equilibrium(10, 5, Arbitrage(20, 0.2, 4, 0.5))
    binding = market_equilibrium(10, 5, Arbitrage(20, 0.2, 1, 0.5))
    absent = market_equilibrium(0.9, 5, Arbitrage(20, 0.2, 4, 0.5))
    assert [slack.binding, binding.binding, absent.binding] == [False, True, False]
    assert [found.deviation for found in (slack, binding, absent)] == pytest.approx([0.56, 1.6, 0.18])
    assert [found.impact for found in (slack, binding, absent)] == [1 / 25, 1 / 5, 1 / 5]
    for found, demand in ((slack, 10), (binding, 10), (absent, 0.9)):
        assert demand - 5 * found.deviation == pytest.approx(found.arbitrage)
    bumped = market_equilibrium(10.01, 5, Arbitrage(20, 0.2, 1, 0.5))
    assert (bumped.deviation - binding.deviation) / 0.01 == pytest.approx(binding.impact)
    with pytest.raises(InputError, match="slope"):
        market_equilibrium(10, 0, Arbitrage(20, 0.2, 1, 0.5))


def test_shares_of_a_normal_premium_agree_with_another_text() -> None:
    sd = np.array([0.0003, 0.0008, 0.002])
    found = np.asarray(plateau_share(0.0002, sd, 0.0001, 0.0005))
    assert found == pytest.approx(norm.cdf(0.0006, 0.0002, sd) - norm.cdf(-0.0004, 0.0002, sd), abs=1e-14)
    assert active_sharpe(1e-5, 1e-4, 8760) == pytest.approx(9.3594871654)
    assert quanto_return(-0.5, 0.1) == 0.05
    with pytest.raises(InputError, match="outside"):
        covariance(1.2, 0.1, 0.1)


@pytest.mark.parametrize("cancel", [0.02, 0.1])
def test_the_simulated_book_lies_near_the_formula(cancel: float) -> None:
    """The band of thirty per cent is the model's own: the formula is a mean-field fit."""
    found = simulate_book(0.02, 0.5, cancel, events=30_000, seed=3)
    assert found.spread == pytest.approx(float(spread_of(0.02, 0.5, cancel)), rel=0.3)
    assert found.depth >= 1
    assert found == simulate_book(0.02, 0.5, cancel, events=30_000, seed=3)


def _naive_spread(limit: float, market: float, cancel: float, reach: int, events: int, seed: int) -> float:
    """The same model as two plain lists of prices; limit orders fall within `reach` ticks of the other side's best quote."""
    random = Random(seed)  # noqa: S311 - a simulation, no secret
    bids, asks = list(range(-reach, 0)), list(range(1, reach))
    now = area = since = 0.0
    for _ in range(events):
        bid, ask = max(bids), min(asks)
        rates = (limit * reach, limit * reach, market, market, cancel * len(bids), cancel * len(asks))
        waited = random.expovariate(sum(rates))
        if now > 10 / cancel:
            area, since = area + (ask - bid) * waited, since + waited
        now += waited
        kind = random.choices(range(6), rates)[0]
        if kind < 2:
            (bids if kind == 0 else asks).append(ask - random.randint(1, reach) if kind == 0 else bid + random.randint(1, reach))
        elif kind < 4:
            (asks if kind == 2 else bids).remove(ask if kind == 2 else bid)
        else:
            side = bids if kind == 4 else asks
            side.pop(random.randrange(len(side)))
    return area / since


@pytest.mark.parametrize(("limit", "market", "cancel"), [(0.05, 0.5, 0.05), (0.05, 1.0, 0.1)])
def test_the_simulated_book_is_that_of_a_plain_one(limit: float, market: float, cancel: float) -> None:
    """Each spread is known to about one per cent from so many events; the far places do not matter to it."""
    plain = _naive_spread(limit, market, cancel, 60, 30_000, 5)
    assert simulate_book(limit, market, cancel, events=40_000, seed=4).spread == pytest.approx(plain, rel=0.06)


def test_more_market_orders_widen_the_book_and_more_limit_orders_close_it() -> None:
    usual = simulate_book(0.05, 0.5, 0.05, events=15_000).spread
    assert simulate_book(0.05, 1.0, 0.05, events=15_000).spread > 1.2 * usual
    assert simulate_book(0.10, 0.5, 0.05, events=15_000).spread < 0.8 * usual
    assert depth_of(0.05, 0.5, 0.05) == pytest.approx(0.5**2.5 * 0.05**0.5 / 0.05**2)
    with pytest.raises(InputError, match="ticks wide"):
        simulate_book(0.0001, 0.5, 0.05)
