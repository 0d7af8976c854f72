"""What do premium samples say about a window?

Samples are cut at the stamps as everywhere: one at the start of a window belongs to it, one at its end to the next.
Coverage counts the places of the rule's sampling grid that hold a sample, so that samples bunched in one half of a
window do not pass for a whole one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from perpscope.audit.digits import half_units
from perpscope.errors import InputError
from perpscope.mechanisms.batch import Fixings, fix_many
from perpscope.mechanisms.rule import Rule

if TYPE_CHECKING:
    import polars as pl

    from perpscope.audit.facts import Floats, Ints


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """Premium samples of one contract.

    Parameters
    ----------
    at : (m,) ms UTC, rising. premium : (m,) fractions. half : (m,) half a unit of their last published digit.
    stands_in : what an input is, in words, where it is not the venue's own; empty where all are.
    """

    at: Ints
    premium: Floats
    half: Floats
    stands_in: str = ""

    def __post_init__(self) -> None:
        """Refuse samples out of order or that are no numbers."""
        import numpy as np

        if np.any(np.diff(self.at) < 0) or not np.isfinite(self.premium).all():
            raise InputError("premium samples", "out of order, or not numbers", "Sort them by time and leave out what is missing.")

    @classmethod
    def of(cls, frame: pl.DataFrame) -> Samples:
        """Read rows of the table `premium_samples`."""
        import numpy as np
        import polars as pl

        rows = frame.sort("ts").select(pl.col("ts").dt.epoch("ms"), "premium_frac", pl.col("source").rank("dense"))
        premium = rows["premium_frac"].to_numpy().astype(np.float64)
        return cls(rows["ts"].to_numpy().astype(np.int64), premium, half_units(premium, rows["source"].to_numpy().astype(np.int64)))

    def spans(self, ends: Ints, step: Ints) -> tuple[Ints, Ints]:
        """First sample of each window [end - step, end) and first one after it."""
        import numpy as np

        return np.searchsorted(self.at, ends - step), np.searchsorted(self.at, ends)

    def counts(self, ends: Ints, step: Ints) -> Ints:
        """(n,) samples in each window."""
        low, high = self.spans(ends, step)
        return high - low

    def fix(self, rule: Rule, ends: Ints, step: Ints, hours: Floats, before: float, shift: float) -> Fixings:
        """Decide the windows; `shift` moves every sample by so many half units."""
        import numpy as np

        low, high = self.spans(ends, step)
        offsets = np.concatenate([[0], np.cumsum(high - low)]).astype(np.int64)
        inside = np.repeat(low - offsets[:-1], high - low) + np.arange(offsets[-1])
        moved = self.premium[inside] + shift * self.half[inside]
        return fix_many(rule, moved, offsets, hours, before, at=self.at[inside], ends=ends)

    def coverage(self, ends: Ints, step: Ints, every_seconds: float) -> Floats:
        """(n,) share of the places of a sampling grid that hold a sample; NaN where the rule states no spacing.

        A sample may stand anywhere in its place (drawn at random) or near a point of the grid (drawn late by
        jitter): the better of the two readings counts.
        """
        import numpy as np

        if not every_seconds:
            return np.full(len(ends), np.nan)
        low, high = self.spans(ends, step)
        spacing = every_seconds * 1000
        share = np.empty(len(ends))
        for k, (a, b) in enumerate(zip(low.tolist(), high.tolist(), strict=True)):
            since = self.at[a:b] - (ends[k] - step[k])
            places = max(len(np.unique(np.floor(since / spacing))), len(np.unique(np.rint(since / spacing))))
            share[k] = min(1.0, places * spacing / step[k])
        return share
