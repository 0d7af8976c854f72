"""Which values does a column return to more often than chance?

A clamp, a cap or an interest term leaves rows on one value. Values of few decimals repeat by chance, so a pile is
held against the rows around it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from perpscope.audit.facts import Floats

REPEATS = 3
NEIGHBOURS = 10
"""Places to either side whose rows tell how often chance alone would hit one."""
BEYOND = 5.0
"""By how many deviations of chance a pile must stand out, besides `REPEATS` rows."""


class Pile(NamedTuple):
    """A value (the median of its rows) and the rows on it."""

    value: float
    hits: int


def piles(values: Floats, width: float, most: int = 8) -> list[Pile]:
    """Values that rows return to, most rows first.

    Parameters
    ----------
    values : (n,) numbers; NaN is left out. width : values this near are one. most : largest number of piles returned.
    """
    import numpy as np

    own = np.sort(values[np.isfinite(values)])
    if not len(own):
        return []
    places, first, hits = np.unique(np.rint(own / width), return_index=True, return_counts=True)
    around = np.searchsorted(places, places + NEIGHBOURS, side="right"), np.searchsorted(places, places - NEIGHBOURS)
    total = np.concatenate([[0], np.cumsum(hits)])
    chance = (total[around[0]] - total[around[1]] - hits) / (2 * NEIGHBOURS)
    good = np.flatnonzero(hits >= REPEATS + chance + BEYOND * np.sqrt(chance))
    good = good[np.argsort(-hits[good], kind="stable")][:most]
    return [Pile(float(np.median(own[first[k] : first[k] + hits[k]])), int(hits[k])) for k in good.tolist()]


def simplest(value: float, within: float) -> float:
    """Return the number with the fewest decimals in value +- within."""
    for places in range(18):
        short = round(value, places)
        if abs(short - value) <= within and (short != 0 or abs(value) <= within):
            return short
    return value
