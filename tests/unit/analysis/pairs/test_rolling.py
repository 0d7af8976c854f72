"""Does every window hold what it says, and does the compiled text agree with the text?"""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest

from perpscope.analysis.pairs import _rolling
from perpscope.analysis.pairs._rolling import BITS, HOURS, LARGEST, LEAST_HOURS, MEAN, SD, SMALLEST
from perpscope.analysis.pairs.compare import compare
from perpscope.mechanisms._kernels import compiled

SIZES = np.array([24, 72, 168])
LEASTS = np.array([22, 65, 152])
PAIRS = np.array([(0, 1), (0, 2), (1, 2), (2, 3)])
UNIT = 2.0**-53


def rates(hours: int = 500) -> np.ndarray:
    """Four series of hourly rates: one listed late, one with holes, one that ends early, nothing."""
    found = np.random.default_rng(5).normal(1e-5, 3e-5, (4, hours))
    found[0, :140] = np.nan
    found[1, [150, 151, 300, 301, 302, 303, 420]] = np.nan
    found[2, 470:] = np.nan
    found[3] = 0.0
    return found


def arguments(grid: np.ndarray) -> tuple[np.ndarray, ...]:
    pairs, windows = len(PAIRS), len(SIZES)
    empty = np.empty((pairs, windows, 5)), np.empty((pairs, 2), np.int64), np.empty((pairs, windows, 2)), np.empty((pairs, 12))
    return (PAIRS, grid, SIZES, LEASTS, *empty)


def test_the_compiled_text_is_the_text_bit_for_bit() -> None:
    plain, fast = arguments(rates()), arguments(rates())
    _rolling.compare(0, len(PAIRS), *plain)
    compiled(_rolling.compare)(0, len(PAIRS), *fast)
    for one, other in zip(plain[4:], fast[4:], strict=True):
        assert np.array_equal(one, other, equal_nan=True)


def test_threads_change_nothing() -> None:
    one, two = (compare(PAIRS, rates(), SIZES, LEASTS, days=12, threads=threads) for threads in (1, 2))
    for a, b in zip(one, two, strict=True):
        assert np.array_equal(a, b, equal_nan=True)


def test_every_window_is_the_exact_one_within_the_stated_rounding() -> None:
    """Against sums of fractions: each hour is off by half a quantum at most, a result by two roundings more.

    The quantum is at most 4,096 hours x 2^-60 of the largest spread there can be; the deviation is off by 1e-12 of itself.
    """
    grid = rates()
    got = compare(PAIRS, grid, SIZES, LEASTS, days=12)
    levels, largest = np.nanmean(grid, axis=1), np.nanmax(np.abs(grid), axis=1)
    for p, (a, b) in enumerate(PAIRS):
        spread = grid[a] - grid[b]
        there = np.flatnonzero(~np.isnan(spread))
        first, after = int(there[0]), int(there[-1]) + 1
        assert got.ends[p].tolist() == [first, after]
        apart = abs(float(levels[a] - levels[b]))
        most = float(largest[a] + largest[b]) + apart
        off = LEAST_HOURS * most * 2.0**-60 / 2 + 4 * UNIT * (most + apart)
        for w, (size, least) in enumerate(zip(SIZES.tolist(), LEASTS.tolist(), strict=True)):
            mean, n = window_mean(spread, after, size, first)
            assert got.windows[p, w, HOURS] == n
            assert abs(got.windows[p, w, MEAN] - float(mean)) <= off
            inside = [window_mean(spread, end, size, first) for end in range(first + size, after + 1)]
            counted = [float(each) for each, held in inside if held >= least]
            assert abs(got.windows[p, w, LARGEST] - max(counted)) <= off
            assert abs(got.windows[p, w, SMALLEST] - min(counted)) <= off
            values = [Fraction(x) for x in spread[max(after - size, first) : after] if not math.isnan(x)]
            exact = math.sqrt(sum((x - mean) ** 2 for x in values) / (n - 1))
            assert got.windows[p, w, SD] == pytest.approx(exact, rel=1e-12)


def window_mean(spread: np.ndarray, end: int, size: int, first: int) -> tuple[Fraction, int]:
    values = [Fraction(x) for x in spread[max(end - size, first) : end].tolist() if not math.isnan(x)]
    return (sum(values, Fraction(0)) / len(values) if values else Fraction(0)), len(values)


