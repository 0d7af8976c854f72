"""How do payments, and the values they are a fraction of, follow from a rule and the facts?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction

from perpscope.catalogue.check.amounts import owed_by, value_over
from perpscope.catalogue.check.bench import Bench
from perpscope.catalogue.check.facts import Amount, Lacking, Value
from perpscope.catalogue.check.money import (
    account_payments,
    contract_of,
    direction,
    side_held,
    side_of,
    stamped_payments,
    value_of,
)
from perpscope.catalogue.check.names import Meaning, input_meaning, tokens_of
from perpscope.catalogue.check.states import accrued, seconds_to_maturity
from perpscope.catalogue.check.words import COINS, HOURS_OF
from perpscope.market.number import Number, magnitude
from perpscope.mechanisms.funding_swap import time_fee
from perpscope.mechanisms.settle import Charge, payment

_QUANTA = 12  # an index of whole quanta of quote per 1e6 base quanta; the quote asset has six decimals


def _payment(bench: Bench, asked: Meaning) -> Value:
    """Money of a position over the time asked for, the time given, or one interval."""
    facts = bench.facts
    sign = direction(asked.name)
    if facts.has("rows"):
        return accrued(bench, asked)
    if facts.has("settlements"):
        return Amount(stamped_payments(bench, asked.name), sign)
    for told, owed in _OTHER_WAYS.items():
        if facts.has(told) and not (told == "absolute_rate" and any(facts.has(concept) for concept in ("given_rate", "relative_rate"))):
            return Amount(owed(bench, asked), sign)
    hours = asked.per or 0
    facts.mark("side", *(unit for unit, length in HOURS_OF.items() if facts.has(unit) and facts.peek(unit) * length == hours))
    if _by_contract(bench):
        received = payment(owed_by(bench, asked), _signed(bench, asked.name), bench.rule.settle)
        coin = facts.has("asset_price") and bench.rule.settle.price == "none" and COINS & set(tokens_of(asked.name))
        return Amount(received / facts.number("asset_price") if coin else received, sign)
    value = value_of(bench, asked.name) * side_of(facts, asked.name)
    return Amount(-value * value_over(bench, asked), sign)


def _of_absolute(bench: Bench, asked: Meaning) -> Number:
    """Money a position receives at a rate that is an amount for each contract, hour or interval."""
    facts = bench.facts
    interval, passed = Fraction(bench.hours_or(None)), facts.duration()
    intervals = (interval if passed is None else passed) / (facts.meaning("absolute_rate").per or interval)
    facts.mark("side", "interval_hours", "per_day_count")
    return -facts.number("absolute_rate") * intervals * contract_of(bench).size * _signed(bench, asked.name)


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
    whole_side = side_held(bench.facts, name)
    if whole_side is None:
        raise Lacking("the quantity held is not given")
    return whole_side * side_of(bench.facts, name)


def _of_accounts(bench: Bench, asked: Meaning) -> Number:
    return account_payments(bench, asked, owed_by(bench, asked))


def _fee(bench: Bench, asked: Meaning) -> Number:
    """Money received where a fee is paid for the time a swap is held, or has to its maturity."""
    del asked
    hours = bench.facts.duration()
    seconds = seconds_to_maturity(bench.facts) if hours is None else hours * 3600
    return -time_fee(bench.facts.number("quantity"), bench.facts.number("fee_rate"), seconds)


def _of_periods(bench: Bench, asked: Meaning) -> Number:
    """Money received over several stretches of time, each with its own prices and length: {name: value} as an example's inputs."""
    owed: list[Charge] = []
    rows = bench.facts.take("periods")
    for row in rows if isinstance(rows, list) else [rows]:
        own = bench.without("periods")
        for entry in row if isinstance(row, list) else [row]:
            match entry:
                case [str() as name, Fraction() as value] if (meaning := input_meaning(name)) is not None:
                    own = own.with_facts(meaning.concept, value * meaning.scale)
                case _:
                    raise Lacking(f"{bench.facts.meaning('periods').name} are not objects of prices and times")
        owed.append(owed_by(own, asked))
        bench.facts.used |= own.facts.used & {fact.meaning.name for fact in bench.facts.by_concept.values()}
    whole = Charge(sum(one.long for one in owed), sum(one.short for one in owed))
    bench.facts.mark("side")
    return payment(whole, _signed(bench, asked.name), bench.rule.settle)


def _of_index(bench: Bench, asked: Meaning) -> Number:
    """Money received for a move of the cumulative index: in whole quanta where the rule counts so, else per base unit or notional."""
    facts, settle = bench.facts, bench.rule.settle
    moved = facts.number("index_delta") if facts.has("index_delta") else facts.number("index_after") - facts.number("index_before")
    if facts.has("quantums"):
        owed = moved / Fraction(10) ** _QUANTA
        return payment(Charge(owed, -owed), facts.number("quantums"), settle) * settle.money_grains
    bench.need_settlement("index_grains")
    per_base = moved / settle.index_grains if settle.index_grains else moved
    if bench.rule.observe.kind == "outside":
        per_base *= bench.rule.formula.times
    facts.mark("side")
    return payment(Charge(per_base, -per_base), _signed(bench, asked.name), settle)


def _position_value(bench: Bench, asked: Meaning) -> Value:
    return value_of(bench, asked.name)


_OTHER_WAYS: Mapping[str, Callable[[Bench, Meaning], Number]] = {
    "fee_rate": _fee, "accounts": _of_accounts, "absolute_rate": _of_absolute,
    "index_delta": _of_index, "index_after": _of_index, "periods": _of_periods,
}  # fmt: skip
"""Inputs that make a payment something else than a rate times a value."""
PAYMENTS: Mapping[str, Callable[[Bench, Meaning], Value]] = {
    "payment": _payment,
    "position_value": _position_value,
}
