"""Are units read as they are meant?"""

from __future__ import annotations

import pytest

from perpscope.sources.units import Close, RateUnit, read_bar, read_close, read_rate_unit, read_stamp

MINUTE = 60_000


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("fraction", RateUnit()),
        ("percent", RateUnit(0.01)),
        ("%", RateUnit(0.01)),
        ("bp", RateUnit(1e-4)),
        ("ppm", RateUnit(1e-6)),
        ("day", RateUnit(1, 24)),
        ("per day", RateUnit(1, 24)),
        ("percent/8h", RateUnit(0.01, 8)),
        ("fraction per 8 hours", RateUnit(1, 8)),
        ("bp/h", RateUnit(1e-4, 1)),
        ("% per year", RateUnit(0.01, 8760)),
        ("percent per interval", RateUnit(0.01)),
    ],
)
def test_units_of_rates(text: str, unit: RateUnit) -> None:
    assert read_rate_unit(text) == unit


@pytest.mark.parametrize(("value", "hours"), [("1m", 1 / 60), ("1h", 1), ("8 h", 8), ("1d", 24), ("day", 24), (4, 4), (0.25, 0.25)])
def test_bars(value: str | float, hours: float) -> None:
    assert read_bar(value) == pytest.approx(hours, rel=1e-15)


@pytest.mark.parametrize(
    ("text", "stamp"),
    [
        ("open", ("open", 0)),
        ("start of the bar", ("open", 0)),
        ("close", ("close", 0)),
        ("end", ("close", 0)),
        ("open + 1m", ("open", MINUTE)),
        ("close - 1h", ("close", -60 * MINUTE)),
        ("hour bucket of one-minute bins stamped at their end (one minute late)", ("open", MINUTE)),
    ],
)
def test_stamps_of_bars(text: str, stamp: tuple[str, int]) -> None:
    assert read_stamp(text) == stamp


@pytest.mark.parametrize(
    ("text", "close"),
    [
        ("24:00 UTC of date", Close(1440, "UTC")),
        ("00:00 UTC of date", Close(0, "UTC")),
        ("00:00 UTC of the day after", Close(1440, "UTC")),
        ("15:00 America/Chicago", Close(900, "America/Chicago")),
        ("16:30 +05:30", Close(990, "+05:30")),
        ("unstated (Yahoo)", Close()),
    ],
)
def test_closing_times(text: str, close: Close) -> None:
    assert read_close(text) == close


@pytest.mark.parametrize("text", ["", "per", "0h", "fraction/0h", "percent percent", "8", "fraction/"])
def test_what_is_no_unit_of_a_rate(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        read_rate_unit(text)


@pytest.mark.parametrize("text", ["24:01 UTC", "15:00", "15:00 chicago", "noon UTC"])
def test_what_is_no_closing_time(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        read_close(text)
