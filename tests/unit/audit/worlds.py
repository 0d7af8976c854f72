"""Made-up histories whose rules are known: a seeded premium, averaged and decided by one rule after another."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from perpscope.audit.facts import Series
from perpscope.audit.sampled import Samples
from perpscope.market.time import to_ms
from perpscope.mechanisms.batch import fix_many
from perpscope.mechanisms.decide import Formula
from perpscope.mechanisms.observe import Observe
from perpscope.mechanisms.reduce import Last, LinearMean, Mean, Reducer
from perpscope.mechanisms.rule import AS_IT_IS, Rule
from perpscope.mechanisms.sample import PerSample, WholeFormula

START = to_ms("2022-01-01T00:00:00Z")
EVERY = 60
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Law:
    """A rule and the intervals between its windows and its payments."""

    rule: Rule
    lag: int = 0


@dataclass(frozen=True)
class World:
    series: Series
    samples: Samples
    changes: list[int]


def law(reduce: Reducer, formula: Formula, lag: int = 0, each: PerSample = AS_IT_IS) -> Law:
    return Law(Rule(Observe("impact_band", EVERY), reduce, formula, each), lag)


def pull(**numbers: float) -> Formula:
    return Formula(**{"period": 8, "interest": 0.0001, "interest_per": 8, "damper": 0.0005, **numbers})  # type: ignore[arg-type]  # numbers by name


LAWS = {
    "mean, lag 1": law(Mean(), pull(), 1),
    "mean": law(Mean(), pull()),
    "linear": law(LinearMean(), pull()),
    "linear, capped": law(LinearMean(), pull(cap=0.0008, floor=-0.0008)),
    "linear, narrow": law(LinearMean(), pull(damper=0.00025)),
    "linear, no interest": law(LinearMean(), pull(interest=0.0)),
    "premium alone": law(Mean(), Formula(period=8)),
    "premium and interest": law(Mean(), Formula(period=8, add=0.0001, add_per=8)),
    "last": law(Last(), pull()),
    "interest scaled": law(LinearMean(), pull(period=0)),
    "every sample pulled": law(Mean(), Formula(period=8), each=WholeFormula(0.0001, 0.0005)),
}


def premium(count: int, rng: np.random.Generator) -> Floats:
    """AR(1) on two scales, hours and days, around the interest."""
    out = np.full(count, 0.0001)
    for deviation, half_life in ((0.0007, 1500.0), (0.00035, 60.0)):
        keep = 0.5 ** (1 / half_life)
        fresh = rng.standard_normal(count) * deviation * np.sqrt(1 - keep * keep)
        x = 0.0
        part = np.empty(count)
        for k, shock in enumerate(fresh.tolist()):
            x = keep * x + shock
            part[k] = x
        out += part
    return np.round(out, 10)


def world(seed: int, names: tuple[str, ...], windows: int = 400, hours: float = 8.0, decimals: int = 8) -> World:
    """A history under one law after another, changing at random slots of its middle three fifths."""
    rng = np.random.default_rng(seed)
    per = int(hours * 3600 // EVERY)
    x = premium((windows + 1) * per, rng)
    at = START + np.arange(len(x), dtype=np.int64) * EVERY * 1000
    step = int(hours * 3_600_000)
    slots = START + step * np.arange(2, windows + 2, dtype=np.int64)
    changes = sorted(rng.choice(np.arange(windows // 5, windows * 4 // 5), len(names) - 1, replace=False).tolist())
    rate = np.empty(windows)
    for name, a, b in zip(names, [0, *changes], [*changes, windows], strict=True):
        own = LAWS[name]
        first = np.arange(a, b) + 1 - own.lag
        offsets = np.append(first * per, (first[-1] + 1) * per).astype(np.int64)
        rate[a:b] = fix_many(own.rule, x, offsets, np.full(b - a, hours)).rates
    series = Series(
        slots, slots, np.round(rate, decimals), np.full(windows, hours), np.full(windows, np.nan), np.zeros(windows, dtype=np.int64)
    )
    return World(series, Samples(at, x, np.full(len(x), 5e-11)), changes)


def without(series: Series, kept: npt.NDArray[np.bool_]) -> Series:
    return Series(series.stamp[kept], series.slot[kept], series.rate[kept], series.hours[kept], series.premium[kept], series.source[kept])
