"""What does it cost that one side has more to deliver than the other?

In a deliverable perpetual the notices of longs and shorts cancel each other, and only their net meets the repo book: net
delivery by longs buys repo (spot bought, perpetual sold), net delivery by shorts sells it. Whoever rolls on pays or
receives the clearing price, with the other sign: longs that deliver leave shorts to pay.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, NamedTuple

from perpscope.errors import InputError
from perpscope.market.number import INF, Number, magnitude
from perpscope.mechanisms.auction import Order, clear

Side = Literal["bid", "ask"]


class Quote(NamedTuple):
    """One order of the repo book: the rate it bids or asks (fraction of notional per interval) and its quantity, > 0."""

    side: Side
    rate: Number
    quantity: Number


class Fill(NamedTuple):
    """What became of an order of the book: its own rate, the quantity filled (> 0), and the one price of all fills."""

    side: Side
    rate: Number
    quantity: Number
    price: Number


@dataclass(frozen=True, slots=True)
class RepoResult:
    """What a repo auction gave; rates are fractions of notional per interval, quantities contracts.

    Parameters
    ----------
    net_delivery : delivered by longs less delivered by shorts. clearing_price : rate of the last fill, that of every fill;
        None where nothing was filled. funding_rate : what longs pay shorts; None after a failure whose rate nobody gave.
    fills : of the book, best rate first. undelivered : quantity of notices that found nobody, >= 0. failed : whether there is any.
    rejected : orders of the wrong sign, which took no part.
    """

    net_delivery: Number
    clearing_price: Number | None
    funding_rate: Number | None
    fills: tuple[Fill, ...]
    undelivered: Number
    failed: bool
    rejected: tuple[Quote, ...]


def clear_repo(
    delivered_long: Number,
    delivered_short: Number,
    bids: Iterable[tuple[Number, Number]],
    asks: Iterable[tuple[Number, Number]],
    *,
    failure_rate: Number | None = None,
    idle_rate: Number | None = 0,
) -> RepoResult:
    """Sweep the repo book with the net delivery and price all of it at the last fill.

    Parameters
    ----------
    delivered_long, delivered_short : quantities with notice of delivery, >= 0.
    bids, asks : (rate, quantity) pairs in order of arrival; bids above zero and asks below it are rejected.
    failure_rate : funding rate (signed) after a failed delivery; the venue that ran this auction said "the highest possible
        value" and no more, so it is None, and the rate unknown, unless the caller knows better.
    idle_rate : funding rate where longs and shorts deliver alike, so that nothing is traded.

    Raises
    ------
    InputError
        When a quantity is negative or no number, or a rate is none.

    Source: the funding auction of a deliverable venue (its help page of 2020-07-24 and its API reference); see the catalogue.

    Examples
    --------
    >>> found = clear_repo(80, 100, bids=[(-0.0001, 10), (-0.00015, 10)], asks=[(0.0001, 10)])
    >>> found.net_delivery, found.clearing_price, found.funding_rate
    (-20, -0.00015, 0.00015)
    """
    for name, quantity in (("by longs", delivered_long), ("by shorts", delivered_short)):
        if not 0 <= quantity < INF:
            raise InputError(f"the delivery {name}", f"a quantity of {quantity}", "Give contracts, 0 or more.")
    quotes = [_quote("bid", *pair) for pair in bids] + [_quote("ask", *pair) for pair in asks]
    rejected = tuple(quote for quote in quotes if _rejected(quote))
    net = delivered_long - delivered_short
    side: Side = "ask" if net > 0 else "bid"
    swept = [quote for quote in quotes if quote.side == side and not _rejected(quote)] if net else []
    notices = [Order(INF if net > 0 else -INF, net)] if net else []
    found = clear([*notices, *(Order(q.rate, -q.quantity if side == "ask" else q.quantity) for q in swept)])
    price, undelivered = found.price, magnitude(found.left)
    rate = idle_rate if price is None else 0 - price
    return RepoResult(
        net_delivery=net,
        clearing_price=price,
        funding_rate=failure_rate if undelivered else rate,
        fills=() if price is None else _fills(swept, found.filled[len(notices) :], price),
        undelivered=undelivered,
        failed=bool(undelivered),
        rejected=rejected,
    )


def _quote(side: Side, rate: Number, quantity: Number) -> Quote:
    if not (-INF < rate < INF and 0 < quantity < INF):
        raise InputError(f"a repo {side}", f"rate {rate}, quantity {quantity}", "Give a rate as a fraction and a quantity above 0.")
    return Quote(side, rate, quantity)


def _rejected(quote: Quote) -> bool:
    """Whether the venue refuses an order during the auction: a bid above zero, an offer below it."""
    return quote.rate > 0 if quote.side == "bid" else quote.rate < 0


def _fills(swept: list[Quote], filled: tuple[Number, ...], price: Number) -> tuple[Fill, ...]:
    """List the fills of the swept side, the best rate first; at one rate the earliest first."""
    pairs = [(quote, magnitude(quantity)) for quote, quantity in zip(swept, filled, strict=True) if quantity]
    best_first = sorted(pairs, key=lambda pair: pair[0].rate if pair[0].side == "ask" else -pair[0].rate)
    return tuple(Fill(quote.side, quote.rate, quantity, price) for quote, quantity in best_first)
