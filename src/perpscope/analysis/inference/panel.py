"""How strong is a relation across many contracts at once, each measured against its own average?

Fixed effects take the level of each entity away; Driscoll and Kraay's errors allow that all entities are hit by the same
news on a day, and that the news is still felt on the next days.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from perpscope.analysis.inference.ols import bartlett, lag_rule, two_sided
from perpscope.errors import InputError, NotEnoughData

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    Vector = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class PanelFit:
    """A pooled regression with entity effects; arrays of length k in the order of `names`.

    Parameters
    ----------
    names, coef : slopes common to all entities. se_plain : errors of even, independent noise.
    se_dk : Driscoll-Kraay errors. t, p : on these, in Student's t with n - k - entities degrees of freedom.
    beta : standardised within entities. r2 : share of the variance within entities explained.
    n, entities, times, lags : rows, entities, distinct moments, lags in moments.
    """

    names: tuple[str, ...]
    coef: Vector
    se_plain: Vector
    se_dk: Vector
    t: Vector
    p: Vector
    beta: Vector
    r2: float
    n: int
    entities: int
    times: int
    lags: int


def pooled(
    y: ArrayLike,
    x: ArrayLike,
    entity: ArrayLike,
    time: ArrayLike,
    names: Sequence[str],
    lags: int | None = None,
) -> PanelFit:
    """Regress y on x with an effect for each entity.

    Parameters
    ----------
    y, x : n numbers and n x k regressors that vary within entities, in any order, finite.
    entity, time : n labels; times are compared by their order, neighbours in the order count as neighbours in time.
    names : one per column of x.
    lags : None takes `lag_rule` of the number of distinct times; 0 gives errors clustered by time.

    Raises
    ------
    InputError
        When shapes differ, a number is not finite, or a column does not vary within entities.
    NotEnoughData
        When there are no more rows than coefficients and entities.

    Source: Driscoll and Kraay (1998), Review of Economics and Statistics 80; factor n / (n - k - entities).
    """
    import numpy as np

    target, columns = np.asarray(y, dtype=np.float64), np.asarray(x, dtype=np.float64)
    n, k = columns.shape if columns.ndim == 2 else (-1, 0)  # noqa: PLR2004 - rows and columns
    _, who = np.unique(np.asarray(entity), return_inverse=True)
    moments, when = np.unique(np.asarray(time), return_inverse=True)
    if not (target.shape == (n,) == who.shape == when.shape and k == len(names)):
        raise InputError("a pooled regression", f"y {target.shape}, x {columns.shape}, {len(names)} names", "Give one row and name each.")
    if not (np.isfinite(target).all() and np.isfinite(columns).all()):
        raise InputError("a pooled regression", "values that are not finite", "Drop those rows first.")
    groups = int(who.max(initial=-1)) + 1
    freedom = n - k - groups
    if freedom <= 0:
        raise NotEnoughData("a pooled regression", f"{n} rows for {k} coefficients and {groups} entities", "Give more rows.")
    inner, within = _within(target[:, None], who, groups)[:, 0], _within(columns, who, groups)
    if np.linalg.matrix_rank(within) < k:
        raise InputError("a pooled regression", "a column that does not vary within entities, or follows from others", "Leave it out.")
    coef = np.asarray(np.linalg.lstsq(within, inner, rcond=None)[0], dtype=np.float64)
    residuals = inner - within @ coef
    bread = np.linalg.inv(within.T @ within)
    sums = np.zeros((moments.size, k))
    np.add.at(sums, when, within * residuals[:, None])
    width = lag_rule(moments.size) if lags is None else lags
    cov = bread @ bartlett(sums, width) @ bread * (n / freedom)
    errors = np.sqrt(np.maximum(np.diag(cov), 0.0))
    t, p = two_sided(coef, errors, freedom)
    left, total = float(residuals @ residuals), float(inner @ inner)
    plain = np.sqrt(np.diag(bread) * left / freedom)
    beta = coef * within.std(axis=0) / inner.std()
    return PanelFit(tuple(names), coef, plain, errors, t, p, beta, 1.0 - left / total, n, groups, moments.size, width)


def _within(values: Vector, who: NDArray[np.int64], groups: int) -> Vector:
    """Take each entity's mean away."""
    import numpy as np

    sums = np.zeros((groups, values.shape[1]))
    np.add.at(sums, who, values)
    within: Vector = values - (sums / np.bincount(who, minlength=groups)[:, None])[who]
    return within
