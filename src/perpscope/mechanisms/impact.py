"""At which prices does a book take a given notional or quantity, and what does a thin side say?

On chain a side that cannot take it is no error: it stands for the worst price there is, so that the observation
goes on. The functions run on floats and on Fractions.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

from perpscope.market.book import impact_price
from perpscope.market.number import INF, Number

Ladder: TypeAlias = Sequence[tuple[Number, Number]]
"""(price, quantity) best first; quantities in base units."""


def notional_prices(bids: Ladder, asks: Ladder, notional: Number) -> tuple[Number, Number]:
    """Average prices at which `notional` (quote units) is sold into the bids and bought from the asks.

    A side that holds less stands at 0 (bids) or infinity (asks): a premium outside the spread is then 0 on that side. A notional
    of 0 asks for the best prices.

    Source: the premium votes of an on-chain order book; see the catalogue.

    Examples
    --------
    >>> notional_prices([(99, 1)], [(101, 1), (103, 1)], 204)
    (0, 102.0)
    """
    return _average(bids, notional, 0), _average(asks, notional, INF)


def _average(levels: Ladder, notional: Number, thin: Number) -> Number:
    if notional == 0 and levels:
        return levels[0][0]
    prices: list[Any] = [price for price, _ in levels]  # the text is written for floats and runs on exact numbers too
    quantities: list[Any] = [quantity for _, quantity in levels]
    exact: Any = notional
    found: Number = impact_price(prices, quantities, exact)
    return found if found == found else thin  # noqa: PLR0124 - only NaN differs from itself


def depth_prices(bids: Ladder, asks: Ladder, quantity: Number, index: Number) -> tuple[Number, Number]:
    """Prices of the levels at which `quantity` base units have been met on each side.

    A side that holds less stands at minus infinity (bids) or infinity (asks), so that a mid of the two lies beyond every cap
    towards the side that is there; where neither holds enough, both stand at `index` (quote units) and the premium is 0.

    Source: the impact price of an on-chain order book that prices its funding off the mid; see the catalogue.

    Examples
    --------
    >>> depth_prices([(99, 1), (98, 5)], [(101, 9)], 3, 100)
    (98, 101)
    """
    bid, ask = _level(bids, quantity), _level(asks, quantity)
    if bid is None and ask is None:
        return index, index
    return -INF if bid is None else bid, INF if ask is None else ask


def _level(levels: Ladder, quantity: Number) -> Number | None:
    met: Number = 0
    for price, held in levels:
        met = met + held
        if met >= quantity:
            return price
    return None
