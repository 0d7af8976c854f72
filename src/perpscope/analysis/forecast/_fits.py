"""The compiled autoregressions of this room: by least squares, and the double one by quasi-likelihood.

Plain scalar text, compiled as it stands. Every fit takes rows up to its anchor and nothing later; sums run from the oldest row on.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from perpscope.analysis.forecast._least_squares import TINY, add_row, solve, solve_bounded

if TYPE_CHECKING:
    from perpscope.analysis.forecast.history import Floats, Ints

LEAST_SHARE = 1e-4
"""Least constant part of the conditional variance, as a share of the mean squared residual."""
ROUNDS = 60
SETTLED = 1e-9
"""Gain of the likelihood, as a share of itself and the rows, at which the search stops."""
ROWS_PER_NUMBER = 10
"""Fewest rows for each coefficient."""


def autoregression(value: Floats, stretch: Ints, order: int, fewest: int, first: int, out: Floats) -> int:
    """Fit y[t] = out[0] + sum out[i] y[t-i] on rows from `first` on; returns the order used, -1 where it cannot be fitted.

    Of the orders from `fewest` to `order`, as far as there are ten rows for each coefficient, the one with the smallest
    n log(RSS / n) + log(n) (order + 1); all are tried on the rows that have `order` lags.
    """
    size = order + 1
    cross = np.zeros((size, size))
    right = np.zeros(size)
    x = np.ones(size)
    square = 0.0
    rows = 0
    for t in range(first + order, len(value)):
        if stretch[t] > order:
            for i in range(1, size):
                x[i] = value[t - i]
            add_row(cross, right, x, value[t], 1.0)
            square += value[t] * value[t]
            rows += 1
    most = min(size, rows // ROWS_PER_NUMBER)
    if most <= fewest or not square > 0.0:
        return -1
    return chosen(cross, right, square, rows, fewest + 1, most, out)


def chosen(cross: Floats, right: Floats, square: float, rows: int, fewest: int, most: int, out: Floats) -> int:  # noqa: PLR0917 - flat
    """Solve for every count of coefficients from `fewest` to `most`, and keep the one with the smallest criterion; its order."""
    size = len(right)
    trial = np.zeros(size)
    best = -1
    least = math.inf
    for k in range(fewest, most + 1):
        if solve(cross, right, k, trial):
            rss = square
            for i in range(k):
                rss -= trial[i] * right[i]
            score = rows * math.log(max(rss, TINY * square) / rows) + math.log(rows) * k
            if score < least:
                least = score
                best = k - 1
                for i in range(size):
                    out[i] = trial[i] if i < k else 0.0
    return best


def residual(value: Floats, t: int, mean: Floats) -> float:
    """Return what the mean of an autoregression leaves of row t."""
    error: float = value[t] - mean[0]
    for i in range(1, len(mean)):
        error -= mean[i] * value[t - i]
    return error


def variance(value: Floats, t: int, spread: Floats) -> float:
    """Conditional variance of row t."""
    total: float = spread[0]
    for i in range(1, len(spread)):
        total += spread[i] * value[t - i] * value[t - i]
    return total


def likelihood(value: Floats, stretch: Ints, first: int, mean: Floats, spread: Floats) -> float:
    """Minus twice the Gaussian quasi-log-likelihood of a double autoregression, without its constant."""
    total = 0.0
    order = len(mean) - 1
    for t in range(first + order, len(value)):
        if stretch[t] > order:
            here = variance(value, t, spread)
            error = residual(value, t, mean)
            total += math.log(here) + error * error / here
    return total


def weighted_mean(value: Floats, stretch: Ints, first: int, spread: Floats, out: Floats) -> bool:
    """Least squares of the mean, each row weighted by one over its conditional variance."""
    size = len(out)
    cross = np.zeros((size, size))
    right = np.zeros(size)
    x = np.ones(size)
    for t in range(first + size - 1, len(value)):
        if stretch[t] >= size:
            for i in range(1, size):
                x[i] = value[t - i]
            add_row(cross, right, x, value[t], 1.0 / variance(value, t, spread))
    return solve(cross, right, size, out)


def scored_spread(value: Floats, stretch: Ints, first: int, mean: Floats, spread: Floats, out: Floats) -> bool:
    """Take one step of Fisher scoring for the variance: squared errors on 1 and squared lags, weighted by one over variance squared."""
    size = len(out)
    cross = np.zeros((size, size))
    right = np.zeros(size)
    z = np.ones(size)
    for t in range(first + size - 1, len(value)):
        if stretch[t] >= size:
            for i in range(1, size):
                z[i] = value[t - i] * value[t - i]
            here = variance(value, t, spread)
            error = residual(value, t, mean)
            add_row(cross, right, z, error * error, 1.0 / (here * here))
    return solve_bounded(cross, right, out)


def mean_square(value: Floats, stretch: Ints, first: int, mean: Floats) -> float:
    """Mean squared residual of an autoregression."""
    total = 0.0
    rows = 0
    for t in range(first + len(mean) - 1, len(value)):
        if stretch[t] >= len(mean):
            error = residual(value, t, mean)
            total += error * error
            rows += 1
    return total / rows


def moved(value: Floats, stretch: Ints, first: int, mean: Floats, spread: Floats, step: Floats, floor: float, now: float) -> float:  # noqa: PLR0917 - flat
    """Move the variance towards `step`, by half as long as likelihood is lost; the likelihood where it stops."""
    trial = np.zeros(len(step))
    share = 1.0
    while share > TINY:
        for i in range(len(step)):
            trial[i] = spread[i] + share * (step[i] - spread[i])
        trial[0] = max(trial[0], floor)
        found = likelihood(value, stretch, first, mean, trial)
        if found < now:
            for i in range(len(step)):
                spread[i] = trial[i]
            return found
        share *= 0.5
    return now


def double_autoregression(value: Floats, stretch: Ints, order: int, first: int, mean: Floats, spread: Floats) -> int:
    """Fit y = m0 + sum m[i] y[t-i] + e sqrt(s0 + sum s[i] y[t-i]²) by quasi-likelihood; the rounds taken, -1 where it cannot be done.

    A scoring step of the variance and weighted least squares of the mean, in turns, from ordinary least squares on.
    """
    if autoregression(value, stretch, order, order, first, mean) < 0:
        return -1
    even = mean_square(value, stretch, first, mean)
    if not even > 0.0:
        return -1
    for i in range(len(spread)):
        spread[i] = 0.0
    spread[0] = even
    step = np.zeros(len(spread))
    now = likelihood(value, stretch, first, mean, spread)
    for turn in range(ROUNDS):
        before = now
        if not scored_spread(value, stretch, first, mean, spread, step):
            return turn
        moved(value, stretch, first, mean, spread, step, LEAST_SHARE * even, now)
        if not weighted_mean(value, stretch, first, spread, mean):
            return turn
        now = likelihood(value, stretch, first, mean, spread)
        if before - now <= SETTLED * (abs(now) + len(value)):
            return turn + 1
    return ROUNDS
