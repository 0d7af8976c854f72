"""What does a repo auction of an example give?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from perpscope.catalogue.check.bench import Bench
from perpscope.catalogue.check.facts import Lacking, Value
from perpscope.catalogue.check.names import Meaning
from perpscope.errors import PerpscopeError
from perpscope.market.number import Number, magnitude
from perpscope.mechanisms.auction import Auction, Order, clear
from perpscope.mechanisms.repo import RepoResult, clear_repo


def cleared(bench: Bench) -> RepoResult:
    """Clear the deliveries of an example against its book."""
    reducer, facts = bench.rule.reduce, bench.facts
    if not isinstance(reducer, Auction):
        raise Lacking(f"{bench.dated.id} holds no auction")
    failure = facts.number("failure_rate") if facts.has("failure_rate") else None
    try:
        return clear_repo(
            facts.number("delivered_long"),
            facts.number("delivered_short"),
            _orders(bench, "bids"),
            _orders(bench, "asks"),
            failure_rate=failure,
            idle_rate=reducer.idle,
        )
    except PerpscopeError as problem:
        raise Lacking(str(problem)) from None


def _orders(bench: Bench, side: str) -> list[Any]:
    if not bench.facts.has(side):
        return []
    found: list[Any] = []
    value = bench.facts.take(side)
    for order in value if isinstance(value, list) else [value]:
        match order:
            case [Fraction() | float() as limit, Fraction() as quantity]:
                found.append((limit, quantity))
            case _:
                raise Lacking(f"{side} are not orders of [rate, quantity]")
    return found


def _clearing_price(bench: Bench, asked: Meaning) -> Value:
    del asked
    if not bench.facts.has("delivered_long") and isinstance(bench.rule.reduce, Auction) and bench.rule.reduce.tie == "middle":
        return _there(_carried(bench, bench.rule.reduce), "clearing price: nothing traded")
    found, reducer = cleared(bench), bench.rule.reduce
    if found.clearing_price is None and not found.net_delivery and isinstance(reducer, Auction) and reducer.idle is not None:
        bench.notes.add("nothing has to be traded: the price is the one the rule gives such a round")
        return reducer.idle
    return _there(found.clearing_price, "clearing price: nothing traded")


def _carried(bench: Bench, auction: Auction) -> Number | None:
    """Charge at which positions are carried: longs pay at most their limits, shorts accept at least theirs."""
    sides = ((1, "bids"), (-1, "asks"))
    try:
        return clear([Order(limit, sign * quantity) for sign, side in sides for limit, quantity in _orders(bench, side)], auction.tie).price
    except (PerpscopeError, ValueError) as problem:
        raise Lacking(str(problem)) from None


def auction_rate(bench: Bench) -> Number:
    """Funding rate that the auction fixes."""
    return _there(cleared(bench).funding_rate, "rate: the delivery failed or nothing traded, and what the rate then is, is not given")


def _there(value: Number | None, what: str) -> Number:
    if value is None:
        raise Lacking(f"no {what}")
    return value


def _net_delivery(bench: Bench, asked: Meaning) -> Value:
    del asked
    return cleared(bench).net_delivery


def _filled(bench: Bench, asked: Meaning) -> Value:
    del asked
    found = cleared(bench)
    return magnitude(found.net_delivery) - found.undelivered


def _undelivered(bench: Bench, asked: Meaning) -> Value:
    del asked
    return cleared(bench).undelivered


def _failed(bench: Bench, asked: Meaning) -> Value:
    del asked
    return "true" if cleared(bench).failed else "false"


AUCTIONS: Mapping[str, Callable[[Bench, Meaning], Value]] = {
    "clearing_price": _clearing_price,
    "net_delivery": _net_delivery,
    "filled": _filled,
    "undelivered": _undelivered,
    "failed": _failed,
}
