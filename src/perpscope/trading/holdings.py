"""Who held how much of a contract, at an instant, on average, and without any doubt?"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from perpscope.errors import InputError
from perpscope.market.funding import Position
from perpscope.market.number import Number
from perpscope.market.time import to_text


@dataclass(frozen=True, slots=True)
class History:
    """One account's holdings of one contract: rising times (ms UTC) and the contracts from each on."""

    account: str
    at: Sequence[int]
    quantity: Sequence[Number]

    def holds(self, ms: int) -> Number:
        """Contracts held at an instant, a change at that very instant included."""
        k = bisect_right(self.at, ms)
        return self.quantity[k - 1] if k else 0

    def between(self, first: int, last: int) -> History:
        """Return what was written down from `first` to `last`, both included: a contract's life knows nothing of what was before it."""
        cut = slice(bisect_left(self.at, first), bisect_right(self.at, last))
        return History(self.account, self.at[cut], self.quantity[cut])

    def mean(self, start: int, end: int) -> Number:
        """Contracts held on average over start..end."""
        low, high = bisect_right(self.at, start), bisect_left(self.at, end)
        if low >= high:
            return self.holds(start)
        edges = [start, *self.at[low:high], end]
        spent = [self.holds(a) * (b - a) for a, b in pairwise(edges)]
        return sum(spent[1:], start=spent[0]) / (end - start)

    def any_in(self, start: int, end: int) -> bool:
        """Whether anything was held at some time of start..end."""
        return bool(self.holds(start)) or any(self.quantity[bisect_right(self.at, start) : bisect_left(self.at, end)])

    def doubt(self, ms: int, grace_s: Number) -> str:
        """Say what a venue's tolerance of `grace_s` seconds leaves open about who held at an instant; "" for nothing."""
        if not grace_s:
            return ""
        grace = round(grace_s * 1000)
        for k in range(bisect_right(self.at, ms - grace), bisect_left(self.at, ms + grace)):
            if self.quantity[k] != (self.quantity[k - 1] if k else 0):
                return f"the position changed at {to_text(self.at[k])}, inside the {float(grace_s):g} s the venue allows itself"
        return ""

    @property
    def opened(self) -> int | None:
        """When something was first held, ms UTC; None for never."""
        return next((at for at, quantity in zip(self.at, self.quantity, strict=True) if quantity), None)


def histories(positions: Iterable[Position]) -> dict[tuple[str, str], list[History]]:
    """Return the holdings of each account by venue and symbol; rows may come in any order, and twice.

    Raises
    ------
    InputError
        When two rows of one instant differ.
    """
    found: dict[tuple[str, str], list[History]] = {}
    rows = sorted(positions, key=lambda p: (p.venue, p.symbol, p.account, p.at))
    for (venue, symbol, account), own in groupby(rows, key=lambda p: (p.venue, p.symbol, p.account)):
        several: list[Position] = []
        for row in own:
            if several and several[-1].at == row.at:
                if several[-1].quantity != row.quantity:
                    there = f"{several[-1].quantity} and {row.quantity} at {to_text(row.at)}"
                    raise InputError(f"the position of {account} in {venue} {symbol}", there, "Give one quantity for each instant.")
                continue
            several.append(row)
        found.setdefault((venue, symbol), []).append(History(account, [p.at for p in several], [p.quantity for p in several]))
    return found
