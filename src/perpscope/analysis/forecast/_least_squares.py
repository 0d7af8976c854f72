"""The compiled least squares of this room: normal equations row by row, oldest first, and Cholesky. Plain scalar text."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from perpscope.analysis.forecast.history import Floats, Ints

TINY = 1e-12
"""A pivot below this share of its column's own square is no pivot."""


def add_row(cross: Floats, right: Floats, x: Floats, y: float, weight: float) -> None:
    """Add one weighted row to the normal equations; the lower triangle is kept."""
    for i in range(len(x)):
        share = weight * x[i]
        for j in range(i + 1):
            cross[i, j] += share * x[j]
        right[i] += share * y


def factored(cross: Floats, k: int, lower: Floats) -> bool:
    """Write the Cholesky factor of the leading k x k block; False where a column follows from those before."""
    for i in range(k):
        for j in range(i + 1):
            left = cross[i, j]
            for m in range(j):
                left -= lower[i, m] * lower[j, m]
            if i > j:
                lower[i, j] = left / lower[j, j]
            elif left > TINY * cross[i, i]:
                lower[i, i] = math.sqrt(left)
            else:
                return False
    return True


def solve(cross: Floats, right: Floats, k: int, out: Floats) -> bool:
    """Solve the leading k x k normal equations; False where they have no single answer."""
    lower = np.zeros((k, k))
    if not factored(cross, k, lower):
        return False
    for i in range(k):
        left = right[i]
        for m in range(i):
            left -= lower[i, m] * out[m]
        out[i] = left / lower[i, i]
    for back in range(k):
        i = k - 1 - back
        left = out[i]
        for m in range(i + 1, k):
            left -= lower[m, i] * out[m]
        out[i] = left / lower[i, i]
    return True


def solve_bounded(cross: Floats, right: Floats, out: Floats) -> bool:
    """Solve the normal equations; coefficients but the first that come out negative are held at zero, the most negative first."""
    k = len(right)
    held = np.zeros(k)
    side = np.zeros(k)
    trial = np.zeros((k, k))
    for _ in range(k):
        for i in range(k):
            side[i] = 0.0 if held[i] > 0.0 else right[i]
            for j in range(i + 1):
                trial[i, j] = cross[i, j] if held[i] + held[j] == 0.0 else 0.0
            trial[i, i] = cross[i, i]
        if not solve(trial, side, k, out):
            return False
        worst = most_negative(out, cross)
        if worst < 0:
            return True
        held[worst] = 1.0
    return True


def most_negative(value: Floats, cross: Floats) -> int:
    """Place of the most negative number after the first, in units of its own error; -1 where none is."""
    worst = -1
    least = 0.0
    for i in range(1, len(value)):
        scaled = value[i] * math.sqrt(cross[i, i])
        if scaled < least:
            worst = i
            least = scaled
    return worst


def direct(x: Floats, target: Floats, end: Ints, first: int, anchor: int, least: int, out: Floats) -> bool:  # noqa: PLR0917 - flat
    """Regress the target on a constant and the columns of x, on the rows from `first` whose target had ended at row `anchor`."""
    k = x.shape[1] + 1
    cross = np.zeros((k, k))
    right = np.zeros(k)
    row = np.ones(k)
    rows = 0
    for s in range(first, anchor + 1):
        if 0 <= end[s] <= anchor:
            known = True
            for i in range(1, k):
                row[i] = x[s, i - 1]
                known = known and not math.isnan(row[i])
            if known:
                add_row(cross, right, row, target[s], 1.0)
                rows += 1
    return rows >= least and solve(cross, right, k, out)
