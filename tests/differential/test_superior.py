"""Do the tests of the best of many agree with arch, draw by draw?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from arch.bootstrap import SPA, StepM

from perpscope.analysis.inference import superior as ours
from perpscope.analysis.inference.bootstrap import block_indices
from perpscope.errors import InputError, NotEnoughData

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Table = NDArray[np.float64]

BLOCK, DRAWS, ROWS = 8, 400, 240


def gains(seed: int, good: float = 0.0, bad: float = 0.0, series: int = 12) -> Table:
    rng = np.random.default_rng(seed)
    noise = rng.standard_normal((ROWS, series))
    for i in range(1, ROWS):
        noise[i] += 0.3 * noise[i - 1]
    noise[:, 0] += good
    noise[:, series // 2 :] -= bad
    scaled: Table = noise * np.linspace(0.5, 2.0, series)
    return scaled


def theirs(values: Table, seed: int) -> SPA:
    """Arch's test of losses (the benchmark loses nothing, a series loses what it gains, negated) on our resamples."""
    test = SPA(np.zeros(ROWS), -values, block_size=BLOCK, reps=DRAWS, studentize=True)
    rows = iter(block_indices(ROWS, BLOCK, DRAWS, np.random.default_rng(seed)))
    monkeypatched: Any = test.bootstrap
    monkeypatched.update_indices = lambda: next(rows)
    test.compute()
    return test


@pytest.mark.parametrize(("good", "bad"), [(0.0, 0.0), (0.25, 0.0), (0.2, 1.0), (-0.5, 0.5)])
def test_the_same_draws_give_the_same_p(good: float, bad: float) -> None:
    values = gains(3, good, bad)
    found = ours.superior(values, BLOCK, DRAWS, np.random.default_rng(7))
    assert found.reality_check == pytest.approx(theirs(values, 7).pvalues["upper"], abs=1e-12)
    error = np.sqrt(ours.long_run_variances(values, BLOCK))
    studentised = theirs(values / error, 7).pvalues  # arch does not divide the maximum by the standard errors; so divide before
    assert (found.lower, found.consistent, found.upper) == pytest.approx(tuple(studentised), abs=1e-12)


def test_the_variances_are_those_of_arch() -> None:
    values = gains(5)
    test = theirs(values, 1)
    np.testing.assert_allclose(ours.long_run_variances(values, BLOCK), test._loss_diff_var, rtol=1e-9)


def test_the_step_down_finds_the_series_that_arch_finds() -> None:
    """Other draws, a clear case: one series far above zero, all others worthless."""
    values = gains(9, good=0.8)
    found = ours.superior(values, BLOCK, DRAWS, np.random.default_rng(1))
    stepped = StepM(np.zeros(ROWS), -values, size=0.05, block_size=BLOCK, reps=DRAWS, seed=3)
    stepped.compute()
    assert list(np.flatnonzero(found.adjusted < 0.05)) == list(stepped.superior_models) == [0]


def test_worthless_series_are_seldom_called_good() -> None:
    """Sixty searches without any worth: p below 10 % at most fifteen times (six expected, sd 2.3)."""
    low = sum(ours.superior(gains(k), BLOCK, 200, np.random.default_rng(k)).consistent < 0.1 for k in range(60))
    assert low <= 15


def test_bad_company_hides_a_good_series_less_from_the_consistent_test() -> None:
    values = gains(11, good=0.25, bad=1.5, series=40)
    found = ours.superior(values, BLOCK, 1000, np.random.default_rng(2))
    assert found.best == 0
    assert found.lower <= found.consistent <= found.upper
    assert found.consistent < found.reality_check


def test_series_that_never_change_take_no_part() -> None:
    values = np.hstack([gains(2, good=0.5), np.zeros((ROWS, 3))])
    found = ours.superior(values, BLOCK, 200, np.random.default_rng(2))
    assert list(found.adjusted[-3:]) == [1.0, 1.0, 1.0]
    with pytest.raises(NotEnoughData, match="never change"):
        ours.superior(np.zeros((ROWS, 3)), BLOCK, 50, np.random.default_rng(2))
    with pytest.raises(NotEnoughData, match="16 rows"):
        ours.superior(values[:10], BLOCK, 50, np.random.default_rng(2))
    values[3, 3] = np.nan
    with pytest.raises(InputError, match="not finite"):
        ours.superior(values, BLOCK, 50, np.random.default_rng(2))
