"""What changes hands in a swap on funding?"""

from __future__ import annotations

from fractions import Fraction

import pytest

from perpscope.errors import InputError
from perpscope.mechanisms.funding_swap import YEAR_S, floating, present_value, time_fee, upfront

GRAINS = 10**18
NINETY_DAYS = 90 * 86_400


def test_the_pages_own_figures() -> None:
    assert floating(100, Fraction("0.0001")) == Fraction("0.01")
    assert floating(-100, Fraction("0.0001")) == Fraction("-0.01")
    assert upfront(100, Fraction("0.08"), NINETY_DAYS) == Fraction(8 * 90, 365)
    assert round(time_fee(100, Fraction("0.0005"), NINETY_DAYS), 5) == Fraction("0.01233")
    assert round(time_fee(-50, Fraction("0.002"), 8 * 3600), 7) == Fraction("0.0000913")


def test_a_short_is_paid_the_fixed_leg() -> None:
    assert upfront(-100, Fraction("0.08"), YEAR_S) == -8


def test_every_leg_is_rounded_against_the_holder() -> None:
    third = Fraction(1, 3)
    for side in (1, -1):
        assert 0 < upfront(side, third, YEAR_S, GRAINS) - side * third < Fraction(1, GRAINS)
        assert 0 < side * third - floating(side, third, GRAINS) < Fraction(1, GRAINS)
        assert 0 < time_fee(side, third, YEAR_S, GRAINS) - third < Fraction(1, GRAINS)
        assert 0 < side * third - present_value(side, third, YEAR_S, GRAINS) < Fraction(1, GRAINS)


def test_funding_as_agreed_leaves_both_sides_even() -> None:
    """Floating payments that add up to the fixed rate give the upfront payment back."""
    moves = [Fraction("0.08") * 8 * 3600 / YEAR_S] * 270
    assert sum(floating(100, move) for move in moves) == upfront(100, Fraction("0.08"), NINETY_DAYS)


def test_after_maturity_nothing_is_left_to_pay() -> None:
    assert upfront(100, Fraction("0.08"), 0) == 0
    with pytest.raises(InputError, match="to maturity"):
        upfront(100, Fraction("0.08"), -1)
