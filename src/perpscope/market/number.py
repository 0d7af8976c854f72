"""Which arithmetic? The same text runs on floats (fast) and on Fractions (exact).

Every scalar text of the house takes `Number`: all floats, or all Fractions. Floats decide millions of fixings;
Fractions are the exact venue and the oracle of the tests.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from numbers import Number as AnyNumber
from typing import Literal, TypeAlias, get_args

from perpscope.errors import InputError

Number: TypeAlias = float | Fraction

INF = float("inf")
_FEW = 8
_ORDINARY = 60


def to_float(value: Number) -> float:
    """Nearest double of an exact number; infinities pass."""
    return float(value)


def to_exact(value: Number) -> Number:
    """Exact fraction of the decimal that a double prints as; infinities stay floats."""
    if isinstance(value, Fraction) or value in (INF, -INF) or value != value:  # noqa: PLR0124 - only NaN differs from itself
        return value
    return Fraction(repr(float(value)))


def to_decimal(text: str) -> Fraction:
    """Exact value of a decimal, or of a ratio of two, as it is written.

    Raises
    ------
    ValueError, ArithmeticError
        When it is no decimal, a ratio to nothing, or beyond 1e-60 and 1e60, where no price, quantity or rate lies.
    """
    if text.count("/") == 1:
        above, below = text.split("/", 1)
        return to_decimal(above) / to_decimal(below)
    found = Decimal(text)
    if not found.is_finite() or (found and abs(found.adjusted()) > _ORDINARY):
        raise ValueError(text)
    return Fraction(found)


def refuse_others(what: str, **values: object) -> None:
    """Refuse values that are no numbers, a text that looks like one included: who parsed it knows what it meant.

    Raises
    ------
    InputError
        Naming `what` they are of, and the first of them.
    """
    for name, value in values.items():
        if value is not None and not isinstance(value, AnyNumber):
            there = f"{name} is {value!r}, a {type(value).__name__}"
            raise InputError(what, there, "Give numbers: int, float or Fraction; times in milliseconds UTC.")


def magnitude(x: Number) -> Number:
    """Size of a number without its sign."""
    return x if x >= 0 else -x


def total(numbers: Sequence[Number]) -> Number:
    """Sum by halves: exact sums of many fractions stay quick, sums of doubles lose less; 0 for nothing.

    One after another, the denominators of thousands of fractions would grow in every single step.
    """
    if len(numbers) <= _FEW:
        return sum(numbers[1:], start=numbers[0]) if numbers else 0
    middle = len(numbers) // 2
    return total(numbers[:middle]) + total(numbers[middle:])


Rounding = Literal["nearest", "down", "to_zero", "away", "up"]
ROUNDINGS: tuple[str, ...] = get_args(Rounding)
NEAREST, DOWN, TO_ZERO, AWAY, UP = range(5)


def rounding_code(rounding: str) -> int:
    """Return the number of a rounding for `rounded_to`: its place in `ROUNDINGS`."""
    return ROUNDINGS.index(rounding)


def rounded_to(x: Number, grains: Number, rounding: int) -> Number:
    """X in whole 1/grains; grains 0 leaves it alone. Nearest is half to even; down and up are towards -inf and +inf.

    What has no decimals left (a double beyond 2^53 grains, infinite, not a number) stays what it is. Fractions stay exact, at
    any number of grains.

    Source: decimals the venues publish, and the directions their integer arithmetic rounds in; see the catalogue.
    """
    scaled = x * grains
    if grains == 0 or not -INF < scaled < INF or 2 * scaled + 1 == 2 * scaled:
        return x
    if rounding == NEAREST:
        return (0 * x + round(scaled)) / grains
    whole = scaled // 1
    if whole != scaled and (rounding == UP or (rounding == TO_ZERO and whole < 0) or (rounding == AWAY and whole >= 0)):
        whole = whole + 1
    return (0 * x + whole) / grains
