"""Which fault lies where? Faults planted in copies of real or lifelike series, at places a seed chooses.

Every plant returns the rows with the fault and the first and last stamp (ms) it touched, so that a test can ask whether
a finding covers the place.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

HOUR = 3_600_000
Who = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True)
class Planted:
    """Rows with a fault in since..until (ms UTC)."""

    rows: pl.DataFrame
    since: int
    until: int

    def found(self, problems: pl.DataFrame, kind: str, slack_ms: int = 0) -> bool:
        """Whether a problem of that kind covers the place, within slack."""
        mine = problems.filter(pl.col("kind") == kind)
        start, end = mine["from"].dt.timestamp("ms"), mine["to"].dt.timestamp("ms")
        return bool(((start <= self.since + slack_ms) & (end >= self.until - slack_ms)).any())


def one(frame: pl.DataFrame, who: Who) -> pl.DataFrame:
    """Rows of one series, by venue, list, native id and source."""
    return frame.filter(_is(who)).sort("ts")


def without(frame: pl.DataFrame, who: Who) -> pl.DataFrame:
    """All other rows."""
    return frame.filter(~_is(who))


def company(frame: pl.DataFrame, who: Who) -> pl.DataFrame:
    """Rows of other contracts of the same coin, or of the same venue and list."""
    coin = one(frame, who)["symbol"][0].split("/")[0]
    near = pl.col("symbol").str.starts_with(f"{coin}/") | ((pl.col("venue") == who[0]) & (pl.col("market_list") == who[1]))
    return without(frame, who).filter(near)


def _is(who: Who) -> pl.Expr:
    return pl.all_horizontal(
        pl.col(name) == value for name, value in zip(("venue", "market_list", "native_id", "source"), who, strict=True)
    )


def block(rows: pl.DataFrame, rng: np.random.Generator, length: int) -> tuple[int, int]:
    """First row and row after the last of a block anywhere in the rows, not at their ends."""
    first = int(rng.integers(1, len(rows) - length - 1))
    return first, first + length


def span(rows: pl.DataFrame, first: int, end: int) -> tuple[int, int]:
    """Stamps (ms) of the first and last row of a block."""
    ts = rows["ts"].dt.timestamp("ms")
    return int(ts[first]), int(ts[end - 1])


def stamps(rows: pl.DataFrame) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Stamps, ms."""
    return rows["ts"].dt.timestamp("ms").to_numpy().copy()


