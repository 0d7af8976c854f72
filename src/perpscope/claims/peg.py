"""What keeps a perpetual at its spot: the rule, the arbitrageurs, or habit?

Hourly premiums of one large venue, located against its rule without telling the search what the rule says; and two
venues whose rules differ while coin, hours and arbitrageurs are the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from perpscope.analysis.inference.interval import Z95, around
from perpscope.analysis.inference.ols import ols
from perpscope.analysis.premium.edges import find_edges
from perpscope.analysis.premium.pull import difference, pull_by_clock, pull_inside
from perpscope.analysis.premium.series import premiums, steps
from perpscope.claims.futures import hourly_premiums
from perpscope.claims.model import Axis, Figure, Series, Text
from perpscope.claims.wording import in_bp, reasons
from perpscope.market.time import to_ms
from perpscope.units import MS_PER_HOUR

if TYPE_CHECKING:
    import numpy as np
    import polars as pl
    from numpy.typing import NDArray

    from perpscope.analysis.premium.edges import Edges
    from perpscope.analysis.premium.pull import Pull
    from perpscope.analysis.premium.series import Steps
    from perpscope.claims.case import Case
    from perpscope.claims.model import Reproduction, Verdict

    Vector = NDArray[np.float64]

FROM, UNTIL = to_ms("2020-11-01T00:00:00Z"), to_ms("2023-12-01T00:00:00Z")
EIGHT_FROM, EIGHT_UNTIL = to_ms("2023-01-02T00:00:00Z"), to_ms("2024-06-30T00:00:00Z")
"""Whole months that the hourly series share, and days that all eight-hour series share; dates are told, so that a shift of them shows."""
LOW, HIGH = -0.0004, 0.0006
"""Edges of the flat stretch of the rule, to be compared with what is found."""
HOURS, WEEK, DRAWS, SEED = 8, 168, 200, 20_221_116


def hourly(case: Case, coin: str) -> pl.DataFrame:
    """Hourly premiums of one coin on the venue whose spot and perpetual are both held."""
    return hourly_premiums(case, coin, FROM, UNTIL)


def eight_hourly(case: Case, venue: str, spot: str) -> pl.DataFrame:
    """Premiums of Bitcoin at every eighth hour, on one venue."""
    perp = case.closes(venue, "BTC/USDT:USDT", market="linear", bar_hours=8, start=EIGHT_FROM, end=EIGHT_UNTIL)
    return premiums(perp, case.closes(spot, "BTC/USDT", market="spot", bar_hours=8, start=EIGHT_FROM, end=EIGHT_UNTIL))


def located(found: Steps) -> Edges:
    """Search the band without pull, from -12 to 2 bp below and from 1 to 16 bp above."""
    import numpy as np

    lows, highs = np.arange(-12, 3) / 10_000, np.arange(1, 17) / 10_000
    return find_edges(found.premium, found.change, lows, highs, block=WEEK, draws=DRAWS, rng=np.random.default_rng(SEED))


class Clock(NamedTuple):
    """Pull by hour of the funding window, what the hours before and after the stamp add to the others', and what each hour adds.

    Pairs are a value and its Newey-West error.
    """

    pulls: list[Pull]
    before: tuple[float, float]
    after: tuple[float, float]
    each_hour: tuple[float, float]


def clocked(found: Steps) -> Clock:
    """Compare the pull in the hour that ends at a stamp, and in the one that begins there, with the other six.

    Source: least squares with Newey-West errors; the level of each kind of hour is free.
    """
    import numpy as np

    hour = (found.at // MS_PER_HOUR) % HOURS
    before, after = (hour == HOURS - 1).astype(np.float64), (hour == 0).astype(np.float64)
    x = found.premium
    fit = ols(found.change, np.column_stack([x, x * before, x * after, before, after]), ["x", "before", "after", "b", "a"])
    extra = [(-fit.of(name).coef, fit.of(name).se_hac) for name in ("before", "after")]
    steady = ols(found.change, np.column_stack([x, x * hour, hour]), ["x", "hourly", "hour"]).of("hourly")
    return Clock(pull_by_clock(hour, x, found.change, range(HOURS)), extra[0], extra[1], (-steady.coef, steady.se_hac))


def a16(case: Case) -> Reproduction:
    """Find where the premium is pulled back, whether the stamp speeds it up, and what a venue without a flat stretch does.

    Source: article A, the working of the mechanism; analysis.premium.
    """
    coins = {coin: steps(hourly(case, coin), MS_PER_HOUR) for coin in ("BTC", "ETH")}
    edges = {coin: located(found) for coin, found in coins.items()}
    clocks = {coin: clocked(found) for coin, found in coins.items()}
    rivals = {name: steps(eight_hourly(case, *who), HOURS * MS_PER_HOUR) for name, who in _VENUES.items()}
    inside = {name: pull_inside(found.premium, found.change, LOW, HIGH) for name, found in rivals.items()}
    gap, gap_se = difference(inside["okx"], inside["binance"])
    spread = {name: _spread(found.premium) for name, found in rivals.items()}
    found: dict[str, float] = {}
    intervals: dict[str, tuple[float, float]] = {}
    for coin, edge in edges.items():
        key = coin.lower()
        found |= {f"{key}_low_edge": edge.low, f"{key}_high_edge": edge.high}
        found |= {f"{key}_pull_inside": edge.inside, f"{key}_pull_below": edge.below, f"{key}_pull_above": edge.above}
        before, after = clocks[coin].before, clocks[coin].after
        found |= {f"{key}_extra_before_the_stamp": before[0], f"{key}_extra_after_the_stamp": after[0]}
        found |= {f"{key}_pull_first_hour": clocks[coin].pulls[0].share, f"{key}_pull_last_hour": clocks[coin].pulls[-1].share}
        found[f"{key}_pull_gained_an_hour"] = clocks[coin].each_hour[0]
        intervals[f"{key}_pull_gained_an_hour"] = around(*clocks[coin].each_hour)
        intervals |= {f"{key}_low_edge": edge.low_interval, f"{key}_high_edge": edge.high_interval}
        intervals |= {f"{key}_extra_before_the_stamp": around(*before), f"{key}_extra_after_the_stamp": around(*after)}
    for name, one in inside.items():
        found |= {f"pull_8h_inside_{name}": one.share, f"spread_{name}": spread[name]}
    found["pull_8h_okx_minus_binance"] = gap
    intervals["pull_8h_okx_minus_binance"] = around(gap, gap_se)
    outside = min(edge.below for edge in edges.values()) > max(edge.inside for edge in edges.values())
    stamped = all(around(*extra)[0] > 0 for clock in clocks.values() for extra in (clock.before, clock.after))
    verdict: Verdict = "fails" if not (outside and gap > Z95 * gap_se) else "holds" if stamped else "holds with changes"
    joined = coins["BTC"]
    n = sum(len(each.at) for each in coins.values())
    told = found | _said(intervals)
    why = reasons(case, verdict, {**told, **in_bp(told), "n": n, "rivals": len(rivals["okx"].at)})
    return case.answer(
        verdict, found, why=why, n=n, window=(int(joined.at[0]), int(joined.at[-1])), intervals=intervals,
        figures=[_changes(case, coins), _side_by_side(case, rivals), _by_clock(case, clocks)],
    )  # fmt: skip


_VENUES = {"binance": ("binanceusdm", "binance"), "bybit": ("bybit", "bybit"), "okx": ("okx", "okx")}


def _said(intervals: dict[str, tuple[float, float]]) -> dict[str, float]:
    return {f"{name}_{end}": value for name, span in intervals.items() for end, value in zip(("from", "to"), span, strict=True)}


def _spread(premium: Vector) -> float:
    """Median distance from the median: what a few wild hours do not move."""
    import numpy as np

    return float(np.median(np.abs(premium - np.median(premium))))


def _changes(case: Case, coins: dict[str, Steps]) -> Figure:
    """Mean change of the next hour by premium, in bins of one basis point."""
    import numpy as np

    series = []
    for colour, (coin, found) in enumerate(coins.items()):
        place = np.floor(found.premium * 10_000).astype(int)
        bins = [k for k in range(-14, 20) if (place == k).sum() >= HOURS * 5]
        mean = [float(found.change[place == k].mean()) for k in bins]
        error = [float(found.change[place == k].std() / np.sqrt((place == k).sum())) for k in bins]
        x = tuple((k + 0.5) / 10_000 for k in bins)
        low, high = (tuple(m + sign * Z95 * e for m, e in zip(mean, error, strict=True)) for sign in (-1, 1))
        series.append(Series(Text.same(coin), x, tuple(mean), kind="points", low=low, high=high, colour=colour))
    for key, edge in (("low", LOW), ("high", HIGH)):
        top = max(max(each.y) for each in series[:2])
        series.append(Series(case.label(key), (edge, edge), (-top / 2, top), kind="line", colour=7))
    axes = Axis(case.label("premium"), "bp"), Axis(case.label("change"), "bp")
    return Figure("a16a", case.label("changes"), *axes, tuple(series), lines=((0.0, case.label("still")),), note=case.say("note"))


def _side_by_side(case: Case, rivals: dict[str, Steps]) -> Figure:
    """Share of stamps by premium, in bins of one basis point, on venues with and without a flat stretch."""
    import numpy as np

    edges = np.arange(-14, 17) / 10_000
    series = []
    for colour, (name, found) in enumerate(rivals.items()):
        share = np.histogram(found.premium, edges)[0] / len(found.premium)
        series.append(Series(case.label(name), tuple((edges[:-1] + 0.00005).tolist()), tuple(share.tolist()), kind="steps", colour=colour))
    top = max(max(each.y) for each in series)
    series += [Series(case.label(key), (x, x), (0.0, top), colour=7) for key, x in (("low", LOW), ("high", HIGH))]
    axes = Axis(case.label("premium"), "bp"), Axis(case.label("stamps"), "percent")
    return Figure("a16c", case.label("side_by_side"), *axes, tuple(series), note=case.say("note_venues"))


def _by_clock(case: Case, clocks: dict[str, Clock]) -> Figure:
    """Pull by the hour since the stamp, each with its interval."""
    series = []
    for colour, (coin, clock) in enumerate(clocks.items()):
        x = tuple(k + 0.12 * colour for k in range(HOURS))
        low, high = (tuple(around(p.share, p.se)[end] for p in clock.pulls) for end in (0, 1))
        series.append(Series(Text.same(coin), x, tuple(p.share for p in clock.pulls), kind="points", low=low, high=high, colour=colour))
    axes = Axis(case.label("clock"), "number"), Axis(case.label("share"), "percent")
    return Figure("a16b", case.label("by_clock"), *axes, tuple(series), note=case.say("note_clock"))
