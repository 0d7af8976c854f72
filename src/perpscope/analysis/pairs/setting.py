"""What is asked of the pairs of a coin?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import ceil

from perpscope.analysis.windows import COVERAGE
from perpscope.errors import InputError

WINDOWS = (1, 7, 30, 90)
"""Days of the windows of every comparison."""
MOST_DAYS = 36_500
LEAST_NOISE_DAYS = 30
"""Days the scatter of a day is estimated from where the ranking window is shorter."""

Ticker = tuple[str, str, str]
"""Venue, market list, native id."""


@dataclass(frozen=True, slots=True)
class Setting:
    """Windows, history and moment of a comparison.

    Parameters
    ----------
    at : ms UTC; nothing that became known later is used. None: the last fixing of each coin.
    window : days of the window that counts for the noise; it joins `WINDOWS` where it is none of them.
    history : days before `at` that are looked at, at least the longest window.
    born, ended : (venue, market list, native id) -> moments, ms, at which sources say a contract of that name was listed, or ended.
    synthetic : ids of sources that hold generated data.
    """

    at: int | None = None
    window: int = 30
    history: int = 365
    born: Mapping[Ticker, tuple[int, ...]] = field(default_factory=dict)
    ended: Mapping[Ticker, tuple[int, ...]] = field(default_factory=dict)
    synthetic: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        """Refuse windows that are none."""
        if not 1 <= self.window <= MOST_DAYS or not 1 <= self.history <= MOST_DAYS:
            there = f"a window of {self.window} days in a history of {self.history}"
            raise InputError("a comparison of pairs", there, f"Give whole days, from 1 to {MOST_DAYS:,}.")
        if self.history < self.windows[-1]:
            there = f"a history of {self.history} days, a window of {self.windows[-1]}"
            raise InputError("a comparison of pairs", there, f"Give a history of {self.windows[-1]} days or more.")

    @property
    def windows(self) -> tuple[int, ...]:
        """Days of all windows, rising."""
        return tuple(sorted({*WINDOWS, self.window}))

    @property
    def noise_days(self) -> int:
        """Newest days the scatter of a day is estimated from."""
        return max(self.window, LEAST_NOISE_DAYS)

    def least(self, hours: int) -> int:
        """Hours a window of `hours` must hold to give a number."""
        return ceil(COVERAGE * hours - 1e-9)
