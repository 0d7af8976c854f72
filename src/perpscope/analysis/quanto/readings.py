"""How much do a quanto's numbers depend on the hour of the day and the end of the window, and does the past foretell them?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from perpscope.analysis.inference.ols import ols
from perpscope.analysis.quanto.decomposition import LEAST, periods
from perpscope.errors import NotEnoughData
from perpscope.units import HOURS_PER_DAY, HOURS_PER_YEAR

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl

RESETS: tuple[int, ...] = (24, 8, 1)
"""Hours after which the position is set anew to one dollar's worth: by the day, by the funding interval, by the hour."""


class Tried(NamedTuple):
    """Annual parts under one choice of period (hours), snapshot hour and end of the window (ms UTC), as in `Decomposition`."""

    hours: int
    snapshot: int
    end: int
    base: float
    quanto: float
    product: float


def sensitivity(
    prices: pl.DataFrame, *, start: int, ends: Sequence[int], hours: Sequence[int] = RESETS, snapshots: Sequence[int] = tuple(range(24))
) -> list[Tried]:
    """Split the return at every snapshot hour, every length of a period and every end of the window.

    Parameters
    ----------
    prices : what `paired` gives. start : ms UTC. ends : ms UTC. hours : lengths of a period. snapshots : hours of the day.

    Returns
    -------
    list
        one entry a choice; an hourly period knows no snapshot and is told once, as hour 0; choices with too few periods are left out.

    **Source** `decompose`, the means alone.
    """
    import numpy as np

    out: list[Tried] = []
    for length in hours:
        year = HOURS_PER_YEAR / length
        for snapshot in snapshots if length > 1 else (0,):
            whole = periods(prices, hours=length, snapshot=snapshot, start=start)
            at = whole["at"].to_numpy()
            sums = np.cumsum(whole.select("base", "quanto", "product").to_numpy(), axis=0)
            for end in ends:
                n = int(np.searchsorted(at, end, side="right"))
                if n >= LEAST:
                    out.append(Tried(length, snapshot, end, *(float(x) for x in sums[n - 1] / n * year)))
    return out


@dataclass(frozen=True, slots=True)
class Foreseen:
    """How well the covariance of the last days told that of the next.

    Parameters
    ----------
    n : pairs of annual products, horizons that do not overlap. correlation, slope : of the next on the past.
    """

    n: int
    correlation: float
    slope: float


def foreseen(found: pl.DataFrame, *, days: int = 30) -> Foreseen:
    """Compare the product of the past `days` with that of the next, window by window.

    Parameters
    ----------
    found : daily rows of `periods`. days : length of both.

    Raises
    ------
    NotEnoughData
        With fewer than five pairs.

    **Source** none: least squares.
    """
    import numpy as np

    product = found["product"].to_numpy()
    count = len(product) // days
    sums = product[len(product) - count * days :].reshape(count, days).mean(axis=1) * (HOURS_PER_YEAR / HOURS_PER_DAY)
    if count < 6:  # noqa: PLR2004 - a slope through fewer than five pairs is none
        raise NotEnoughData("forecast against realised covariance", f"{count} windows of {days} days", "Import a longer history.")
    fit = ols(sums[1:], sums[:-1], ["past"])
    correlation = float(np.corrcoef(sums[:-1], sums[1:])[0, 1])
    return Foreseen(count - 1, correlation, fit.of("past").coef)
