"""What holds of every window, every book and every formula, whatever their numbers?"""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from perpscope.analysis.noise.independent import independent
from perpscope.analysis.noise.push import DOWN, UP, Ladder, push_costs, walk_cost, way
from perpscope.analysis.noise.weights import weights_of
from perpscope.market.number import to_float
from perpscope.mechanisms.decide import Formula, decide
from perpscope.mechanisms.reduce import Last, LinearMean, Mean

REDUCERS = st.sampled_from([Mean(), LinearMean(), Last()])
FORMULAS = st.builds(
    lambda interest, damper, cap: Formula(interest=interest, damper=damper, floor=-cap, cap=cap),
    st.floats(-0.0005, 0.0005),
    st.floats(0, 0.001),
    st.floats(0.002, 0.02),
)


@given(REDUCERS, st.integers(1, 200))
def test_weights_of_a_window_sum_to_one_and_are_not_negative(reducer: Mean | LinearMean | Last, count: int) -> None:
    weights = weights_of(reducer, count)
    assert weights is not None
    assert math.isclose(float(weights.sum()), 1.0, abs_tol=1e-12)
    assert (weights >= 0).all()


@given(st.lists(st.floats(-0.01, 0.01), min_size=3, max_size=80), REDUCERS, st.integers(1, 40))
def test_readings_are_never_worth_more_than_they_are_nor_less_than_one(
    readings: list[float], reducer: Mean | LinearMean | Last, count: int
) -> None:
    weights = weights_of(reducer, count)
    assert weights is not None
    found = independent([np.array(readings)], weights)
    assert 1 <= found.effective <= count + 1e-9
    assert found.se <= found.sd + 1e-15


@given(FORMULAS, st.floats(-0.004, 0.004), st.sampled_from([UP, DOWN]), st.sampled_from([1.0, 4.0, 8.0]))
def test_a_premium_moved_by_the_distance_moves_the_rate_by_the_step(formula: Formula, premium: float, direction: int, hours: float) -> None:
    step = 0.0001

    def rate(value: float) -> float:
        return to_float(decide(value, hours, math.nan, *formula.numbers()).slowed)

    found = way(formula, hours, premium, step, direction)
    if found.distance is None:
        assert abs(rate(premium + direction * 1.0) - rate(premium)) < step + 1e-12
        return
    assert math.isclose(rate(premium + direction * found.distance), rate(premium) + direction * step, abs_tol=1e-10)
    assert 0 <= found.idle <= found.distance + 1e-12


@given(
    st.lists(st.tuples(st.floats(0.01, 1), st.floats(0.1, 50)), min_size=2, max_size=12),
    st.floats(0, 5),
    st.floats(0, 5),
)
def test_going_further_into_a_book_never_costs_less(levels: list[tuple[float, float]], near: float, far: float) -> None:
    prices = 100 + np.cumsum([gap for gap, _ in levels])
    quantities = np.array([quantity for _, quantity in levels])
    ladder = Ladder(200 - prices, quantities, prices, quantities, 100.0, 0.0)
    low, high = sorted((near, far))
    one, other = (walk_cost(ladder, 100 + distance) for distance in (low, high))
    if other is not None:
        assert one is not None
        assert 0 <= one <= other + 1e-9
    down = walk_cost(ladder, 100 - high, DOWN)
    assert down == other or (down is not None and other is not None and math.isclose(down, other, rel_tol=1e-9, abs_tol=1e-9))


@given(st.integers(16, 300), st.floats(1e-7, 1e-4), REDUCERS)
def test_the_slices_weigh_the_whole_window_and_a_lighter_one_has_further_to_go(
    count: int, distance: float, reducer: Mean | LinearMean | Last
) -> None:
    weights = weights_of(reducer, count)
    assert weights is not None
    costs = push_costs([], weights, distance, 1_000.0, slices=8)
    assert math.isclose(sum(cost.weight for cost in costs), 1.0, abs_tol=1e-9)
    order = sorted(costs, key=lambda cost: cost.weight)
    assert all(a.shift >= b.shift - 1e-15 for a, b in pairwise(order))
