"""The compiled loops over origins: each hands a fit or a forecast the rows up to its origin, as a slice, and nothing else."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from perpscope.analysis.forecast._fits import autoregression, double_autoregression
from perpscope.analysis.forecast._least_squares import direct

if TYPE_CHECKING:
    from perpscope.analysis.forecast.history import Floats, Ints


def anchors(slot: Ints, every: int, out: Ints) -> None:
    """Fill out[i] with the first row in the same piece of `every` ms: the row a model in use at i was fitted at."""
    for i in range(len(slot)):
        out[i] = out[i - 1] if i > 0 and slot[i] // every == slot[i - 1] // every else i


def window_start(slot: Ints, window: int) -> int:
    """First row less than `window` ms before the last; 0 where the window is 0 (everything)."""
    first = 0
    if window > 0:
        while slot[first] <= slot[-1] - window:
            first += 1
    return first


def fitted_autoregressions(  # noqa: PLR0917 - flat arrays
    slot: Ints, value: Floats, stretch: Ints, anchor: Ints, order: int, least: int, window: int, coef: Floats, used: Ints
) -> None:
    """Fill the coefficients and the order in use at each row; -1 where there are none yet."""
    for i in range(len(slot)):
        if anchor[i] == i:
            first = window_start(slot[: i + 1], window)
            used[i] = autoregression(value[: i + 1], stretch[: i + 1], order, least, first, coef[i])
        else:
            used[i] = used[i - 1]
            for k in range(coef.shape[1]):
                coef[i, k] = coef[i - 1, k]


def fitted_doubles(  # noqa: PLR0917 - flat arrays
    slot: Ints, value: Floats, stretch: Ints, anchor: Ints, order: int, window: int, coef: Floats, used: Ints
) -> None:
    """Fill the mean's coefficients of the double autoregression in use at each row, and its order; -1 where there are none yet."""
    spread = np.zeros(order + 1)
    for i in range(len(slot)):
        if anchor[i] == i:
            first = window_start(slot[: i + 1], window)
            found = double_autoregression(value[: i + 1], stretch[: i + 1], order, first, coef[i], spread)
            used[i] = order if found >= 0 else -1
        else:
            used[i] = used[i - 1]
            for k in range(coef.shape[1]):
                coef[i, k] = coef[i - 1, k]


def fitted_directs(  # noqa: PLR0917 - flat arrays
    slot: Ints, x: Floats, target: Floats, end: Ints, anchor: Ints, window: int, least: int, coef: Floats, used: Ints
) -> None:
    """Fill the coefficients of the direct regression in use at each row; used is -1 where there are none yet."""
    for i in range(len(slot)):
        if anchor[i] == i:
            first = window_start(slot[: i + 1], window)
            used[i] = 1 if direct(x[: i + 1], target[: i + 1], end[: i + 1], first, i, least, coef[i]) else -1
        else:
            used[i] = used[i - 1]
            for k in range(coef.shape[1]):
                coef[i, k] = coef[i - 1, k]


def iterated(value: Floats, stretch: Ints, coef: Floats, used: Ints, steps: Ints, out: Floats) -> None:
    """Fill out[i] with the average of the next steps[i] values as the autoregression in use foretells them, one after another."""
    for i in range(len(value)):
        out[i] = path_mean(value[: i + 1], stretch[i], coef[i], used[i], steps[i])


def path_mean(value: Floats, stretch: int, coef: Floats, order: int, steps: int) -> float:
    """Average of the next `steps` values by y[t] = coef[0] + sum coef[k] y[t-k]; NaN without a fit or without its lags."""
    if order < 0 or stretch < order or steps < 1:
        return math.nan
    lags = np.empty(max(order, 1))
    for k in range(order):
        lags[k] = value[len(value) - 1 - k]
    total = 0.0
    for _ in range(steps):
        ahead = coef[0]
        for k in range(order):
            ahead += coef[k + 1] * lags[k]
        for back in range(order - 1):
            k = order - 1 - back
            lags[k] = lags[k - 1]
        lags[0] = ahead
        total += ahead
    return total / steps


def predicted(x: Floats, coef: Floats, used: Ints, out: Floats) -> None:
    """Fill out[i] with coef[i, 0] + sum coef[i, k] x[i, k - 1]; NaN where there is no fit."""
    for i in range(len(x)):
        out[i] = math.nan
        if used[i] >= 0:
            total = coef[i, 0]
            for k in range(x.shape[1]):
                total += coef[i, k + 1] * x[i, k]
            out[i] = total


def best_so_far(forecast: Floats, target: Floats, end: Ints, out: Floats) -> None:
    """Fill out[i] with the column whose squared error over targets that had ended by row i is least; the first where none had.

    Columns are compared on the rows where all of them gave a number; one that is silent at row i is passed over.
    """
    n, k = forecast.shape
    losses = np.zeros(k)
    done = 0
    for i in range(n):
        while done < i and (end[done] < 0 or end[done] <= i):
            add_losses(forecast[done], target[done], losses)
            done += 1
        out[i] = forecast_of_best(forecast[i], losses)


