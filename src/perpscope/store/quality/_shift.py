"""Are the stamps in another time zone, by what the grid itself shows?

Three signs. Many stamps in a row share one offset from the grid of the venue, or of the rest of the series. The whole
series lies on a grid no venue is known to use. Or stamps are missing where a block begins and stand twice where it ends:
the block was moved. A shift by whole intervals leaves the first two signs empty; `_echo` and `_lead` look for those.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import numpy as np

from perpscope.store.quality._duplicates import NEAR
from perpscope.store.quality._grid import Grid, grid_of
from perpscope.store.quality._off_slot import steady
from perpscope.store.quality._series import HOUR, MINUTE, Flags, Series, spans
from perpscope.store.quality.facts import VenueFacts
from perpscope.store.quality.gaps import holes
from perpscope.store.quality.problem import Problem, count, when

NATURAL_HOURS = 4
"""Grids of intervals up to 12 h start at a multiple of 4 h after midnight UTC on every venue on record; one early exception
(07/15/23) is why this sign alone is a doubt."""
MOST_MOVED = 26
"""Hours: no two time zones lie further apart."""
APART = 3
"""Blocks with one offset and at most this many other rows between them are one."""


def find_shifts(series: Series, facts: VenueFacts) -> Iterator[Problem]:
    """Tell every shift the grid shows."""
    if facts.continuous or len(series) < 2:  # noqa: PLR2004 - one stamp has no spacing
        return
    grid = grid_of(series, facts)
    if grid.phase is None:
        return
    yield from _off_the_grid(series, grid, facts)
    if facts.phase_hours is None:
        yield from _unnatural(series, grid)
    yield from _moved(series, grid, facts)


def zones(offset_hours: float, step_hours: float) -> str:
    """Name the time zones in which local stamps lie `offset_hours` beside a grid of `step_hours`."""
    fits = [z / 2 for z in range(-24, 29) if abs((z / 2 - offset_hours + step_hours / 2) % step_hours - step_hours / 2) < 1e-6]  # noqa: PLR2004 - rounding
    near = sorted((z for z in fits if z), key=abs)[:3]
    return " or ".join(f"UTC{z:+g}" for z in near) or "no whole or half hour of any zone"


def _off_the_grid(series: Series, grid: Grid, facts: VenueFacts) -> Iterator[Problem]:
    minutes = (grid.off + MINUTE // 2) // MINUTE
    flags = steady(grid)
    blocks: list[tuple[int, int]] = []
    for first, last in spans(flags):
        cuts = [first, *(np.flatnonzero(np.diff(minutes[first : last + 1])) + first + 1).tolist(), last + 1]
        for a, b in pairwise(cuts):
            if blocks and a - blocks[-1][1] <= APART + 1 and minutes[blocks[-1][1]] == minutes[a]:
                blocks[-1] = (blocks[-1][0], b - 1)
            else:
                blocks.append((a, b - 1))
    against = "the venue's grid" if facts.phase_hours is not None else "the grid of the other rows"
    for a, b in blocks:
        hours, step = minutes[a] / 60, grid.step[a] / HOUR
        whole = "all" if a == 0 and b == len(series) - 1 else "from a date on" if b == len(series) - 1 else "in a block"
        summer = _summer(int(series.ts[a]), int(series.ts[b])) if abs(hours) == 1 else ""
        yield Problem(
            "shift",
            int(series.ts[a]),
            int(series.ts[b]),
            f"{count(b - a + 1, 'stamp')} ({whole}) lie {hours:+g} h beside {against} of {step:g} h, as local time"
            f" of {zones(hours, step)} would.{summer} Shift them by {-hours:+g} h, or by the zone's difference if whole intervals are"
            " lost too.",
        )


def _unnatural(series: Series, grid: Grid) -> Iterator[Problem]:
    step = int(np.median(grid.step))
    phase = (grid.phase or 0) % step
    unit = min(step, NATURAL_HOURS * HOUR)
    if step > 12 * HOUR or phase % unit == 0:
        return
    hours, every = phase / HOUR, step / HOUR
    yield Problem(
        "shift",
        int(series.ts[0]),
        int(series.ts[-1]),
        f"stamps come every {every:g} h but {hours % (unit / HOUR):g} h after the full {unit / HOUR:g} h of UTC, where no"
        f" known venue settles: local time of {zones(hours % (unit / HOUR), unit / HOUR)}? State the source's time zone in the mapping.",
        "doubt",
    )


def _moved(series: Series, grid: Grid, facts: VenueFacts) -> Iterator[Problem]:
    """Pair a hole of k slots with k doubled slots that have different rates: what lies between was moved by k slots."""
    ts, step = series.ts, grid.step
    doubled = _doubled(np.r_[False, np.diff(ts) < NEAR * step[1:]], np.r_[False, np.diff(series.rate) != 0])
    if not doubled:
        return
    open_ = [h for h in holes(series, facts) if h.exact and h.missing * np.median(step) <= MOST_MOVED * HOUR]
    for hole in open_:
        for first, last, k in doubled:
            if k != hole.missing:
                continue
            forward = ts[first] > hole.after
            a, b = (hole.before, int(ts[last])) if forward else (int(ts[first]), hole.after)
            by = k * float(np.median(step)) / HOUR * (1 if forward else -1)
            if any(a < other.after and other.before < b for other in open_ if other is not hole):
                continue
            yield Problem(
                "shift",
                a,
                b,
                f"{count(k, 'slot')} empty at one end of the block {when(a)} to {when(b)}, and {k} filled twice at the other, not all"
                f" with the same rate: the block was moved by {by:+g} h.{_summer(a, b) if abs(by) == 1 else ''} Move it back, then"
                " import again.",
                "doubt",
            )


def _doubled(twice: Flags, other: Flags) -> list[tuple[int, int, int]]:
    """First row, last row and number of the doubled slots of each block in which some rate differs; rows of both alternate."""
    rows = np.flatnonzero(twice)
    out: list[tuple[int, int, int]] = []
    for row in rows.tolist():
        if out and row - out[-1][1] <= 2:  # noqa: PLR2004 - the next slot's first row lies between
            out[-1] = (out[-1][0], row, out[-1][2] + 1)
        else:
            out.append((row - 1, row, 1))
    return [(first, last, k) for first, last, k in out if (twice & other)[first : last + 1].any()]


def _summer(first: int, last: int) -> str:
    """Say so where a block of one hour begins and ends with European or American summer time."""
    a, b = (datetime.fromtimestamp(ms / 1000, tz=UTC) for ms in (first, last))
    for where, began, ended in (("European", (3, -1), (10, -1)), ("American", (3, 2), (11, 1))):
        if abs(a - _sunday(a.year, *began)) < timedelta(days=2) and abs(b - _sunday(b.year, *ended)) < timedelta(days=2):
            return f" It begins and ends with {where} summer time."
    return ""


def _sunday(year: int, month: int, which: int) -> datetime:
    """Return the which-th Sunday of a month (-1: the last), 01:00 UTC."""
    first = datetime(year, month, 1, 1, tzinfo=UTC)
    sundays = [day for n in range(31) if (day := first + timedelta(days=n)).month == month and day.weekday() == 6]  # noqa: PLR2004 - Sunday
    return sundays[which if which < 0 else which - 1]
