"""Over which windows of two histories is the difference of what they paid a given sum?

A trade of some weeks whose dates nobody wrote down leaves its result. Every window, from every stamp and of every length
asked for, is tried against it: sums over windows are differences of running sums, so that a million windows cost less than
a second. How many fit says how much, or how little, the result tells about the dates.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from perpscope.errors import InputError, NotEnoughData
from perpscope.units import HOURS_PER_DAY, MS_PER_HOUR

if TYPE_CHECKING:
    import numpy as np
    import polars as pl
    from numpy.typing import NDArray

    Vector = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """Two histories on one regular grid of stamps.

    Parameters
    ----------
    slots : (n,) ms, `step` apart. step : ms. one, other : (n,) fractions paid at each stamp, 0 where there was none.
    holes : (n,) whether a stamp of either is missing. prices : (n,) price at each stamp, for a position of a fixed number of coins,
    whose payments follow the price; None for one of a fixed value.
    """

    slots: NDArray[np.int64]
    step: int
    one: Vector
    other: Vector
    holes: NDArray[np.bool_]
    prices: Vector | None = None

    @property
    def difference(self) -> Vector:
        """What one paid more than the other at each stamp, per unit of value (or per coin, where prices are given)."""
        return (self.one - self.other) * (1.0 if self.prices is None else self.prices)

    def cut(self, low: int, high: int) -> Grid:
        """Return the part with low <= slot <= high."""
        keep = (self.slots >= low) & (self.slots <= high)
        prices = None if self.prices is None else self.prices[keep]
        return Grid(self.slots[keep], self.step, self.one[keep], self.other[keep], self.holes[keep], prices)


def priced(grid: Grid, closes: pl.DataFrame) -> Grid:
    """Return the grid with the price known at each stamp: the last close at or before it.

    Parameters
    ----------
    closes : close_at (ms), close_quote. Stamps before the first close are cut off.

    **Source**: funding is paid on the value of the position at the stamp.
    """
    import numpy as np

    held = closes.drop_nulls().sort("close_at")
    if held.is_empty():
        raise NotEnoughData("prices at the stamps", "no closes", "Import hourly prices.")
    at = np.searchsorted(held["close_at"].to_numpy(), grid.slots, side="right") - 1
    known = grid.cut(int(grid.slots[at >= 0][0]) if (at >= 0).any() else int(grid.slots[-1]) + 1, int(grid.slots[-1]))
    return Grid(known.slots, known.step, known.one, known.other, known.holes, held["close_quote"].to_numpy()[at[at >= 0]])


def on_grid(one: pl.DataFrame, other: pl.DataFrame, hours: float = 8.0, *, fill: bool = False) -> Grid:
    """Put two histories on the stamps 00, 08, 16 UTC (or another grid from 00:00) over the time they share.

    A fixing stamped off its slot is put on the nearest one; several on one slot are added. A slot without a fixing is a hole: it pays
    nothing, or, with `fill`, what the line between its neighbours says (a guess, for a stamp that was paid and not recorded).

    Parameters
    ----------
    one, other : what `series.fixings` gives, one contract each. hours : step of the grid. fill : see above.

    Raises
    ------
    NotEnoughData
        When they share no time.

    **Source**: shared data description (one of the histories lacks two stamps and has seven off their slots).
    """
    import numpy as np

    step = round(hours * MS_PER_HOUR)
    sides = []
    for rows in (one, other):
        slots = (rows["slot"].to_numpy() + (step - 1) // 2) // step
        sides.append((slots, rows["funding_rate"].to_numpy()))
    if any(slots.size == 0 for slots, _ in sides):
        raise NotEnoughData("two histories side by side", "one of them is empty", "Import it.")
    low, high = max(int(slots[0]) for slots, _ in sides), min(int(slots[-1]) for slots, _ in sides)
    if low > high:
        raise NotEnoughData("two histories side by side", "they share no time", "Import more of one of them.")
    size = high - low + 1
    paid: list[Vector] = []
    missing: list[NDArray[np.bool_]] = []
    for slots, rates in sides:
        inside = (slots >= low) & (slots <= high)
        sums = np.bincount(slots[inside] - low, weights=rates[inside], minlength=size).astype(np.float64)
        hole = np.bincount(slots[inside] - low, minlength=size) == 0
        paid.append(np.interp(np.arange(size), np.flatnonzero(~hole), sums[~hole]) if fill and not hole.all() else sums)
        missing.append(hole)
    return Grid(np.arange(low, high + 1, dtype=np.int64) * step, step, paid[0], paid[1], missing[0] | missing[1])


def window_sums(values: Vector, lengths: NDArray[np.int64]) -> Vector:
    """Return the sum of each window: row s, column k is the sum of `lengths[k]` values from place s on; nan where it does not fit.

    **Source**: definition; sums as differences of running sums (error below 1e-12 for rates).
    """
    import numpy as np

    running = np.concatenate([[0.0], np.cumsum(values)])
    ends = np.arange(values.size)[:, None] + lengths[None, :]
    fits = ends <= values.size
    sums = running[np.minimum(ends, values.size)] - running[: values.size, None]
    return np.where(fits, sums, np.nan)


@dataclass(frozen=True, slots=True)
class Scan:
    """What a search over windows found.

    Parameters
    ----------
    fits : windows, best first: start (begin of the first interval), end (last stamp), days, one difference per name, miss.
    tried : windows looked at. within : number of windows whose largest miss is within each tolerance asked for.
    alone : the same counts per name, that difference alone. episodes : how many separate stretches of time the windows within the
    widest tolerance make up (their starts lie more than half the shortest window apart).
    """

    fits: tuple[dict[str, float], ...]
    tried: int
    within: Mapping[float, int]
    alone: Mapping[str, Mapping[float, int]]
    episodes: int


def scan(
    grids: Mapping[str, Grid],
    targets: Mapping[str, float],
    days: tuple[float, float] = (20, 120),
    tolerances: tuple[float, ...] = (1e-5, 1e-4, 1e-3),
    keep: int = 10,
) -> Scan:
    """Try every window of `days[0]` to `days[1]` days against several differences at once.

    Parameters
    ----------
    grids : pairs of histories by name, same step; they are cut to the time all share. targets : differences wanted, fraction of notional.
    days : least and greatest length, both included. tolerances : largest misses counted, rising. keep : best windows returned, each of
    another stretch of time.

    Returns
    -------
    Scan
        The miss of a window is the largest absolute difference from a target, fraction of notional.

    **Source**: article C: differences of its four printed profits.
    """
    import numpy as np

    if set(grids) != set(targets) or not grids:
        raise InputError(
            "a search over windows", f"histories of {sorted(grids)}, sums of {sorted(targets)}", "Give both for the same names."
        )
    parts = _shared(grids)
    slots, step = next(iter(parts.values())).slots, next(iter(parts.values())).step
    per_day = HOURS_PER_DAY * MS_PER_HOUR / step
    lengths = np.arange(round(days[0] * per_day), round(days[1] * per_day) + 1)
    sums = {name: _relative(part, lengths) for name, part in parts.items()}
    misses = {name: np.abs(sums[name] - targets[name]) for name in sums}
    worst = np.max(np.stack(list(misses.values())), axis=0)
    fits = _best(worst, lengths, keep)
    rows = tuple(
        {
            "start": float(slots[place] - step),
            "end": float(slots[place] + step * (int(lengths[k]) - 1)),
            "days": float(lengths[k] / per_day),
            **{name: float(sums[name][place, k]) for name in sums},
            "miss": float(worst[place, k]),
        }
        for place, k in fits
    )
    return Scan(
        rows,
        int(np.isfinite(worst).sum()),
        {limit: int((worst <= limit).sum()) for limit in tolerances},
        {name: {limit: int((miss <= limit).sum()) for limit in tolerances} for name, miss in misses.items()},
        _stretches(worst <= tolerances[-1], int(lengths[0]) // 2),
    )


def _relative(grid: Grid, lengths: NDArray[np.int64]) -> Vector:
    """Sum of each window as a fraction of the position's value at its beginning."""
    sums = window_sums(grid.difference, lengths)
    return sums if grid.prices is None else sums / grid.prices[:, None]


