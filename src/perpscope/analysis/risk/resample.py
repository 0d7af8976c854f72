"""What would the horizon have cost in other orders of the venue's own past? The stationary bootstrap of a flow of funding.

Blocks of random length keep the months of high and low funding together. A block is at least as long, on average, as the horizon: a
shorter one would cut regimes apart that a position lives through, and make the tail too thin.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from perpscope.analysis.inference.bootstrap import block_indices, block_length
from perpscope.analysis.risk.paid import Payments, held, never_moves, payments
from perpscope.errors import InputError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from perpscope.analysis.risk.flow import Flow
    from perpscope.analysis.risk.law import Law

    Floats = npt.NDArray[np.float64]
    Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """Simulated totals of a horizon.

    Parameters
    ----------
    paid : (paths,) fraction of notional a long pays over the horizon. moved : mean share of the horizon spent at another interval than
    the one in force now.
    """

    paid: Floats
    moved: float


def chained(n: int, shape: tuple[int, int], mean_block: float, rng: np.random.Generator) -> Ints:
    """Places of a stationary bootstrap: (paths, length) indices into a circle of n, blocks of geometric length.

    Parameters
    ----------
    n : places. shape : paths and their length. mean_block : mean length of a block, >= 1.

    **Source** Politis and Romano (1994), The stationary bootstrap, JASA 89.

    Examples
    --------
    >>> import numpy as np
    >>> chained(5, (1, 4), 1e9, np.random.default_rng(1)).tolist()
    [[2, 3, 4, 0]]
    """
    import numpy as np

    if n < 1 or mean_block < 1:
        raise InputError("a stationary bootstrap", f"{n} places in blocks of {mean_block:g}", "Give places, and blocks of at least 1.")
    starts = rng.integers(n, size=shape)
    fresh = rng.random(shape) < 1 / mean_block
    fresh[:, 0] = True
    time = np.arange(shape[1])
    begun = np.maximum.accumulate(np.where(fresh, time, 0), axis=1)
    return (np.take_along_axis(starts, begun, axis=1) + time - begun) % n


def mean_block_of(flow: Flow, windows: int) -> tuple[float, float]:
    """Mean length of a block in windows, and the automatic length it is at least.

    Never longer than a third of the history, so that some blocks differ.

    Parameters
    ----------
    windows : length of the horizon.

    **Source** `inference.bootstrap.block_length`: Politis and White (2004) with the correction of Patton, Politis and White (2009).
    """
    series = flow.steps.sum(axis=1)
    automatic = block_length(series)
    most = max(len(series) / 3, 1.0)
    return min(max(automatic, float(windows), 1.0), most), automatic


def block_sums(series: Floats, shape: tuple[int, int], mean_block: float, rng: np.random.Generator) -> Floats:
    """Sum paths of a stationary bootstrap without walking them: a block is a difference of running sums.

    Parameters
    ----------
    series : (n,) what each place pays. shape : paths and their length, at most n. mean_block : mean length of a block, >= 1.

    **Source** as `chained`: blocks of geometric length from places drawn evenly around a circle.
    """
    import numpy as np

    n, (paths, windows) = len(series), shape
    if windows > n:
        raise InputError("a stationary bootstrap", f"paths of {windows} from {n} places", "Give a longer history.")
    around = np.concatenate([[0.0], np.cumsum(np.concatenate([series, series[:windows]]))])
    total, left, open_ = np.zeros(paths), np.full(paths, windows), np.arange(paths)
    while len(open_):
        length = np.minimum(rng.geometric(1 / mean_block, len(open_)), left[open_])
        start = rng.integers(n, size=len(open_))
        total[open_] += around[start + length] - around[start]
        left[open_] -= length
        open_ = open_[left[open_] > 0]
    return total


def resampled(flow: Flow, law: Law, windows: int, *, paths: int, mean_block: float, seed: int) -> Outcome:
    """Pay the horizon along many bootstrapped paths of the history.

    Parameters
    ----------
    flow : history. law : intervals and limits. windows : length of the horizon. paths : how many.

    **Source** `chained` and `paid.held`.
    """
    import numpy as np

    table = payments(flow.steps, flow.step_hours, law)
    total, moved = _walked(table, law, np.arange(len(flow.steps)), (paths, windows), mean_block, np.random.default_rng(seed))
    return Outcome(total, moved)


def _walked(
    table: Payments, law: Law, places: Ints, shape: tuple[int, int], mean_block: float, rng: np.random.Generator
) -> tuple[Floats, float]:
    """Totals of paths through the windows at `places`; stepped through only where the interval may change on the way."""
    if never_moves(table, law):
        return block_sums(table.paid[0][places], shape, mean_block, rng), 0.0
    total, moved = held(table, places[chained(len(places), shape, mean_block, rng)], law)
    return total, float(moved.mean())


def redrawn(flow: Flow, law: Law, windows: int, *, histories: int, paths: int, mean_block: float, seed: int) -> list[Floats]:
    """Totals under other histories that could have been: each history is itself a bootstrap of the one there is.

    The spread of a statistic over them is its error from the shortness of the history.

    **Source** the bootstrap of a bootstrap statistic (Efron and Tibshirani 1993, chapter 6), with blocks kept on both floors.
    """
    import numpy as np

    table = payments(flow.steps, flow.step_hours, law)
    rng = np.random.default_rng((seed, 1))
    others = block_indices(len(flow.steps), mean_block, histories, rng)
    return [_walked(table, law, other, (paths, windows), mean_block, rng)[0] for other in others]
