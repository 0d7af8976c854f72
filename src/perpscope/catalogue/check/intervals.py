"""Which interval follows a payment of an example?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction

from perpscope.catalogue.check.bench import Bench
from perpscope.catalogue.check.facts import Lacking, Value
from perpscope.catalogue.check.names import Meaning
from perpscope.catalogue.check.rates import rate_per
from perpscope.errors import PerpscopeError
from perpscope.market.number import INF, Number
from perpscope.mechanisms.switching import Switching


def _next_interval(bench: Bench, asked: Meaning) -> Value:
    """Hours after the payments given, by what the venue has on record for their time."""
    del asked
    bench.facts.mark("interval_hours", "per_day_count")
    hours = bench.hours_or(None)
    floor, cap = _limits(bench, hours)
    try:
        switching = _switching(bench, hours)
        if not any(map(bench.facts.has, ("paid_rates", "given_rate", "calm_count"))):
            raise Lacking("no payment is given")
        return switching.next_hours(hours, _paid(bench, switching.calm_rate), floor, cap)
    except PerpscopeError as problem:
        raise Lacking(str(problem)) from None


def _switching(bench: Bench, hours: Number) -> Switching:
    found = bench.venue.switching(bench.native_id, bench.moment, hours) if bench.venue is not None else None
    if found is None:
        raise Lacking("how the venue changed intervals by itself at that time is not on record")
    return replace(found, calm_rate=bench.facts.number("calm_rate")) if bench.facts.has("calm_rate") else found


def _paid(bench: Bench, calm: Number) -> list[Number]:
    """Paid rates, oldest first: listed, or one that came so many times in a row, by itself a calm one."""
    facts = bench.facts
    if facts.has("paid_rates"):
        return facts.numbers("paid_rates")
    count = Fraction(facts.number("calm_count")) if facts.has("calm_count") else Fraction(1)
    if count.denominator != 1 or not 0 < count <= 10**6:
        raise Lacking(f"{facts.meaning('calm_count').name} is {float(count):g}, no number of payments")
    return [facts.number("given_rate") if facts.has("given_rate") else calm] * int(count)


def _limits(bench: Bench, hours: Number) -> tuple[Number, Number]:
    """Floor and cap of the interval; without bounds where payments of a row are given and nobody states them."""
    calm = bench.facts.has("paid_rates") or bench.facts.has("calm_count")
    if calm and "formula.cap" in bench.numbers.missing:
        return -INF, INF
    bench.need("formula.cap", "formula.floor", "formula.limit_per")
    bench.limits()
    formula = bench.rule.formula
    per = Fraction(hours) if formula.limit_per else None
    return rate_per(formula.floor, formula.limit_per, per), rate_per(formula.cap, formula.limit_per, per)


INTERVALS: Mapping[str, Callable[[Bench, Meaning], Value]] = {"next_interval": _next_interval}
