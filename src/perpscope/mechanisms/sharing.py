"""How is what payers owe shared out in whole units, so that the venue never pays more than it takes?

Where one side pays and the other shares, every payer is rounded up and every receiver down. What is left over stays in
the pot: never negative, and less than one unit for each holder.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from perpscope.errors import InputError
from perpscope.market.number import DOWN, UP, Number, rounded_to


class Shares(NamedTuple):
    """What each payer pays and each receiver gets, in whole units, and what stays in the pot (>= 0)."""

    paid: tuple[Number, ...]
    received: tuple[Number, ...]
    rest: Number


def shared_out(owed: Sequence[Number], open_interest: Sequence[Number], grains: Number) -> Shares:
    """Share out what payers owe among receivers, by their open interest.

    Parameters
    ----------
    owed : what each payer owes before rounding, >= 0, in one asset. open_interest : of each receiver, > 0, in any one unit.
    grains : amounts are whole 1/grains of the asset; 0 leaves them exact.

    Raises
    ------
    InputError
        When an amount is negative, or an open interest not positive.

    Source: amounts of one on-chain venue that payers pay rounded up and receivers claim rounded down, pot by pot of collateral; see
    the catalogue.

    Examples
    --------
    >>> from fractions import Fraction
    >>> shares = shared_out([Fraction(1), Fraction(1)], [Fraction(1), Fraction(2)], 100)
    >>> [float(x) for x in (*shares.paid, *shares.received, shares.rest)]
    [1.0, 1.0, 0.66, 1.33, 0.01]
    """
    if any(x < 0 for x in owed) or any(x <= 0 for x in open_interest):
        there = f"owed {list(owed)}, open interest {list(open_interest)}"
        raise InputError("a pot to be shared", there, "Give what payers owe (not negative), and the open interest of each receiver.")
    pot: Number = sum(owed)
    whole: Number = sum(open_interest)
    paid = tuple(rounded_to(x, grains, UP) for x in owed)
    received = tuple(rounded_to(pot * x / whole, grains, DOWN) for x in open_interest)
    return Shares(paid, received, sum(paid) - sum(received))
