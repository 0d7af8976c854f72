"""How much does a position of an example pay or receive?

A payment is the rate for its time, times the value of the position, by the rule's own settlement. Names seldom say whether
money paid counts as positive: where they do not, an amount is held against the expected one up to its sign, and that is told.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any, cast

from perpscope.catalogue.check.bench import Bench
from perpscope.catalogue.check.dates import turn_in
from perpscope.catalogue.check.facts import Facts, Lacking
from perpscope.catalogue.check.names import Meaning, tokens_of
from perpscope.catalogue.check.numbers import multiplies_rate
from perpscope.catalogue.check.words import ASSETS, COINS, DOLLARS, SATOSHI
from perpscope.catalogue.contracts import SIZE
from perpscope.errors import PerpscopeError
from perpscope.market.contract import PAYOFFS, Contract, Payoff
from perpscope.market.number import Number, magnitude
from perpscope.mechanisms.settle import Charge, charge, payment

RECEIVED = frozenset({"received", "receives", "receive", "pnl", "profit", "settle", "settlement", "credited"})
PAID = frozenset({"paid", "pays", "pay", "fee", "fees", "cost", "owed", "debited", "owes"})
SIDES: Mapping[str, int] = {"long": 1, "buy": 1, "longs": 1, "short": -1, "sell": -1, "shorts": -1}


def direction(name: str) -> int:
    """Return 1 where a name speaks of money received, -1 of money paid, 0 where it does not say; a funding fee may be either.

    The payment of a side (payment_long) is what that side receives.
    """
    tokens = set(tokens_of(name))
    if "funding" in tokens:
        tokens -= {"fee", "fees"}
    one_side = tokens & SIDES.keys() and tokens & {"payment", "payments", "funding"} and not tokens & PAID
    return 1 if tokens & RECEIVED or one_side else -1 if tokens & PAID else 0


def speaks_of_short(facts: Facts) -> bool:
    """Whether a side is given, or a quantity below zero: then somebody else than a long may be meant."""
    held = (facts.by_concept[concept].value for concept in ("quantity", "value") if facts.has(concept))
    return facts.has("side") or any(isinstance(value, Fraction | float) and value < 0 for value in held)


def side_of(facts: Facts, name: str) -> int:
    """Return 1 long, -1 short: as the name of the output says, else the side given, else the sign of the quantity."""
    told = [SIDES[token] for token in tokens_of(name) if token in SIDES]
    if told:
        return told[0]
    if facts.has("side"):
        word = facts.text("side").strip().lower()
        if word not in SIDES:
            raise Lacking(f"the side {word!r} is neither long nor short")
        return SIDES[word]
    for concept in ("quantity", "value", "impact_unit"):
        if facts.has(concept):
            return -1 if facts.peek(concept) < 0 else 1
    return 1


def contract_of(bench: Bench) -> Contract:
    """Contract of the example: that of its label, else one of the kind named, or the venue's only one; its size, or one unit."""
    found = bench.venue.instrument(bench.native_id) if bench.venue is not None and bench.native_id else None
    size = None
    if bench.facts.has(SIZE):
        size = bench.facts.number(SIZE)
    elif bench.facts.has("times") and not multiplies_rate(bench.dated):
        size = bench.facts.number("times")  # a multiplier of the contract, where the rate has none
    elif found is not None and bench.venue is not None:
        size = bench.venue.contract(bench.native_id, bench.moment).get(SIZE)
    if found is None or found.market not in PAYOFFS:
        return Contract(_payoff(bench), "settle", 1 if size is None else size)
    try:
        return Contract.of_symbol(found.symbol, size)
    except PerpscopeError as problem:
        raise Lacking(str(problem)) from None


def _payoff(bench: Bench) -> Payoff:
    """Payoff of a contract without a name: as said, else by what it pays in, else the venue's only one, or linear."""
    if bench.market in PAYOFFS:
        return cast("Payoff", bench.market)
    patterns = bench.venue.patterns if bench.venue is not None else ()
    kinds = {pattern.settle in {"=base", pattern.base} for pattern in patterns}
    asked = {bench.paid == "coin"} if bench.paid else set()
    return "inverse" if (kinds & asked or kinds) == {True} else "linear"


def price_of(bench: Bench) -> Number:
    """Return the notional price: of the kind the rule names, else the only price given."""
    named = {"oracle": "index", "close": "price"}.get(bench.rule.settle.price, bench.rule.settle.price)
    for concept in ("price", named, "mark", "index"):
        if bench.facts.has(concept):
            price = bench.facts.number(concept)
            if bench.facts.has("asset_price"):
                price /= bench.facts.number("asset_price")
            return price * Fraction(10) ** (bench.facts.places("exponent") if concept == "price" and bench.facts.has("exponent") else 0)
    raise Lacking("the price of the notional is not given")


