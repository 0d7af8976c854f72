"""Does the inner clamp hold a rate within bounds, or do the outer cap and floor?

The rule of one venue with and without its outer limits, over premiums from calm to extreme, beside the rates that were
settled. Numbers of single contracts come from the catalogue as they were dated.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from perpscope.catalogue.load import load_venue, venue_ids
from perpscope.claims.interest import INTEREST
from perpscope.claims.model import Axis, Figure, Series, Text
from perpscope.claims.sweep import sweep
from perpscope.market.number import Number, to_float
from perpscope.market.time import to_ms
from perpscope.mechanisms.window import Window
from perpscope.units import MS_PER_HOUR

if TYPE_CHECKING:
    from perpscope.catalogue.dated import DatedRule
    from perpscope.claims.case import Case
    from perpscope.claims.model import Reproduction, Verdict

VENUE, MAJOR, ALT = "binanceusdm", "BTCUSDT", "SOLUSDT"
THEN = to_ms("2024-06-01T00:00:00Z")
"""When the margins of the three contracts are on record."""
CLAMP = Fraction(5, 10_000)
EXTREME = Fraction(1, 100)
DIGITS = 1e-8


def a10(case: Case) -> Reproduction:
    """Set the clamp alone against the clamp with cap and floor, and the rates that were settled.

    Source: article A, section on extremes; the rules and margins of the catalogue.
    """
    (dated,) = load_venue(VENUE).at(THEN)
    bare = {p: _rate(dated, None, p) for p in (-EXTREME, EXTREME, 10 * EXTREME)}
    caps = {name: _rate(dated, name, 10 * EXTREME) for name in (MAJOR, ALT, "")}
    dampers = _dampers()
    found = {
        "clamp_alone_at_1_percent": to_float(bare[EXTREME]),
        "clamp_alone_at_10_percent": to_float(bare[10 * EXTREME]),
        "taken_off_by_the_clamp": to_float(EXTREME - bare[EXTREME]),
        "cap_btc": to_float(caps[MAJOR]),
        "cap_sol": to_float(caps[ALT]),
        "cap_low_leverage": to_float(caps[""]),
        "rules_with_clamp_0_05": sum(d == CLAMP for d in dampers),
        "rules_with_another_clamp": sum(d != CLAMP for d in dampers),
        "contracts_with_an_own_clamp": _own_dampers(),
    }
    bounded_by_clamp = max(abs(x) for x in bare.values()) <= CLAMP + INTEREST
    bounded_outside = all(abs(x) < EXTREME * 10 for x in caps.values())
    verdict: Verdict = "holds" if bounded_by_clamp else "holds with changes" if bounded_outside else "fails"
    why = [case.say("why", **found)]
    settled = _settled(case)
    if settled is None:
        return case.answer(verdict, found, why=[*why, case.say("unseen")], n=len(dampers), figures=[_drawn(case, dated)])
    seen, n, window = settled
    why.append(case.say("seen", **seen, n=n))
    return case.answer(verdict, found | seen, why=why, n=n, window=window, figures=[_drawn(case, dated)])


def _rate(dated: DatedRule, contract: str | None, premium: Fraction) -> Fraction:
    """Rate of eight hours: without outer limits (None), of a named contract, or of one with 25x leverage at most ("")."""
    given: dict[str, Number | str]
    if contract is None:
        given = {"formula.cap": float("inf"), "formula.floor": float("-inf")}
    else:
        told = {} if contract else {"initial_margin": Fraction(1, 25), "maintenance_margin": Fraction(1, 50)}
        known = load_venue(VENUE).contract(contract or "ANYUSDT", THEN, told)
        given = {name: value for name, value in known.items() if name in {"maintenance_margin", "formula.cap", "formula.floor"}}
    rule = dated.build(given, averaged=True, exact=True)
    return Fraction(rule.fix(Window.averaged(0, 8 * MS_PER_HOUR, premium, Fraction(8))).rate)


def _dampers() -> list[Fraction]:
    """Half width of the clamp of every rule that pulls to an interest and is flat around it."""
    flat = [one for one in sweep((Fraction(0), Fraction(3, 10_000), Fraction(6, 10_000))).ruled if one.daily[0] == one.daily[1]]
    found = []
    for one in flat:
        each = one.dated.parts["each"].get("damper")
        whole = one.dated.parts["formula"].get("damper")
        value = each if each is not None and each.known else whole
        if value is not None and value.known:
            found.append(Fraction(value.number({})))
    return found


def _own_dampers() -> int:
    """How many entries of the catalogue give a single contract another clamp."""
    entries = (entry for venue in venue_ids() for entry in load_venue(venue).contracts)
    return sum(any(name.endswith(".damper") for name in entry.numbers) for entry in entries)


def _settled(case: Case) -> tuple[dict[str, float], int, tuple[int, int]] | None:
    """Count what was settled beyond the clamp's width and at the cap on record; None where nothing is held."""
    import polars as pl

    if not case.has_funding(VENUE, MAJOR):
        return None
    rows = case.funding(VENUE, MAJOR)
    cap = to_float(_rate(load_venue(VENUE).at(THEN)[0], MAJOR, 10 * EXTREME))
    size = rows["funding_rate"].abs()
    told = {
        "share_beyond_the_clamp": float((size > to_float(CLAMP)).sum()) / rows.height,
        "largest_settled": float(rows["funding_rate"].max() or 0.0),  # type: ignore[arg-type]  # a float column
        "smallest_settled": float(rows["funding_rate"].min() or 0.0),  # type: ignore[arg-type]  # a float column
        "settled_at_the_cap": float((size >= cap - DIGITS).sum()),
        "settled_beyond_the_cap": float((size > cap + DIGITS).sum()),
    }
    first, last = rows.select(pl.col("slot").min().alias("a"), pl.col("slot").max().alias("b")).row(0)
    return told, rows.height, (int(first), int(last))


def _drawn(case: Case, dated: DatedRule) -> Figure:
    """Rate against premium: clamp alone, and with the outer limits of two contracts."""
    premiums = [Fraction(k, 10_000) for k in range(-60, 61)]
    x = tuple(map(to_float, premiums))
    names: tuple[tuple[str, str | None], ...] = (("alone", None), ("alt", ALT), ("major", MAJOR))
    series = [
        Series(case.label(key), x, tuple(to_float(_rate(dated, name, p)) for p in premiums), colour=colour)
        for colour, (key, name) in enumerate(names)
    ]
    lines = ((to_float(CLAMP), case.label("clamp")), (-to_float(CLAMP), Text.same("")))
    axes = Axis(case.label("premium"), "percent"), Axis(case.label("rate"), "percent")
    return Figure("a10", case.label("drawn"), *axes, tuple(series), lines=lines, note=case.say("note"))
