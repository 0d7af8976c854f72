"""What do the kernels need, and how is it cut between threads?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from perpscope.errors import InputError
from perpscope.mechanisms.batch import in_parts
from perpscope.mechanisms.settle import charge
from perpscope.trading.columns import Decided, Held, exact_owed, is_special
from perpscope.trading.settle import Listing

if TYPE_CHECKING:
    from perpscope.trading.columns import Floats, Ints


class Charges(NamedTuple):
    """How the kernels find what a contract owes.

    Parameters
    ----------
    kinds : (c,) `LINEAR`, `INVERSE` or `KNOWN`. sizes : (c,) of one contract. signs : (c,) turns what a long owes into what a short owes.
    rates, prices : (n,) as in `Decided`. known : (n,) what is owed where it is more than a product; (0,) where nothing is.
    """

    kinds: Ints
    sizes: Floats
    signs: Floats
    rates: Floats
    prices: Floats
    known: Floats


class Work(NamedTuple):
    """The arguments of the kernels, for all contracts: columns, rows as `Rows`, charges."""

    held: Held
    decided: Decided
    rows: tuple[Ints, Ints, Floats, Ints]
    charges: Charges

    @classmethod
    def of(cls, held: Held, decided: Decided, terms: Sequence[Listing], *, exactly: bool) -> Work:
        """Look whether all are about the same contracts; `exactly` as in `charges`."""
        import numpy as np

        if len(held.owners) != len(decided.events):
            there = f"{len(held.owners) - 1} contracts held, {len(decided.events) - 1} decided"
            raise InputError("the fast paths", there, "Give the same contracts in the same order.")
        rows = (held.owners, held.offsets, held.quantity, np.empty(len(held.at), dtype=np.int64))
        return cls(held, decided, rows, charges(terms, decided, exactly=exactly))

    @property
    def events(self) -> Ints:
        """Edges of the events of each contract."""
        return self.decided.events

    def done_by(self, part: Callable[[int, int], None], *, threads: int) -> None:
        """Do part(low, high) for all contracts, some in each thread."""
        place = kernel("place")

        def placed(low: int, high: int) -> None:
            place(low, high, self.held.owners, self.held.offsets, self.held.at, self.events, self.decided.at, self.rows[-1])
            part(low, high)

        in_parts(placed, len(self.events) - 1, parts=threads)


def charges(terms: Sequence[Listing], decided: Decided, *, exactly: bool) -> Charges:
    """Return what the kernels need to find `charge(...).long`, by the same products in the same order.

    A charge that is cut to grains of an index can be a whole grain apart in doubles and in exact arithmetic; `exactly` says which.

    Raises
    ------
    InputError
        Where the receivers share what payers pay, or funding flows through: `settle` knows those.
    """
    import numpy as np

    from perpscope.trading._kernels import INVERSE, KNOWN, LINEAR

    if len(terms) != len(decided.events) - 1:
        raise InputError("the fast paths", f"{len(terms)} terms for {len(decided.events) - 1} contracts", "Give one each.")
    known = np.empty(len(decided.at) if any(is_special(own.settle) for own in terms) else 0)
    sizes, signs, kinds = np.empty(len(terms)), np.empty(len(terms)), np.empty(len(terms), dtype=np.int64)
    for c, own in enumerate(terms):
        if own.settle.sides not in {"mirror", "both_pay"} or own.settle.flow != "stamp":
            there = f"sides {own.settle.sides!r}, flow {own.settle.flow!r}"
            raise InputError(f"the fast paths for a contract in {own.contract.asset}", there, "Use settle().")
        signs[c], sizes[c] = -1.0 if own.settle.sides == "mirror" else 1.0, float(own.contract.size)
        kinds[c] = KNOWN if is_special(own.settle) else INVERSE if own.contract.payoff == "inverse" else LINEAR
        if kinds[c] == KNOWN:
            part = slice(decided.events[c], decided.events[c + 1])
            rate, price = decided.rate[part], decided.price[part]
            if exactly:
                known[part] = [above / below for above, below in exact_owed(terms, [c] * len(rate), rate, price)]
            else:
                known[part] = [charge(r, own.settle, own.contract, p).long for r, p in zip(rate.tolist(), price.tolist(), strict=True)]
    return Charges(kinds, sizes, signs, decided.rate, decided.price, known)


def kernel(name: str) -> Any:  # noqa: ANN401 - machine code
    """Return a function of `_kernels`, compiled."""
    from perpscope.mechanisms._kernels import compiled
    from perpscope.trading import _kernels

    return compiled(getattr(_kernels, name))
