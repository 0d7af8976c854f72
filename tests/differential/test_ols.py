"""Do our least squares, robust errors and long-run variances agree with statsmodels?

Tolerance 1e-10, relative: both are double precision with condition numbers below a thousand, so what differs is the last few digits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import statsmodels.api as sm

from perpscope.analysis.inference.ols import lag_rule, long_run_variance, mean_hac, ols

if TYPE_CHECKING:
    from numpy.typing import NDArray

TOLERANCE = 1e-10
NAMES = ("day", "month")


def made(seed: int, n: int = 700) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Memory in the noise and in a regressor, noise that grows with the regressor, and very unlike scales."""
    rng = np.random.default_rng(seed)
    noise = np.zeros(n)
    month = np.zeros(n)
    for i in range(1, n):
        noise[i] = 0.8 * noise[i - 1] + rng.standard_normal()
        month[i] = 0.95 * month[i - 1] + rng.standard_normal()
    day = rng.standard_normal(n) * 0.03
    return 3e-4 + 1e-3 * day + 2e-4 * month + 1e-4 * noise * (1 + np.abs(month)), np.column_stack([day, month])


def close(ours: Any, theirs: Any) -> None:  # noqa: ANN401 - arrays or numbers
    np.testing.assert_allclose(ours, theirs, rtol=TOLERANCE, atol=0)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("intercept", [True, False])
def test_coefficients_and_plain_and_white_errors(seed: int, intercept: bool) -> None:  # noqa: FBT001 - a parameter of the test
    y, x = made(seed)
    fit = ols(y, x, NAMES, intercept=intercept)
    design = sm.add_constant(x) if intercept else x
    theirs = sm.OLS(y, design).fit()
    close(fit.coef, theirs.params)
    close(fit.se_plain, theirs.bse)
    close(fit.r2, theirs.rsquared)
    close(fit.se_hc1, sm.OLS(y, design).fit(cov_type="HC1").bse)
    close(fit.residuals, theirs.resid)


@pytest.mark.parametrize("lags", [0, 1, 6, 40, 200])
@pytest.mark.parametrize("correct", [True, False])
def test_newey_west_errors(lags: int, correct: bool) -> None:  # noqa: FBT001 - a parameter of the test
    y, x = made(11)
    fit = ols(y, x, NAMES, lags, correct=correct)
    theirs = sm.OLS(y, sm.add_constant(x)).fit(cov_type="HAC", cov_kwds={"maxlags": lags, "use_correction": correct}, use_t=True)
    close(fit.se_hac, theirs.bse)
    close(fit.cov_hac, theirs.cov_params())
    close(fit.t, theirs.tvalues)
    np.testing.assert_allclose(fit.p, theirs.pvalues, rtol=1e-8)  # a tail far out turns 1e-10 of t into more


def test_standardised_coefficients_are_those_of_standardised_columns() -> None:
    y, x = made(5)
    scaled = sm.OLS((y - y.mean()) / y.std(), (x - x.mean(0)) / x.std(0)).fit()
    close(ols(y, x, NAMES).beta[1:], scaled.params)


def test_a_partial_r2_is_what_leaving_the_column_out_costs() -> None:
    y, x = made(6)
    fit = ols(y, x, NAMES)
    for i, name in enumerate(NAMES):
        short = sm.OLS(y, sm.add_constant(np.delete(x, i, axis=1))).fit().ssr
        full = sm.OLS(y, sm.add_constant(x)).fit().ssr
        np.testing.assert_allclose(fit.of(name).partial_r2, (short - full) / short, rtol=1e-8)  # a difference of near equals


@pytest.mark.parametrize("lags", [None, 0, 12])
def test_the_mean_and_its_long_run_variance(lags: int | None) -> None:
    series = made(9)[0]
    n = series.size
    width = lag_rule(n) if lags is None else lags
    theirs = sm.OLS(series, np.ones(n)).fit(cov_type="HAC", cov_kwds={"maxlags": width, "use_correction": True})
    mean, error = mean_hac(series, lags)
    close(mean, theirs.params[0])
    close(error, theirs.bse[0])
    close(long_run_variance(series, lags), theirs.bse[0] ** 2 * (n - 1))
