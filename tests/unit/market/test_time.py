"""Do stamps fall where venues put them, through every change of interval?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perpscope.errors import InputError
from perpscope.market.time import FOREVER, Calendar, Schedule, day_ms, slot_step, to_ms, to_text

DAY = to_ms("2025-09-18T00:00:00Z")
HOUR = 3_600_000


def hours_of(stamps: list[int]) -> list[float]:
    return [(stamp - DAY) / HOUR for stamp in stamps]


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        (Schedule(8), [0, 8, 16]),
        (Schedule(8, 4), [4, 12, 20]),
        (Schedule(4), [0, 4, 8, 12, 16, 20]),
        (Schedule(1), list(range(24))),
        (Schedule(24, 12), [12]),
        (Schedule(8, 6), [6, 14, 22]),
        (Schedule(2, 1), list(range(1, 24, 2))),
    ],
)
def test_the_stamps_of_a_day(schedule: Schedule, expected: list[int]) -> None:
    assert hours_of(schedule.stamps(DAY, DAY + 24 * HOUR)) == expected


def test_the_start_is_in_and_the_end_is_out() -> None:
    assert hours_of(Schedule(8).stamps(DAY, DAY + 8 * HOUR)) == [0]
    assert hours_of(Schedule(8).stamps(DAY + 1, DAY + 8 * HOUR + 1)) == [8]
    assert Schedule(8).stamps(DAY, DAY) == []


@given(hours=st.sampled_from([1, 2, 4, 8, 24]), share=st.integers(0, 23), moment=st.integers(0, 2_000_000_000_000))
def test_the_next_stamp_is_on_the_grid_after_the_moment_and_near(hours: int, share: int, moment: int) -> None:
    schedule = Schedule(hours, share % hours)
    after = schedule.next_after(moment)
    assert moment < after <= moment + schedule.step
    assert (after - schedule.phase) % schedule.step == 0
    assert schedule.next_after(after) == after + schedule.step
    assert schedule.next_after(after - 1) == after


@given(hours=st.sampled_from([1, 2, 4, 8]), share=st.integers(0, 7), slot=st.integers(1, 100_000), late=st.integers(-1_000_000, 1_000_000))
def test_a_jittered_stamp_belongs_to_the_nearest_slot(hours: int, share: int, slot: int, late: int) -> None:
    schedule = Schedule(hours, share % hours)
    stamp = slot * schedule.step + schedule.phase
    assert schedule.nominal(stamp + late) == stamp
    assert schedule.nominal(stamp + schedule.step // 2) == stamp


def test_continuous_accrual_has_no_stamps() -> None:
    schedule = Schedule(0)
    assert schedule.continuous
    assert schedule.nominal(DAY + 17) == DAY + 17
    with pytest.raises(InputError, match="continuously"):
        schedule.next_after(DAY)


@pytest.mark.parametrize(
    ("hours", "phase", "lag"),
    [(-1, 0, 0), (float("nan"), 0, 0), (float("inf"), 0, 0), (8, 8, 0), (8, -1, 0), (8, 0, 2), (8, 0, -1), (1e-6, 0, 0)],
)
def test_grids_that_cannot_be(hours: float, phase: float, lag: int) -> None:
    with pytest.raises(InputError, match="a funding schedule"):
        Schedule(hours, phase, lag)


def test_lag_is_none_or_one() -> None:
    assert [Schedule(8, lag=lag).lag for lag in (0, 1)] == [0, 1]


def test_an_interval_that_changes_within_a_month() -> None:
    """8h, then 4h, then 1h, then 8h again: the last stamp of an era closes a window of that era."""
    days = [DAY + k * 24 * HOUR for k in range(4)]
    calendar = Calendar(((0, Schedule(8)), (days[1], Schedule(4)), (days[2], Schedule(1)), (days[3], Schedule(8))))
    found = calendar.stamps(DAY, days[3] + 24 * HOUR)
    assert [(hours_of([stamp])[0], hours) for stamp, hours in found[:7]] == [(0, 8), (8, 8), (16, 8), (24, 8), (28, 4), (32, 4), (36, 4)]
    assert [hours for stamp, hours in found if stamp == days[2]] == [4]
    assert [hours for stamp, hours in found if stamp == days[3]] == [1]
    assert sum(hours for stamp, hours in found if stamp > DAY) == 24 * 4 - 8
    assert all(b - a == hours * HOUR for (a, _), (b, hours) in pairwise(found))


def test_a_calendar_changes_its_phase_and_pauses_where_accrual_is_continuous() -> None:
    calendar = Calendar(((0, Schedule(8, 4)), (DAY + 6 * HOUR, Schedule(0)), (DAY + 24 * HOUR, Schedule(8))))
    assert hours_of([stamp for stamp, _ in calendar.stamps(DAY, DAY + 48 * HOUR)]) == [4, 32, 40]
    assert calendar.at(DAY + 7 * HOUR).continuous


def test_calendars_that_cannot_be() -> None:
    for eras in ((), ((5, Schedule(8)), (5, Schedule(4))), ((5, Schedule(8)), (1, Schedule(4)))):
        with pytest.raises(InputError, match="a funding calendar"):
            Calendar(eras)
    with pytest.raises(InputError, match="before the first era"):
        Calendar(((DAY, Schedule(8)),)).at(DAY - 1)


@given(st.datetimes(datetime(1971, 1, 1), datetime(2200, 1, 1)), st.integers(-12, 14))  # noqa: DTZ001 - the zone is drawn apart
def test_times_and_texts(naive: datetime, offset: int) -> None:
    moment = naive.replace(tzinfo=timezone(timedelta(hours=offset)), microsecond=naive.microsecond // 1000 * 1000)
    assert to_ms(moment) == to_ms(moment.isoformat()) == to_ms(moment.astimezone(UTC))
    assert to_ms(to_text(to_ms(moment))) == to_ms(moment)


def test_a_naive_time_is_an_error() -> None:
    with pytest.raises(InputError, match="no time zone"):
        to_ms("2025-09-18T08:00:00")
    with pytest.raises(InputError, match="no time zone"):
        to_ms(datetime(2025, 9, 18))  # noqa: DTZ001 - naive on purpose
    with pytest.raises(InputError, match="not an ISO 8601 time"):
        to_ms("noon")


def test_days_and_open_ends() -> None:
    assert day_ms("2025-09-18") == DAY
    assert day_ms("2025-09-18T01:00:00+01:00") == DAY
    assert to_text(FOREVER) == "open end"
    assert to_text(DAY + 1) == "2025-09-18T00:00:00.001Z"
    assert slot_step(0.5) == HOUR // 2
