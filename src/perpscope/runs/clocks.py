"""Are the prices of a series of the moments they say?

A file may stamp its bars hours late, and every premium over them is then a move of the market. A series is held against another of the same
coin: where its closes follow the other far better at another time than their own, that is said.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from perpscope.market.instrument import parse_symbol
from perpscope.market.table import PRICES
from perpscope.runs.prices import FILLS, Series, held_series
from perpscope.units import MS_PER_HOUR

if TYPE_CHECKING:
    import polars as pl

    from perpscope.store import Store

REACH_HOURS = 14
"""Shifts looked at, both ways: no time zone lies further from UTC."""
LEAST, MOST = 60, 2_000
"""Closes that must be comparable, and that are enough."""
CLEAR = 3.0
"""How many times closer the closes must be at another time."""
NOISE = 2e-4
"""Spread of the differences below which nothing is wrong with a clock."""


@dataclass(frozen=True, slots=True)
class Late:
    """A series that follows another one at another time.

    Parameters
    ----------
    hours : its stamps are late by so much; below 0 early. against : the other series. own, best : median distance of the logarithms of
        both closes from their median, at its stamps and at the better time. n : closes compared.
    """

    hours: float
    against: str
    own: float
    best: float
    n: int

    @property
    def told(self) -> str:
        """Say it for a reader."""
        when = "late" if self.hours > 0 else "early"
        found = f"{self.own * 1e4:.1f} bp apart at its stamps, {self.best * 1e4:.1f} bp at the other time, n = {self.n}"
        return f"it seems to be stamped {abs(self.hours):g} h {when}: it follows {self.against} that much ({found})"


def lateness(own: Series, other: Series) -> Late | None:
    """Find by how much the stamps of a series are late against another of the same coin; None where its own time is as good as any.

    Source: the median distance from the median of log(close / other close), over whole bars of the finer series within 14 h.
    """
    step = min(own.step, other.step)
    reach = REACH_HOURS * MS_PER_HOUR // step
    found = {k: spread for k in range(-reach, reach + 1) if (spread := _spread(own.bars, other.bars, -k * step)) is not None}
    if 0 not in found:
        return None
    best = min(found, key=lambda k: (found[k][0], abs(k)))
    (at_own, n), (at_best, _) = found[0], found[best]
    if best == 0 or at_own < NOISE or at_own < CLEAR * at_best:
        return None
    return Late(best * step / MS_PER_HOUR, f"{other.venue} {other.symbol}", at_own, at_best, n)


def _spread(bars: pl.DataFrame, other: pl.DataFrame, shift: int) -> tuple[float, int] | None:
    """Median distance from the median of the log ratio of closes, `bars` shifted by ms; None where too few meet."""
    import polars as pl

    every = -(-bars.height // MOST)
    mine = bars.gather_every(every).select((pl.col("known") + shift).alias("known"), pl.col("close_quote").alias("own"))
    met = mine.join(other.select("known", "close_quote"), on="known")
    if met.height < LEAST:
        return None
    ratio = (met["own"] / met["close_quote"]).log()
    centre = ratio.median()
    distance = (ratio - centre).abs().median()
    return float(distance), met.height  # type: ignore[arg-type]  # of floats


def references(store: Store, series: Iterable[Series], span: tuple[int, int]) -> list[Series]:
    """Series of the same coins that may tell the time of coarse ones: bars of an hour or less, of any venue; none where none is coarse.

    Parameters
    ----------
    span : ms UTC, both ends included.
    """
    import polars as pl

    coarse = {parse_symbol(each.symbol)[0] for each in series if each.hours > 1}
    if not coarse:
        return []
    rows = store.read(PRICES, start_ms=span[0], end_ms=span[1])
    coin = pl.col("symbol").str.split("/").list.first()
    fine = rows.filter(coin.is_in(sorted(coarse)) & (pl.col("bar_hours") <= 1) & pl.col("price_kind").is_in(FILLS))
    longest = fine.group_by("venue", "symbol", "market").len().sort("len", "venue", "symbol", descending=[True, False, False])
    found: dict[str, Series] = {}
    for venue, symbol, market, _ in longest.iter_rows():
        base = parse_symbol(symbol)[0]
        held = [] if base in found else held_series(store, venue, symbol, market, span)
        if held:
            found[base] = held[0]
    return list(found.values())


def late_of(own: Series, others: Iterable[Series]) -> Late | None:
    """Find the first other series of the same coin that a series follows at another time."""
    coin = parse_symbol(own.symbol)[0]
    for other in others:
        same = (other.venue, other.symbol) == (own.venue, own.symbol)
        if not same and parse_symbol(other.symbol)[0] == coin and other.step <= own.step:
            found = lateness(own, other)
            if found is not None:
                return found
    return None
