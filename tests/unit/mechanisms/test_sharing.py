"""Who pays and gets how many units of a pot?"""

from __future__ import annotations

from fractions import Fraction

import pytest

from perpscope.errors import InputError
from perpscope.mechanisms.sharing import shared_out

GRAINS = 10**6


def test_two_pots_of_one_collateral_give_back_less_than_was_paid() -> None:
    """The fixed figures of a protocol's own test: 8.064 paid, 8.063998 claimed.

    The factor per second is whole 1e-30: a third of 1e-10, cut. Long and short token are the same, so that each holder has half
    of his size in either pot; every half is rounded by itself.
    """
    a_third = Fraction(10**30 // 3, 10**30)
    factor = Fraction(a_third * 10**20 // 1, 10**30)
    pot = 200_000 * 1_209_600 * factor / 2
    assert pot < Fraction("4.032")
    pots = [shared_out([pot], [Fraction(100_000)], GRAINS) for _ in range(2)]
    assert sum(one.paid[0] for one in pots) == Fraction("8.064")
    assert sum(one.received[0] for one in pots) == Fraction("8.063998")
    assert sum(one.rest for one in pots) == Fraction("0.000002")


def test_receivers_share_by_open_interest() -> None:
    shares = shared_out([Fraction(3), Fraction(6)], [Fraction(1), Fraction(2)], GRAINS)
    assert shares == ((3, 6), (3, 6), 0)


def test_nobody_to_receive_leaves_all_of_it() -> None:
    assert shared_out([Fraction(3)], [], GRAINS) == ((3,), (), 3)


@pytest.mark.parametrize(("owed", "open_interest"), [([-1], [1]), ([1], [0]), ([1], [-2])])
def test_nonsense_is_refused(owed: list[int], open_interest: list[int]) -> None:
    with pytest.raises(InputError, match="pot"):
        shared_out(owed, open_interest, GRAINS)
