"""What would a given notional cost right now?

A `Book` is two sorted ladders. The impact price is the average fill price of a given notional of quote currency
walked through one side, the definition venues use for their impact bid and ask.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from perpscope.errors import InputError, NotEnoughData

Level = tuple[float, float]
Side = Literal["bid", "ask"]


@dataclass(frozen=True, slots=True)
class Book:
    """Bids falling, asks rising; prices and quantities positive and finite; best bid below best ask.

    Parameters
    ----------
    bids, asks : (price, quantity) best first; quantity in base units (in USD for inverse contracts).
    """

    bids: tuple[Level, ...]
    asks: tuple[Level, ...]

    def __post_init__(self) -> None:
        """Refuse reversed, crossed or broken books, each with its own words."""
        for side, levels, sign in (("bids", self.bids, -1), ("asks", self.asks, 1)):
            for price, quantity in levels:
                if not (math.isfinite(price) and math.isfinite(quantity) and price > 0 and quantity > 0):
                    raise InputError(f"the {side}", f"a level of {price} x {quantity}", "Prices and quantities are positive numbers.")
            prices = [price for price, _ in levels]
            if any((b - a) * sign <= 0 for a, b in pairwise(prices)):
                raise InputError(f"the {side}", "levels out of order (reversed or repeated)", "Give the best price first, each once.")
        if self.bids and self.asks and self.bids[0][0] >= self.asks[0][0]:
            raise InputError(
                "an order book", f"crossed: bid {self.bids[0][0]} >= ask {self.asks[0][0]}", "Resynchronise the book from a snapshot."
            )

    @classmethod
    def of(cls, bids: Iterable[Sequence[float]], asks: Iterable[Sequence[float]]) -> Book:
        """Build a book from rows of [price, quantity], already best first."""
        return cls(tuple((float(p), float(q)) for p, q in bids), tuple((float(p), float(q)) for p, q in asks))

    def impact_price(self, side: Side, notional: float) -> float:
        """Average price at which `notional` (quote currency) fills: selling into bids, buying from asks.

        Raises
        ------
        NotEnoughData
            When that side holds less than `notional`.
        """
        levels = self.bids if side == "bid" else self.asks
        price = impact_price([p for p, _ in levels], [q for _, q in levels], notional)
        if math.isnan(price):
            held = sum(p * q for p, q in levels)
            raise NotEnoughData(
                f"the impact {side} of {notional:g}", f"that side holds {held:g}", "Record more levels or lower the notional."
            )
        return price

    @property
    def mid(self) -> float:
        """Mean of best bid and best ask."""
        if not (self.bids and self.asks):
            raise NotEnoughData("the mid price", "one side of the book is empty", "Wait for both sides.")
        return (self.bids[0][0] + self.asks[0][0]) / 2


def impact_price(prices: Sequence[float], quantities: Sequence[float], notional: float) -> float:
    """Average fill price of `notional` quote units; NaN when the ladder is too thin.

    The text that is also compiled: it walks levels until the notional is spent. The last level is taken in part,
    so the average is notional / base units bought.
    """
    left = notional
    base = 0 * notional
    for i in range(len(prices)):
        price = prices[i]
        value = price * quantities[i]
        if value >= left:
            base += left / price
            return notional / base
        left -= value
        base += quantities[i]
    return math.nan
