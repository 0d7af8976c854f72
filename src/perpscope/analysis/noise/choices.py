"""Which rates could a venue have published from the same books?

Every way to look (impact prices of one notional or another, the mid, the last trade), every index at hand and every
average that venues really use gives a premium, and by the venue's own formula a rate. The band is from the lowest to
the highest of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

from perpscope.analysis.noise.weights import weights_of
from perpscope.errors import NotEnoughData
from perpscope.mechanisms.batch import fix_averages
from perpscope.mechanisms.observe import OBSERVATIONS
from perpscope.mechanisms.reduce import Last, LinearMean, Mean, Reducer
from perpscope.mechanisms.rule import Rule
from perpscope.units import HOURS_PER_YEAR

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
    Ints = npt.NDArray[np.int64]
    Flags = npt.NDArray[np.bool_]

AVERAGES: Mapping[str, Reducer] = {"equal weights": Mean(), "rising weights": LinearMean(), "last reading": Last()}
"""Averages in use among the venues of the catalogue."""
ONE_RATE = 1e-15
"""Rates nearer than this are one rate: the rounding of doubles in a pull to the interest is below it, a published digit far above."""


@dataclass(frozen=True, slots=True, eq=False)
class Looks:
    """One market seen at n moments, in several ways.

    Parameters
    ----------
    columns : way to look -> column -> (n,) values: what `mechanisms.observe` asks for, without the index; NaN where unknown.
    kinds : way to look -> kind of observation. indices : name -> (n,) index prices.
    own : the way, index and average of the rule itself.
    together : pairs of a way and an index that were seen at the same moments; empty where all were.
    """

    columns: Mapping[str, Mapping[str, Floats]]
    kinds: Mapping[str, str]
    indices: Mapping[str, Floats]
    own: tuple[str, str, str]
    together: tuple[tuple[str, str], ...] = ()

    def pairs(self) -> tuple[tuple[str, str], ...]:
        """Ways to look with the indices they may be held against."""
        return self.together or tuple(product(self.columns, self.indices))

    def part(self, rows: Ints | Flags) -> Looks:
        """Look at some of the moments only."""
        columns = {look: {name: values[rows] for name, values in table.items()} for look, table in self.columns.items()}
        return Looks(columns, self.kinds, {name: values[rows] for name, values in self.indices.items()}, self.own, self.together)


@dataclass(frozen=True, slots=True)
class Choice:
    """One admissible way to the rate.

    Parameters
    ----------
    look, index, average : what was chosen. premium : averaged, fraction. rate : fraction per the rule's interval.
    low, high : rates of the same choice when the grid of samples starts at another moment. n : samples in it.
    """

    look: str
    index: str
    average: str
    premium: float
    rate: float
    low: float
    high: float
    n: int

    @property
    def name(self) -> str:
        """The choice in words."""
        return f"{self.look} against {self.index}, {self.average}"


@dataclass(frozen=True, slots=True)
class Band:
    """From the lowest to the highest rate the choices give.

    Parameters
    ----------
    low, high : fraction per interval. hours : the interval. choices : behind it, the rule's own first.
    """

    low: float
    high: float
    hours: float
    choices: tuple[Choice, ...]

    @property
    def apr(self) -> tuple[float, float]:
        """The band as simple rates per year of 8,760 hours."""
        times = HOURS_PER_YEAR / self.hours
        return self.low * times, self.high * times

    @property
    def premiums(self) -> tuple[float, float]:
        """Lowest and highest averaged premium, fractions: what the formula was given."""
        return min(c.premium for c in self.choices), max(c.premium for c in self.choices)

    def place(self, rate: float) -> float | None:
        """Where a rate lies: 0 at the low end, 1 at the high end, outside beyond; None where the band is one number.

        **Source**: linear place between the ends.
        """
        return None if self.high - self.low <= ONE_RATE else (rate - self.low) / (self.high - self.low)


def premium_readings(looks: Looks, look: str, index: str) -> Floats:
    """(n,) premiums of one way to look against one index; NaN where a column or the index is unknown.

    **Source**: `mechanisms.observe`, the definition the rules themselves use.
    """
    import numpy as np

    observe = OBSERVATIONS[looks.kinds[look]]
    columns = {**looks.columns[look], "index": looks.indices[index]}
    table = np.column_stack(list(columns.values()))
    found = np.full(len(table), np.nan)
    for k in np.flatnonzero(np.isfinite(table).all(axis=1)).tolist():
        found[k] = observe(**dict(zip(columns, table[k].tolist(), strict=True)))
    return found


def band_of(looks: Looks, rule: Rule, hours: float, every: int = 1) -> Band:
    """Band of the rates the choices give.

    Parameters
    ----------
    looks : the market at evenly spaced moments of one window. rule : whose formula is applied. hours : interval of the rate.
    every : the rule samples every so many moments; the grid may start at any of the first `every` of them.

    Raises
    ------
    NotEnoughData
        When no choice gives a premium.

    **Source**: the formula of `rule`; the choices are those of the venues of the catalogue.
    """
    found: list[Choice] = []
    for look, index in looks.pairs():
        premium = premium_readings(looks, look, index)
        found += [c for name in AVERAGES if (c := _choice((look, index, name), premium, rule, hours, every)) is not None]
    if not found:
        raise NotEnoughData("a band of rates", "no moment with a book and an index", "Import books of the contract and of a spot market.")
    found.sort(key=lambda c: (c.look, c.index, c.average) != looks.own)
    return Band(min(c.low for c in found), max(c.high for c in found), hours, tuple(found))


def band_edges(looks: Looks, rule: Rule, hours: float, rows: Ints, averages: Mapping[str, Reducer] = AVERAGES) -> tuple[Floats, Floats]:
    """Low and high end of the band of many windows at once, (w,) each, fractions per interval.

    Parameters
    ----------
    looks : the market at n moments. rows : (w, m) moments of each window, in order of time. rule, hours : as in `band_of`.
    averages : those that are admitted.

    **Source**: as `band_of`; windows in which a choice lacks a reading leave that choice out.
    """
    import numpy as np

    rates = []
    for look, index in looks.pairs():
        premium = premium_readings(looks, look, index)[rows]
        for reducer in averages.values():
            weights = weights_of(reducer, rows.shape[1])
            if weights is None:
                continue
            averaged = np.where(np.isfinite(premium).all(axis=1), premium @ weights, np.nan)
            found = fix_averages(rule, np.nan_to_num(averaged), np.full(len(averaged), hours)).rates
            rates.append(np.where(np.isfinite(averaged), found, np.nan))
    return np.nanmin(rates, axis=0), np.nanmax(rates, axis=0)


def _choice(names: tuple[str, str, str], premium: Floats, rule: Rule, hours: float, every: int) -> Choice | None:
    """Average the readings of every grid, and decide."""
    import numpy as np

    averages = []
    for start in range(every):
        seen = premium[start::every]
        seen = seen[np.isfinite(seen)]
        weights = weights_of(AVERAGES[names[2]], len(seen)) if len(seen) else None
        if weights is not None:
            averages.append(float(weights @ seen))
    if not averages:
        return None
    rates = fix_averages(rule, np.array(averages), np.full(len(averages), hours)).rates
    count = int(np.isfinite(premium[::every]).sum())
    return Choice(*names, averages[0], float(rates[0]), float(rates.min()), float(rates.max()), count)
