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
from perpscope.mechanisms.sample import clamp

Tie = Literal["last", "middle"]
TIES: tuple[str, ...] = get_args(Tie)


class Order(NamedTuple):
    """A limit (fraction or price; +inf for a buyer and -inf for a seller at any price) and a signed quantity: > 0 buys, < 0 sells."""

    limit: Number
    quantity: Number


@dataclass(frozen=True, slots=True)
class Cleared:
    """What an auction gave.

    Parameters
    ----------
    price : the one price of every fill, in the unit of the limits; None where nothing traded against a limit.
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
    tie : which price where several clear: "last" (the limit that the last fill met) or "middle" (of the interval of clearing prices).
    idle : the number of a window in which orders at any price cancel each other out and no limit is met; None where that is unknown.
    """

    tie: Tie = "last"
    idle: Number | None = None
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

    Nobody is filled beyond his own limit, and nobody with a better limit than the price is left out. Where that leaves an
    interval of prices the tie decides: "last" takes the limit that the last fill met, an order at any price having met one
    with a limit; where two limits met each other neither is the price of the other, and the middle is taken as by "middle".

    Raises
    ------
    InputError
        When a limit or a quantity is not a number, a quantity is zero, or a limit can never be met.

    Source: the repo auction of one deliverable venue and the daily carry auction of a gold exchange; see the catalogue.

    Examples
    --------
    >>> clear([Order(float("-inf"), -20), Order(-0.0001, 10), Order(-0.00015, 10)]).price
    -0.00015
    """
    for k, order in enumerate(orders):
        _refuse_nonsense(k, order)
    buys = sorted((k for k, order in enumerate(orders) if order.quantity > 0), key=lambda k: -orders[k].limit)
    sells = sorted((k for k, order in enumerate(orders) if order.quantity < 0), key=lambda k: orders[k].limit)
    open_ = [magnitude(order.quantity) for order in orders]
    met = _match(orders, buys, sells, open_)
    filled = tuple((magnitude(o.quantity) - rest) * (1 if o.quantity > 0 else -1) for o, rest in zip(orders, open_, strict=True))
    volume = sum((x for x in filled if x > 0), start=0 * sum(open_))
    left = sum(rest if o.quantity > 0 else -rest for o, rest in zip(orders, open_, strict=True) if magnitude(o.limit) == INF)
    return Cleared(_price(orders, open_, met, tie), volume, filled, left)


def _refuse_nonsense(k: int, order: Order) -> None:
    limit, quantity = order
    what = f"order {k} of an auction"
    if limit != limit or not -INF < quantity < INF or quantity == 0:  # noqa: PLR0124 - only NaN differs from itself
        raise InputError(what, f"limit {limit}, quantity {quantity}", "Give numbers; a quantity is never 0.")
    if limit == (-INF if quantity > 0 else INF):
        raise InputError(what, f"limit {limit} with quantity {quantity} is never met", "Leave the order out.")


def _match(orders: Sequence[Order], buys: list[int], sells: list[int], open_: list[Number]) -> tuple[Number, Number] | None:
    """Fill what can meet; return the two limits of the last fill, None where no order with a limit was filled."""
    met, i, j = None, 0, 0
    while i < len(buys) and j < len(sells) and orders[buys[i]].limit >= orders[sells[j]].limit:
        buy, sell = buys[i], sells[j]
        traded = min(open_[buy], open_[sell])
        open_[buy] -= traded
        open_[sell] -= traded
        if not (orders[buy].limit == INF and orders[sell].limit == -INF):
            met = orders[buy].limit, orders[sell].limit
        i += open_[buy] == 0
        j += open_[sell] == 0
    return met


def _price(orders: Sequence[Order], open_: list[Number], met: tuple[Number, Number] | None, tie: Tie) -> Number | None:
    """Price of every fill; the last fill's, or the middle, inside the interval at which everybody is content."""
    if met is None:
        return None
    low, high = _content(orders, open_)
    if tie == "last" and INF in {magnitude(met[0]), magnitude(met[1])}:
        return clamp(met[1] if met[0] == INF else met[0], low, high)
    if low == -INF or high == INF:
        return low if high == INF else high
    return (low + high) / 2


def _content(orders: Sequence[Order], open_: list[Number]) -> tuple[Number, Number]:
    """Interval of prices at which nobody with a better limit is left out and nobody is filled beyond his own."""
    low: Number = -INF
    high: Number = INF
    for (limit, quantity), rest in zip(orders, open_, strict=True):
        if magnitude(limit) == INF:
            continue
        buys, some_left, some_filled = quantity > 0, rest > 0, rest < magnitude(quantity)
        if some_left if buys else some_filled:
            low = max(low, limit)
        if some_filled if buys else some_left:
            high = min(high, limit)
    return low, high
