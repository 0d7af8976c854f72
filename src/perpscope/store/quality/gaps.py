"""Which stamps should be there and are not?

A row says how long its interval was, so it covers the time back to the slot before it. What no row covers is a hole.
Stamps late or early by less than half an interval fill their slot; after a change of interval the shorter of the two
does not open a hole. Certain: a gap is missing rows, or a statement of intervals that is wrong.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from perpscope.market.time import to_text
from perpscope.store.quality.facts import NOTHING, Rules, VenueFacts, facts_of
from perpscope.store.quality.problem import Problem, count, when
from perpscope.units import MS_PER_HOUR

if TYPE_CHECKING:
    from collections.abc import Iterator

    import polars as pl

    from perpscope.store.quality._series import Series

NEIGHBOURS = 2
"""Holes with fewer rows than this between them are told as one."""


@dataclass(frozen=True, slots=True)
class Hole:
    """Slots of one series that no row fills.

    Parameters
    ----------
    venue, market_list, native_id, source : of the series.
    after, before : the slots present on both sides (ms UTC). missing : slots that lie between them.
    exact : False where the interval changed across the hole, so that `missing` is the least it can be.
    """

    venue: str
    market_list: str
    native_id: str
    source: str
    after: int
    before: int
    missing: int
    exact: bool

    @property
    def words(self) -> str:
        """The hole in words."""
        least = "" if self.exact else "at least "
        return f"{least}{self.missing} between {to_text(self.after)} and {to_text(self.before)}"


class Coverage(NamedTuple):
    """Slots expected and present between the first and last row of each series, and the holes."""

    expected: int
    present: int
    gaps: list[Hole]

    @property
    def share(self) -> float:
        """Present over expected; 1 where nothing is expected."""
        return self.present / self.expected if self.expected else 1.0


def coverage(frame: pl.DataFrame, rules: Rules | None = None) -> Coverage:
    """Count the slots of a conformed `funding` frame: every series of every source by its own intervals.

    Tolerates changes of interval, jitter, settlements off their slot (one that shares a slot with another fills none)
    and stamps that come twice. Holes are sought between the first and the last row only: what should stand before and
    after is for the caller to say.

    Examples
    --------
    >>> import polars as pl
    >>> from perpscope.market.table import FUNDING
    >>> coverage(FUNDING.empty())
    Coverage(expected=0, present=0, gaps=[])
    """
    from perpscope.store.quality._series import series_of

    expected = present = 0
    gaps: list[Hole] = []
    for series in series_of(frame):
        facts = facts_of(rules or {}, *series.contract)
        found = list(holes(series, facts))
        present += slots_present(series, facts)
        gaps += found
        expected += sum(hole.missing for hole in found)
    return Coverage(expected + present, present, gaps)


def slots_present(series: Series, facts: VenueFacts = NOTHING) -> int:
    """Count the distinct slots that rows fill."""
    import numpy as np

    from perpscope.store.quality._grid import grid_of

    return len(np.unique(grid_of(series, facts).slot))


def holes(series: Series, facts: VenueFacts = NOTHING) -> Iterator[Hole]:
    """Find every hole of one series, in order of time."""
    import numpy as np

    from perpscope.store.quality._grid import grid_of

    if not len(series):
        return
    grid = grid_of(series, facts)
    slot, rows = np.unique(grid.slot, return_index=True)
    step = grid.step[rows]
    before, after = step[1:], step[:-1]
    hole = np.diff(slot) - before
    longer, shorter = np.maximum(before, after), np.minimum(before, after)
    changed = before != after
    missing = np.where(changed, np.maximum(-(-hole // longer), 1), np.round(hole / before)).astype(np.int64)
    for i in np.flatnonzero((hole > 0.5 * shorter) & (missing > 0)).tolist():
        yield Hole(*series.contract, series.source, int(slot[i]), int(slot[i + 1]), int(missing[i]), exact=not changed[i])


def find_gaps(series: Series, facts: VenueFacts) -> Iterator[Problem]:
    """Tell every hole; holes with a single row between them are told together."""
    import numpy as np

    groups: list[list[Hole]] = []
    for hole in holes(series, facts):
        near = (
            groups and int(np.searchsorted(series.ts, hole.after, "right") - np.searchsorted(series.ts, groups[-1][-1].before)) < NEIGHBOURS
        )
        if near:
            groups[-1].append(hole)
        else:
            groups.append([hole])
    for group in groups:
        missing = sum(hole.missing for hole in group)
        lost = (group[-1].before - group[0].after) / MS_PER_HOUR
        least = "" if all(hole.exact for hole in group) else "at least "
        places = "" if len(group) == 1 else f" in {len(group)} neighbouring holes"
        yield Problem(
            "gap",
            group[0].after,
            group[-1].before,
            f"{least}{count(missing, series.noun)} missing{places} between {when(group[0].after)} and {when(group[-1].before)}"
            f" ({lost:g} h). Import this span from another source; until then nothing computed over it is complete.",
        )
