"""In which ways may a venue have averaged what it saw?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from perpscope.audit.contexts import COLUMNS
from perpscope.audit.digits import half_units
from perpscope.audit.infer.candidates import USUAL_DAMPER, USUAL_INTEREST, Look
from perpscope.audit.sampled import Samples
from perpscope.mechanisms.decide import Formula
from perpscope.mechanisms.observe import PREMIUM_KINDS, Observe
from perpscope.mechanisms.reduce import Last, LinearMean, Mean, Reducer, TimeMean
from perpscope.mechanisms.rule import Rule
from perpscope.mechanisms.sample import Keep, PerSample, WholeFormula

if TYPE_CHECKING:
    import polars as pl

    from perpscope.audit.facts import Floats, Ints, Series

LAGS = (0, 1)
ENOUGH = 0.9
"""Share of the usual number of samples a window must hold to be tried on."""
REDUCERS: tuple[tuple[str, Reducer], ...] = (
    ("mean", Mean()),
    ("linear mean", LinearMean()),
    ("time-weighted mean", TimeMean()),
    ("last", Last()),
)


def from_averages(series: Series) -> list[Look]:
    """Averaged premiums in the rows themselves, of the same slot and of the one before."""
    import numpy as np

    if not np.isfinite(series.premium).any():
        return []
    half = half_units(series.premium, series.source)
    return [Look("averaged premium as published", lag, *_moved(series, lag, series.premium, half)) for lag in LAGS]


def _moved(series: Series, lag: int, premium: Floats, half: Floats) -> tuple[Floats, Floats]:
    """Columns of the row `lag` slots before; NaN where that slot is missing."""
    import numpy as np

    if not lag:
        return premium, half
    wanted = series.slot - lag * series.step
    place = np.minimum(np.searchsorted(series.slot, wanted), len(series) - 1)
    there = series.slot[place] == wanted
    return np.where(there, premium[place], np.nan), np.where(there, half[place], 0.0)


def from_samples(series: Series, observed: Mapping[str, Samples]) -> list[Look]:
    """Every average of every kind of samples, over the window that ends at the slot and the one before."""
    return [
        look
        for name, samples in observed.items()
        for lag in LAGS
        for average, reducer in REDUCERS
        for each, transform, whole in _transforms()
        if (look := _look(series, samples, (f"{average} of {each}{name}", reducer, transform), lag, whole=whole)) is not None
    ]


def _transforms() -> tuple[tuple[str, PerSample, bool], ...]:
    usual = WholeFormula(USUAL_INTEREST, USUAL_DAMPER)
    return ("", Keep(), False), ("the whole formula on each of ", usual, True)


def _look(series: Series, samples: Samples, how: tuple[str, Reducer, PerSample], lag: int, *, whole: bool) -> Look | None:
    import numpy as np

    name, reducer, transform = how
    ends: Ints = series.slot - lag * series.step
    counts = samples.counts(ends, series.step)
    usual = np.median(counts[counts > 0]) if (counts > 0).any() else 0
    full = counts >= max(1, ENOUGH * usual)
    if not full.any():
        return None
    rule = Rule(Observe("impact_band"), reducer, Formula(), transform)
    premium = np.full(len(series), np.nan)
    premium[full] = samples.fix(rule, ends[full], series.step[full], series.hours[full], float("nan"), 0.0).term("premium")
    half = float(np.median(samples.half)) if len(samples.half) else 0.0
    return Look(name, lag, premium, np.full(len(series), half), whole)


def observed_in(contexts: pl.DataFrame) -> dict[str, Samples]:
    """Premium samples of every kind that contexts hold the columns of: against the index, against the mark, by mid or impact prices."""
    import numpy as np
    import polars as pl

    out: dict[str, Samples] = {}
    for kind in PREMIUM_KINDS:
        observe = Observe(kind)
        if not set(observe.columns) <= set(COLUMNS):
            continue
        rows = contexts.sort("ts").drop_nulls([COLUMNS[name] for name in observe.columns])
        if len(rows):
            given = {name: rows[COLUMNS[name]].to_list() for name in observe.columns}
            at = rows.select(pl.col("ts").dt.epoch("ms"))["ts"].to_numpy().astype(np.int64)
            premium = np.array(observe.samples(given), dtype=np.float64)
            out[f"{kind} premiums"] = Samples(at, premium, np.zeros(len(at)))
    return out
