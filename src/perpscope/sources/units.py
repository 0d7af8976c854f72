"""How are units written in a mapping: of rates, of bars, of closing times?

`day` is a fraction per day; `percent/8h` is percent per eight hours; `1h` is a bar of one hour; `15:00
America/Chicago` is a closing time. Each reader returns a value or raises `ValueError`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from perpscope.units import HOURS_PER_DAY, HOURS_PER_YEAR, MS_PER_HOUR

_SCALES = {"fraction": 1.0, "percent": 1e-2, "%": 1e-2, "bp": 1e-4, "bps": 1e-4, "ppm": 1e-6}
_HOURS = {
    **dict.fromkeys(("m", "min", "minute", "minutes"), 1 / 60),
    **dict.fromkeys(("h", "hour", "hours", "hourly"), 1.0),
    **dict.fromkeys(("d", "day", "days", "daily"), HOURS_PER_DAY),
    **dict.fromkeys(("w", "week"), 7 * HOURS_PER_DAY),
    **dict.fromkeys(("y", "year", "annum"), HOURS_PER_YEAR),
}
_UNIT = "|".join(sorted(_HOURS, key=len, reverse=True))
_RATE = re.compile(
    rf"(?P<scale>fraction|percent|%|bps|bp|ppm)?\s*(?:/|per\b)?\s*(?:(?P<count>\d*\.?\d*)\s*(?P<unit>{_UNIT})|(?P<own>interval))?",
    re.IGNORECASE,
)
_BAR = re.compile(rf"(\d+\.?\d*)?\s*({_UNIT})", re.IGNORECASE)
_STAMP = re.compile(
    r"(?:bar |candle )?(open|start|close|end)(?:ing)?(?: time)?(?: of (?:the )?(?:bar|candle|hour|day|minute))?(?:\s*([+-])\s*(.+))?"
)
_CLOSE = re.compile(
    r"(?P<hour>[01]\d|2[0-4]):(?P<minute>[0-5]\d)\s+(?P<zone>UTC|[A-Z][A-Za-z]+/[\w/+-]+|[+-]\d\d:\d\d)"
    r"(?:\s+of\s+(?:the\s+)?(?P<day>date|day after))?"
)
_LATE = "one minute late"


@dataclass(frozen=True, slots=True)
class RateUnit:
    """A rate times `scale` is a fraction; `hours` it is for (None: the row's own interval)."""

    scale: float = 1.0
    hours: float | None = None


@dataclass(frozen=True, slots=True)
class Close:
    """A closing time of day: `minutes` after 00:00 of the labelled date in `zone`; None where it is unstated."""

    minutes: int | None = None
    zone: str = "UTC"


def read_rate_unit(text: str) -> RateUnit:
    """Read ``fraction``, ``percent``, ``bp``, ``day`` (a fraction per day), ``percent/8h``."""
    found = _RATE.fullmatch(text.strip())
    if not found or not (found["scale"] or found["unit"]) or text.strip().endswith(("/", "per")):
        raise ValueError(text)
    hours = None if found["unit"] is None else float(found["count"] or 1) * _HOURS[found["unit"].lower()]
    if hours is not None and hours <= 0:
        raise ValueError(text)
    return RateUnit(_SCALES[(found["scale"] or "fraction").lower()], hours)


def read_bar(value: str | float) -> float:
    """Hours of a bar written ``1m``, ``1h``, ``1d`` or as a number of hours."""
    if isinstance(value, int | float):
        hours = float(value)
    else:
        found = _BAR.fullmatch(value.strip())
        if not found:
            raise ValueError(value)
        hours = float(found[1] or 1) * _HOURS[found[2].lower()]
    if not 0 < hours <= HOURS_PER_YEAR:
        raise ValueError(value)
    return hours


def read_stamp(text: str) -> tuple[str, int]:
    """Read which end of the bar is stamped: ("open" or "close", milliseconds the stamp is later than that end).

    ``open``, ``close`` or ``end``, ``open + 1m``, ``close - 1h``. A bucket of one-minute bins that are stamped at their
    end is one minute late: the bin stamped H:00 covers the minute before H:00, so the bucket opened at H:00 - 1m.
    """
    said = text.strip().lower()
    if _LATE in said:
        return "open", MS_PER_HOUR // 60
    found = _STAMP.fullmatch(said)
    if not found:
        raise ValueError(text)
    late = 0 if found[3] is None else round(read_bar(found[3]) * MS_PER_HOUR)
    return ("open" if found[1] in {"open", "start"} else "close"), -late if found[2] == "-" else late


def read_close(text: str) -> Close:
    """Read ``24:00 UTC of date``, ``15:00 America/Chicago``, ``00:00 UTC of the day after`` or ``unstated (...)``."""
    if text.strip().lower().startswith("unstated"):
        return Close()
    found = _CLOSE.fullmatch(text.strip())
    if not found:
        raise ValueError(text)
    minutes = int(found["hour"]) * 60 + int(found["minute"])
    if minutes > HOURS_PER_DAY * 60:
        raise ValueError(text)
    return Close(minutes + (round(HOURS_PER_DAY) * 60 if found["day"] == "day after" else 0), found["zone"])
