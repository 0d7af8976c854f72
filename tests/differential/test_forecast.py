"""Do statsmodels, arch, scipy and polars find the same fits, tests and sets?"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pytest
from arch.bootstrap import MCS
from scipy.optimize import minimize
from statsmodels.regression.linear_model import OLS
from statsmodels.tsa.ar_model import AutoReg, ar_select_order

from perpscope.analysis.forecast.confidence import confidence_set
from perpscope.analysis.forecast.entrants import COMPONENTS, HAR
from perpscope.analysis.forecast.history import History, kernel
from perpscope.analysis.forecast.horizons import Horizon, targets
from perpscope.analysis.forecast.models import Autoregression, last_refit, levels
from perpscope.analysis.forecast.scores import diebold_mariano
from perpscope.analysis.inference.bootstrap import block_indices
from tests.unit.analysis.forecasting import remembering

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

DAY = Horizon.parse("1d")


def losses(n: int, k: int, seed: int) -> Floats:
    """Squared errors with memory; each model a little worse than the one before."""
    rng = np.random.default_rng(seed)
    shared = rng.normal(size=n + 5)
    error = np.stack([np.convolve(shared + rng.normal(0, 0.6, n + 5), np.ones(6) / 6, "valid") for _ in range(k)], axis=1)
    found: Floats = (error * (1.0 + 0.04 * np.arange(k))) ** 2
    return found


@pytest.mark.parametrize(("n", "k", "block", "seed"), [(300, 4, 8, 1), (500, 9, 20, 2), (200, 15, 5, 3)])
def test_the_confidence_set_is_that_of_arch_on_the_same_resamples(n: int, k: int, block: int, seed: int) -> None:
    told = losses(n, k, seed)
    theirs = MCS(told, size=0.1, reps=400, block_size=block, method="R", bootstrap="stationary", seed=seed)
    theirs.compute()
    ours = confidence_set(told, np.asarray(theirs._bootstrap_indices, dtype=np.int64))
    expected = theirs.pvalues["Pvalue"].sort_index().to_numpy()
    assert ours == pytest.approx(expected, abs=1e-12)
    assert np.flatnonzero(ours > 0.1).tolist() == theirs.included


def test_on_resamples_of_our_own_the_set_is_the_same_but_for_chance() -> None:
    told = losses(600, 6, 7)
    theirs = MCS(told, size=0.1, reps=2000, block_size=10, method="R", seed=1)
    theirs.compute()
    ours = confidence_set(told, block_indices(600, 10.0, 2000, np.random.default_rng(5), "stationary"))
    expected = theirs.pvalues["Pvalue"].sort_index().to_numpy()
    assert np.abs(ours - expected).max() < 4 * math.sqrt(2 * 0.25 / 2000) + 0.01  # four errors of the difference of two shares


@pytest.mark.parametrize("ahead", [1, 3, 21])
def test_diebold_mariano_is_a_regression_on_a_constant(ahead: int) -> None:
    both = losses(400, 2, 11)
    ours = diebold_mariano(both[:, 1], both[:, 0], ahead)
    fit = OLS(both[:, 1] - both[:, 0], np.ones(400)).fit(cov_type="HAC", cov_kwds={"maxlags": ours.lags, "use_correction": False})
    shrink = math.sqrt((400 + 1 - 2 * ahead + ahead * (ahead - 1) / 400) / 400)
    assert ours.gain == pytest.approx(float(fit.params[0]), rel=1e-12)
    assert ours.statistic == pytest.approx(float(fit.tvalues[0]) * shrink, rel=1e-9)
    assert ours.lags >= ahead - 1


def fitted(history: History, order: int, fewest: int) -> tuple[int, Floats]:
    coef = np.zeros(order + 1)
    used = kernel("_fits", "autoregression")(history.level, history.stretch, order, fewest, 0, coef)
    return int(used), coef


@pytest.mark.parametrize("order", [1, 3, 8])
def test_an_autoregression_is_that_of_statsmodels(order: int) -> None:
    history = remembering(700)
    used, coef = fitted(history, order, order)
    assert used == order
    assert coef == pytest.approx(AutoReg(history.level, order).fit().params, rel=1e-8, abs=1e-10)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_order_is_that_of_statsmodels_by_bic(seed: int) -> None:
    rng = np.random.default_rng(seed)
    base = remembering(900, seed=seed)
    rate = base.rate.copy()
    for i in range(3, 900):
        rate[i] = 0.4 * rate[i - 1] + 0.35 * rate[i - 3] + rng.normal(2e-5, 4e-5)
    history = base.replaced(rate=rate)
    chosen = ar_select_order(history.level, 8, ic="bic")
    used, _ = fitted(history, 8, 0)
    assert used == (max(chosen.ar_lags) if chosen.ar_lags else 0) == 3


def test_the_path_of_an_autoregression_is_its_forecast() -> None:
    history = remembering(800)
    model = Autoregression("ar", 3)
    row = last_refit(history.slot, model.refit_ms)  # the row the model in use at the end was fitted at
    theirs = AutoReg(history.level[: row + 1], 3).fit().predict(row + 1, row + 3)
    assert model.every(history, DAY)[row] == pytest.approx(float(np.mean(theirs)), rel=1e-9)


def test_har_is_least_squares_on_what_had_ended() -> None:
    history = remembering(900)
    row = last_refit(history.slot, HAR.refit_ms)
    told, x = targets(history, DAY), levels(COMPONENTS, history, DAY)
    here = (told.end >= 0) & (told.end <= row) & np.isfinite(x).all(axis=1)
    fit = OLS(told.mean[here], np.column_stack([np.ones(here.sum()), x[here]])).fit()
    for later in (row, len(history) - 1):  # in use until the next refit
        expected = float(fit.params @ np.r_[1.0, x[later]])
        assert HAR.every(history, DAY)[later] == pytest.approx(expected, rel=1e-8)


def double(n: int, mean: list[float], spread: list[float], seed: int) -> Floats:
    rng = np.random.default_rng(seed)
    out = np.zeros(n)
    for t in range(len(mean), n):
        lags = out[t - np.arange(1, len(mean))]
        out[t] = mean[0] + float(np.dot(mean[1:], lags)) + rng.normal() * math.sqrt(spread[0] + float(np.dot(spread[1:], lags**2)))
    return out


@pytest.mark.parametrize(
    ("mean", "spread"),
    [([0.2, 0.6], [0.3, 0.4]), ([0.1, 0.4, 0.2, 0.1], [0.2, 0.3, 0.15, 0.1]), ([0.0, 0.5, 0.1], [0.5, 0.0, 0.3])],
)
def test_the_double_autoregression_has_the_likelihood_scipy_finds(mean: list[float], spread: list[float]) -> None:
    order = len(mean) - 1
    value = double(1500, mean, spread, 3)
    stretch = np.arange(1, 1501, dtype=np.int64)
    ours_mean, ours_spread = np.zeros(order + 1), np.zeros(order + 1)
    assert kernel("_fits", "double_autoregression")(value, stretch, order, 0, ours_mean, ours_spread) > 0
    lags = np.column_stack([value[order - i : len(value) - i] for i in range(1, order + 1)])
    y = value[order:]

    def minus_twice(numbers: Any) -> float:  # noqa: ANN401 - what scipy hands over
        here = numbers[order + 1] + (lags**2) @ numbers[order + 2 :]
        error = y - numbers[0] - lags @ numbers[1 : order + 1]
        return float((np.log(here) + error**2 / here).sum())

    start = np.r_[ours_mean * 0.9, ours_spread * 0.9 + 0.05]
    bounds = [(None, None)] * (order + 1) + [(1e-4, None)] + [(0.0, None)] * order
    theirs = minimize(minus_twice, start, bounds=bounds, method="L-BFGS-B", options={"maxiter": 2000, "ftol": 1e-14, "gtol": 1e-9})
    ours = minus_twice(np.r_[ours_mean, ours_spread])
    assert ours <= theirs.fun + 1e-4  # twice a log-likelihood: far below what any test would notice
    assert np.r_[ours_mean, ours_spread] == pytest.approx(theirs.x, abs=0.01)
    assert ours_mean == pytest.approx(np.array(mean), abs=0.12)  # and near what made the numbers


def test_moving_and_exponential_averages_are_those_of_polars() -> None:
    history = remembering(300)
    level = pl.Series(history.level)
    assert history.known("trailing", 72.0)[20:] == pytest.approx(level.rolling_mean(9).to_numpy()[20:], abs=1e-10)
    ewm = level.ewm_mean(half_life=6, adjust=False).to_numpy()
    assert history.known("smoothed", 48.0) == pytest.approx(ewm, abs=1e-10)
    assert history.known("expanding") == pytest.approx((level.cum_sum() / np.arange(1, 301)).to_numpy(), abs=1e-10)
