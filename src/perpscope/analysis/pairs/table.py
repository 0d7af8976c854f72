"""How far apart are the rates of every two contracts of a coin, over every window, and what is to be expected of it?

Rates are compared hour by hour: each fixing is spread over the time it answers for, so that 8 h, 4 h and 1 h, or a contract that
changed from one to the other, meet on one grid, and each hour's difference is weighed once. A window ends with the last hour for
which both contracts have been fixed. Annual rates are simple: mean per hour x 8760.
"""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Any

from perpscope.analysis.pairs.compare import compare, hourly
from perpscope.analysis.pairs.contracts import Paid, contracts, moment_of
from perpscope.units import HOURS_PER_DAY, HOURS_PER_YEAR, MS_PER_HOUR

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl

    from perpscope.analysis.pairs.setting import Setting

SIDES = (("a", 0), ("b", 1))
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
        but names).

        Of the first contract, and with b_ of the second, null against nothing: a_venue, a_market_list, a_native_id, a_symbol, a_market,
        a_hours, a_rate, a_last (last fixing: interval, fraction, stamp in ms), a_price, a_digest, a_intervals (hours, in order of
        time).

        synthetic; clash (why labels and stamps disagree, "" where they do not); end (ms, last common hour), history_hours (common hours).

        For each window of D days, NaN below 90 % coverage: apr_Dd (a minus b), sd_Dd (deviation of single hours, as an annual rate),
        hours_Dd (present), largest_Dd, smallest_Dd (of such windows inside the history), a_apr_Dd, b_apr_Dd (over the common hours);
        of each leg whether covered or not a_n_Dd, a_sum_Dd (fixings stamped within, sum of their rates), and with b_.

        mean_apr, phi, memory_days (autoregression of one day), scatter_apr (long-run deviation of a day's rate: over the root of
        n days, the standard error of their mean, memory included);
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
        found |= {f"{side}_price": pl.Float64(), f"{side}_digest": pl.String(), f"{side}_intervals": pl.List(pl.Float64())}
        found |= {f"{side}_{name}_{days}d": kind for days in setting.windows for name, kind in (("n", pl.Int64()), ("sum", pl.Float64()))}
    found |= {"synthetic": pl.Boolean(), "clash": pl.String(), "end": pl.Int64(), "history_hours": pl.Int64()}
    for days in setting.windows:
        found |= {f"{name}_{days}d": pl.Float64() for name in ("apr", "sd", "hours", "largest", "smallest", "a_apr", "b_apr")}
    found |= {name: pl.Float64() for name in ("mean_apr", "phi", "memory_days", "scatter_apr")}
    return found | {"days": pl.List(pl.Float64())}


def _names(fresh: Sequence[Paid], places: Sequence[tuple[int, int]]) -> dict[str, list[Any]]:
    nothing = len(fresh)
    found: dict[str, list[Any]] = {}
    for side, which in SIDES:
        legs = [None if pair[which] == nothing else fresh[pair[which]] for pair in places]
        found |= {f"{side}_{name}": [None if leg is None else getattr(leg, name) for leg in legs] for name in WHO}
        found[f"{side}_hours"] = [None if leg is None else float(leg.hours[-1]) for leg in legs]
        found[f"{side}_rate"] = [None if leg is None else float(leg.rate[-1]) for leg in legs]
        found[f"{side}_last"] = [None if leg is None else int(leg.stamp[-1]) for leg in legs]
        found[f"{side}_price"] = [None if leg is None else leg.price for leg in legs]
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
        for place, name in ((0, "apr"), (1, "sd"), (3, "largest"), (4, "smallest")):
            found[f"{name}_{length}d"] = got.windows[:, w, place] * HOURS_PER_YEAR
        found[f"hours_{length}d"] = got.windows[:, w, 2]
        for which, name in enumerate(("a_apr", "b_apr")):
            found[f"{name}_{length}d"] = got.legs[:, w, which] * HOURS_PER_YEAR
    for side, which in SIDES:
        legs = [fresh[pair[which]] if pair[which] < len(fresh) else None for pair in places]
        for length in setting.windows:
            inside = [None if leg is None else leg.within(int(end), length) for leg, end in zip(legs, found["end"], strict=True)]
            found[f"{side}_n_{length}d"] = [None if rates is None else len(rates) for rates in inside]
            found[f"{side}_sum_{length}d"] = [None if rates is None else float(rates.sum()) for rates in inside]
    mean, phi, n, spread = got.memory.T
    found |= {"mean_apr": mean * HOURS_PER_YEAR, "phi": phi, "memory_days": n}
    found["scatter_apr"] = np.sqrt(spread) * HOURS_PER_YEAR
    return found | {"days": list(got.days * HOURS_PER_YEAR)}
