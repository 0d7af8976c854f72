"""What holds for every pair of histories and every trade made of them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perpscope.analysis.pairs import _rolling
from perpscope.analysis.pairs._grid import HOUR, accrue
from perpscope.analysis.pairs.compare import compare
from perpscope.analysis.pairs.contracts import coins
from perpscope.analysis.pairs.persistence import persistence
from perpscope.analysis.pairs.setting import Setting
from perpscope.analysis.pairs.table import pair_table
from perpscope.mechanisms._kernels import compiled
from perpscope.trading.costs.figure import Figure
from perpscope.trading.scan.value import DAYS_PER_YEAR, Costed, worth
from perpscope.trading.trade import Leg, Trade
from tests.unit.analysis.frames import contract

RATES = st.one_of(st.just(math.nan), st.floats(-1e-3, 1e-3, allow_subnormal=False))
SIZES, LEASTS = np.array([3, 8, 24]), np.array([3, 6, 20])
TRADE = Trade("perp_perp", (Leg("a", "X/USDT:USDT", "short", leverage=3), Leg("b", "X/USDT:USDT", "long", leverage=5)))


@st.composite
def grids(draw: st.DrawFn) -> np.ndarray:
    """Two series of hours with any holes, and nothing."""
    hours = draw(st.integers(1, 90))
    found = [draw(st.lists(RATES, min_size=hours, max_size=hours)) for _ in range(2)]
    return np.array([*found, [0.0] * hours])


def compared(grid: np.ndarray, pairs: list[tuple[int, int]]) -> Any:  # noqa: ANN401 - a named tuple of arrays
    return compare(np.array(pairs), grid, SIZES, LEASTS, days=4)


@given(grids())
@settings(max_examples=40)
def test_the_compiled_text_is_the_text(grid: np.ndarray) -> None:
    pairs = np.array([(0, 1), (1, 0), (0, 2)])

    def room() -> tuple[np.ndarray, ...]:
        return np.empty((3, 3, 5)), np.empty((3, 2), np.int64), np.empty((3, 3, 2)), np.empty((3, 4))

    plain, fast = room(), room()
    _rolling.compare(0, 3, pairs, grid, SIZES, LEASTS, *plain)
    compiled(_rolling.compare)(0, 3, pairs, grid, SIZES, LEASTS, *fast)
    for one, other in zip(plain, fast, strict=True):
        assert np.array_equal(one, other, equal_nan=True)


@given(grids())
def test_a_pair_turned_round_is_the_opposite(grid: np.ndarray) -> None:
    got = compared(grid, [(0, 1), (1, 0)])
    there, back = got.windows
    assert np.array_equal(there[:, 2], back[:, 2])
    assert np.allclose(there[:, 0], -back[:, 0], rtol=0, atol=1e-17, equal_nan=True)
    assert np.allclose(there[:, 3], -back[:, 4], rtol=0, atol=1e-17, equal_nan=True)
    assert np.allclose(there[:, 1], back[:, 1], rtol=1e-9, atol=1e-12, equal_nan=True)
    told = ~np.isnan(there[:, 0])
    assert np.allclose((got.legs[0, :, 0] - got.legs[0, :, 1])[told], there[told, 0], rtol=0, atol=1e-17)


@given(st.lists(st.tuples(st.sampled_from([1, 2, 4, 8]), st.floats(-0.01, 0.01)), min_size=1, max_size=30), st.integers(0, 3))
def test_what_was_paid_is_what_the_grid_holds(fixings: list[tuple[int, float]], late: int) -> None:
    """Whatever the intervals and their changes, the hours of a history add up to its rates."""
    hours = np.array([h for h, _ in fixings], float)
    stamp = (np.cumsum(hours).astype(np.int64) + late) * HOUR
    cells = int(stamp[-1] // HOUR)
    out, room = np.empty((1, cells)), np.empty(cells, np.int64)
    accrue(np.array([0, len(fixings)]), stamp, hours, np.array([r for _, r in fixings]), 0, out, room)
    assert np.isnan(out[0, :late]).all()
    assert not np.isnan(out[0, late:]).any()
    assert out[0, late:].sum() == pytest.approx(math.fsum(r for _, r in fixings), abs=1e-15)


@given(
    gross=st.floats(-1, 5),
    cost=st.one_of(st.floats(-0.01, -1e-9), st.just(0.0), st.floats(1e-9, 0.1)),  # fractions of a notional; less is nothing
    held=st.floats(0, 1),
    days=st.floats(0.5, 400),
)
def test_net_cost_and_break_even_follow_from_each_other(gross: float, cost: float, held: float, days: float) -> None:
    none = Figure.unknown("not given")
    found = worth(gross, "", Costed({"fee": Figure.given(cost)}, {"borrow": Figure.given(held)}, none, none), TRADE, days)
    assert found.net == pytest.approx(gross - held - cost * DAYS_PER_YEAR / days)
    assert found.on_capital == pytest.approx((found.net or 0) / (1 / 3 + 1 / 5))
    assert found.at_most == found.on_capital
    if found.breakeven_days is None:
        assert cost > 0
        assert "never" in found.why["breakeven_days"]
    elif cost <= 0:
        assert found.breakeven_days == 0
    else:
        at_even = gross - held - cost * DAYS_PER_YEAR / found.breakeven_days
        assert at_even == pytest.approx(0, abs=1e-9 * max(1.0, abs(gross)))


@given(st.lists(RATES, max_size=80), st.integers(1, 20), st.floats(-1e-3, 1e-3))
def test_persistence_is_a_share_inside_its_interval(days: list[float], hold: int, hurdle: float) -> None:
    found = persistence(np.array(days), hold, hurdle)
    if found.share is None:
        assert found.why
        return
    assert found.low is not None
    assert found.high is not None
    assert 0 <= found.low <= found.share + 1e-12
    assert found.share - 1e-12 <= found.high <= 1
    turned = persistence(np.array(days)[::-1], hold, hurdle)
    assert (turned.share, turned.n) == (found.share, found.n)
    higher = persistence(np.array(days), hold, hurdle + 1e-4).share
    assert higher is not None
    assert higher <= found.share


@given(st.lists(st.floats(-1e-3, 1e-3), min_size=40, max_size=60), st.integers(24, 200), st.floats(0.5, 2))
@settings(max_examples=25)
def test_rows_after_the_moment_change_no_table(rates: list[float], cut: int, factor: float) -> None:
    """Three intervals, cut anywhere: what comes later may be anything."""
    at = contract([(cut, 0.0, 8)])["ts"].dt.epoch("ms")[0]
    frames = [
        contract([((k + 1) * hours, rate * scale, hours) for k, rate in enumerate(rates)], venue=venue)
        for venue, hours, scale in (("alpha", 8, 1), ("beta", 4, 0.5), ("gamma", 1, 0.1))
    ]
    whole = coins(
        pl.concat(frames).with_columns(pl.lit(None, dtype=pl.Float64).alias(n) for n in ("mark_price_quote", "index_price_quote"))
    )
    early = whole.filter(pl.col("ts").dt.epoch("ms") <= at)
    later = whole.filter(pl.col("ts").dt.epoch("ms") > at).with_columns(
        pl.col("funding_rate") * factor, pl.lit(2.0).alias("interval_hours")
    )
    setting = Setting(at=at, window=7, history=90)
    one, other = pair_table(early, setting), pair_table(pl.concat([early, later]), setting)
    assert one.equals(other, null_equal=True)
