"""How much worse are fills of a larger order, by the volatility and the volume that the store holds?

The square-root law: a model. Volatility and volume are measured on the bars of the window, the coefficient is the caller's.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from perpscope.market.number import Number
from perpscope.runs.prices import Series
from perpscope.trading.costs.figure import Figure
from perpscope.trading.costs.parts import Crossing, Order, SquareRoot, TradeCosts
from perpscope.units import HOURS_PER_DAY, MS_PER_DAY

if TYPE_CHECKING:
    import polars as pl

_ENOUGH = 30
"""Bars below which nothing is measured."""


@dataclass(frozen=True, slots=True)
class Grown:
    """A crossing whose cost grows with the order: half the spread as `base` has it, and the square-root law.

    Parameters
    ----------
    base : what a small order costs; where it is not known, the half spread is counted as nothing and assumed so. law : of larger ones.
    """

    base: Crossing
    law: SquareRoot

    def at(self, ms: int, order: Order, notional: Number) -> Figure:
        """Fraction of the mid."""
        half = self.base.at(ms, order, 0)
        known = half if half.known else Figure.assumed(0, f"half the spread is not known and counted as nothing: {half.note}")
        law = self.law
        return SquareRoot(known, law.coefficient, law.volatility, law.volume).at(ms, order, notional)


def measured(series: Series) -> tuple[Figure, Figure]:
    """Daily volatility (a fraction) and daily volume (quote units) of a series; unknown where it does not tell them.

    Source: the deviation of the logarithmic returns of its bars, by the root of the bars a day; the mean volume of a day.
    """
    import polars as pl

    bars = series.bars
    where = f"{series.venue} {series.symbol}, bars of {series.hours:g} h"
    returns = bars.select(pl.col("close_quote").log().diff().drop_nulls()).to_series()
    if returns.len() < _ENOUGH:
        hole = Figure.unknown(f"{where}: {returns.len()} returns are too few to measure a volatility")
        return hole, Figure.unknown(f"{where}: too few bars to measure a volume")
    sigma = float(returns.std() or 0.0) * math.sqrt(HOURS_PER_DAY / series.hours)  # type: ignore[arg-type]  # of floats
    volatility = Figure(sigma, "measured", f"{where}, n = {returns.len()}")
    volume = _volume(bars)
    if volume is None:
        return volatility, Figure.unknown(f"{where}: its volumes are not held")
    days = max(series.last - series.first, series.step) / MS_PER_DAY
    return volatility, Figure(volume / days, "measured", f"{where}, mean of a day")


def _volume(bars: pl.DataFrame) -> float | None:
    """Volume of all bars in quote units."""
    import polars as pl

    if "volume_base" not in bars.columns or bars["volume_base"].null_count():
        return None
    return float(bars.select((pl.col("volume_base") * pl.col("close_quote")).sum()).item())


def grown(costs: TradeCosts, series: Sequence[Series], coefficient: Figure) -> TradeCosts:
    """Let what each leg's fills cost grow with their size.

    Parameters
    ----------
    costs : of the trade. series : prices of each leg. coefficient : of the square-root law, a number near 1.
    """
    legs = []
    for k, own in enumerate(costs.legs):
        volatility, volume = measured(series[k])
        half = Figure.given(0)
        legs.append(replace(own, crossing=Grown(own.crossing, SquareRoot(half, coefficient, volatility, volume))))
    return replace(costs, legs=tuple(legs))
