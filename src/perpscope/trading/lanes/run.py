"""What did each parameter set earn on a track? All of them at once, in as many threads as there are parts.

The sets are split between threads, never the rows of one, so the bits do not depend on how many there are.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from perpscope.errors import InputError, NotEnoughData
from perpscope.market.time import to_text
from perpscope.mechanisms.batch import in_parts
from perpscope.trading.lanes.track import Terms, Track, lane_kernel
from perpscope.trading.sweep.grid import ParameterSet
from perpscope.units import HOURS_PER_YEAR, MS_PER_DAY, MS_PER_HOUR

if TYPE_CHECKING:
    from collections.abc import Callable

    from perpscope.trading.lanes.track import Era, Floats, Ints

COLUMNS = ("equity", "funding", "costs", "liquidation", "trades", "liquidations", "hours")
"""Of a result: money at the end; funding received, fees and impact paid, what liquidations brought; how many there were; hours held."""
_WORTH_A_THREAD = 16
"""Sets below which a second thread costs more than it saves."""


@dataclass(frozen=True, slots=True, eq=False)
class Lanes:
    """Results of parameter sets.

    Parameters
    ----------
    totals : (sets, 7), columns as in `COLUMNS`. curve : (sets, points) equity at the points, after all that happened in their rows.
    """

    totals: Floats
    curve: Floats

    def column(self, name: str) -> Floats:
        """Return one of `COLUMNS`, (sets,)."""
        return self.totals[:, COLUMNS.index(name)]


@dataclass(frozen=True, slots=True)
class Sizing:
    """How much money there is, and how large an opening; see `Plan` of the backtest.

    Parameters
    ----------
    long_in_full : whether the long leg is spot, which no leverage applies to. capital, notional : one of them at least.
    compound : whether openings are sized by the money there is then, else by that of the start.
    """

    long_in_full: bool
    capital: float | None = None
    notional: float | None = None
    compound: bool = False

    def money(self, per: float) -> tuple[float, float]:
        """Capital, and the notional that no opening exceeds, where a unit of notional asks `per` of capital.

        Raises
        ------
        InputError
            When the capital does not reach for the notional.
        """
        asked = per * (self.notional or 0.0)
        capital = asked if self.capital is None else self.capital
        if not capital > 0 or capital < asked:
            there = f"a capital of {capital:,.2f}"
            raise InputError(f"a notional of {self.notional}, which asks {asked:,.2f}", there, "Give more capital, or a smaller notional.")
        if self.compound:
            return capital, math.inf
        return capital, capital / per if self.notional is None else self.notional


def columns(sets: Sequence[ParameterSet], looks: Sequence[int], terms: Terms, sizing: Sizing) -> Floats:
    """Write parameter sets as the kernels take them.

    Parameters
    ----------
    sets : all with a look of `looks`, the looks of the track in their order. terms, sizing : of the trade.

    Raises
    ------
    InputError
        When a look is not among the looks.
    """
    import numpy as np

    place = {look: number for number, look in enumerate(looks)}
    out = np.empty((len(sets), 10))
    for row, one in zip(out, sets, strict=True):
        if one.look not in place:
            raise InputError("parameter sets on a track", f"look {one.look}, the track has {list(looks)}", "Lay the track with all looks.")
        margins = 1.0 / one.leverage, 1.0 if sizing.long_in_full else 1.0 / one.leverage
        times = (least_ms(one.stay_hours), least_ms(one.rest_hours), least_ms(one.most_hours))
        row[:] = (one.enter, one.exit, place[one.look], *margins, *times, *sizing.money(margins[0] + margins[1] + terms.buffer))
    return out


def least_ms(hours: float) -> float:
    """Fewest whole ms that are `hours` or more, when divided by the ms of an hour; infinite for hours without end.

    Examples
    --------
    >>> least_ms(8), least_ms(0.1)
    (28800000.0, 360000.0)
    """
    if math.isinf(hours):
        return hours
    found = round(hours * MS_PER_HOUR)
    while found / MS_PER_HOUR >= hours:
        found -= 1
    while found / MS_PER_HOUR < hours:
        found += 1
    return float(found)


def window(track: Track, start: int | None = None, end: int | None = None) -> tuple[int, int, int]:
    """First and last row at which orders can be placed between two instants (ms UTC, both included), and the stretch of the first.

    Raises
    ------
    NotEnoughData
        When there are fewer than two.
    """
    import numpy as np

    low = 0 if start is None else int(np.searchsorted(track.at, start))
    high = len(track.at) if end is None else int(np.searchsorted(track.at, end, side="right"))
    inside = track.decides[low:high]
    first, last = (low + int(inside.argmax()), high - 1 - int(inside[::-1].argmax())) if inside.any() else (0, 0)
    if first == last:
        span = f"{'the start' if start is None else to_text(start)} to {'the end' if end is None else to_text(end)}"
        raise NotEnoughData("a run of parameter sets", f"{int(inside.sum())} common prices from {span}", "Import bars of both legs.")
    return first, last, int(np.searchsorted(track.ends, first))


def days(track: Track, within: tuple[int, int, int]) -> Ints:
    """Rows of a window, after its first, at which a day (UTC) was last seen: points of a daily curve that begins with the capital."""
    import numpy as np

    first, last, _ = within
    # A price known at midnight is the last of the day before it.
    day = (track.at[first : last + 1] - 1) // MS_PER_DAY
    ends: Ints = first + np.append(np.flatnonzero(day[1:] != day[:-1]), last - first)
    return ends[ends > first]


def run(
    track: Track,
    terms: Terms,
    sets: Floats,
    within: tuple[int, int, int],
    points: Ints | None = None,
    *,
    threads: int = 1,
    kernel: Callable[..., None] | None = None,
) -> Lanes:
    """Run parameter sets over a window of a track.

    Parameters
    ----------
    track, terms : what is traded. sets : as `columns` writes them. within : as `window` gives it. points : rows of the curve, rising; none
        where absent. threads : most of them, >= 1. kernel : another than the leaping one; `walk` and its plain text are the definition.
    """
    import numpy as np

    rows = np.empty(0, dtype=np.int64) if points is None else points
    totals, curve = np.empty((len(sets), len(COLUMNS))), np.empty((len(sets), len(rows)))
    work = lane_kernel("leap") if kernel is None else kernel

    def part(low: int, high: int) -> None:
        work(low, high, within, track, terms, sets, rows, curve, totals)

    in_parts(part, len(sets), parts=min(threads, max(1, len(sets) // _WORTH_A_THREAD)))
    return Lanes(totals, curve)


class Symbols(NamedTuple):
    """Carries of many symbols on one clock, each a perpetual sold against its spot.

    Parameters
    ----------
    at : (rows,) ms UTC at which prices become known to all. perp, spot : (symbols, rows) prices. stamps : (stamps,) rows in which
        funding is paid. rates : (symbols, stamps) fractions. hours : of one rate.
    """

    at: Ints
    perp: Floats
    spot: Floats
    stamps: Ints
    rates: Floats
    hours: float


def run_across(symbols: Symbols, terms: Terms, sets: Floats, looks: Sequence[int], eras: Sequence[Era], *, threads: int = 1) -> Floats:
    """Run the same parameter sets on many symbols: a track each, and nothing but machine code between them.

    Parameters
    ----------
    symbols : one price a bar. terms, looks, eras : the same for all. sets : as `columns` writes them. threads : most of them, >= 1.

    Returns
    -------
    array
        (symbols, sets, 7), columns as in `COLUMNS`, as `run` gives them for each symbol.
    """
    import numpy as np

    count, rows = symbols.perp.shape
    out = np.empty((count, len(sets), len(COLUMNS)))
    begins, costs = np.array([era[0] for era in eras], dtype=np.int64), np.array([era[1] for era in eras], dtype=np.float64)
    decides, numbers = np.ones(rows, dtype=bool), np.array(looks, dtype=np.int64)
    clock = (symbols.at, decides, symbols.stamps, numbers, begins, costs, HOURS_PER_YEAR / symbols.hours)
    kernel = lane_kernel("across")

    def part(low: int, high: int) -> None:
        kernel(low, high, (0, rows - 1, 0), clock, (symbols.perp,) * 5, (symbols.spot,) * 5, symbols.rates, terms, sets, out)

    in_parts(part, count, parts=min(threads, count))
    return out
