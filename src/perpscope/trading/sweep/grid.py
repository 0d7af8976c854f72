"""Which parameter sets are to be tried?

An axis is written as a list (`3,6,9`) or as a span with the number of evenly spaced values (`0%..20%/5` is 0, 5, 10, 15 and 20 %). The
grid is every combination, in the order in which the axes are declared, the last one turning fastest.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from fractions import Fraction
from itertools import product
from typing import Any

from perpscope.errors import InputError
from perpscope.market.number import INF, to_decimal
from perpscope.trading.trade import Policy
from perpscope.units import Rate

RATES = ("enter", "exit")
"""Axes that are simple annual rates."""
NONE = "none"
"""A threshold that is always passed, or a time without end."""
MOST = 20_000
"""Sets of one grid; more is a slip of the hand."""
_SPAN = re.compile(r"(?P<low>[^/]+)\.\.(?P<high>[^/]+?)/\s*(?P<count>\d+)")
_HOW = "Write values with commas, such as 3,6,9, or a span with the number of values, such as 0%..20%/5."


@dataclass(frozen=True, slots=True)
class ParameterSet:
    """One set of parameters of a trade with fixed sides.

    Parameters
    ----------
    enter, exit : simple annual rates, as in `Policy`. look : fixings. leverage : of every leg that is not paid in full, >= 1.
    stay_hours, rest_hours, most_hours : as in `Policy`.
    """

    enter: float = -INF
    exit: float = -INF
    look: int = 3
    leverage: float = 1.0
    stay_hours: float = 0.0
    rest_hours: float = 0.0
    most_hours: float = INF

    def __post_init__(self) -> None:
        """Refuse what no policy can be."""
        _ = self.policy
        if not 1 <= self.leverage < INF:
            raise InputError("a leverage", f"{self.leverage:g}", "Give 1 or more; 1 is paid in full.")

    @property
    def policy(self) -> Policy:
        """When it enters and leaves."""
        return Policy(self.enter, self.exit, self.look, stay_hours=self.stay_hours, rest_hours=self.rest_hours, most_hours=self.most_hours)

    def told(self) -> dict[str, float | int | None]:
        """Return it for a reader: None for a threshold or time without end."""
        values = {each.name: getattr(self, each.name) for each in fields(self)}
        return {name: None if isinstance(value, float) and math.isinf(value) else value for name, value in values.items()}

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> ParameterSet:
        """Read what `told` wrote."""
        ends = {"enter": -INF, "exit": -INF, "most_hours": INF}
        values: dict[str, Any] = {name: ends[name] if value is None else value for name, value in told.items()}
        return cls(**values)


AXES: tuple[str, ...] = tuple(each.name for each in fields(ParameterSet))


@dataclass(frozen=True, slots=True)
class Grid:
    """All combinations of some axes.

    Parameters
    ----------
    axes : name -> values. sets : the combinations. dropped : how many were left out because they would leave above where they enter.
    """

    axes: Mapping[str, tuple[float, ...]]
    sets: tuple[ParameterSet, ...]
    dropped: int

    @classmethod
    def of(cls, axes: Mapping[str, Sequence[float]]) -> Grid:
        """Combine axes; those not named keep their usual value.

        Raises
        ------
        InputError
            When an axis is unknown or empty, nothing is left, or there are more than `MOST` sets.

        Examples
        --------
        >>> found = Grid.of({"enter": (0.0, 0.1), "exit": (0.0, 0.05)})
        >>> len(found.sets), found.dropped
        (3, 1)
        """
        unknown = [name for name in axes if name not in AXES]
        if unknown:
            raise InputError(f"the axis {unknown[0]!r}", "no such parameter", f"Give some of {', '.join(AXES)}.")
        values = {name: _distinct(name, axes[name]) for name in AXES if name in axes}
        count = math.prod(map(len, values.values()))
        if count > MOST:
            raise InputError("a grid", f"{count:,} combinations", f"Keep it to {MOST:,}: the more are tried, the less the best one says.")
        rows = [dict(zip(values, row, strict=True)) for row in product(*values.values())]
        kept = [row for row in rows if row.get("exit", -INF) <= row.get("enter", -INF)]
        if not kept:
            raise InputError("a grid", "every combination leaves above where it enters", "Give exits at or below the entries.")
        return cls(values, tuple(_set(row) for row in kept), len(rows) - len(kept))


def _set(row: Mapping[str, float]) -> ParameterSet:
    values: dict[str, Any] = {name: _whole(value) if name == "look" else float(value) for name, value in row.items()}
    return ParameterSet(**values)


def _whole(value: float) -> int:
    if value != int(value):
        raise InputError("the axis look", f"{value:g} fixings", "Give whole numbers.")
    return int(value)


def _distinct(name: str, values: Sequence[float]) -> tuple[float, ...]:
    found = tuple(dict.fromkeys(values))
    if not found:
        raise InputError(f"the axis {name}", "no values", _HOW)
    return found


def read_axis(name: str, text: str) -> tuple[float, ...]:
    """Read the values of one axis as a person writes them.

    Parameters
    ----------
    name : of `AXES`. text : values with commas, or LOW..HIGH/COUNT. Rates are simple annual ones, `10%` or `0.1`, or carry their period
        (`0.01%/8h`, in lists only); "none" is a threshold that is always passed, or a time without end.

    Raises
    ------
    InputError
        When it cannot be read.

    Examples
    --------
    >>> read_axis("enter", "0%..20%/5")
    (0.0, 0.05, 0.1, 0.15, 0.2)
    >>> read_axis("enter", "0.01%/8h, none")
    (0.1095, -inf)
    """
    if name not in AXES:
        raise InputError(f"the axis {name!r}", "no such parameter", f"Give some of {', '.join(AXES)}.")
    span = _SPAN.fullmatch(text.strip())
    if span is None:
        return _distinct(name, [_value(name, word) for word in text.split(",") if word.strip()])
    low, high, count = _number(name, span["low"]), _number(name, span["high"]), int(span["count"])
    if count < 2 or high <= low:  # noqa: PLR2004 - a span has two ends
        raise InputError(f"the axis {name}", repr(text), f"Give a rising span of two values or more. {_HOW}")
    if count > MOST:
        raise InputError(f"the axis {name}", f"{count:,} values", f"Keep a whole grid to {MOST:,} combinations.")
    return tuple(float(low + (high - low) * Fraction(k, count - 1)) for k in range(count))


def _value(name: str, word: str) -> float:
    word = word.strip().lower()
    if word == NONE:
        return INF if name == "most_hours" else -INF
    if name in RATES and "/" in word:
        return Rate.parse(word).apr
    return float(_number(name, word))


def _number(name: str, word: str) -> Fraction:
    word = word.strip().lower()
    try:
        return to_decimal(word.removesuffix("%")) / 100 if word.endswith("%") else to_decimal(word)
    except (ValueError, ArithmeticError, InputError):
        raise InputError(f"the axis {name}", f"{word!r} is no number", _HOW) from None


def read_grid(document: Mapping[str, object]) -> Grid:
    """Read a grid from a parsed file: a table `grid` of axis -> text as in `read_axis`, a number, or a list of both.

    Raises
    ------
    InputError
        When there is no such table, or something in it cannot be read.
    """
    told = document.get("grid")
    if not isinstance(told, Mapping) or not told:
        raise InputError("a grid", "no table [grid]", 'Write [grid] and below it axes, such as enter = "0%..20%/5".')
    return Grid.of({str(name): _axis(str(name), value) for name, value in told.items()})


def _axis(name: str, value: object) -> tuple[float, ...]:
    if isinstance(value, str):
        return read_axis(name, value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return read_axis(name, repr(value))
    if isinstance(value, list):
        return tuple(number for each in value for number in _axis(name, each))
    raise InputError(f"the axis {name}", repr(value), _HOW)
