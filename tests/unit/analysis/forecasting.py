"""Made histories of rates for the tests of forecasts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from perpscope.analysis.forecast.history import History
from perpscope.market.time import to_ms
from perpscope.units import MS_PER_HOUR

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

START = to_ms("2024-01-01T00:00:00Z")


def slots(n: int, hours: float = 8.0) -> npt.NDArray[np.int64]:
    return START + np.arange(n, dtype=np.int64) * round(hours * MS_PER_HOUR)


def remembering(n: int, memory: float = 0.9, seed: int = 1, hours: float = 8.0) -> History:
    """Rates that keep the share `memory` of their distance from 1 bp, with a premium that foretells half of what is new."""
    rng = np.random.default_rng(seed)
    new = rng.normal(0.0, 5e-5, n + 1)
    rate = np.empty(n)
    level = 0.0
    for i in range(n):
        level = memory * level + new[i]
        rate[i] = 1e-4 + level
    premium = 1e-4 + memory * (rate - 1e-4) + 0.5 * new[1:] + rng.normal(0.0, 2e-5, n)
    return History(slots(n, hours), np.full(n, hours), rate, premium=premium, interest=np.full(n, 1e-4))


def holed(n: int, seed: int = 2) -> History:
    """A history of two intervals with three gaps, and a premium that is sometimes unknown."""
    rng = np.random.default_rng(seed)
    hours = np.where(np.arange(n) < n // 2, 8.0, 4.0)
    slot = START + np.cumsum(np.round(hours * MS_PER_HOUR).astype(np.int64))
    kept = ~np.isin(np.arange(n), [n // 5, n // 5 + 1, n // 3, 3 * n // 4])
    rate = (1e-4 + rng.normal(0.0, 1e-4, n).cumsum() * 0.2) * hours / 8.0
    premium = np.where(rng.random(n) < 0.1, np.nan, rate + rng.normal(0.0, 1e-5, n))
    return History(slot[kept], hours[kept], rate[kept], premium=premium[kept])
