"""How finely was a number published?

A rate printed as 0.00012345 stands for anything within half a unit of its eighth decimal. The unit is read off the
data: trailing zeros are lost in storage, so it is that of a whole series, not of one value.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from perpscope.audit.facts import Flags, Floats, Ints

DEEPEST = 18
"""Most decimals looked for; a double near 1e-3 holds no more."""
ULPS = 2.0**-51
"""Relative error up to which a double is the decimal it came from (two units in the last place)."""
TOLD = 0.25
"""Largest error, in units of the last decimal, at which that decimal still tells anything."""
RARE = 1000
"""Decimals that fewer than one row in so many reaches do not make the unit of the series, only of those rows."""
SINGLE = 2.0**-24
"""Relative rounding error of a number stored in single precision."""


def decimals(values: Floats, slack: float = ULPS) -> Ints:
    """Count the decimals of each value (0 for zero and NaN), `DEEPEST` where none up to there writes it.

    Parameters
    ----------
    values : (n,) numbers. slack : relative error below which a decimal counts as equal.
    """
    import numpy as np

    found = np.full(len(values), DEEPEST, dtype=np.int64)
    plain = ~np.isfinite(values) | (values == 0)
    found[plain] = 0
    left = np.flatnonzero(~plain)
    for places in range(DEEPEST):
        scaled = values[left] * 10.0**places
        fits = (np.abs(scaled - np.rint(scaled)) <= np.abs(scaled) * slack) & (np.abs(scaled) * slack < TOLD)
        found[left[fits]] = places
        left = left[~fits]
        if not len(left):
            break
    return found


def half_units(values: Floats, groups: Ints | None = None) -> Floats:
    """Half a unit of the last published digit of each value.

    Parameters
    ----------
    values : (n,) published numbers. groups : (n,) who wrote each; digits are found for each group apart.

    Returns
    -------
    (n,) half widths, in the unit of the values. A group held in single precision carries that rounding too.
    """
    import numpy as np

    groups = np.zeros(len(values), dtype=np.int64) if groups is None else groups
    out = np.zeros(len(values))
    for group in np.unique(groups):
        own = groups == group
        out[own] = _half_units(values[own])
    return out


def _half_units(values: Floats) -> Floats:
    import numpy as np

    places = decimals(values)
    rounding = np.zeros(len(values))
    if held_in_single(values, places):
        places = decimals(values, slack=SINGLE)
        rounding = np.abs(values) * SINGLE
    return 0.5 * 10.0 ** -np.maximum(places, common(places)).astype(np.float64) + rounding


def common(places: Ints) -> int:
    """Most decimals that at least one value in a thousand reaches."""
    import numpy as np

    return int(np.sort(places)[-(len(places) // RARE + 1)]) if len(places) else 0


def held_in_single(values: Floats, places: Ints) -> bool:
    """Whether the values passed through single precision: each equals its float32, and some are no short decimals."""
    import numpy as np

    with np.errstate(over="ignore", invalid="ignore"):
        same: Flags = values.astype(np.float32).astype(np.float64) == values
    known = np.isfinite(values)
    return bool(known.any() and same[known].all() and (places[known] == DEEPEST).any())