def rates(rows: pl.DataFrame) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Rates."""
    return rows["funding_rate"].to_numpy().copy()


def with_stamps(rows: pl.DataFrame, ms: Any) -> pl.DataFrame:  # noqa: ANN401 - an array
    """Return the rows at other stamps (the slots follow)."""
    ts = pl.Series("ts", ms).cast(pl.Datetime("ms", "UTC"))
    return rows.with_columns(ts, ts.alias("slot")).sort("ts")


def with_rates(rows: pl.DataFrame, values: Any) -> pl.DataFrame:  # noqa: ANN401 - an array
    """Return the rows with other rates."""
    return rows.with_columns(pl.Series("funding_rate", values))


def gap(rows: pl.DataFrame, rng: np.random.Generator, length: int) -> Planted:
    """Take rows out."""
    first, end = block(rows, rng, length)
    return Planted(pl.concat([rows[:first], rows[end:]]), *span(rows, first, end))


def duplicate(rows: pl.DataFrame, rng: np.random.Generator, length: int, late_ms: int = 0, change: float = 0.0) -> Planted:
    """Put a block of rows in twice, the second time late or with other rates."""
    first, end = block(rows, rng, length)
    again = with_stamps(rows[first:end], stamps(rows[first:end]) + late_ms).with_columns(pl.col("funding_rate") + change)
    return Planted(pl.concat([rows, again]).sort("ts"), *span(rows, first, end))


def jitter(rows: pl.DataFrame, rng: np.random.Generator, length: int, most_ms: int) -> Planted:
    """Move stamps of a block by 1 to `most_ms`."""
    first, end = block(rows, rng, length)
    ms = stamps(rows)
    ms[first:end] += rng.integers(1, most_ms + 1, end - first)
    return Planted(with_stamps(rows, ms), int(ms[first]), int(ms[end - 1]))


def off_slot(rows: pl.DataFrame, rng: np.random.Generator, hours: float) -> Planted:
    """Move one stamp by hours."""
    first, _ = block(rows, rng, 1)
    ms = stamps(rows)
    ms[first] += round(hours * HOUR)
    return Planted(with_stamps(rows, ms), int(ms[first]), int(ms[first]))


def interval(rows: pl.DataFrame, rng: np.random.Generator, length: int, hours: float) -> Planted:
    """State another interval in a block."""
    first, end = block(rows, rng, length)
    value = rows["interval_hours"].to_numpy().copy()
    value[first:end] = hours
    return Planted(rows.with_columns(pl.Series("interval_hours", value)), *span(rows, first, end))


def shift(rows: pl.DataFrame, rng: np.random.Generator, hours: float, length: int | None = None) -> Planted:
    """Move all stamps, or those of a block; collisions stay as they fall."""
    first, end = (0, len(rows)) if length is None else block(rows, rng, length)
    ms = stamps(rows)
    ms[first:end] += round(hours * HOUR)
    return Planted(with_stamps(rows, ms), int(ms[first]), int(ms[end - 1]))


def jump(rows: pl.DataFrame, rng: np.random.Generator, rate: float) -> Planted:
    """Add to one rate."""
    first, end = block(rows, rng, 1)
    value = rates(rows)
    value[first] += rate
    return Planted(with_rates(rows, value), *span(rows, first, end))


def scale(rows: pl.DataFrame, rng: np.random.Generator, factor: float, length: int | None = None) -> Planted:
    """Multiply all rates, or those of a block."""
    first, end = (0, len(rows)) if length is None else block(rows, rng, length)
    value = rates(rows)
    value[first:end] *= factor
    return Planted(with_rates(rows, value), *span(rows, first, end))


def filler(rows: pl.DataFrame, length: int, value: float | None = None) -> Planted:
    """Write on after the end: the last rate, or a value."""
    ms, hours = stamps(rows), float(rows["interval_hours"][-1])
    more = pl.concat([rows[-1:]] * length)
    more = with_stamps(more, ms[-1] + (np.arange(length) + 1) * round(hours * HOUR))
    if value is not None:
        more = more.with_columns(funding_rate=pl.lit(value))
    return Planted(pl.concat([rows, more]), *span(more, 0, length))


def filled(rows: pl.DataFrame, rng: np.random.Generator, length: int, value: float | None = None) -> Planted:
    """Write one value over a block: a constant, or the rate before it."""
    first, end = block(rows, rng, length)
    rate = rates(rows)
    rate[first:end] = rate[first - 1] if value is None else value
    return Planted(with_rates(rows, rate), *span(rows, first, end))


def tile(rows: pl.DataFrame, rng: np.random.Generator, length: int) -> Planted:
    """Lay a block over another place, earlier or later."""
    first, end = block(rows, rng, length)
    source = int(rng.choice([i for i in range(len(rows) - length) if abs(i - first) >= length]))
    rate = rates(rows)
    rate[first:end] = rate[source : source + length]
    return Planted(with_rates(rows, rate), *span(rows, first, end))


def invent(rows: pl.DataFrame, rng: np.random.Generator, make: Callable[..., Any], length: int | None = None) -> Planted:
    """Replace all rates, or those of a block, by invented ones: `make(rng, n)` per eight hours."""
    first, end = (0, len(rows)) if length is None else block(rows, rng, length)
    rate = rates(rows)
    rate[first:end] = np.round(make(rng, end - first) * rows["interval_hours"].to_numpy()[first:end] / 8, 8)
    return Planted(with_rates(rows, rate), *span(rows, first, end))
