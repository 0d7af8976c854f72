"""How is a found number written for a reader, and the tick of an axis?

A number is a fraction, a count or a length in natural units; how it is written follows from what its claim says of it,
else from its name and its magnitude. The exact value stays in the page beside it.
"""

from __future__ import annotations

import math

from perpscope.claims.model import AxisKind, Cell, Text
from perpscope.reports import words
from perpscope.reports.trial.wording import Wording

_PLAIN = ("usd", "days", "hours", "years", "months", "count", "rank", "lag", "draws", "windows", "n", "t", "z", "ratio", "slope", "beta")
"""Parts of a name that say: not a fraction."""
_LARGEST_FRACTION = 20.0
"""No rate of an article is 2,000 %: what is larger is a count or money."""
NEXT_TO_NOTHING = 1e-7
"""Below this a number is written with a power."""


def found_number(name: str, value: float | None, form: str = "") -> str:
    """Write a found or stated number; `form` is a format of Python, "" to go by name and magnitude."""
    if value is None or not math.isfinite(value):
        return words.NONE
    if form:
        return formatted(value, form)
    if 0 < abs(value) < NEXT_TO_NOTHING:
        return words.tiny(value)
    parts = name.lower().split("_")
    if "bp" in parts:
        return words.number(value, 2)
    counted = any(part in _PLAIN for part in parts) or (float(value).is_integer() and abs(value) > 1)
    return plain_number(value) if counted or abs(value) >= _LARGEST_FRACTION else as_percent(value)


def plain_number(value: float) -> str:
    """Write a number with four telling digits, whole ones whole."""
    if float(value).is_integer() and abs(value) < 1e15:  # noqa: PLR2004 - what a double holds exactly
        return words.number(value, 0)
    return words.number(value, max(0, 3 - math.floor(math.log10(abs(value))))) if abs(value) >= 1e-4 else words.tiny(value)  # noqa: PLR2004 - below, powers


def as_percent(value: float) -> str:
    """Write a fraction as per cent with three or four telling digits."""
    if value == 0:
        return words.percent(0.0, 0)
    digits = min(6, max(1, 2 - math.floor(math.log10(abs(value * 100)))))
    text = words.number(value * 100, digits)
    whole = text.rstrip("0").rstrip(".") if "." in text and abs(value * 100) < 1 else text
    return f"{whole}{words.THIN}%"


def tick(value: float, kind: AxisKind, digits: int = 0) -> str:
    """Write the tick of an axis."""
    if kind == "percent":
        return words.percent(value, digits)
    if kind == "bp":
        return words.number(value * 10_000, digits)
    return words.number(value, digits)


def formatted(value: float, form: str) -> str:
    """Write a number by a format of Python, with a true minus and a thin space before the per cent sign."""
    told = format(round(value), form) if form.endswith("d") else format(value, form)
    return told.replace("-", words.MINUS).replace("%", f"{words.THIN}%")


def cell(value: Cell, form: str, say: Wording) -> str:
    """Write one cell of a table; `form` is a format of Python, "" for the number as it is."""
    if value is None:
        return words.NONE
    if isinstance(value, Text):
        return say.of(value)
    if isinstance(value, str):
        return say.of(Text.same(value))
    if not math.isfinite(value):
        return words.NONE
    if form:
        return formatted(value, form)
    return words.count(value) if isinstance(value, int) else plain_number(value)
