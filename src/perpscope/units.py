"""How much, per what? A rate always carries its period.

`Rate(value, per)` is the only place where periods change. A bare float never means a funding rate in a public
signature. Fractions throughout: 0.0001 is 0.01 %. A year is 365 days (8,760 hours).
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from perpscope.errors import InputError

HOURS_PER_YEAR = 8760.0
HOURS_PER_DAY = 24.0
MS_PER_HOUR = 3_600_000
MS_PER_DAY = 86_400_000

_PERIODS = {"h": 1.0, "d": HOURS_PER_DAY, "day": HOURS_PER_DAY, "y": HOURS_PER_YEAR, "year": HOURS_PER_YEAR}
_LARGEST_EXPONENT = 709.0  # e to it is the last that a double holds
_RATE = re.compile(r"\s*([-+]?\d*\.?\d+(?:[eE][-+]?\d+)?)\s*(%|bp)?\s*/\s*(\d+\.?\d*|\.\d+)?\s*(h|d|day|y|year)\s*")


@dataclass(frozen=True, slots=True)
class Rate:
    """A fraction of notional per `per` hours; positive means longs pay shorts.

    Parameters
    ----------
    value : fraction (0.0001 = 0.01 %), finite.
    per : hours the fraction is earned over, > 0.

    Examples
    --------
    >>> Rate(0.0001, 8).apr
    0.1095
    >>> Rate.parse("0.00125%/1h").over(8)
    Rate(value=0.0001, per=8)
    """

    value: float
    per: float

    def __post_init__(self) -> None:
        """Refuse what is not a rate."""
        try:
            finite, lasting = math.isfinite(self.value), math.isfinite(self.per)
        except TypeError:
            there = f"{self.value!r} per {self.per!r}"
            raise InputError("a funding rate", there, "Give numbers, or read a text such as 0.01%/8h with Rate.parse.") from None
        if not finite:
            raise InputError("a funding rate", f"{self.value} is not a number", "Leave the row out, or find its value.")
        if not (lasting and self.per > 0):
            raise InputError(
                "a rate with its period", f"a period of {self.per} hours", "State the interval; it is never assumed to be 8 h."
            )

    @classmethod
    def parse(cls, text: str) -> Rate:
        """Read a rate such as ``0.01%/8h``, ``1bp/h``, ``0.0003/day`` or ``10.95%/year``."""
        found = _RATE.fullmatch(text)
        if not found:
            raise InputError(
                f"the rate {text!r}", "not of the form 0.01%/8h", "Write value, unit (% or bp or none), / and a period, as in 10%/year."
            )
        number, unit, count, period = found.groups()
        scale = {"%": 100.0, "bp": 10_000.0, None: 1.0}[unit]
        return cls(float(number) / scale, (float(count) if count else 1.0) * _PERIODS[period])

    def over(self, hours: float) -> Rate:
        """Return the same simple rate written for another period of `hours` hours."""
        return Rate(self.value if hours == self.per else self.value * hours / self.per, hours)

    @property
    def apr(self) -> float:
        """Simple annual rate, a fraction: value x 8760 / per."""
        return self.value * (HOURS_PER_YEAR / self.per)

    @property
    def apy(self) -> float:
        """Compounded annual rate, a fraction: (1 + value)^(8760 / per) - 1; needs value > -1."""
        if self.value <= -1:
            raise InputError("an APY", f"a rate of {self.value} per interval loses everything", "Use the simple APR.")
        exponent = math.log1p(self.value) * (HOURS_PER_YEAR / self.per)
        return math.expm1(exponent) if exponent < _LARGEST_EXPONENT else math.inf


def apr_of_total(total: float, hours: float) -> float:
    """Annualise a sum of rates over the hours they were paid for: total / hours x 8760 (simple, fraction)."""
    if not hours > 0:
        raise InputError("an annual rate", f"{hours} hours of history", "Give at least one interval.")
    return total / hours * HOURS_PER_YEAR
