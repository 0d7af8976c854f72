"""Is the benchmark of a window's mean right, does the clock find a steered average and nothing else, and is funding's news found?"""

from __future__ import annotations

import math

import numpy as np
import polars as pl
import pytest
from scipy.signal import lfilter

from perpscope.analysis.premium.window_clock import ar_mean_variance, funding_beyond_premium, ou_mean_variance, window_clock
from perpscope.errors import InputError, NotEnoughData

HOUR = 3_600_000


def ar(n: int, memory: float, seed: int = 1) -> np.ndarray:
    shocks = np.random.default_rng(seed).normal(size=n)
    shocks[1:] *= math.sqrt(1 - memory**2)
    return np.asarray(lfilter([1.0], [1.0, -memory], shocks))


def steered(n: int, share: float, seed: int = 1) -> np.ndarray:
    """A premium that is pushed back in the last three hours of each window by a share of what the window's average is off."""
    rng = np.random.default_rng(seed)
    out = np.zeros(n)
    for t in range(1, n):
        out[t] = 0.9 * out[t - 1] + 0.4 * rng.normal()
        hour = t % 8
        if hour >= 5:
            out[t] -= share * out[t - hour : t].mean()
    return out


@pytest.mark.parametrize(("memory", "n"), [(0.9, 8), (0.5, 24), (-0.3, 5)])
def test_the_variance_of_a_mean_is_that_of_simulation(memory: float, n: int) -> None:
    means = ar(200_000 // n * n, memory).reshape(-1, n).mean(axis=1)
    assert means.var() == pytest.approx(ar_mean_variance(1.0, memory, n), rel=0.03)


@pytest.mark.parametrize("reversion", [0.01, 0.3, 2.0])
def test_the_continuous_benchmark_is_the_limit_of_the_discrete_one(reversion: float) -> None:
    n = 4000
    assert ou_mean_variance(2.0, reversion, 8.0) == pytest.approx(ar_mean_variance(2.0, math.exp(-reversion * 8 / n), n), rel=2e-3)


def test_no_reversion_and_no_length_leave_the_variance() -> None:
    assert ou_mean_variance(3.0, 0.0, 8.0) == ou_mean_variance(3.0, 1.0, 0.0) == 3.0
    assert ou_mean_variance(1.0, 1e-7, 8.0) == pytest.approx(ou_mean_variance(1.0, 2e-7, 8.0), abs=1e-6)
    with pytest.raises(InputError):
        ou_mean_variance(1.0, -1.0, 1.0)
    with pytest.raises(InputError):
        ar_mean_variance(1.0, 1.0, 4)


def test_a_market_without_a_clock_shows_none() -> None:
    n = 8 * 2500
    found = window_clock(np.arange(n) * HOUR, ar(n, 0.9))
    assert found.low < 0 < found.high
    assert found.ratio_low < 1 < found.ratio_high
    assert found.over_benchmark == pytest.approx(1, abs=0.15)


def test_a_steered_average_is_found_on_its_own_clock() -> None:
    n = 8 * 2500
    found = window_clock(np.arange(n) * HOUR, steered(n, 0.25), phase=7)
    assert found.slope == min(found.slopes)
    assert found.high < 0
    assert found.ratio_high < 1
    elsewhere = window_clock(np.arange(n) * HOUR, steered(n, 0.25), phase=3)
    assert elsewhere.slope > min(elsewhere.slopes)
    later = window_clock(np.arange(n) * HOUR, steered(n, 0.25), phase=5)
    assert later.slopes.index(min(later.slopes)) == 2  # the clock two hours later is the steered one


def test_holes_take_whole_windows_with_them_and_nothing_else() -> None:
    n = 8 * 200
    at, series = np.arange(n) * HOUR, ar(n, 0.8)
    kept = np.ones(n, dtype=bool)
    kept[100:140] = False
    whole, holed = window_clock(at, series), window_clock(at[kept], series[kept])
    assert whole.windows - holed.windows in (5, 6, 7)
    with pytest.raises(NotEnoughData):
        window_clock(at[:100], series[:100])


def test_the_same_seed_gives_the_same_interval() -> None:
    n = 8 * 200
    one, two = (window_clock(np.arange(n) * HOUR, ar(n, 0.8)) for _ in range(2))
    assert one == two


def test_a_rate_that_is_a_copy_of_the_premium_adds_nothing_and_one_that_leads_does() -> None:
    n = 4000
    rng = np.random.default_rng(2)
    lead = ar(n, 0.7, seed=3)
    premium = np.empty(n)
    premium[0] = 0
    for t in range(1, n):
        premium[t] = 0.5 * premium[t - 1] + 0.5 * lead[t - 1] + 0.3 * rng.normal()
    leads = funding_beyond_premium(pl.DataFrame({"premium": premium, "rate": lead}), (1, 3, 21))
    assert leads.gain > 0.2
    assert leads.t > 10
    copy = ar(n, 0.8, seed=4)
    follows = funding_beyond_premium(pl.DataFrame({"premium": copy, "rate": copy + 0.01 * rng.normal(size=n)}), (1, 3, 21))
    assert follows.gain < 0.01


def test_a_hole_breaks_neighbours() -> None:
    premium = pl.Series(ar(300, 0.5))
    rows = pl.DataFrame({"premium": premium, "rate": premium + 1}).with_row_index()
    rows = rows.with_columns(pl.when(pl.col("index") == 150).then(None).otherwise(pl.col(c)).alias(c) for c in ("premium", "rate"))
    rows = rows.with_columns((pl.col("rate") + pl.Series(np.random.default_rng(1).normal(size=300))).alias("rate"))
    assert (
        funding_beyond_premium(rows.select("premium", "rate"), (1, 3)).n == 300 - 2 - 1 - 1 - 3
    )  # start, end, the row before, itself and two
    with pytest.raises(NotEnoughData):
        funding_beyond_premium(rows.select("premium", "rate").head(50), (1, 3))
