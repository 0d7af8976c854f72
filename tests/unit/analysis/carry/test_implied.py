"""Is every reading the number its words say, on curves whose carry is known?"""

from __future__ import annotations

import math
from datetime import date

import polars as pl
import pytest

from perpscope.analysis.carry.curve import curve, matched
from perpscope.analysis.carry.implied import PAIRS, daily_carry, readings, term_structure
from perpscope.errors import NotEnoughData
from tests.unit.analysis.carry.curves import made_curve


def test_true_days_give_back_the_carry_that_made_the_curve() -> None:
    made = curve(matched(*made_curve({2020: 2, 2021: 1}, date(2020, 1, 1), 700, carry=0.10)))
    found = readings(daily_carry(made))
    assert found["front_over_spot_days"] == pytest.approx(0.10, abs=0.006)
    assert found["second_over_spot_days"] == pytest.approx(0.10, abs=0.003)
    assert found["second_over_front_days"] == pytest.approx(0.10, abs=0.002)
    assert found["second_over_front_x12"] == pytest.approx(0.10 * 365 / 360, abs=0.004)
    assert found["second_over_spot_x12"] > 0.14
    assert found["front_over_spot_x12"] < 0.07
    assert set(found) == {f"{pair}_{form}" for pair in PAIRS for form in ("x12", "x12_log", "days", "days_log")}


def test_each_reading_by_hand() -> None:
    one = pl.DataFrame(
        {
            "day": [0, 1], "close_at": [0, 1], "front": [101.0, 102.0], "second": [103.0, 105.0], "spot": [100.0, 100.0],
            "front_days": [10.0, 20.0], "second_days": [40.0, 50.0], "settled": [True, True], "near_roll": [False, False],
        }
    )  # fmt: skip
    found = readings(daily_carry(one))
    assert found["second_over_front_x12"] == pytest.approx(6 * (103 / 101 - 1 + 105 / 102 - 1))
    assert found["second_over_front_days"] == pytest.approx((103 / 101 - 1 + 105 / 102 - 1) / 60 * 365)
    assert found["front_over_spot_x12"] == pytest.approx(6 * 0.03)
    assert found["front_over_spot_days"] == pytest.approx(0.03 / 30 * 365)
    assert found["second_over_spot_days_log"] == pytest.approx((math.log(1.03) + math.log(1.05)) / 90 * 365)
    assert found["front_over_spot_x12_log"] == pytest.approx(6 * (math.log(1.01) + math.log(1.02)))


def test_holidays_enter_only_where_spot_does_not_or_where_asked() -> None:
    front, second, spot = made_curve({2021: 1}, date(2021, 5, 1), 60)
    made = curve(matched(front, second, spot), 1).with_columns(pl.Series("settled", [False] + [True] * (front.height - 1)))
    carry = daily_carry(made)
    assert carry["front_over_spot"].null_count() == 1
    assert carry["second_over_front"].null_count() == 0
    assert daily_carry(made, with_holidays=True)["front_over_spot"].null_count() == 0


def test_a_contract_near_its_end_shows_no_rate_of_one_day_but_counts_in_the_sum() -> None:
    made = curve(matched(*made_curve({2021: 1}, date(2021, 1, 4), 60)), 1)
    carry = daily_carry(made)
    near = carry.filter(pl.col("front_over_spot_span") < 7)
    assert near.height > 0
    assert near["front_over_spot_apr"].null_count() == near.height
    assert near["front_over_spot"].null_count() == 0


def test_without_spot_one_pair_is_left_and_without_days_none() -> None:
    front, second, _ = made_curve({2021: 1}, date(2021, 1, 4), 30)
    carry = daily_carry(curve(matched(front, second), 1))
    assert {name.split("_x12")[0].split("_days")[0] for name in readings(carry)} == {"second_over_front"}
    with pytest.raises(NotEnoughData):
        readings(carry.clear())


def test_the_term_structure_rises_with_the_weeks() -> None:
    made = curve(matched(*made_curve({2020: 1, 2021: 1}, date(2020, 1, 1), 600, carry=0.2)), 1)
    front = term_structure(daily_carry(made)).filter((pl.col("pair") == "front_over_spot") & (pl.col("n") > 20))
    assert front["mean"].is_sorted()
    assert front["apr"].to_list() == pytest.approx([0.2] * front.height, abs=0.04)
