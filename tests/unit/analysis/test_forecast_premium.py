"""Does a premium become the rate the dated rule makes of it, known when it was known, and is the arithmetic of averages told apart?"""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from perpscope.analysis.forecast.contest import Setting, one_round
from perpscope.analysis.forecast.entrants import LAST, MOVING, PREMIUM
from perpscope.analysis.forecast.horizons import Horizon
from perpscope.analysis.forecast.mechanical import filling, ladder, losses_where, off_interest, samples_of
from perpscope.analysis.forecast.premium import history_of, last_seen, rates_by_rule, termed, with_published
from perpscope.analysis.series import fixings
from perpscope.catalogue.load import load_venue
from perpscope.errors import InputError
from perpscope.units import MS_PER_HOUR
from tests.unit.analysis.forecasting import remembering
from tests.unit.analysis.frames import at, contract, regular


def test_the_rule_in_force_makes_the_rate() -> None:
    rows = termed(fixings(contract(regular(5, 8.0), venue="binanceusdm")))
    rates = rates_by_rule(rows, load_venue("binanceusdm"), np.array([0.0, 0.0002, 0.0008, -0.0006, np.nan]))
    assert rates[:4] == pytest.approx([1e-4, 1e-4, 3e-4, -1e-4], abs=1e-12)  # C01: the plateau, then the premium less 0.05 %
    assert np.isnan(rates[4])


def test_an_hourly_rule_pays_an_eighth() -> None:
    rows = termed(fixings(contract(regular(2, 1.0), venue="hyperliquid", symbol="BTC/USDC:USDC", native_id="BTC")))
    rates = rates_by_rule(rows, load_venue("hyperliquid"), np.array([0.0, 0.0008]))
    assert rates == pytest.approx([1.25e-5, 3e-4 / 8], abs=1e-12)


def test_what_was_seen_last_is_never_later_than_the_settlement() -> None:
    rows = fixings(contract(regular(4, 8.0), venue="binanceusdm"))
    times = [7.0, 8.0, 8.01, 15.5, 23.99, 33.0]
    seen = pl.DataFrame({"at": [at(hour) for hour in times], "premium": [0.0010, 0.0011, 0.0099, 0.0013, 0.0021, 0.0099]})
    history = history_of(rows, load_venue("binanceusdm"), seen)
    assert history.premium == pytest.approx([6e-4, 8e-4, 1.6e-3, np.nan], abs=1e-12, nan_ok=True)  # an hour old is no longer seen


def test_an_average_needs_three_quarters_of_its_samples() -> None:
    rows = fixings(contract(regular(2, 8.0), venue="binanceusdm"))
    seen = pl.DataFrame({"at": [at(hour) for hour in range(1, 14)], "premium": [0.001] * 8 + [0.002] * 5})
    history = history_of(rows, load_venue("binanceusdm"), seen)
    assert history.averaged == pytest.approx([5e-4, np.nan], abs=1e-12, nan_ok=True)


def test_a_rate_decided_an_interval_early_was_known_then() -> None:
    rows = fixings(contract(regular(3, 8.0), venue="bitmex", symbol="BTC/USD:BTC", native_id="XBTUSD", market="inverse"))
    assert history_of(rows, load_venue("bitmex")).slot.tolist() == [at(0), at(8), at(16)]
    prompt = fixings(contract(regular(3, 8.0), venue="binanceusdm"))
    assert history_of(prompt, load_venue("binanceusdm")).slot.tolist() == [at(8), at(16), at(24)]


def test_published_premiums_and_estimates_stand_beside_their_rates() -> None:
    funding = contract(regular(3, 1.0), venue="hyperliquid", symbol="BTC/USDC:USDC", native_id="BTC")
    funding = funding.with_columns(pl.Series("premium_frac", [0.0001, None, 0.0009]))
    guesses = pl.DataFrame({"at": [at(0.5), at(2)], "estimate": [1e-5, 3e-5]})
    history = history_of(with_published(fixings(funding), funding), load_venue("hyperliquid"), estimates=guesses)
    assert history.premium == pytest.approx([1.25e-5, np.nan, 5e-5], abs=1e-12, nan_ok=True)
    assert history.estimate == pytest.approx([1e-5, 3e-5, np.nan], nan_ok=True)  # an hour old is no longer seen
    assert history.interest == pytest.approx([1.25e-5] * 3)


def test_one_history_is_of_one_contract() -> None:
    both = pl.concat([contract(regular(2, 8.0), venue="binanceusdm"), contract(regular(2, 8.0), venue="bybit")])
    with pytest.raises(InputError):
        history_of(fixings(both), load_venue("binanceusdm"))


def test_nothing_is_seen_before_the_first() -> None:
    found = last_seen(np.array([1, 5, 9]), np.array([2, 6]), np.array([0.1, 0.2]), 4)
    assert found == pytest.approx([np.nan, 0.1, 0.2], nan_ok=True)
    assert np.isnan(last_seen(np.array([1]), np.array([], dtype=np.int64), np.array([]), 4)).all()


def test_a_filling_window_ends_at_the_average_itself() -> None:
    samples = np.array([[5.0, 1.0, 2.0, 3.0, 6.0]])
    rising = filling(samples, np.array([1.0, 2.0, 3.0, 4.0]))
    assert rising[0, 0] == 5.0
    assert rising[0, 1] == pytest.approx(0.1 * 1 + 0.9 * 1)
    assert rising[0, 2] == pytest.approx(0.1 * 1 + 0.2 * 2 + 0.7 * 2)
    assert rising[0, 4] == pytest.approx((1 + 4 + 9 + 24) / 10)


def test_samples_are_laid_beside_their_own_window() -> None:
    history = remembering(3)
    times = history.slot[0] + np.arange(-8, 17) * MS_PER_HOUR
    premium = pl.DataFrame({"at": times, "premium": np.arange(25) * 1e-4})
    table = samples_of(history, premium, 8)
    assert table[0] == pytest.approx(np.arange(9))
    assert table[1] == pytest.approx(np.arange(8, 17))
    gone = samples_of(history, premium.filter(pl.col("at") != times[3]), 8)
    assert np.isnan(gone[0, 3])
    assert np.isfinite(gone[1]).all()


def test_the_steps_of_a_ladder_add_up() -> None:
    found = one_round(remembering(900), Horizon.parse("1d"), Setting(draws=10))
    steps = ladder(found, (PREMIUM, LAST, MOVING))
    assert sum(steps.shares) == pytest.approx(1.0)
    assert steps.gap == pytest.approx(steps.losses[0] - steps.losses[-1])


def test_settlements_off_the_interest_term_are_those_that_left_it() -> None:
    history = remembering(400)
    rate = np.where(np.arange(400) % 3 == 0, 1e-4, history.rate)
    other = history.replaced(rate=rate)
    found = one_round(other, Horizon.parse("next"), Setting(draws=10))
    off = off_interest(other, found)
    following = np.flatnonzero(found.judged) + 1
    assert np.array_equal(off, following % 3 != 0)
    error = found.error(LAST)[off]
    assert losses_where(found, off)[LAST] == pytest.approx(float(np.sqrt((error**2).mean())))
    with pytest.raises(InputError):
        losses_where(found, np.zeros_like(off))
