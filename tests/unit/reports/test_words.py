"""Are numbers written as people read them, without lying at the edges?"""

from __future__ import annotations

import pytest

from perpscope.reports import words
from tests.unit.analysis.frames import at


@pytest.mark.parametrize(
    ("value", "told"),
    [(0.1095, "10.95\u202f%"), (-0.0004, "\u22120.04\u202f%"), (-0.000001, "0.00\u202f%"), (12.5, "1,250.00\u202f%"), (None, words.NONE)],
)
def test_per_cents(value: float | None, told: str) -> None:
    assert words.percent(value) == told


@pytest.mark.parametrize(("value", "told"), [(0.0, "0"), (0.0001, "<\u202f1"), (0.43, "43"), (0.9999, ">\u202f99"), (1.0, "100")])
def test_a_share_is_never_rounded_to_none_or_all(value: float, told: str) -> None:
    assert words.share(value) == f"{told}\u202f%"


@pytest.mark.parametrize(
    ("value", "told"), [(4.98e-11, "5.0e\u221211"), (0.0, "0"), (2e-5, "2.0e\u22125"), (None, words.NONE), (-3e-9, "\u22123.0e\u22129")]
)
def test_tiny_numbers(value: float | None, told: str) -> None:
    assert words.tiny(value) == told


def test_a_rate_tells_its_interval() -> None:
    assert words.rate(0.0001, 8.0) == "0.0100\u202f%\u202f/\u202f8\u202fh"
    assert words.rate(None, 8.0) == words.NONE


def test_times_are_utc() -> None:
    assert (words.day(at(0) - 1), words.minute(at(5.5)), words.long_day(at(0))) == ("2026-01-04", "2026-01-05 05:30", "5 January 2026")


@pytest.mark.parametrize(("hours", "told"), [(5, "5\u202fh"), (300, "12 days"), (30_000, "3.4 years")])
def test_durations(hours: float, told: str) -> None:
    assert words.duration(hours) == told


def test_lists() -> None:
    assert [words.listing(list("abcde"[:n])) for n in range(6)] == [
        "",
        "a",
        "a and b",
        "a, b and c",
        "a, b, c and 1 more",
        "a, b, c and 2 more",
    ]


def test_counts() -> None:
    assert (words.counted(1, "gap"), words.counted(1200, "gap")) == ("1 gap", "1,200 gaps")
