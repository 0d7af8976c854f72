"""In which smallest units is money counted, and how does an amount become whole ones?

A ledger counts integers: so many units of an asset, each 10^-decimals of it. Eight decimals, where nothing else is said,
are this ledger's own convention and no venue's fact.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, TypeAlias, assert_never

from perpscope.errors import InputError
from perpscope.market.number import Number, Rounding

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats: TypeAlias = npt.NDArray[np.float64]
    Ints: TypeAlias = npt.NDArray[np.int64]

DECIMALS = 8


@dataclass(frozen=True, slots=True)
class Units:
    """The unit each asset is counted in.

    Parameters
    ----------
    decimals : asset -> decimals of its unit, 0 to 22. others : decimals of every asset not named.

    Examples
    --------
    >>> units = Units({"USDT": 6})
    >>> units.of("USDT", -1.2345675), units.of("BTC", 0.1), units.text("BTC", 10_000_000)
    (-1234568, 10000000, '0.10000000')
    """

    decimals: Mapping[str, int] = field(default_factory=dict)
    others: int = DECIMALS

    def __post_init__(self) -> None:
        """Refuse units nobody counts in."""
        for asset, places in (*self.decimals.items(), ("others", self.others)):
            if not 0 <= places <= 22:  # noqa: PLR2004 - 10^22 is the last power of ten a double holds exactly
                raise InputError(f"the unit of {asset}", f"{places} decimals", "Give 0 to 22.")

    def places(self, asset: str) -> int:
        """Decimals of an asset's unit."""
        return self.decimals.get(asset, self.others)

    def of(self, asset: str, amount: Number, rounding: Rounding = "nearest") -> int:
        """Whole units of an amount, rounded exactly; a double counts as the decimal it prints as.

        Raises
        ------
        InputError
            For an amount that is no number.
        """
        above, below = ratio(amount)
        return whole(above * 10 ** self.places(asset), below, rounding)

    def amount(self, asset: str, units: int) -> Fraction:
        """Return the exact amount of so many units."""
        return Fraction(units, 10 ** self.places(asset))

    def text(self, asset: str, units: int) -> str:
        """Write units as a decimal of the asset."""
        places = self.places(asset)
        digits = f"{abs(units):0{places + 1}d}"
        cut = len(digits) - places
        return ("-" if units < 0 else "") + digits[:cut] + ("." + digits[cut:] if places else "")


def exact(number: Number) -> Fraction:
    """Exact value of an integer, a fraction or the decimal that a double prints as.

    Raises
    ------
    InputError
        For infinities and NaN.
    """
    return Fraction(*ratio(number))


def ratio(number: Number) -> tuple[int, int]:
    """Return the same exact value as two integers, the second > 0."""
    if isinstance(number, int | Fraction):
        return number.as_integer_ratio()
    if not math.isfinite(number):
        raise InputError("an amount of money", f"{number}", "Give a finite number.")
    return Decimal(repr(float(number))).as_integer_ratio()


def ratios(numbers: Floats) -> list[tuple[int, int]]:
    """`ratio` of many doubles; at once where all are decimals of some few places and at most 15 digits, which have one double each.

    Examples
    --------
    >>> import numpy as np
    >>> ratios(np.array([0.25, -3.0])), ratios(np.array([1e-20]))
    ([(25, 100), (-300, 100)], [(1, 100000000000000000000)])
    """
    found = decimals(numbers)
    if found is None:
        return [ratio(number) for number in numbers.tolist()]
    scaled, places = found
    return [(n, 10**places) for n in scaled.tolist()]


def decimals(numbers: Floats) -> tuple[Ints, int] | None:
    """Doubles as integers of the fewest places (at most 12) that hold them all in 15 digits; None where none do."""
    import numpy as np

    for places in range(13):
        with np.errstate(over="ignore"):
            scaled = np.rint(numbers * 10.0**places)
        if np.array_equal(scaled / 10.0**places, numbers) and np.abs(scaled).max(initial=0) < 1e15:  # noqa: PLR2004 - digits a double tells apart
            return scaled.astype(np.int64), places
    return None


def whole(above: int, below: int = 1, rounding: Rounding = "nearest") -> int:
    """Return the ratio of two integers, the second > 0, as a whole number; nearest is half to even, down and up towards -inf and +inf.

    Examples
    --------
    >>> [whole(-5, 2, way) for way in ("nearest", "down", "to_zero", "away", "up")]
    [-2, -3, -2, -3, -2]
    """
    floor, rest = divmod(above, below)
    match rounding:
        case "nearest":
            up = 2 * rest > below or (2 * rest == below and floor % 2 == 1)
        case "down":
            up = False
        case "up":
            up = rest > 0
        case "to_zero":
            up = rest > 0 > floor
        case "away":
            up = rest > 0 <= floor
        case _:
            assert_never(rounding)
    return floor + up
