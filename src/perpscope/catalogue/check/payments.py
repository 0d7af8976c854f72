"""How do payments, and the values they are a fraction of, follow from a rule and the facts?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction

from perpscope.catalogue.check.amounts import owed_by, value_over
from perpscope.catalogue.check.bench import Bench
from perpscope.catalogue.check.facts import Amount, Lacking, Value
from perpscope.catalogue.check.money import account_payments, direction, side_of, stamped_payments, value_of
from perpscope.catalogue.check.names import Meaning
from perpscope.catalogue.check.states import accrued
from perpscope.catalogue.check.words import HOURS_OF
from perpscope.market.number import Number, magnitude
from perpscope.mechanisms.funding_swap import time_fee
from perpscope.mechanisms.settle import payment


def _payment(bench: Bench, asked: Meaning) -> Value:
    """Money of a position over the time asked for, the time given, or one interval."""
    facts = bench.facts
    sign = direction(asked.name)
    if facts.has("settlements"):
        return Amount(stamped_payments(bench, asked.name), sign)
    if facts.has("rows"):
        return accrued(bench, asked)
    if facts.has("fee_rate"):
        return Amount(-_fee(bench), sign)
    if facts.has("accounts"):
        return Amount(account_payments(bench, asked, owed_by(bench, asked)), sign)
    hours = asked.per or 0
    facts.mark("side", *(unit for unit, length in HOURS_OF.items() if facts.has(unit) and facts.peek(unit) * length == hours))
    if _by_contract(bench):
        return Amount(payment(owed_by(bench, asked), _signed(bench, asked.name), bench.rule.settle), sign)
    value = value_of(bench, asked.name) * side_of(facts, asked.name)
    return Amount(-value * value_over(bench, asked), sign)


def _by_contract(bench: Bench) -> bool:
    """Whether the rule pays an amount per contract, or in grains, and not simply a share of a value."""
    settle = bench.rule.settle
    return settle.unit == "quote" or bool(settle.index_grains) or settle.price == "none"


def _signed(bench: Bench, name: str) -> Number:
    for concept in ("quantity", "impact_unit"):
        if bench.facts.has(concept):
            return magnitude(Fraction(bench.facts.number(concept))) * side_of(bench.facts, name)
    if bench.rule.settle.price == "none" and bench.rule.settle.unit == "rate":
        return value_of(bench, name) * side_of(bench.facts, name)
    raise Lacking("the quantity held is not given")


def _fee(bench: Bench) -> Number:
    """Fee for the time a swap is held."""
    hours = bench.facts.duration()
    if hours is None:
        raise Lacking("over which time is not given")
    return time_fee(bench.facts.number("quantity"), bench.facts.number("fee_rate"), hours * 3600)


def _position_value(bench: Bench, asked: Meaning) -> Value:
    return value_of(bench, asked.name)


PAYMENTS: Mapping[str, Callable[[Bench, Meaning], Value]] = {
    "payment": _payment,
    "position_value": _position_value,
}
