"""For every history: no forecast knows what comes, combinations stay among their members, and sets keep the best."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from perpscope.analysis.forecast.confidence import confidence_set
from perpscope.analysis.forecast.entrants import FROM_RATES
from perpscope.analysis.forecast.history import History
from perpscope.analysis.forecast.horizons import Horizon, targets
from perpscope.analysis.forecast.models import EVEN, TRIMMED, WEIGHTED, Autoregression, Combination, Known, levels
from perpscope.analysis.inference.bootstrap import block_indices
from perpscope.units import MS_PER_HOUR

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

START = 1_700_000_000_000 // MS_PER_HOUR * MS_PER_HOUR
RATES = st.floats(-0.003, 0.003, allow_subnormal=False)
HOURS = st.sampled_from([1.0, 4.0, 8.0])


@st.composite
def histories(draw: st.DrawFn, least: int = 20, most: int = 90) -> History:
    n = draw(st.integers(least, most))
    hours = np.full(n, draw(HOURS))
    gaps = np.array(draw(st.lists(st.sampled_from([0, 0, 0, 0, 0, 1, 30]), min_size=n, max_size=n)), dtype=np.int64)
    steps = np.round(hours * MS_PER_HOUR).astype(np.int64) * (1 + gaps)
    return History(START + np.cumsum(steps), hours, draw(arrays(np.float64, n, elements=RATES)))


@given(histories(), st.data(), st.sampled_from(["next", "1d", "3d"]))
@settings(max_examples=40)
def test_no_forecast_knows_what_comes(history: History, data: st.DataObject, text: str) -> None:
    row = data.draw(st.integers(0, len(history) - 2))
    after = data.draw(arrays(np.float64, len(history) - row - 1, elements=RATES))
    other = history.replaced(rate=np.r_[history.rate[: row + 1], after])
    models = (*FROM_RATES, Autoregression("dar", 1, double=True, refit_ms=MS_PER_HOUR * 24))
    joined = (*models, Combination("weighted", FROM_RATES[:4], WEIGHTED))
    horizon = Horizon.parse(text)
    one, two = levels(joined, history, horizon)[: row + 1], levels(joined, other, horizon)[: row + 1]
    assert np.array_equal(one, two, equal_nan=True)
    alone = levels(joined, history.until(row), horizon)
    assert np.array_equal(one, alone, equal_nan=True)


@given(histories())
def test_combinations_stay_among_their_members(history: History) -> None:
    members = (Known("last", "level"), Known("day", "trailing", 24.0), Known("all", "expanding"), Known("ewma", "smoothed", 16.0))
    horizon = Horizon.parse("next")
    table = levels(members, history, horizon)
    low, high = np.nanmin(table, axis=1), np.nanmax(table, axis=1)
    for kind in (EVEN, TRIMMED, WEIGHTED):
        found = Combination("c", members, kind).every(history, horizon)
        slack = 1e-9 * (1.0 + np.abs(low) + np.abs(high))  # a sum of four rounded products
        assert ((low - slack <= found) & (found <= high + slack)).all()


@given(histories())
def test_a_target_is_the_money_of_its_horizon(history: History) -> None:
    for hours in (8.0, 24.0):
        told = targets(history, Horizon(hours))
        for row in np.flatnonzero(told.end >= 0)[:10].tolist():
            part = slice(row + 1, int(told.end[row]) + 1)
            assert history.hours[part].sum() == hours
            assert abs(told.mean[row] / 8e4 * hours - history.rate[part].sum()) < 1e-12


@given(arrays(np.float64, (40, 4), elements=st.floats(0.01, 1.0)), st.integers(0, 2**32 - 1))
def test_a_set_holds_at_least_one_model_and_first_the_best(losses: Floats, seed: int) -> None:
    losses = losses + np.random.default_rng(seed).random(losses.shape)  # no two alike
    p = confidence_set(losses, block_indices(40, 4.0, 60, np.random.default_rng(seed), "stationary"))
    assert p.max() == 1.0
    assert ((p >= 0) & (p <= 1)).all()
