"""Where does the 0.01 % come from, and what holds a rate there?

The interest of the formula, the flat stretch around it and the limits outside: every claim is run through the dated rules
of the catalogue, in exact fractions, and none through a formula typed again.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from fractions import Fraction
from itertools import groupby
from typing import TYPE_CHECKING

from perpscope.catalogue.evaluate import rules_for
from perpscope.catalogue.load import load_venue
from perpscope.claims.model import Axis, Figure, Grid, Series, Text
from perpscope.claims.sweep import Ruled, Sweep, daily, sweep
from perpscope.market.number import Number, to_float
from perpscope.market.time import to_ms
from perpscope.mechanisms.rule import Rule
from perpscope.mechanisms.window import Window
from perpscope.units import MS_PER_HOUR, Rate

if TYPE_CHECKING:
    from perpscope.catalogue.dated import DatedRule
    from perpscope.claims.case import Case
    from perpscope.claims.model import Cell, Reproduction, Verdict

ZERO, PREMIUM, TWICE = Fraction(0), Fraction(3, 10_000), Fraction(6, 10_000)
INTEREST, DAILY = Fraction(1, 10_000), Fraction(3, 10_000)
ABOUT = Fraction(1, 20)
"""Relative distance that "about" allows."""
NAMED = ("binanceusdm", "okx", "bybit")
TODAY = to_ms("2026-01-01T00:00:00Z")
"""The rules in force at this moment are the ones article A describes."""
OKX_BEFORE = to_ms("2025-04-01T00:00:00Z")


def swept() -> Sweep:
    """Run the catalogue over a premium of nothing, of 0.03 % and of twice that."""
    return sweep((ZERO, PREMIUM, TWICE))


def f01(case: Case) -> Reproduction:
    """Sell a perpetual 0.03 % above its index under every rule on record: is it 0.03 % a day, and is it because of the premium?

    Source: article F; the rules of the catalogue.
    """
    ran = swept()
    meets = [one for one in ran.ruled if abs(one.daily[1] - PREMIUM) <= ABOUT * PREMIUM]
    follows = [one for one in meets if one.daily[0] == 0 and abs(one.daily[2] - TWICE) <= ABOUT * TWICE]
    rests = [one for one in meets if one.daily[0] == one.daily[1]]
    paid = [to_float(one.daily[1]) for one in ran.ruled]
    found = {
        "rules": len(ran.ruled),
        "rules_that_pay_it": len(meets),
        "because_of_the_premium": len(follows),
        "by_interest_alone": len(rests),
        "least_a_day": min(paid),
        "most_a_day": max(paid),
        "premium": to_float(PREMIUM),
    }
    verdict: Verdict = "holds" if len(follows) == len(ran.ruled) else "holds with changes" if follows else "fails"
    why = [case.say("why", **found, elsewhere=len(ran.other_looks), unknown=len(ran.unknown)), case.say("caveat")]
    return case.answer(verdict, found, why=why, n=len(ran.ruled), grids=[_responses(case, ran)], figures=[_responses_drawn(case)])


def _responses(case: Case, ran: Sweep) -> Grid:
    """Rules with one response together: what they charge a day at the three premiums, and their names."""
    ordered = sorted(ran.ruled, key=lambda one: one.daily)
    rows: list[tuple[Cell, ...]] = []
    for paid, group in groupby(ordered, key=lambda one: one.daily):
        names = [one.dated.id for one in group]
        rows.append((*(to_float(x) for x in paid), len(names), ", ".join(names)))
    columns = tuple(case.label(key) for key in ("at_zero", "at_premium", "at_twice", "count", "names"))
    return Grid(case.label("responses"), columns, tuple(rows), ("+.4%", "+.4%", "+.4%", "d", ""))


def _responses_drawn(case: Case) -> Figure:
    """Four ways from one constant premium to a day of funding, drawn by the rules themselves."""
    series = []
    known = {one.dated.id: one for one in swept().ruled}
    for colour, name in enumerate(name for name in ("ftx", "binanceusdm-1", "kraken-1", "deribit-2") if name in known):
        one = known[name]
        premiums = [Fraction(k, 100_000) for k in range(0, 105, 5)]
        paid = [to_float(daily(one.dated, one.rule, premium)) for premium in premiums]
        series.append(Series(case.label(name), tuple(map(to_float, premiums)), tuple(paid), colour=colour))
    return Figure(
        "f01", case.label("drawn"), Axis(case.label("premium"), "percent"), Axis(case.label("a_day"), "percent"), tuple(series),
        lines=((to_float(DAILY), case.label("stated")),), note=case.say("note"),
    )  # fmt: skip


def a02(case: Case) -> Reproduction:
    """0.03 % a day in three parts, a year of it, and whether the rules of the named venues hold that number.

    Source: article A, section on the interest part; the rules of the catalogue.
    """
    third = DAILY / 3
    rate = Rate(to_float(third), 8)
    held = {venue: _interest(venue, TODAY) for venue in NAMED}
    lending = load_venue("bitmex").at(to_ms("2016-06-10T00:00:00Z"), "", "inverse")[0]
    difference = lending.build(_OPEN | {"usd_lending": Fraction(6, 10_000), "xbt_lending": Fraction(3, 10_000)}, averaged=True, exact=True)
    at_zero = [one.daily[0] / 3 for one in swept().ruled]
    found = {
        "interest_8h": to_float(third),
        "apr": rate.apr,
        "apy": rate.apy,
        "named_venues_with_it": sum(x == third for x in held.values()),
        "okx_before_2025_04": to_float(_interest("okx", OKX_BEFORE)),
        "rules_with_it": sum(x == third for x in at_zero),
        "rules": len(at_zero),
        "quote_less_base_8h": to_float(_decided(difference, ZERO)),
    }
    here = [x == third for x in held.values()]
    moves = all(_names_a_rate(in_force(venue)) for venue in NAMED)
    verdict: Verdict = "fails" if third != INTEREST or not any(here) else "holds" if all(here) and moves else "holds with changes"
    lead = "lead_constant" if verdict == "holds with changes" and all(here) else ""
    return case.answer(verdict, found, why=[case.say("why", **found), case.say("caveat")], n=len(at_zero), lead=lead)


def _names_a_rate(dated: DatedRule) -> bool:
    """Whether the interest of a rule is worked out from something that moves, and not a number."""
    return any(letter.isalpha() for letter in dated.parts["formula"]["interest"].text)


_OPEN: dict[str, Number | str] = {"formula.cap": float("inf"), "formula.floor": float("-inf")}


def in_force(venue: str, ms: int = TODAY) -> DatedRule:
    """Rule of a venue's linear contracts at a moment (ms UTC); by default the one article A describes.

    Source: the rules of the catalogue.
    """
    return rules_for(load_venue(venue), ms, market="linear")[-1]


def _interest(venue: str, ms: int) -> Fraction:
    """Charge of a venue's rule per 8 h without any premium."""
    dated = in_force(venue, ms)
    return daily(dated, dated.build(_OPEN, sampled=True, exact=True), ZERO) / 3


