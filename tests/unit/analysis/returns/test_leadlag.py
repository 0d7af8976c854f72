"""Is the leader found where one was made, and what follows violent steps?"""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from perpscope.analysis.returns.leadlag import aftermath, lead_lag
from perpscope.errors import NotEnoughData
from perpscope.units import MS_PER_HOUR

EIGHT = 8 * MS_PER_HOUR


def _made(*, price_leads: bool, n: int = 800) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Rates and closes of which one follows the other by an interval."""
    rng = np.random.default_rng(1)
    news = rng.standard_normal(n) / 1000
    returns = news if price_leads else np.concatenate([[0.0], -10 * news[:-1]])
    price = 100 * np.exp(np.cumsum(returns))
    at = [k * EIGHT for k in range(1, n + 1)]
    rates = pl.DataFrame({"slot": at, "funding_rate": news / 10})
    return rates, pl.DataFrame({"close_at": [ms - 60_000 for ms in at], "close_quote": price})


def test_a_price_that_leads_is_seen_before_and_not_after() -> None:
    found = lead_lag(*_made(price_leads=True), 8)
    assert found.rate_on_before == pytest.approx(0.1)
    assert found.r2_before > 0.99
    assert abs(found.t_after) < 3
    assert found.n == 798


def test_a_rate_that_leads_is_seen_after_and_not_before() -> None:
    found = lead_lag(*_made(price_leads=False), 8)
    assert found.after_on_rate == pytest.approx(-100)
    assert found.r2_after > 0.99
    assert abs(found.t_before) < 3


def test_a_close_that_is_too_old_is_no_price() -> None:
    rates, closes = _made(price_leads=True, n=40)
    old = closes.with_columns(pl.col("close_at") - MS_PER_HOUR)
    with pytest.raises(NotEnoughData, match="0 settlements"):
        lead_lag(rates, old, 8)


def test_the_future_plays_no_part_in_what_went_before() -> None:
    rates, closes = _made(price_leads=True)
    cut = rates["slot"][400]
    other = closes.with_columns(pl.when(pl.col("close_at") > cut).then(pl.col("close_quote") * 7).otherwise(pl.col("close_quote")))
    early = rates.filter(pl.col("slot") <= rates["slot"][398])
    assert lead_lag(early, closes, 8) == lead_lag(early, other, 8)


def test_what_follows_is_told_for_rises_and_falls_and_not_across_a_gap() -> None:
    returns = np.array([0.06, -0.01, 0.07, 0.01, -0.06, 0.02, -0.07, np.nan, -0.08, 0.04])
    up, down = aftermath(returns, 0.05), aftermath(returns, -0.05)
    assert (up.n, up.mean) == (2, 0.0)
    assert down.n == 2
    assert down.mean == pytest.approx(0.03)
    with pytest.raises(NotEnoughData, match="violent"):
        aftermath(returns, 0.5)
