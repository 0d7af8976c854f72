"""What holds for every flow of funding, every limit and every position?"""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from perpscope.analysis.risk.law import Law, Stage
from perpscope.analysis.risk.paid import held, payments
from perpscope.analysis.risk.resample import block_sums
from perpscope.analysis.risk.tail import expected_shortfall, value_at_risk

rates = st.floats(-0.01, 0.01, allow_nan=False)
flows = arrays(np.float64, st.tuples(st.integers(1, 12), st.just(8)), elements=rates)
losses = arrays(np.float64, st.integers(1, 200), elements=st.floats(-1e6, 1e6, allow_nan=False))
levels = st.floats(0.5, 0.999)


@given(flows)
def test_without_limits_every_interval_pays_the_same(flow: np.ndarray) -> None:
    table = payments(flow, 1.0, Law(tuple(Stage(hours) for hours in (8.0, 4.0, 2.0, 1.0))))
    for paid in table.paid:
        assert np.allclose(paid, flow.sum(axis=1), atol=1e-15)


@given(flows, st.floats(1e-5, 0.01))
def test_no_path_pays_more_than_its_limits_allow(flow: np.ndarray, cap: float) -> None:
    law = Law((Stage(8.0, -cap, cap, 1.0), Stage(1.0, -cap, cap, 1.0, cap / 2, 8, 8.0)))
    draws = np.arange(len(flow))[None, :]
    total, moved = held(payments(flow, 1.0, law), draws, law)
    assert abs(total[0]) <= len(flow) * 8 * cap * (1 + 1e-12)
    assert 0 <= moved[0] <= 1


@given(flows, st.floats(1e-5, 0.01))
def test_the_other_side_pays_the_opposite_under_the_opposite_flow(flow: np.ndarray, cap: float) -> None:
    law = Law((Stage(8.0, -cap, cap, 1.0), Stage(1.0, -cap, cap, 1.0, cap / 2, 8, 8.0)))
    draws = np.arange(len(flow))[None, :]
    one, other = (held(payments(sign * flow, 1.0, law), draws, law)[0] for sign in (1, -1))
    assert np.allclose(one, -other, atol=1e-15)


@given(losses, levels)
def test_tails_are_ordered_and_inside_the_sample(sample: np.ndarray, level: float) -> None:
    var, shortfall = value_at_risk(sample, level), expected_shortfall(sample, level)
    slack = 1e-9 * (1 + np.abs(sample).max()) / (1 - level)
    assert sample.min() <= var <= sample.max()
    assert var - slack <= shortfall <= sample.max() + slack
    assert (sample <= var).mean() >= level - 1e-9


@given(losses, levels, st.floats(-1e5, 1e5))
def test_a_certain_payment_moves_both_tails_by_itself(sample: np.ndarray, level: float, certain: float) -> None:
    slack = 1e-8 * (1 + np.abs(sample).max() + abs(certain)) / (1 - level)
    assert abs(value_at_risk(sample + certain, level) - value_at_risk(sample, level) - certain) <= slack
    assert abs(expected_shortfall(sample + certain, level) - expected_shortfall(sample, level) - certain) <= slack


@given(losses, losses, levels)
def test_the_shortfall_of_two_positions_together_is_no_larger_than_the_sum(one: np.ndarray, other: np.ndarray, level: float) -> None:
    n = min(len(one), len(other))
    one, other = one[:n], other[:n]
    slack = 1e-8 * (1 + np.abs(one).max() + np.abs(other).max()) / (1 - level)
    assert expected_shortfall(one + other, level) <= expected_shortfall(one, level) + expected_shortfall(other, level) + slack


@settings(max_examples=50)
@given(arrays(np.float64, st.integers(5, 60), elements=rates), st.integers(1, 5), st.floats(1, 100))
def test_sums_of_blocks_stay_within_the_extremes(series: np.ndarray, windows: int, mean_block: float) -> None:
    total = block_sums(series, (50, windows), mean_block, np.random.default_rng(1))
    assert (total <= windows * series.max() + 1e-12).all()
    assert (total >= windows * series.min() - 1e-12).all()
