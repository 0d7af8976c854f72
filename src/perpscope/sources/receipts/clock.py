"""When was that, in UTC, if a statement shows the clock of some place?"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

from perpscope.errors import InputError
from perpscope.market.time import to_ms

_OFFSET = re.compile(r"([+-])(\d\d):?(\d\d)")


def zone_of(text: str) -> tzinfo:
    """Time zone of a name such as UTC, Europe/Berlin or +08:00.

    Raises
    ------
    InputError
        When there is no such zone.
    """
    found = _OFFSET.fullmatch(text.strip())
    if found:
        minutes = int(found[2]) * 60 + int(found[3])
        return timezone(timedelta(minutes=-minutes if found[1] == "-" else minutes))
    try:
        return UTC if text.strip().upper() == "UTC" else ZoneInfo(text.strip())
    except (KeyError, ValueError, OSError):
        raise InputError(
            f"the time zone {text!r}", "there is none of that name", "Give UTC, +08:00 or a name such as Europe/Berlin."
        ) from None


def in_zone(text: str, zone: str, where: str) -> int:
    """Ms UTC of a clock such as 2024-02-01 14:00:00 in a zone.

    Raises
    ------
    InputError
        When it is no time, or the zone's clocks showed it never or twice.
    """
    place = zone_of(zone)
    try:
        naive = datetime.fromisoformat(text)
    except ValueError:
        raise InputError(where, f"{text!r} is no time", "Give it like 2024-02-01 14:00:00.") from None
    shown = {to_ms(naive.replace(tzinfo=place, fold=fold)) for fold in (0, 1)}
    back = datetime.fromtimestamp(min(shown) / 1000, tz=place).replace(tzinfo=None)
    if len(shown) != 1 or back != naive.replace(microsecond=naive.microsecond // 1000 * 1000):
        raise InputError(where, f"{text} in {zone} was never or twice, for the clocks were changed", "Give it with its offset, or in UTC.")
    return shown.pop()
