"""Are tails, coverage tests and resamples what their definitions say?"""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import chi2, norm

from perpscope.analysis.risk.coverage import coverage, rolled
from perpscope.analysis.risk.flow import Flow
from perpscope.analysis.risk.law import Law, Stage, plain_law
from perpscope.analysis.risk.resample import block_sums, chained, mean_block_of, redrawn, resampled
from perpscope.analysis.risk.tail import expected_shortfall, value_at_risk
from perpscope.errors import InputError

HOUR = 3_600_000


def flow_of(values: np.ndarray, hours: float = 8.0) -> Flow:
    return Flow(values[:, None], (np.arange(len(values)) + 1) * round(hours * HOUR), hours, 0, len(values))


def test_tails_of_a_normal_sample_are_those_of_the_normal() -> None:
    losses = norm.ppf((np.arange(200_000) + 0.5) / 200_000)
    assert value_at_risk(losses, 0.95) == pytest.approx(norm.ppf(0.95), abs=1e-4)
    assert expected_shortfall(losses, 0.95) == pytest.approx(norm.pdf(norm.ppf(0.95)) / 0.05, abs=1e-3)


def test_an_atom_at_the_value_at_risk_counts_only_as_far_as_it_belongs_to_the_tail() -> None:
    losses = np.array([0.0] * 90 + [10.0] * 8 + [20.0] * 2)
    assert value_at_risk(losses, 0.95) == 10.0
    assert expected_shortfall(losses, 0.95) == pytest.approx((2 * 20 + 3 * 10) / 5)


def test_the_level_is_met_exactly_where_it_is_a_whole_count() -> None:
    losses = np.arange(1.0, 101.0)
    assert [value_at_risk(losses, level) for level in (0.95, 0.9, 0.99, 0.07 + 0.5)] == [95, 90, 99, 57]


def test_a_tail_needs_losses_and_a_level() -> None:
    for losses, level in ((np.array([]), 0.9), (np.ones(3), 1.0)):
        with pytest.raises(InputError):
            value_at_risk(losses, level)


def test_coverage_is_kupiecs_and_christoffersens() -> None:
    hits = [False] * 40 + [True, True, False, True] + [False] * 16
    found = coverage(hits, 0.95)
    n, x, p = 60, 3, 0.05
    by_hand = -2 * ((n - x) * math.log(1 - p) + x * math.log(p) - (n - x) * math.log(1 - x / n) - x * math.log(x / n))
    assert found.kupiec == pytest.approx(by_hand)
    assert found.p_kupiec == pytest.approx(chi2.sf(by_hand, 1))
    n00, n01, n10, n11 = 54, 2, 2, 1
    p01, p11, all_ = n01 / (n00 + n01), n11 / (n10 + n11), (n01 + n11) / 59
    ind = -2 * (
        (n00 + n10) * math.log(1 - all_)
        + (n01 + n11) * math.log(all_)
        - n00 * math.log(1 - p01)
        - n01 * math.log(p01)
        - n10 * math.log(1 - p11)
        - n11 * math.log(p11)
    )
    assert found.independence == pytest.approx(ind)
    assert found.conditional == pytest.approx(by_hand + ind)


def test_no_hit_and_only_hits_are_no_error() -> None:
    assert coverage([False] * 20, 0.95).kupiec == pytest.approx(-40 * math.log(0.95))
    assert coverage([True] * 20, 0.95).independence == 0


def test_coverage_rejects_as_often_as_it_says() -> None:
    rng = np.random.default_rng(5)
    p = [coverage((rng.random(500) < 0.05).tolist(), 0.95).p_kupiec for _ in range(400)]
    assert 0.02 < np.mean(np.array(p) < 0.05) < 0.09  # 5 % +- four standard errors


def test_a_stationary_bootstrap_has_blocks_of_the_mean_length_asked_for() -> None:
    draws = chained(1000, (200, 500), 20, np.random.default_rng(2))
    follows = (np.diff(draws, axis=1) % 1000) == 1
    assert follows.mean() == pytest.approx(1 - 1 / 20, abs=0.002)


