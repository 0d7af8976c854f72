"""Does a fill get dearer with its size, by what the bars show?"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import polars as pl
import pytest

from perpscope.runs.impact import Grown, Measured, grown
from perpscope.runs.prices import held_series
from perpscope.trading.costs.figure import Figure
from perpscope.trading.costs.parts import FlatFees, HalfSpread, LegCosts, TradeCosts
from tests.unit.claims.held import prices
from tests.unit.runs.made_pair import HOUR, START
from tests.unit.runs.stocked import stocked

if TYPE_CHECKING:
    from pathlib import Path

    from perpscope.runs.prices import Series

FREE = FlatFees(Figure.given(0), Figure.given(0))


def series(folder: Path, *, volume: float | None) -> Series:
    """Ten days of hours that go up and down by one percent, with a volume each."""
    closes = [100.0 * (1.01 if k % 2 else 1.0) for k in range(240)]
    table, frame = prices("binance", "BTC/USDT", START, closes)
    frame = frame.with_columns(pl.lit(volume, dtype=pl.Float64).alias("volume_base"))
    return held_series(stocked(folder, (table, frame)), "binance", "BTC/USDT", "spot", (START, START + 10**10))[0]


def test_volatility_and_volume_are_those_of_the_bars(tmp_path: Path) -> None:
    volatility, volume = Measured.of(series(tmp_path, volume=2.0)).at(START + 240 * HOUR)
    assert float(volatility.needed("it")) == pytest.approx(math.log(1.01) * math.sqrt(24), rel=0.01)
    assert float(volume.needed("it")) == pytest.approx(24 * 2 * 100.5, rel=0.01)
    assert volatility.status == volume.status == "measured"


def test_only_what_was_known_before_a_fill_is_measured() -> None:
    known = [k * HOUR for k in range(2_000)]
    calm = [100.0 * (1.001 if k % 2 else 1.0) for k in range(1_000)]
    wild = [100.0 * (1.1 if k % 2 else 1.0) for k in range(1_000)]
    one, other = (Measured("made", 1.0, known, calm + rest, [5.0] * 1_000 + [50.0] * 1_000) for rest in (calm, wild))
    assert one.at(1_000 * HOUR) == other.at(1_000 * HOUR)
    assert float(other.at(1_002 * HOUR)[0].needed("it")) > float(one.at(1_002 * HOUR)[0].needed("it"))
    volatility, volume = other.at(1_999 * HOUR)  # a month later all of it is the new market
    assert float(volatility.needed("it")) == pytest.approx(math.log(1.1) * math.sqrt(24), rel=0.01)
    assert volume.value == 24 * 50.0
    first = one.at(0)
    assert first[0].status == "assumed"
    assert "some of them later than the fill" in first[0].source
    assert Measured("made", 1.0, known[:30], calm[:30], None).at(0)[0].note == "made: 30 bars are too few to measure a volatility"


def test_a_hundredfold_order_costs_ten_times_as_much_beyond_half_the_spread(tmp_path: Path) -> None:
    costs = TradeCosts((LegCosts(FREE, HalfSpread(Figure.given(0.0001))),))
    crossing = grown(costs, [series(tmp_path, volume=2.0)], Figure.assumed(1.0, "a test")).legs[0].crossing
    small, large = (float(crossing.at(START + 240 * HOUR, "buy", notional).needed("it")) - 0.0001 for notional in (100.0, 10_000.0))
    assert large == pytest.approx(10 * small)
    assert crossing.at(START + 240 * HOUR, "buy", 100.0).status == "assumed"


def test_what_is_not_held_is_unknown_and_a_spread_nobody_knows_is_assumed_away(tmp_path: Path) -> None:
    _, volume = Measured.of(series(tmp_path, volume=None)).at(START)
    assert "volumes are not held" in volume.note
    market = Measured("made", 24.0, [k * 24 * HOUR for k in range(40)], [100.0 * (1.04 if k % 2 else 1.0) for k in range(40)], [1e6] * 40)
    found = Grown(HalfSpread(Figure.unknown("nobody knows")), Figure.given(1.0), market).at(40 * 24 * HOUR, "sell", 1e4)
    assert float(found.needed("it")) == pytest.approx(math.log(1.04) * 0.1, rel=0.02)
    assert "counted as nothing: nobody knows" in found.source
