"""How do amounts per base unit, moves of an index, and balances after a payment follow from a rule and the facts?

Here money is counted as a chain counts it: amounts in quote units per base unit, cut to whole grains where the rule says so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction

from perpscope.catalogue.check.bench import Bench
from perpscope.catalogue.check.drifting import accrual
from perpscope.catalogue.check.facts import Facts, Lacking, Value
from perpscope.catalogue.check.money import SIDES, charge_of, price_of
from perpscope.catalogue.check.names import Meaning, tokens_of
from perpscope.catalogue.check.numbers import stated
from perpscope.catalogue.check.rates import decided, rate
from perpscope.catalogue.check.words import HOURS_OF
from perpscope.catalogue.sourced import evaluate
from perpscope.market.number import TO_ZERO, Number, rounded_to
from perpscope.mechanisms.reduce import Velocity, trimmed
from perpscope.mechanisms.settle import Charge, payment

_QUOTE_RESOLUTION = -6


def value_over(bench: Bench, asked: Meaning) -> Number:
    """Return what the rule decides over the time given, or its intervals: a fraction, or quote units per base unit."""
    if (unit := empty_time(bench.facts)) is not None:
        one = bench.with_facts(unit, Fraction(1))
        value = value_over(one, asked)
        bench.facts.used |= one.facts.used
        bench.facts.mark(unit)
        return 0 * value
    if isinstance(bench.rule.reduce, Velocity) and (bench.facts.has("previous") or not bench.facts.has("given_rate")):
        return accrual(bench)
    if bench.rule.observe.kind == "utilisation" and not bench.facts.has("given_rate"):
        return _of_whole_intervals(bench, asked)
    if bench.facts.has("intervals"):
        return bench.facts.number("intervals") * _value_once(bench, asked)
    return _value_once(bench, asked)


def empty_time(facts: Facts) -> str | None:
    """Return the unit in which no time at all is given; None where some time, or none, is spoken of."""
    return next((unit for unit in (*HOURS_OF, "intervals") if facts.has(unit) and facts.peek(unit) == 0), None)


def _of_whole_intervals(bench: Bench, asked: Meaning) -> Number:
    """Rate of all intervals that have passed, rounded once."""
    each, hours = Fraction(bench.hours_or(None)), bench.facts.duration()
    passed = bench.facts.number("intervals") if bench.facts.has("intervals") else 1 if hours is None else hours // each
    terms, _ = decided(bench, replace(asked, per=None, hours=Fraction(passed * each)))
    bench.limits()
    return terms.rounded


def _longest(bench: Bench, hours: Fraction | None) -> Fraction | None:
    """Time that counts: of more than the venue's longest, only that."""
    texts = stated(bench.venue, "longest_accrual_hours", bench.native_id, bench.moment)
    return hours if hours is None or not texts else min([hours, *(Fraction(evaluate(text, {})) for text in texts)])


def _value_once(bench: Bench, asked: Meaning) -> Number:
    hours = asked.per or _longest(bench, bench.facts.duration())
    if bench.rule.settle.unit == "quote":
        if bench.facts.has("given_rate") and not any(map(bench.facts.has, ("premium", "average", "mark"))):
            return bench.facts.number("given_rate")
        terms, _ = decided(bench, replace(asked, per=None, hours=hours))
        bench.limits()
        return terms.rounded
    if bench.facts.has("given_rate") and hours is None and bench.facts.meaning("given_rate").per is None:
        return bench.facts.number("given_rate")
    return rate(bench, replace(asked, concept="rate", per=None if hours is None else Fraction(hours)))


def owed_by(bench: Bench, asked: Meaning) -> Charge:
    """Money one contract owes over the time given, by the rule's settlement."""
    settle = bench.rule.settle
    price = None if settle.unit == "quote" or settle.price == "none" else price_of(bench)
    grains = _index_grains(bench)
    if grains != settle.index_grains:
        bench = bench.with_rule(bench.rule.but(settle=replace(settle, index_grains=grains)))
    return charge_of(bench, value_over(bench, asked), price)


def _index_grains(bench: Bench) -> Number:
    """Grains of the cumulative index: the rule's, for the quote asset's own resolution where one is given."""
    bench.need_settlement("index_grains")
    grains = bench.rule.settle.index_grains
    if grains and bench.facts.has("quote_resolution"):
        return grains / Fraction(10) ** (bench.facts.places("quote_resolution") - _QUOTE_RESOLUTION)
    return grains


