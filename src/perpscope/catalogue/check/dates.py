"""Which moment does a text such as "before 2022-09-29 12:00 UTC", "(2025)" or "since 31 Jan 2023" name?

Examples are written for people: a time without a zone is UTC there. (A window document is not: see `windows`.)
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

from perpscope.market.time import to_ms

DAY_MS = 86_400_000
_BEFORE = r"before|until|till|up\s+to|to|->|prior\s+to"
_AFTER = r"since|from|after|as\s+of|at|on|in|starting"
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_WRITTEN = re.compile(rf"\b(?:(\d{{1,2}})\s+)?({'|'.join(_MONTHS)})[a-z]*\.?\s+(?:(\d{{1,2}}),\s*)?(20\d\d)", re.IGNORECASE)
_DATE = re.compile(
    rf"(?:\b(?P<how>{_BEFORE}|{_AFTER})\s+)?"
    r"(?P<year>20\d\d)(?:-(?P<month>\d\d)(?:-(?P<day>\d\d)(?:[T ]+(?P<hour>\d\d):(?P<minute>\d\d)(?::(?P<second>\d\d))?)?)?)?"
    r"\s*(?P<zone>Z|UTC\s*[+-]\s*\d{1,2}|UTC|[+-]\d\d:\d\d)?",
    re.IGNORECASE,
)


def moment_in(text: str) -> tuple[int | None, str]:
    """Read the first date of a text: ms UTC of the rule it means (None where there is none), and the text without dates.

    A year, month or day means its end, so that a rule that starts within it is in force; "before" means just before its start.
    """
    plain = _WRITTEN.sub(_numeric, text)
    for found in _DATE.finditer(plain):
        if stretch := _stretch(found):
            start, length = stretch
            before = bool(found["how"]) and re.fullmatch(_BEFORE, found["how"], re.IGNORECASE) is not None
            return (start - 1 if before else start + max(length - 1, 0)), _DATE.sub(" ", plain)
    return None, text


def turn_in(text: str) -> int | None:
    """Read the moment at which something changed: the start of what the first date names (ms UTC)."""
    found = _DATE.search(_WRITTEN.sub(_numeric, text))
    stretch = _stretch(found) if found else None
    return stretch[0] if stretch else None


def _numeric(found: re.Match[str]) -> str:
    day, month, other_day, year = found.groups()
    number = _MONTHS.index(month.lower()[:3]) + 1
    return f"{year}-{number:02}" + (f"-{int(day or other_day):02}" if day or other_day else "")


def _stretch(found: re.Match[str]) -> tuple[int, int] | None:
    """Start (ms) and length (ms; 0 for a minute or second) of what a date names; "2021-23" is the year 2021."""
    year, month = int(found["year"]), int(found["month"] or 1)
    if not 1 <= month <= 12:  # noqa: PLR2004 - months of a year
        return _stretch_of(found, year, 1, "year")
    return _stretch_of(found, year, month, "minute" if found["hour"] else "day" if found["day"] else "month" if found["month"] else "year")


def _stretch_of(found: re.Match[str], year: int, month: int, unit: str) -> tuple[int, int] | None:
    offset = re.search(r"([+-])\s*(\d{1,2})", found["zone"] or "")
    zone = timezone(timedelta(hours=int(offset[1] + offset[2]))) if offset else UTC
    hour, minute, second = (int(found[part] or 0) if unit == "minute" else 0 for part in ("hour", "minute", "second"))
    try:
        start = datetime(year, month, int(found["day"] or 1) if unit in {"minute", "day"} else 1, hour, minute, second, tzinfo=zone)
    except ValueError:
        return None
    after = {
        "minute": start,
        "day": start + timedelta(days=1),
        "month": (start + timedelta(days=31)).replace(day=1),
        "year": start.replace(year=year + 1),
    }[unit]
    return to_ms(start), to_ms(after) - to_ms(start)
