"""How does the premium move on from where it stands now? An autoregression over several spans, simulated through the rule.

The latent premium follows its own last value and its averages of a day, a week and a month; its surprises have GARCH variance and the
sizes of the surprises seen. The clamp, the atom at the interest term, caps and changes of interval come from the rule afterwards.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from perpscope.analysis.risk.latent import drawn_premium, premium_bounds, rates_of
from perpscope.analysis.risk.paid import EXACT, Payments, held
from perpscope.analysis.risk.resample import Outcome, chained
from perpscope.errors import NotEnoughData

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from perpscope.analysis.risk.flow import Flow
    from perpscope.analysis.risk.law import Law

    Floats = npt.NDArray[np.float64]
    Ints = npt.NDArray[np.int64]

DAY, WEEK, MONTH = 24.0, 168.0, 720.0
LEAST = 3
"""The history must be at least this many months long for a coefficient of the month."""
STATIONARY = 0.999
"""Largest sum of the coefficients, of the mean and of the variance alike: beyond it a path has no level to return to."""
FAR = 2.0
"""A path stays within this multiple of the largest premium seen: resampled surprises of a variance that explodes are no forecast."""


@dataclass(frozen=True, slots=True, eq=False)
class Fitted:
    """The model of one history.

    Parameters
    ----------
    past : (n,) latent premium of each window, a fraction. lags : lengths of the averages in windows. slopes : constant, then one a lag.
    omega, alpha, beta : variance of the next surprise = omega + alpha surprise² + beta variance (fractions squared).
    shocks : surprises over their standard deviation. variance : of the next surprise.
    hidden : share of windows on the plateau or at a limit, of which the rate does not tell the premium.
    """

    past: Floats
    lags: tuple[int, ...]
    slopes: Floats
    omega: float
    alpha: float
    beta: float
    shocks: Floats
    variance: float
    hidden: float

    @property
    def persistence(self) -> float:
        """Sum of the coefficients of the mean."""
        return float(self.slopes[1:].sum())


def fit_premium(flow: Flow, law: Law, *, seed: int, like: Fitted | None = None) -> Fitted:
    """Fit the model to a history.

    Parameters
    ----------
    flow : history. law : the map from premium to rate and the limits in force. like : take alpha and beta from there instead of
    estimating them (omega still follows the variance of this history).

    Raises
    ------
    NotEnoughData
        When the history is shorter than three months.

    Where the history has gaps, the windows beside one are taken for neighbours.

    **Source** Corsi (2009) for the heterogeneous autoregression, Bollerslev (1986) for the variance, by least squares and `arch`.
    """
    import numpy as np

    stage, rates = law.stages[0], flow.steps.sum(axis=1)
    times = flow.hours / stage.hours
    low, high = premium_bounds(rates, law.formula, flow.hours, (stage.floor * times, stage.cap * times))
    past = drawn_premium(low, high, np.random.default_rng((seed, 2)))
    lags = tuple(sorted({max(round(hours / flow.hours), 1) for hours in (flow.hours, DAY, WEEK, MONTH)}))
    if len(past) < LEAST * lags[-1]:
        there = f"{len(past)} windows of {flow.hours:g} h"
        raise NotEnoughData("the fitted model of funding", there, "Import at least three months, or ask for --model bootstrap.")
    design, target = _design(past, lags)
    slopes = _shrunk(np.linalg.lstsq(design, target, rcond=None)[0], past)
    surprise = target - design @ slopes
    alpha, beta = (like.alpha, like.beta) if like is not None else _clustering(surprise)
    level = float(surprise.var())
    omega = level * (1 - alpha - beta)
    variances = _variances(surprise, omega, alpha, beta, level)
    shocks = surprise / np.sqrt(np.maximum(variances[:-1], 1e-300))
    scale = max(float(shocks.std()), 1e-300)
    return Fitted(
        past, lags, slopes, omega, alpha, beta, (shocks - shocks.mean()) / scale, float(variances[-1]), float((low != high).mean())
    )


def _design(past: Floats, lags: tuple[int, ...]) -> tuple[Floats, Floats]:
    """Regressors (constant and averages of the last windows) and what followed."""
    import numpy as np

    sums = np.concatenate([[0.0], np.cumsum(past)])
    most, n = lags[-1], len(past)
    ends = np.arange(most, n)
    columns = [(sums[ends] - sums[ends - lag]) / lag for lag in lags]
    return np.column_stack([np.ones(n - most), *columns]), past[most:]


def _shrunk(slopes: npt.NDArray[np.floating[Any]], past: Floats) -> Floats:
    """Keep the mean stationary: scale the slopes down where they sum to one or more, the constant to the mean of the history."""
    import numpy as np

    found = np.asarray(slopes, dtype=np.float64)
    total = float(found[1:].sum())
    if total <= STATIONARY:
        return found
    found = found * (STATIONARY / total)
    found[0] = past.mean() * (1 - STATIONARY)
    return found


def _clustering(surprise: Floats) -> tuple[float, float]:
    """Alpha and beta of a GARCH(1,1) with t surprises; sums above the bound are scaled back."""
    from arch import arch_model

    scale = max(float(surprise.std()), 1e-300)
    model = arch_model(surprise / scale, mean="Zero", vol="GARCH", dist="t", rescale=False)
    found = model.fit(disp="off", show_warning=False).params
    alpha, beta = float(found["alpha[1]"]), float(found["beta[1]"])
    total = alpha + beta
    return (alpha, beta) if total <= STATIONARY else (alpha * STATIONARY / total, beta * STATIONARY / total)


def _variances(surprise: Floats, omega: float, alpha: float, beta: float, start: float) -> Floats:
    """Variance before each surprise and, last, of the next one."""
    import numpy as np
    from scipy.signal import lfilter

    drive = omega + alpha * surprise**2
    rest, _ = lfilter([1.0], [1.0, -beta], drive, zi=np.array([beta * start]))
    return np.concatenate([[start], rest])


def simulated(model: Fitted, flow: Flow, law: Law, windows: int, *, paths: int, seed: int) -> Outcome:
    """Pay the horizon along paths of the premium that start where it stands now.

    Parameters
    ----------
    windows : length of the horizon. paths : how many.

    **Source** the model of `fit_premium` and the rule's formula and limits.
    """
    import numpy as np

    premium = premium_paths(model, windows, paths, np.random.default_rng((seed, 3)))
    total, moved = held(_payments(premium, flow, law), None, law)
    return Outcome(total, float(moved.mean()))


def premium_paths(model: Fitted, windows: int, paths: int, rng: np.random.Generator) -> Floats:
    """Simulate (windows, paths) premiums of the coming windows.

    **Source** the recursion of `Fitted`.
    """
    import numpy as np

    most = model.lags[-1]
    x = np.empty((most + windows, paths))
    x[:most] = model.past[-most:, None]
    sums = [x[most - lag : most].sum(axis=0) for lag in model.lags]
    bound = FAR * float(np.abs(model.past).max())
    variance = np.full(paths, model.variance)
    shocks = model.shocks[rng.integers(len(model.shocks), size=(windows, paths))]
    for t in range(most, most + windows):
        surprise = np.sqrt(variance) * shocks[t - most]
        level = model.slopes[0] + sum(slope * total / lag for slope, total, lag in zip(model.slopes[1:], sums, model.lags, strict=True))
        x[t] = np.clip(level + surprise, -bound, bound)
        variance = model.omega + model.alpha * surprise**2 + model.beta * variance
        for k, lag in enumerate(model.lags):
            sums[k] = sums[k] + x[t] - x[t - lag]
    return x[most:]


def _payments(premium: Floats, flow: Flow, law: Law) -> Payments:
    """Pay premiums at every interval of the law; inside a window the premium is one number."""
    import numpy as np

    count = tuple(round(flow.hours / stage.hours) for stage in law.stages)
    each = np.stack([np.clip(rates_of(premium, law.formula, s.hours, flow.hours), s.floor, s.cap) for s in law.stages])
    floor, cap, quiet = (np.array([getattr(s, name) for s in law.stages])[:, None, None] for name in ("floor", "cap", "calm_rate"))
    hit = (each >= cap - EXACT) | (each <= floor + EXACT)
    calm = np.abs(each) <= quiet + EXACT
    times = np.array(count)[:, None, None]
    return Payments(each * times, hit, calm, np.where(calm, times, 0), count)


def refitted(model: Fitted, rng: np.random.Generator, mean_block: float) -> Fitted:
    """Fit the mean and the surprises to another draw of the regression's own rows, in blocks; the clustering is kept.

    **Source** the block bootstrap of pairs (Fitzenberger 1998).
    """
    import numpy as np

    design, target = _design(model.past, model.lags)
    rows = chained(len(target), (1, len(target)), mean_block, rng)[0]
    slopes = _shrunk(np.linalg.lstsq(design[rows], target[rows], rcond=None)[0], model.past)
    surprise = target[rows] - design[rows] @ slopes
    ratio = float(surprise.var()) / max(model.omega / max(1 - model.alpha - model.beta, 1e-12), 1e-300)
    shocks = model.shocks[rows]
    spread = max(float(shocks.std()), 1e-300)
    return replace(
        model, slopes=slopes, omega=model.omega * ratio, variance=model.variance * ratio, shocks=(shocks - shocks.mean()) / spread
    )