def _index_move(bench: Bench, asked: Meaning) -> Value:
    """Move of the index per base unit: in whole grains where the rule counts so, else in quote units."""
    grains = _index_grains(bench)
    if bench.rule.settle.unit == "quote":
        return value_over(bench, asked)
    amount = value_over(bench, asked) * price_of(bench)
    return rounded_to(amount, grains, TO_ZERO) * grains if grains else amount


def _side_rate(bench: Bench, asked: Meaning) -> Value:
    """Rate of one side, per base unit, where what receivers get may be less than what payers pay."""
    owed = owed_by(bench, asked)
    return owed.long if SIDES.keys() & set(tokens_of(asked.name)) & {"long", "longs"} else -owed.short


def _amount_per_base(bench: Bench, asked: Meaning) -> Value:
    """Quote units that one base unit held long owes."""
    if bench.rule.settle.unit == "quote":
        return value_over(bench, asked)
    return value_over(bench, asked) * price_of(bench)


def _kept(bench: Bench, asked: Meaning) -> Value:
    """Return the samples left after both tails are cut off."""
    del asked
    return trimmed(bench.facts.numbers("samples"), bench.facts.number("removal"))


def _margin_after(bench: Bench, asked: Meaning) -> Value:
    """Margin of a holder after a payment, or after the first k of several."""
    held, margins = bench.facts.by_name("accounts"), bench.facts.by_name("margins")
    who, step = _who(asked.name, held)
    if who not in held or who not in margins:
        raise Lacking(f"{asked.name}: the size and the margin of that holder are not given")
    moved = [payment(owed, held[who], bench.rule.settle) for owed in _in_turn(bench, asked)]
    if step > len(moved):
        raise Lacking(f"{asked.name}: there are only {len(moved)} payments")
    left = margins[who] + sum(moved[:step])
    least = stated(bench.venue, "least_margin", bench.native_id, bench.moment)
    return max(left, *(evaluate(text, {}) for text in least)) if least else left


def _bad_debt(bench: Bench, asked: Meaning) -> Value:
    """Return what the margins do not cover, where a venue takes no more than a margin holds."""
    del asked
    held, margins = bench.facts.by_name("accounts"), bench.facts.by_name("margins")
    if not stated(bench.venue, "least_margin", bench.native_id, bench.moment):
        raise Lacking("the venue is not on record for leaving the rest to others")
    owed = owed_by(bench, Meaning("margin", "margin_after"))
    return sum(max(0, -(margins[who] + payment(owed, held[who], bench.rule.settle))) for who in margins if who in held)


def _in_turn(bench: Bench, asked: Meaning) -> list[Charge]:
    """Charges of every payment: one, or one for each index price listed."""
    if not bench.facts.has("indexes"):
        return [owed_by(bench, asked)]
    found = []
    for price in bench.facts.numbers("indexes"):
        own = bench.with_facts("index", price)
        found.append(owed_by(own, asked))
        bench.facts.used |= own.facts.used
    return found


def _insurance_after(bench: Bench, asked: Meaning) -> Value:
    """Balance of whoever takes what the holders do not owe each other."""
    held = bench.facts.by_name("accounts")
    bench.facts.mark("margins")
    moved = (payment(owed, quantity, bench.rule.settle) for owed in _in_turn(bench, asked) for quantity in held.values())
    return bench.facts.number("insurance") - sum(moved)


def _who(name: str, held: Mapping[str, Number]) -> tuple[str, int]:
    """Holder and number of payments that a name such as alice_margin or margin_2 speaks of."""
    tokens = tokens_of(name)
    counts = [int(token) for token in tokens if token.isdigit()]
    who = next((token for token in tokens if token in held), next(iter(held)) if len(held) == 1 else "")
    return who, counts[0] if counts else 1


AMOUNTS: Mapping[str, Callable[[Bench, Meaning], Value]] = {
    "index_move": _index_move,
    "amount_per_base": _amount_per_base,
    "side_rate": _side_rate,
    "kept": _kept,
    "margin_after": _margin_after,
    "bad_debt": _bad_debt,
    "insurance_after": _insurance_after,
}
