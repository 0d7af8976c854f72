"""Do extremes of a signal come before unusual returns, or does it only look so?

An event is a value beyond the quantile of the values *before* it: nothing later is known to it. Events that follow each
other within a gap are one event. Their mean return over the next days is compared with that of all days, and its scatter
is that of the same event days on resampled histories of the same prices, in which nothing can foresee anything.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from perpscope.analysis.inference.bootstrap import block_indices
from perpscope.analysis.inference.multiple import benjamini_hochberg, step_down
from perpscope.errors import InputError, NotEnoughData

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import polars as pl
    from numpy.typing import ArrayLike, NDArray

    Vector = NDArray[np.float64]
    Days = NDArray[np.int64]

Side = Literal["high", "low"]
LEAST_EVENTS = 5
"""Fewer events than these are told as events and not tested."""
SLICE = 250
"""Resampled histories held at once."""


@dataclass(frozen=True, slots=True)
class Extreme:
    """What counts as an event.

    Parameters
    ----------
    side : "high" is above the upper quantile and above zero, "low" below the lower one and below zero.
    level : of the quantile, above one half; "low" takes 1 - level. over : days the signal is averaged over, to the day itself.
    window, least : the quantile is that of up to `window` averaged values before the day, and of no fewer than `least`.
    gap : days that have to pass since the event before.
    """

    side: Side
    level: float
    over: int = 1
    window: int = 365
    least: int = 180
    gap: int = 7

    def __post_init__(self) -> None:
        """Refuse what is no extreme."""
        if not 0.5 <= self.level < 1.0:  # noqa: PLR2004 - the middle
            raise InputError("an extreme", f"the level {self.level}", "Give one from 0.5 to below 1; the side says which end.")
        if not (self.over >= 1 and 1 <= self.least <= self.window and self.gap >= 1):
            raise InputError("an extreme", f"over {self.over}, window {self.window}, least {self.least}, gap {self.gap}", "Give days.")


@dataclass(frozen=True, slots=True)
class Cell:
    """One test of a grid of events and horizons.

    Parameters
    ----------
    asset, extreme, horizon : which series, which event, how many days ahead.
    events : count that has that many days ahead. mean : mean log return after events. usual : after all days that could have
    been events. excess : their difference. scatter : standard deviation of the excess where nothing is foreseen.
    rose : share of events after which the price was higher.
    p : two-sided, one test alone. fdr, stepped : the same, adjusted for all tests of the grid (Benjamini-Hochberg; Romano-Wolf).
    None where fewer than `LEAST_EVENTS` events.
    """

    asset: str
    extreme: Extreme
    horizon: int
    events: int
    mean: float
    usual: float
    excess: float
    scatter: float
    rose: float
    p: float | None
    fdr: float | None
    stepped: float | None


def trailing_mean(values: ArrayLike, over: int) -> Vector:
    """Return the mean of each value and the `over` - 1 before it; nan until there are that many."""
    averaged: Vector = _column(values).rolling_mean(over, min_samples=over).to_numpy()
    return averaged


def trailing_quantile(values: ArrayLike, level: float, window: int, least: int) -> Vector:
    """Return the quantile of up to `window` values strictly before each; nan where there are fewer than `least`.

    Parameters
    ----------
    values : n numbers in time order; nan is left out. level : 0 to 1, linear between neighbours.
    """
    quantiles: Vector = _column(values).shift(1).rolling_quantile(level, "linear", window, min_samples=least).to_numpy()
    return quantiles


def spaced(flags: ArrayLike, gap: int) -> Days:
    """Return places of true flags, each at least `gap` after the one taken before it."""
    import numpy as np

    taken: list[int] = []
    for place in np.flatnonzero(np.asarray(flags)).tolist():
        if not taken or place - taken[-1] >= gap:
            taken.append(place)
    return np.array(taken, dtype=np.int64)


def extremes(signal: ArrayLike, extreme: Extreme) -> tuple[Days, Days]:
    """Return the places of events, and of all days on which there could have been one.

    Parameters
    ----------
    signal : n numbers, one a day, measured from what is neutral (zero); nan where unknown.

    Returns
    -------
    events, eligible
        Places from 0 to n - 1; both depend on nothing after themselves.
    """
    import numpy as np

    told = trailing_mean(signal, extreme.over)
    high = extreme.side == "high"
    limit = trailing_quantile(told, extreme.level if high else 1.0 - extreme.level, extreme.window, extreme.least)
    known = np.isfinite(told) & np.isfinite(limit)
    with np.errstate(invalid="ignore"):
        beyond = (told > limit) & (told > 0) if high else (told < limit) & (told < 0)
    return spaced(beyond & known, extreme.gap), np.flatnonzero(known)


def event_study(
    signals: dict[str, Vector],
    returns: dict[str, Vector],
    grid: Sequence[Extreme],
    horizons: Sequence[int],
    rng: np.random.Generator,
    *,
    draws: int = 1000,
    block: float | None = None,
) -> tuple[Cell, ...]:
    """Test all events at all horizons on all assets, and adjust for having asked so often.

    Parameters
    ----------
    signals : by asset, n numbers a day, zero where neutral, nan where unknown.
    returns : by asset, n log returns of the same days (close to close); the return of a day is known when its signal is.
    grid, horizons : kinds of events; days ahead. rng : numpy Generator.
    draws : resampled histories. block : their mean block length in days; None takes the longest horizon.

    Returns
    -------
    cells
        In the order asset, extreme, horizon.

    Raises
    ------
    InputError
        When lengths differ.
    NotEnoughData
        When there are no more days than the longest horizon.

    Notes
    -----
    Histories are drawn by the stationary bootstrap, all assets on the same days, so that they keep moving together; the event
    days stay where they are. Excess returns are divided by their scatter over the draws before the step-down compares them.

    Source: Politis and Romano (1994), Journal of the American Statistical Association 89; Romano and Wolf (2005), Econometrica 73.
    """
    import numpy as np

    assets = list(signals)
    moves = np.column_stack([np.asarray(returns[asset], dtype=np.float64) for asset in assets])
    n, longest = moves.shape[0], max(horizons)
    if any(signals[asset].shape != (n,) for asset in assets) or not np.isfinite(moves).all():
        raise InputError("an event study", "signals and returns that do not fit", "Give one finite return and one signal a day.")
    if n <= longest:
        raise NotEnoughData("an event study", f"{n} days for {longest} days ahead", "Give a longer history.")
    tests = [
        _Test(place, extreme, horizon, events[events < n - horizon], eligible[eligible < n - horizon])
        for place, asset in enumerate(assets)
        for extreme in grid
        for events, eligible in [extremes(signals[asset], extreme)]
        for horizon in horizons
    ]
    weights = [np.column_stack([test.weights(n) for test in tests if test.place == place]) for place in range(len(assets))]
    length = float(min(longest if block is None else block, n))
    drawn = []
    for at in range(0, draws, SLICE):
        histories = moves[block_indices(n, length, min(SLICE, draws - at), rng)]
        drawn.append(np.column_stack([histories[:, :, place] @ each for place, each in enumerate(weights)]))
    return _cells(assets, tests, np.concatenate(drawn), moves)


@dataclass(frozen=True, slots=True, eq=False)
class _Test:
    place: int
    extreme: Extreme
    horizon: int
    events: Days
    eligible: Days

    def weights(self, n: int) -> Vector:
        """Weights of each day's return in the excess: it is a weighted sum of returns, so no history has to be walked."""
        import numpy as np

        at = np.zeros(n)
        for days, sign in ((self.events, 1.0), (self.eligible, -1.0)):
            if days.size:
                np.add.at(at, days + self.horizon, sign / days.size)
                np.add.at(at, days, -sign / days.size)
        return np.cumsum(at[::-1])[::-1]


