"""How do payments, and the values they are a fraction of, follow from a rule and the facts?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction

from perpscope.catalogue.check.bench import Bench
from perpscope.catalogue.check.facts import Amount, Value
from perpscope.catalogue.check.money import direction, duration, side_of, stamped_payments, value_of
from perpscope.catalogue.check.names import Meaning
from perpscope.catalogue.check.rates import rate
from perpscope.catalogue.check.words import HOURS_OF
from perpscope.market.number import Number


def _payment(bench: Bench, asked: Meaning) -> Value:
    """Money of a position over the time asked for, the time given, or one interval."""
    sign = direction(asked.name)
    if bench.facts.has("settlements"):
        return Amount(stamped_payments(bench, asked.name), sign)
    value = value_of(bench, asked.name) * side_of(bench.facts, asked.name)
    bench.facts.mark("side")
    return Amount(-value * _rate_over(bench, asked), sign)


def _rate_over(bench: Bench, asked: Meaning) -> Number:
    """Rate of the time asked for; what is given as a bare rate is one payment's."""
    facts = bench.facts
    hours = asked.per or duration(facts)
    facts.mark(*(unit for unit, length in HOURS_OF.items() if facts.has(unit) and facts.peek(unit) * length == hours))
    if facts.has("given_rate") and hours is None and facts.meaning("given_rate").per is None:
        return facts.number("given_rate")
    return rate(bench, replace(asked, concept="rate", per=None if hours is None else Fraction(hours)))


def _position_value(bench: Bench, asked: Meaning) -> Value:
    return value_of(bench, asked.name)


PAYMENTS: Mapping[str, Callable[[Bench, Meaning], Value]] = {
    "payment": _payment,
    "position_value": _position_value,
}
