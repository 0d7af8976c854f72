"""When do the costs of a trade change? Eras of constant costs, found by asking.

Costs answer for any moment. They are asked once a week, and where two weeks differ the row between them is searched at which they change:
what changes and changes back within a week is not seen.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from perpscope.market.number import to_float
from perpscope.trading.backtest.account import Account
from perpscope.trading.backtest.charges import Charges
from perpscope.trading.backtest.ready import Ready
from perpscope.trading.costs.parts import Order
from perpscope.units import MS_PER_DAY

if TYPE_CHECKING:
    from perpscope.trading.lanes.track import Era

SHARES = (0.05, 0.25, 0.5, 2.0, 4.0)
"""Of the notional, at which costs are asked whether they depend on it: openings shrink with the money, closings follow the price."""
WEEK = 7 * MS_PER_DAY
Four = tuple[float, float, float, float]


class Pair(NamedTuple):
    """Numbers of the short and the long leg."""

    short: int
    long: int


def eras_of(given: Ready, charges: Charges, pair: Pair, notional: float) -> list[Era]:
    """Find the eras of a trade's costs.

    Parameters
    ----------
    given, charges : of a backtest. pair : which leg is which. notional : quote units that fills are asked for; where costs depend on it,
        that is told as an assumption.
    """
    at = [one.at for one in given.clock]
    legs = [(k, given.accounts[k]) for k in pair]

    def asked(row: int, size: float = notional) -> Four:
        (so, sc), (lo, lc) = (_fills(k, own, at[row], charges, size) for k, own in legs)
        return so, sc, lo, lc

    if any(asked(0, notional * share) != asked(0) for share in SHARES):
        charges.assume(f"fills are charged as those of a notional of {notional:,.0f}, whatever their own (assumed)")
    return changes(asked, _weekly(at))


def _weekly(at: Sequence[int]) -> list[int]:
    """First row of each week, and the last row."""
    found = [0, *(row for row in range(1, len(at)) if at[row] // WEEK != at[row - 1] // WEEK)]
    return found if found[-1] == len(at) - 1 else [*found, len(at) - 1]


def changes(asked: Callable[[int], Four], rows: Sequence[int]) -> list[Era]:
    """Return where an answer changes, and to what: looked at in rising `rows`, searched in between where two of them differ.

    Examples
    --------
    >>> changes(lambda row: (float(row >= 13), 0.0, 0.0, 0.0), [0, 10, 20, 30])
    [(0, (0.0, 0.0, 0.0, 0.0)), (13, (1.0, 0.0, 0.0, 0.0))]
    """
    found: list[Era] = [(rows[0], asked(rows[0]))]
    for low, high in pairwise(rows):
        after, since = asked(high), low
        while found[-1][1] != after:
            since = _first_change(asked, since, high)
            found.append((since, asked(since)))
    return found


def _first_change(asked: Callable[[int], Four], low: int, high: int) -> int:
    """Row after `low`, up to `high`, from which on an answer is another than in the row before it."""
    own = asked(low)
    while high - low > 1:
        middle = (low + high) // 2
        if asked(middle) == own:
            low = middle
        else:
            high = middle
    return high


def _fills(k: int, own: Account, ms: int, charges: Charges, notional: float) -> tuple[float, float]:
    """Cost of opening and of closing a leg at a moment, fractions; a fee that depends on the price is told for that of the moment."""
    orders: tuple[Order, Order] = ("buy", "sell") if own.leg.sign > 0 else ("sell", "buy")
    price = _price(own, ms)
    opening, closing = (sum(charges.fill(k, own.leg, ms, order, notional, price)) for order in orders)
    return to_float(opening), to_float(closing)


def _price(own: Account, ms: int) -> float:
    return to_float(own.bars.trade[max(bisect_right(own.bars.known, ms) - 1, 0)])
