"""How much worse are fills of a larger order, by the volatility and the volume that the store holds?

The square-root law: a model. Volatility and volume are measured on the bars of the month before each fill, the coefficient is the caller's.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace

from perpscope.market.number import Number
from perpscope.market.time import length_text
from perpscope.runs.prices import Series
from perpscope.trading.costs.figure import Figure, Status
from perpscope.trading.costs.parts import Crossing, Order, SquareRoot, TradeCosts
from perpscope.units import HOURS_PER_DAY, MS_PER_DAY

_ENOUGH = 31
"""Bars below which nothing is measured."""
_DAYS = 30
"""Days before a fill that are looked at; more where they hold too few bars."""


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """Daily volatility and volume of a series at any moment, by what was known before.

    Parameters
    ----------
    where : whose bars. hours : length of one. known : when each was known, ms UTC. closes : quote units.
    traded : quote units a bar; None where its volumes are not held.
    """

    where: str
    hours: float
    known: Sequence[int]
    closes: Sequence[float]
    traded: Sequence[float] | None

    @classmethod
    def of(cls, series: Series) -> Measured:
        """Take what is needed of a series."""
        import polars as pl

        bars = series.bars
        told = "volume_base" in bars.columns and not bars["volume_base"].null_count()
        traded = bars.select(pl.col("volume_base") * pl.col("close_quote")).to_series().to_list() if told else None
        where = f"{series.venue} {series.symbol}, bars of {length_text(series.hours)}"
        return cls(where, series.hours, bars["known"].to_list(), bars["close_quote"].to_list(), traded)

    def at(self, ms: int) -> tuple[Figure, Figure]:
        """Volatility of a day (a fraction) and volume of a day (quote units) before a moment; unknown where the bars do not tell them.

        Where too few bars were known before, the first ones are taken, some of which came later: that is assumed.

        Source: the deviation of the logarithmic returns of the bars, by the root of the bars a day; the mean volume of a day.
        """
        before = bisect_left(self.known, ms)
        last = max(before, _ENOUGH)
        first = max(0, min(bisect_left(self.known, ms - _DAYS * MS_PER_DAY), last - _ENOUGH))
        closes = self.closes[first:last]
        if len(closes) < _ENOUGH:
            hole = Figure.unknown(f"{self.where}: {len(closes)} bars are too few to measure a volatility")
            return hole, Figure.unknown(f"{self.where}: too few bars to measure a volume")
        early = ", some of them later than the fill" if before < _ENOUGH else ""
        status: Status = "assumed" if early else "measured"
        sigma = _deviation(closes) * math.sqrt(HOURS_PER_DAY / self.hours)
        volatility = Figure(sigma, status, f"{self.where}, n = {len(closes)}{early}")
        if self.traded is None:
            return volatility, Figure.unknown(f"{self.where}: its volumes are not held")
        volume = math.fsum(self.traded[first:last]) / len(closes) * (HOURS_PER_DAY / self.hours)
        return volatility, Figure(volume, status, f"{self.where}, mean of a day{early}")


def _deviation(closes: Sequence[float]) -> float:
    """Deviation (n - 1) of the logarithmic returns."""
    import numpy as np

    return float(np.diff(np.log(np.asarray(closes))).std(ddof=1))


@dataclass(frozen=True, slots=True)
class Grown:
    """A crossing whose cost grows with the order: half the spread as `base` has it, and the square-root law.

    Parameters
    ----------
    base : what a small order costs; where it is not known, the half spread is counted as nothing and assumed so.
    coefficient : of the law, a number near 1. measured : volatility and volume.
    """

    base: Crossing
    coefficient: Figure
    measured: Measured

    def at(self, ms: int, order: Order, notional: Number) -> Figure:
        """Fraction of the mid."""
        half = self.base.at(ms, order, 0)
        known = half if half.known else Figure.assumed(0, f"half the spread is not known and counted as nothing: {half.note}")
        return SquareRoot(known, self.coefficient, *self.measured.at(ms)).at(ms, order, notional)


def grown(costs: TradeCosts, series: Sequence[Series], coefficient: Figure) -> TradeCosts:
    """Let what each leg's fills cost grow with their size.

    Parameters
    ----------
    costs : of the trade. series : prices of each leg. coefficient : of the square-root law, a number near 1.
    """
    pairs = zip(costs.legs, series, strict=True)
    return replace(costs, legs=tuple(replace(own, crossing=Grown(own.crossing, coefficient, Measured.of(bars))) for own, bars in pairs))
