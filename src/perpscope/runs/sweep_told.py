"""What does a sweep say? Its answer for a machine, and its sets as rows."""

from __future__ import annotations

import math
from typing import Any

from perpscope.market.time import to_text
from perpscope.runs.backtest import resolution, window_told
from perpscope.runs.legs import exposure
from perpscope.runs.sweep import Chosen, Sweep
from perpscope.trading.lanes.run import COLUMNS
from perpscope.trading.sweep.judge import LEVEL, Verdict, words
from perpscope.trading.sweep.scores import Scores
from perpscope.units import MS_PER_HOUR

CONVENTIONS = {
    "net_return": "last equity / capital put in - 1, after all costs; a fraction",
    "apr": "net_return x 8760 / hours of the window, simple, on the capital put in",
    "sharpe": "mean / deviation (n - 1) of daily returns, less the risk-free rate, x root of the days a year: sharpe_days of a backtest",
    "max_drawdown": "least of equity / highest so far - 1, at the ends of days (UTC), at trade prices: max_drawdown_days of a backtest",
    "benchmark": "doing nothing: a return of 0, or the risk-free rate where one is given",
    "out_of_sample": "test windows of the walk-forward choices; every window begins without a position and ends with its closing",
    "effective_trials": "r + (1 - r) x trials, r the mean correlation of daily returns (Bailey and Lopez de Prado 2014)",
}


def row_of(found: Sweep, number: int) -> dict[str, Any]:
    """Write one set over the whole history: its parameters and what it earned."""
    own = _scores(Scores(*(column[number] for column in found.scored)))
    totals = dict(zip(COLUMNS, found.totals[number].tolist(), strict=True))
    money = {name: totals[name] for name in ("funding", "costs", "liquidation")}
    counts = {name: int(totals[name]) for name in ("trades", "liquidations")}
    hold = {"held": totals["hours"] / found.hours, "capital": float(found.capital[number])}
    generated = {"synthetic": found.gathered.certificate.synthetic}
    return {**found.sets[number].told(), **own, **money, **counts, **hold, **generated}


def ranked(found: Sweep) -> list[int]:
    """Numbers of all sets, best first; equal ones in the order of the grid."""
    values = getattr(found.scored, found.asked.by).tolist()
    return sorted(range(len(values)), key=lambda k: (math.inf if math.isnan(values[k]) else -values[k], k))


def document(found: Sweep, show: int) -> dict[str, Any]:
    """Write everything for a machine; of the sets the best `show`."""
    best = found.sets[found.best]
    inside = row_of(found, found.best)
    parameters = best.told()
    walk = found.walked
    outside = None if walk is None else {"apr": walk.apr_out, "sharpe": _number(walk.sharpe_out), "windows": walk.folds}
    asked = found.asked
    return {
        "best": {
            "parameters": parameters,
            "in_sample": {name: value for name, value in inside.items() if name not in parameters},
            "out_of_sample": outside,
        },
        "by": asked.by,
        "trials": len(found.sets),
        "dropped": asked.grid.dropped,
        "effective_trials": None if found.verdict is None else found.verdict.effective,
        "deflated_sharpe": None if found.verdict is None else _deflated(found.verdict),
        "reality_check": None if found.verdict is None else _tests(found, found.verdict),
        "why_not_judged": found.why_not or None,
        "walk_forward": None if walk is None else _walk(found),
        "why_not_walked": found.why_not_walked or None,
        "luck": list(words(float(found.scored.sharpe[found.best]), found.verdict, walk)),
        "sets": [row_of(found, number) for number in ranked(found)[:show]],
        "grid": {name: [None if math.isinf(value) else value for value in values] for name, values in asked.grid.axes.items()},
        "trade": asked.question.trade.called,
        "kind": asked.question.trade.kind,
        "asset": found.laid.asset,
        "exposure": exposure(asked.question.trade.legs),
        "legs": [dict(leg) for leg in found.gathered.legs],
        "window": window_told(asked.question.wanted, found.gathered),
        "resolution": resolution(found.gathered),
        "missing": [lack.told for lack in found.gathered.lacks],
        "assumed": list(dict.fromkeys([*found.gathered.assumed, *found.laid.assumed])),
        "unknown": dict(found.laid.unknown),
        "certificate": found.gathered.certificate.to_dict(),
        "conventions": CONVENTIONS,
    }


def _number(value: float) -> float | None:
    return None if math.isnan(value) else float(value)


def _scores(found: Scores) -> dict[str, float | None]:
    return {name: _number(float(value)) for name, value in zip(Scores._fields, found, strict=True)}


def _deflated(found: Verdict) -> dict[str, Any]:
    own, by_days, year = found.deflated, found.by_days, math.sqrt(found.a_year)
    return {
        "probability": own.probability,
        "expected_best_of_worthless": own.threshold * year,
        "by_days_alone": {"probability": by_days.probability, "expected_best_of_worthless": by_days.threshold * year},
        "probability_if_alone": own.alone,
        "trials": own.trials,
        "days": found.days,
    }


def _tests(found: Sweep, verdict: Verdict) -> dict[str, Any]:
    own = verdict.superior
    return {
        "best_by_mean": found.sets[own.best].told(),
        "white_p": own.reality_check,
        "hansen_p": {"lower": own.lower, "consistent": own.consistent, "upper": own.upper},
        "romano_wolf": {"level": LEVEL, "standing": verdict.passed, "p_of_best": float(own.adjusted[found.best])},
        "block_days": own.block,
        "draws": own.draws,
        "seed": found.asked.seed,
    }


def _walk(found: Sweep) -> dict[str, Any]:
    walk, own = found.walked, found.asked.walking
    assert walk is not None  # noqa: S101 - asked for only where there is one
    return {
        "train_days": own.train_days,
        "test_days": own.test_days,
        "purge_hours": found.purge_ms / MS_PER_HOUR,
        "anchored": own.anchored,
        "sharpe_in": _number(walk.sharpe_in),
        "sharpe_out": _number(walk.sharpe_out),
        "apr_out": walk.apr_out,
        "worse_than_half": walk.below,
        "windows": [_choice(found, one) for one in found.chosen],
    }


def _choice(found: Sweep, one: Chosen) -> dict[str, Any]:
    fold = one.fold
    return {
        "train": [to_text(ms) for ms in fold.train],
        "test": [to_text(ms) for ms in fold.test],
        "chosen": found.sets[one.number].told(),
        "in_sample": _scores(one.train),
        "out_of_sample": _scores(one.test),
        "rank": one.rank,
        "of": len(found.sets),
    }