def _decided(rule: Rule, premium: Fraction) -> Fraction:
    """Rate of a rule for eight hours of an averaged premium, exactly."""
    return Fraction(rule.fix(Window.averaged(0, 8 * MS_PER_HOUR, premium, Fraction(8))).rate)


def a03(case: Case) -> Reproduction:
    """No premium at all: which rules decide exactly 0.01 % per 8 h, and what do the others decide?

    Source: article A; the rules of the catalogue.
    """
    per_8h = [(one, one.daily[0] / 3) for one in swept().ruled]
    exact = [one for one, x in per_8h if x == INTEREST]
    none = [one for one, x in per_8h if x == 0]
    flat = [one for one in exact if one.daily[2] == one.daily[0]]
    found = {
        "rate_8h": to_float(Counter(x for _, x in per_8h).most_common(1)[0][0]),
        "rules": len(per_8h),
        "exactly": len(exact),
        "nothing": len(none),
        "something_else": len(per_8h) - len(exact) - len(none),
        "exactly_and_flat": len(flat),
    }
    named = {venue: _interest(venue, TODAY) for venue in NAMED}
    here = [x == INTEREST for x in named.values()]
    verdict: Verdict = "holds" if all(here) else "holds with changes" if any(here) else "fails"
    rows = [(to_float(x), len(group), ", ".join(one.dated.id for one in group)) for x, group in _grouped(per_8h)]
    grid = Grid(case.label("table"), tuple(case.label(k) for k in ("per_8h", "count", "names")), tuple(rows), ("+.6%", "d", ""))
    why = [case.say("why", **found, zeros=Text.listed(sorted({one.dated.venue for one in none}))), case.say("caveat")]
    return case.answer(verdict, found, why=why, n=len(per_8h), grids=[grid])