def value_of(bench: Bench, name: str) -> Number:
    """Size of the position's value in the asset the name asks for, never negative."""
    facts = bench.facts
    for concept in ("quantity", "impact_unit"):
        if facts.has(concept):
            return _of_quantity(bench, name, concept)
    if facts.has("value"):
        value, coins = magnitude(facts.number("value")), COINS & set(tokens_of(name))
        if coins and not coins & set(tokens_of(facts.meaning("value").name)) and any(facts.has(c) for c in ("price", "mark", "index")):
            return value / price_of(bench)  # a value in money, asked for in the coin
        return value
    whole_side = side_held(facts, name)
    if whole_side is None:
        raise Lacking("neither a quantity nor a notional is given")
    return whole_side


def side_held(facts: Facts, name: str) -> Number | None:
    """Return all that the side in a name holds; None where it names none, or its open interest is not given."""
    told = {1: "long_open", -1: "short_open"}[side_of(facts, name)]
    named = any(token in SIDES for token in tokens_of(name))
    return magnitude(facts.number(told)) if named and facts.has(told) else None


def _of_quantity(bench: Bench, name: str, concept: str) -> Number:
    """Value of a quantity; a quantity of the very coin that is asked for is its own value."""
    facts = bench.facts
    quantity = magnitude(facts.number(concept))
    coins = [token for token in tokens_of(facts.meaning(concept).name) if token in ASSETS]
    if set(coins) & COINS and not set(coins) & set(tokens_of(name)) and bench.rule.settle.price != "none":
        return quantity * price_of(bench)  # coins, whatever the size of a contract
    if coins and coins[0] in tokens_of(name):
        if facts.has("value"):
            _agree(magnitude(facts.number("value")) / price_of(bench), quantity, facts.meaning("value").name)
        return quantity
    if bench.rule.settle.price == "none" and not any(facts.has(c) for c in ("price", "mark", "index")):
        return quantity
    contract, price = contract_of(bench), price_of(bench)
    value, asked = contract.value(quantity, price), set(tokens_of(name))
    if contract.payoff == "inverse" and asked & DOLLARS and not asked & (COINS | SATOSHI):
        return value * price  # paid in the coin, asked for in money
    return value


def _agree(one: Number, other: Number, name: str) -> None:
    if one != other:
        raise Lacking(f"{name} and the quantity do not agree: {float(one):g} against {float(other):g}")


def account_payments(bench: Bench, asked: Meaning, owed: Charge) -> Number:
    """Money that one of several named holders receives."""
    held = bench.facts.by_name("accounts")
    alone = next(iter(held.values())) if len(held) == 1 else None
    found = next((quantity for name, quantity in held.items() if name in tokens_of(asked.name)), alone)
    if found is None:
        raise Lacking(f"{asked.name}: none of the holders given has that name")
    return payment(owed, found, bench.rule.settle)


def charge_of(bench: Bench, value: Number, price: Number | None) -> Charge:
    """Money one contract owes for a decided value, by the rule's settlement."""
    try:
        facts = bench.facts
        opened = {name: magnitude(facts.number(name)) for name in ("long_open", "short_open") if facts.has(name)}
        pool = facts.number("fee_pool") if facts.has("fee_pool") else 0
        settle = bench.rule.settle
        if settle.sides == "capped" and not opened:
            bench.notes.add("no open interest is given: what limits the receivers is not applied")
            settle = replace(settle, sides="mirror")
        return charge(value, settle, contract_of(bench), price, **opened, pool=pool)
    except PerpscopeError as problem:
        raise Lacking(str(problem)) from None


def stamped_payments(bench: Bench, name: str) -> Number:
    """Money received over several stamps, for a position held from `opened` to `closed`, the venue's tolerance included."""
    facts = bench.facts
    opened, closed = (_moment(facts, concept) for concept in ("opened", "closed"))
    quantity = magnitude(facts.number("quantity")) * side_of(facts, name)
    facts.mark("side")
    grace = round(Fraction(bench.rule.settle.grace_s) * 1000)
    total: Number = Fraction(0)
    for event in _events(facts):
        at = _stamp(event)
        if (opened <= at or opened < at + grace) and closed >= at:
            rate, price = (event.get(key) for key in _keys(event))
            if not isinstance(rate, Fraction) or not isinstance(price, Fraction):
                raise Lacking("a settlement without a rate or a price")
            total += payment(charge_of(bench, rate, price), quantity, bench.rule.settle)
    return total


def _moment(facts: Facts, concept: str) -> int:
    found = turn_in(facts.text(concept))
    if found is None:
        raise Lacking(f"{facts.meaning(concept).name} is no time")
    return found


def _events(facts: Facts) -> list[dict[str, Any]]:
    found = facts.take("settlements")
    try:
        return [dict(event) for event in found]  # type: ignore[arg-type, union-attr]  # what is no list of pairs is told below
    except (TypeError, ValueError):
        raise Lacking(f"{facts.meaning('settlements').name} are not objects with time, rate and price") from None


def _stamp(event: Mapping[str, Any]) -> int:
    text = next((str(event[key]) for key in ("time", "at", "timestamp") if key in event), "")
    found = turn_in(text)
    if found is None:
        raise Lacking(f"a settlement at {text!r}, which is no time")
    return found


def _keys(event: Mapping[str, Any]) -> tuple[str, str]:
    rate = next((key for key in ("rate", "funding_rate") if key in event), "rate")
    return rate, next((key for key in ("mark", "mark_price", "price", "index", "oracle") if key in event), "mark")
