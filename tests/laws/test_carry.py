"""Whatever the rates and prices are: sums of windows, averages and carry obey their own arithmetic."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from itertools import pairwise

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from perpscope.analysis.averages import average_apr, gap_readings, within
from perpscope.analysis.carry.calendar import contract_months, expiry
from perpscope.analysis.carry.implied import daily_carry, readings
from perpscope.analysis.modes import binned_mode, exact_mode
from perpscope.analysis.printed.trade_windows import window_sums
from perpscope.analysis.series import fixings
from tests.unit.analysis.frames import at, contract

RATES = st.lists(st.floats(-0.01, 0.01, allow_nan=False), min_size=2, max_size=40)
DAYS = st.dates(date(2018, 1, 1), date(2040, 12, 31))
PRICE = st.floats(100, 100_000)


@given(RATES, st.integers(1, 39))
def test_an_average_of_two_parts_is_their_average_by_hours(rates: list[float], cut: int) -> None:
    rows = fixings(contract([(8.0 * (k + 1), rate, 8.0) for k, rate in enumerate(rates)]))
    split = min(cut, len(rates) - 1)
    parts = within(rows, None, at(8.0 * split + 4)), within(rows, at(8.0 * split + 4), None)
    whole = sum(average_apr(part) * part.height for part in parts) / len(rates)
    assert average_apr(rows) == pytest.approx(whole, rel=1e-9, abs=1e-12)


@given(RATES)
def test_an_average_is_the_exact_sum_within_rounding(rates: list[float]) -> None:
    rows = fixings(contract([(8.0 * (k + 1), rate, 8.0) for k, rate in enumerate(rates)]))
    exact = sum(map(Fraction, rates)) / (8 * len(rates)) * 8760
    assert average_apr(rows) == pytest.approx(float(exact), rel=1e-12, abs=1e-12)


@given(st.floats(-1, 1), st.dictionaries(st.sampled_from("abc"), st.floats(-1, 1), min_size=1))
def test_the_gap_to_the_mean_is_the_mean_of_the_gaps(one: float, others: dict[str, float]) -> None:
    gaps = gap_readings(one, others)
    each = [gaps[name] for name in others]
    assert gaps["mean_of_others"] == pytest.approx(sum(each) / len(each), abs=1e-12)


@given(RATES, st.lists(st.integers(1, 12), min_size=1, max_size=4, unique=True))
def test_sums_of_windows_are_sums(rates: list[float], lengths: list[int]) -> None:
    values = np.array(rates)
    sums = window_sums(values, np.array(lengths))
    for k, length in enumerate(lengths):
        for place in range(values.size):
            if place + length <= values.size:
                assert sums[place, k] == pytest.approx(values[place : place + length].sum(), abs=1e-14)
            else:
                assert np.isnan(sums[place, k])


@given(DAYS, st.integers(0, 3))
def test_contracts_follow_one_another_and_none_has_expired(day: date, turn: int) -> None:
    ends = contract_months(day, turn, 3)
    assert day < ends[0] < ends[1] < ends[2]
    assert all((later - sooner).days in range(27, 37) for sooner, later in pairwise(ends))
    assert all(end == expiry(end.year, end.month) for end in ends)
    assert contract_months(day, turn + 1, 1)[0] >= ends[0]


@given(PRICE, st.lists(st.tuples(st.floats(0.9, 1.1), st.floats(0.9, 1.1), st.floats(1, 40), st.floats(1, 40)), min_size=1, max_size=8))
def test_carry_has_no_scale_and_logarithms_add(scale: float, days: list[tuple[float, float, float, float]]) -> None:
    def made(factor: float) -> dict[str, float]:
        frame = pl.DataFrame(
            [
                {
                    "day": k, "close_at": k, "front": factor * one, "second": factor * one * other, "spot": factor,
                    "front_days": near, "second_days": near + far, "settled": True, "near_roll": False,
                }
                for k, (one, other, near, far) in enumerate(days)
            ]
        )  # fmt: skip
        return readings(daily_carry(frame))

    one, other = made(1.0), made(scale)
    assert other == pytest.approx(one, rel=1e-9, abs=1e-9)
    assert one["second_over_spot_x12_log"] == pytest.approx(
        one["front_over_spot_x12_log"] + one["second_over_front_x12_log"], rel=1e-9, abs=1e-9
    )


@given(st.lists(st.integers(-20, 20), min_size=1, max_size=60))
def test_a_mode_is_at_least_as_frequent_as_any_value(steps: list[int]) -> None:
    values = [step * 1e-5 for step in steps]
    found = exact_mode(values, 1e-8)
    assert round(found.share * len(steps)) == max(steps.count(step) for step in steps)
    assert binned_mode(values, 1e-5, shifts=1).share == pytest.approx(found.share)
