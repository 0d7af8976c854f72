"""How far apart are the rates of every two contracts of a coin, over every window, and what is to be expected of it?

Rates are compared hour by hour: each fixing is spread over the time it answers for, so that 8 h, 4 h and 1 h, or a contract that
changed from one to the other, meet on one grid, and each hour's difference is weighed once. A window ends with the last hour for
which both contracts have been fixed. Annual rates are simple: mean per hour x 8760.
"""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Any, NamedTuple

from perpscope.analysis.pairs.contracts import Paid, contracts, moment_of
from perpscope.units import HOURS_PER_DAY, HOURS_PER_YEAR, MS_PER_HOUR

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import polars as pl
    from numpy.typing import NDArray

    from perpscope.analysis.pairs.setting import Setting

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

WHO = ("venue", "market_list", "native_id", "symbol", "market")


def pair_table(rows: pl.DataFrame, setting: Setting) -> pl.DataFrame:
    """Compare every contract of a coin with nothing and with every other.

    Parameters
    ----------
    rows : current rows of `funding`, of one coin, in any order, with its column `coin`.

    Returns
    -------
    frame
        coin, at (ms, moment of the comparison), state (of the first contract: only fresh ones are compared; rows of others hold nothing
        but names); a_venue, a_market_list, a_native_id, a_symbol, a_market, a_hours, a_rate, a_last, a_digest, a_intervals (hours, in
        order of time), and the same with b_, null against nothing; synthetic; clash (why labels and stamps disagree, "" where they do
        not); end (ms, last common hour), history_hours (common hours before it);
        for each window of D days: apr_Dd (a minus b), sd_Dd (deviation of single hours, as an annual rate), hours_Dd (present),
        largest_Dd (highest apr of any such window), a_apr_Dd, b_apr_Dd (each leg over the common hours); NaN below 90 % coverage;
        mean_apr, phi, memory_days (autoregression of one day), noise_apr (standard error of the ranking window's apr, memory included);
        days: list of daily annual rates, the newest first, NaN for holes.

    **Source**: definitions; `_memory` for the last ones.
    """
    import polars as pl

    settled = rows.filter(pl.col("kind") == "settled")
    if settled.is_empty():
        return pl.DataFrame(schema=schema(setting))
    coin, at = str(settled["coin"][0]), moment_of(settled, setting)
    found = contracts(settled, at, setting)
    fresh = [each for each in found if each.state == "fresh"]
    places = [(k, len(fresh)) for k in range(len(fresh))] + list(combinations(range(len(fresh)), 2))
    columns = {"coin": [coin] * len(places), "at": [at] * len(places), "state": ["fresh"] * len(places)}
    columns |= _names(fresh, places) | _numbers(fresh, places, at, setting)
    table = pl.DataFrame(columns, schema=schema(setting))
    others = [each for each in found if each.state != "fresh"]
    return pl.concat([table, _left_out(coin, at, others, setting)])


def schema(setting: Setting) -> dict[str, pl.DataType]:
    """Columns and types of the table."""
    import polars as pl

    who: dict[str, Any] = {name: pl.String() for name in WHO} | {"hours": pl.Float64(), "rate": pl.Float64(), "last": pl.Int64()}
    found: dict[str, Any] = {"coin": pl.String(), "at": pl.Int64(), "state": pl.String()}
    for side in "ab":
        found |= {f"{side}_{name}": kind for name, kind in who.items()}
        found |= {f"{side}_digest": pl.String(), f"{side}_intervals": pl.List(pl.Float64())}
    found |= {"synthetic": pl.Boolean(), "clash": pl.String(), "end": pl.Int64(), "history_hours": pl.Int64()}
    for days in setting.windows:
        found |= {f"{name}_{days}d": pl.Float64() for name in ("apr", "sd", "hours", "largest", "a_apr", "b_apr")}
    found |= {name: pl.Float64() for name in ("mean_apr", "phi", "memory_days", "noise_apr")}
    return found | {"days": pl.List(pl.Float64())}


def _names(fresh: Sequence[Paid], places: Sequence[tuple[int, int]]) -> dict[str, list[Any]]:
    nothing = len(fresh)
    found: dict[str, list[Any]] = {}
    for side, which in (("a", 0), ("b", 1)):
        legs = [None if pair[which] == nothing else fresh[pair[which]] for pair in places]
        found |= {f"{side}_{name}": [None if leg is None else getattr(leg, name) for leg in legs] for name in WHO}
        found[f"{side}_hours"] = [None if leg is None else float(leg.hours[-1]) for leg in legs]
        found[f"{side}_rate"] = [None if leg is None else float(leg.rate[-1]) for leg in legs]
        found[f"{side}_last"] = [None if leg is None else int(leg.stamp[-1]) for leg in legs]
        found[f"{side}_digest"] = [None if leg is None else leg.digest for leg in legs]
        found[f"{side}_intervals"] = [None if leg is None else leg.intervals for leg in legs]
    both = [[fresh[k] for k in pair if k != nothing] for pair in places]
    found["synthetic"] = [any(leg.synthetic for leg in legs) for legs in both]
    found["clash"] = ["; ".join(f"{leg.name}: {leg.clash}" for leg in legs if leg.clash) for legs in both]
    return found


