"""How are many small sums rounded so that they still add up?

Inside, money is counted in 10^-12; a result counts in coarser units. Every sum is cut down, and the units that are then missing from the
total go to those that lost most: none is off by a whole unit, and the total is exact.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from perpscope.trading.backtest.model import PLACES
from perpscope.trading.money import whole

Key = TypeVar("Key")


def rounded(units: int, places: int) -> int:
    """Bring units of 10^-12 to units of 10^-places, half to even."""
    return whole(units, 10 ** (PLACES - places))


def apportioned(cells: Mapping[Key, int], total: int, places: int) -> dict[Key, int]:
    """Bring sums in units of 10^-12 to units of 10^-places that add up to `total`.

    Parameters
    ----------
    total : in units of 10^-places, less than one of them a sum away from their exact sum.

    Examples
    --------
    >>> apportioned({"a": 6 * 10**11, "b": 6 * 10**11, "c": -2 * 10**11}, 1, 0)
    {'a': 1, 'b': 0, 'c': 0}
    """
    step = 10 ** (PLACES - places)
    found = {key: value // step for key, value in cells.items()}
    missing = total - sum(found.values())
    for key in sorted(cells, key=lambda key: -(cells[key] % step))[:missing]:
        found[key] += 1
    return found
