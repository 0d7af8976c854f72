"""Which contracts stand behind the first and second price of a continuous series, and what was spot at that moment?

A continuous series names positions, not contracts, and turns to the next contract some days before the expiry. How many
is a habit of whoever made the series; here it is found from the prices themselves: on the day it turns, the front price
moves as the second did before, not as the front did. Weighed against spot, the habit of each year stands out.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from itertools import pairwise
from math import log
from typing import TYPE_CHECKING

from perpscope.analysis.carry.calendar import business_days_before, contract_months, day_of, expiry, midnight, settles
from perpscope.errors import NotEnoughData
from perpscope.units import MS_PER_DAY, MS_PER_HOUR

if TYPE_CHECKING:
    import polars as pl

USUAL_ROLL = 1
"""Days before the expiry on which the next contract becomes the front one, where prices do not tell."""
CANDIDATES = (0, 1, 2, 3)
AROUND = 5
"""Calendar days before and after an expiry in which the turn is looked for."""
LEAST_EXPIRIES = 3
"""Expiries of a year that must be covered before its habit is taken from the prices."""


def matched(front: pl.DataFrame, second: pl.DataFrame, spot: pl.DataFrame | None = None, apart_hours: float = 0.0) -> pl.DataFrame:
    """Put the two prices of each trading day beside spot at the moment of their close.

    Parameters
    ----------
    front, second : day (ms, 00:00 UTC of the trading day), close_at (ms, null where unstated), close_quote.
    spot : close_at (ms), close_quote, sorted; None: without spot.
    apart_hours : how far from the close of the future, before or after, a spot price may be; the nearest is taken. 0: the same moment;
        12: daily prices. Nothing but averages of the past may stand on prices that are not of the same moment.

    Returns
    -------
    frame
        day, close_at, front, second, spot (null where no price of that moment is there), settled (whether the exchange made a
        settlement price on that day; the bar of a holiday closes at another hour); sorted by day.

    Raises
    ------
    NotEnoughData
        When no day has both prices.

    **Source**: shared data description: closes are settlements of 15:00 Chicago, and agree with spot best at that hour.
    """
    import polars as pl

    days = front.select("day", "close_at", front="close_quote").join(second.select("day", second="close_quote"), on="day").sort("day")
    if days.is_empty():
        raise NotEnoughData("a futures curve", "no day on which both contracts have a price", "Import both series for the same days.")
    days = days.with_columns(pl.Series("settled", [settles(day_of(ms)) for ms in days["day"]], dtype=pl.Boolean))
    if spot is None:
        return days.with_columns(pl.lit(None, dtype=pl.Float64).alias("spot")).select(
            "day", "close_at", "front", "second", "spot", "settled"
        )
    prices = spot.select(pl.col("close_at").alias("seen"), spot="close_quote").drop_nulls().sort("seen")
    timed = days.filter(pl.col("close_at").is_not_null()).sort("close_at")
    tolerance = round(apart_hours * MS_PER_HOUR)
    found = timed.join_asof(prices, left_on="close_at", right_on="seen", strategy="nearest", tolerance=tolerance)
    return (
        days.join(found.select("day", "spot"), on="day", how="left")
        .select("day", "close_at", "front", "second", "spot", "settled")
        .sort("day")
    )


def fitted_rolls(days: pl.DataFrame) -> dict[int, int]:
    """Return, per calendar year, how many business days before the expiry the series turns to the next contract.

    For each candidate the returns around every expiry are chained as it says (on its turning day, front price over the second price
    of the day before) and compared with spot; the least sum of squared log differences wins. Years with fewer than three covered
    expiries are left out. Found from the prices of the year itself, so it describes a history and forecasts nothing.

    Parameters
    ----------
    days : what `matched` gives.

    **Source**: own derivation; the shared data description says that the series turns on, or before, the expiry Friday.
    """
    import polars as pl

    held = days.filter(pl.col("settled") & pl.col("spot").is_not_null())
    rows = {day: (front, second, spot) for day, front, second, spot in held.select("day", "front", "second", "spot").rows()}
    sums: dict[int, list[tuple[float, ...]]] = {}
    for year in sorted({day_of(ms).year for ms in rows}):
        for month in range(1, 13):
            found = _misfits(rows, year, month)
            if found is not None:
                sums.setdefault(year, []).append(found)
    best: dict[int, int] = {}
    for year, each in sums.items():
        if len(each) >= LEAST_EXPIRIES:
            totals = [sum(column) for column in zip(*each, strict=True)]
            best[year] = CANDIDATES[totals.index(min(totals))]
    return best


def _misfits(rows: Mapping[int, tuple[float, float, float]], year: int, month: int) -> tuple[float, ...] | None:
    """Sum of squared log differences from spot around one expiry, per candidate; None where days are missing."""
    end = expiry(year, month)
    near = [midnight(end + timedelta(days=n)) for n in range(-AROUND - 2, AROUND + 1)]
    near = [ms for ms in near if day_of(ms).weekday() < 5]  # noqa: PLR2004 - Monday to Friday
    turns = [midnight(business_days_before(end, count)) for count in CANDIDATES]
    if any(ms not in rows for ms in near[:-1]):
        return None
    out = [0.0] * len(CANDIDATES)
    for before, now in pairwise(near):
        if now not in rows:
            continue
        (front, second, spot), (front_now, _, spot_now) = rows[before], rows[now]
        for place, turn in enumerate(turns):
            held = second if now == turn else front
            out[place] += log(front_now / held * spot / spot_now) ** 2
    return tuple(out)


def curve(days: pl.DataFrame, rolls: Mapping[int, int] | int | None = None) -> pl.DataFrame:
    """Return the curve: each day's prices with the expiries of the contracts behind them.

    Parameters
    ----------
    days : what `matched` gives.
    rolls : business days before the expiry on which the series turns: one number, one per year, or None to fit them; a year without
    one takes that of the nearest year (the later of two), and `USUAL_ROLL` where there is none.

    Returns
    -------
    frame
        the columns of `days`; front_expiry, second_expiry (ms, 00:00 UTC of the last trading day); front_days, second_days
        (calendar days from the trading day to it, > 0); near_roll (whether the day lies within three business days before an
        expiry, where the series turns).

    **Source**: `calendar.expiry`.
    """
    import polars as pl

    habit = {} if isinstance(rolls, int) else dict(fitted_rolls(days) if rolls is None else rolls)
    fixed = rolls if isinstance(rolls, int) else USUAL_ROLL

    def turns(year: int) -> int:
        return habit[min(habit, key=lambda known: (abs(known - year), -known))] if habit else fixed

    ends, near = [], []
    for ms in days["day"]:
        day = day_of(ms)
        ends.append([midnight(end) for end in contract_months(day, turns(day.year), 2)])
        upcoming = contract_months(day - timedelta(days=1), 0, 1)[0]
        near.append(business_days_before(upcoming, max(CANDIDATES)) <= day <= upcoming)
    first, second = (pl.Series(name, [pair[place] for pair in ends], dtype=pl.Int64) for place, name in enumerate(("a", "b")))
    return days.with_columns(
        first.alias("front_expiry"),
        second.alias("second_expiry"),
        pl.Series("near_roll", near, dtype=pl.Boolean),
    ).with_columns(
        ((pl.col("front_expiry") - pl.col("day")) / MS_PER_DAY).alias("front_days"),
        ((pl.col("second_expiry") - pl.col("day")) / MS_PER_DAY).alias("second_days"),
    )
