"""Which models take part where, and why do some stay away?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from perpscope.analysis.forecast.models import EVEN, TRIMMED, WEIGHTED, Autoregression, Best, Combination, Direct, Known, Model

if TYPE_CHECKING:
    from perpscope.analysis.forecast.history import History

DAYS: tuple[int, ...] = (1, 3, 7, 14, 30, 90)
"""Lengths of the moving averages, in days."""
HALF_LIVES: tuple[float, ...] = (12.0, 24.0, 48.0, 96.0, 192.0, 384.0, 768.0)
"""Half-lives the EWMA chooses among by its own record, in hours."""
MOST_LAGS = 12
PREMIUM, LAST, MOVING, LONG_RUN, INTEREST = "current_premium", "last_rate", "moving_average", "long_run_mean", "interest_term"

RATE = Known(LAST, "level")
SEEN = Known(PREMIUM, "premium")
AVERAGED = Known("averaged_premium", "averaged")
AVERAGES = tuple(Known(f"ma_{days}d", "trailing", 24.0 * days) for days in DAYS)
CHOSEN = Best(MOVING, AVERAGES)
SMOOTHED = Best("ewma", tuple(Known(f"ewma_{half:g}h", "smoothed", half) for half in HALF_LIVES))
MEAN = Known(LONG_RUN, "expanding")
COMPONENTS = tuple(Known(f"mean_{days}d", "trailing", 24.0 * days) for days in (1, 7, 30))
HAR = Direct("har", COMPONENTS)
AR = Autoregression("ar_bic", MOST_LAGS, by_bic=True)
DAR = Autoregression("dar_1", 1, double=True)
FROM_RATES: tuple[Model, ...] = (RATE, *AVERAGES, CHOSEN, SMOOTHED, Autoregression("ar_1", 1), AR, HAR)
"""Models that need nothing but the rates."""
DOUBLE: tuple[Model, ...] = (DAR, Autoregression("dar_3", 3, double=True))


def entrants(history: History, *, double: bool = True, window_ms: int = 0) -> tuple[tuple[Model, ...], dict[str, str]]:
    """Return the models that can take part on this history, and for the others the reason why not.

    Parameters
    ----------
    double : with the double autoregressions, which take the longest to fit.
    window_ms : models are fitted on this much of the past; 0 takes all of it.

    Returns
    -------
    models, absent
        The premium up to four times: by the rule as it stands (`current_premium`), averaged over the last interval as a venue does
        it (`averaged_premium`), as the best line through it (`premium_fitted`), and beside the rate's own past (`har_premium`).
        `moving_average` and `ewma` choose their length by their record so far.
    """
    import numpy as np

    absent = {}
    models: list[Model] = [*FROM_RATES, *(DOUBLE if double else ())]
    joined: list[Model] = [RATE, CHOSEN, SMOOTHED, AR, HAR, *((DAR,) if double else ())]
    if np.isfinite(history.known("premium")).any():
        models = [SEEN, *models, Direct("premium_fitted", (SEEN,)), Direct("har_premium", (*COMPONENTS, SEEN))]
        joined.append(SEEN)
    else:
        absent[PREMIUM] = "no series of the premium is known"
    if np.isfinite(history.known("averaged")).any():
        models.append(AVERAGED)
    if np.isfinite(history.known("estimate")).any():
        models.append(Known("venue_estimate", "estimate"))
    else:
        absent["venue_estimate"] = "no estimate of the venue is known"
    names = {"combination_mean": EVEN, "combination_trimmed": TRIMMED, "combination_weighted": WEIGHTED}
    models += [Combination(name, tuple(joined), kind) for name, kind in names.items()]
    models.append(MEAN)
    if np.isfinite(history.known("interest")).any():
        models.append(Known(INTEREST, "interest"))
    else:
        absent[INTEREST] = "the interest term of the rule is not known"
    return tuple(_fitted_on(model, window_ms) for model in models), absent


def _fitted_on(model: Model, window_ms: int) -> Model:
    """Return the same model, and those it is made of, fitted on a window of the past."""
    if isinstance(model, Autoregression | Direct):
        return replace(model, window_ms=window_ms)
    if isinstance(model, Combination):
        return replace(model, members=tuple(_fitted_on(member, window_ms) for member in model.members))
    return model
