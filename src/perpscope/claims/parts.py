"""Which part of a positive funding rate is the rule's interest, and what sign has the rest?

Averages of venues whose rules hold an interest and of venues whose rules hold none, and of a dated future that has no rule
at all. What rates, gold and currencies did is not on record here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from perpscope.analysis.averages import average_apr, within
from perpscope.analysis.dispersion import aligned
from perpscope.analysis.inference.interval import around
from perpscope.analysis.premium.series import averaged
from perpscope.claims.case import Absent
from perpscope.claims.futures import BEHIND, FIRST, error_of, futures
from perpscope.claims.model import Axis, Figure, Grid, Series, Text
from perpscope.claims.peg import FROM, HOURS, UNTIL, hourly
from perpscope.claims.wording import reasons
from perpscope.errors import NotEnoughData
from perpscope.market.time import to_ms
from perpscope.units import HOURS_PER_YEAR, MS_PER_HOUR

if TYPE_CHECKING:
    from perpscope.claims.case import Case
    from perpscope.claims.model import Cell, Reproduction, Verdict

STATED_RATES = 0.02
MARKETS: dict[str, tuple[str, str, bool, str, str]] = {
    "binance": ("binanceusdm", "BTC/USDT:USDT", True, "2019-09-10", "2026-08-01"),
    "bitmex": ("bitmex", "BTC/USD:BTC", True, "2017-05-01", "2026-06-01"),
    "bybit": ("bybit", "BTC/USDT:USDT", True, "2020-04-01", "2025-02-01"),
    "gate": ("gate", "BTC/USDT:USDT", True, "2019-12-01", "2026-06-01"),
    "hyperliquid": ("hyperliquid", "BTC/USDC:USDC", True, "2024-01-02", "2025-12-01"),
    "okx": ("okx", "BTC/USDT:USDT", False, "2023-01-02", "2024-06-30"),
    "deribit": ("deribit", "BTC/USD:BTC", False, "2019-05-01", "2021-02-20"),
}
"""Venue, symbol, whether its rule held an interest then, from, until: whole stretches of the shared histories."""


def f04(case: Case) -> Reproduction:
    """Average funding with its interval by venue, with and without an interest in the rule, and split one venue's rate.

    Source: article F, the list of what makes a carry; averages as in analysis.averages.
    """
    found: dict[str, float] = {}
    intervals: dict[str, tuple[float, float]] = {}
    rows: list[tuple[Cell, ...]] = []
    n, spans = 0, []
    for name, (venue, symbol, interest, start, end) in MARKETS.items():
        if not case.has_funding(venue, symbol, least=90):
            continue
        held = within(case.funding(venue, symbol), _day(start), _day(end))
        if held.height < 90:  # noqa: PLR2004 - a month of eight-hour rates
            continue
        found[f"mean_{name}"] = average_apr(held)
        intervals[f"mean_{name}"] = around(found[f"mean_{name}"], error_of(aligned(held, 24)["apr"].to_numpy()))
        spans.append((int(held["slot"][0]), int(held["slot"][-1])))
        n += held.height
        rows.append(
            (case.label(name), case.label("yes" if interest else "no"), found[f"mean_{name}"], *intervals[f"mean_{name}"], held.height)
        )
    if not rows:
        raise Absent(Text("settled BTC funding of the markets named, ninety rates or more", "所列市场的 BTC 已结算资金费率（至少 90 次）"))
    split = _split(case)
    found |= split
    carry = _dated(case)
    if carry is not None:
        found["mean_future"], intervals["mean_future"] = carry
    bare = [name for name, told in MARKETS.items() if not told[2] and f"mean_{name}" in found] + (["future"] if carry else [])
    positive = [name for name in bare if intervals[f"mean_{name}"][0] > 0]
    negative = [name for name in bare if intervals[f"mean_{name}"][1] < 0]
    verdict = _verdict(len(bare), len(positive), len(negative))
    found |= {"without_interest": float(len(bare)), "without_interest_positive": float(len(positive))}
    window = (min(a for a, _ in spans), max(b for _, b in spans))
    told = {**found, "n": n, "venues": len(rows), "stated_rates": STATED_RATES}
    told |= {f"{name}_{end}": value for name, span in intervals.items() for end, value in zip(("from", "to"), span, strict=True)}
    why = reasons(case, verdict, told)
    if len(why) == 1:
        why += [case.say("plain_split", **told) if split else case.say("no_split"), *([] if bare else [case.say("no_bare")])]
    why.append(case.say("gold"))
    grid = Grid(case.label("table"), tuple(case.label(k) for k in ("venue", "interest", "mean", "low", "high", "count")), tuple(rows),
                ("", "", "+.2%", "+.2%", "+.2%", ",d"))  # fmt: skip
    return case.answer(verdict, found, why=why, n=n, window=window, intervals=intervals,
                       grids=[grid], figures=[_drawn(case, intervals, found)])  # fmt: skip


def _verdict(bare: int, positive: int, negative: int) -> Verdict:
    """Judge by the signs of the markets whose rules hold no interest."""
    if not bare:
        return "cannot be tested"
    return "holds" if negative == bare else "holds with changes" if positive else "fails"


def _day(text: str) -> int:
    return to_ms(f"{text}T00:00:00Z")


def _split(case: Case) -> dict[str, float]:
    """Annual rate of one venue, the premium in it, and what interest and clamp make of that premium; empty where it is not held."""
    try:
        joined = hourly(case, "BTC")
        settled = case.funding("binanceusdm", "BTC/USDT:USDT", start=FROM, end=UNTIL)
        slots, premium = averaged(joined, settled["slot"].to_numpy(), HOURS * MS_PER_HOUR, MS_PER_HOUR)
    except (Absent, NotEnoughData):
        return {}
    if not len(slots):
        return {}
    own = settled.filter(settled["slot"].is_in(slots.tolist()))
    plain = float(premium.mean()) * HOURS_PER_YEAR / HOURS
    return {"split_rate": average_apr(own), "split_premium": plain, "split_rule": average_apr(own) - plain}


def _dated(case: Case) -> tuple[float, tuple[float, float]] | None:
    """Carry of the second dated contract over the front one by the days between them; None where it is not held."""
    from perpscope.analysis.carry.implied import daily_carry

    try:
        market = futures(case)
    except Absent:
        return None
    import polars as pl

    carry = daily_carry(market.curve).filter(
        (pl.col("day") >= FIRST) & (pl.col("day") < BEHIND) & pl.col("second_over_front").is_not_null()
    )
    if carry.is_empty():
        return None
    mean = float(carry["second_over_front"].sum()) / float(carry["second_over_front_span"].sum()) * 365
    return mean, around(mean, error_of(carry.drop_nulls("second_over_front_apr")["second_over_front_apr"].to_numpy()))


def _drawn(case: Case, intervals: dict[str, tuple[float, float]], found: dict[str, float]) -> Figure:
    """Mean and interval of every market, those without an interest apart."""
    names = [name.removeprefix("mean_") for name in intervals]
    kinds = {name: MARKETS[name][2] if name in MARKETS else False for name in names}
    series = []
    for colour, (key, wanted) in enumerate((("with_interest", True), ("no_interest", False))):
        own = [k for k, name in enumerate(names) if kinds[name] is wanted]
        values = tuple(found[f"mean_{names[k]}"] for k in own)
        low, high = (tuple(intervals[f"mean_{names[k]}"][end] for k in own) for end in (0, 1))
        series.append(Series(case.label(key), tuple(map(float, own)), values, kind="points", low=low, high=high, colour=colour))
    axes = Axis(case.label("venue"), "category"), Axis(case.label("mean"), "percent")
    return Figure("f04", case.label("drawn"), *axes, tuple(series), tuple(case.label(name) for name in names),
                  lines=((STATED_RATES, case.label("stated")),), note=case.say("note"))  # fmt: skip
