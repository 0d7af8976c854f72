"""How much does each reading of a window count in the rule's average?

Read off the rule's own text: the average of a window in which one reading is 1 and all others are 0 is that reading's
weight. Nothing is written down twice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from perpscope.mechanisms.auction import Auction
from perpscope.mechanisms.reduce import Adaptive, MedianMean, Reducer, Velocity, add

if TYPE_CHECKING:
    from typing import Any

    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]


def weights_of(reducer: Reducer | Auction, count: int, hours: float = 0.0) -> Floats | None:
    """Weights of `count` readings in order of time, summing to 1; None where the average is no weighted mean.

    Parameters
    ----------
    reducer : the rule's average. count : readings in the window, >= 1. hours : time each reading is in force, where that weighs.

    Returns
    -------
    (count,) weights. Medians of blocks are taken as means of blocks (equal weights); auctions and drifting rates have none.

    **Source**: `mechanisms.reduce.add`, evaluated on unit vectors.

    Examples
    --------
    >>> from perpscope.mechanisms.reduce import LinearMean
    >>> [round(float(w), 4) for w in weights_of(LinearMean(), 3)]
    [0.1667, 0.3333, 0.5]
    """
    import numpy as np

    if isinstance(reducer, Auction | Velocity | Adaptive):
        return None
    if isinstance(reducer, MedianMean):
        return np.full(count, 1.0 / count)
    none: Any = np.zeros(count)
    seen, weight, total, carry = 0, 0.0, none, 0.0
    numbers = reducer.numbers()
    for k in range(count):
        unit: Any = np.zeros(count)
        unit[k] = 1.0
        seen, weight, total, carry = add(reducer.kind, seen, weight, total, carry, unit, hours, *numbers)  # type: ignore[assignment]  # a vector in the place of a number
    return np.asarray(total / weight, dtype=np.float64)
