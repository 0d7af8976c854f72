"""Is the floor of a premium what its readings allow, and does a push cost what the book says?"""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from perpscope.analysis.noise.choices import Looks, band_edges, band_of, premium_readings
from perpscope.analysis.noise.independent import autocovariances, independent, passing_noise
from perpscope.analysis.noise.push import DOWN, UP, Ladder, flat_in, push_costs, walk_cost, way
from perpscope.analysis.noise.ticks import rounding_sd, tick_of, trade_noise
from perpscope.analysis.noise.weights import weights_of
from perpscope.errors import InputError, NotEnoughData
from perpscope.mechanisms.auction import Auction
from perpscope.mechanisms.decide import Formula
from perpscope.mechanisms.observe import Observe
from perpscope.mechanisms.reduce import DecayMean, Last, LinearMean, Mean, MedianMean, TimeMean, Velocity
from perpscope.mechanisms.rule import Rule
from perpscope.mechanisms.window import Window

CLAMP = Formula(interest=0.0001, damper=0.0005)
RULE = Rule(Observe("impact_band", 5), LinearMean(), CLAMP)
SEED = 7


@pytest.mark.parametrize("reducer", [Mean(), LinearMean(), TimeMean(), Last(), DecayMean(2.0)], ids=lambda r: type(r).__name__)
def test_weights_are_those_of_the_rule_itself(reducer: Mean | LinearMean | TimeMean | Last | DecayMean) -> None:
    seen = np.random.default_rng(SEED).normal(0, 0.001, 60)
    weights = weights_of(reducer, 60, 5 / 3600)
    assert weights is not None
    assert weights.sum() == pytest.approx(1.0, abs=1e-12)
    rule = Rule(Observe("impact_band", 5), reducer, Formula())
    fixed = rule.fix(Window(0, 300_000, {"premium": tuple(seen.tolist())}))
    assert float(weights @ seen) == pytest.approx(float(fixed.terms.premium), abs=1e-15)


def test_averages_that_are_no_weighted_means_have_no_weights() -> None:
    assert weights_of(Auction(), 4) is None
    assert weights_of(Velocity(1.0, 1.0), 4) is None
    assert np.allclose(weights_of(MedianMean(60), 4), 0.25)  # type: ignore[arg-type]  # they are there


def _autoregressive(rho: float, n: int, seed: int = SEED) -> np.ndarray:
    noise = np.random.default_rng(seed).normal(size=n)
    out = np.empty(n)
    out[0] = noise[0]
    for k in range(1, n):
        out[k] = rho * out[k - 1] + (1 - rho**2) ** 0.5 * noise[k]
    return out


@pytest.mark.parametrize("rho", [0.0, 0.5, 0.8, 0.95])
def test_an_average_of_dependent_readings_is_worth_what_theory_says(rho: float) -> None:
    """Variance of the mean of an AR(1): (1 + rho) / (1 - rho) times that of independent readings, for long windows."""
    readings = [_autoregressive(rho, 4_000, seed) for seed in range(5)]
    found = independent(readings, np.full(1_000, 1e-3))
    exact = 1_000 * (1 - rho) / (1 + rho)
    assert found.effective == pytest.approx(exact, rel=0.25)
    assert found.se == pytest.approx(found.sd / found.effective**0.5)


def test_dependence_costs_readings_and_never_adds_any() -> None:
    alone = independent([np.random.default_rng(SEED).normal(size=3_000)], np.full(100, 0.01))
    clinging = independent([_autoregressive(0.9, 3_000)], np.full(100, 0.01))
    turning = independent([np.tile([1.0, -1.0], 500)], np.full(100, 0.01))
    assert 1 <= clinging.effective < alone.effective <= 100
    assert turning.effective == pytest.approx(100)
    assert independent([np.zeros(10)], np.full(4, 0.25)).se == 0


def test_rising_weights_are_worth_fewer_readings() -> None:
    noise = [np.random.default_rng(SEED).normal(size=5_000)]
    equal, rising = (independent(noise, w) for w in (weights_of(Mean(), 300), weights_of(LinearMean(), 300)) if w is not None)
    assert rising.effective / equal.effective == pytest.approx(0.75, abs=0.03), "sum(w)^2 / sum(w^2) of 1..n is 3n/4"


def test_stretches_too_short_say_nothing() -> None:
    with pytest.raises(NotEnoughData):
        autocovariances([np.array([1.0, 2.0])])


