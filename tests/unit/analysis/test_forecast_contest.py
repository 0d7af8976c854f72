"""Does the contest find the skill that was put in, none where none is, and intervals that hold?"""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest

from perpscope.analysis.forecast.confidence import confidence_set
from perpscope.analysis.forecast.contest import Setting, contest, half_widths, one_round
from perpscope.analysis.forecast.entrants import FROM_RATES, LAST, LONG_RUN, MEAN, MOVING, PREMIUM, RATE, entrants
from perpscope.analysis.forecast.history import History
from perpscope.analysis.forecast.horizons import Horizon, targets
from perpscope.analysis.forecast.models import Known
from perpscope.analysis.forecast.placebo import placebo
from perpscope.analysis.forecast.scores import diebold_mariano, r2_out_of_sample, rmse
from perpscope.analysis.inference.bootstrap import block_indices
from perpscope.errors import InputError, NotEnoughData
from tests.unit.analysis.forecasting import remembering, slots

NEXT, DAY = Horizon.parse("next"), Horizon.parse("1d")
QUICK = Setting((NEXT, DAY), draws=100)


def test_memory_is_found() -> None:
    found = contest(remembering(3000, memory=0.9), QUICK)
    ar, last = found.of("ar_1", "next"), found.of(LAST, "next")
    assert ar.r2_oos == pytest.approx(0.81, abs=0.03)  # an AR(1) explains the square of its memory
    assert ar.dm_p < 0.05
    assert ar.rmse_bp < last.rmse_bp
    assert ar.rmse_bp == pytest.approx(0.5, abs=0.03)  # the size of what is new
    best = min((score for score in found.scores if score.horizon == "next"), key=lambda score: score.rmse_bp)
    assert best.model in {"premium_fitted", "har_premium"}  # the premium knows half of what is new
    assert best.in_mcs
    assert not found.of(LONG_RUN, "next").in_mcs
    assert math.isnan(last.dm_p)


def test_every_score_by_hand() -> None:
    history = remembering(400)
    score = contest(history, QUICK, (RATE, MEAN)).of(LAST, "1d")
    told = targets(history, DAY)
    here = np.isfinite(told.mean) & (history.slot >= history.slot[0] + (history.slot[-1] - history.slot[0]) / 3)
    error = (history.level - told.mean)[here]
    assert score.n == here.sum()
    assert score.rmse_bp == pytest.approx(math.sqrt((error**2).mean()), rel=1e-12)
    assert score.mae_bp == pytest.approx(np.abs(error).mean(), rel=1e-12)
    assert score.bias_bp == pytest.approx(error.mean(), rel=1e-9)
    assert score.money_per_million == pytest.approx(math.sqrt(((error * 3 * 100) ** 2).mean()), rel=1e-12)  # 3 settlements, 1 bp is 100
    mean = (history.known("expanding") - told.mean)[here]
    assert score.r2_oos == pytest.approx(1 - (error @ error) / (mean @ mean), rel=1e-12)
    assert score.ahead == 3


def test_an_hourly_contract_counts_its_own_hours() -> None:
    history = remembering(900, hours=1.0)
    score = contest(history, QUICK, (RATE, MEAN)).of(LAST, "next")
    step = np.diff(history.rate)[299:]
    assert score.per_hours == 1
    assert score.rmse_bp == pytest.approx(1e4 * math.sqrt((step[1:] ** 2).mean()), rel=0.01)
    assert score.money_per_million == pytest.approx(score.rmse_bp * 100, rel=1e-12)


def test_random_order_leaves_no_skill_and_the_future_moves_nothing() -> None:
    found = placebo(remembering(1500), QUICK)
    assert {each.moved for each in found} == {0.0}
    best = max(each.r2_oos_shuffled for each in found)
    assert best < 0.01  # the noise of some 1000 forecasts
    assert max(each.r2_oos for each in found) > 0.5


def test_intervals_hold_what_they_promise() -> None:
    rng = np.random.default_rng(4)
    n = 4000
    history = History(slots(n), np.full(n, 8.0), 1e-4 * rng.standard_t(4, n))
    score = contest(history, QUICK, (MEAN, RATE)).of(LONG_RUN, "next")
    assert score.coverage_90 == pytest.approx(0.9, abs=3 * math.sqrt(0.09 / score.n) + 0.005)  # and half the width one error in 1000 moves


