"""What happens to one premium sample before the average?

Usually nothing. Some venues push every sample through the whole formula, a dead zone, a clamp or a division
first; the order matters, because the average of clamped samples is not the clamp of the average.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from perpscope.market.number import INF, Number

KEEP, WHOLE, BAND = 0, 1, 2
SampleNumbers: TypeAlias = tuple[int, Number, Number, Number, Number, Number]


@dataclass(frozen=True, slots=True)
class Keep:
    """The sample as it is."""

    def numbers(self) -> SampleNumbers:
        """Flat numbers for `transform`."""
        return KEEP, 0, 0, 0, INF, 1


@dataclass(frozen=True, slots=True)
class WholeFormula:
    """The whole clamp formula on every sample, then its limit: x + clamp(I - x, -d, d), inside +-bound.

    Parameters
    ----------
    interest : I, fraction per the period the formula is written in.
    damper : d, fraction, >= 0.
    bound : largest absolute value of the result, a fraction.
    """

    interest: Number
    damper: Number
    bound: Number = INF

    def numbers(self) -> SampleNumbers:
        """Flat numbers for `transform`."""
        return WHOLE, self.interest, self.damper, 0, self.bound, 1


@dataclass(frozen=True, slots=True)
class Band:
    """Dead zone, then clamp, then division, on every sample.

    Parameters
    ----------
    dead : half width of the dead zone, a fraction; what is left is measured from its edge.
    bound : largest absolute value after the dead zone, a fraction.
    divide : divisor, > 0.
    """

    dead: Number = 0
    bound: Number = INF
    divide: Number = 1

    def numbers(self) -> SampleNumbers:
        """Flat numbers for `transform`."""
        return BAND, 0, 0, self.dead, self.bound, self.divide


PerSample: TypeAlias = Keep | WholeFormula | Band


def clamp(x: Number, low: Number, high: Number) -> Number:
    """Put x into [low, high]; x itself where it lies inside."""
    if x < low:
        return low
    if x > high:
        return high
    return x


def transform(kind: int, x: Number, interest: Number, damper: Number, dead: Number, bound: Number, divide: Number) -> Number:  # noqa: PLR0917 - compiled text: flat numbers only
    """One sample through its transform. The definition, and the text that is compiled.

    Source: `WholeFormula` is the early per-minute rule of one venue, `Band` the per-minute dead zone of another; see the catalogue.
    """
    if kind == WHOLE:
        return clamp(x + clamp(interest - x, -damper, damper), -bound, bound)
    if kind == BAND:
        if x > dead:
            x = x - dead
        elif x < -dead:
            x = x + dead
        else:
            x = 0 * x
        return clamp(x, -bound, bound) / divide
    return x
