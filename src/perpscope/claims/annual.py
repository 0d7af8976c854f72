"""How much is a rate a year, a day, an interval? Arithmetic that articles do in passing, done exactly.

Every conversion is run both ways, simple and compounded, and per notional and per equity; a printed number counts as right when it is
the exact one rounded to the digits printed.
"""

from __future__ import annotations

import math
from collections import Counter
from fractions import Fraction
from typing import TYPE_CHECKING

from perpscope.claims.model import Axis, Figure, Grid, Series
from perpscope.claims.sweep import sweep
from perpscope.market.number import to_float
from perpscope.units import HOURS_PER_YEAR, Rate

if TYPE_CHECKING:
    from perpscope.claims.case import Case
    from perpscope.claims.model import Cell, Reproduction, Verdict

DEFAULT, PER = Fraction(1, 10_000), 8
YEAR_DAYS, LEAP_DAYS = 365, 366
PREMIUM = Fraction(685, 1_000_000)
LEVERAGE = 5
ABOUT = 0.05
"""Relative distance that "about" allows."""
YEAR_HOURS = int(HOURS_PER_YEAR)


def rounds_to(exact: float, printed: float, digits: int) -> bool:
    """Whether a number, rounded to `digits` significant ones of the printed number, is the printed one.

    Examples
    --------
    >>> rounds_to(0.10951, 0.1095, 4), rounds_to(0.0027, 0.001, 1)
    (True, False)
    """
    unit = 10.0 ** (math.floor(math.log10(abs(printed))) - digits + 1)
    return abs(exact - printed) <= unit / 2 * (1 + 1e-9)


def per_period(yearly: float, hours: float, *, compounded: bool) -> float:
    """Return what a rate a year is in `hours`, simple or so that compounding it gives the year.

    Source: simple: rate x hours / 8760; compounded: (1 + rate)^(hours / 8760) - 1.

    Examples
    --------
    >>> round(per_period(1.0, 24, compounded=False), 6), round(per_period(1.0, 24, compounded=True), 6)
    (0.00274, 0.001901)
    """
    share = hours / HOURS_PER_YEAR
    return math.expm1(math.log1p(yearly) * share) if compounded else yearly * share


def f05(case: Case) -> Reproduction:
    """0.01 % three times a day for a year: exact, compounded, and in a leap year.

    Source: article F, the section on the level of funding.
    """
    rate = Rate(to_float(DEFAULT), PER)
    stated = case.claim.stated["apr"]
    simple = DEFAULT * 24 / PER * YEAR_DAYS
    found = {
        "apr": to_float(simple),
        "apy": rate.apy,
        "leap_year": to_float(DEFAULT * 24 / PER * LEAP_DAYS),
        "payments": YEAR_HOURS / PER,
    }
    verdict: Verdict = "holds" if simple == Fraction(str(stated)) else "fails"
    return case.answer(verdict, found, why=[case.say("why", **found)], n=1)


def f14(case: Case) -> Reproduction:
    """0.03 % a day in a year; and what a premium of 0.0685 % means a year, under every rule on record.

    Source: article F, the section on the precision of the premium; the rules of the catalogue.
    """
    ran = sweep((PREMIUM,))
    yearly = {one.dated.id: to_float(one.daily[0] * YEAR_DAYS) for one in ran.ruled}
    stated, meant = case.claim.stated["apr"], case.claim.stated["once_a_day"]
    once = to_float(PREMIUM * YEAR_DAYS)
    day = Rate(case.claim.stated["daily"], 24)
    agree = [name for name, value in yearly.items() if abs(value - meant) <= ABOUT * meant]
    groups = Counter(round(value, 6) for value in yearly.values())
    found = {
        "daily": day.value,
        "premium": to_float(PREMIUM),
        "apr": to_float(Fraction(str(day.value)) * YEAR_DAYS),
        "apy": day.apy,
        "once_a_day": once,
        "three_times_a_day": once * 24 / PER,
        "rules": len(yearly),
        "rules_that_mean_it": len(agree),
        "least": min(yearly.values()),
        "most": max(yearly.values()),
        "most_common": groups.most_common(1)[0][0],
    }
    exact = rounds_to(day.apr, stated, 2) and rounds_to(once, meant, 2)
    verdict: Verdict = "fails" if not exact else "holds" if len(agree) == len(yearly) else "holds with changes"
    why = [case.say("why", **found, common=groups.most_common(1)[0][1]), case.say("slip")]
    return case.answer(verdict, found, why=why, n=len(yearly), grids=[_meanings(case, yearly)])