@pytest.mark.parametrize("hours", [1, 24, LEAST_HOURS, LEAST_HOURS + 1, 26_280, 90_000])
@pytest.mark.parametrize("size", [1.0 - UNIT, 0.999, 2.0**-30, 0.5])
def test_the_sum_of_squares_of_any_window_is_the_exact_one(hours: int, size: float) -> None:
    """With every hour as large as can be, and with mixed ones; the largest that may be counted is a quantum x 2^61 over the hours."""
    rng = np.random.default_rng(hours)
    room = float(max(hours, LEAST_HOURS))
    shift, scale = BITS + 1 - math.frexp(room)[1], 2.0 ** (BITS - math.frexp(room)[1])
    a = size * (2.0**BITS / room / scale) * np.where(rng.random(hours) < 0.5, rng.choice([-1.0, 1.0], hours), rng.uniform(-1, 1, hours))
    sums = np.empty((3, hours + 1), np.int64)
    compiled(_rolling.accumulate)(a, np.zeros(hours), 0.0, scale, 2.0**-shift, sums)
    counted = [round(Fraction(x) * Fraction(scale)) for x in a.tolist()]
    for begin, after in ((0, hours), (hours // 3, hours), (hours - 1, hours), (0, (hours + 1) // 2)):
        exact = sum(x * x for x in counted[begin:after])
        assert _rolling.squared(sums, begin, after, shift) == pytest.approx(float(exact), rel=4 * UNIT, abs=0)
        assert sums[0, after] - sums[0, begin] == sum(counted[begin:after])


def test_rounding_does_not_grow_with_the_history() -> None:
    """Two thousand wild hours long before leave nothing in the last day, which alone gives the same to half a quantum."""
    grid = np.zeros((2, 24 * 400))
    grid[0, :2000] = 0.01 * (1 + np.arange(2000) % 7 / 10)
    grid[0, 2000:] = np.resize([1e-9, 2e-9, 3e-9], 24 * 400 - 2000)
    got = compare(np.array([(0, 1)]), grid, np.array([24]), np.array([24]))
    quantum = grid.shape[1] * 0.04 * 2.0**-60
    assert abs(got.windows[0, 0, MEAN] - float(np.mean(grid[0, -24:]))) <= quantum / 2 + 4 * UNIT * float(np.mean(grid[0]))
    assert got.windows[0, 0, SD] == pytest.approx(float(np.std(grid[0, -24:], ddof=1)), rel=1e-6)


def test_windows_outside_the_history_are_no_extremes_but_a_short_history_has_a_last_window() -> None:
    grid = np.full((2, 60), np.nan)
    grid[0, 20:], grid[1] = np.where(np.arange(40) < 20, 5e-5, 1e-5), 0.0
    got = compare(np.array([(0, 1)]), grid, np.array([24, 44]), np.array([20, 40]))
    assert got.windows[0, 0, LARGEST] == pytest.approx((20 * 5e-5 + 4 * 1e-5) / 24)
    assert got.windows[0, 1, HOURS] == 40
    assert got.windows[0, 1, MEAN] == pytest.approx(3e-5)
    assert np.isnan(got.windows[0, 1, [LARGEST, SMALLEST]]).all()


def test_a_spread_that_never_moves_has_no_deviation() -> None:
    grid = np.array([[3e-5] * 100, [1e-5] * 100])
    got = compare(np.array([(0, 1)]), grid, np.array([24]), np.array([24]))
    assert got.windows[0, 0, SD] <= 1e-20
    assert got.windows[0, 0, MEAN] == pytest.approx(2e-5, rel=1e-14)


def test_legs_are_averaged_over_the_hours_both_have() -> None:
    grid = np.full((2, 48), np.nan)
    grid[0, :40], grid[1, 8:] = 2e-5, 1e-5
    grid[1, 20] = np.nan
    got = compare(np.array([(0, 1)]), grid, np.array([24]), np.array([20]), days=2)
    assert got.ends[0].tolist() == [8, 40]
    assert got.windows[0, 0, HOURS] == 23
    assert got.legs[0, 0].tolist() == pytest.approx([2e-5, 1e-5])


@pytest.mark.parametrize("hours", [0, 21])
def test_too_few_hours_give_no_number(hours: int) -> None:
    grid = np.full((2, 48), np.nan)
    grid[0, :hours], grid[1] = 1e-5, 0.0
    got = compare(np.array([(0, 1)]), grid, np.array([24]), np.array([22]), days=2)
    assert got.windows[0, 0, HOURS] == hours
    assert np.isnan(got.windows[0, 0, [MEAN, SD, LARGEST, SMALLEST]]).all()
    assert np.isnan(got.legs).all()
    assert np.isnan(got.days).all()
