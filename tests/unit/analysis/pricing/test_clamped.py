"""Is the price with a clamp the fixed point of the rule, and do costs widen it as the deviation says?"""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import brentq

from perpscope.analysis.pricing.clamped import (
    clamped_price,
    clamped_rate,
    deviation,
    implied_rate,
    no_clamp_deviation,
    plateau,
)
from perpscope.analysis.pricing.costs import Rule, bounds, empirical_bounds, parity_gap, positions, round_trip, threshold
from perpscope.analysis.pricing.perpetual import linear_price
from perpscope.errors import InputError

INTEREST, G = 0.0001, 0.0005


@pytest.mark.parametrize("carry", [-0.002, -0.0004, 0.0, 0.00009, 0.00011, 0.0006, 0.003])
def test_the_price_is_where_the_rule_pays_the_carry(carry: float) -> None:
    found = clamped_price(60_000, carry, INTEREST, G)
    root = brentq(lambda f: float(clamped_rate((f - 60_000) / f, INTEREST, G)) - carry, 58_000, 62_000, xtol=1e-9, rtol=1e-15)
    assert found.low == found.high == pytest.approx(root, rel=1e-11)
    assert implied_rate(found.low, 60_000, INTEREST, G) == pytest.approx(carry, abs=1e-15)
    assert deviation(found.low, 60_000, carry, INTEREST, G) == pytest.approx(0, abs=1e-15)


def test_a_carry_equal_to_the_interest_leaves_an_interval_whose_ends_are_the_plateau() -> None:
    found = clamped_price(1.0, INTEREST, INTEREST, G)
    edges = plateau(INTEREST, G)
    for price, edge in ((found.low, edges.low), (found.high, edges.high)):
        assert 1 - 1 / float(price) == pytest.approx(float(edge), abs=1e-15)
        assert deviation(price, 1.0, INTEREST, INTEREST, G) == pytest.approx(0, abs=1e-15)
    assert float(deviation(float(found.high) * 1.001, 1.0, INTEREST, INTEREST, G)) > 0.0009
    almost = clamped_price(1.0, (1 + INTEREST) - 1, INTEREST, G)
    assert [almost.low, almost.high] == pytest.approx([found.low, found.high])


def test_the_price_that_ignores_the_clamp_stands_off_by_its_width() -> None:
    price = linear_price(60_000, 1.0, 0.0, 0.00004, 0.0)
    assert deviation(price, 60_000, 0.00004, INTEREST, G) == pytest.approx(G, abs=1e-12)
    assert no_clamp_deviation(0.00004, INTEREST, G) == G
    assert no_clamp_deviation(0.0002, INTEREST, G) == -G


def test_rates_of_arrays_are_the_rule_of_the_mechanisms_one_by_one() -> None:
    premiums = np.linspace(-0.004, 0.004, 81)
    found = np.asarray(clamped_rate(premiums, INTEREST, G))
    assert found == pytest.approx(premiums + np.clip(INTEREST - premiums, -G, G), abs=1e-18)
    inside = (premiums >= -0.0004 + 1e-12) & (premiums <= 0.0006 - 1e-12)
    assert found[inside] == pytest.approx(INTEREST, abs=1e-18)
    with pytest.raises(InputError, match="half width"):
        clamped_rate(0.0, INTEREST, -G)


def test_the_published_thresholds_of_the_paper() -> None:
    assert threshold(round_trip(0.000225, 0.000018), 1095) == pytest.approx(0.53217, abs=1e-12)


@pytest.mark.parametrize("carry", [0.00005, INTEREST, 0.0004])
def test_at_its_bounds_a_price_deviates_by_kappa_times_the_cost(carry: float) -> None:
    found = bounds(60_000, Rule(carry, INTEREST, G), 0.0006)
    assert deviation(found.high, 60_000, carry, INTEREST, G) == pytest.approx(0.0006, abs=1e-14)
    assert deviation(found.low, 60_000, carry, INTEREST, G) == pytest.approx(-0.0006, abs=1e-14)
    free, fair = bounds(60_000, Rule(carry, INTEREST, G), 0.0), clamped_price(60_000, carry, INTEREST, G)
    assert [free.low, free.high] == pytest.approx([fair.low, fair.high])


def test_positions_open_beyond_the_threshold_and_close_at_the_fair_price() -> None:
    path = [0.0, 0.4, 0.6, 0.01, -0.2, -0.51, float("nan"), -0.01, 0.0, 0.51]
    assert positions(path, opens=0.5).tolist() == [0, 0, -1, -1, 0, 1, 1, 1, 0, -1]
    assert positions([0.6, 0.2, 0.05], opens=0.5, closes=0.1).tolist() == [-1, -1, 0]
    assert positions([0.6, -0.6], opens=0.5).tolist() == [-1, 1]
    with pytest.raises(InputError, match="wrong order"):
        positions([0.1], opens=0.1, closes=0.2)


def test_parity_and_empirical_bounds_are_what_they_say() -> None:
    assert parity_gap(100.1, 100.0, 1.0, 0.25) == 0
    assert np.asarray(parity_gap(np.array([99.0, 101.0]), 100.0, 1.0, 0.25)) == pytest.approx([0.75, 0.75])
    found = empirical_bounds(-0.0001, 60, 60_000, 0.00018)
    assert [found.low, found.high] == pytest.approx([0.99892, 1.00108])
    with pytest.raises(InputError, match="below 0"):
        empirical_bounds(0.0001, -60, 60_000, 0.00018)


def test_carry_and_width_that_reach_kappa_have_no_price() -> None:
    with pytest.raises(InputError, match="reach kappa"):
        clamped_price(100, 0.9996, INTEREST, G)
    with pytest.raises(InputError, match="reach kappa"):
        bounds(100, Rule(0.5, INTEREST, G), 0.6)
    with pytest.raises(InputError, match="below 0"):
        threshold(-0.1, 1)
