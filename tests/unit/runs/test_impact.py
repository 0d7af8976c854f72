"""Does a fill get dearer with its size, by what the bars show?"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import polars as pl
import pytest

from perpscope.runs.impact import Grown, grown, measured
from perpscope.runs.prices import held_series
from perpscope.trading.costs.figure import Figure
from perpscope.trading.costs.parts import FlatFees, HalfSpread, LegCosts, SquareRoot, TradeCosts
from tests.unit.claims.held import prices
from tests.unit.runs.made_pair import START
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
    volatility, volume = measured(series(tmp_path, volume=2.0))
    assert float(volatility.needed("it")) == pytest.approx(math.log(1.01) * math.sqrt(24), rel=0.01)
    assert float(volume.needed("it")) == pytest.approx(24 * 2 * 100.5, rel=0.01)
    assert volatility.status == "measured"


def test_a_hundredfold_order_costs_ten_times_as_much_beyond_half_the_spread(tmp_path: Path) -> None:
    costs = TradeCosts((LegCosts(FREE, HalfSpread(Figure.given(0.0001))),))
    crossing = grown(costs, [series(tmp_path, volume=2.0)], Figure.assumed(1.0, "a test")).legs[0].crossing
    small, large = (float(crossing.at(0, "buy", notional).needed("it")) - 0.0001 for notional in (100.0, 10_000.0))
    assert large == pytest.approx(10 * small)
    assert crossing.at(0, "buy", 100.0).status == "assumed"


def test_what_is_not_held_is_unknown_and_a_spread_nobody_knows_is_assumed_away(tmp_path: Path) -> None:
    _, volume = measured(series(tmp_path, volume=None))
    assert "volumes are not held" in volume.note
    law = SquareRoot(Figure.given(0), Figure.given(1.0), Figure.given(0.04), Figure.given(1e6))
    found = Grown(HalfSpread(Figure.unknown("nobody knows")), law).at(0, "sell", 1e4)
    assert float(found.needed("it")) == pytest.approx(0.04 * 0.1)
    assert "counted as nothing: nobody knows" in found.source
