"""Do event studies look at nothing that comes later, find what was planted, and find nothing where nothing is?"""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perpscope.analysis.returns.events import Extreme, _Test, event_study, extremes, spaced, trailing_mean, trailing_quantile
from perpscope.errors import InputError, NotEnoughData

SMALL = {"window": 40, "least": 20, "gap": 3}
GRID = (Extreme("high", 0.9, **SMALL), Extreme("low", 0.9, **SMALL))


def test_a_trailing_quantile_knows_only_what_came_before() -> None:
    found = trailing_quantile([1.0, 2.0, 3.0, 100.0, 5.0], 0.5, window=3, least=2)
    np.testing.assert_array_equal(found, [math.nan, math.nan, 1.5, 2.0, 3.0])


def test_unknown_values_are_left_out_and_cannot_be_events() -> None:
    signal = np.array([1.0, math.nan, 1.0, 1.0, math.nan, 9.0])
    np.testing.assert_array_equal(trailing_quantile(signal, 0.5, 4, 2)[[3, 5]], [1.0, 1.0])
    events, eligible = extremes(signal, Extreme("high", 0.9, window=4, least=2, gap=1))
    assert events.tolist() == [5]
    assert eligible.tolist() == [3, 5]


def test_a_trailing_mean_waits_for_all_its_days() -> None:
    np.testing.assert_array_equal(trailing_mean([1.0, 2.0, 6.0, math.nan, 1.0], 2), [math.nan, 1.5, 4.0, math.nan, math.nan])


@given(st.lists(st.booleans(), max_size=60), st.integers(1, 9))
def test_events_keep_their_distance_and_none_is_left_out_without_reason(flags: list[bool], gap: int) -> None:
    taken = spaced(flags, gap).tolist()
    assert all(later - earlier >= gap for earlier, later in pairwise(taken))
    for place, flag in enumerate(flags):
        if flag and place not in taken:
            assert any(0 < place - earlier < gap for earlier in taken)


@settings(max_examples=60)
@given(st.integers(0, 10_000), st.integers(30, 119), st.floats(-50, 50), st.sampled_from(["high", "low"]), st.integers(1, 5))
def test_the_future_changes_nothing_before_it(seed: int, cut: int, size: float, side: str, over: int) -> None:
    signal = np.random.default_rng(seed).standard_normal(120)
    changed = signal.copy()
    changed[cut:] = size
    extreme = Extreme(side, 0.9, over, **SMALL)  # type: ignore[arg-type] # two words
    for before, after in zip(extremes(signal, extreme), extremes(changed, extreme), strict=True):
        np.testing.assert_array_equal(before[before < cut], after[after < cut])


def test_a_high_that_is_below_neutral_is_no_event() -> None:
    signal = np.concatenate([np.full(30, -5.0), [-1.0, 1.0]])
    assert extremes(signal, Extreme("high", 0.9, window=40, least=20, gap=1))[0].tolist() == [31]