def _left_out(coin: str, at: int, others: Sequence[Paid], setting: Setting) -> pl.DataFrame:
    import polars as pl

    names = _names(others, [(k, len(others)) for k in range(len(others))])
    rows = {"coin": [coin] * len(others), "at": [at] * len(others), "state": [each.state for each in others]} | names
    empty = schema(setting)
    return pl.DataFrame({name: rows.get(name, [None] * len(others)) for name in empty}, schema=empty)


def _numbers(fresh: Sequence[Paid], places: Sequence[tuple[int, int]], at: int, setting: Setting) -> dict[str, Any]:
    import numpy as np

    hours = setting.history * int(HOURS_PER_DAY)
    start = at // MS_PER_HOUR * MS_PER_HOUR - hours * MS_PER_HOUR
    sizes = np.array([days * int(HOURS_PER_DAY) for days in setting.windows])
    leasts = np.array([setting.least(int(size)) for size in sizes])
    pairs = np.array(places, dtype=np.int64).reshape(-1, 2)
    got = compare(pairs, hourly(fresh, start, hours), sizes, leasts, days=setting.history, noise_days=setting.noise_days)
    found: dict[str, Any] = {"end": start + got.ends[:, 1] * MS_PER_HOUR, "history_hours": got.ends[:, 1] - got.ends[:, 0]}
    for w, length in enumerate(setting.windows):
        for place, name in ((0, "apr"), (1, "sd"), (3, "largest")):
            found[f"{name}_{length}d"] = got.windows[:, w, place] * HOURS_PER_YEAR
        found[f"hours_{length}d"] = got.windows[:, w, 2]
        for side, name in enumerate(("a_apr", "b_apr")):
            found[f"{name}_{length}d"] = got.legs[:, w, side] * HOURS_PER_YEAR
    mean, phi, n, spread = got.memory.T
    found |= {"mean_apr": mean * HOURS_PER_YEAR, "phi": phi, "memory_days": n}
    found["noise_apr"] = np.sqrt(spread / setting.window) * HOURS_PER_YEAR
    return found | {"days": list(got.days * HOURS_PER_YEAR)}


def hourly(fresh: Sequence[Paid], start: int, hours: int) -> Floats:
    """Lay contracts on a grid of hours; (c + 1, hours) fractions of notional per hour, NaN where not covered; the last row is 0: nothing.

    Parameters
    ----------
    start : ms at which the first hour begins. hours : how many.

    **Source**: definition; see `_grid.accrue`.
    """
    import numpy as np

    from perpscope.analysis.pairs import _grid
    from perpscope.mechanisms._kernels import compiled

    out = np.zeros((len(fresh) + 1, hours))
    offsets = np.cumsum([0, *(len(each.stamp) for each in fresh)])
    if fresh:
        stamp, length, rate = (np.concatenate([getattr(each, name) for each in fresh]) for name in ("stamp", "hours", "rate"))
        compiled(_grid.accrue)(offsets, stamp, length, rate, start, out[:-1], np.empty(hours, dtype=np.int64))
    return out


class Compared(NamedTuple):
    """What the kernels tell of p pairs over w windows; rates per hour.

    Parameters
    ----------
    windows : (p, w, 4) mean, sample deviation, hours, largest mean of the pair's history. ends : (p, 2) first common hour, the one after
        the last. legs : (p, w, 2) each leg's mean. days : (p, days) daily means, the newest first. memory : (p, 4) mean, phi and pairs
        of days of an autoregression of one day, long-run variance of a day.
    """

    windows: Floats
    ends: Ints
    legs: Floats
    days: Floats
    memory: Floats


def compare(pairs: Ints, grid: Floats, sizes: Ints, leasts: Ints, *, days: int = 0, noise_days: int = 30, threads: int = 1) -> Compared:
    """Compare pairs of rows of a grid, the first minus the second.

    Parameters
    ----------
    pairs : (p, 2) rows of `grid`. grid : (c, hours) fractions per hour, NaN for holes. sizes, leasts : (w,) hours of each window, and
        how many of them must be there. days : daily means to keep; with 0 there are neither legs nor memory. noise_days : newest days the
        long-run variance is of.

    **Source**: `_rolling.compare`, `_memory.memories`.
    """
    import numpy as np

    from perpscope.analysis.pairs import _memory, _rolling
    from perpscope.mechanisms._kernels import compiled
    from perpscope.mechanisms.batch import in_parts

    n, w = len(pairs), len(sizes)
    kept = n if days else 0
    got = Compared(np.empty((n, w, 4)), np.empty((n, 2), np.int64), np.empty((kept, w, 2)), np.empty((n, days)), np.empty((kept, 4)))
    slide, recall = compiled(_rolling.compare), compiled(_memory.memories)

    def part(low: int, high: int) -> None:
        slide(low, high, pairs, grid, sizes, leasts, got.windows, got.ends, got.legs, got.days)
        if days:
            recall(low, high, got.days, noise_days, got.memory)

    in_parts(part, n, parts=threads)
    return got
