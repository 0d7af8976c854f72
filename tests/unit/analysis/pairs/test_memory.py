"""What does a spread remember, and how far may its mean be off? Against closed forms and an independent library."""

from __future__ import annotations

import math

import numpy as np
import pytest

from perpscope.analysis.pairs import _memory
from perpscope.analysis.pairs.expected import expect
from perpscope.analysis.pairs.persistence import persistence, wilson
from perpscope.errors import InputError
from perpscope.mechanisms._kernels import compiled


def walk(n: int = 200, phi: float = 0.7, seed: int = 3) -> np.ndarray:
    """An autoregression about 0.1, in order of time."""
    rng, out = np.random.default_rng(seed), [0.1]
    for shock in rng.normal(0, 0.02, n - 1):
        out.append(0.1 + phi * (out[-1] - 0.1) + shock)
    return np.array(out)


def test_the_autoregression_is_that_of_least_squares() -> None:
    y = walk()
    slope, constant = np.polyfit(y[:-1], y[1:], 1)
    mean, phi, n = _memory.remember(y[::-1])
    assert n == 199
    assert phi == pytest.approx(slope, rel=1e-9)
    assert mean == pytest.approx(constant / (1 - slope), rel=1e-9)


def test_holes_part_neighbours_and_too_few_say_nothing() -> None:
    y = walk()[::-1].copy()
    y[::2] = np.nan
    mean, phi, n = _memory.remember(y)
    assert math.isnan(mean)
    assert math.isnan(phi)
    assert n == 0


def test_what_is_expected_is_the_mean_of_the_paths() -> None:
    path = [0.1 + 0.7**k * (0.3 - 0.1) for k in range(1, 8)]
    assert expect(0.1, 0.7, 0.3, 7) == pytest.approx(sum(path) / 7)
    assert expect(0.1, 0.0, 0.3, 7) == pytest.approx(0.1)


def test_the_scatter_is_that_of_newey_and_west() -> None:
    """Against statsmodels' long-run variance of a mean, same kernel and lags, no small-sample correction."""
    import statsmodels.api as sm

    y = walk(90)
    lags = int(4 * (90 / 100) ** (2 / 9))
    fitted = sm.OLS(y, np.ones(90)).fit(cov_type="HAC", cov_kwds={"maxlags": lags, "use_correction": False})
    assert _memory.scatter(y[::-1], 90) / 90 == pytest.approx(float(fitted.bse[0]) ** 2, rel=1e-9)
    assert math.isnan(_memory.scatter(y[:6], 90))


def test_the_compiled_text_is_the_text_bit_for_bit() -> None:
    days = np.vstack([walk(seed=s)[::-1] for s in range(3)])
    days[1, 5] = np.nan
    plain, fast = np.empty((3, 4)), np.empty((3, 4))
    _memory.memories(0, 3, days, 90, plain)
    compiled(_memory.memories)(0, 3, days, 90, fast)
    assert np.array_equal(plain, fast)


def test_windows_are_counted_as_they_overlap_and_as_they_do_not() -> None:
    """Eight days, windows of 3, hurdle 0.1: means of six windows, worked by hand."""
    days = np.array([0.3, 0.0, 0.0, 0.2, 0.4, 0.0, 0.0, 0.0])  # windows: .1 .0667 .2 .2 .1333 .0
    found = persistence(days, 3, 0.1 + 1e-12)
    assert found.n == 6
    assert found.effective == pytest.approx(8 / 3)
    assert found.share == pytest.approx(3 / 6)
    opposite = persistence(days, 3, -0.1 - 1e-12, sign=-1)
    assert opposite.share == pytest.approx(3 / 6)


def test_a_window_with_too_many_holes_is_none() -> None:
    days = np.array([0.1, np.nan, 0.1, 0.1, 0.1, 0.1])
    assert persistence(days, 2, 0.0).n == 3
    assert persistence(np.full(5, np.nan), 2, 0.0).share is None


def test_a_short_history_says_so() -> None:
    found = persistence(np.full(45, 0.1), 30, 0.0)
    assert found.share is None
    assert "1.5 windows of 30 days" in found.why
    with pytest.raises(InputError, match="whole days"):
        persistence(np.full(45, 0.1), 0, 0.0)


def test_wilsons_interval_is_the_printed_one() -> None:
    """8 of 10 at 95 %: 0.4902 to 0.9433 (Wilson's score interval)."""
    low, high = wilson(0.8, 10, 1.959963984540054)
    assert [low, high] == pytest.approx([0.4902, 0.9433], abs=5e-5)
