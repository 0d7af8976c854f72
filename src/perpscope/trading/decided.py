"""Which fixings of a contract are there, each once, at which price, and where is there none?

Two rows nearer than a minute are one fixing told twice. A missing price may be estimated from its neighbours: where the price
stayed between them, the true payment lies within the stated error.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from typing import Literal

from perpscope.errors import InputError
from perpscope.market.funding import PublishedFixing
from perpscope.market.number import INF, Number
from perpscope.market.time import to_text
from perpscope.units import MS_PER_HOUR

Missing = Literal["stop", "estimate"]
_MINUTE = 60_000


def named(fixing: PublishedFixing) -> str:
    """Name a fixing for a message."""
    return f"the fixing of {fixing.venue} {fixing.symbol} at {to_text(fixing.at)}"


def step(fixing: PublishedFixing) -> int:
    """Length of a fixing's interval, ms."""
    return round(fixing.interval_hours * MS_PER_HOUR)


def once(fixings: Iterable[PublishedFixing]) -> dict[tuple[str, str], list[PublishedFixing]]:
    """Return the fixings by venue and symbol in order of time, what was told twice once, at its earliest stamp.

    Raises
    ------
    InputError
        When two rows of one fixing differ, or an accrual reaches back over the fixing before it.
    """
    found: dict[tuple[str, str], list[PublishedFixing]] = {}
    for one in sorted(fixings, key=lambda f: (f.venue, f.symbol, f.at, f.price is None)):
        own = found.setdefault((one.venue, one.symbol), [])
        apart = one.at - own[-1].at if own else step(one)
        if 2 * apart < min(step(one), 2 * _MINUTE):
            own[-1] = _merged(own[-1], one)
            continue
        if one.accrual == "continuous" and 2 * apart < step(one):
            there = f"its {float(one.interval_hours):g} h reach back over the fixing {apart / MS_PER_HOUR:g} h before it"
            raise InputError(named(one), there, "Give what accrued since the one before; a rolling rate accrues many times over.")
        own.append(one)
    return found


def gaps(fixings: Sequence[PublishedFixing], known: Sequence[PublishedFixing], start: int, end: int) -> Iterator[tuple[int, int]]:
    """Stretches (ms UTC) of a window of which no fixing is known; jitter of half an interval is none.

    Funding that accrues all the time is owed up to the end of the window, other funding up to its last stamp.

    Parameters
    ----------
    fixings : of one contract inside the window, in order of time. known : all that are known of it, which tell an interval where none is.
    start, end : of the window, ms UTC.

    Examples
    --------
    >>> paid = [PublishedFixing("v", "s", at * MS_PER_HOUR, 0.0001, 8) for at in (8, 24)]
    >>> [(low // MS_PER_HOUR, high // MS_PER_HOUR) for low, high in gaps(paid, paid, 0, 40 * MS_PER_HOUR)]
    [(8, 16), (24, 40)]
    """
    now = start
    for one in fixings:
        begins = one.at - step(one)
        if 2 * (begins - now) > step(one):
            yield now, begins
        now = max(now, one.at)
    usual = max((_owed_after(one) for one in (fixings[-1:] or known)), default=0)
    if end - now >= usual and end > now:
        yield now, end


def _owed_after(fixing: PublishedFixing) -> int:
    """How long after a fixing, in ms, another one is owed."""
    return _MINUTE if fixing.accrual == "continuous" else step(fixing)


def _merged(one: PublishedFixing, other: PublishedFixing) -> PublishedFixing:
    """Return one fixing of two rows of it; a price that only one of them knows is taken."""
    told = other if one.price is None else one
    same = [row if row.price is not None else replace(row, price=told.price, price_error=told.price_error) for row in (one, other)]
    if same[0] != replace(same[1], at=one.at):
        raise InputError(named(one), f"told twice and differently, {(other.at - one.at) / 1000:g} s apart", "Give one of them.")
    return same[0]


@dataclass(frozen=True, slots=True)
class Priced:
    """A price and, where it is an estimate, the lowest and highest it may be; infinite if nobody knows."""

    price: Number | None
    low: Number | None = None
    high: Number | None = None

    @property
    def error(self) -> Number | None:
        """Largest relative error of the price; None where it is no estimate."""
        return self.error_of("linear")

    def error_of(self, payoff: str) -> Number | None:
        """Largest relative error of a payment from that of its price; an inverse contract divides by it."""
        if self.price is None or self.low is None or self.high is None:
            return None
        if payoff != "inverse":
            return max(self.high / self.price - 1, 1 - self.low / self.price)
        return max(self.price / self.low - 1, 1 - self.price / self.high) if self.low > 0 else INF


def known(fixing: PublishedFixing) -> Priced | None:
    """Price of a fixing as it says it; None where it says none."""
    price, error = fixing.price, fixing.price_error
    if price is None:
        return None
    return Priced(price) if error is None else Priced(price, price * (1 - error), price * (1 + error))


def priced(fixings: Sequence[PublishedFixing], missing: Missing) -> list[Priced | None]:
    """Return the price of each fixing of one contract, in order; None where none is known and none may be estimated."""
    found = [known(fixing) for fixing in fixings]
    if missing == "stop":
        return found
    for low, high in pairwise([k for k, one in enumerate(found) if one is not None]):
        for k in range(low + 1, high):
            found[k] = between(fixings[low], fixings[high], fixings[k].at)
    return found


def between(one: PublishedFixing, other: PublishedFixing, ms: int) -> Priced:
    """Return the price on the line between two fixings that have one; its bounds hold where the price stayed between theirs."""
    first, last = known(one), known(other)
    if first is None or last is None or first.price is None or last.price is None:
        raise InputError("an estimated price", "a neighbour without a price", "Give two fixings that have one.")
    share = Fraction(ms - one.at, other.at - one.at)
    price = first.price + (last.price - first.price) * (share if isinstance(first.price, Fraction) else float(share))
    ends = [bound for end in (first, last) for bound in (end.price, end.low, end.high) if bound is not None]
    return Priced(price, min(ends), max(ends))