def _cells(assets: list[str], tests: list[_Test], drawn: Vector, moves: Vector) -> tuple[Cell, ...]:
    import numpy as np

    levels = np.cumsum(moves, axis=0)
    told = [_after(levels[:, test.place], test) for test in tests]
    tested = np.array([test.events.size >= LEAST_EVENTS for test in tests], dtype=np.bool_)
    centre, scatter = drawn.mean(axis=0), drawn.std(axis=0, ddof=1)
    observed = np.array([mean - usual for mean, usual, _ in told])
    with np.errstate(invalid="ignore", divide="ignore"):
        score, null = ((observed - centre) / scatter)[tested], ((drawn - centre) / scatter)[:, tested]
    alone = (1.0 + (np.abs(null) >= np.abs(score)).sum(axis=0)) / (1.0 + drawn.shape[0])
    adjusted = np.full((3, len(tests)), np.nan)
    if tested.any():
        adjusted[:, tested] = [alone, benjamini_hochberg(alone), step_down(score, null)]
    cells = []
    for column, (test, (mean, usual, rose)) in enumerate(zip(tests, told, strict=True)):
        p = [float(value) if tested[column] else None for value in adjusted[:, column]]
        spread = float(scatter[column])
        cells.append(Cell(assets[test.place], test.extreme, test.horizon, test.events.size, mean, usual, mean - usual, spread, rose, *p))
    return tuple(cells)


def _after(path: Vector, test: _Test) -> tuple[float, float, float]:
    """Mean log return after events and after all eligible days, and the share of rises after events; nan where there are none."""
    after = path[test.events + test.horizon] - path[test.events]
    around = path[test.eligible + test.horizon] - path[test.eligible]
    usual = float(around.mean()) if around.size else math.nan
    return (float(after.mean()), usual, float((after > 0).mean())) if after.size else (math.nan, usual, math.nan)


def _column(values: ArrayLike) -> pl.Series:
    """Write numbers as a column with nulls, which rolling windows leave out."""
    import numpy as np
    import polars as pl

    return pl.Series(np.asarray(values, dtype=np.float64), dtype=pl.Float64, nan_to_null=True)