def test_passing_noise_is_the_error_and_not_the_level() -> None:
    chance = np.random.default_rng(SEED)
    level = np.cumsum(chance.normal(0, 0.1, 20_000))
    assert passing_noise([level + chance.normal(0, 1.0, 20_000)]) == pytest.approx(1.0, rel=0.05)
    assert passing_noise([np.arange(50.0) ** 2]) is None


def test_a_bounce_between_two_prices_is_the_spread() -> None:
    sides = np.random.default_rng(SEED).choice([-0.5, 0.5], 50_000)
    found = trade_noise(1_000 + sides)
    assert found.bounce is not None
    assert found.bounce * 1_000 == pytest.approx(1.0, rel=0.03)
    assert found.moved == pytest.approx(0.5, abs=0.02)
    with pytest.raises(NotEnoughData):
        trade_noise(np.array([1.0, 2.0]))


@pytest.mark.parametrize(
    ("prices", "tick"),
    [([100.5, 101.0, 99.5], 0.5), ([61800.3, 61800.4, 61799.9], 0.1), ([3.0, 6.0, 12.0], 3.0), ([0.00012, 0.00015], 0.00003)],
)
def test_the_tick_is_the_step_all_prices_share(prices: list[float], tick: float) -> None:
    assert tick_of(np.array(prices)) == pytest.approx(tick)
    assert tick_of(np.array([np.nan])) is None


def test_rounding_to_a_tick_scatters_as_a_uniform_error() -> None:
    true = np.random.default_rng(SEED).uniform(1_000, 1_100, 200_000)
    assert rounding_sd(0.5, 1_050) == pytest.approx(float(np.std(np.round(true * 2) / 2 - true)) / 1_050, rel=0.01)


def _looks(n: int = 12) -> Looks:
    chance = np.random.default_rng(SEED)
    index = 100 + np.cumsum(chance.normal(0, 0.01, n))
    columns = {
        "narrow": {"impact_bid": index * 1.0008, "impact_ask": index * 1.0010},
        "mid": {"bid": index * 1.0011, "ask": index * 1.0013},
    }
    return Looks(
        columns, {"narrow": "impact_band", "mid": "mid"}, {"spot": index, "late": index * 0.999}, ("narrow", "spot", "rising weights")
    )


def test_a_band_is_from_the_lowest_to_the_highest_choice_and_names_the_rules_own_first() -> None:
    band = band_of(_looks(), RULE, 8.0, every=2)
    assert len(band.choices) == 2 * 2 * 3
    assert (band.choices[0].look, band.choices[0].index, band.choices[0].average) == ("narrow", "spot", "rising weights")
    assert band.low == min(c.low for c in band.choices)
    assert band.high == max(c.high for c in band.choices)
    assert band.choices[0].premium == pytest.approx(0.0008)
    assert band.choices[0].rate == pytest.approx(0.0003), "premium less the clamp"
    assert band.apr == pytest.approx((band.low * 1095, band.high * 1095))
    assert band.place(band.low) == 0
    assert band.place(band.high) == 1


def test_inside_the_clamp_every_choice_gives_the_same_rate() -> None:
    index = np.full(6, 100.0)
    columns = {"mid": {"bid": index * 0.9998, "ask": index * 1.0002}, "last": {"mark": index * 1.0004}}
    looks = Looks(columns, {"mid": "mid", "last": "mark_premium"}, {"spot": index}, ("mid", "spot", "equal weights"))
    band = band_of(looks, RULE, 8.0)
    assert (band.low, band.high) == pytest.approx((0.0001, 0.0001), abs=1e-16)
    assert band.place(0.0001) is None
    assert band.premiums == pytest.approx((0.0, 0.0004))


def test_many_windows_at_once_have_the_bands_of_one_at_a_time() -> None:
    looks = _looks(24)
    rows = np.arange(24).reshape(3, 8)
    low, high = band_edges(looks, RULE, 8.0, rows)
    for k in range(3):
        one = band_of(looks.part(rows[k]), RULE, 8.0)
        assert (low[k], high[k]) == pytest.approx((one.low, one.high), abs=1e-15)


def test_moments_without_a_book_are_left_out() -> None:
    looks = _looks()
    looks.columns["narrow"]["impact_bid"][3] = np.nan
    assert np.isnan(premium_readings(looks, "narrow", "spot")[3])
    assert band_of(looks, RULE, 8.0).choices[0].n == 11
    empty = looks.part(np.array([3]))
    assert {c.look for c in band_of(empty, RULE, 8.0).choices} == {"mid"}