def _meanings(case: Case, yearly: dict[str, float]) -> Grid:
    """Rules with one meaning together."""
    together: dict[float, list[str]] = {}
    for name, value in yearly.items():
        together.setdefault(round(value, 6), []).append(name)
    rows: list[tuple[Cell, ...]] = [(value, len(names), ", ".join(names)) for value, names in sorted(together.items())]
    columns = tuple(case.label(key) for key in ("a_year", "count", "names"))
    return Grid(case.label("table"), columns, tuple(rows), (".2%", "d", ""))


def f20(case: Case) -> Reproduction:
    """100 % and 50 % a year, per day, per eight hours and per hour: is any of it "a mere 0.1 % a day"?

    Source: article F, its conclusion.
    """
    stated = case.claim.stated["per_day"]
    found = {
        "per_year": 1.0,
        "per_day": per_period(1.0, 24, compounded=False),
        "per_day_compounded": per_period(1.0, 24, compounded=True),
        "per_8h": per_period(1.0, PER, compounded=False),
        "per_hour": per_period(1.0, 1, compounded=False),
        "half_per_day": per_period(0.5, 24, compounded=False),
        "half_per_day_compounded": per_period(0.5, 24, compounded=True),
        "half_per_8h": per_period(0.5, PER, compounded=False),
        "half_per_hour": per_period(0.5, 1, compounded=False),
        "year_of_stated": Rate(stated, 24).apr,
        "year_of_stated_compounded": Rate(stated, 24).apy,
        "year_of_stated_per_8h": Rate(stated, PER).apr,
        "times": per_period(1.0, 24, compounded=False) / stated,
    }
    simple, compounded = (rounds_to(found[key], stated, 1) for key in ("per_day", "per_day_compounded"))
    verdict: Verdict = "holds" if simple else "holds with changes" if compounded else "fails"
    why = [case.say("why", **found), case.say("interval" if rounds_to(found["per_8h"], stated, 1) else "nothing", **found)]
    return case.answer(verdict, found, why=why, n=1, figures=[_lengths(case, stated)])


def _lengths(case: Case, stated: float) -> Figure:
    """Draw what both rates are per hour, eight hours and day."""
    hours = (1.0, float(PER), 24.0)
    series = tuple(
        Series(case.label(key), (0.0, 1.0, 2.0), tuple(per_period(rate, h, compounded=False) for h in hours), "bars", colour=colour)
        for colour, (key, rate) in enumerate((("half", 0.5), ("whole", 1.0)))
    )
    places = tuple(case.label(key) for key in ("an_hour", "eight_hours", "a_day"))
    return Figure(
        "f20", case.label("drawn"), Axis(case.label("period"), "category"), Axis(case.label("rate"), "percent"), series,
        categories=places, lines=((stated, case.label("per_day_stated")),), note=case.say("note"),
    )  # fmt: skip


def a11(case: Case) -> Reproduction:
    """Five times levered at 0.01 %: of what is it 0.05 %, and what is left after a year?

    Source: article A, the section on the cost of holding.
    """
    per = DEFAULT * LEVERAGE
    day, year = per * 24 / PER, per * 24 / PER * YEAR_DAYS
    stated = case.claim.stated
    found = {
        "per_interval": to_float(per),
        "per_day": to_float(day),
        "per_year": to_float(year),
        "per_year_of_notional": to_float(year / LEVERAGE),
        "left_paid_from_equity": to_float(1 - year),
        "left_at_constant_leverage": math.exp(YEAR_HOURS / PER * math.log1p(-to_float(per))),
        "leverage_at_the_end": to_float(LEVERAGE / (1 - year)),
        "at_ten_times": to_float(2 * year),
    }
    exact = all(Fraction(str(stated[key])) == value for key, value in (("per_interval", per), ("per_day", day), ("per_year", year)))
    verdict: Verdict = "holds" if exact else "fails"
    return case.answer(verdict, found, why=[case.say("why", **found), case.say("slip", **found)], n=1, figures=[_equity(case)])


def _equity(case: Case) -> Figure:
    """Draw what is left of the equity over a year at an unchanged price, both ways."""
    payments = range(0, YEAR_HOURS // PER + 1, 15)
    x = tuple(k * PER / 24 for k in payments)
    per = to_float(DEFAULT * LEVERAGE)
    held = Series(case.label("held"), x, tuple(1 - per * k for k in payments), colour=0)
    kept = Series(case.label("kept"), x, tuple((1 - per) ** k for k in payments), colour=1)
    return Figure(
        "a11", case.label("drawn"), Axis(case.label("days")), Axis(case.label("left"), "percent"), (held, kept), note=case.say("note")
    )
