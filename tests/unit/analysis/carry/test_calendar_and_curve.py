"""Do contracts expire when their rule says, and are the turns of a continuous series found from its prices?"""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
import pytest

from perpscope.analysis.carry.calendar import business_days_before, contract_months, day_of, expiry, midnight, settles
from perpscope.analysis.carry.curve import curve, fitted_rolls, matched
from perpscope.errors import InputError, NotEnoughData
from tests.unit.analysis.carry.curves import made_curve


@pytest.mark.parametrize(
    ("year", "month", "last"),
    [(2021, 3, date(2021, 3, 26)), (2020, 12, date(2020, 12, 24)), (2024, 3, date(2024, 3, 28)), (2018, 3, date(2018, 3, 29))],
)
def test_the_last_friday_or_the_day_before_a_holiday_of_both_places(year: int, month: int, last: date) -> None:
    assert expiry(year, month) == last


def test_the_turn_names_the_contracts() -> None:
    friday = date(2021, 3, 26)
    assert contract_months(friday, 0, 1) == [date(2021, 4, 30)]
    assert contract_months(friday - timedelta(days=1), 0, 1) == [friday]
    assert contract_months(friday - timedelta(days=1), 1, 1) == [date(2021, 4, 30)]
    assert contract_months(date(2020, 12, 30), 1, 2) == [date(2021, 1, 29), date(2021, 2, 26)]
    with pytest.raises(InputError):
        contract_months(friday, -1, 1)


def test_days_before_skip_weekends() -> None:
    assert business_days_before(date(2021, 3, 29), 1) == date(2021, 3, 26)
    assert business_days_before(date(2021, 3, 26), 2) == date(2021, 3, 24)


@pytest.mark.parametrize("day", [date(2021, 5, 31), date(2020, 11, 26), date(2022, 6, 20), date(2021, 12, 24), date(2021, 4, 2)])
def test_holidays_make_no_settlement(day: date) -> None:
    assert not settles(day)


@pytest.mark.parametrize("day", [date(2021, 6, 18), date(2021, 12, 31), date(2021, 11, 26)])
def test_days_that_only_look_like_holidays_do(day: date) -> None:
    assert settles(day)


@pytest.mark.parametrize("turns", [{2020: 2, 2021: 1}, {2020: 0, 2021: 3}])
def test_turns_are_found_from_prices(turns: dict[int, int]) -> None:
    days = matched(*made_curve(turns, date(2020, 1, 1), 700))
    assert fitted_rolls(days) == turns


def test_too_few_expiries_tell_no_turn_and_the_nearest_year_lends_its_own() -> None:
    turns = {2019: 2, 2020: 2, 2021: 1}
    days = matched(*made_curve(turns, date(2019, 11, 15), 760))
    assert fitted_rolls(days) == {2020: 2, 2021: 1}
    made = curve(days)
    true = [[midnight(end) for end in contract_months(day_of(ms), turns[day_of(ms).year], 2)] for ms in made["day"]]
    assert made["front_expiry"].to_list() == [pair[0] for pair in true]
    assert made["second_expiry"].to_list() == [pair[1] for pair in true]


def test_days_to_the_delivery_are_calendar_days_above_zero() -> None:
    made = curve(matched(*made_curve({2021: 1}, date(2021, 1, 1), 120)), 1)
    assert (made["front_days"] > 0).all()
    assert ((made["second_days"] - made["front_days"]).is_in([28.0, 35.0])).all()


def test_spot_is_of_the_same_moment_or_as_far_away_as_allowed() -> None:
    front, second, spot = made_curve({2021: 1}, date(2021, 1, 4), 10)
    late = spot.with_columns(pl.col("close_at") + 3 * 3_600_000)
    assert matched(front, second, late)["spot"].null_count() == matched(front, second)["spot"].null_count() == front.height
    assert matched(front, second, late, 12)["spot"].to_list() == matched(front, second, spot)["spot"].to_list()


def test_a_close_of_unstated_hour_has_no_spot_beside_it() -> None:
    front, second, spot = made_curve({2021: 1}, date(2021, 1, 4), 10)
    unstated = front.with_columns(pl.lit(None, dtype=pl.Int64).alias("close_at"))
    assert matched(unstated, second, spot)["spot"].null_count() == front.height


def test_two_series_of_other_days_are_no_curve() -> None:
    front, second, spot = made_curve({2021: 1}, date(2021, 1, 4), 10)
    with pytest.raises(NotEnoughData):
        matched(front, second.with_columns(pl.col("day") + 1), spot)
