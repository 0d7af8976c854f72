"""Do windows, days, thresholds of time and sizes of lanes mean what they say?"""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from perpscope.errors import InputError, NotEnoughData
from perpscope.trading.lanes.run import COLUMNS, Sizing, Symbols, columns, days, least_ms, run, run_across, window
from perpscope.trading.lanes.track import LegTerms, Market, Terms, Track, lay
from perpscope.trading.sweep.grid import ParameterSet
from perpscope.units import MS_PER_HOUR

HOUR = MS_PER_HOUR
FREE = Terms(LegTerms(1.005, 0.005, 0.0), LegTerms(math.inf, -math.inf, 0.0), 0.0, by_short=True)

NOTHING = [(0, (0.0, 0.0, 0.0, 0.0))]


def flat(n: int = 50, rate: float = 0.0001, looks: tuple[int, ...] = (3,)) -> Track:
    """A price that stands still, and a rate every eighth hour."""
    price, stamps = np.full(n, 100.0), np.arange(8, n, 8)
    rates = np.full(len(stamps), rate)
    perp = Market.closes(price, stamps, rates * 100.0, rates * 1095)
    return lay(np.arange(n) * HOUR, np.ones(n, dtype=bool), perp, Market.closes(price), looks, NOTHING)


def test_a_carry_on_a_price_that_stands_still_earns_its_funding() -> None:
    """Entered an hour after the third stamp (24 h), so the stamps at 32, 40 and 48 h are received."""
    track = flat()
    asked = columns([ParameterSet(enter=0.05)], (3,), FREE, Sizing(long_in_full=True, capital=200.0))
    found = run(track, FREE, asked, window(track))
    assert dict(zip(COLUMNS, found.totals[0].tolist(), strict=True)) == pytest.approx(
        {"equity": 200.03, "funding": 0.03, "costs": 0, "liquidation": 0, "trades": 1, "liquidations": 0, "hours": 24}
    )


def test_days_end_at_midnight_and_the_first_instant_is_the_capital() -> None:
    track = flat()
    assert days(track, window(track)).tolist() == [24, 48, 49]
    assert days(track, window(track, 24 * HOUR, 30 * HOUR)).tolist() == [30]
    assert days(track, window(track, 25 * HOUR, 48 * HOUR)).tolist() == [48]


def test_a_window_without_two_prices_is_refused() -> None:
    track = flat()
    assert window(track, 9 * HOUR, 20 * HOUR) == (9, 20, 1)
    with pytest.raises(NotEnoughData, match="1 common prices"):
        window(track, 49 * HOUR)


@given(st.one_of(st.integers(0, 2000).map(lambda k: k / 7), st.floats(0, 1e5), st.just(math.inf)))
def test_a_threshold_of_time_is_passed_by_the_same_instants(hours: float) -> None:
    found = least_ms(hours)
    if math.isinf(hours):
        assert math.isinf(found)
        return
    assert found / HOUR >= hours
    assert (found - 1) / HOUR < hours


def test_sizes_follow_the_plan() -> None:
    assert Sizing(long_in_full=True, capital=300.0).money(1.5) == (300.0, 200.0)
    assert Sizing(long_in_full=True, capital=300.0, compound=True).money(1.5) == (300.0, math.inf)
    assert Sizing(long_in_full=True, notional=100.0).money(1.5) == (150.0, 100.0)
    assert Sizing(long_in_full=True, capital=300.0, notional=100.0).money(1.5) == (300.0, 100.0)
    with pytest.raises(InputError, match="which asks 150"):
        Sizing(long_in_full=True, capital=120.0, notional=100.0).money(1.5)


def test_a_look_that_the_track_lacks_is_refused() -> None:
    with pytest.raises(InputError, match="Lay the track with all looks"):
        columns([ParameterSet(look=5)], (3,), FREE, Sizing(long_in_full=True, capital=1.0))
    with pytest.raises(InputError, match="looks"):
        flat(looks=())
    with pytest.raises(InputError, match="0 fixings"):
        lay(np.arange(3), np.ones(3, dtype=bool), Market.closes(np.ones(3)), Market.closes(np.ones(3)), (1,), NOTHING)


def test_each_set_is_sized_and_margined_by_its_own_leverage() -> None:
    asked = columns([ParameterSet(leverage=4.0), ParameterSet()], (3,), FREE, Sizing(long_in_full=True, capital=100.0))
    assert asked[:, [3, 4, 8, 9]].tolist() == [[0.25, 1.0, 100.0, 80.0], [1.0, 1.0, 100.0, 50.0]]
    both = columns([ParameterSet(leverage=4.0)], (3,), FREE, Sizing(long_in_full=False, capital=100.0))
    assert both[0, [3, 4, 9]].tolist() == [0.25, 0.25, 200.0]


def test_costs_are_those_of_their_era() -> None:
    """Opened in row 25 at 1 and 2 in a hundred, closed in the last row at 4 and 8: a notional of 100 on either side."""
    track = flat()
    eras = [(0, (0.5, 0.5, 0.5, 0.5)), (20, (0.01, 0.5, 0.02, 0.5)), (26, (0.5, 0.04, 0.5, 0.08))]
    begins, costs = np.array([era[0] for era in eras]), np.array([era[1] for era in eras])
    asked = columns([ParameterSet(enter=0.05)], (3,), FREE, Sizing(long_in_full=True, capital=200.0))
    found = run(track._replace(eras=begins, costs=costs), FREE, asked, window(track))
    assert found.column("costs")[0] == pytest.approx(100 * 0.01 + 100 * 0.02 + 100 * 0.04 + 100 * 0.08)


def test_many_symbols_at_once_are_what_each_is_alone() -> None:
    rng = np.random.default_rng(4)
    spot = 100 * np.exp(np.cumsum(rng.normal(0, 0.03, (5, 300)), axis=1))
    perp, stamps = spot * (1 + rng.normal(0, 0.002, spot.shape)), np.arange(7, 300, 8)
    rates, at = rng.normal(2e-4, 4e-4, (5, len(stamps))), np.arange(300) * HOUR
    eras = [(0, (0.001, 0.001, 0.001, 0.001)), (150, (0.0, 0.002, 0.0, 0.002))]
    many = [ParameterSet(0.1, 0.0, look, leverage) for look in (1, 3) for leverage in (1.0, 5.0)]
    asked = columns(many, (1, 3), FREE, Sizing(long_in_full=True, capital=1000.0))
    found = run_across(Symbols(at, perp, spot, stamps, rates, 8.0), FREE, asked, (1, 3), eras, threads=2)
    for k in range(5):
        leg = Market.closes(perp[k], stamps, rates[k] * perp[k][stamps], rates[k] * 1095.0)
        track = lay(at, np.ones(300, dtype=bool), leg, Market.closes(spot[k]), (1, 3), eras)
        np.testing.assert_array_equal(found[k], run(track, FREE, asked, window(track)).totals)
    assert (found[:, :, COLUMNS.index("trades")] > 1).mean() > 0.5
    assert found[:, :, COLUMNS.index("liquidations")].any()
