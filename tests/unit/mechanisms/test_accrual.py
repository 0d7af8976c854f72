"""How far does an index move, and when does the clock stop?"""

from __future__ import annotations

from fractions import Fraction

import pytest

from perpscope.errors import InputError
from perpscope.mechanisms.accrual import index_move

SECOND = 1000


def test_a_minute_of_eighteen_per_eight_hours() -> None:
    """A page's own example: 18 USDC per eight hours moves the index by 0.0375 in a minute."""
    ticks = [k * SECOND for k in range(60)]
    assert index_move(ticks, [Fraction(18)] * 60, 60 * SECOND, period_hours=8, longest_gap_s=30) == Fraction("0.0375")


def test_a_gap_beyond_the_limit_counts_as_no_time() -> None:
    at, amounts = [0, 30 * SECOND, 61 * SECOND], [Fraction(28_800)] * 3
    assert index_move(at, amounts, 62 * SECOND, period_hours=8, longest_gap_s=30) == 31
    assert index_move(at, amounts, 62 * SECOND, period_hours=8) == 62


@pytest.mark.parametrize(("at", "amounts", "end"), [([0], [], 1), ([0, 0, -1], [1, 1, 1], 1), ([5], [1], 4)])
def test_nonsense_is_refused(at: list[int], amounts: list[int], end: int) -> None:
    with pytest.raises(InputError, match="index"):
        index_move(at, amounts, end, period_hours=8)
