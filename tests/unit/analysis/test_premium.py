"""Are premiums, their pull and the band without pull read right, where the answer is known?"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest

from perpscope.analysis.inference.ols import ols
from perpscope.analysis.premium.edges import find_edges
from perpscope.analysis.premium.pull import difference, half_life, pull, pull_by_clock, pull_inside, pull_with_bends
from perpscope.analysis.premium.series import TOGETHER_MS, averaged, premiums, steps
from perpscope.errors import InputError, NotEnoughData
from perpscope.mechanisms.decide import Formula
from perpscope.mechanisms.observe import Observe
from perpscope.mechanisms.reduce import LinearMean
from perpscope.mechanisms.rule import Rule
from perpscope.mechanisms.window import Window
from perpscope.units import MS_PER_HOUR

if TYPE_CHECKING:
    from numpy.typing import NDArray

BP = 1e-4


def _closes(at: list[int], values: list[float]) -> pl.DataFrame:
    return pl.DataFrame({"close_at": at, "close_quote": values})


def _walk(
    n: int, seed: int, low: float = -4 * BP, high: float = 6 * BP, outside: float = 0.5
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """A premium that wanders freely inside a band and is pulled back outside it."""
    rng = np.random.default_rng(seed)
    x = np.empty(n)
    x[0] = 0.0
    for k in range(1, n):
        now = x[k - 1]
        excess = min(now - low, 0.0) + max(now - high, 0.0)
        x[k] = now - outside * excess + 1.5 * BP * rng.standard_normal()
    return x[:-1], np.diff(x)


def test_a_premium_is_perpetual_over_spot_less_one_where_both_closed() -> None:
    joined = premiums(_closes([3, 1, 2], [303.0, 101.0, 200.0]), _closes([1, 3, 4], [100.0, 300.0, 400.0]))
    assert joined["close_at"].to_list() == [1, 3]
    assert joined["premium"].to_list() == pytest.approx([0.01, 0.01])


def test_two_closes_a_little_apart_may_be_taken_for_one_moment() -> None:
    minute = 60_000
    perp = _closes([60 * minute, 119 * minute, 180 * minute, 300 * minute], [101.0, 102.0, 99.0, 100.0])
    found = premiums(perp, _closes([60 * minute, 120 * minute, 240 * minute], [100.0, 100.0, 100.0]), TOGETHER_MS)
    assert found["close_at"].to_list() == [60 * minute, 120 * minute]  # known when the later of the two was
    assert found["premium"].to_list() == pytest.approx([0.01, 0.02])


def test_without_a_shared_moment_there_is_no_premium() -> None:
    with pytest.raises(NotEnoughData, match="no close of both"):
        premiums(_closes([1], [1.0]), _closes([2], [1.0]))


def test_steps_leave_out_gaps_and_bad_prints() -> None:
    at = [0, 1, 2, 4, 5, 6]
    perp = [100.0, 100.01, 100.02, 100.0, 110.0, 100.0]
    found = steps(premiums(_closes(at, perp), _closes(at, [100.0] * 6)), 1)
    assert found.at.tolist() == [0, 1]
    assert found.change == pytest.approx([BP, BP])
    assert found.perp_return - found.spot_return == pytest.approx([math.log(100.01 / 100), math.log(100.02 / 100.01)])


def test_a_step_is_a_length_of_time() -> None:
    joined = premiums(_closes([1], [1.0]), _closes([1], [1.0]))
    with pytest.raises(InputError, match="0 ms"):
        steps(joined, 0)


def test_an_average_of_hours_is_what_the_rule_s_own_average_makes_of_them() -> None:
    at = [k * MS_PER_HOUR for k in range(1, 17)]
    rng = np.random.default_rng(3)
    joined = premiums(_closes(at, (100 + rng.standard_normal(16) / 100).tolist()), _closes(at, [100.0] * 16))
    slots, found = averaged(joined, np.array([8 * MS_PER_HOUR, 16 * MS_PER_HOUR, 20 * MS_PER_HOUR]), 8 * MS_PER_HOUR, MS_PER_HOUR)
    assert slots.tolist() == [8 * MS_PER_HOUR, 16 * MS_PER_HOUR]
    rule = Rule(Observe("impact_band", 3600), LinearMean(), Formula())
    for k in range(2):
        window = Window(0, 8 * MS_PER_HOUR, {"premium": joined["premium"].to_list()[8 * k : 8 * k + 8]})
        assert found[k] == pytest.approx(float(rule.fix(window).rate), rel=1e-12)


def test_a_window_with_a_missing_hour_has_no_average() -> None:
    at = [k * MS_PER_HOUR for k in (1, 2, 3, 5, 6, 7, 8, 9)]
    joined = premiums(_closes(at, [100.0] * 8), _closes(at, [100.0] * 8))
    slots, _ = averaged(joined, np.array([8 * MS_PER_HOUR]), 8 * MS_PER_HOUR, MS_PER_HOUR)
    assert slots.size == 0


@pytest.mark.parametrize("share", [0.05, 0.3, 0.9])
def test_the_pull_of_an_autoregression_is_found(share: float) -> None:
    rng = np.random.default_rng(11)
    x = np.zeros(6000)
    for k in range(1, x.size):
        x[k] = x[k - 1] + share * (2 * BP - x[k - 1]) + BP * rng.standard_normal()
    found = pull(x[:-1], np.diff(x))
    assert abs(found.share - share) < 3 * found.se
    assert found.level == pytest.approx(2 * BP, abs=BP / 2)
    assert found.half_life == pytest.approx(math.log(0.5) / math.log(1 - found.share))


def test_half_lives_at_the_ends() -> None:
    assert (half_life(-0.1), half_life(0.0), half_life(1.0), half_life(1.4)) == (math.inf, math.inf, 0.0, 0.0)


def test_too_few_steps_have_no_pull() -> None:
    with pytest.raises(NotEnoughData, match="29 steps"):
        pull(np.zeros(29), np.zeros(29))


def test_the_pull_inside_a_band_and_by_the_clock_is_that_of_the_chosen_steps() -> None:
    x, change = _walk(4000, 5)
    inside = pull_inside(x, change, -4 * BP, 6 * BP)
    chosen = (x >= -4 * BP) & (x <= 6 * BP)
    assert inside == pull(x[chosen], change[chosen])
    hour = np.arange(x.size) % 8
    third, alone = pull_by_clock(hour, x, change, range(8))[3], pull(x[3::8], change[3::8])
    assert (third.n, third.share, third.se) == pytest.approx((alone.n, alone.share, alone.se), rel=1e-12)


def test_two_pulls_differ_by_their_difference_and_both_errors() -> None:
    x, change = _walk(4000, 6)
    one, other = pull(x[:2000], change[:2000]), pull(x[2000:], change[2000:])
    gap, error = difference(one, other)
    assert gap == one.share - other.share
    assert error**2 == pytest.approx(one.se**2 + other.se**2)


def test_bends_at_known_edges_are_slopes_of_the_three_stretches() -> None:
    x, change = _walk(20_000, 7)
    found = pull_with_bends(x, change, -4 * BP, 6 * BP)
    assert abs(found["inside"][0]) < 4 * found["inside"][1]
    for name in ("below", "above"):
        share, error = found[name]
        assert abs(share - 0.5) < 4 * error


@pytest.mark.parametrize(("low", "high"), [(-4, 6), (-8, 2), (-2, 10)])
def test_the_band_is_found_where_it_was_put(low: int, high: int) -> None:
    x, change = _walk(12_000, 21, low * BP, high * BP)
    found = find_edges(x, change, np.arange(-14, 3) / 10_000, np.arange(0, 15) / 10_000, block=168, draws=100, rng=np.random.default_rng(1))
    dust = BP / 1000
    assert found.low_interval[0] - dust <= low * BP <= found.low_interval[1] + dust
    assert found.high_interval[0] - dust <= high * BP <= found.high_interval[1] + dust
    assert abs(found.low - low * BP) <= 1.01 * BP
    assert abs(found.high - high * BP) <= 1.01 * BP
    assert found.explained > found.straight
    assert found.below > 0.3
    assert abs(found.inside) < 0.1


def test_the_search_is_least_squares_at_every_pair() -> None:
    x, change = _walk(3000, 8)
    lows, highs = np.array([-6, -4, 1]) / 10_000, np.array([0, 6]) / 10_000
    found = find_edges(x, change, lows, highs, block=100, draws=20, rng=np.random.default_rng(2))
    kept = x[: found.n], change[: found.n]
    for i, low in enumerate(lows):
        for j, high in enumerate(highs):
            if low >= high:
                assert math.isnan(found.grid[i, j])
                continue
            design = np.column_stack([kept[0], np.minimum(kept[0] - low, 0), np.maximum(kept[0] - high, 0)])
            fit = ols(kept[1], design, ["x", "below", "above"])
            assert found.grid[i, j] == pytest.approx(fit.r2, abs=1e-6)
            if (low, high) == (found.low, found.high):
                assert (found.inside, found.below) == pytest.approx((-fit.coef[1], -fit.coef[1] - fit.coef[2]), abs=1e-6)
    assert found.straight == pytest.approx(ols(kept[1], kept[0], ["x"]).r2, abs=1e-9)


def test_the_same_seed_draws_the_same_edges() -> None:
    x, change = _walk(3000, 9)
    grid = np.arange(-6, 0) / 10_000, np.arange(1, 9) / 10_000
    one, other = (find_edges(x, change, *grid, block=100, draws=30, rng=np.random.default_rng(4)) for _ in range(2))
    assert (one.low_interval, one.high_interval) == (other.low_interval, other.high_interval)


def test_a_band_needs_blocks_and_candidates() -> None:
    x, change = _walk(500, 9)
    grid = np.array([-BP])
    with pytest.raises(NotEnoughData, match="4 blocks"):
        find_edges(x, change, grid, -grid, block=100, draws=3, rng=np.random.default_rng(4))
    with pytest.raises(InputError, match="no candidates"):
        find_edges(x, change, grid, grid[:0], block=40, draws=3, rng=np.random.default_rng(4))
