"""Is an operator held?"""

from __future__ import annotations

import pytest

from perpscope.errors import InputError
from perpscope.mechanisms.operated import held


@pytest.mark.parametrize(
    ("asked", "before", "seconds", "expected"),
    [(5, 0, 100, 5), (50, 0, 3, 6), (-50, 0, 3, -6), (50, 4, 0, 4), (4, 4, 0, 4), (-9, 9, 8, -7)],
)
def test_a_rate_moves_no_faster_than_its_speed(asked: int, before: int, seconds: int, expected: int) -> None:
    assert held(asked, before, seconds, speed=2) == expected


@pytest.mark.parametrize(("seconds", "speed"), [(-1, 2), (1, -2)])
def test_time_and_speed_are_not_below_zero(seconds: int, speed: int) -> None:
    with pytest.raises(InputError, match="not below zero"):
        held(1, 0, seconds, speed)
