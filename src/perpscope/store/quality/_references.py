"""What can a series be measured by? Other contracts of its coin, and the interest that others of its venue rest on."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from perpscope.store.quality._companions import mean_rate_over
from perpscope.store.quality._evidence import ranks
from perpscope.store.quality._series import HOUR, Floats, Series
from perpscope.store.quality.facts import Rules, facts_of

MOST = 3
LIVELY = 0.1
"""Share of distinct values a reference needs; a dead one says nothing."""
TOGETHER = 0.8
RESTS = 0.05
"""Share of its rows a contract rests on its interest at the least, for its interest to count for its venue."""
WITNESSES = 2
USUAL_8H = (1e-4, 5e-5, 0.0)
"""Interests seen on several venues, per 8 h; a contract may have any of them where its venue clamps at all."""


@dataclass(frozen=True, slots=True, eq=False)
class References:
    """Other contracts of a coin, those that overlap longest with `series` first."""

    series: Series
    others: tuple[Series, ...]

    @classmethod
    def of(cls, series: Series, all_series: Sequence[Series]) -> References:
        """Choose them."""
        fit = [o for o in all_series if o.contract != series.contract and o.coin == series.coin and len(o)]
        overlap = {id(o): min(o.ts[-1], series.ts[-1]) - max(o.ts[0], series.ts[0]) for o in fit}
        return cls(series, tuple(sorted((o for o in fit if overlap[id(o)] > 0), key=lambda o: -overlap[id(o)])))

    def correlation(self, first: int, length: int) -> float | None:
        """Largest rank correlation of a window with up to three of them, in time or one interval beside; None without any."""
        rows = slice(first, first + length)
        ts, hours = self.series.ts[rows], self.series.hours[rows]
        own = self.series.rate[rows] / hours
        known: list[float] = []
        used = 0
        for other in (o for o in self.others if o.ts[0] <= ts[0] and o.ts[-1] >= ts[-1]):
            lag = round(HOUR * max(hours[0], other.hours[0]))
            beside = [_correlation(own, mean_rate_over(other, ts + k * lag, hours)) for k in (0, -1, 1)]
            known += [r for r in beside if r is not None]
            used += any(r is not None for r in beside)
            if used == MOST:
                break
        return max(known, default=None)


def _correlation(own: Floats, other: Floats) -> float | None:
    """Rank correlation over the rows both have; None where too few, or where the other hardly moves."""
    both = np.isfinite(other)
    if both.sum() < TOGETHER * len(own) or len(np.unique(other[both])) < LIVELY * len(own):
        return None
    return float((ranks(own[both][None]) * ranks(other[both][None])).mean())


def venue_interests(all_series: Sequence[Series], rules: Rules) -> dict[tuple[str, str], tuple[float, ...]]:
    """Interests per 8 h of each (venue, market_list) as its contracts show them, where at least two agree; with the usual ones.

    A contract of such a venue clamps too, and must rest on one of them. Venues whose facts say that they do not clamp
    are left out.
    """
    seen: dict[tuple[str, str], Counter[float]] = defaultdict(Counter)
    for series in all_series:
        if facts_of(rules, *series.contract).interest_8h is None:
            value, n = np.unique(np.round(series.rate / series.hours * 8, 9), return_counts=True)
            if n.max(initial=0) >= max(RESTS * len(series), WITNESSES):
                seen[series.venue, series.market_list][float(value[n.argmax()])] += 1
    return {who: tuple(sorted({*atoms, *USUAL_8H})) for who, atoms in seen.items() if max(atoms.values()) >= WITNESSES}
