"""How do a million positions look as arrays, and are they what they claim to be?

The columns of the fast paths: who held what since when, what was decided when, and under which terms. Contract c owns
positions owners[c]:owners[c+1], position k owns rows offsets[k]:offsets[k+1], contract c owns events events[c]:events[c+1].
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING, Any, TypeAlias

from perpscope.errors import InputError
from perpscope.market.contract import Contract
from perpscope.mechanisms.settle import NO_PRICE, Settlement, charge
from perpscope.trading.money import exact, ratio, ratios
from perpscope.trading.settle import Listing

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats: TypeAlias = npt.NDArray[np.float64]
    Ints: TypeAlias = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Held:
    """Positions as columns.

    Parameters
    ----------
    owners : (c + 1,) rising; contract c owns positions owners[c]:owners[c+1].
    offsets : (p + 1,) rising; position k owns rows offsets[k]:offsets[k+1].
    at : (m,) ms UTC, strictly rising inside a position. quantity : (m,) contracts held from then on, signed; 0 closes.

    Raises
    ------
    InputError
        For offsets, times or quantities that cannot be.
    """

    owners: Ints
    offsets: Ints
    at: Ints
    quantity: Floats

    def __post_init__(self) -> None:
        """Refuse columns that do not fit together."""
        import numpy as np

        _typed(self, ints=("owners", "offsets", "at"), floats=("quantity",))
        _nested("positions", self.owners, len(self.offsets) - 1)
        _nested("rows of positions", self.offsets, len(self.at))
        _rising("the rows of a position", self.at, self.offsets)
        if len(self.quantity) != len(self.at) or not np.isfinite(self.quantity).all():
            raise InputError("positions as columns", "a quantity is missing or no number", "Give contracts for every row; 0 closes.")


@dataclass(frozen=True, slots=True)
class Decided:
    """Fixings paid at their stamps, as columns.

    Parameters
    ----------
    events : (c + 1,) rising; contract c owns events events[c]:events[c+1].
    at : (n,) ms UTC, strictly rising inside a contract. rate : (n,) fraction of notional for the event's own interval (or quote
        units per base unit where the rule says so); > 0: longs pay. price : (n,) > 0, in quote units.

    Raises
    ------
    InputError
        For offsets, times, rates or prices that cannot be; a missing price has no place here (see `settle`).
    """

    events: Ints
    at: Ints
    rate: Floats
    price: Floats

    def __post_init__(self) -> None:
        """Refuse columns that do not fit together."""
        import numpy as np

        _typed(self, ints=("events", "at"), floats=("rate", "price"))
        _nested("events", self.events, len(self.at))
        _rising("the events of a contract", self.at, self.events)
        if not len(self.rate) == len(self.price) == len(self.at) or not np.isfinite(self.rate).all():
            raise InputError("fixings as columns", "a rate is missing or no number", "Leave the event out, or find its value.")
        if not (np.isfinite(self.price) & (self.price > 0)).all():
            raise InputError("fixings as columns", "a price is missing or not positive", "Use settle(), which can estimate prices.")


def refuse_infinite(amounts: Floats) -> None:
    """Refuse amounts that left the range of doubles."""
    import numpy as np

    if not np.isfinite(amounts).all():
        raise InputError("cash flows as columns", "an amount beyond 1e308", "Look for a wrong rate, price or quantity.")


def exact_owed(terms: Sequence[Listing], contracts: Sequence[int], rate: Floats, price: Floats) -> list[tuple[int, int]]:
    """`charge(...).long` on the decimals that the doubles print as, ratios of integers: what an exact venue takes."""
    sizes = {c: ratio(terms[c].contract.size) for c in set(contracts)}
    inverse = {c for c in sizes if terms[c].contract.payoff == "inverse"}
    special = {c for c in sizes if is_special(terms[c].settle)}
    found = []
    for c, (r, parts), (p, ticks) in zip(contracts, ratios(rate), ratios(price), strict=True):
        size, shares = sizes[c]
        if c in special:
            own = exact(charge(Fraction(r, parts), terms[c].settle, _exact(terms[c].contract), Fraction(p, ticks)).long)
            found.append(own.as_integer_ratio())
        elif c in inverse:
            found.append((r * ticks * size, parts * p * shares))
        else:
            found.append((r * p * size, parts * ticks * shares))
    return found


def is_special(settle: Settlement) -> bool:
    """Whether a charge is more than the product of rate and notional."""
    return settle.unit == "quote" or bool(settle.index_grains) or settle.price == NO_PRICE


@cache
def _exact(contract: Contract) -> Contract:
    return replace(contract, size=exact(contract.size))


def _typed(columns: Any, ints: tuple[str, ...], floats: tuple[str, ...]) -> None:  # noqa: ANN401 - either of the two above
    """Store every column contiguous and in its one type."""
    import numpy as np

    for name in ints:
        object.__setattr__(columns, name, np.ascontiguousarray(getattr(columns, name), dtype=np.int64))
    for name in floats:
        object.__setattr__(columns, name, np.ascontiguousarray(getattr(columns, name), dtype=np.float64))


def _nested(what: str, edges: Ints, count: int) -> None:
    import numpy as np

    if not len(edges) or edges[0] != 0 or edges[-1] != count or np.any(np.diff(edges) < 0):
        raise InputError(f"the offsets of {what}", f"they do not cut {count} into parts", "Give 0, rising edges, and the count.")


def _rising(what: str, at: Ints, edges: Ints) -> None:
    import numpy as np

    later = np.diff(at) > 0
    later[edges[1:-1][(edges[1:-1] > 0) & (edges[1:-1] < len(at))] - 1] = True
    if not later.all():
        raise InputError(what, "times that do not rise", "Sort them and give one row for each instant.")
