"""Do variances and blocks of the risk models agree with those of arch?"""

from __future__ import annotations

import numpy as np
import pytest
from arch import arch_model
from arch.bootstrap import StationaryBootstrap

from perpscope.analysis.risk.fitted import _variances
from perpscope.analysis.risk.resample import block_sums


def test_the_recursion_of_variances_is_archs() -> None:
    rng = np.random.default_rng(1)
    surprise = rng.standard_t(5, 800)
    omega, alpha, beta = 0.05, 0.1, 0.85
    fixed = arch_model(surprise, mean="Zero", vol="GARCH", rescale=False).fix([omega, alpha, beta])
    theirs = np.asarray(fixed.conditional_volatility) ** 2
    ours = _variances(surprise, omega, alpha, beta, float(theirs[0]))
    assert ours[:-1] == pytest.approx(theirs, rel=1e-10)
    assert ours[-1] == pytest.approx(omega + alpha * surprise[-1] ** 2 + beta * theirs[-1], rel=1e-10)


def test_totals_scatter_as_those_of_archs_stationary_bootstrap() -> None:
    series = np.cumsum(np.random.default_rng(2).normal(size=120)) * 0.2
    theirs = StationaryBootstrap(12, series, seed=3).apply(np.sum, 8000)[:, 0]
    ours = block_sums(series, (8000, 120), 12, np.random.default_rng(4))
    assert ours.mean() == pytest.approx(theirs.mean(), abs=5 * theirs.std() / 8000**0.5)
    assert ours.std() == pytest.approx(theirs.std(), rel=0.05)  # five standard errors of a deviation from 8000 draws
    assert np.quantile(ours, [0.05, 0.95]) == pytest.approx(np.quantile(theirs, [0.05, 0.95]), abs=0.1 * theirs.std())