def forecast_of_best(forecast: Floats, losses: Floats) -> float:
    """Return the number of the column with the least loss, of those that give one; NaN where none does."""
    found = math.nan
    least = math.inf
    for m in range(len(losses)):
        if losses[m] < least and not math.isnan(forecast[m]):
            least = losses[m]
            found = forecast[m]
    return found


def add_losses(forecast: Floats, target: float, losses: Floats) -> bool:
    """Add the squared errors of one row where the target and every forecast are numbers."""
    if math.isnan(target):
        return False
    for m in range(len(losses)):
        if math.isnan(forecast[m]):
            return False
    for m in range(len(losses)):
        losses[m] += (forecast[m] - target) * (forecast[m] - target)
    return True


def combined(forecast: Floats, target: Floats, end: Ints, kind: int, out: Floats) -> None:
    """Fill out[i] with one number made of the columns: 0 their mean, 1 without the lowest and highest, 2 weighted by 1 / squared error.

    The weights know the targets that had ended by row i; until one has, they are even. Columns that are silent at row i are passed over.
    """
    n, k = forecast.shape
    losses = np.zeros(k)
    done = 0
    for i in range(n):
        while done < i and (end[done] < 0 or end[done] <= i):
            add_losses(forecast[done], target[done], losses)
            done += 1
        out[i] = one_of_many(forecast[i], losses, kind)


def one_of_many(forecast: Floats, losses: Floats, kind: int) -> float:
    """Combine one row; see `combined`."""
    k = len(forecast)
    even = kind != 2  # noqa: PLR2004 - the kinds are listed in `combined`
    for m in range(k):
        even = even or not losses[m] > 0.0
    total = 0.0
    weight = 0.0
    spoken = 0
    low = math.inf
    high = -math.inf
    for m in range(k):
        if not math.isnan(forecast[m]):
            share = 1.0 if even else 1.0 / losses[m]
            total += share * forecast[m]
            weight += share
            spoken += 1
            low = min(low, forecast[m])
            high = max(high, forecast[m])
    if kind == 1 and spoken > 2:  # noqa: PLR2004 - something must be left
        return (total - low - high) / (weight - 2.0)
    return total / weight if spoken > 0 else math.nan


def radii(error: Floats, end: Ints, slot: Ints, ranks: Ints, ranked: Floats, window: int, level: float, least: int, out: Floats) -> None:  # noqa: PLR0917 - flat arrays
    """Fill out[i] with the conformal half width at row i: the ceil((m + 1) level)-th smallest of the m absolute errors known then.

    Known are the errors of targets that had ended by row i, and not more than `window` ms before; NaN below `least` of them.
    `ranks` and `ranked` say where each absolute error stands among all and what stands there; counts are kept in a Fenwick tree.
    """
    n = len(error)
    tree = np.zeros(n + 1, dtype=np.int64)
    m = 0
    done = 0
    dropped = 0
    for i in range(n):
        while done < i and (end[done] < 0 or end[done] <= i):
            if end[done] >= 0 and not math.isnan(error[done]):
                count(tree, ranks[done], 1)
                m += 1
            done += 1
        while dropped < done and (end[dropped] < 0 or slot[end[dropped]] <= slot[i] - window):
            if end[dropped] >= 0 and not math.isnan(error[dropped]):
                count(tree, ranks[dropped], -1)
                m -= 1
            dropped += 1
        place = math.ceil((m + 1) * level)
        out[i] = ranked[smallest(tree, place)] if least <= m and place <= m else math.nan


def count(tree: Ints, rank: int, by: int) -> None:
    """Add to the count of a rank."""
    at = rank + 1
    while at < len(tree):
        tree[at] += by
        at += at & -at


def smallest(tree: Ints, place: int) -> int:
    """Rank of the place-th smallest that is counted, from 1 on."""
    step = 1
    while 2 * step < len(tree):
        step *= 2
    at = 0
    left = place
    while step > 0:
        if at + step < len(tree) and tree[at + step] < left:
            at += step
            left -= tree[at]
        step //= 2
    return at


def resampled_means(sums: Floats, rows: Ints, out: Floats) -> None:
    """Fill out[b] with the column means of the rows drawn in resample b, run by run; sums[i] are those of the rows before i."""
    reps, n = rows.shape
    for b in range(reps):
        start = 0
        for t in range(1, n + 1):
            if t == n or rows[b, t] != rows[b, t - 1] + 1:
                low = rows[b, start]
                high = rows[b, t - 1] + 1
                for m in range(sums.shape[1]):
                    out[b, m] += sums[high, m] - sums[low, m]
                start = t
        for m in range(sums.shape[1]):
            out[b, m] /= n
