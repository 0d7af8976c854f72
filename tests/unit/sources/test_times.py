"""Is every spelling of a moment the same moment, and a time without a zone nobody's?"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from perpscope.errors import SourceError
from perpscope.sources.times import EARLIEST, LATEST, read_stamps

MOMENT = 1_704_096_000_011  # 2024-01-01T08:00:00.011Z


@given(ms=st.integers(EARLIEST, LATEST - 1), unit=st.sampled_from(["ms", "us", "ns"]), as_text=st.booleans())
def test_whole_numbers_of_any_unit_are_told_apart_by_magnitude(ms: int, unit: str, *, as_text: bool) -> None:
    number = ms * {"ms": 1, "us": 1000, "ns": 1_000_000}[unit]
    stamps = read_stamps(pl.Series("ts", [str(number) if as_text else number]), {})
    assert stamps.ms.to_list() == [ms]


@given(seconds=st.integers(EARLIEST // 1000, LATEST // 1000 - 1))
def test_whole_and_broken_seconds(seconds: int) -> None:
    assert read_stamps(pl.Series("ts", [seconds]), {}).ms.to_list() == [seconds * 1000]
    assert read_stamps(pl.Series("ts", [seconds + 0.25]), {}).ms.to_list() == [seconds * 1000 + 250]


@given(
    ms=st.integers(EARLIEST + 86_400_000, LATEST - 86_400_001),
    minutes=st.integers(-14 * 60, 14 * 60),
    separator=st.sampled_from("T "),
    colon=st.booleans(),
)
def test_texts_with_any_offset_are_the_same_moment(ms: int, minutes: int, separator: str, *, colon: bool) -> None:
    moment = datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=ms)
    text = moment.astimezone(timezone(timedelta(minutes=minutes))).isoformat(sep=separator, timespec="milliseconds")
    text = text if colon else text[:-3] + text[-2:]
    assert read_stamps(pl.Series("ts", [text]), {}).ms.to_list() == [ms]


@pytest.mark.parametrize(
    "text", ["2024-01-01T08:00:00.011Z", "2024-01-01 08:00:00.011+00:00", "2024-01-01T11:00:00.0119+0300", "2024-01-01T08:00:00.011499999z"]
)
def test_common_spellings(text: str) -> None:
    assert read_stamps(pl.Series("ts", [text]), {}).ms.to_list() == [MOMENT]


def test_stored_moments_keep_their_milliseconds() -> None:
    series = pl.Series("ts", [MOMENT * 1_000_000]).cast(pl.Datetime("ns", "UTC"))
    assert read_stamps(series.dt.convert_time_zone("Asia/Tokyo"), {}).ms.to_list() == [MOMENT]


@pytest.mark.parametrize("values", [["2024-01-01T08:00:00", "2024-01-01T16:00:00"], [datetime(2024, 1, 1, 8), None]])  # noqa: DTZ001 - naive on purpose
def test_naive_times_are_refused_with_the_way_to_state_their_zone(values: list[object]) -> None:
    with pytest.raises(SourceError, match="no time zone") as caught:
        read_stamps(pl.Series("ts", values), {})
    assert "timezone" in caught.value.do


def test_a_stated_zone_makes_naive_times_moments() -> None:
    summer = pl.Series("ts", ["2024-07-01 09:00:00", "2024-01-01 09:00:00"])
    hours = [ms % 86_400_000 // 3_600_000 for ms in read_stamps(summer, {"timezone": "Europe/London"}).ms.to_list()]
    assert hours == [8, 9]
    assert read_stamps(summer, {"timezone": "+03:00"}).ms.to_list()[1] % 86_400_000 // 3_600_000 == 6
    assert read_stamps(summer.str.to_datetime(), {"timezone": "-01:30"}).ms.to_list()[1] % 86_400_000 == 10 * 3_600_000 + 1_800_000


def test_local_times_that_are_none_or_two_are_faults_of_their_row() -> None:
    clocks = pl.Series("ts", ["2024-03-31 01:30:00", "2024-10-27 01:30:00", "2024-10-27 12:00:00"])
    stamps = read_stamps(clocks, {"timezone": "Europe/London"})
    assert stamps.ms.is_null().to_list() == [True, True, False]
    assert [fault is not None and "clocks" in fault for fault in stamps.fault.to_list()] == [True, True, False]


def test_a_column_that_names_a_zone_only_sometimes_is_refused() -> None:
    with pytest.raises(SourceError, match="some name a time zone and some do not"):
        read_stamps(pl.Series("ts", ["2024-01-01T08:00:00Z", "2024-01-01T08:00:00"]), {})


def test_numbers_of_several_units_are_refused() -> None:
    with pytest.raises(SourceError, match="some are in s and some in ms"):
        read_stamps(pl.Series("ts", [MOMENT, MOMENT // 1000]), {})


@pytest.mark.parametrize("value", [5, 20_240_101, 45_000.5, -MOMENT])
def test_numbers_that_are_no_time_are_refused(value: float) -> None:
    with pytest.raises(SourceError, match="no time between 2008 and 2100"):
        read_stamps(pl.Series("ts", [value]), {})


def test_one_bad_value_is_the_fault_of_its_row() -> None:
    numbers = read_stamps(pl.Series("ts", [MOMENT, 0, None]), {})
    assert numbers.ms.to_list() == [MOMENT, None, None]
    assert numbers.fault.to_list() == [None, "ts is not between 2008 and 2100", None]
    texts = read_stamps(pl.Series("ts", ["2024-01-01T08:00:00Z", "soon", "2024-02-30T00:00:00Z", ""]), {})
    assert texts.fault.to_list() == [None, "ts soon is no time", "ts 2024-02-30T00:00:00Z is no time", None]


def test_bare_dates_are_known_as_such() -> None:
    for values in ([date(2024, 1, 1)], ["2024-01-01"]):
        stamps = read_stamps(pl.Series("date", values), {})
        assert (stamps.dates, stamps.ms.to_list()) == (True, [1_704_067_200_000])


def test_a_stated_unit_is_believed() -> None:
    early = pl.Series("ts", [1_199_145_600])
    assert read_stamps(early, {"time_unit": "s"}).ms.to_list() == [EARLIEST]
    with pytest.raises(SourceError, match="in ns"):
        read_stamps(early, {"time_unit": "ns"})


def test_a_time_without_a_zone_keeps_its_fraction() -> None:
    stamps = read_stamps(pl.Series("ts", ["2022-01-01 00:59:59.999"]), {"timezone": "UTC"})
    assert stamps.ms.to_list() == [1_640_998_799_999]
