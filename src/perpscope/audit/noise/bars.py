"""What do price bars, or averaged premiums alone, show where no book was recorded?

A bar gives one reading of the perpetual and one of the spot market, at its close. Averaged premiums give one reading an
interval. Both are coarse: what happened inside a bar is not seen.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from perpscope.analysis.bars import closed_at
from perpscope.analysis.noise.choices import Looks
from perpscope.audit.facts import JITTER_MS
from perpscope.audit.noise.law import Law, own_average
from perpscope.audit.which import keys_of
from perpscope.errors import NotEnoughData
from perpscope.market.table import PRICES
from perpscope.units import MS_PER_HOUR

if TYPE_CHECKING:
    import polars as pl

    from perpscope.audit.facts import Floats, Ints
    from perpscope.store import Store

WAYS = {
    "close": ("close_quote",),
    "open": ("open_quote",),
    "mean of open, high, low and close": ("open_quote", "high_quote", "low_quote", "close_quote"),
}


@dataclass(frozen=True, slots=True, eq=False)
class Barred:
    """Bars of a contract and of a spot market at the same closes.

    Parameters
    ----------
    at : (n,) close, ms UTC, rising. hours : length of a bar. looks : what was seen. perp, spot : names. used : rows behind it.
    """

    at: Ints
    hours: float
    looks: Looks
    perp: str
    spot: str
    used: tuple[pl.DataFrame, ...]


def barred(store: Store, law: Law, spot: tuple[str, str] | None, start: int | None, end: int | None) -> Barred | None:
    """Bars of the contract beside those of a spot market of the same pair, the shortest that both have; None where there are none."""
    import polars as pl

    contract = law.contract
    own = store.read(PRICES, start_ms=start, end_ms=end, **keys_of(contract)).filter(
        pl.col("price_kind") == "trade", pl.col("market") != "spot"
    )
    if own.is_empty():
        return None
    pair = f"{contract.base}/{contract.quote}" if spot is None else spot[1]
    beside = store.read(PRICES, start_ms=start, end_ms=end, symbol=pair).filter(pl.col("market") == "spot")
    if spot is not None:
        beside = beside.filter(pl.col("venue") == spot[0])
    for (hours,), part in sorted(own.group_by("bar_hours"), key=lambda each: float(str(each[0][0]))):
        length = float(str(hours))
        if length <= law.hours:
            found = _joined(part, beside.filter(pl.col("bar_hours") == length), length, own_average(law))
            if found is not None:
                return found
    return None


def _joined(own: pl.DataFrame, beside: pl.DataFrame, hours: float, average: str) -> Barred | None:
    """Join on the close, with the spot venue that has most bars in common, the contract's own house before others."""
    import numpy as np
    import polars as pl

    best: tuple[pl.DataFrame, pl.DataFrame, str] | None = None
    home = str(own["venue"][0])
    names = sorted({name for ways in WAYS.values() for name in ways})
    own = _closed(own, hours).unique("at", keep="first", maintain_order=True)
    for _, part in sorted(beside.group_by("venue", "native_id"), key=lambda each: (not home.startswith(str(each[0][0])), str(each[0]))):
        other = _closed(part, hours).unique("at", keep="first", maintain_order=True)
        both = own.join(other.select("at", *names), on="at", suffix="_spot").sort("at")
        if both.height and (best is None or both.height > best[0].height):
            best = both, part, " ".join(part.select("venue", "symbol").row(0))
    if best is None:
        return None
    both, part, name = best
    columns = {f"{way} of the bar": {"mark": _mean(both, ways, "")} for way, ways in WAYS.items()}
    indices = {f"spot {way}": _mean(both, ways, "_spot") for way, ways in WAYS.items()}
    pairs = [(look, index) for look, index in zip(columns, indices, strict=True) if np.isfinite(columns[look]["mark"]).any()]
    columns, indices = {look: columns[look] for look, _ in pairs}, {index: indices[index] for _, index in pairs}
    own_way = ("close of the bar", "spot close", average)
    looks = Looks(columns, dict.fromkeys(columns, "mark_premium"), indices, own_way, tuple(pairs))
    perp = " ".join(own.select("venue", "symbol").row(0))
    used = (own.drop("at"), part)
    return Barred(both["at"].to_numpy().astype(np.int64), hours, looks, perp, name, tuple(pl.DataFrame(frame) for frame in used))


def _closed(rows: pl.DataFrame, hours: float) -> pl.DataFrame:
    """Give rows the moment of their close; one within a minute of the grid of bars is at it."""
    import polars as pl

    step = round(hours * MS_PER_HOUR)
    closed = closed_at()
    nearest = (closed + step // 2) // step * step
    at = pl.when((closed - nearest).abs() <= JITTER_MS).then(nearest).otherwise(closed)
    return rows.with_columns(at.alias("at")).sort("at")


def _mean(rows: pl.DataFrame, names: tuple[str, ...], suffix: str) -> Floats:
    import numpy as np

    return np.asarray(
        np.mean([rows[name + suffix].cast(float).fill_null(float("nan")).to_numpy() for name in names], axis=0), dtype=np.float64
    )


def stretches(at: Ints, values: Floats, step: int, least: int) -> list[Floats]:
    """Cut readings into stretches without a gap (`step` ms apart) of at least `least` readings, long ones into parts of that size."""
    import numpy as np

    known = np.isfinite(values)
    at, values = at[known], values[known]
    out: list[Floats] = []
    for run in np.split(values, np.flatnonzero(np.diff(at) != step) + 1):
        parts = max(len(run) // least, 1)
        out += [part for part in np.array_split(run, parts) if len(part) >= min(least, 3)]
    return out


def whole_windows(at: Ints, law: Law, bar_hours: float) -> tuple[Ints, Ints]:
    """Rows of every window all bars of which are there: (w, m) places into `at`, and (w,) window ends (ms UTC).

    Raises
    ------
    NotEnoughData
        When there is no such window.
    """
    import numpy as np

    length, bar = round(law.hours * MS_PER_HOUR), round(bar_hours * MS_PER_HOUR)
    count = length // bar
    _, first = law.window_of(int(at[0]) - 1)
    place = np.arange(count - 1, len(at))
    ends = at[place]
    good = ((ends - first) % length == 0) & (ends - at[place - count + 1] == length - bar)
    if not good.any():
        raise NotEnoughData("bars of a whole window", f"{len(at)} bars, none of a whole {law.hours:g} h", "Import bars without gaps.")
    rows = place[good][:, None] - np.arange(count - 1, -1, -1)[None, :]
    return rows, ends[good]
