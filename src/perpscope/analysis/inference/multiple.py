"""Which of many tests still stand when one remembers how many there were?

Holm guards against a single false finding whatever the tests have to do with each other; Benjamini and Hochberg bound the
expected share of false ones; Romano and Wolf's step-down guards like Holm but learns from resamples how the tests hang
together, and so loses less.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from perpscope.errors import InputError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    Vector = NDArray[np.float64]


def holm(p: ArrayLike) -> Vector:
    """Return p-values adjusted so that rejecting below a level errs anywhere with at most that probability.

    Parameters
    ----------
    p : m numbers from 0 to 1, any dependence.

    Source: Holm (1979), Scandinavian Journal of Statistics 6.

    Examples
    --------
    >>> holm([0.01, 0.04, 0.03]).round(3).tolist()
    [0.03, 0.06, 0.06]
    """
    import numpy as np

    values, order = _sorted(p)
    count = values.size
    stepped = np.maximum.accumulate(values[order] * np.arange(count, 0, -1))
    return _placed(np.minimum(stepped, 1.0), order)


def benjamini_hochberg(p: ArrayLike) -> Vector:
    """Return p-values adjusted so that rejecting below a level lets in at most that share of false findings, on average.

    Parameters
    ----------
    p : m numbers from 0 to 1, independent or positively dependent.

    Source: Benjamini and Hochberg (1995), Journal of the Royal Statistical Society B 57.

    Examples
    --------
    >>> benjamini_hochberg([0.01, 0.04, 0.03]).round(3).tolist()
    [0.03, 0.04, 0.04]
    """
    import numpy as np

    values, order = _sorted(p)
    count = values.size
    raised = values[order] * count / np.arange(1, count + 1)
    return _placed(np.minimum(np.minimum.accumulate(raised[::-1])[::-1], 1.0), order)


def step_down(observed: ArrayLike, resampled: ArrayLike, *, two_sided: bool = True) -> Vector:
    """Return p-values adjusted by the step-down max-t of Romano and Wolf.

    The largest statistic is compared with the largest of each resample; then it is set aside, the next one is compared with
    the largest of the rest, and so on. A later p is never below an earlier one.

    Parameters
    ----------
    observed : m studentised statistics.
    resampled : draws x m of the same statistics under the null hypothesis (centred, same studentising), each row one draw.
    two_sided : compare absolute values.

    Returns
    -------
    array
        m numbers from 1/(draws + 1) to 1: (1 + count) / (1 + draws).

    Source: Romano and Wolf (2005), Econometrica 73; p-values as in Romano and Wolf (2016), Statistics and Probability Letters 113.

    Examples
    --------
    >>> step_down([3.0, 0.1], [[0.5, 1.0], [1.0, 0.2], [0.1, 0.3]]).tolist()
    [0.25, 1.0]
    """
    import numpy as np

    values, draws = np.asarray(observed, dtype=np.float64), np.asarray(resampled, dtype=np.float64)
    if values.ndim != 1 or draws.ndim != 2 or draws.shape[1] != values.size:  # noqa: PLR2004 - draws by tests
        raise InputError("a step-down", f"{values.shape} statistics and {draws.shape} resampled", "Give one column per statistic.")
    if not (np.isfinite(values).all() and np.isfinite(draws).all()):
        raise InputError("a step-down", "statistics that are not finite", "Leave out tests that have no events.")
    if two_sided:
        values, draws = np.abs(values), np.abs(draws)
    order = np.argsort(-values, kind="stable")
    largest = np.maximum.accumulate(draws[:, order][:, ::-1], axis=1)[:, ::-1]
    counts = (largest >= values[order]).sum(axis=0)
    stepped = np.maximum.accumulate((1.0 + counts) / (1.0 + draws.shape[0]))
    return _placed(stepped, order)


def _sorted(p: ArrayLike) -> tuple[Vector, NDArray[np.int64]]:
    import numpy as np

    values = np.asarray(p, dtype=np.float64)
    if values.ndim != 1 or not ((values >= 0.0) & (values <= 1.0)).all():
        raise InputError("an adjustment for many tests", "something that is no list of p-values", "Give numbers from 0 to 1.")
    return values, np.argsort(values, kind="stable")


def _placed(values: Vector, order: NDArray[np.int64]) -> Vector:
    import numpy as np

    out = np.empty_like(values)
    out[order] = values
    return out
