"""How is a number written for people?

A true minus sign, a thin space before the per cent sign, dates as 2026-08-22 in tables and 22 August 2026 in
sentences, and a dash where there is no number. The data keeps plain fractions; only these words are rounded.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

from perpscope.units import HOURS_PER_DAY, HOURS_PER_YEAR

NONE = "–"  # noqa: RUF001 - an en dash is how a table says nothing
MINUS = "\u2212"
THIN = "\u202f"


def number(value: float | None, digits: int = 2) -> str:
    """Write a number with a true minus, thousands separated; a dash for None."""
    if value is None:
        return NONE
    text = f"{abs(value):,.{digits}f}"
    return (MINUS if value < 0 and float(text.replace(",", "")) else "") + text


def percent(value: float | None, digits: int = 2) -> str:
    """Write a fraction as per cent: 0.1095 is 10.95 %."""
    return NONE if value is None else f"{number(value * 100, digits)}{THIN}%"


def percent_bare(value: float | None, digits: int = 2) -> str:
    """Write a fraction as per cent without the sign, for columns that carry it in their head."""
    return NONE if value is None else number(value * 100, digits)


def share(value: float | None) -> str:
    """Write a share of a whole: whole per cents, but never 0 or 100 for what is not."""
    if value is None:
        return NONE
    if 0 < value < 0.01:  # noqa: PLR2004 - one per cent
        return f"<{THIN}1{THIN}%"
    if 0.99 < value < 1:  # noqa: PLR2004 - ninety-nine per cent
        return f">{THIN}99{THIN}%"
    return f"{value * 100:.0f}{THIN}%"


def rate(value: float | None, hours: float) -> str:
    """Write a rate with its interval: 0.0100 % / 8 h."""
    return NONE if value is None else f"{percent(value, 4)}{THIN}/{THIN}{hours:g}{THIN}h"


def count(value: int) -> str:
    """Write a whole number, thousands separated."""
    return f"{value:,}"


def counted(value: int, thing: str) -> str:
    """Write a count with its noun: 1 gap, 2 gaps."""
    return f"{value:,} {thing}{'' if value == 1 else 's'}"


def tiny(value: float | None) -> str:
    """Write a very small number: 4.9e-11; 0 as 0."""
    return NONE if value is None else f"{value:.1e}".replace("e-0", "e-").replace("-", MINUS) if value else "0"


def day(ms: int) -> str:
    """Write the UTC day of a stamp: 2026-08-22."""
    return _at(ms).strftime("%Y-%m-%d")


def minute(ms: int) -> str:
    """Write the UTC minute of a stamp: 2026-08-22 05:00."""
    return _at(ms).strftime("%Y-%m-%d %H:%M")


def long_day(ms: int) -> str:
    """Write the UTC day of a stamp in words: 22 August 2026."""
    at = _at(ms)
    return f"{at.day} {at.strftime('%B %Y')}"


def duration(hours: float) -> str:
    """Write a length of time in the unit one would say: 5 h, 12 days, 3.4 years."""
    if hours < 2 * HOURS_PER_DAY:
        return f"{hours:.0f}{THIN}h"
    if hours < HOURS_PER_YEAR:
        return f"{hours / HOURS_PER_DAY:.0f} days"
    return f"{hours / HOURS_PER_YEAR:.1f} years"


def listing(names: list[str], most: int = 3) -> str:
    """Write names as a list, the rest counted: a, b, c and 4 more."""
    if len(names) <= most:
        return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)
    return f"{', '.join(names[:most])} and {len(names) - most} more"


def slug(text: str) -> str:
    """Turn a name into letters, digits and hyphens, for ids."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def _at(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, tz=UTC)
