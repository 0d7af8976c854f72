"""Which checks are there?"""

from __future__ import annotations

from perpscope.audit.imply import atoms, calendar, lag, limits
from perpscope.audit.imply.grounds import Grounds
from perpscope.audit.model import Check

CHECKS = (
    (limits.CAPS, limits.caps),
    (limits.STEPS, limits.steps),
    (atoms.ATOM, atoms.interest_atom),
    (atoms.NO_ATOM, atoms.no_other_atom),
    (atoms.FILLER, atoms.no_filler),
    (atoms.DIGITS, atoms.stated_decimals),
    (calendar.GRID, calendar.on_grid),
    (calendar.INTERVAL, calendar.stated_intervals),
    (calendar.GAPS, calendar.complete),
)


def implied(grounds: Grounds) -> tuple[Check, ...]:
    """Try everything the rules in force imply; what could not be tried says why."""
    if not len(grounds.series):
        return tuple(Check(name, None, "no published fixing in range") for name in (*(name for name, _ in CHECKS), lag.LAG, lag.SIGN))
    return (*(check(grounds) for _, check in CHECKS), *lag.lags(grounds))