def _ladder(premium: float = 0.0) -> Ladder:
    steps = np.arange(1.0, 11.0)
    return Ladder(100 - 0.01 * steps, np.full(10, 5.0), 100 + 0.01 * steps, np.full(10, 5.0), 100.0, premium)


def test_taking_a_book_costs_its_levels_against_the_mid() -> None:
    assert walk_cost(_ladder(), 100.035) == pytest.approx(5 * (0.01 + 0.02 + 0.03))
    assert walk_cost(_ladder(), 99.975, DOWN) == pytest.approx(5 * (0.01 + 0.02))
    assert walk_cost(_ladder(), 100.0) == 0
    assert walk_cost(_ladder(), 100.5) is None, "the recorded book ends before"


@pytest.mark.parametrize(
    ("premium", "direction", "distance", "idle"),
    [
        (0.0, UP, 0.0007, 0.0006),
        (0.0, DOWN, 0.0005, 0.0004),
        (0.0008, UP, 0.0001, 0.0),
        (0.0008, DOWN, 0.0001, 0.0),
        (0.00065, DOWN, 0.00005 + 0.001 + 0.00005, 0.001),
    ],
)
def test_inside_the_flat_stretch_a_push_has_to_reach_its_edge_first(premium: float, direction: int, distance: float, idle: float) -> None:
    found = way(CLAMP, 8, premium, 0.0001, direction)
    assert found.distance == pytest.approx(distance)
    assert found.idle == pytest.approx(idle)


def test_a_cap_cannot_be_passed_and_the_plateau_is_told() -> None:
    capped = dataclasses.replace(CLAMP, floor=-0.003, cap=0.003)
    assert way(capped, 8, 0.0035, 0.0001).distance is None
    assert way(capped, 8, 0.00345, 0.0001).distance is None
    assert flat_in(CLAMP, 8) == pytest.approx((-0.0004, 0.0006))
    assert flat_in(Formula(), 8) is None


def test_an_hourly_eighth_takes_eight_times_the_premium() -> None:
    eighth = dataclasses.replace(CLAMP, period=8)
    assert way(eighth, 1, 0.0008, 0.0001).distance == pytest.approx(0.0008)


def test_the_end_of_a_window_of_rising_weights_is_the_cheapest_place() -> None:
    weights = weights_of(LinearMean(), 480)
    assert weights is not None
    costs = push_costs([_ladder()], weights, 1e-6, 1_000.0, slices=8)
    assert [c.holding for c in costs] == sorted((c.holding for c in costs), reverse=True)
    assert costs[0].clock == 0
    assert costs[-1].until == 1
    assert sum(c.weight for c in costs) == pytest.approx(1.0)


def test_under_equal_weights_the_clock_does_not_matter_and_the_last_reading_decides_alone() -> None:
    equal, last = weights_of(Mean(), 480), weights_of(Last(), 480)
    assert equal is not None
    assert last is not None
    costs = push_costs([_ladder()], equal, 1e-6, 1_000.0, slices=8)
    assert costs[0].holding == pytest.approx(480 * 1_000 * 1e-6), "notional x samples x distance, wherever it is done"
    assert max(c.holding for c in costs) == pytest.approx(min(c.holding for c in costs))
    only = push_costs([_ladder()], last, 1e-6, 1_000.0, slices=8)
    assert [(c.clock, c.weight) for c in only] == [(0.875, 1.0)]
    with pytest.raises(InputError):
        push_costs([], equal, 1e-6, 1.0, slices=500)


def test_without_books_a_cost_is_what_standing_there_costs() -> None:
    equal = weights_of(Mean(), 16)
    assert equal is not None
    (first, *_) = push_costs([], equal, 0.0001, 100.0, slices=4)
    assert (first.walk, first.total) == (None, None)
    assert first.holding == pytest.approx(4 * 100 * 0.0004)


def test_a_grid_may_begin_at_any_moment_of_the_spacing() -> None:
    index = np.full(8, 100.0)
    mark = index * (1 + np.tile([0.001, 0.002], 4))
    looks = Looks({"last": {"mark": mark}}, {"last": "mark_premium"}, {"spot": index}, ("last", "spot", "equal weights"))
    (first, *_) = band_of(looks, RULE, 8.0, every=2).choices
    assert first.n == 4
    assert first.premium == pytest.approx(0.001)
    assert (first.low, first.rate, first.high) == pytest.approx((0.0005, 0.0005, 0.0015))
