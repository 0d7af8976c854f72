"""What tells an invented window of rates from a published one?

Published rates remember: premiums last for days, quiet and wild weeks follow each other, changes have fat tails, and a
clamp leaves one exact value again and again. Random numbers do none of this. Each function takes windows as the rows of
a matrix and returns one figure per window; what real windows show is said in `_fabrication`.
"""

from __future__ import annotations

import numpy as np

from perpscope.store.quality._series import Floats

MEMORY_LAGS = 20
CALM_LAGS = 10
ORDER = 3
SLOWEST = 6
"""Cycles per window from which on a tone counts; slower ones are trends."""


def ranks(windows: Floats) -> Floats:
    """Average ranks along each row (ties share theirs), scaled to mean 0 and deviation 1; zero where all are equal."""
    order = np.argsort(windows, axis=1)
    ordered = np.take_along_axis(windows, order, axis=1)
    n = windows.shape[1]
    place = np.arange(n)
    new = np.ones(ordered.shape, bool)
    new[:, 1:] = ordered[:, 1:] != ordered[:, :-1]
    end = np.ones(ordered.shape, bool)
    end[:, :-1] = new[:, 1:]
    first = np.maximum.accumulate(np.where(new, place, 0), axis=1)
    last = np.minimum.accumulate(np.where(end, place, n)[:, ::-1], axis=1)[:, ::-1]
    rank = np.empty(windows.shape)
    np.put_along_axis(rank, order, (first + last) / 2, axis=1)
    return scaled(rank)


def scaled(windows: Floats) -> Floats:
    """Mean 0 and deviation 1 along each row; zero where all are equal."""
    centred = windows - windows.mean(axis=1, keepdims=True)
    size = centred.std(axis=1, keepdims=True)
    return np.where(size > 0, centred / np.where(size > 0, size, 1), 0.0)


def portmanteau(values: Floats, lags: int) -> Floats:
    """Ljung-Box statistic over `lags` autocorrelations of scaled rows, in standard deviations above its mean (0 for noise).

    Source: Ljung and Box (1978), Biometrika 65: Q = n(n+2) sum r_k^2/(n-k), chi-squared with `lags` degrees of freedom.
    """
    n = values.shape[1]
    total = np.zeros(len(values))
    for k in range(1, lags + 1):
        r = np.einsum("ij,ij->i", values[:, k:], values[:, :-k]) / n
        total += n * (n + 2) * r * r / (n - k)
    return np.asarray((total - lags) / np.sqrt(2 * lags))


def surprises(windows: Floats) -> Floats:
    """Residuals of an autoregression of order 3 fitted to each row by least squares, scaled."""
    value = scaled(windows)
    m, n = value.shape
    known = np.stack([np.ones((m, n - ORDER)), *(value[:, ORDER - j - 1 : n - j - 1] for j in range(ORDER))], axis=2)
    target = value[:, ORDER:]
    turned = known.transpose(0, 2, 1)
    square = turned @ known + 1e-9 * n * np.eye(ORDER + 1)
    weight = np.linalg.solve(square, turned @ target[..., None])
    return scaled(target - (known @ weight)[..., 0])


def bell(values: Floats) -> Floats:
    """Jarque-Bera statistic of scaled rows: n/6 (skewness^2 + (kurtosis - 3)^2/4); about 2 for Gaussian values.

    Source: Jarque and Bera (1980), Economics Letters 6.
    """
    square = values * values  # many times faster than powers
    skew, tail = (square * values).mean(axis=1), (square * square).mean(axis=1)
    return np.asarray(values.shape[1] / 6 * (skew**2 + (tail - 3) ** 2 / 4))


def kurtosis(windows: Floats) -> Floats:
    """Fourth moment of scaled rows: 1.8 for even spread, 1.5 for a sine, 3 for Gaussian values."""
    square = scaled(windows) ** 2
    return np.asarray((square * square).mean(axis=1))


def tone(values: Floats) -> Floats:
    """Share of the variance of scaled rows in the strongest single frequency (three neighbouring bins)."""
    n = values.shape[1]
    power = np.abs(np.fft.rfft(values * np.hanning(n), axis=1)) ** 2
    three = power[:, SLOWEST - 1 : -2] + power[:, SLOWEST:-1] + power[:, SLOWEST + 1 :]
    return np.asarray(three.max(axis=1) / np.maximum(power[:, 1:].sum(axis=1), 1e-300))
