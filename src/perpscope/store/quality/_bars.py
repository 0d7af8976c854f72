"""Which price bars belong together, and are they prices at all?

The stamps of bars are looked at like stamps of fundings; here is what only bars have: an open, a high, a low and a close
that must agree. Certain. A bar whose open alone lies outside is passed over where that open is the close of the bar
before, which some venues write there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from perpscope.store.quality._series import Flags, Floats, Series, pieces, spans
from perpscope.store.quality.problem import Problem, count, when

if TYPE_CHECKING:
    import polars as pl

_WHO = ("venue", "market_list", "native_id", "market", "price_kind", "bar_hours", "source")
FLOAT32 = 2e-7
"""Relative: a price may leave its range by the rounding of float32."""


@dataclass(frozen=True, slots=True, eq=False)
class Bars:
    """Price bars of one kind of one contract from one source: the stamps and closes as a series, and the rest of each bar.

    Parameters
    ----------
    series : stamps; closes as its `rate`, bar length as its `hours`. open, high, low : quote units, NaN where absent.
    """

    series: Series
    open: Floats
    high: Floats
    low: Floats


def bars_of(frame: pl.DataFrame) -> list[Bars]:
    """Split a conformed `prices` frame."""
    import polars as pl

    rows = frame.filter(pl.col("ts").is_not_null() & pl.col("close_quote").is_not_null()).sort(*_WHO, "ts")
    columns = {name: rows[f"{name}_quote"].fill_null(float("nan")).to_numpy() for name in ("open", "high", "low", "close")}
    ts, hours = rows["ts"].dt.timestamp("ms").to_numpy(), rows["bar_hours"].to_numpy()
    nothing = np.full(len(ts), np.nan)
    out = []
    for (venue, market_list, native_id, market, kind, length, source), symbol, a, b in pieces(rows, _WHO):
        part = f"{market} {kind} {length} h"
        series = Series(venue, market_list, native_id, source, symbol, ts[a:b], columns["close"][a:b], hours[a:b], nothing[a:b], part)
        out.append(Bars(series, *(columns[name][a:b] for name in ("open", "high", "low"))))
    return out


def find_disorder(bars: Bars) -> Iterator[Problem]:
    """Tell every run of bars that contradict themselves."""
    close, before = bars.series.rate, np.r_[np.nan, bars.series.rate[:-1]]
    odd_open = _outside(bars.open, bars) & (bars.open != before)
    faults: tuple[tuple[str, Flags], ...] = (
        ("are zero, negative or not a number", ~(np.isfinite(close) & (close > 0)) | _not_positive(bars)),
        ("have a high below their low", bars.high < bars.low),
        ("close outside their range", _outside(close, bars)),
        ("open outside their range", odd_open),
    )
    told = np.zeros(len(close), bool)
    for words, flags in faults:
        rows = flags & ~told
        told |= flags
        for first, last in spans(rows):
            ts = bars.series.ts
            values = ", ".join(
                f"{name} {value[first]:g}"
                for name, value in (("open", bars.open), ("high", bars.high), ("low", bars.low), ("close", close))
            )
            yield Problem(
                "order",
                int(ts[first]),
                int(ts[last]),
                f"{count(last - first + 1, 'bar')} from {when(ts[first])} on {words} (first: {values})."
                " Columns interchanged, or a broken source: leave these bars out or import another source.",
            )


def _outside(price: Floats, bars: Bars) -> Flags:
    return np.asarray((price > bars.high * (1 + FLOAT32)) | (price < bars.low * (1 - FLOAT32))) & (bars.high >= bars.low)


def _not_positive(bars: Bars) -> Flags:
    return np.asarray((bars.open <= 0) | (bars.high <= 0) | (bars.low <= 0))