def world(seed: int, n: int = 900, planted: float = 0.0) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Signals with memory, returns that know nothing of them, except for what is planted after each high."""
    rng = np.random.default_rng(seed)
    signals, returns = {}, {}
    market = rng.standard_normal(n) * 0.02
    for name in ("one", "two"):
        signal = rng.standard_normal(n)
        for i in range(1, n):
            signal[i] += 0.8 * signal[i - 1]
        moves = market + rng.standard_normal(n) * 0.01
        for place in extremes(signal, GRID[0])[0]:
            moves[place + 1 : place + 4] += planted
        signals[name], returns[name] = signal, moves
    return signals, returns


def test_a_planted_reversal_is_found_and_its_size_told() -> None:
    cells = event_study(*world(3, planted=-0.03), GRID, (3, 10), np.random.default_rng(1), draws=400)
    found = {(cell.asset, cell.extreme.side, cell.horizon): cell for cell in cells}
    planted = found["one", "high", 3]
    assert planted.stepped is not None
    assert planted.stepped < 0.05
    assert planted.excess == pytest.approx(-0.09, abs=0.03)
    assert planted.rose < 0.4
    assert found["one", "low", 3].stepped is not None
    assert planted.stepped <= min(1.0, found["one", "low", 3].stepped or 0.0)


def test_where_nothing_is_planted_hardly_anything_is_found() -> None:
    """30 worlds, any of eight tests below 5 %: 1.5 expected, more than six in three of ten thousand."""
    hits = 0
    for seed in range(30):
        cells = event_study(*world(seed, 500), GRID, (3, 10), np.random.default_rng(seed), draws=200)
        hits += any(cell.stepped is not None and cell.stepped < 0.05 for cell in cells)
    assert hits <= 6


def test_the_excess_is_that_of_a_walk_along_the_path() -> None:
    signals, returns = world(5)
    path = np.cumsum(returns["two"])
    for cell in event_study(signals, returns, GRID, (7,), np.random.default_rng(1), draws=20)[2:]:
        events, eligible = extremes(signals["two"], cell.extreme)
        after = [path[day + 7] - path[day] for day in events if day + 7 < path.size]
        around = [path[day + 7] - path[day] for day in eligible if day + 7 < path.size]
        assert cell.events == len(after)
        assert [cell.mean, cell.usual] == pytest.approx([np.mean(after), np.mean(around)])
        assert cell.excess == pytest.approx(cell.mean - cell.usual)


def test_the_weights_of_the_days_give_the_excess_of_any_history() -> None:
    moves = np.random.default_rng(8).standard_normal(60)
    path = np.cumsum(moves)
    one = _Test(0, GRID[0], 4, np.array([10, 17, 40]), np.arange(5, 56))
    excess = (path[one.events + 4] - path[one.events]).mean() - (path[one.eligible + 4] - path[one.eligible]).mean()
    assert moves @ one.weights(60) == pytest.approx(excess, rel=1e-12)


def test_the_scatter_is_that_of_walked_resamples() -> None:
    signals, returns = world(6)
    (cell, *_) = event_study(signals, returns, GRID[:1], (5,), np.random.default_rng(2), draws=300, block=1)
    events, eligible = (days[days < 895] for days in extremes(signals["one"], GRID[0]))
    rng = np.random.default_rng(9)
    drawn = []
    for _ in range(300):
        path = np.cumsum(rng.choice(returns["one"], 900))
        drawn.append((path[events + 5] - path[events]).mean() - (path[eligible + 5] - path[eligible]).mean())
    assert cell.scatter == pytest.approx(np.std(drawn), rel=0.15)  # two samples of 300: each scatters by 4 %


def test_the_same_seed_gives_the_same_numbers() -> None:
    first, second = (event_study(*world(1, 300), GRID, (3,), np.random.default_rng(4), draws=50) for _ in range(2))
    assert first == second


def test_too_few_events_are_told_and_not_tested() -> None:
    signals = {"one": np.concatenate([np.zeros(99), [5.0]])}
    (cell,) = event_study(signals, {"one": np.full(100, 0.01)}, GRID[:1], (3,), np.random.default_rng(1), draws=10)
    assert (cell.events, cell.p, cell.stepped) == (0, None, None)
    assert math.isnan(cell.mean)


def test_what_cannot_be_studied_is_refused() -> None:
    rng = np.random.default_rng(1)
    with pytest.raises(InputError, match="do not fit"):
        event_study({"a": np.zeros(50)}, {"a": np.zeros(49)}, GRID, (3,), rng)
    with pytest.raises(InputError, match="do not fit"):
        event_study({"a": np.zeros(50)}, {"a": np.full(50, math.nan)}, GRID, (3,), rng)
    with pytest.raises(NotEnoughData):
        event_study({"a": np.zeros(20)}, {"a": np.zeros(20)}, GRID, (30,), rng)
    with pytest.raises(InputError, match="level"):
        Extreme("low", 0.05)
    with pytest.raises(InputError, match="gap"):
        Extreme("low", 0.95, gap=0)
