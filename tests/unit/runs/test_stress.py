"""Who comes through a storm, when does he not, and what does a coarser look hide?"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import polars as pl
import pytest

from perpscope.errors import NotEnoughData
from perpscope.market.table import PRICES
from perpscope.market.time import to_ms
from perpscope.runs.stress import Money, closes, largest_moves, weather
from perpscope.simulation.scenarios.storms import STORMS
from perpscope.trading.backtest.model import Bars
from tests.unit.claims.held import funding, prices
from tests.unit.runs.made_pair import flat
from tests.unit.runs.stocked import stocked

if TYPE_CHECKING:
    from pathlib import Path

    from perpscope.simulation.storm import Storm
    from perpscope.store import Store

MONEY = Money(100_000, flat())


def part(name: str, trials: tuple[str, ...], leverages: tuple[float, ...]) -> Storm:
    """A storm with some of its trades at some leverages."""
    storm = STORMS[name]
    kept = tuple(replace(trial, leverages=leverages) for trial in storm.trials if trial.label in trials)
    assert len(kept) == len(trials)
    return replace(storm, trials=kept)


def test_by_the_minute_in_march_2020(real: Store) -> None:
    found = weather(real, part("covid-2020-03-12", ("long, coin margin",), (3.0,)), MONEY)
    minute, hour, bare = found.rows
    assert (minute["look"], minute["at"], hour["at"], bare["at"]) == (
        "by minute",
        "2020-03-12T10:47:00Z",
        "2020-03-12T10:59:00Z",
        "2020-03-12T11:59:00Z",
    )
    bars = real.read(PRICES, venue="bitmex", start_ms=to_ms("2020-03-12T00:00:00Z"), end_ms=to_ms("2020-03-12T11:00:00Z"))
    minutes = bars.filter(pl.col("bar_hours") < 0.1).with_columns(pl.col("close_ts").dt.epoch("ms").alias("at"))
    reached = minutes.filter(pl.col("low_quote") <= minute["margin_ended_at"])["at"].min()
    assert reached == to_ms(minute["at"])  # that minute was the first to come down to it
    assert minute["margin_missing"] > hour["margin_missing"] > bare["margin_missing"] > 0


def test_closes_of_hours_hide_a_liquidation_in_may_2021(real: Store) -> None:
    found = weather(real, part("may-2021-05-19", ("long, coin margin",), (2.0,)), MONEY)
    assert [row["liquidated"] for row in found.rows] == [True, True, False]


def test_top_ups_by_the_minute_save_what_hourly_ones_do_not(real: Store) -> None:
    found = weather(real, part("may-2021-05-19", ("long, topped up from a buffer",), (5.0,)), MONEY)
    minute, hour, _ = found.rows
    assert (minute["liquidated"], hour["liquidated"]) == (False, True)
    assert minute["topped_up"] > 0.3


def test_a_short_paid_in_full_in_coins_is_a_carry(real: Store) -> None:
    found = weather(real, part("covid-2020-03-12", ("cash and carry in coins: short at 1x",), (1.0,)), MONEY)
    assert all(not row["liquidated"] and abs(row["net_return"]) < 0.02 for row in found.rows)


def test_a_venue_that_stands_still_costs_a_leg(real: Store) -> None:
    found = weather(real, STORMS["venue-halt"], MONEY)
    five, eight = found.halts
    assert (five["liquidations"], five["cost"]) == (0, 0)
    assert (eight["liquidations"], eight["liquidations_without"]) == (1, 0)
    assert eight["cost"] == pytest.approx(eight["net_return_without"] - eight["net_return"])
    assert eight["cost"] > 0.02


def test_moves_and_closes() -> None:
    bars = Bars([0, 1, 2], [100, 90, 95], [100, 90, 95], [100, 101, 99], [100, 85, 90], open=[100, 100, 90])
    moves = largest_moves(bars)
    assert (moves["fall"], moves["rise"]) == (pytest.approx(-0.15), pytest.approx(0.1))
    bare = closes(bars)
    assert (bare.high, bare.low, bare.open) == ([100, 90, 95], [100, 90, 95], None)


def hours_alone(folder: Path) -> Store:
    """Three hours of the storm of March 2020, and no minutes."""
    start = STORMS["covid-2020-03-12"].start
    return stocked(
        folder,
        prices("bitmex", "BTC/USD:BTC", start, [8000.0, 7000.0, 6000.0], market="inverse"),
        funding("bitmex", "BTC/USD:BTC", start, [1e-4] * 3, native_id="XBTUSD"),
    )


def test_a_storm_without_its_data_says_what_to_import(tmp_path: Path) -> None:
    found = weather(hours_alone(tmp_path), STORMS["covid-2020-03-12"], MONEY)
    assert {row["look"] for row in found.rows} == {"by hour", "by closes of hours"}
    (told,) = found.document()["missing"]
    assert re.search(r"by minute: bars of 1 min .* It needs: minute bars of XBTUSD .*data import FILE --map MAP", told)
    bare = stocked(tmp_path / "none", funding("bitmex", "BTC/USD:BTC", STORMS["covid-2020-03-12"].start, [1e-4] * 3))
    with pytest.raises(NotEnoughData, match="It needs: minute bars"):
        weather(bare, STORMS["covid-2020-03-12"], MONEY)


def test_a_trade_whose_leverage_is_part_of_it_keeps_it(tmp_path: Path) -> None:
    rows = weather(hours_alone(tmp_path), STORMS["covid-2020-03-12"], replace(MONEY, leverages=(4.0,))).rows
    assert {row["leverage"] for row in rows if row["trade"] != "cash and carry in coins: short at 1x"} == {4.0}
    assert {row["leverage"] for row in rows if row["trade"] == "cash and carry in coins: short at 1x"} == {1.0}