def _grouped(per_8h: list[tuple[Ruled, Fraction]]) -> list[tuple[Fraction, list[Ruled]]]:
    ordered = sorted(per_8h, key=lambda pair: pair[1])
    return [(x, [one for one, _ in group]) for x, group in groupby(ordered, key=lambda pair: pair[1])]


def c01(case: Case) -> Reproduction:
    """From -0.04 % to 0.06 %, edges included and not a hair beyond: exactly 0.01 %, and what the printed arguments would give.

    Source: article C, quoting a venue's page; the rules of the catalogue.
    """
    low, high, hair = Fraction(-4, 10_000), Fraction(6, 10_000), Fraction(1, 10**12)
    family = [one for one in swept().ruled if one.daily[0] == one.daily[2] == DAILY]
    inside = [low + (high - low) * k / 20 for k in range(21)]
    exact = [one for one in family if all(_of(one, p) == INTEREST for p in inside)]
    sharp = [one for one in exact if _of(one, high + hair) > INTEREST > _of(one, low - hair)]
    printed = [p + _as_printed(INTEREST - p) for p in inside]
    found = {
        "low_edge": to_float(low),
        "high_edge": to_float(high),
        "rate_inside": to_float(_of(family[0], ZERO)) if family else 0.0,
        "rules_of_the_family": len(family),
        "flat_between_the_edges": len(exact),
        "not_a_hair_beyond": len(sharp),
        "premiums_at_interest_as_printed": sum(x == INTEREST for x in printed),
        "rate_as_printed_at_zero": to_float(ZERO + _as_printed(INTEREST)),
    }
    verdict: Verdict = "fails" if not sharp else "holds" if len(sharp) == len(family) else "holds with changes"
    why = [case.say("why", **found, tried=len(inside)), case.say("slip", **found, tried=len(inside))]
    return case.answer(verdict, found, why=why, n=len(family), figures=[_curve(case, family[0].dated.id)] if family else [])


def _of(one: Ruled, premium: Fraction) -> Fraction:
    """Rate per 8 h of a constant premium, before it is rounded to the digits a venue publishes."""
    return daily(one.dated, one.rule.but(formula=replace(one.rule.formula, decimals=-1)), premium) / 3


def _as_printed(x: Fraction) -> Fraction:
    """Clamp x with the arguments in the order the article prints them: 0.05 % as the least, -0.05 % as the most, line by line.

    Source: article C: "if (x < min), then x = min; if (x > max), then x = max".
    """
    least, most = Fraction(5, 10_000), Fraction(-5, 10_000)
    x = max(x, least)
    return min(x, most)


def _curve(case: Case, name: str) -> Figure:
    """F(P) of a clamp rule, and of the clamp as printed."""
    one = next(one for one in swept().ruled if one.dated.id == name)
    premiums = [Fraction(k, 100_000) for k in range(-150, 151, 5)]
    x = tuple(map(to_float, premiums))
    ruled = Series(case.label("rule"), x, tuple(to_float(_of(one, p)) for p in premiums), colour=0)
    printed = Series(case.label("printed"), x, tuple(to_float(p + _as_printed(INTEREST - p)) for p in premiums), colour=1)
    axes = Axis(case.label("premium"), "percent"), Axis(case.label("rate"), "percent")
    return Figure(
        "c01", case.label("drawn"), *axes, (ruled, printed), lines=((to_float(INTEREST), Text.same("0.01 %")),), note=case.say("note")
    )
