"""Which arithmetic? The same text runs on floats (fast) and on Fractions (exact).

Every scalar text of this room takes `Number`: all floats, or all Fractions. Floats decide millions of fixings;
Fractions are the exact venue and the oracle of the tests.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TypeAlias

Number: TypeAlias = float | Fraction

INF = float("inf")


def to_float(value: Number) -> float:
    """Nearest double of an exact number; infinities pass."""
    return float(value)


def to_exact(value: Number) -> Number:
    """Exact fraction of the decimal that a double prints as; infinities stay floats."""
    if isinstance(value, Fraction) or value in (INF, -INF) or value != value:  # noqa: PLR0124 - only NaN differs from itself
        return value
    return Fraction(repr(float(value)))