def _shared(grids: Mapping[str, Grid]) -> dict[str, Grid]:
    low = max(int(grid.slots[0]) for grid in grids.values())
    high = min(int(grid.slots[-1]) for grid in grids.values())
    if low > high or len({grid.step for grid in grids.values()}) != 1:
        raise NotEnoughData("a search over windows", "histories that share no grid", "Give histories of the same time and step.")
    return {name: grid.cut(low, high) for name, grid in grids.items()}


def _best(worst: Vector, lengths: NDArray[np.int64], keep: int) -> list[tuple[int, int]]:
    """Best windows, no two of which share more than half of the shorter."""
    import numpy as np

    finite = np.isfinite(worst)
    amount = min(int(finite.sum()), 5000)
    if amount == 0:
        raise NotEnoughData(
            "a search over windows", "no window of that length fits", "Import longer histories, or ask for shorter windows."
        )
    flat = np.where(finite, worst, np.inf).ravel()
    order = np.argpartition(flat, amount - 1)[:amount]
    order = order[np.lexsort((order, flat[order]))]
    chosen: list[tuple[int, int]] = []
    for at in order:
        place, k = divmod(int(at), lengths.size)
        length = int(lengths[k])
        if all(min(place + length, other + int(lengths[j])) - max(place, other) <= min(length, int(lengths[j])) / 2 for other, j in chosen):
            chosen.append((place, k))
        if len(chosen) == keep:
            break
    return chosen


def _stretches(fits: NDArray[np.bool_], apart: int) -> int:
    """Count groups of starting places that lie no more than `apart` from their neighbour."""
    import numpy as np

    starts = np.flatnonzero(fits.any(axis=1))
    return 0 if starts.size == 0 else 1 + int((np.diff(starts) > apart).sum())
