"""How many independent readings does a window really hold?

Readings a few seconds apart say nearly the same. The variance of their weighted average follows from their
autocovariances; what one reading's variance is over that, is the number of independent readings it is worth.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from perpscope.errors import NotEnoughData

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

LEAST = 3
"""Fewest readings of a block that tell anything of how they follow each other."""


@dataclass(frozen=True, slots=True)
class Independent:
    """What an average of readings is worth.

    Parameters
    ----------
    readings : in the average. sd : of one reading, in its unit. effective : independent readings they are worth, 1 <= effective <= readings
    (for equal weights). lags : lags whose autocovariance counts.
    """

    readings: int
    sd: float
    effective: float
    lags: int

    @property
    def se(self) -> float:
        """Standard error of the average, sd / sqrt(effective)."""
        return float(self.sd / self.effective**0.5)


def autocovariances(blocks: Sequence[Floats]) -> Floats:
    """Autocovariances by lag, pooled over blocks, each about its own mean.

    Parameters
    ----------
    blocks : stretches of evenly spaced readings without a gap.

    Returns
    -------
    (m,) covariance at lag 0, 1, ... (m: the longest block). Lag 0 is divided by readings less blocks, as a variance of residuals;
    the others by the readings, which keeps the sequence positive definite but for that.

    Raises
    ------
    NotEnoughData
        When no block has three readings.

    **Source**: Box and Jenkins (1976), the biased estimator, pooled.
    """
    import numpy as np

    kept = [np.asarray(block, dtype=np.float64) for block in blocks if len(block) >= LEAST]
    if not kept:
        raise NotEnoughData("the autocovariance of readings", "no stretch of three readings", "Record longer, or widen the dates.")
    longest = max(len(block) for block in kept)
    total = np.zeros(longest)
    for block in kept:
        apart = block - block.mean()
        size = 1 << (2 * len(block) - 1).bit_length()
        seen = np.fft.rfft(apart, size)
        total[: len(block)] += np.fft.irfft(seen * seen.conj(), size)[: len(block)]
    readings = sum(len(block) for block in kept)
    found = total / readings
    found[0] = total[0] / (readings - len(kept))
    return found


def counting_lags(covariance: Floats) -> int:
    """Lags that count: pairs of neighbouring lags are taken as long as their sum is positive and does not rise.

    **Source**: Geyer (1992), "Practical Markov chain Monte Carlo", the initial monotone sequence; no bandwidth is chosen by hand.
    """
    import numpy as np

    even = len(covariance) // 2 * 2
    pairs = covariance[:even].reshape(-1, 2).sum(axis=1)
    falling = pairs <= np.concatenate([[np.inf], pairs[:-1]])
    stop = np.flatnonzero((pairs <= 0) | ~falling)
    return int(2 * (stop[0] if len(stop) else len(pairs)))


def independent(blocks: Sequence[Floats], weights: Floats) -> Independent:
    """Worth of a weighted average of readings that follow each other as those of `blocks` do.

    Parameters
    ----------
    blocks : stretches of evenly spaced readings (same spacing as the window's). weights : (m,) of the window's readings, summing to 1.

    Returns
    -------
    `Independent`; `effective` = variance of one reading / variance of the average. More than 1 / sum(w^2), the number of equally weighted
    readings, is never claimed: that readings seem to cancel each other is not relied on.

    Raises
    ------
    NotEnoughData
        When no block has three readings.

    **Source**: variance of a weighted mean of a stationary series, sum over i, j of w_i w_j gamma(|i - j|).

    Examples
    --------
    >>> import numpy as np
    >>> noise = np.random.default_rng(1).normal(size=4000)
    >>> round(independent([noise], np.full(100, 0.01)).effective / 100, 1)
    1.0
    """
    import numpy as np

    covariance = autocovariances(blocks)
    lags = min(counting_lags(covariance), len(weights))
    size = 1 << (2 * len(weights) - 1).bit_length()
    seen = np.fft.rfft(weights, size)
    together = np.fft.irfft(seen * seen.conj(), size)[: len(weights)]
    counted = covariance[: max(lags, 1)]
    variance = counted[0] * together[0] + 2 * float(counted[1:] @ together[1 : len(counted)])
    most = 1.0 / float(together[0])
    worth = most if variance <= 0 or counted[0] <= 0 else min(float(counted[0] / variance), most)
    return Independent(len(weights), float(max(counted[0], 0.0)) ** 0.5, max(worth, 1.0), lags)


def passing_noise(blocks: Sequence[Floats]) -> float | None:
    """Part of a reading that is gone at the next one: sqrt(-cov of neighbouring changes); None where changes do not turn back.

    A level that wanders and readings that miss it by independent errors give this error's standard deviation; what stays,
    the wandering itself, is no noise.

    **Source**: Roll (1984) on bid-ask bounce, for any series of readings.
    """
    import numpy as np

    changes = [np.diff(block) for block in blocks if len(block) > LEAST]
    if not changes:
        return None
    whole = np.concatenate(changes)
    mean = whole.mean()
    product = np.concatenate([(each[1:] - mean) * (each[:-1] - mean) for each in changes])
    turned = -float(product.mean())
    return turned**0.5 if turned > 0 else None
