"""Which rules did the venues live under, and how far apart were their rates over one and the same year?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from perpscope.analysis.averages import average_apr, within
from perpscope.analysis.inference.interval import around
from perpscope.analysis.ruled import Contract, terms_of
from perpscope.analysis.terms import with_terms
from perpscope.claims.futures import BTC, LINEAR, daily_gap, perpetuals
from perpscope.claims.model import NONE, Axis, Figure, Grid, Series, Text
from perpscope.claims.wording import named
from perpscope.errors import NotEnoughData
from perpscope.market.time import day_ms
from perpscope.units import HOURS_PER_YEAR

if TYPE_CHECKING:
    import polars as pl

    from perpscope.claims.case import Case
    from perpscope.claims.model import Cell, Reproduction, Verdict

YEARS = range(2016, 2100)
COVERED = 0.98
LEAST = 3
DIFFERS = 0.01
"""A point a year: less than that between two averages is called the same here."""


@dataclass(frozen=True, slots=True)
class Lived:
    """A contract over the common year.

    Parameters
    ----------
    who : venue and symbol. rows : its fixings, with the terms in force. apr : average. interest_8h, cap_8h : of the rule in force at the
    end, per 8 h; None where the rule has, or states, none. hours : interval at the end. rules : names of the rules in force in the year.
    """

    who: tuple[str, str]
    rows: pl.DataFrame
    apr: float
    interest_8h: float | None
    cap_8h: float | None
    hours: float
    rules: tuple[str, ...]

    @property
    def law(self) -> tuple[float | None, float | None, float]:
        """Return what is compared of a rule: interest, cap (both per 8 h) and interval."""
        return (self.interest_8h, self.cap_8h, self.hours)


def a15(case: Case) -> Reproduction:
    """Lay the venues' rules beside the rates they led to, over the calendar year that most contracts cover.

    Source: article A, section five; the rules of the catalogue.
    """
    held = perpetuals(case, *BTC)
    if len(held) < LEAST:
        case.funding(*LINEAR)
    year, lived = _year(held)
    low, high = day_ms(f"{year}-01-01"), day_ms(f"{year + 1}-01-01")
    ordered = sorted(lived, key=lambda one: one.apr)
    lowest, highest = ordered[0], ordered[-1]
    error, _ = daily_gap(highest.rows, lowest.rows, low, high)
    gap = around(highest.apr - lowest.apr, error)
    alike, group = _alike(lived)
    n = sum(one.rows.height for one in lived)
    found = {
        "year": float(year),
        "contracts": float(len(lived)),
        "different_rules": float(len({one.law for one in lived})),
        "different_intervals": float(len({one.hours for one in lived})),
        "different_interests": float(len({one.interest_8h for one in lived})),
        "different_caps": float(len({one.cap_8h for one in lived})),
        "lowest": lowest.apr,
        "highest": highest.apr,
        "gap": highest.apr - lowest.apr,
        "under_one_rule": float(len(group)),
        "gap_under_one_rule": alike,
    }
    rules = found["different_rules"] > 1
    rates = found["gap"] > DIFFERS and gap[0] > 0
    verdict: Verdict = "holds" if rules and rates else "holds with changes" if rules or rates else "fails"
    told = {
        "low_name": named(" ".join(lowest.who)),
        "high_name": named(" ".join(highest.who)),
        "group": Text.listed(named(" ".join(one.who)) for one in group),
    }
    told |= {"gap_low": f"{100 * gap[0]:.1f}", "gap_high": f"{100 * gap[1]:.1f}"}
    told |= {"low_interest": _written(lowest.interest_8h), "high_interest": _written(highest.interest_8h)}
    limits = [share for one in lived if isinstance(share := _row(one)[8], float)]
    why = [case.say("why", n=n, **told, **found), case.say("caveat", limits=max(limits, default=0.0), **told, **found)]
    return case.answer(
        verdict, found, why=why, n=n, window=(low, high - 1), intervals={"gap": gap}, grids=[_grid(case, ordered)],
        figures=[_drawn(case, ordered, year, n)],
    )  # fmt: skip


def _written(rate: float | None) -> Text:
    return NONE if rate is None else Text.same(f"{100 * rate:.4f}\u202f%")


def _year(held: dict[tuple[str, str], pl.DataFrame]) -> tuple[int, list[Lived]]:
    """Find the calendar year that most contracts cover, the later of two, and the contracts in it."""
    best: tuple[int, int] = (0, 0)
    for year in YEARS:
        covering = sum(_covers(within(rows, day_ms(f"{year}-01-01"), day_ms(f"{year + 1}-01-01"))) for rows in held.values())
        best = max(best, (covering, year))
    covering, year = best
    if covering < LEAST:
        raise NotEnoughData("a year that venues have in common", f"at most {covering} contracts cover one", "Import longer histories.")
    low, high = day_ms(f"{year}-01-01"), day_ms(f"{year + 1}-01-01")
    return year, [_lived(who, inside) for who, rows in held.items() if _covers(inside := within(rows, low, high))]


def _covers(rows: pl.DataFrame) -> bool:
    return bool(rows.height) and float(rows["interval_hours"].sum()) >= COVERED * HOURS_PER_YEAR


def _lived(who: tuple[str, str], rows: pl.DataFrame) -> Lived:
    keys = rows.select("venue", "market_list", "native_id", "market", "interval_hours").unique().rows()
    termed = with_terms(rows, terms_of(Contract(*key) for key in keys))
    last = termed.row(-1, named=True)
    hours = float(last["interval_hours"])
    per_8h = [None if last[name] is None else round(float(last[name]) * 8 / hours, 10) for name in ("interest", "cap")]
    rules = tuple(termed["rule"].drop_nulls().unique(maintain_order=True))
    return Lived(who, termed, average_apr(rows), per_8h[0], per_8h[1], hours, rules)


def _alike(lived: Sequence[Lived]) -> tuple[float, list[Lived]]:
    """Largest group of contracts under one law with a known interest and cap, and how far apart its averages are."""
    laws = {one.law for one in lived if None not in one.law}
    groups = [[one for one in lived if one.law == law] for law in sorted(laws, key=repr)]
    group = max(groups, key=len, default=[])
    rates = [one.apr for one in group]
    return (max(rates) - min(rates) if rates else 0.0), group


def _grid(case: Case, ordered: Sequence[Lived]) -> Grid:
    rows = tuple(_row(one) for one in reversed(ordered))
    keys = ("contract", "rule", "hours", "interest", "cap", "apr", "at_interest", "negative", "at_limit", "n")
    formats = ("", "", "g", ".4%", ".4%", ".1%", ".0%", ".0%", ".2%", ",d")
    return Grid(case.label("table"), tuple(case.label(key) for key in keys), rows, formats, note=case.say("grid_note"))


def _row(one: Lived) -> tuple[Cell, ...]:
    import polars as pl

    from perpscope.analysis.atoms import EXACT

    rate = pl.col("funding_rate")
    at, negative, limit = one.rows.select(
        ((rate - pl.col("interest")).abs() <= EXACT).mean().alias("at"),
        (rate < 0).mean().alias("negative"),
        ((rate >= pl.col("cap") - EXACT) | (rate <= pl.col("floor") + EXACT)).mean().alias("limit"),
    ).row(0)
    return (
        named(" ".join(one.who)),
        ", ".join(one.rules),
        one.hours,
        one.interest_8h,
        one.cap_8h,
        one.apr,
        at,
        negative,
        limit,
        one.rows.height,
    )


def _drawn(case: Case, ordered: Sequence[Lived], year: int, n: int) -> Figure:
    shown = list(reversed(ordered))
    bars = Series(case.label("apr"), tuple(float(k) for k in range(len(shown))), tuple(one.apr for one in shown), "bars")
    return Figure(
        "rates", case.label("rates"), Axis(case.label("contract"), "category"), Axis(case.label("apr"), "percent"), (bars,),
        categories=tuple(Text.same(named(" ".join(one.who))) for one in shown), lines=((0.1095, case.label("default")),),
        note=case.say("note", year=year, n=n),
    )  # fmt: skip
