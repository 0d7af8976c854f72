"""Does QuantLib's calendar of London and of New York agree on when contracts expire and on which days none is settled?"""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from perpscope.analysis.carry.calendar import expiry, good_friday, settles

ql = pytest.importorskip("QuantLib")
YEARS = range(2018, 2046)


def _ql(day: date) -> object:
    return ql.Date(day.day, day.month, day.year)


@pytest.mark.parametrize("year", YEARS)
def test_expiries_follow_the_rule_on_two_calendars(year: int) -> None:
    london, york = ql.UnitedKingdom(ql.UnitedKingdom.Exchange), ql.UnitedStates(ql.UnitedStates.NYSE)
    for month in range(1, 13):
        day = date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
        while day.weekday() != 4:
            day -= timedelta(days=1)
        while not (london.isBusinessDay(_ql(day)) or york.isBusinessDay(_ql(day))):
            day -= timedelta(days=1)
        assert expiry(year, month) == day


@pytest.mark.parametrize("year", YEARS)
def test_settlement_days_are_new_yorks_but_for_days_nobody_foresaw(year: int) -> None:
    york = ql.UnitedStates(ql.UnitedStates.NYSE)
    unforeseen = {date(2018, 12, 5), date(2025, 1, 9)}  # days of mourning, on which futures traded
    days = [date(year, 1, 1) + timedelta(days=n) for n in range(365)]
    assert [day for day in days if settles(day) != york.isBusinessDay(_ql(day)) and day not in unforeseen] == []


@pytest.mark.parametrize("year", YEARS)
def test_good_friday_is_quantlibs(year: int) -> None:
    target = ql.TARGET()
    day = good_friday(year)
    assert day.weekday() == 4
    assert target.isHoliday(_ql(day))
    assert target.isHoliday(_ql(day + timedelta(days=3)))
