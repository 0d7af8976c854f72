"""Over which time ahead is a rate foretold?

The target of a forecast at a settlement is the average rate to be received over the horizon that begins there: what a
position opened then is paid, spread evenly. It exists where every settlement of the horizon is there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from perpscope.analysis.forecast.history import History, kernel
from perpscope.errors import InputError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
    Ints = npt.NDArray[np.int64]

_FORM = re.compile(r"(\d+(?:\.\d+)?)(h|d)")


@dataclass(frozen=True, slots=True)
class Horizon:
    """A length of time ahead.

    Parameters
    ----------
    hours : > 0, or 0 for the next settlement, whenever it is.

    Examples
    --------
    >>> Horizon.parse("7d"), Horizon.parse("next").text
    (Horizon(hours=168.0), 'next')
    """

    hours: float

    @classmethod
    def parse(cls, text: str) -> Horizon:
        """Read "next", "12h" or "7d".

        Raises
        ------
        InputError
            When it is neither.
        """
        plain = text.strip().lower()
        if plain == "next":
            return cls(0.0)
        found = _FORM.fullmatch(plain)
        hours = float(found[1]) * (24.0 if found[2] == "d" else 1.0) if found else 0.0
        if hours <= 0:
            raise InputError(f"the horizon {text!r}", "not of the form next, 12h or 7d", "Give one of these.")
        return cls(hours)

    @property
    def text(self) -> str:
        """How it is written: next, 12h or 7d."""
        if self.hours == 0:
            return "next"
        return f"{self.hours / 24:g}d" if self.hours % 24 == 0 else f"{self.hours:g}h"

    def steps(self, history: History) -> Ints:
        """(n,) settlements in the horizon that begins at each row, at the interval in force there; at least one."""
        import numpy as np

        if self.hours == 0:
            return np.ones(len(history), dtype=np.int64)
        return np.maximum(np.round(self.hours / history.hours).astype(np.int64), 1)


DEFAULT: tuple[Horizon, ...] = tuple(Horizon.parse(text) for text in ("next", "1d", "3d", "7d", "30d"))


@dataclass(frozen=True, slots=True, eq=False)
class Targets:
    """What was to be foretold: (n,) average level (bp per 8 hours, NaN unknown) and (n,) the row it was complete at (-1 never)."""

    mean: Floats
    end: Ints


def targets(history: History, horizon: Horizon) -> Targets:
    """Return the average level over the horizon after each row.

    Row i of the answer looks at rows after i: it is what forecasts are judged by, and a fit at row a may use it only where
    `end` <= a.
    """
    import numpy as np

    mean, end = np.empty(len(history)), np.empty(len(history), dtype=np.int64)
    kernel("_columns", "targets")(history.slot, history.hours, history.level, history.stretch, horizon.hours, mean, end)
    return Targets(mean, end)
