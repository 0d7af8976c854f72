"""Between which two values does a number lie, if its digits say no more?

A number printed to a unit stands for anything within half a unit of it if it was rounded, and within one unit if digits were
cut off. The ends of a product lie at the ends of its factors, for every factor keeps its sign.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction

from perpscope.market.receipt import Printed

EXACT, ROUNDED, CUT = Fraction(0), Fraction(1, 2), Fraction(1)
"""Units by which a printed number may be off: not at all, digits rounded, digits cut off."""
_DEEPEST = 18


@dataclass(frozen=True, slots=True)
class Span:
    """All numbers low <= x <= high."""

    low: Fraction
    high: Fraction

    @classmethod
    def of(cls, values: Iterable[Fraction]) -> Span:
        """Return the smallest span that holds all values."""
        listed = list(values)
        return cls(min(listed), max(listed))

    @classmethod
    def around(cls, number: Printed, units: Fraction) -> Span:
        """Everything a printed number may stand for."""
        return cls(number.value - number.unit * units, number.value + number.unit * units)

    @property
    def middle(self) -> Fraction:
        """Return the number in the middle."""
        return (self.low + self.high) / 2

    @property
    def half(self) -> Fraction:
        """Half its length."""
        return (self.high - self.low) / 2

    def meets(self, other: Span) -> bool:
        """Whether some number lies in both."""
        return self.low <= other.high and other.low <= self.high

    def __add__(self, other: Span) -> Span:
        """Return the span of sums."""
        return Span(self.low + other.low, self.high + other.high)

    def __neg__(self) -> Span:
        """Return the span with the other sign."""
        return Span(-self.high, -self.low)

    def simplest(self) -> Fraction:
        """Return the number of fewest decimals in it, the nearest to its middle of these."""
        for places in range(_DEEPEST):
            scale = 10**places
            near = Fraction(round(self.middle * scale), scale)
            if self.low <= near <= self.high:
                return near
        return self.middle


def ends(number: Printed, units: Fraction, *, positive: bool = False) -> tuple[Fraction, ...]:
    """Return the ends of what a printed number may stand for; a number that has to be above zero stays there."""
    span = Span.around(number, units)
    low = number.value if positive and span.low <= 0 else span.low
    return (low, span.high) if low != span.high else (low,)


def over(f: Callable[[Fraction, Fraction | None], Fraction], rates: Iterable[Fraction], prices: Iterable[Fraction | None]) -> Span:
    """Return the span of f(rate, price) over the ends of both."""
    listed = list(prices)
    return Span.of(f(rate, price) for rate in rates for price in listed)