def test_sums_by_blocks_scatter_as_sums_of_walked_paths() -> None:
    rng = np.random.default_rng(3)
    series = np.cumsum(rng.normal(size=400)) * 0.1
    walked = series[chained(400, (40_000, 30), 10, rng)].sum(axis=1)
    summed = block_sums(series, (40_000, 30), 10, rng)
    assert summed.mean() == pytest.approx(walked.mean(), abs=5 * walked.std() / 200)
    assert summed.std() == pytest.approx(walked.std(), rel=0.02)
    assert np.quantile(summed, 0.95) == pytest.approx(np.quantile(walked, 0.95), rel=0.03)


def test_whole_history_in_one_block_is_its_own_sum() -> None:
    series = np.arange(10.0)
    assert set(block_sums(series, (50, 10), 1e12, np.random.default_rng(1)).tolist()) == {45.0}


def test_the_mean_of_a_resample_is_that_of_the_history_and_the_seed_decides() -> None:
    values = np.random.default_rng(4).normal(1e-4, 1e-4, 900)
    flow = flow_of(values)
    found = resampled(flow, plain_law(8.0), 90, paths=20_000, mean_block=90, seed=1)
    assert found.paid.mean() == pytest.approx(90 * values.mean(), rel=0.01)
    again = resampled(flow, plain_law(8.0), 90, paths=20_000, mean_block=90, seed=1)
    assert np.array_equal(found.paid, again.paid)
    assert not np.array_equal(found.paid, resampled(flow, plain_law(8.0), 90, paths=20_000, mean_block=90, seed=2).paid)


def test_a_cap_cuts_the_tail_of_the_resample() -> None:
    values = np.where(np.arange(900) % 100 < 20, 0.004, 0.0001)
    law = Law((Stage(8.0, -0.003, 0.003),))
    free = resampled(flow_of(values), plain_law(8.0), 30, paths=5000, mean_block=30, seed=1).paid
    cut = resampled(flow_of(values), law, 30, paths=5000, mean_block=30, seed=1).paid
    assert free.max() > 30 * 0.003 >= cut.max() - 1e-12
    assert cut.mean() == pytest.approx(30 * (0.2 * 0.003 + 0.8 * 0.0001), rel=0.03)


def test_blocks_are_at_least_as_long_as_the_horizon_and_at_most_a_third_of_the_history() -> None:
    flow = flow_of(np.random.default_rng(5).normal(size=300))
    assert mean_block_of(flow, 60)[0] == 60
    assert mean_block_of(flow, 140)[0] == 100
    assert mean_block_of(flow_of(np.ones(300)), 30) == (30.0, 1.0)


def test_the_error_of_the_tail_shrinks_with_the_history() -> None:
    rng = np.random.default_rng(6)
    spread = []
    for n in (300, 4800):
        again = redrawn(flow_of(rng.normal(size=n)), plain_law(8.0), 5, histories=60, paths=2000, mean_block=5, seed=1)
        spread.append(np.std([value_at_risk(each, 0.95) for each in again]))
    assert spread[1] < spread[0] / 2


def test_forecasts_are_made_from_the_past_alone() -> None:
    values = np.random.default_rng(7).normal(size=200)
    seen: list[int] = []

    def forecast(known: Flow) -> list[float]:
        seen.append(len(known.steps))
        return [float(known.steps.sum())]

    found = rolled(flow_of(values), 10, 1, forecast, least=100)
    assert seen == list(range(100, 191, 10))
    assert found.losses == pytest.approx([values[k : k + 10].sum() for k in seen])
    changed = values.copy()
    changed[150:] = 1e9
    again = rolled(flow_of(changed), 10, 1, forecast, least=100)
    assert again.forecasts[0][:6] == found.forecasts[0][:6]


def test_a_right_forecast_is_hit_as_often_as_it_says() -> None:
    values = np.random.default_rng(8).normal(size=6000)
    var = norm.ppf(0.9) * math.sqrt(10)
    found = rolled(flow_of(values), 10, -1, lambda _: [var], least=100)
    assert coverage(found.hits(0), 0.9).p_exact > 0.001
