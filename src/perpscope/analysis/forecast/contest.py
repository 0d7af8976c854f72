"""Whose forecasts were best, by how much, and could that be chance?

Every model is judged at the same origins: settlements after the first `burn_in` at which every model could say something and
whose horizon is complete. Forecasts are made from rows up to the origin alone (`models`); a model that is silent at more than
two fifths of the origins stays away, and the contest says so.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from perpscope.analysis.forecast.confidence import SIZE, block_of, confidence_set
from perpscope.analysis.forecast.entrants import LAST, LONG_RUN, entrants
from perpscope.analysis.forecast.history import BP, HOURS, History, kernel
from perpscope.analysis.forecast.horizons import DEFAULT, Horizon, Targets, targets
from perpscope.analysis.forecast.models import levels
from perpscope.analysis.forecast.scores import diebold_mariano, r2_out_of_sample, rmse
from perpscope.errors import InputError, NotEnoughData
from perpscope.units import MS_PER_DAY

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import numpy.typing as npt

    from perpscope.analysis.forecast.models import Model

    Floats = npt.NDArray[np.float64]
    Flags = npt.NDArray[np.bool_]

BURN_IN_DAYS = 180.0
LEVEL = 0.9
"""Share of outcomes the intervals are to hold."""
ERROR_DAYS = 365
"""Errors an interval is made of: those known at the origin, not older than this."""
LEAST_ERRORS = 50
LEAST_ORIGINS = 30
SPOKEN = 0.6
"""Least share of the origins at which a model must say something."""
NOTIONAL = 1_000_000.0


@dataclass(frozen=True, slots=True)
class Setting:
    """How a contest is held.

    Parameters
    ----------
    horizons : lengths of time ahead. reference : model that Diebold and Mariano's test holds the others against.
    seed, draws : of the resamples of the confidence set. burn_in_days : settlements before that many days make no origins;
        a third of the history where that is shorter. size : of the confidence set.
    window_ms : models are fitted on this much of the past; 0 takes all of it.
    """

    horizons: tuple[Horizon, ...] = DEFAULT
    reference: str = LAST
    seed: int = 0
    draws: int = 500
    burn_in_days: float = BURN_IN_DAYS
    size: float = SIZE
    window_ms: int = 0

    def __post_init__(self) -> None:
        """Refuse a contest over no time, and a seed that is none."""
        if not self.horizons:
            raise InputError("a contest", "no horizon", "Give at least one, such as next or 7d.")
        if self.seed < 0:
            raise InputError("a seed", f"{self.seed}", "Give a whole number from 0.")


@dataclass(frozen=True, slots=True)
class Score:
    """How one model did over one horizon.

    Parameters
    ----------
    rmse_bp, mae_bp, bias_bp : of the average rate over the horizon, basis points per `per_hours` hours; bias is forecast minus outcome.
    money_per_million, mae_money_per_million : root mean square and mean absolute error of the money a position of 1,000,000 receives.
    r2_oos, r2_oos_last : share of the squared error of the expanding mean, of the last rate, that the model does without.
    dm_statistic, dm_p : against `reference`, squared errors; > 0: better than it. NaN for the reference itself.
    mcs_p, in_mcs : of the model confidence set of squared errors.
    coverage_90, width_bp : share of outcomes inside the conformal 90 % interval, and its mean width; NaN where there never was one.
    n, first, last : origins (ms UTC). ahead : settlements in the horizon.
    """

    model: str
    horizon: str
    rmse_bp: float
    mae_bp: float
    bias_bp: float
    money_per_million: float
    mae_money_per_million: float
    r2_oos: float
    r2_oos_last: float
    dm_statistic: float
    dm_p: float
    mcs_p: float
    in_mcs: bool
    coverage_90: float
    width_bp: float
    n: int
    first: int
    last: int
    ahead: int
    per_hours: float
    reference: str

    def to_dict(self) -> dict[str, Any]:
        """Return plain values by name."""
        return asdict(self)


@dataclass(frozen=True, slots=True, eq=False)
class Round:
    """One horizon of a contest: what was foretold and what came.

    Parameters
    ----------
    horizon : which. names : of the k models. forecast : (n, k) levels at every row of the history. told : the targets.
    judged : (n,) the rows all are judged at. absent : models that cannot take part, and why.
    silent : models that said too little, and the share of the origins at which they spoke.
    """

    horizon: Horizon
    names: tuple[str, ...]
    forecast: Floats
    told: Targets
    judged: Flags
    absent: dict[str, str]
    silent: dict[str, float]

    def error(self, name: str) -> Floats:
        """Forecast minus outcome at the judged rows, bp per 8 hours."""
        found: Floats = (self.forecast[:, self.names.index(name)] - self.told.mean)[self.judged]
        return found


@dataclass(frozen=True, slots=True, eq=False)
class Contest:
    """The scores, horizon by horizon, and who could not take part."""

    scores: tuple[Score, ...]
    absent: dict[str, str]

    def of(self, model: str, horizon: str) -> Score:
        """Return one score."""
        for score in self.scores:
            if (score.model, score.horizon) == (model, horizon):
                return score
        there = sorted({score.model for score in self.scores})
        raise InputError(f"the score of {model} at {horizon}", f"there are {', '.join(there)}", "Name one of them.")


def contest(history: History, setting: Setting | None = None, models: Sequence[Model] | None = None) -> Contest:
    """Hold the contest on one history.

    Parameters
    ----------
    history : what was known when. setting : horizons, reference, seed. models : the competitors; None takes `entrants`.

    Returns
    -------
    Contest
        One score per model and horizon; horizons with fewer than 30 origins are left out and named in `absent`.

    Raises
    ------
    NotEnoughData
        When no horizon has enough origins.
    InputError
        When the reference does not take part.
    """
    setting = setting or Setting()
    scores: list[Score] = []
    absent: dict[str, str] = {}
    silent: dict[str, list[str]] = {}
    for horizon in setting.horizons:
        found = one_round(history, horizon, setting, models)
        absent |= found.absent
        for name, share in found.silent.items():
            silent.setdefault(name, []).append(f"{share:.0%} at {horizon.text}")
        if int(found.judged.sum()) < LEAST_ORIGINS:
            absent[f"horizon {horizon.text}"] = f"{int(found.judged.sum())} origins with a complete horizon"
        else:
            scores += judged(history, found, setting)
    for name, shares in silent.items():
        absent[name] = f"known at too few of the origins ({', '.join(shares)}); narrow the window to where it is known"
    if not scores:
        there = "; ".join(f"{name}: {why}" for name, why in absent.items())
        raise NotEnoughData(f"a contest on {len(history)} settlements", there, "Import a longer history, or ask for shorter horizons.")
    return Contest(tuple(scores), absent)


def one_round(history: History, horizon: Horizon, setting: Setting | None = None, models: Sequence[Model] | None = None) -> Round:
    """Let every model foretell one horizon at every row, and find the rows at which all can be judged."""
    import numpy as np

    setting = setting or Setting()
    taking, absent = entrants(history, window_ms=setting.window_ms) if models is None else (tuple(models), {})
    told = targets(history, horizon)
    table = levels(taking, history, horizon)
    open_to_all = np.isfinite(told.mean) & (history.slot >= history.slot[0] + _burn_in(history, setting))
    asked = max(int(open_to_all.sum()), 1)
    spoken = np.isfinite(table[open_to_all]).sum(axis=0) / asked
    keep = [k for k, share in enumerate(spoken) if share >= SPOKEN]
    silent = {taking[k].name: float(spoken[k]) for k in range(len(taking)) if k not in keep}
    table = table[:, keep]
    rows = open_to_all & np.isfinite(table).all(axis=1)
    return Round(horizon, tuple(taking[k].name for k in keep), table, told, rows, absent, silent)


def judged(history: History, found: Round, setting: Setting) -> list[Score]:
    """Score every model of a round."""
    import numpy as np

    if setting.reference not in found.names:
        there = f"taking part at {found.horizon.text} are {', '.join(found.names)}"
        raise InputError(f"the reference {setting.reference}", there, "Name one of them.")
    here = found.judged
    error = (found.forecast - found.told.mean[:, None])[here]
    losses = error**2
    ahead = int(np.median(found.told.end[here] - np.flatnonzero(here)))
    sets = _confidence(losses, ahead, setting)
    coverage, width = _intervals(history, found)
    hours = history.hours[found.told.end[here]] if found.horizon.hours == 0 else np.full(len(error), found.horizon.hours)
    money = error / BP / HOURS * hours[:, None] * NOTIONAL
    mean, last = (error[:, found.names.index(name)] if name in found.names else None for name in (LONG_RUN, LAST))
    per = float(history.hours[-1])
    slots, reference = history.slot[here], found.names.index(setting.reference)
    scores = []
    for k, name in enumerate(found.names):
        own, scale = error[:, k], per / HOURS
        test = diebold_mariano(losses[:, reference], losses[:, k], ahead)
        scores.append(
            Score(
                model=name,
                horizon=found.horizon.text,
                rmse_bp=rmse(own) * scale,
                mae_bp=float(np.abs(own).mean()) * scale,
                bias_bp=float(own.mean()) * scale,
                money_per_million=rmse(money[:, k]),
                mae_money_per_million=float(np.abs(money[:, k]).mean()),
                r2_oos=math.nan if mean is None else r2_out_of_sample(own, mean),
                r2_oos_last=math.nan if last is None else r2_out_of_sample(own, last),
                dm_statistic=test.statistic,
                dm_p=test.p,
                mcs_p=float(sets[k]),
                in_mcs=bool(sets[k] > setting.size),
                coverage_90=float(coverage[k]),
                width_bp=float(width[k]) * scale,
                n=len(own),
                first=int(slots[0]),
                last=int(slots[-1]),
                ahead=ahead,
                per_hours=per,
                reference=setting.reference,
            )
        )
    return scores


def _burn_in(history: History, setting: Setting) -> float:
    return min(setting.burn_in_days * MS_PER_DAY, float(history.slot[-1] - history.slot[0]) / 3)


def _confidence(losses: Floats, ahead: int, setting: Setting) -> Floats:
    """P of the confidence set; models that never differ (the last rate, and the premium where it was made of it) share one."""
    import numpy as np

    from perpscope.analysis.inference.bootstrap import block_indices

    twins = [next(j for j in range(k + 1) if np.array_equal(losses[:, j], losses[:, k])) for k in range(losses.shape[1])]
    alone = sorted(set(twins))
    rng = np.random.default_rng(setting.seed)
    rows = block_indices(len(losses), block_of(len(losses), ahead), setting.draws, rng, "stationary")
    p = confidence_set(losses[:, alone], rows)
    return np.array([p[alone.index(twin)] for twin in twins])


def _intervals(history: History, found: Round) -> tuple[Floats, Floats]:
    """Coverage and mean width (bp per 8 hours) of each model's intervals at the judged rows that have one."""
    import numpy as np

    coverage, width = np.full(len(found.names), np.nan), np.full(len(found.names), np.nan)
    for k in range(len(found.names)):
        error = np.ascontiguousarray(found.forecast[:, k] - found.told.mean)
        radius = half_widths(history, error, found.told)
        sure = found.judged & np.isfinite(radius)
        if sure.any():
            coverage[k] = float((np.abs(error[sure]) <= radius[sure]).mean())
            width[k] = 2.0 * float(radius[sure].mean())
    return coverage, width


def half_widths(history: History, error: Floats, told: Targets, level: float = LEVEL) -> Floats:
    """Half width of the interval around each forecast: the conformal quantile of the absolute errors of the past year known by then.

    Parameters
    ----------
    error : (n,) forecast minus outcome, NaN unknown. told : when each outcome was complete. level : share to be held.

    Returns
    -------
    (n,) in the unit of `error`; NaN where fewer than 50 errors were known.

    Source: Vovk, Gammerman and Shafer (2005), "Algorithmic learning in a random world"; the window against drift is ours.
    """
    import numpy as np

    size, out = np.abs(error), np.empty(len(error))
    order = np.argsort(size, kind="stable")
    ranks = np.empty(len(error), dtype=np.int64)
    ranks[order] = np.arange(len(error))
    window = ERROR_DAYS * MS_PER_DAY
    kernel("_origins", "radii")(error, told.end, history.slot, ranks, size[order], window, level, LEAST_ERRORS, out)
    return out
