"""How do drifting rates, variations of a position and swaps on funding follow from a rule and the facts?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from perpscope.catalogue.check.amounts import value_over
from perpscope.catalogue.check.bench import Bench
from perpscope.catalogue.check.drifting import velocity
from perpscope.catalogue.check.facts import Amount, Facts, Lacking, Value
from perpscope.catalogue.check.money import SIDES, direction, side_of
from perpscope.catalogue.check.names import Meaning, tokens_of
from perpscope.catalogue.check.words import HOURS_OF
from perpscope.market.number import Number, magnitude
from perpscope.mechanisms.funding_swap import upfront
from perpscope.mechanisms.observe import imbalance
from perpscope.mechanisms.reduce import Adaptive, Velocity, adapted, drifted


def _velocity(bench: Bench, asked: Meaning) -> Value:
    del asked
    return velocity(bench)


def _drift(bench: Bench) -> list[tuple[Number, Number]]:
    """Rate after each step, and the mean rate x days since the step before: rows of {days, skew_after}."""
    bench.need("reduce.scale", "reduce.fastest")
    reducer = bench.rule.reduce
    if not isinstance(reducer, Velocity):
        raise Lacking(f"the rate of {bench.dated.id} does not drift")
    rate, skew = Fraction(0), Fraction(0)
    found: list[tuple[Number, Number]] = []
    for row in _rows(bench):
        hours = next((Fraction(row[unit]) * length for unit, length in HOURS_OF.items() if unit in row), Fraction(0))
        after = Fraction(drifted(rate, skew, hours, reducer.scale, reducer.fastest))
        found.append((after, (rate + after) / 2 * hours / 24))
        rate, skew = after, Fraction(next((row[name] for name in ("skew_after", "skew") if name in row), skew))
    return found


def _rows(bench: Bench) -> list[dict[str, Any]]:
    value = bench.facts.take("rows")
    try:
        return [dict(row) for row in value]  # type: ignore[arg-type, union-attr]  # what is no list of pairs is told below
    except (TypeError, ValueError):
        raise Lacking(f"{bench.facts.meaning('rows').name} are not objects with a time and the skew after it") from None


def _rates(bench: Bench, asked: Meaning) -> Value:
    del asked
    return [rate for rate, _ in _drift(bench)]


def accrued(bench: Bench, asked: Meaning) -> Value:
    """Money received up to each step by one holder, at one price."""
    quantity, price = bench.facts.number("quantity"), bench.facts.number("price")
    total: Number = Fraction(0)
    found: list[Value] = []
    for _, days in _drift(bench):
        total -= days * price * quantity
        found.append(Amount(total, direction(asked.name)))
    return found


def _next_factor(bench: Bench, asked: Meaning) -> Value:
    """Adaptive factor (fraction per second) after the time given."""
    del asked
    reducer, facts = bench.rule.reduce, bench.facts
    hours = facts.duration()
    if not isinstance(reducer, Adaptive) or hours is None:
        raise Lacking("the rule does not adapt, or the time is not given")
    x = imbalance(facts.number("long_open"), facts.number("short_open"))
    saved = facts.number("saved")
    stable, calm = _band(bench, reducer, x, saved)
    return adapted(saved, x, hours * 3600, reducer.increase, reducer.decrease, stable, calm, reducer.cap)


def _band(bench: Bench, reducer: Adaptive, x: Number, saved: Number) -> tuple[Number, Number]:
    """Band of rest; where it is not given, the only move whose numbers are given is taken, and that is told."""
    missing = bench.numbers.missing
    along = (saved >= 0 and x > 0) or (saved <= 0 and x < 0)
    if not along:
        bench.need("reduce.increase")
        return Fraction(2), Fraction(0)
    size = magnitude(x)
    if "reduce.stable" not in missing and "reduce.calm" not in missing:
        bench.need(*(("reduce.increase",) if size > reducer.stable else ("reduce.decrease",) if size < reducer.calm else ()))
        return reducer.stable, reducer.calm
    grows, fades = "reduce.increase" not in missing, "reduce.decrease" not in missing
    if grows and fades:
        raise Lacking("the band of rest is not given, and both moves are")
    bench.notes.add("the band of rest is not given: the only move whose numbers are given is taken")
    return (Fraction(0), Fraction(0)) if grows else (Fraction(2), Fraction(2)) if fades else (Fraction(2), Fraction(0))


def _rate_units(bench: Bench, asked: Meaning) -> Value:
    """Rate of so many intervals in the whole units a protocol counts it in."""
    return value_over(bench, asked) * Fraction(10) ** max(bench.rule.formula.decimals, 0)


def _carry(bench: Bench, asked: Meaning) -> tuple[Number, Number]:
    """First price, and what a long owes per base unit until the next one."""
    first = bench.facts.number("first_price")
    priced = bench if bench.facts.has("index") else bench.with_facts("index", first)
    value = value_over(priced, asked)
    bench.facts.used |= priced.facts.used
    return first, value if bench.rule.settle.unit == "quote" else value * first


def _over_days(bench: Bench) -> list[tuple[Number, Number]]:
    """Return base and next settlement price of every day, from the closes and what was fixed after each of them."""
    facts = bench.facts
    closes = facts.numbers("closes")
    rates = facts.numbers("samples") if facts.has("samples") else [facts.number("premium")] * (len(closes) - 1)
    if len(closes) != len(rates) + 1:
        raise Lacking(f"{len(closes)} prices need {len(closes) - 1} rates, and there are {len(rates)}")
    alone = bench.without("closes", "samples")
    days = [alone.with_facts("first_price", close).with_facts("premium", each) for close, each in zip(closes[:-1], rates, strict=True)]
    one_day = Meaning("rate", "rate")
    return [(first + carry, later) for (first, carry), later in zip((_carry(day, one_day) for day in days), closes[1:], strict=True)]


def _variation(bench: Bench, asked: Meaning) -> Value:
    """Gain of one unit from one settlement to the next, carry included; over several days each day's, or their sum."""
    if bench.facts.has("closes"):
        toward = next((SIDES[token] for token in tokens_of(asked.name) if token in SIDES), 1)
        gains: list[Value] = [toward * (later - base) for base, later in _over_days(bench)]
        return sum(gains) if "total" in tokens_of(asked.name) else gains  # type: ignore[arg-type]  # numbers all
    first, carry = _carry(bench, asked)
    side = next((SIDES[token] for token in tokens_of(asked.name) if token in SIDES), 1)
    return side * (bench.facts.number("next_price") - first - carry)


