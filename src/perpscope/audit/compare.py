"""Which computed rates agree with the published ones, and where do they depart?

A published rate stands for every number that prints as it; a computed one for every number its inputs may have been.
They match where these two ranges meet. There is no wider floor than that, but for the rounding of doubles.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from perpscope.audit.digits import half_units
from perpscope.audit.model import Departure, Tolerance
from perpscope.market.time import to_text

if TYPE_CHECKING:
    import polars as pl

    from perpscope.audit.facts import Flags, Floats, Ints, Series
    from perpscope.audit.recompute import Recomputed

DOUBLES = 2.0**-50
"""Relative error allowed for the arithmetic of doubles: four units in the last place of the larger of the two rates."""
STATED = (
    "half a unit of the last published digit of the rate, plus what half a unit of the last published digit of its inputs "
    "moves the computed rate (the rule evaluated there), plus 2^-50 of the rate for doubles; measured from the computed rate "
    "before its last rounding"
)
SHOWN = 5
"""Largest residuals listed."""


@dataclass(frozen=True, slots=True, eq=False)
class Compared:
    """Published against computed, columns as long as the series.

    Parameters
    ----------
    error : published - computed, fraction per interval; NaN where nothing was computed.
    tolerance : largest |error| that is a match. matched : recomputed whole and within the tolerance.
    """

    error: Floats
    tolerance: Floats
    matched: Flags
    whole: Flags

    @property
    def max_abs_error(self) -> float | None:
        """Largest |error| over the rows recomputed whole."""
        import numpy as np

        return float(np.abs(self.error[self.whole]).max()) if self.whole.any() else None

    def spread(self) -> Tolerance:
        """Return the tolerances in force, smallest and largest."""
        own = self.tolerance[self.whole]
        return Tolerance(float(own.min()) if len(own) else None, float(own.max()) if len(own) else None, STATED)


def compare(series: Series, found: Recomputed) -> Compared:
    """Hold every computed rate against the published one."""
    import numpy as np

    half = half_units(series.rate, series.source)
    sign = np.where(found.rounding == 1, np.sign(series.rate), np.where(found.rounding == -1, 1.0, 0.0))
    error = series.rate + sign * half - found.rate
    reach = np.where(error > 0, found.high - found.rate, found.rate - found.low)
    loose = np.where((found.rounding == 1) & (series.rate == 0), 2.0, 1.0)
    tolerance = loose * half + reach + DOUBLES * np.maximum(np.abs(series.rate), np.abs(found.rate))
    whole = found.whole
    return Compared(series.rate - found.rate, tolerance, whole & (np.abs(error) <= tolerance), whole)


def residuals(series: Series, found: Recomputed, compared: Compared) -> pl.DataFrame:
    """Rows recomputed whole: slot, published, computed, tolerance, matched."""
    import polars as pl

    own = compared.whole
    return pl.DataFrame(
        {
            "slot": pl.Series(series.slot[own]).cast(pl.Datetime("ms")).dt.replace_time_zone("UTC"),
            "published": series.rate[own],
            "computed": found.rate[own],
            "tolerance": compared.tolerance[own],
            "matched": compared.matched[own],
        }
    )


def departures(series: Series, compared: Compared, rules: list[str]) -> tuple[Departure, ...]:
    """List runs of mismatches that follow each other among the recomputed rows, in order of time; `rules` names each row's rule."""
    import numpy as np

    own = np.flatnonzero(compared.whole)
    bad = ~compared.matched[own]
    edges = np.flatnonzero(np.diff(np.concatenate([[0], bad.astype(np.int8), [0]])))
    return tuple(_run(series, compared, rules, own[a:b]) for a, b in zip(edges[::2], edges[1::2], strict=True))


def largest(series: Series, compared: Compared, rules: list[str]) -> tuple[Departure, ...]:
    """Rows furthest outside their tolerance, or nearest to its edge where all match, worst first."""
    import numpy as np

    own = np.flatnonzero(compared.whole)
    order = own[np.argsort(-(np.abs(compared.error[own]) - compared.tolerance[own]), kind="stable")]
    return tuple(_run(series, compared, rules, order[k : k + 1]) for k in range(min(SHOWN, len(order))))


def _run(series: Series, compared: Compared, rules: list[str], rows: Ints) -> Departure:
    import numpy as np

    worst = int(rows[np.argmax(np.abs(compared.error[rows]))])
    return Departure(
        start=to_text(int(series.slot[rows[0]])),
        end=to_text(int(series.slot[rows[-1]])),
        rows=int((~compared.matched[rows]).sum()),
        largest=float(compared.error[worst]),
        at=to_text(int(series.slot[worst])),
        tolerance=float(compared.tolerance[worst]),
        rule=rules[worst],
    )
