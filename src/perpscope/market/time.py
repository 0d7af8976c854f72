"""When is funding decided, and when is it paid?

All stamps are integers: milliseconds since 1970-01-01 UTC. A `Schedule` is one regular grid; a `Calendar` is the
dated sequence of schedules a contract lived under (8h, then 4h, then 1h, then 8h again).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime

from perpscope.errors import InputError
from perpscope.market.number import refuse_others
from perpscope.units import MS_PER_HOUR

FOREVER = 253_402_300_800_000  # 10000-01-01, after every stamp a datetime can hold


def to_ms(moment: str | datetime) -> int:
    """Milliseconds since the epoch of an ISO text or datetime that names its time zone.

    A naive time is an error: it would silently be somebody's local time.
    """
    if isinstance(moment, str):
        try:
            moment = datetime.fromisoformat(moment.strip())
        except ValueError:
            raise InputError(f"the time {moment!r}", "not an ISO 8601 time", "Write it like 2025-09-18T08:00:00Z.") from None
    if moment.tzinfo is None:
        raise InputError(f"the time {moment.isoformat()}", "no time zone", "Write Z or an offset: 2025-09-18T08:00:00Z.")
    since = moment - datetime(1970, 1, 1, tzinfo=UTC)
    return since.days * 86_400_000 + since.seconds * 1000 + since.microseconds // 1000


def day_ms(text: str) -> int:
    """Milliseconds of an ISO time or, for a bare date such as 2025-09-18, of its 00:00 UTC."""
    return to_ms(f"{text}T00:00:00Z" if len(text.strip()) == len("2025-09-18") else text)


def to_text(ms: int) -> str:
    """ISO text, UTC, seconds (or milliseconds where there are any)."""
    if ms >= FOREVER:
        return "open end"
    moment = datetime.fromtimestamp(ms / 1000, tz=UTC)
    return moment.isoformat(timespec="milliseconds" if ms % 1000 else "seconds").replace("+00:00", "Z")


@dataclass(frozen=True, slots=True)
class Schedule:
    """A regular grid of funding stamps.

    Parameters
    ----------
    hours : length of the interval, > 0 (0 for continuous accrual, which has no stamps).
    phase_hours : offset of the grid from 00:00 UTC, 0 <= phase < hours (04/12/20 is 8 hours, phase 4).
    lag : intervals between the end of the averaging window and the payment, 0 or 1.
    """

    hours: float
    phase_hours: float = 0.0
    lag: int = 0

    def __post_init__(self) -> None:
        """Refuse grids that cannot be."""
        refuse_others("a funding schedule", hours=self.hours, phase_hours=self.phase_hours, lag=self.lag)
        if not (math.isfinite(self.hours) and self.hours >= 0) or self.step % 1000:
            raise InputError("a funding schedule", f"an interval of {self.hours} h", "Give whole seconds, or 0 for continuous accrual.")
        if not 0 <= self.phase_hours <= max(self.hours - 1e-9, 0):
            raise InputError("a funding schedule", f"phase {self.phase_hours} h of {self.hours} h", "Keep 0 <= phase < interval.")
        if self.lag not in (0, 1):
            raise InputError("a funding schedule", f"lag {self.lag}", "No venue lags by more than one interval: give 0 or 1.")

    @property
    def step(self) -> int:
        """Length of the interval in milliseconds."""
        return round(self.hours * MS_PER_HOUR)

    @property
    def phase(self) -> int:
        """Offset of the grid in milliseconds."""
        return round(self.phase_hours * MS_PER_HOUR)

    @property
    def continuous(self) -> bool:
        """Whether funding accrues at every instant instead of at stamps."""
        return self.hours == 0

    def nominal(self, ms: int) -> int:
        """Return the slot nearest to a raw stamp (venues stamp some milliseconds late); ties go to the earlier slot."""
        if self.continuous:
            return ms
        return (ms - self.phase + (self.step - 1) // 2) // self.step * self.step + self.phase

    def next_after(self, ms: int) -> int:
        """Return the first slot strictly after `ms`."""
        if self.continuous:
            raise InputError("the next funding stamp", "funding accrues continuously", "Ask for the rate at an instant instead.")
        return ((ms - self.phase) // self.step + 1) * self.step + self.phase

    def stamps(self, start: int, end: int) -> list[int]:
        """All slots with start <= slot < end."""
        return list(range(self.next_after(start - 1), end, self.step))


@dataclass(frozen=True, slots=True)
class Calendar:
    """The dated schedules of one contract: ((since, schedule), ...) in rising order of `since` (ms).

    A stamp belongs to the schedule in force just before it, so the last stamp of an 8-hour grid still closes
    an 8-hour window on the day the interval becomes 4 hours.
    """

    eras: tuple[tuple[int, Schedule], ...]

    def __post_init__(self) -> None:
        """Refuse an empty or unordered calendar."""
        starts = [since for since, _ in self.eras]
        if not starts or starts != sorted(set(starts)):
            raise InputError("a funding calendar", f"eras starting at {starts}", "Give at least one era, in rising order.")

    def at(self, ms: int) -> Schedule:
        """Return the schedule in force at `ms`."""
        for since, schedule in reversed(self.eras):
            if since <= ms:
                return schedule
        raise InputError("a funding schedule", f"{to_text(ms)} is before the first era", f"Ask from {to_text(self.eras[0][0])} on.")

    def stamps(self, start: int, end: int) -> list[tuple[int, float]]:
        """All (stamp, interval in hours) with start <= stamp < end, across every change of interval."""
        out: list[tuple[int, float]] = []
        now = max(start - 1, self.eras[0][0])
        while True:
            schedule = self.at(now)
            after = next((since for since, _ in self.eras if since > now), FOREVER)
            if schedule.continuous:
                now = after
            else:
                stamp = schedule.next_after(now)
                if stamp > after:
                    now = after
                    continue
                if stamp >= end:
                    return out
                out.append((stamp, schedule.hours))
                now = stamp
            if now >= end:
                return out


def slot_step(hours: float) -> int:
    """Milliseconds of an interval given in hours."""
    return round(hours * MS_PER_HOUR)


def length_text(hours: float) -> str:
    """Write a length of time: minutes below an hour.

    Examples
    --------
    >>> length_text(8.0), length_text(1 / 60)
    ('8 h', '1 min')
    """
    return f"{hours:g} h" if hours >= 1 else f"{hours * 60:g} min"
