"""What was known at each settlement of one contract?

A `History` is a set of columns; row i of every column is made of rows 0..i alone, so a slice that ends at i is all that a
forecaster at i can know. Levels are basis points per 8 hours, whatever the interval, so that no model meets two units.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from perpscope.errors import InputError, NotEnoughData

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    import numpy.typing as npt

    Floats: TypeAlias = npt.NDArray[np.float64]
    Ints: TypeAlias = npt.NDArray[np.int64]

T = TypeVar("T")
HOURS = 8.0
BP = 10_000.0
COVERED = 2.0 / 3.0
"""Least share of a trailing window that must be there for its mean to count."""


@dataclass(frozen=True, slots=True, eq=False)
class History:
    """The settled rates of one contract in the order in which they became known, with what else was known then.

    Parameters
    ----------
    slot : (n,) when each rate became known, ms UTC, rising. hours : (n,) its interval. rate : (n,) fraction per that interval.
    premium : (n,) rate the venue's rule would give if the premium seen at `slot` stayed, fraction per interval; NaN unknown.
    averaged : (n,) the same for the average of the premiums seen over the interval that ended at `slot`; NaN unknown.
    estimate : (n,) the venue's own estimate of the next rate at `slot`, fraction per interval; NaN unknown.
    interest : (n,) rate at the interest term, fraction per interval; NaN unknown.

    Raises
    ------
    InputError
        When lengths differ, stamps do not rise, or a rate or interval is no number.
    """

    slot: Ints
    hours: Floats
    rate: Floats
    premium: Floats | None = None
    averaged: Floats | None = None
    estimate: Floats | None = None
    interest: Floats | None = None
    _made: dict[str, Any] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        """Refuse what is no history, and make all columns plain arrays."""
        import numpy as np

        if not len(self.slot):
            raise NotEnoughData("a history of rates", "no settled rate", "Import some.")
        for name in COLUMNS:
            given = getattr(self, name)
            kind = np.int64 if name == "slot" else np.float64
            column = np.full(len(self.slot), np.nan) if given is None else np.ascontiguousarray(given, dtype=kind)
            if column.shape != (len(self.slot),):
                raise InputError("a history of rates", f"{name} of shape {column.shape}", f"Give {len(self.slot)} numbers.")
            object.__setattr__(self, name, column)
        if not (np.diff(self.slot) > 0).all():
            raise InputError("a history of rates", "stamps that do not rise", "Sort the rows, one for each stamp.")
        if not (np.isfinite(self.rate).all() and np.isfinite(self.hours).all() and (self.hours > 0).all()):
            raise InputError("a history of rates", "a rate or an interval that is no number", "Leave such rows out.")

    def __len__(self) -> int:
        """Count the settlements."""
        return len(self.slot)

    def until(self, row: int) -> History:
        """Return the rows 0..row: all that was known at that settlement."""
        return self.between(0, row)

    def between(self, first: int, last: int) -> History:
        """Return the rows first..last, as if nothing had been known before."""
        return History(**{name: getattr(self, name)[first : last + 1] for name in COLUMNS})

    def replaced(self, **columns: Any) -> History:  # noqa: ANN401 - arrays by name
        """Return the same history with other columns."""
        return replace(self, **columns, _made={})

    @property
    def level(self) -> Floats:
        """(n,) rate in basis points per 8 hours."""
        found: Floats = self.known("level")
        return found

    @property
    def stretch(self) -> Ints:
        """(n,) settlements up to each that follow each other without a gap, itself included."""
        found: Ints = self.known("stretch")
        return found

    def known(self, name: str, number: float = 0.0) -> Any:  # noqa: ANN401 - a column of either kind
        """Return one column of what was known; names as in `MADE`, `number` is a length in hours. Made once."""
        return self.once(f"{name} {number}", lambda: MADE[name](self, number))

    def once(self, key: str, make: Callable[[], T]) -> T:
        """Return what was made of this history under `key`, making it now if nobody has."""
        if key not in self._made:
            self._made[key] = make()
        found: T = self._made[key]
        return found


COLUMNS: tuple[str, ...] = tuple(f.name for f in fields(History) if not f.name.startswith("_"))


def _level(history: History, name: str) -> Floats:
    column: Floats = getattr(history, name)
    return column / history.hours * (HOURS * BP)


def _stretch(history: History, _: float) -> Ints:
    import numpy as np

    out = np.zeros(len(history), dtype=np.int64)
    kernel("_columns", "stretches")(history.slot, history.hours, out)
    return out


def _trailing(history: History, length: float) -> Floats:
    import numpy as np

    out = np.empty(len(history))
    kernel("_columns", "trailing_means")(history.slot, history.hours, history.level, length, COVERED, out)
    return out


def _smoothed(history: History, half_life: float) -> Floats:
    import numpy as np

    out = np.empty(len(history))
    kernel("_columns", "smoothed")(history.hours, history.level, half_life, out)
    return out


def _expanding(history: History, _: float) -> Floats:
    import numpy as np

    out = np.empty(len(history))
    kernel("_columns", "expanding_means")(history.hours, history.level, out)
    return out


MADE: dict[str, Any] = {
    "level": lambda history, _: _level(history, "rate"),
    "premium": lambda history, _: _level(history, "premium"),
    "averaged": lambda history, _: _level(history, "averaged"),
    "estimate": lambda history, _: _level(history, "estimate"),
    "interest": lambda history, _: _level(history, "interest"),
    "stretch": _stretch,
    "trailing": _trailing,
    "smoothed": _smoothed,
    "expanding": _expanding,
}
"""Columns of a history by name: levels in basis points per 8 hours, stretches in settlements."""


def kernel(module: str, name: str) -> Any:  # noqa: ANN401 - machine code
    """Return a function of this room's private modules, compiled."""
    from importlib import import_module

    from perpscope.mechanisms._kernels import compiled

    return compiled(getattr(import_module(f"perpscope.analysis.forecast.{module}"), name))
