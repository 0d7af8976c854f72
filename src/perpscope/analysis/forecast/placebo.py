"""Would the contest find skill where there is none, and do forecasts move when only the future does?

Two ways to prove a contest wrong. Rates in random order have no past worth knowing: whatever beats their mean out of sample is
a leak. And a forecast that changes when rows after its origin are exchanged has seen them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from perpscope.analysis.forecast.contest import Setting, contest
from perpscope.analysis.forecast.entrants import entrants
from perpscope.analysis.forecast.history import COLUMNS, History
from perpscope.analysis.forecast.models import levels

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import numpy.typing as npt

    from perpscope.analysis.forecast.horizons import Horizon
    from perpscope.analysis.forecast.models import Model

    Ints = npt.NDArray[np.int64]

_VALUES = tuple(name for name in COLUMNS if name not in ("slot", "hours"))


def shuffled(history: History, seed: int) -> History:
    """Return the same levels in random order, premium and estimate with the rate they stood beside; stamps and intervals stay."""
    import numpy as np

    return _moved(history, np.random.default_rng(seed).permutation(len(history)))


def future_shifted(history: History, row: int, by: int) -> History:
    """Return a history whose rows after `row` are moved `by` places on, around the end; rows 0..row stay as they are."""
    import numpy as np

    places = np.arange(len(history))
    places[row + 1 :] = np.roll(places[row + 1 :], by)
    return _moved(history, places)


def future_shuffled(history: History, row: int, seed: int) -> History:
    """Return a history whose rows after `row` are in random order; rows 0..row stay as they are."""
    import numpy as np

    places = np.arange(len(history))
    places[row + 1 :] = np.random.default_rng(seed).permutation(places[row + 1 :])
    return _moved(history, places)


def _moved(history: History, places: Ints) -> History:
    scale = history.hours / history.hours[places]  # a level keeps its meaning where intervals differ
    return history.replaced(**{name: getattr(history, name)[places] * scale for name in _VALUES})


@dataclass(frozen=True, slots=True)
class Placebo:
    """What one model made of rates in random order, and of another future.

    Parameters
    ----------
    r2_oos, r2_oos_shuffled : share of the expanding mean's squared error it does without: on the rates, and on them in random order.
    moved : largest change of a forecast up to the middle of the history when the rates after it are shifted, and when they are
        shuffled (bp per 8 hours). Anything but 0 is a look ahead.
    """

    model: str
    horizon: str
    r2_oos: float
    r2_oos_shuffled: float
    moved: float
    n: int


def placebo(history: History, setting: Setting | None = None, models: Sequence[Model] | None = None) -> tuple[Placebo, ...]:
    """Hold the contest once more on rates in random order, and make every forecast once more with another future."""
    import dataclasses

    setting = setting or Setting()
    quick = dataclasses.replace(setting, draws=1)
    real, random = contest(history, quick, models), contest(shuffled(history, setting.seed), quick, models)
    taking = entrants(history, window_ms=setting.window_ms)[0] if models is None else tuple(models)
    moved = {horizon.text: looked_ahead(history, horizon, taking, len(history) // 2, setting.seed) for horizon in setting.horizons}
    other = {(score.model, score.horizon): score.r2_oos for score in random.scores}
    return tuple(
        Placebo(score.model, score.horizon, score.r2_oos, other[key], moved[score.horizon][score.model], score.n)
        for score in real.scores
        if (key := (score.model, score.horizon)) in other
    )


def looked_ahead(history: History, horizon: Horizon, models: Sequence[Model], row: int, seed: int = 0) -> dict[str, float]:
    """Return by model how far its forecasts at rows 0..row move when the rows after are shifted or shuffled; 0 for all that is honest."""
    import numpy as np

    told = levels(models, history, horizon)[: row + 1]
    largest = np.zeros(len(models))
    by = max((len(history) - row - 1) // 3, 1)
    for other in (future_shifted(history, row, by), future_shuffled(history, row, seed)):
        again = levels(models, other, horizon)[: row + 1]
        apart = np.where(np.isnan(told) & np.isnan(again), 0.0, np.abs(again - told))
        largest = np.maximum(largest, np.where(np.isnan(apart), np.inf, apart).max(axis=0))
    return {model.name: float(largest[k]) for k, model in enumerate(models)}
