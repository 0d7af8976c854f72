"""Is an operator held, and does a late update wait as its protocol says?"""

from __future__ import annotations

import pytest

from perpscope.errors import CatalogueError
from perpscope.mechanisms.operated import Reins, next_or_skip, next_or_wait

HOUR, MINUTE = 3_600_000, 60_000


@pytest.mark.parametrize(
    ("asked", "before", "seconds", "held"),
    [
        (5, 0, 100, 5),
        (50, 0, 3, 6),
        (-50, 0, 3, -6),
        (50, 0, 1000, 7),
        (50, 8, 1000, 10),
        (-50, -8, 1000, -10),
        (50, 4, 0, 4),
        (4, 4, 0, 4),
    ],
)
def test_a_rate_moves_by_speed_step_and_bound(asked: int, before: int, seconds: int, held: int) -> None:
    assert Reins(bound=10, speed=2, step=7).held(asked, before, seconds) == held


def test_without_reins_everything_goes_but_not_at_once() -> None:
    assert Reins().held(99, 1, 5) == 99
    assert Reins().held(99, 1, 0) == 1
    with pytest.raises(CatalogueError, match="reins"):
        Reins(speed=-1)


@pytest.mark.parametrize(("minutes", "hours"), [(0, 1), (1, 1), (20, 1), (21, 2), (59, 2)])
def test_an_update_more_than_a_third_late_skips_the_next_one(minutes: int, hours: int) -> None:
    assert next_or_skip(5 * HOUR + minutes * MINUTE, HOUR, 20 * MINUTE) == (5 + hours) * HOUR


@pytest.mark.parametrize(("late", "minutes"), [(0, 60), (30, 60), (31, 61), (100, 130)])
def test_a_payment_comes_at_the_next_slot_but_not_within_the_buffer(late: int, minutes: int) -> None:
    due = 5 * HOUR
    assert next_or_wait(due, due + late * MINUTE, HOUR, HOUR, 30 * MINUTE) == due + minutes * MINUTE
