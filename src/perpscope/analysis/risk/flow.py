"""Which funding flowed, hour by hour, through a history whose interval changed?

Each payment is spread evenly over the time it is for, and the time is cut into equal windows that end where the last payment does.
A window is a row of steps, so that it can be paid once or several times.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from perpscope.errors import InputError, NotEnoughData
from perpscope.units import MS_PER_HOUR

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import polars as pl

    from perpscope.analysis.risk.law import Law

    Floats = npt.NDArray[np.float64]
    Ints = npt.NDArray[np.int64]

USUAL = 0.1
"""Share of a history from which on an interval counts as usual there: its payments are not cut apart."""


@dataclass(frozen=True, slots=True, eq=False)
class Flow:
    """A history as windows of equal length.

    Parameters
    ----------
    steps : (windows, steps) fraction of notional paid by a long in each step; rows are whole windows, in order of time.
    ends : (windows,) ms UTC, end of each window. step_hours : length of a step. joins : places where a row does not follow the one before.
    rows : payments used.
    """

    steps: Floats
    ends: Ints
    step_hours: float
    joins: int
    rows: int

    @property
    def hours(self) -> float:
        """Length of a window."""
        return self.step_hours * int(self.steps.shape[1])

    def before(self, ms: int) -> Flow:
        """Keep the windows that ended at `ms` or earlier: all that was known then."""
        kept = self.ends <= ms
        return Flow(self.steps[kept], self.ends[kept], self.step_hours, self.joins, self.rows)


def flow_windows(rows: pl.DataFrame, law: Law) -> Flow:
    """Cut a history of one contract into windows that every interval of the law divides.

    Parameters
    ----------
    rows : what `series.fixings` gives, of one contract. law : the intervals to be paid at.

    Raises
    ------
    InputError
        When the intervals have no common length.
    NotEnoughData
        When there are fewer than ten whole windows.

    **Source** none: exact bookkeeping; the sum over a window without gaps is the sum of its payments.
    """
    import numpy as np

    slots, rates = rows["slot"].to_numpy(), rows["funding_rate"].to_numpy()
    span = _spans(rows)
    step, window = _lengths(rows, law)
    first = int(slots[0] - span[0])
    last = int(slots[-1])
    cells = (last - first) // step
    value, covered = np.zeros(cells), np.zeros(cells, dtype=bool)
    counts = np.maximum(np.rint(span / step).astype(np.int64), 1)
    ends = cells - (last - slots) // step
    place = np.repeat(ends - counts, counts) + _ramp(counts)
    inside = (place >= 0) & (place < cells)
    np.add.at(value, place[inside], np.repeat(rates / counts, counts)[inside])
    covered[place[inside]] = True
    value[~covered] = np.nan
    per = window // step
    whole = value[len(value) % per :].reshape(-1, per)
    kept = np.isfinite(whole).all(axis=1)
    stamps = last - window * np.arange(len(whole))[::-1]
    if kept.sum() < 10:  # noqa: PLR2004 - less than ten windows say nothing of a tail
        there = f"{int(kept.sum())} whole windows of {window / MS_PER_HOUR:g} h"
        raise NotEnoughData("the distribution of funding", there, "Import a longer history, or widen --from and --to.")
    joins = int((np.diff(stamps[kept]) != window).sum())
    return Flow(whole[kept], stamps[kept], step / MS_PER_HOUR, joins, len(rows))


def _spans(rows: pl.DataFrame) -> Ints:
    """Length (ms) each payment is for: its interval, or the time since the payment before where that is shorter."""
    import numpy as np

    hours = rows["interval_hours"].to_numpy()
    if not (hours > 0).all():
        raise InputError("a flow of funding", "rows without an interval", "Leave them out: a rate without its interval says nothing.")
    own = np.rint(hours * MS_PER_HOUR).astype(np.int64)
    slots = rows["slot"].to_numpy()
    if not (np.diff(slots) > 0).all():
        raise InputError("a flow of funding", "stamps that do not rise", "Give the rows of one contract, sorted by slot.")
    return np.concatenate([own[:1], np.minimum(own[1:], np.diff(slots))])


def _ramp(counts: Ints) -> Ints:
    import numpy as np

    return np.arange(int(counts.sum())) - np.repeat(np.cumsum(counts) - counts, counts)


def _lengths(rows: pl.DataFrame, law: Law) -> tuple[int, int]:
    """Step and window (ms): the common divisor of all intervals, and the longest that is usual or to come."""
    import polars as pl

    share = rows.group_by("interval_hours").agg(pl.col("interval_hours").sum().alias("all"))
    usual = share.filter(pl.col("all") >= USUAL * pl.col("all").sum())["interval_hours"].to_list()
    stages = [stage.hours for stage in law.stages]
    intervals = [round(h * MS_PER_HOUR) for h in (*stages, *usual)]
    every = [round(h * MS_PER_HOUR) for h in share["interval_hours"].to_list()]
    window, step = max(intervals), math.gcd(*intervals, *every)
    if any(window % each for each in intervals):
        raise InputError("a flow of funding", f"intervals of {sorted({*stages, *usual})} h", "Give intervals that divide the longest.")
    return step, window
