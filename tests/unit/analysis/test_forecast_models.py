"""Is every forecast made of the past alone, and is the fast path the definition bit for bit?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from perpscope.analysis.forecast.entrants import AVERAGES, CHOSEN, COMPONENTS, HAR, RATE, SEEN, SMOOTHED, entrants
from perpscope.analysis.forecast.history import History
from perpscope.analysis.forecast.horizons import Horizon, targets
from perpscope.analysis.forecast.models import EVEN, TRIMMED, WEIGHTED, Autoregression, Best, Combination, Direct, Known, Model
from perpscope.analysis.forecast.placebo import future_shifted, future_shuffled, looked_ahead, shuffled
from perpscope.errors import InputError, NotEnoughData
from perpscope.units import MS_PER_HOUR
from tests.unit.analysis.forecasting import holed, remembering, slots

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

NEXT, DAY = Horizon.parse("next"), Horizon.parse("1d")
WEEK = 7 * 24 * MS_PER_HOUR
SHORT: tuple[Model, ...] = (
    *AVERAGES,
    RATE,
    SEEN,
    Known("ewma", "smoothed", 48.0),
    Known("mean", "expanding"),
    Autoregression("ar_1", 1, refit_ms=WEEK),
    Autoregression("ar_bic", 4, by_bic=True, refit_ms=WEEK),
    Autoregression("ar_window", 2, refit_ms=WEEK, window_ms=6 * WEEK),
    Autoregression("dar_1", 1, double=True, refit_ms=WEEK),
    Autoregression("dar_2", 2, double=True, refit_ms=WEEK),
    Direct("har", COMPONENTS, refit_ms=WEEK),
    Direct("premium", (SEEN,), refit_ms=WEEK, window_ms=8 * WEEK),
)
JOINED: tuple[Model, ...] = (
    Best("best", AVERAGES[:3]),
    Combination("mean", (RATE, AVERAGES[0], SEEN), EVEN),
    Combination("trimmed", (RATE, AVERAGES[0], AVERAGES[1], SEEN), TRIMMED),
    Combination("weighted", (RATE, AVERAGES[0], SEEN), WEIGHTED),
)


def same(one: float, other: float) -> bool:
    return one == other or (np.isnan(one) and np.isnan(other))


@pytest.mark.parametrize("horizon", [NEXT, DAY])
@pytest.mark.parametrize("history", [remembering(260), holed(260)], ids=["whole", "holed"])
def test_the_fast_path_is_the_definition_bit_for_bit(history: History, horizon: Horizon) -> None:
    rows = [0, 5, 40, 95, 131, 180, 222, len(history) - 1]
    for model in SHORT:
        fast = model.every(history, horizon)
        assert [row for row in rows if not same(model.forecast(history.until(row), horizon), float(fast[row]))] == [], model.name


@pytest.mark.parametrize("history", [remembering(70), holed(90)], ids=["whole", "holed"])
def test_what_is_made_of_other_forecasts_is_their_definition_too(history: History) -> None:
    for model in JOINED:
        fast = model.every(history, DAY)
        rows = [0, 3, 20, 41, len(history) - 1]
        assert [row for row in rows if not same(model.forecast(history.until(row), DAY), float(fast[row]))] == [], model.name


def test_no_entrant_looks_ahead() -> None:
    history = remembering(700)
    models, _ = entrants(history)
    for horizon in (NEXT, Horizon.parse("7d")):
        assert set(looked_ahead(history, horizon, models, 400).values()) == {0.0}
    late = np.isfinite(np.column_stack([model.every(history, NEXT) for model in models])[400])
    assert late.all()  # every one of them did say something


@dataclass(frozen=True)
class Cheat:
    """A centred average: it knows tomorrow."""

    name: str = "cheat"

    def forecast(self, past: History, horizon: Horizon) -> float:  # noqa: ARG002 - never asked
        return 0.0

    def every(self, history: History, horizon: Horizon) -> Floats:  # noqa: ARG002 - as the others
        return np.convolve(history.level, np.ones(3) / 3, mode="same")


def test_who_looks_ahead_is_caught() -> None:
    assert looked_ahead(remembering(200), NEXT, (Cheat(), RATE), 100)["cheat"] > 0
    assert looked_ahead(remembering(200), NEXT, (Cheat(), RATE), 100)["last_rate"] == 0


def test_another_future_leaves_the_past_and_is_another() -> None:
    history = holed(120)
    for other in (future_shifted(history, 60, 7), future_shuffled(history, 60, 3)):
        assert np.array_equal(other.rate[:61], history.rate[:61])
        assert not np.array_equal(other.rate[61:], history.rate[61:])
        assert np.array_equal(np.sort(other.level[61:].round(9)), np.sort(history.level[61:].round(9)))
    assert np.array_equal(np.sort(shuffled(history, 1).level.round(9)), np.sort(history.level.round(9)))


def test_columns_by_hand() -> None:
    history = History(slots(4), np.full(4, 8.0), np.array([1e-4, 3e-4, 2e-4, 6e-4]))
    assert history.level == pytest.approx([1, 3, 2, 6], abs=1e-12)
    assert history.known("expanding") == pytest.approx([1, 2, 2, 3], abs=1e-12)
    day = history.known("trailing", 24.0)
    assert np.isnan(day[0])  # a third of a day is not two thirds
    assert day[1:] == pytest.approx([2, 2, 11 / 3], abs=1e-12)
    assert history.known("smoothed", 8.0) == pytest.approx([1, 2, 2, 4], abs=1e-12)
    assert history.stretch.tolist() == [1, 2, 3, 4]


def test_a_level_carries_its_interval() -> None:
    history = History(slots(2, 1.0), np.full(2, 1.0), np.array([1e-5, 2e-5]))
    assert history.level == pytest.approx([0.8, 1.6], abs=1e-12)  # 0.1 bp an hour is 0.8 bp in eight


def test_targets_are_what_is_received_and_none_where_a_settlement_is_missing() -> None:
    hours = np.array([8.0, 8.0, 4.0, 4.0, 8.0, 8.0])
    slot = slots(1)[0] + np.array([0, 8, 12, 16, 24, 40], dtype=np.int64) * MS_PER_HOUR  # the one at 32 is missing
    history = History(slot, hours, np.array([1e-4, 2e-4, 1e-4, 3e-4, 6e-4, 9e-4]))
    told = targets(history, NEXT)
    assert told.end.tolist() == [1, 2, 3, 4, -1, -1]
    assert told.mean[:4] == pytest.approx([2, 2, 6, 6], abs=1e-12)
    day = targets(history, DAY)
    assert day.end.tolist() == [4, -1, -1, -1, -1, -1]
    assert day.mean[0] == pytest.approx((2 + 1 + 3 + 6) / 3, abs=1e-12)  # the money of the day, per eight hours


def test_horizons_read_and_write() -> None:
    assert [Horizon.parse(text).text for text in ("next", "12h", "24h", "1.5d", "30D")] == ["next", "12h", "1d", "36h", "30d"]
    for wrong in ("soon", "0d", "-1d", "7", "7w"):
        with pytest.raises(InputError):
            Horizon.parse(wrong)


def test_a_history_refuses_what_is_none() -> None:
    good: dict[str, Any] = {"slot": slots(3), "hours": np.full(3, 8.0), "rate": np.zeros(3)}
    with pytest.raises(NotEnoughData):
        History(slots(0), np.zeros(0), np.zeros(0))
    for wrong in ({"slot": slots(3)[::-1]}, {"rate": np.zeros(2)}, {"rate": np.array([0.0, np.nan, 0.0])}, {"hours": np.zeros(3)}):
        with pytest.raises(InputError):
            History(**(good | wrong))


def test_the_best_is_chosen_by_the_record_and_passes_over_the_silent() -> None:
    history = remembering(200, memory=0.0, seed=5)  # no memory: the longest average is best
    best = Best("best", (RATE, Known("month", "trailing", 720.0))).every(history, NEXT)
    assert np.array_equal(best[-50:], history.known("trailing", 720.0)[-50:])
    assert np.array_equal(best[:40], history.level[:40])  # the month does not speak yet


def test_weights_follow_the_record() -> None:
    history = remembering(300, memory=0.0, seed=6)
    mean = Combination("m", (RATE, Known("all", "expanding")), EVEN).every(history, NEXT)
    weighted = Combination("w", (RATE, Known("all", "expanding")), WEIGHTED).every(history, NEXT)
    steady = history.known("expanding")
    assert (np.abs(weighted - steady)[100:] <= np.abs(mean - steady)[100:] + 1e-12).all()


def test_absent_models_say_why() -> None:
    history = History(slots(100), np.full(100, 8.0), np.linspace(0, 1e-4, 100))
    models, absent = entrants(history)
    assert {"current_premium", "venue_estimate", "interest_term"} <= set(absent)
    assert not {model.name for model in models} & set(absent)
    assert HAR in models
    assert CHOSEN in models
    assert SMOOTHED in models
