"""At which price do all orders that can meet, meet?

One uniform-price call auction serves every rule that discovers its carry instead of computing it. An order buys
(quantity > 0, at most at its limit) or sells (quantity < 0, at least at its limit); a notice of delivery is an order at
any price, its limit infinite. What is bought and sold is for the rule to say: repo, or the carrying of a position.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, get_args

from perpscope.errors import CatalogueError, InputError
from perpscope.market.number import INF, Number, magnitude
from perpscope.mechanisms.reduce import AverageNumbers

Tie = Literal["last", "middle"]
TIES: tuple[str, ...] = get_args(Tie)


class Order(NamedTuple):
    """A limit (a fraction, +inf or -inf for "at any price") and a signed quantity: > 0 buys, < 0 sells."""

    limit: Number
    quantity: Number


@dataclass(frozen=True, slots=True)
class Cleared:
    """What an auction gave.

    Parameters
    ----------
    price : the one price of every fill; None where nothing traded against a limit.
    volume : quantity that changed hands, >= 0, notices that met each other included.
    filled : signed quantity of each order that was filled, in the order they were given.
    left : signed quantity of orders at any price that found nobody: a failure to deliver, or to receive.
    """

    price: Number | None
    volume: Number
    filled: tuple[Number, ...] = field(default=())
    left: Number = 0


@dataclass(frozen=True, slots=True)
class Auction:
    """An average no longer: the number of the window is the price at which its orders clear.

    Parameters
    ----------
    tie : which price where several clear: "last" (that of the last fill) or "middle" (of the interval of clearing prices).
    """

    tie: Tie = "last"
    kind = -1
    at_least = grains = 0

    def __post_init__(self) -> None:
        """Refuse ties nobody defined."""
        if self.tie not in TIES:
            raise CatalogueError("an auction", f"the tie {self.tie!r}", f"Known: {', '.join(TIES)}.")

    def numbers(self) -> AverageNumbers:
        """Refuse to be added to: orders are cleared at once.

        Raises
        ------
        InputError
            Always.
        """
        raise InputError("a running average", "the rule holds an auction", "Give all orders of the window to `Rule.fix`.")


def clear(orders: Sequence[Order], tie: Tie = "last") -> Cleared:
    """Clear all orders at one price: the best limits first, at one limit the earliest first.

    Raises
    ------
    InputError
        When a limit or a quantity is not a number, or a quantity is zero.

    Source: the repo auction of one deliverable venue and the daily carry auction of a gold exchange; see the catalogue.

    Examples
    --------
    >>> clear([Order(float("-inf"), -20), Order(-0.0001, 10), Order(-0.00015, 10)]).price
    -0.00015
    """
    for k, (limit, quantity) in enumerate(orders):
        if limit != limit or not -INF < quantity < INF or quantity == 0:  # noqa: PLR0124 - only NaN differs from itself
            there = f"limit {limit}, quantity {quantity}"
            raise InputError(f"order {k} of an auction", there, "Give numbers; a quantity is never 0.")
    buys = sorted((k for k, order in enumerate(orders) if order.quantity > 0), key=lambda k: -orders[k].limit)
    sells = sorted((k for k, order in enumerate(orders) if order.quantity < 0), key=lambda k: orders[k].limit)
    open_ = [magnitude(order.quantity) for order in orders]
    last = _match(orders, buys, sells, open_)
    filled = tuple((magnitude(o.quantity) - rest) * (1 if o.quantity > 0 else -1) for o, rest in zip(orders, open_, strict=True))
    volume = sum((x for x in filled if x > 0), start=0 * sum(open_))
    left = sum(rest if o.quantity > 0 else -rest for o, rest in zip(orders, open_, strict=True) if magnitude(o.limit) == INF)
    price = None if last is None else _last(orders, *last) if tie == "last" else _middle(orders, buys, sells, open_)
    return Cleared(price, volume, filled, left)


def _match(orders: Sequence[Order], buys: list[int], sells: list[int], open_: list[Number]) -> tuple[int, int] | None:
    """Fill what can meet; return the last pair that met with a limit on either side."""
    last, i, j = None, 0, 0
    while i < len(buys) and j < len(sells) and orders[buys[i]].limit >= orders[sells[j]].limit:
        buy, sell = buys[i], sells[j]
        size = min(open_[buy], open_[sell])
        open_[buy] -= size
        open_[sell] -= size
        if not (orders[buy].limit == INF and orders[sell].limit == -INF):
            last = buy, sell
        i += open_[buy] == 0
        j += open_[sell] == 0
    return last


def _last(orders: Sequence[Order], buy: int, sell: int) -> Number:
    """Limit of the order that the last fill met: the one with a limit or, of two, the one that was there first."""
    if orders[buy].limit == INF:
        return orders[sell].limit
    if orders[sell].limit == -INF:
        return orders[buy].limit
    return orders[min(buy, sell)].limit


def _middle(orders: Sequence[Order], buys: list[int], sells: list[int], open_: list[Number]) -> Number:
    """Middle of the prices at which nobody with a better limit is left out and nobody is filled beyond his own."""
    filled = [k for k, order in enumerate(orders) if open_[k] < magnitude(order.quantity)]
    ceiling = [orders[k].limit for k in filled if orders[k].quantity > 0] + [orders[k].limit for k in sells if open_[k] > 0]
    floor = [orders[k].limit for k in filled if orders[k].quantity < 0] + [orders[k].limit for k in buys if open_[k] > 0]
    high, low = min(ceiling, default=INF), max(floor, default=-INF)
    if high == INF or low == -INF:
        return low if high == INF else high
    return (high + low) / 2
