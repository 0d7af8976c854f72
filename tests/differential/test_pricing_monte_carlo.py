"""Is the price the mean of the spot at a random time, in simulated markets that know nothing of the formula?

Two million seeded paths jump straight to their stopping time. A price may miss the mean by four standard errors, which are asserted to be
small; for the quanto the paths are those of a quote-currency market, and the value of the margin coin is their weight.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from perpscope.analysis.pricing.perpetual import inverse_price, linear_price, pegging_iota, quanto_price

if TYPE_CHECKING:
    import numpy.typing as npt

PATHS = 1_000_000
ERRORS = 4
SMALL = 0.002
"""Largest standard error, as a share of the price."""
SEED = 1993


def _agrees(price: float, values: npt.NDArray[np.float64]) -> None:
    mean, error = float(values.mean()), float(values.std(ddof=1) / np.sqrt(values.size))
    assert error < SMALL * price
    assert abs(mean - price) < ERRORS * error


def _stopped(kappa: float) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    random = np.random.default_rng(SEED)
    return random.exponential(1 / kappa, PATHS), random.standard_normal((2, PATHS))


def test_linear() -> None:
    tau, shocks = _stopped(2.0)
    x = 2000 * np.exp((0.05 - 0.03 - 0.6**2 / 2) * tau + 0.6 * np.sqrt(tau) * shocks[0])
    _agrees(float(linear_price(2000, 2.0, 0.1, 0.05, 0.03)), (1 - 0.1 / 2.0) * x)


def test_inverse() -> None:
    """In the measure of the base coin 1/x drifts at rb - ra; a long pays +0.1, so the claim on 1/x receives it."""
    tau, shocks = _stopped(2.0)
    y = np.exp((0.03 - 0.05 - 0.6**2 / 2) * tau + 0.6 * np.sqrt(tau) * shocks[0]) / 2000
    _agrees(1 / float(inverse_price(2000, 2.0, 0.1, 0.05, 0.03)), (1 + 0.1 / 2.0) * y)


@pytest.mark.parametrize("rho", [0.83, -0.5])
def test_quanto_by_change_of_numeraire(rho: float) -> None:
    """Both coins under the quote currency's measure; the weight is the margin coin with its interest, discounted."""
    up, margin, base, sx, sz, kappa, iota = 0.05, 0.01, 0.03, 0.7, 0.5, 6.0, 0.2
    tau, shocks = _stopped(kappa)
    z = np.exp((up - margin - sz**2 / 2) * tau + sz * np.sqrt(tau) * shocks[1])
    mixed = rho * shocks[1] + np.sqrt(1 - rho**2) * shocks[0]
    x = 2000 * np.exp((up - base - sx**2 / 2) * tau + sx * np.sqrt(tau) * mixed)
    weight = z * np.exp((margin - up) * tau)
    _agrees(1.0, weight)
    _agrees(float(quanto_price(2000, kappa, iota, up, base, rho * sx * sz)), (1 - iota / kappa) * weight * x)


def test_discrete_quanto_is_fair_for_one_period_of_lognormal_returns() -> None:
    """One period of cash flow in the margin coin, at prices proportional to the spot, is worth nothing."""
    up, margin, base, sx, sz, rho, kappa = 0.004, 0.001, 0.002, 0.2, 0.15, 0.6, 0.4
    random = np.random.default_rng(SEED)
    shocks = random.standard_normal((2, PATHS))
    z = (1 + up) / (1 + margin) * np.exp(sz * shocks[0] - sz**2 / 2)
    mixed = rho * shocks[0] + np.sqrt(1 - rho**2) * shocks[1]
    x = (1 + up) / (1 + base) * np.exp(sx * mixed - sx**2 / 2)
    iota = float(pegging_iota(up, base, rho * sx * sz, paid="start"))
    for interest in (0.0, iota, -0.05):
        price = float(quanto_price(1.0, kappa, interest, up, base, rho * sx * sz, paid="start"))
        flow = z * (price * x - price - kappa * (price - 1) - interest)
        error = float(flow.std(ddof=1) / np.sqrt(PATHS))
        assert error < SMALL
        assert abs(float(flow.mean())) < ERRORS * error
