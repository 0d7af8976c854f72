"""Which horizon and which compounding turn a printed profit into a printed yield?

A gain over some days has many annual rates. Turned round: a yield printed to so many digits and a gain leave, under each
convention, an interval of days; several figures of one trade must share one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, assert_never, get_args

from perpscope.errors import InputError
from perpscope.units import HOURS_PER_DAY, HOURS_PER_YEAR

if TYPE_CHECKING:
    from collections.abc import Sequence

How = Literal["simple", "compound", "daily", "continuous"]
HOWS: tuple[How, ...] = get_args(How)
DAYS = HOURS_PER_YEAR / HOURS_PER_DAY
_LARGEST_EXPONENT = 709.0
"""e to it is the last that a double holds."""
_DUST = 1e-12
"""Relative error of two ends that are one: a yield just at half a printed unit belongs to both sides."""


@dataclass(frozen=True, slots=True)
class Printed:
    """A gain and the yearly yield printed for it.

    Parameters
    ----------
    gain : over the horizon, a fraction of the capital, > 0. yearly : the yield, a fraction a year, > 0.
    unit : of the last printed digit of the yield (0.001 for one decimal of a percent), > 0.
    """

    gain: float
    yearly: float
    unit: float

    def __post_init__(self) -> None:
        """Refuse what has no horizon."""
        if not (self.gain > 0 and self.yearly > self.unit / 2 and self.unit > 0):
            there = f"gain {self.gain}, yield {self.yearly}, unit {self.unit}"
            raise InputError("a printed yield", there, "Give a gain, a yield beyond its rounding and a unit, all above zero.")


def annual(gain: float, days: float, how: How) -> float:
    """Yearly yield of a gain (fraction of the capital, above -1 where it is reinvested) over `days` > 0, a fraction.

    "simple" is gain x 365 / days, "compound" reinvests once a horizon, "daily" and "continuous" every day and all the time at the simple
    rate. Infinite beyond what a double holds.

    Source: definitions; a year has 365 days.

    Examples
    --------
    >>> round(annual(0.01, 73, "simple"), 12), round(annual(0.01, 73, "compound"), 12)
    (0.05, 0.0510100501)
    """
    times = DAYS / days
    match how:
        case "simple":
            return gain * times
        case "compound":
            return _grown(math.log1p(gain) * times)
        case "daily":
            return _grown(math.log1p(gain / days) * DAYS)
        case "continuous":
            return _grown(gain * times)
        case _:
            assert_never(how)


def _grown(exponent: float) -> float:
    return math.expm1(exponent) if exponent < _LARGEST_EXPONENT else math.inf


def horizon(gain: float, yearly: float, how: How) -> float:
    """Days after which a gain has that yearly yield: the inverse of `annual`.

    Source: as `annual`, solved for the days.
    """
    match how:
        case "simple":
            return DAYS * gain / yearly
        case "compound":
            return DAYS * math.log1p(gain) / math.log1p(yearly)
        case "daily":
            return gain / math.expm1(math.log1p(yearly) / DAYS)
        case "continuous":
            return DAYS * gain / math.log1p(yearly)
        case _:
            assert_never(how)


def earned(yearly: float, days: float, how: How) -> float:
    """Gain over `days` that has that yearly yield (above -1 where it is reinvested): the other inverse of `annual`.

    Source: as `annual`, solved for the gain.

    Examples
    --------
    >>> round(earned(0.05, 73, "simple"), 12), round(earned(annual(0.01, 73, "daily"), 73, "daily"), 12)
    (0.01, 0.01)
    """
    match how:
        case "simple":
            return yearly * days / DAYS
        case "compound":
            return _grown(math.log1p(yearly) * days / DAYS)
        case "daily":
            return math.expm1(math.log1p(yearly) / DAYS) * days
        case "continuous":
            return math.log1p(yearly) * days / DAYS
        case _:
            assert_never(how)


def horizons(figure: Printed, how: How) -> tuple[float, float]:
    """Shortest and longest horizon (days) whose yield rounds to the printed one.

    Source: as `horizon`, at the ends of the printed digit's rounding.
    """
    half = figure.unit / 2
    return horizon(figure.gain, figure.yearly + half, how), horizon(figure.gain, figure.yearly - half, how)


def shared_horizon(figures: Sequence[Printed], how: How) -> tuple[float, float] | None:
    """Horizons (days) that fit every figure; None where there is none.

    Source: as `horizons`, all at once.

    Examples
    --------
    >>> figures = [Printed(0.05, 0.375, 0.001), Printed(0.04, 0.292, 0.001)]
    >>> low, high = shared_horizon(figures, "compound")
    >>> shared_horizon(figures, "simple") is None, round(low, 3), round(high, 3)
    (True, 55.858, 55.963)
    """
    spans = [horizons(figure, how) for figure in figures]
    low, high = max(span[0] for span in spans), min(span[1] for span in spans)
    return (min(low, high), high) if low <= high * (1 + _DUST) else None
