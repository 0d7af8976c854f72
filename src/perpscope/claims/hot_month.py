"""How far above the rate of dated futures did perpetuals pay in the hottest month?"""

from __future__ import annotations

from collections.abc import Mapping
from statistics import median
from typing import TYPE_CHECKING

from perpscope.analysis.averages import average_apr, within
from perpscope.analysis.carry.implied import daily_carry, readings
from perpscope.analysis.smoothing import monthly
from perpscope.claims.basis import PRIMARY
from perpscope.claims.futures import INVERSE, LINEAR, futures, perpetuals
from perpscope.claims.model import Axis, Figure, Series, Text
from perpscope.claims.wording import named
from perpscope.errors import NotEnoughData
from perpscope.market.time import day_ms
from perpscope.units import MS_PER_HOUR

if TYPE_CHECKING:
    import polars as pl

    from perpscope.claims.case import Case
    from perpscope.claims.model import Reproduction, Verdict

HOT = (day_ms("2021-02-01"), day_ms("2021-03-01"))
HOT_GAP = 0.50
FIELD = (
    LINEAR,
    INVERSE,
    ("binancecoinm", "BTC/USD:BTC"),
    ("bybit", "BTC/USDT:USDT"),
    ("bybit", "BTC/USD:BTC"),
    ("gate", "BTC/USDT:USDT"),
    ("htx", "BTC/USDT:USDT"),
    ("deribit", "BTC/USD:BTC"),
)


def f25(case: Case) -> Reproduction:
    """February 2021: how far each perpetual stood above the rate that dated futures implied.

    Source: article F, conclusion.
    """
    import polars as pl

    dated = futures(case)
    implied = readings(daily_carry(dated.curve).filter(pl.col("day").is_between(HOT[0], HOT[1], closed="left")))
    held = {who: within(rows, *HOT) for who, rows in perpetuals(case, *FIELD).items()}
    rates = {who: average_apr(rows) for who, rows in held.items() if rows.height and _covers(rows)}
    if not rates:
        case.funding(*LINEAR, start=HOT[0], end=HOT[1])
        raise NotEnoughData("funding of February 2021", "no contract with four fifths of the month", "Import more of that month.")
    cme = implied[PRIMARY]
    gaps = {who: rate - cme for who, rate in rates.items()}
    ordered = sorted(gaps.values())
    middle = median(ordered)
    every = {name: value for name, value in implied.items() if name.endswith(("_x12", "_days"))}
    found = {f"{venue}_{_short(symbol)}": rate for (venue, symbol), rate in rates.items()}
    found |= {"cme": cme, "cme_least": min(every.values()), "cme_most": max(every.values())}
    found |= {"gap_median": middle, "gap_least": ordered[0], "gap_most": ordered[-1]}
    above = sum(gap > HOT_GAP for gap in ordered)
    surely = middle + cme - max(every.values()) > HOT_GAP
    verdict: Verdict = "holds" if surely else "holds with changes" if above else "fails"
    below = [who for who, gap in sorted(gaps.items()) if gap <= HOT_GAP]
    told = {name: 100 * found[name] for name in ("gap_median", "gap_least", "gap_most")}
    names = Text.listed(named(f"{venue} {symbol}") for venue, symbol in below)
    first, rank, months = _rank(case)
    why = [case.say("why", above=above, all=len(ordered), below=names, cme=cme, least=found["cme_least"], most=found["cme_most"], **told)]
    n = sum(held[who].height for who in rates)
    return case.answer(
        verdict,
        found,
        why=[*why, case.say("caveat", first=first, rank=rank, months=months, spread=told["gap_most"] - told["gap_least"])],
        n=n,
        window=(HOT[0], HOT[1] - 1),
        figures=[_hot(case, rates, every)],
    )


def _rank(case: Case) -> tuple[str, int, int]:
    """Rank the month, the highest first, among the months of the first contract the store holds: its name, the place, how many."""
    import polars as pl

    who = next(who for who in FIELD if case.has_funding(*who))
    months = monthly(case.funding(*who))
    own = months.filter(pl.col("month") == HOT[0])["apr"]
    place = int((months["apr"] > own.item(0)).sum()) + 1 if own.len() else 0
    return named(" ".join(who)), place, months.height


def _covers(rows: pl.DataFrame) -> bool:
    """Whether at least four fifths of the month are there."""
    return bool(rows["interval_hours"].sum() >= 0.8 * (HOT[1] - HOT[0]) / MS_PER_HOUR)


def _short(symbol: str) -> str:
    return "usdt" if symbol.endswith("USDT") else "coin"


def _hot(case: Case, rates: Mapping[tuple[str, str], float], implied: Mapping[str, float]) -> Figure:
    bars = sorted(((rate, Text.same(named(" ".join(who)))) for who, rate in rates.items()), key=lambda pair: -pair[0])
    bars += [(implied[name], case.label(name)) for name in implied]
    series = Series(case.label("average"), tuple(float(k) for k in range(len(bars))), tuple(value for value, _ in bars), "bars")
    return Figure(
        "february", case.label("february"), Axis(case.label("contract"), "category"), Axis(case.label("average"), "percent"), (series,),
        categories=tuple(name for _, name in bars), lines=((implied[PRIMARY] + HOT_GAP, case.label("fifty_above")),), note=case.say("note"),
    )  # fmt: skip
