"""How strong is a linear relation, and how sure is that when the noise is uneven and remembers?

Ordinary least squares with three standard errors side by side: the plain ones (even, independent noise), White's (uneven
noise, corrected as HC1) and Newey-West's (uneven noise with memory; Bartlett weights). Funding has memory over weeks, so
the plain errors are shown to be compared, never to be believed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from perpscope.errors import InputError, NotEnoughData

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    Vector = NDArray[np.float64]

INTERCEPT = "const"
"""Name of the column of ones."""
_SAME = 8
"""Rounding errors of a value within which two are the same."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """One coefficient of a regression.

    Parameters
    ----------
    coef : change of y per unit of x, everything else held.
    se_plain, se_hc1, se_hac : standard errors, in the unit of coef.
    t, p : coef / se_hac, and its two-sided p in Student's t with n - k degrees of freedom.
    beta : standardised coefficient, coef x sd(x) / sd(y); nan for the intercept.
    partial_r2 : share of what the others leave unexplained that this one explains, 0 to 1.
    """

    coef: float
    se_plain: float
    se_hc1: float
    se_hac: float
    t: float
    p: float
    beta: float
    partial_r2: float


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """A regression by least squares: arrays of length k in the order of `names`.

    Parameters
    ----------
    names : of the k coefficients; the intercept, where there is one, is the first and called "const".
    coef, se_plain, se_hc1, se_hac, t, p, beta, partial_r2 : see `Estimate`; one number per name.
    r2 : share of the variance explained, 0 to 1 (about zero where there is no intercept).
    n, lags : rows; lags of the Newey-West errors.
    cov_hac : k x k Newey-West covariance of the coefficients.
    residuals : n numbers, y minus fitted.
    """

    names: tuple[str, ...]
    coef: Vector
    se_plain: Vector
    se_hc1: Vector
    se_hac: Vector
    t: Vector
    p: Vector
    beta: Vector
    partial_r2: Vector
    r2: float
    n: int
    lags: int
    cov_hac: Vector
    residuals: Vector

    def of(self, name: str) -> Estimate:
        """Return everything about one coefficient."""
        if name not in self.names:
            raise InputError(f"the coefficient {name!r}", f"there are {', '.join(self.names)}", "Name one of them.")
        i = self.names.index(name)
        columns = (self.coef, self.se_plain, self.se_hc1, self.se_hac, self.t, self.p, self.beta, self.partial_r2)
        return Estimate(*(float(column[i]) for column in columns))

    def combined(self, weights: ArrayLike) -> tuple[float, float]:
        """Return a weighted sum of the coefficients and its Newey-West error: k weights, in the order of `names`."""
        import numpy as np

        each = np.asarray(weights, dtype=np.float64)
        return float(each @ self.coef), math.sqrt(max(float(each @ self.cov_hac @ each), 0.0))


def lag_rule(n: int) -> int:
    """Return the number of lags for n rows: floor(4 (n/100)^(2/9)), in exact integers.

    Source: Newey and West (1994), Review of Economic Studies 61, the rule for Bartlett weights that is in general use.

    Examples
    --------
    >>> lag_rule(100), lag_rule(1024), lag_rule(51200)
    (4, 6, 16)
    """
    if n < 1:
        raise NotEnoughData("a number of lags", f"{n} rows", "Give at least one.")
    lags = int(4 * (n / 100) ** (2 / 9)) + 1
    while 10_000 * lags**9 > 4**9 * n**2:
        lags -= 1
    return lags


def ols(
    y: ArrayLike,
    x: ArrayLike,
    names: Sequence[str],
    lags: int | None = None,
    *,
    intercept: bool = True,
    correct: bool = True,
) -> Fit:
    """Regress y on the columns of x by least squares.

    Parameters
    ----------
    y : n numbers, in time order (the Newey-West errors take neighbours in the array for neighbours in time).
    x : n rows of regressors, or n numbers for one regressor; without a column of ones.
    names : one per column of x.
    lags : of the Newey-West errors; None takes `lag_rule(n)`, 0 gives HC1.
    intercept : put a column of ones, called "const", before the others.
    correct : multiply the Newey-West covariance by n / (n - k), as HC1 does; False leaves it as Newey and West wrote it.

    Returns
    -------
    Fit
        t and p stand on the Newey-West errors.

    Raises
    ------
    InputError
        When shapes differ or a number is not finite.
    NotEnoughData
        When there are no more rows than coefficients, y never changes, or a column follows from the others.

    Source: White (1980), Econometrica 48, with MacKinnon and White's (1985) factor n/(n-k); Newey and West (1987), Econometrica 55.

    Examples
    --------
    >>> fit = ols([1.0, 2.1, 2.9, 4.2, 5.0], [1.0, 2.0, 3.0, 4.0, 5.0], ["slope"])
    >>> round(float(fit.coef[1]), 6), fit.of("slope").partial_r2 > 0.99
    (1.01, True)
    """
    import numpy as np

    target, design, labels = _checked(y, x, names, intercept=intercept)
    n, k = design.shape
    width = lag_rule(n) if lags is None else lags
    q, r = np.linalg.qr(design)
    _full_rank(r, design, labels)
    coef = np.linalg.solve(r, q.T @ target)
    residuals = target - design @ coef
    inverse = np.linalg.inv(r)
    bread = inverse @ inverse.T
    factor = n / (n - k)
    scores = design * residuals[:, None]
    hc1 = bread @ (scores.T @ scores) @ bread * factor
    cov = bread @ bartlett(scores, width) @ bread * (factor if correct else 1.0)
    plain, white, hac = (np.sqrt(np.maximum(np.diag(each), 0.0)) for each in (bread * float(residuals @ residuals) / (n - k), hc1, cov))
    t, p = two_sided(coef, hac, n - k)
    beta, partial = _standardised(coef, design, target), _partial(coef, plain, n - k)
    r2 = _explained(target, residuals, intercept=intercept)
    return Fit(labels, coef, plain, white, hac, t, p, beta, partial, r2, n, width, cov, residuals)


def long_run_variance(x: ArrayLike, lags: int | None = None) -> float:
    """Return the variance of sqrt(n) times the mean of a series with memory.

    Autocovariances about the mean (each divided by n) up to `lags`, weighted 1 - j/(lags + 1); never negative.

    Parameters
    ----------
    x : n >= 2 numbers in time order. lags : None takes `lag_rule(n)`, 0 gives the population variance.

    Returns
    -------
    float
        In the unit of x, squared.

    Source: Newey and West (1987), Econometrica 55.

    Examples
    --------
    >>> long_run_variance([1.0, -1.0, 1.0, -1.0], lags=0)
    1.0
    """
    values = _vector(x, "a series")
    if values.size < 2:  # noqa: PLR2004 - a variance needs two
        raise NotEnoughData("a long-run variance", f"{values.size} values", "Give at least two.")
    width = lag_rule(values.size) if lags is None else lags
    centred = (values - values.mean())[:, None]
    return max(float(bartlett(centred, width)[0, 0]) / values.size, 0.0)


def mean_hac(x: ArrayLike, lags: int | None = None) -> tuple[float, float]:
    """Return the mean of a series with memory and its Newey-West standard error.

    The error is sqrt(long_run_variance / (n - 1)): the same as `ols` on a constant alone, small-sample factor included.

    Source: Newey and West (1987), Econometrica 55.

    Examples
    --------
    >>> mean, error = mean_hac([1.0, 2.0, 3.0, 4.0], lags=0)
    >>> mean, round(error, 6)
    (2.5, 0.645497)
    """
    values = _vector(x, "a series")
    variance = long_run_variance(values, lags)
    return float(values.mean()), math.sqrt(variance / (values.size - 1))


def _vector(x: ArrayLike, what: str) -> Vector:
    import numpy as np

    values = np.asarray(x, dtype=np.float64)
    if values.ndim != 1:
        raise InputError(what, f"an array of shape {values.shape}", "Give one number per row.")
    if not np.isfinite(values).all():
        raise InputError(what, f"{int((~np.isfinite(values)).sum())} of {values.size} values are not finite", "Drop those rows first.")
    return values


def _checked(y: ArrayLike, x: ArrayLike, names: Sequence[str], *, intercept: bool) -> tuple[Vector, Vector, tuple[str, ...]]:
    import numpy as np

    target = _vector(y, "the left side of a regression")
    columns = np.asarray(x, dtype=np.float64)
    columns = columns[:, None] if columns.ndim == 1 else columns
    if columns.ndim != 2 or columns.shape[0] != target.size:  # noqa: PLR2004 - rows and columns
        raise InputError("a regression", f"{target.size} values of y and x of shape {columns.shape}", "Give one row of x per value of y.")
    if columns.shape[1] != len(names):
        raise InputError("a regression", f"{columns.shape[1]} columns and {len(names)} names", "Name every column of x.")
    if not np.isfinite(columns).all():
        raise InputError("the right side of a regression", "values that are not finite", "Drop those rows first.")
    labels = (INTERCEPT, *names) if intercept else tuple(names)
    design = np.column_stack([np.ones(target.size), columns]) if intercept else columns
    if target.size <= len(labels):
        raise NotEnoughData("a regression", f"{target.size} rows for {len(labels)} coefficients", "Give more rows than coefficients.")
    if names and np.ptp(target) <= _SAME * np.finfo(np.float64).eps * np.abs(target).max():
        raise NotEnoughData("a regression", f"all {target.size} values to be explained are the same", "Give rows in which they move.")
    return target, design, labels


def _full_rank(r: Vector, design: Vector, labels: tuple[str, ...]) -> None:
    """Refuse a column that is, to the last digits, a sum of those before it."""
    import numpy as np

    scale = np.sqrt((design**2).sum(axis=0))
    limit = scale * design.shape[0] * np.finfo(np.float64).eps
    for name, pivot, least in zip(labels, np.abs(np.diag(r)), limit, strict=True):
        if pivot <= least:
            raise NotEnoughData(f"the coefficient of {name!r}", "its column follows from the others or never changes", "Leave it out.")


def bartlett(scores: Vector, lags: int) -> Vector:
    """Sum the products of rows up to `lags` apart, weighted 1 - j/(lags + 1).

    Parameters
    ----------
    scores : n x k. lags : 0 or more.

    Returns
    -------
    array
        k x k, symmetric, positive semi-definite.

    Source: Newey and West (1987), Econometrica 55.
    """
    if lags < 0:
        raise InputError("Newey-West errors", f"{lags} lags", "Give 0 or more.")
    total: Vector = scores.T @ scores
    for j in range(1, min(lags, scores.shape[0] - 1) + 1):
        product = scores[j:].T @ scores[:-j]
        total = total + (1.0 - j / (lags + 1.0)) * (product + product.T)
    return total


def two_sided(coef: Vector, errors: Vector, freedom: int) -> tuple[Vector, Vector]:
    """Return coef / errors and the two-sided p of Student's t with `freedom` degrees of freedom.

    Source: Student (1908), Biometrika 6; exact for normal noise that is even and without memory, a convention elsewhere.
    """
    import numpy as np
    from scipy.special import stdtr

    with np.errstate(divide="ignore", invalid="ignore"):
        t = coef / errors
    return t, np.asarray(2.0 * stdtr(freedom, -np.abs(t)), dtype=np.float64)


def _standardised(coef: Vector, design: Vector, target: Vector) -> Vector:
    import numpy as np

    spread = design.std(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(spread > 0.0, coef * spread / target.std(), np.nan)


def _partial(coef: Vector, plain: Vector, freedom: int) -> Vector:
    """Partial R2 is t² / (t² + n - k), with the plain t: an identity of least squares."""
    import numpy as np

    with np.errstate(divide="ignore", invalid="ignore"):
        square = (coef / plain) ** 2
        return np.where(np.isfinite(square), square / (square + freedom), 1.0)


def _explained(target: Vector, residuals: Vector, *, intercept: bool) -> float:
    centred = target - target.mean() if intercept else target
    total = float(centred @ centred)
    return 1.0 - float(residuals @ residuals) / total if total > 0.0 else math.nan