def test_a_half_width_is_the_ranked_error_of_what_had_ended() -> None:
    history = remembering(300)
    told = targets(history, DAY)
    error = history.level - told.mean
    radius = half_widths(history, error, told)
    for row in (60, 150, 299):
        known = np.sort(np.abs(error[(told.end >= 0) & (told.end <= row) & (np.arange(300) < row)]))
        place = math.ceil((len(known) + 1) * 0.9)
        assert radius[row] == known[place - 1]
    assert np.isnan(radius[:50]).all()


def test_the_error_window_forgets() -> None:
    history = remembering(2500)
    told = targets(history, NEXT)
    error = np.where(np.arange(2500) < 1000, 100.0, 1.0)
    error[told.end < 0] = np.nan
    radius = half_widths(history, error, told)
    assert radius[1100] == 100
    assert radius[2300] == 1  # a year is 1095 settlements


def test_models_that_cannot_speak_stay_away_and_say_so() -> None:
    history = remembering(600)
    premium = np.where(np.arange(600) < 400, np.nan, history.premium)  # type: ignore[arg-type]  # filled in at birth
    found = contest(history.replaced(premium=premium), QUICK)
    assert PREMIUM in found.absent
    assert "narrow the window" in found.absent[PREMIUM]
    assert MOVING in {score.model for score in found.scores}


def test_twins_share_their_place_in_the_set() -> None:
    history = remembering(400)
    found = contest(history, QUICK, (RATE, Known("twin", "level"), MEAN))
    assert found.of("twin", "next").mcs_p == found.of(LAST, "next").mcs_p


def test_a_difference_without_chance_decides() -> None:
    losses = np.column_stack([np.arange(40.0) % 7, np.arange(40.0) % 7 + 1.0])  # exactly one worse, always
    p = confidence_set(losses, block_indices(40, 3.0, 50, np.random.default_rng(1), "stationary"))
    assert p.tolist() == [1.0, 0.0]
    with pytest.raises(InputError, match="same losses"):
        confidence_set(losses[:, [0, 0]], block_indices(40, 3.0, 50, np.random.default_rng(1), "stationary"))


@pytest.mark.parametrize("rate", [np.zeros(300), np.full(300, 1e-4), np.r_[np.full(200, 1e-4), 5e-3, np.full(99, 1e-4)]])
def test_rates_that_rest_break_nothing(rate: np.ndarray[tuple[int], np.dtype[np.float64]]) -> None:
    history = History(slots(300), np.full(300, 8.0), rate, interest=np.full(300, 1e-4))
    found = contest(history, QUICK)
    assert found.of(LAST, "next").rmse_bp == pytest.approx(math.sqrt(2 * 49**2 / found.of(LAST, "next").n) if rate.max() > 1e-3 else 0)


def test_short_horizons_are_left_out_and_short_histories_refused() -> None:
    found = contest(remembering(120), Setting((NEXT, Horizon.parse("30d")), draws=50))
    assert {score.horizon for score in found.scores} == {"next"}
    assert "horizon 30d" in found.absent
    with pytest.raises(NotEnoughData, match="Import a longer history"):
        contest(remembering(30), QUICK)
    with pytest.raises(InputError, match="reference"):
        contest(remembering(120), dataclasses.replace(QUICK, reference="nobody"))


def test_the_same_seed_gives_the_same_contest() -> None:
    history = remembering(500)
    models, _ = entrants(history, double=False)
    one, other = (contest(history.replaced(), QUICK, models) for _ in range(2))
    assert repr(one.scores) == repr(other.scores)


def test_all_are_judged_at_the_same_origins() -> None:
    found = contest(remembering(800), QUICK)
    for horizon in ("next", "1d"):
        assert len({(score.n, score.first, score.last) for score in found.scores if score.horizon == horizon}) == 1
    told = one_round(remembering(800), NEXT, QUICK, FROM_RATES)
    assert np.isfinite(told.forecast[told.judged]).all()


def test_diebold_and_mariano_know_when_nothing_differs() -> None:
    losses = np.random.default_rng(1).random(50)
    assert math.isnan(diebold_mariano(losses, losses, 1).p)
    assert diebold_mariano(losses + 0.5, losses + np.linspace(0, 0.1, 50), 1).statistic > 0
    with pytest.raises(InputError):
        diebold_mariano(losses, losses, 5, lags=3)
    with pytest.raises(InputError):
        diebold_mariano(losses, losses[1:], 1)


def test_small_numbers() -> None:
    assert rmse(np.array([3.0, 4.0])) == pytest.approx(math.sqrt(12.5))
    assert r2_out_of_sample(np.array([1.0, 1.0]), np.array([2.0, 2.0])) == 0.75
    assert math.isnan(r2_out_of_sample(np.ones(2), np.zeros(2)))
