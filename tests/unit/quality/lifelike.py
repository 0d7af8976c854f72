"""What does a sound history look like where no real one is at hand? Rows a clamping venue would publish, from a seed.

A premium that remembers, with fat tails and quiet and wild times, through P + clamp(I - P, +-d), scaled to the interval and
rounded: enough like the real ones that every detector must be silent on it. Invented for tests; nothing of it is market data.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import polars as pl

from perpscope.market.table import FUNDING

HOUR = 3_600_000
START = 1_600_000_000_000 // (24 * HOUR) * (24 * HOUR)


def premium(rng: np.random.Generator, n: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Premiums per 8 h: level and fast part remember, their size wanders, shocks have fat tails."""
    size = np.empty(n)
    level, fast = np.empty(n), np.empty(n)
    s, x, y = 0.0, 2e-4 * rng.standard_normal(), 0.0
    for i in range(n):
        s = 0.97 * s + 0.25 * rng.standard_normal()
        size[i] = np.exp(np.clip(s, -2.5, 2.5))
        x = 0.99 * x + 3e-5 * rng.standard_normal()
        y = 0.6 * y + 2e-4 * size[i] * np.clip(rng.standard_t(4), -8, 8)
        level[i], fast[i] = x, y
    return np.asarray(level + fast + 1e-4)


def rows(  # one history has all these facts
    seed: int,
    n: int = 1200,
    hours: float = 8.0,
    *,
    phase_hours: float = 0.0,
    native_id: str = "BTCUSDT",
    venue: str = "somewhere",
    decimals: int = 8,
) -> pl.DataFrame:
    """Conformed rows of one sound contract."""
    rng = np.random.default_rng(seed)
    p = premium(rng, n)
    rate = np.round((p + np.clip(1e-4 - p, -5e-4, 5e-4)) * hours / 8, decimals)
    ms = START + round(phase_hours * HOUR) + np.arange(n) * round(hours * HOUR)
    return framed(ms, rate, np.full(n, hours), native_id=native_id, venue=venue)


def framed(
    ms: Iterable[int], rate: Iterable[float], hours: Iterable[float], *, native_id: str = "BTCUSDT", venue: str = "somewhere"
) -> pl.DataFrame:
    """Conform stamps (ms), rates and intervals into rows of one contract."""
    ts = pl.Series("ts", np.asarray(ms, np.int64)).cast(pl.Datetime("ms", "UTC"))
    coin = native_id.removesuffix("USDT")
    return FUNDING.conform(
        pl.DataFrame(
            [ts, pl.Series("funding_rate", np.asarray(rate, np.float64)), pl.Series("interval_hours", np.asarray(hours, np.float64))]
        ).select(
            venue=pl.lit(venue),
            native_id=pl.lit(native_id),
            symbol=pl.lit(f"{coin}/USDT:USDT"),
            market=pl.lit("linear"),
            market_list=pl.lit(""),
            ts="ts",
            slot="ts",
            funding_rate="funding_rate",
            interval_hours="interval_hours",
            kind=pl.lit("settled"),
            accrual=pl.lit("stamp"),
            source=pl.lit("test"),
        )
    )
