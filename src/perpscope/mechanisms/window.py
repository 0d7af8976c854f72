"""What was observed between two funding stamps?

A `Window` holds columns of one kind of observation. It may hold premium samples (`premium`), the raw prices a
premium is observed from, or the averaged premium alone (`premium_index`) where a venue publishes only that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from perpscope.errors import InputError
from perpscope.market.number import Number
from perpscope.units import MS_PER_HOUR


@dataclass(frozen=True, slots=True)
class Window:
    """Observations over [start, end), the interval being decided.

    Parameters
    ----------
    start, end : ms UTC, start < end.
    rows : columns of equal length, in order of time; `at` (ms) says when each row was seen.
    hours : hours the rate is paid for; None means the window's own length (they differ where a venue averages
        over four hours and pays hourly).
    due : ms UTC of the payment; None means `end` (lag 0).
    level : price that amounts in quote units are a share of, > 0; None where rates are fractions, or where the last
        `index` of the rows says it.
    """

    start: int
    end: int
    rows: Mapping[str, Sequence[Number]] = field(default_factory=dict)
    hours: Number | None = None
    due: int | None = None
    level: Number | None = None

    def __post_init__(self) -> None:
        """Refuse windows that end before they start and columns of unequal length."""
        if self.end <= self.start:
            raise InputError("a funding window", f"end {self.end} is not after start {self.start}", "Give start < end in milliseconds.")
        lengths = {name: len(column) for name, column in self.rows.items()}
        if len(set(lengths.values())) > 1:
            raise InputError("a funding window", f"columns of unequal length {lengths}", "Give every column one value per observation.")
        at = self.rows.get("at", ())
        if any(b < a for a, b in pairwise(at)) or (len(at) and not self.start <= at[0] <= at[-1] <= self.end):
            raise InputError("a funding window", "observations out of time order or outside the window", "Sort them and cut at the stamps.")

    @classmethod
    def averaged(cls, start: int, end: int, premium_index: Number, hours: Number | None = None) -> Window:
        """Build a window of which only the averaged premium (fraction) is known.

        Raises
        ------
        InputError
            When it is NaN: a window without a premium has no rate.
        """
        if premium_index != premium_index:  # noqa: PLR0124 - only NaN differs from itself
            raise InputError("an averaged premium", "not a number", "Leave the window out, or find its premium.")
        return cls(start, end, {"premium_index": (premium_index,)}, hours)

    @property
    def price_level(self) -> Number:
        """Price that amounts in quote units are a share of: as given, else the last index seen.

        Raises
        ------
        InputError
            When neither is there.
        """
        if self.level is not None:
            return self.level
        index = self.rows.get("index", ())
        if not len(index):
            raise InputError("a fixing in quote units", "no price level", "Give the window's `level`, or the column `index`.")
        return index[-1]

    @property
    def length_hours(self) -> Number:
        """Length of the averaging window in hours."""
        whole, rest = divmod(self.end - self.start, MS_PER_HOUR)
        return whole if rest == 0 else (self.end - self.start) / MS_PER_HOUR

    @property
    def interval_hours(self) -> Number:
        """Hours the rate is for."""
        return self.length_hours if self.hours is None else self.hours


def cut(stamps: Sequence[int], at: Sequence[int], columns: Mapping[str, Sequence[Number]], lag: int = 0) -> list[Window]:
    """Windows between consecutive stamps (ms, rising); a row at a stamp belongs to the window that starts there.

    Parameters
    ----------
    stamps : n + 1 rising stamps give n windows; uneven spacing is ordinary input.
    at : time of each row (ms, rising); `columns` : the rows.
    lag : intervals between a window's end and its payment; the last windows of a lagged schedule are due at None.
    """
    windows: list[Window] = []
    row = 0
    for k, (start, end) in enumerate(pairwise(stamps)):
        while row < len(at) and at[row] < start:
            row += 1
        stop = row
        while stop < len(at) and at[stop] < end:
            stop += 1
        rows = {"at": at[row:stop], **{name: column[row:stop] for name, column in columns.items()}}
        due = stamps[k + 1 + lag] if k + 1 + lag < len(stamps) else None
        windows.append(Window(start, end, rows, due=due))
        row = stop
    return windows


def spans(at: Sequence[Number] | None, end: int, count: int, even_hours: Number) -> list[Number]:
    """Hours each of `count` samples was in force: until the next one or the window's end; `even_hours` each where no times are given."""
    if at is None:
        return [even_hours] * count
    edges = [*at, end]
    return [(b - a) / MS_PER_HOUR for a, b in pairwise(edges)]
