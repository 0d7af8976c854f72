"""Does the deflated Sharpe ratio remember the search, and is it that of its authors?"""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from perpscope.analysis.inference.sharpe import (
    Moments,
    deflated_sharpe,
    effective_trials,
    expected_best,
    moments,
    probabilistic_sharpe,
)
from perpscope.errors import InputError, NotEnoughData

PAPER = Moments(1250, 2.5 / math.sqrt(250), -3.0, 10.0)
"""The worked example of Bailey and Lopez de Prado (2014): an annual 2.5 over five years of days."""
SPREAD = math.sqrt(0.5 / 250)


def test_the_worked_example_of_the_paper() -> None:
    two = [-SPREAD / math.sqrt(2), SPREAD / math.sqrt(2)]
    found = deflated_sharpe(PAPER, two, 100)
    assert found.threshold == pytest.approx(0.1132, abs=5e-5)
    assert found.probability == pytest.approx(0.9004, abs=5e-5)
    assert deflated_sharpe(PAPER, two, 46).probability == pytest.approx(0.9505, abs=5e-5)
    normal = Moments(1250, PAPER.sharpe, 0.0, 3.0)
    assert deflated_sharpe(normal, two, 88).probability == pytest.approx(0.9505, abs=5e-5)
    assert found.alone > found.probability


def test_moments_are_those_of_scipy() -> None:
    x = np.random.default_rng(1).standard_gamma(2.0, 500)
    found = moments(x)
    assert found is not None
    assert found.skew == pytest.approx(stats.skew(x), rel=1e-12)
    assert found.kurtosis == pytest.approx(stats.kurtosis(x, fisher=False), rel=1e-12)
    assert found.sharpe == pytest.approx(x.mean() / x.std(ddof=1), rel=1e-12)


def test_what_does_not_vary_has_no_ratio() -> None:
    assert moments([0.1] * 7) is None
    assert moments([0.0, 0.0]) is None
    with pytest.raises(NotEnoughData):
        moments([0.1])
    with pytest.raises(NotEnoughData):
        moments([0.1, math.nan])


def test_the_probability_is_that_of_simulated_series() -> None:
    """The share of 4,000 normal series of 250 whose ratio is below the observed one: its error is 0.7 %, four of them are allowed."""
    observed, true = 0.1, 0.05
    x = np.random.default_rng(5).standard_normal((4000, 250)) + true
    share = float((x.mean(axis=1) / x.std(axis=1, ddof=1) < observed).mean())
    assert probabilistic_sharpe(Moments(250, observed, 0.0, 3.0), true) == pytest.approx(share, abs=0.028)


def test_the_expected_best_is_that_of_simulated_trials() -> None:
    """The approximation errs by 2.3 % at ten trials, 0.9 % at a hundred, 0.4 % at a thousand; the simulated mean adds 0.2 to 0.3 %."""
    rng = np.random.default_rng(2)
    for trials, error in ((10, 0.026), (100, 0.012), (1000, 0.007)):
        best = rng.standard_normal((5_000_000 // trials, trials)).max(axis=1).mean()
        assert expected_best(trials, 1.0) == pytest.approx(best, rel=error)
    assert expected_best(1, 1.0) == 0
    assert expected_best(1.1, 1.0) == 0
    with pytest.raises(InputError):
        expected_best(0, 1.0)


def test_effective_trials_count_what_is_different() -> None:
    rng = np.random.default_rng(3)
    alone = rng.standard_normal((20_000, 1))
    assert effective_trials(np.repeat(alone, 50, axis=1)) == pytest.approx(1.0)
    assert effective_trials(rng.standard_normal((20_000, 50))) == pytest.approx(50, rel=0.02)
    half = math.sqrt(0.5) * alone + math.sqrt(0.5) * rng.standard_normal((20_000, 50))
    mean = (np.corrcoef(half.T).sum() - 50) / (50 * 49)
    assert effective_trials(half) == pytest.approx(mean + (1 - mean) * 50, rel=1e-9)
    assert effective_trials(np.hstack([alone, np.full((20_000, 9), 0.01)])) == 2
    assert effective_trials(np.full((30, 4), 0.01)) == 1


def test_more_trials_never_make_it_surer() -> None:
    two = [-0.05, 0.05]
    found = [deflated_sharpe(PAPER, two, trials).probability for trials in (1, 2, 10, 100, 1000)]
    assert found == sorted(found, reverse=True)
    assert found[0] == probabilistic_sharpe(PAPER)


def test_moments_that_no_series_has_are_refused() -> None:
    with pytest.raises(InputError, match="No series"):
        probabilistic_sharpe(Moments(100, 1.0, 3.0, 3.0))


def test_luck_can_be_the_scatter_of_days_alone() -> None:
    """Ratios that differ by more than days explain: the spread asks for more than the days do."""
    apart = [-0.5, 0.0, 0.5]
    spread, days = (deflated_sharpe(PAPER, apart, 10, days_alone=alone) for alone in (False, True))
    assert days.threshold == pytest.approx(expected_best(10, 1 / math.sqrt(1249)))
    assert days.threshold < spread.threshold
    assert days.probability > spread.probability
