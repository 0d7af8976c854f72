"""What may the funding of one position cost over a horizon? Both models, their errors and their record, in one answer."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from perpscope.analysis.risk.coverage import coverage, rolled
from perpscope.analysis.risk.fitted import Fitted, fit_premium, refitted, simulated
from perpscope.analysis.risk.flow import Flow, flow_windows
from perpscope.analysis.risk.law import Law, plain_law
from perpscope.analysis.risk.resample import mean_block_of, redrawn, resampled
from perpscope.analysis.risk.tail import expected_shortfall, value_at_risk
from perpscope.errors import InputError, NotEnoughData
from perpscope.market.time import to_text
from perpscope.units import HOURS_PER_YEAR

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import polars as pl

    Floats = npt.NDArray[np.float64]

Model = Literal["bootstrap", "fitted"]
Side = Literal["long", "short"]
Forecast: TypeAlias = Callable[[Flow], Sequence[float]]
PATHS, FITTED_PATHS = 20_000, 10_000
HISTORIES, PATHS_EACH, REFITS, REFIT_PATHS = 100, 600, 24, 1_000
CELLS = 5_000_000
"""Largest number of premiums a simulation holds (eight bytes each)."""
QUANTILES = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)
BACKTEST_PATHS = 2_000
FITTED_ORIGINS, REFIT_EVERY = 48, 12
LEAST_DAYS = 365
FITTED_MODEL = "fitted"


@dataclass(frozen=True, slots=True)
class Position:
    """What is held, and for how long.

    Parameters
    ----------
    side : long or short. notional : money, > 0, held constant. days : length of the horizon, > 0.
    """

    side: Side
    notional: float
    days: float

    def __post_init__(self) -> None:
        """Refuse what is no position."""
        if self.side not in ("long", "short") or not 0 < self.notional < float("inf") or not 0 < self.days < float("inf"):
            there = f"{self.side} {self.notional} for {self.days} days"
            raise InputError("a position at risk", there, "Give long or short, a notional above 0 and days above 0.")

    @property
    def sign(self) -> int:
        """1 for a long, which pays a positive rate, -1 for a short."""
        return 1 if self.side == "long" else -1


@dataclass(frozen=True, slots=True)
class Asked:
    """How the question is put.

    Parameters
    ----------
    levels : of value at risk and expected shortfall. more_than : amounts of money for the probabilities. models : which.
    seed : of every random number. backtest : whether the forecasts are tried on the past.
    """

    levels: tuple[float, ...] = (0.95, 0.99)
    more_than: tuple[float, ...] = ()
    models: tuple[Model, ...] = ("bootstrap", "fitted")
    seed: int = 1
    backtest: bool = True

    def __post_init__(self) -> None:
        """Refuse levels, amounts and seeds that are none."""
        if not self.levels or not all(0.5 <= level < 1 for level in self.levels):  # noqa: PLR2004 - one half is where tails begin
            raise InputError("a level of risk", f"{list(self.levels)}", "Give levels from 0.5 to below 1, such as 0.95.")
        if not all(math.isfinite(amount) for amount in self.more_than):
            raise InputError("an amount to pay or receive", f"{list(self.more_than)}", "Give amounts of money.")
        if self.seed < 0:
            raise InputError("a seed", f"{self.seed}", "Give a whole number from 0.")


@dataclass(frozen=True, slots=True)
class FundingAtRisk:
    """The answer for one position.

    Parameters
    ----------
    position, law : what was asked, and under which limits and intervals. flow : the history used. windows : of the horizon.
    answers : one mapping a model. realised : what the same position paid in the horizons of the history (overlapping), for comparison.
    unanswered : models that could not answer beside one that could, and why.
    """

    position: Position
    law: Law
    flow: Flow
    windows: int
    answers: tuple[dict[str, Any], ...]
    realised: dict[str, float] = field(default_factory=dict)
    unanswered: dict[str, str] = field(default_factory=dict)


def funding_at_risk(rows: pl.DataFrame, law: Law, position: Position, asked: Asked) -> FundingAtRisk:
    """Distribution of the cumulative funding of a position.

    Money is positive where the position pays. Price is held constant: the notional does not move with the market.

    Parameters
    ----------
    rows : what `series.fixings` gives, of one contract. law : `law_in_force` or `plain_law`.

    Raises
    ------
    NotEnoughData
        When the history is too short for the horizon.

    **Source** stationary bootstrap (Politis and Romano 1994) and a heterogeneous autoregression with GARCH surprises through the rule.
    """
    flow = flow_windows(rows, law)
    windows = max(round(position.days * 24 / flow.hours), 1)
    if windows * 2 > len(flow.steps):
        there = f"{len(flow.steps) * flow.hours / 24:.0f} days of history"
        raise NotEnoughData(f"funding over {position.days:g} days", there, "Import at least twice the horizon, or ask for fewer days.")
    make = {"bootstrap": _bootstrap, FITTED_MODEL: _fitted}
    answers, unanswered = list[dict[str, Any]](), dict[str, str]()
    for model in asked.models:
        try:
            answers.append(make[model](flow, law, position, windows, asked))
        except NotEnoughData as short:
            if len(asked.models) == 1:
                raise
            unanswered[model] = str(short)
    return FundingAtRisk(position, law, flow, windows, tuple(answers), _realised(flow, windows, position), unanswered)


def _bootstrap(flow: Flow, law: Law, position: Position, windows: int, asked: Asked) -> dict[str, Any]:
    block, automatic = mean_block_of(flow, windows)
    found = resampled(flow, law, windows, paths=_few(PATHS, windows), mean_block=block, seed=asked.seed)
    again = redrawn(flow, law, windows, histories=HISTORIES, paths=_few(PATHS_EACH, windows), mean_block=block, seed=asked.seed)
    said = {
        "block_days": block * flow.hours / 24,
        "automatic_block_days": automatic * flow.hours / 24,
        "conditional": False,
        "error": f"{HISTORIES} resampled histories, each resampled again",
    }
    test = _record(flow, position, windows, asked, _past_bootstrap(position, windows, asked)) if asked.backtest else None
    return _answer("bootstrap", found.paid, found.moved, again, position, asked) | said | {"backtest": test}


def _fitted(flow: Flow, law: Law, position: Position, windows: int, asked: Asked) -> dict[str, Any]:
    import numpy as np

    model = fit_premium(flow, law, seed=asked.seed)
    found = simulated(model, flow, law, windows, paths=_few(FITTED_PATHS, windows + model.lags[-1]), seed=asked.seed)
    block, _ = mean_block_of(flow, windows)
    rng = np.random.default_rng((asked.seed, 4))
    few = _few(REFIT_PATHS, windows + model.lags[-1])
    again = [simulated(refitted(model, rng, block), flow, law, windows, paths=few, seed=asked.seed + k).paid for k in range(REFITS)]
    said = {
        "conditional": True,
        "latent_share": model.hidden,
        "persistence": model.persistence,
        "alpha": model.alpha,
        "beta": model.beta,
        "error": f"{REFITS} refits to resampled rows of the regression, clustering kept",
    }
    past = _past_fitted(law, position, windows, asked)
    test = _record(flow, position, windows, asked, past, most=FITTED_ORIGINS) if asked.backtest else None
    return _answer(FITTED_MODEL, found.paid, found.moved, again, position, asked) | said | {"backtest": test}


def _few(paths: int, windows: int) -> int:
    """Return as many paths as fit into memory, two hundred at least."""
    return max(min(paths, CELLS // windows), 200)


def _answer(model: str, paid: Floats, moved: float, again: Sequence[Floats], position: Position, asked: Asked) -> dict[str, Any]:
    """Numbers in money; positive is paid by the position."""
    import numpy as np

    scale = position.sign * position.notional
    losses = scale * paid
    per_year = HOURS_PER_YEAR / (position.days * 24)
    amounts = asked.more_than or (0.0, 0.01 * position.notional)
    return {
        "model": model,
        "paths": len(losses),
        "mean": float(losses.mean()),
        "mean_apr": float(losses.mean()) / position.notional * per_year,
        "sd": float(losses.std(ddof=1)),
        "quantiles": {f"{q:g}": value_at_risk(losses, q) for q in QUANTILES},
        "levels": [_level(losses, level, [scale * each for each in again]) for level in asked.levels],
        "probabilities": [
            {"more_than": x, "paying": float((losses > x).mean()), "receiving": float((losses < -x).mean())} for x in amounts
        ],
        "share_at_other_interval": moved,
        "worst": float(np.max(losses)),
        "best": float(np.min(losses)),
    }


def _level(losses: Floats, level: float, again: Sequence[Floats]) -> dict[str, float]:
    """Value at risk and expected shortfall with the errors of both."""
    import numpy as np

    others = np.array([(value_at_risk(each, level), expected_shortfall(each, level)) for each in again])
    low, high = np.quantile(others[:, 0], [0.025, 0.975])
    return {
        "level": level,
        "var": value_at_risk(losses, level),
        "es": expected_shortfall(losses, level),
        "var_error": float(others[:, 0].std(ddof=1)),
        "es_error": float(others[:, 1].std(ddof=1)),
        "var_low": float(low),
        "var_high": float(high),
    }


def _realised(flow: Flow, windows: int, position: Position) -> dict[str, float]:
    """Say what the horizons of the history cost, each start counted: not independent, so no test."""
    import numpy as np

    sums = np.concatenate([[0.0], np.cumsum(flow.steps.sum(axis=1))])
    losses = position.sign * position.notional * (sums[windows:] - sums[:-windows])
    return {"n": len(losses), "mean": float(losses.mean()), "worst": float(losses.max()), "best": float(losses.min())}


def _past_bootstrap(position: Position, windows: int, asked: Asked) -> Forecast:
    def forecast(known: Flow) -> list[float]:
        block, _ = mean_block_of(known, windows)
        law = plain_law(known.hours)
        found = resampled(known, law, windows, paths=_few(BACKTEST_PATHS, windows), mean_block=block, seed=asked.seed)
        return [value_at_risk(position.sign * found.paid, level) for level in asked.levels]

    return forecast


def _past_fitted(law: Law, position: Position, windows: int, asked: Asked) -> Forecast:
    made: list[Fitted] = []
    free = Law(plain_law(law.hours).stages, law.formula)

    def forecast(known: Flow) -> list[float]:
        like = made[-1] if len(made) % REFIT_EVERY else None
        made.append(fit_premium(known, free, seed=asked.seed, like=like))
        found = simulated(made[-1], known, free, windows, paths=_few(BACKTEST_PATHS, windows + made[-1].lags[-1]), seed=asked.seed)
        return [value_at_risk(position.sign * found.paid, level) for level in asked.levels]

    return forecast


def _record(flow: Flow, position: Position, windows: int, asked: Asked, forecast: Forecast, *, most: int = 0) -> dict[str, Any] | None:
    """Try the forecasts on the past; None where not ten horizons fit."""
    least = max(round(LEAST_DAYS * 24 / flow.hours), 2 * windows)
    found = rolled(flow, windows, position.sign, forecast, least=least, most=most)
    if len(found.losses) < 10:  # noqa: PLR2004 - a coverage of less than ten cases is no test
        return None
    tests = [asdict(coverage(found.hits(k), level)) for k, level in enumerate(asked.levels)]
    return {"origins": len(found.losses), "first": to_text(found.origins[0]), "last": to_text(found.origins[-1]), "levels": tests}