def _variation_base(bench: Bench, asked: Meaning) -> Value:
    """Price from which the next variation is counted: the settlement price plus the carry; of several days each day's."""
    if bench.facts.has("closes"):
        return [base for base, _ in _over_days(bench)]
    first, carry = _carry(bench, asked)
    bench.facts.mark("next_price")
    return first + carry


def _upfront(bench: Bench, asked: Meaning) -> Value:
    facts = bench.facts
    held = facts.number("quantity") if facts.has("quantity") else facts.number("value")
    signed = -magnitude(held) if held < 0 or side_of(facts, asked.name) < 0 else held
    return upfront(signed, facts.number("given_rate"), seconds_to_maturity(facts))


def seconds_to_maturity(facts: Facts) -> Number:
    """Time to maturity in the unit its name says, seconds where it says none; or between two stamps in seconds."""
    if facts.has("maturity", "last_paid"):
        return facts.number("maturity") - facts.number("last_paid")
    tokens = tokens_of(facts.meaning("to_maturity").name)
    hours = next((HOURS_OF[token] for token in tokens if token in HOURS_OF), 365 * 24 if "years" in tokens else Fraction(1, 3600))
    return facts.number("to_maturity") * hours * 3600


STATES: Mapping[str, Callable[[Bench, Meaning], Value]] = {
    "velocity": _velocity,
    "rates": _rates,
    "next_factor": _next_factor,
    "rate_units": _rate_units,
    "variation": _variation,
    "variation_base": _variation_base,
    "upfront": _upfront,
}
