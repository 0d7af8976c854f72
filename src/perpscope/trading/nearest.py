"""Which whole unit is nearest, exactly, for many payments at once?

Rates, prices, quantities and sizes are decimals; as integers of a common number of places their product often fits into 63 bits,
and the quotient is then rounded half to even without a single double. Where it does not fit, the caller goes one by one.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import gcd
from typing import TYPE_CHECKING

from perpscope.trading.columns import Decided, is_special
from perpscope.trading.money import decimals, ratio
from perpscope.trading.settle import Listing

if TYPE_CHECKING:
    from perpscope.trading.columns import Floats, Ints

_ROOM = 2.0**62


def nearest_units(decided: Decided, terms: Sequence[Listing], grains: Sequence[int], asked: tuple[Ints, Ints, Floats]) -> Ints | None:
    """Units received, half to even, for (contracts, events, quantities); None where the integers do not fit.

    Parameters
    ----------
    terms, grains : of each contract of the columns. asked : (m,) contract, event and contracts held of each payment.
    """
    import numpy as np

    contracts, events, quantities = asked
    if any(is_special(terms[c].settle) for c in np.unique(contracts).tolist()):
        return None
    found = [decimals(values) for values in (decided.rate[events], decided.price[events], quantities)]
    if not all(found):
        return None
    (rate, r_places), (price, p_places), (quantity, q_places) = [one for one in found if one is not None]
    inverse = np.array([own.contract.payoff == "inverse" for own in terms])[contracts]
    mirror = np.array([own.settle.sides == "mirror" for own in terms])[contracts]
    top, bottom = _constants(terms, grains, (r_places, p_places, q_places))
    mine = np.where((quantity > 0) | mirror, -quantity, quantity)
    above = [np.abs(x).astype(np.float64) for x in (rate, mine, np.where(inverse, 1, price), top[contracts])]
    below = np.where(inverse, price, 1).astype(np.float64) * bottom[contracts]
    if max(np.prod(above, axis=0).max(), below.max()) >= _ROOM:
        return None
    return _nearest(rate * mine * np.where(inverse, 1, price) * top[contracts], np.where(inverse, price, 1) * bottom[contracts])


def _constants(terms: Sequence[Listing], grains: Sequence[int], places: tuple[int, int, int]) -> tuple[Ints, Ints]:
    """Return what is the same for all payments of a contract, above and below the line, without common divisors."""
    import numpy as np

    r_places, p_places, q_places = places
    found = []
    for own, each in zip(terms, grains, strict=True):
        size, parts = ratio(own.contract.size)
        inverse = own.contract.payoff == "inverse"
        above = size * each * (10**p_places if inverse else 1)
        below = parts * 10 ** (r_places + q_places + (0 if inverse else p_places))
        common = gcd(above, below)
        found.append((above // common, below // common))
    fits = [(above, below) if max(above, below) < _ROOM else (2**62, 2**62) for above, below in found]
    return np.array([above for above, _ in fits], dtype=np.int64), np.array([below for _, below in fits], dtype=np.int64)


def _nearest(above: Ints, below: Ints) -> Ints:
    """Quotient of integers, half to even."""
    import numpy as np

    units, rest = np.divmod(above, below)
    up = (rest > below - rest) | ((rest == below - rest) & (units % 2 != 0))
    found: Ints = units + up
    return found
