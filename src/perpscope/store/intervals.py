"""How often did this contract really pay, by its stamps?

The interval a row states and the interval its neighbours show are two facts. This file infers the second: eras of
constant spacing and phase, found through jitter of seconds, missing stamps and settlements off their slot.
A change is dated at the last stamp of the old grid, as in `perpscope.market.time.Calendar`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from perpscope.market.time import FOREVER
from perpscope.store.eras import cut
from perpscope.store.fact import Fact
from perpscope.units import MS_PER_HOUR

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import polars as pl

TICK_MS = 300_000  # stamps are read to the nearest five minutes: far above jitter, far below any interval
LIFE_GAP_MS = 90 * 24 * MS_PER_HOUR  # a longer hole is not bridged: what traded before and after need not be the same
_MISSED = 2.0  # cost of a spacing that is a whole multiple: stamps are missing
_ODD = 3.0  # cost of any other spacing: a settlement off its slot
_LEAST = 2  # equal spacings before an interval is inferred
_WHO = ("venue", "market_list", "native_id")
_STATED = {
    "interval_hours": "interval_hours",
    "cap_rate": "cap",
    "floor_rate": "floor",
    "interest_rate_1d": "interest_1d",
    "initial_margin_frac": "initial_margin",
    "maintenance_margin_frac": "maintenance_margin",
}


@dataclass(frozen=True, slots=True)
class Dispute:
    """A span in which the stated interval is not the one the stamps show."""

    venue: str
    market_list: str
    native_id: str
    first: int
    last: int
    stated_hours: float
    inferred_hours: float
    stamps: int


@dataclass(frozen=True, slots=True)
class _Life:
    """Distinct rounded stamps of one contract without a long hole, in ticks; the state of each spacing, in ticks."""

    who: tuple[str, str, str]
    ticks: npt.NDArray[np.int64]
    spacing: list[int]
    closed: bool


def infer_intervals(frame: pl.DataFrame) -> list[Fact]:
    """Infer interval_hours, phase_hours and seen from the stamps of settled fundings.

    Parameters
    ----------
    frame : columns venue, market_list, native_id, ts (and kind, where there is one); any order, any number of contracts.
    """
    return [fact for life in _lives(frame) for fact in _facts_of(life)]


def stated_facts(frame: pl.DataFrame) -> list[Fact]:
    """Read the facts that rows state about their contract (interval, caps, interest, margins) as spans of equal values."""
    import polars as pl

    rows = _settled(frame).sort(*_WHO, "ts")
    out: list[Fact] = []
    for column, fact in _STATED.items():
        if column not in rows.columns:
            continue
        back = pl.col(column) * MS_PER_HOUR if "slot" in rows.columns and column == "interval_hours" else pl.lit(0.0)
        told = rows.filter(pl.col(column).is_not_null()).select(
            *_WHO, pl.col("ts").dt.timestamp("ms"), pl.col(column).alias("value"), back=back
        )
        change = (pl.col("value") != pl.col("value").shift(1).over(_WHO)).fill_null(value=True)
        began = pl.max_horizontal(pl.col("ts") - pl.col("back").cast(pl.Int64), pl.col("ts").shift(1).over(_WHO))
        spans = told.with_columns(began=began, era=change.cum_sum().over(_WHO)).group_by(*_WHO, "era", maintain_order=True)
        eras = spans.agg(pl.first("value"), pl.first("began"), pl.len().alias("n"))
        ends = eras.with_columns(until=pl.col("began").shift(-1).over(_WHO).fill_null(FOREVER))
        shown = ends.select(*_WHO, "value", "began", "until", "n").iter_rows()
        out += [Fact(row[0], row[1], row[2], fact, row[3], row[4], row[5], "stated", row[6]) for row in shown]
    return out


def interval_disputes(frame: pl.DataFrame) -> list[Dispute]:
    """List the spans of rows whose stated interval_hours is not the interval of their era.

    A row whose spacing is neither (stamps are missing just where the interval changed) is no evidence and not listed.
    """
    import polars as pl

    shown = [
        (*life.who, int(tick), step * TICK_MS / MS_PER_HOUR, int(tick - before) * TICK_MS / MS_PER_HOUR)
        for life in _lives(frame)
        for before, tick, step in zip(life.ticks, life.ticks[1:], life.spacing, strict=False)
    ]
    schema = {**dict.fromkeys(_WHO, pl.String()), "tick": pl.Int64(), "inferred": pl.Float64(), "spacing": pl.Float64()}
    inferred = pl.DataFrame(shown, schema=schema, orient="row")
    rows = _settled(frame).select(*_WHO, pl.col("ts").dt.timestamp("ms"), _tick().alias("tick"), pl.col("interval_hours").alias("stated"))
    both = rows.unique(subset=[*_WHO, "tick"]).join(inferred, on=[*_WHO, "tick"]).sort(*_WHO, "tick")
    told = (pl.col("spacing") == pl.col("stated")) | (pl.col("spacing") == pl.col("inferred"))
    differ = (pl.col("stated") != pl.col("inferred")) & told
    change = pl.struct("stated", "inferred", differ.alias("differ")).rle_id().over(_WHO)
    spans = both.with_columns(era=change, differ=differ).filter("differ").group_by(*_WHO, "era", maintain_order=True)
    found = spans.agg(
        pl.first("ts").alias("first"), pl.last("ts").alias("last"), pl.first("stated"), pl.first("inferred"), pl.len().alias("n")
    )
    return [Dispute(*row) for row in found.drop("era").iter_rows()]


def _settled(frame: pl.DataFrame) -> pl.DataFrame:
    import polars as pl

    return frame.filter(pl.col("kind") == "settled") if "kind" in frame.columns else frame


def _tick() -> pl.Expr:
    import polars as pl

    return (pl.col("ts").dt.timestamp("ms") + TICK_MS // 2) // TICK_MS


def _lives(frame: pl.DataFrame) -> list[_Life]:
    import numpy as np

    ticks = _settled(frame).select(*_WHO, _tick().alias("tick")).unique().sort(*_WHO, "tick")
    out: list[_Life] = []
    for who, rows in ticks.group_by(_WHO, maintain_order=True):
        stamps = rows["tick"].to_numpy()
        pieces = np.split(stamps, np.flatnonzero(np.diff(stamps) * TICK_MS > LIFE_GAP_MS) + 1)
        out += [
            _Life((str(who[0]), str(who[1]), str(who[2])), piece, cut(np.diff(piece).tolist(), _spacing_cost), piece is not pieces[-1])
            for piece in pieces
        ]
    return out


def _spacing_cost(spacing: int, interval: int) -> float:
    if spacing == interval:
        return 0.0
    return _ODD if spacing % interval else _MISSED


def _facts_of(life: _Life) -> list[Fact]:
    first, last = int(life.ticks[0]) * TICK_MS, int(life.ticks[-1]) * TICK_MS
    out = [Fact(*life.who, "seen", float(life.ticks.size), first, last, "inferred", int(life.ticks.size))]
    observed = [int(b - a) for a, b in zip(life.ticks, life.ticks[1:], strict=False)]
    for start, end in _runs(life.spacing):
        step = life.spacing[start]
        evidence = sum(observed[i] == step for i in range(start, end))
        if evidence < _LEAST:
            continue
        began = first - step * TICK_MS if start == 0 else int(life.ticks[start]) * TICK_MS
        until = int(life.ticks[end]) * TICK_MS if end < len(life.spacing) or life.closed else FOREVER
        out.append(Fact(*life.who, "interval_hours", step * TICK_MS / MS_PER_HOUR, began, until, "inferred", evidence))
        out += _phases(life, start, end, (began, until))
    return out


def _phases(life: _Life, start: int, end: int, era: tuple[int, int]) -> list[Fact]:
    step = life.spacing[start]
    observed = [int(tick) % step for tick in life.ticks[start + 1 : end + 1]]
    phases = cut(observed, lambda seen, phase: 0.0 if seen == phase else _ODD)
    out: list[Fact] = []
    for low, high in _runs(phases):
        began = era[0] if low == 0 else int(life.ticks[start + low]) * TICK_MS
        until = era[1] if high == len(phases) else int(life.ticks[start + high]) * TICK_MS
        evidence = sum(observed[i] == phases[low] for i in range(low, high))
        out.append(Fact(*life.who, "phase_hours", phases[low] * TICK_MS / MS_PER_HOUR, began, until, "inferred", evidence))
    return out


def _runs(states: list[int]) -> list[tuple[int, int]]:
    bounds = [i for i in range(1, len(states)) if states[i] != states[i - 1]]
    return list(zip([0, *bounds], [*bounds, len(states)], strict=True)) if states else []
