"""How far did a perpetual close from its spot, and how did that change in one step?

A premium of closing prices is last trade against last trade at one moment. It is not a venue's premium index, which looks
at the depth of a book many times a minute; the two share a level and not every wiggle.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from perpscope.errors import InputError, NotEnoughData

if TYPE_CHECKING:
    import numpy as np
    import polars as pl
    from numpy.typing import NDArray

    Vector = NDArray[np.float64]
    Times = NDArray[np.int64]

TOGETHER_MS = 5 * 60_000
"""Two closes at most this far apart may be taken for one time where clocks of two venues differ."""
OUTLIER = 0.003
"""A premium beyond 0.3 % in either direction is taken for a bad print or a halt where steps are studied: tens of usual deviations."""


class Steps(NamedTuple):
    """Premiums that have a successor exactly one step later.

    Parameters
    ----------
    at : (n,) ms of the earlier close. premium : (n,) fraction. change : (n,) of the premium until the later close.
    spot_return, perp_return : (n,) logarithmic returns over the same step.
    """

    at: Times
    premium: Vector
    change: Vector
    spot_return: Vector
    perp_return: Vector

    def where(self, chosen: NDArray[np.bool_]) -> Steps:
        """Return the chosen steps."""
        return Steps(self.at[chosen], self.premium[chosen], self.change[chosen], self.spot_return[chosen], self.perp_return[chosen])


def premiums(perp: pl.DataFrame, spot: pl.DataFrame, apart_ms: int = 0) -> pl.DataFrame:
    """Join two series of closes on their moments.

    Parameters
    ----------
    perp, spot : frames with `close_at` (ms UTC) and `close_quote` (> 0), one row a moment.
    apart_ms : two closes at most this far apart are of one moment; the nearest is taken.

    Returns
    -------
    frame
        close_at (the later of the two: when the premium was known), perp_quote, spot_quote, premium (perp / spot - 1, a fraction); sorted.

    Raises
    ------
    NotEnoughData
        When no moment is shared.

    Source: the definition of the premium, perpetual over spot less one.
    """
    import polars as pl

    here = perp.select("close_at", pl.col("close_quote").alias("perp_quote")).sort("close_at")
    there = spot.select(pl.col("close_at").alias("spot_at"), pl.col("close_quote").alias("spot_quote")).sort("spot_at")
    joined = (
        here.join_asof(there, left_on="close_at", right_on="spot_at", strategy="nearest", tolerance=apart_ms)
        .drop_nulls("spot_at")
        .with_columns(pl.max_horizontal("close_at", "spot_at").alias("close_at"))
        .with_columns((pl.col("perp_quote") / pl.col("spot_quote") - 1).alias("premium"))
        .drop("spot_at")
        .sort("close_at")
    )
    if joined.is_empty():
        raise NotEnoughData("a premium", "no close of both at one moment", "Give closes of the perpetual and of its spot on one grid.")
    return joined


def steps(joined: pl.DataFrame, step_ms: int, *, outlier: float = OUTLIER) -> Steps:
    """Return the premiums that are followed exactly one step later, both ends within the outlier bound.

    Parameters
    ----------
    joined : what `premiums` gives. step_ms : length of a step. outlier : largest absolute premium, a fraction.

    Source: differences and logarithmic returns of neighbouring closes.
    """
    import numpy as np

    if step_ms <= 0:
        raise InputError("steps of a premium", f"a step of {step_ms} ms", "Give a positive length.")
    at = joined["close_at"].to_numpy().astype(np.int64)
    premium = joined["premium"].to_numpy()
    spot, perp = np.log(joined["spot_quote"].to_numpy()), np.log(joined["perp_quote"].to_numpy())
    sound = np.abs(premium) <= outlier
    kept = (np.diff(at) == step_ms) & sound[:-1] & sound[1:]
    found = Steps(at[:-1], premium[:-1], np.diff(premium), np.diff(spot), np.diff(perp))
    return found.where(kept)


def averaged(joined: pl.DataFrame, slots: Times, length_ms: int, step_ms: int) -> tuple[Times, Vector]:
    """Average the premiums of the windows that end at `slots`, with weights 1, 2, … n in order of time.

    Parameters
    ----------
    joined : what `premiums` gives. slots : (m,) ms, ends of the windows. length_ms : of a window; step_ms : between samples.

    Returns
    -------
    slots, averages
        Of the windows of which every sample is there; a sample at the end of a window belongs to it.

    Source: the linear weights of the venues' documents, on the coarse grid of closes.
    """
    import numpy as np

    at = joined["close_at"].to_numpy().astype(np.int64)
    premium = joined["premium"].to_numpy()
    count = length_ms // step_ms
    weights = np.arange(1, count + 1, dtype=np.float64)
    place = np.searchsorted(at, slots)
    inside = (place < len(at)) & (place >= count - 1)
    ends = place[inside]
    whole = (at[ends] == slots[inside]) & (at[ends] - at[ends - count + 1] == (count - 1) * step_ms)
    ends = ends[whole]
    columns = premium[ends[:, None] - np.arange(count)[::-1]]
    return slots[inside][whole], columns @ weights / weights.sum()
