"""What is known beside the receipts: which rate was decided at a stamp, at which price, and who held what?

`Decided` is one fixing with the digits its numbers were printed with. Nothing here reads a store or a file.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise

from perpscope.audit.facts import JITTER_MS
from perpscope.errors import InputError
from perpscope.market.funding import Position
from perpscope.market.receipt import Printed
from perpscope.units import MS_PER_HOUR

Key = tuple[str, str]
"""Venue and unified symbol."""
LATE_MS = 300_000
"""A receipt this long after a stamp is booked late and still of that stamp: a twelfth of the shortest interval."""


@dataclass(frozen=True, slots=True)
class Decided:
    """One fixing and how finely its numbers were printed.

    Parameters
    ----------
    at : stamp, or end of the interval where it accrues (ms UTC). rate : fraction of notional per `hours`; > 0: longs pay.
    price : notional price; None where it is missing. prices : other kinds of price of the same stamp, by name.
    continuous : whether it accrues over the interval before `at`. per_base : quote units per base unit, where the venue fixes money.
    """

    at: int
    rate: Printed
    hours: Fraction
    price: Printed | None = None
    prices: Mapping[str, Printed] = field(default_factory=dict)
    continuous: bool = False
    per_base: Fraction | None = None

    @property
    def start(self) -> int:
        """Return the beginning of its interval, ms UTC."""
        return self.at - round(self.hours * MS_PER_HOUR)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What receipts are held against.

    Parameters
    ----------
    decided : fixings by venue and symbol, rising in time; "where" they come from in words.
    held : (time, quantity) by venue and symbol, rising in time; None where no positions are given at all.
    sizes : units per contract the user states, by venue and symbol. window : ms UTC from and to, within which a missing receipt
        is reported; None reports from the first receipt of a venue to its last.
    """

    decided: Mapping[Key, Sequence[Decided]] = field(default_factory=dict)
    held: Mapping[Key, Sequence[tuple[int, Fraction]]] | None = None
    sizes: Mapping[Key, Fraction] = field(default_factory=dict)
    window: tuple[int, int] | None = None
    where: str = "the fixings"

    def at(self, key: Key, ms: int) -> Decided | None:
        """Return the fixing a payment booked at `ms` is of: the last one a minute after it or earlier, five minutes late at most."""
        listed = self.decided.get(key, ())
        k = bisect_right(listed, ms + JITTER_MS, key=_when) - 1
        return listed[k] if k >= 0 and ms <= listed[k].at + LATE_MS else None

    def nearest(self, key: Key, ms: int) -> Decided | None:
        """Return the fixing nearest to a moment; None where the contract has none."""
        return min(self.decided.get(key, ()), key=lambda each: abs(each.at - ms), default=None)

    def neighbours(self, key: Key, decided: Decided) -> list[tuple[str, Decided]]:
        """Return the fixings one stamp before and after, with the word for each."""
        listed = self.decided.get(key, ())
        k = bisect_right(listed, decided.at, key=_when) - 1
        found = [("before", listed[k - 1])] if k > 0 else []
        return [*found, *([("after", listed[k + 1])] if k + 1 < len(listed) else [])]

    def within(self, key: Key, start: int, end: int) -> list[tuple[Decided, Fraction]]:
        """Return the fixings that accrue between two moments, and which share of each interval lies there."""
        found = []
        listed = self.decided.get(key, ())
        for each in listed[bisect_right(listed, start, key=_when) :]:
            if each.start >= end:
                break
            length = each.at - each.start
            share = Fraction(min(end, each.at) - max(start, each.start), length)
            if each.continuous and share > 0:
                found.append((each, share))
        return found

    def quantity(self, key: Key, ms: int) -> Fraction | None:
        """Contracts held at a moment, a change at that very moment included; None where no positions are given."""
        if self.held is None:
            return None
        rows = self.held.get(key, ())
        k = bisect_right(rows, ms, key=lambda row: row[0])
        return rows[k - 1][1] if k else Fraction(0)

    def mean(self, key: Key, start: int, end: int) -> Fraction | None:
        """Contracts held on average between two moments."""
        if self.held is None:
            return None
        changes = [at for at, _ in self.held.get(key, ()) if start < at < end]
        total = Fraction(0)
        for a, b in pairwise([start, *changes, end]):
            total += (self.quantity(key, a) or 0) * (b - a)
        return total / (end - start)

    def contracts(self, venue: str, ms: int) -> list[str]:
        """Symbols held at a venue at a moment."""
        return [symbol for (v, symbol) in self.held or () if v == venue and self.quantity((v, symbol), ms)]


def _when(decided: Decided) -> int:
    return decided.at


def holdings(positions: Iterable[Position], account: str = "") -> dict[Key, list[tuple[int, Fraction]]]:
    """Return what one account held, by venue and symbol.

    Raises
    ------
    InputError
        When several accounts hold and none is named, or two rows of one moment differ.
    """
    rows = [p for p in positions if not account or p.account == account]
    accounts = sorted({p.account for p in rows})
    if len(accounts) > 1:
        raise InputError("the positions", f"they are of {', '.join(accounts)}", "Name the one whose statement this is with --account.")
    found: dict[Key, list[tuple[int, Fraction]]] = {}
    for one in sorted(rows, key=lambda p: p.at):
        listed = found.setdefault((one.venue, one.symbol), [])
        quantity = Fraction(one.quantity)
        if listed and listed[-1][0] == one.at and listed[-1][1] != quantity:
            raise InputError(
                f"the positions in {one.venue} {one.symbol}", "two rows of one moment differ", "Give one quantity for each moment."
            )
        listed.append((one.at, quantity))
    return found
