"""Does the premium behave differently late in a funding window, as it would if somebody steered the window's average?

Whoever steers an average corrects late what went wrong early: given the last premium, a high average so far is followed by a lower one, and
the window's mean varies less than the premium's own memory allows. The same numbers for windows that begin at other hours are what a
market without a clock would show.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from perpscope.analysis.inference.bootstrap import block_indices
from perpscope.analysis.inference.ols import Fit, ols
from perpscope.errors import InputError, NotEnoughData
from perpscope.units import MS_PER_HOUR

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import numpy.typing as npt
    import polars as pl

    Floats = npt.NDArray[np.float64]
    Ints = npt.NDArray[np.int64]

LATE = 3
"""Hours at the end of a window that count as late."""
LEAST = 60
"""Windows below which nothing is told."""
BLOCK_DAYS = 30
SMALL = 1e-6


def ou_mean_variance(variance: float, reversion: float, length: float) -> float:
    """Variance of the average over a stretch of time of a stationary Ornstein-Uhlenbeck process.

    The autocovariance is variance exp(-reversion lag); twice its integral over the triangle of lags is
    2 variance (x - 1 + exp(-x)) / x², with x = reversion times length.

    Parameters
    ----------
    variance : of the process, > 0. reversion : per unit of time, >= 0. length : of the stretch, in the same unit, >= 0.

    **Source** derived above; the limit of `ar_mean_variance` for ever shorter steps.

    Examples
    --------
    >>> ou_mean_variance(1.0, 0.0, 8.0), round(ou_mean_variance(1.0, 1.0, 8.0), 6)
    (1.0, 0.21876)
    """
    if variance < 0 or reversion < 0 or length < 0:
        raise InputError("the variance of an average", f"{variance}, {reversion}, {length}", "Give numbers that are not negative.")
    x = reversion * length
    if x < SMALL:
        return variance * (1 - x / 3)
    return 2 * variance * (x + math.expm1(-x)) / (x * x)


def ar_mean_variance(variance: float, memory: float, n: int) -> float:
    """Variance of the mean of n neighbours of a stationary first-order autoregression: variance / n² (n + 2 sum (n - j) memory^j).

    Parameters
    ----------
    variance : of the process. memory : correlation of neighbours, -1 < memory < 1. n : >= 1.

    **Source** the definition of the variance of a sum.

    Examples
    --------
    >>> ar_mean_variance(1.0, 0.0, 8)
    0.125
    """
    if n < 1 or not -1 < memory < 1:
        raise InputError("the variance of a mean", f"{n} neighbours with memory {memory}", "Give n >= 1 and a memory inside (-1, 1).")
    return variance / n**2 * (n + 2 * sum((n - j) * memory**j for j in range(1, n)))


@dataclass(frozen=True, slots=True)
class Clock:
    """Windows of the venue against windows that begin at any other hour.

    Parameters
    ----------
    windows, hours : whole windows used, and their length. slope, placebo : of a late premium on the average of its window so far, given
    the premium before; for the venue's windows, and the mean over the others. slopes : one an hour of the clock, the venue's first.
    difference, low, high : slope less placebo with its 95 % interval. variance_ratio, ratio_low, ratio_high : variance of the window's mean
    about the premium before it, venue's over placebo's.
    over_benchmark : variance of the window's mean over that of an autoregression with the same variance and memory.

    **Source** block bootstrap of windows, thirty days a block.
    """

    windows: int
    hours: int
    slope: float
    placebo: float
    slopes: tuple[float, ...]
    difference: float
    low: float
    high: float
    variance_ratio: float
    ratio_low: float
    ratio_high: float
    over_benchmark: float


def window_clock(at: Ints, premium: Floats, *, hours: int = 8, phase: int = 0, draws: int = 400, seed: int = 1) -> Clock:
    """Compare the venue's windows with all others of the same length.

    Parameters
    ----------
    at : (n,) ms UTC, whole hours, rising: when each premium was observed. premium : (n,) fractions.
    hours : length of a window. phase : hour of the day at which one of the venue's windows ends. draws : of the bootstrap.

    Raises
    ------
    NotEnoughData
        With fewer than sixty windows, or where the premium never changes.

    **Source** test T2 of the theory notes; see the module.
    """
    import numpy as np

    hour, series = _hourly(at, premium)
    tables = [_windows(hour, series, hours, (phase + shift) % hours) for shift in range(hours)]
    n = min(len(table) for table in tables)
    if n < LEAST:
        raise NotEnoughData("the clock of the funding window", f"{n} whole windows", "Import a longer history of hourly prices.")
    sums = np.stack([_moments(table[:n]) for table in tables])  # venue's first: phase, windows, 4 x 4 and two
    block = min(max(BLOCK_DAYS * 24 / hours, 1.0), n / 3)
    drawn = block_indices(n, block, draws, np.random.default_rng(seed))
    counts = np.stack([np.bincount(row, minlength=n) for row in drawn]).astype(np.float64)
    slopes, spreads = _told(sums.sum(axis=1))
    again = [_told(np.einsum("w,pwk->pk", count, sums)) for count in counts]
    differences = np.array([s[0] - s[1:].mean() for s, _ in again])
    ratios = np.array([v[0] / v[1:].mean() for _, v in again])
    low, high, ratio_low, ratio_high = (float(np.quantile(x, q)) for x in (differences, ratios) for q in (0.025, 0.975))
    return Clock(
        windows=n,
        hours=hours,
        slope=float(slopes[0]),
        placebo=float(slopes[1:].mean()),
        slopes=tuple(float(s) for s in slopes),
        difference=float(slopes[0] - slopes[1:].mean()),
        low=low,
        high=high,
        variance_ratio=float(spreads[0] / spreads[1:].mean()),
        ratio_low=ratio_low,
        ratio_high=ratio_high,
        over_benchmark=_over_benchmark(series, tables[0]),
    )


def _hourly(at: Ints, premium: Floats) -> tuple[Ints, Floats]:
    """Premiums on a grid of hours without holes in the index; absent ones are NaN."""
    import numpy as np

    whole = at % MS_PER_HOUR == 0
    hour = (at[whole] // MS_PER_HOUR).astype(np.int64)
    if len(hour) < 2 or not (np.diff(hour) > 0).all():  # noqa: PLR2004 - a grid needs two ends
        raise NotEnoughData("the clock of the funding window", f"{len(hour)} hourly premiums", "Give rising whole hours.")
    grid = np.arange(hour[0], hour[-1] + 1)
    series = np.full(len(grid), np.nan)
    series[hour - hour[0]] = premium[whole]
    return grid, series


def _windows(hour: Ints, series: Floats, length: int, phase: int) -> Floats:
    """Whole windows as rows: the premium before, then those of the window; the last one is observed at `phase`."""
    import numpy as np

    ends = np.flatnonzero((hour - phase) % length == 0)
    ends = ends[ends >= length]
    rows = series[ends[:, None] - np.arange(length, -1, -1)]
    found: Floats = rows[np.isfinite(rows).all(axis=1)]
    return found


def _moments(rows: Floats) -> Floats:
    """Return, per window, cross products of (1, last, average so far, premium) when late; squared mean about the start; and 1."""
    import numpy as np

    inside = rows[:, 1:]
    length = inside.shape[1]
    so_far = np.cumsum(inside, axis=1)
    late = range(length - LATE, length)
    crossed = np.zeros((len(rows), 4, 4))
    for k in late:
        design = np.stack([np.ones(len(rows)), inside[:, k - 1], so_far[:, k - 1] / k, inside[:, k]], axis=1)
        crossed += design[:, :, None] * design[:, None, :]
    about = (inside.mean(axis=1) - rows[:, 0]) ** 2
    return np.concatenate([crossed.reshape(len(rows), 16), about[:, None], np.ones((len(rows), 1))], axis=1)


def _told(sums: Floats) -> tuple[Floats, Floats]:
    """Slope on the average so far, and variance about the level before, of each clock."""
    import numpy as np

    crossed = sums[:, :16].reshape(-1, 4, 4)
    try:
        slopes = np.array([np.linalg.solve(each[:3, :3], each[:3, 3])[2] for each in crossed])
    except np.linalg.LinAlgError as still:
        raise NotEnoughData("the clock of the funding window", "a premium that never changes", "Import a longer history.") from still
    return slopes, sums[:, 16] / sums[:, 17]


def _over_benchmark(series: Floats, rows: Floats) -> float:
    import numpy as np

    pairs = np.isfinite(series[1:]) & np.isfinite(series[:-1])
    memory = float(np.corrcoef(series[:-1][pairs], series[1:][pairs])[0, 1])
    whole = float(np.nanvar(series))
    return float(rows[:, 1:].mean(axis=1).var()) / ar_mean_variance(whole, min(memory, 1 - SMALL), rows.shape[1] - 1)


@dataclass(frozen=True, slots=True)
class Beyond:
    """What funding adds to the premium's own past in telling the next premium.

    Parameters
    ----------
    n : rows. slope, t : of the next premium on the last rate, given past premiums (Newey-West).
    gain : share of what history leaves unexplained that the rate explains.
    """

    n: int
    slope: float
    t: float
    gain: float


def funding_beyond_premium(rows: pl.DataFrame, spans: Sequence[int]) -> Beyond:
    """Ask whether the last rate helps to tell the next premium beyond the premium's own past.

    Parameters
    ----------
    rows : consecutive, sorted: premium and rate of the same intervals (fractions); null breaks a row of neighbours.
    spans : lengths of the averages of past premiums, in rows.

    Raises
    ------
    NotEnoughData
        With fewer than a hundred rows.

    **Source** test T3 of the theory notes; a Granger test with robust errors.
    """
    import numpy as np
    import polars as pl

    lagged = [pl.col("premium").rolling_mean(span).alias(f"p{span}") for span in spans]
    table = rows.with_columns(*lagged, pl.col("premium").shift(-1).alias("next")).drop_nulls()
    if table.height < 100:  # noqa: PLR2004 - a handful of regressors wants a hundred rows
        raise NotEnoughData("funding beyond the premium", f"{table.height} rows", "Import a longer history of both.")
    names = [f"p{span}" for span in spans]
    past = table.select(names).to_numpy()
    target, rate = table["next"].to_numpy(), table["rate"].to_numpy()
    alone: Fit = ols(target, past, names)
    both: Fit = ols(target, np.column_stack([past, rate]), [*names, "rate"])
    found = both.of("rate")
    left = 1 - alone.r2
    gain = (both.r2 - alone.r2) / left if left > 0 else 0.0
    return Beyond(table.height, found.coef, found.t, gain)
