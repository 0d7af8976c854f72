"""How large may a trade become before the books eat what it earns?

The walk into the books grows with the notional. Capacity is the notional at which entering and leaving cost as much as the carry of
the whole holding time, or what the recorded books hold, if that is less. Where all that is known of a market is its spread, nobody
knows how deep it is, and there is no capacity.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from perpscope.market.number import Number, to_float
from perpscope.trading.costs.figure import Figure, summed
from perpscope.trading.costs.parts import Crossing, Order, TradeCosts
from perpscope.trading.scan.value import reasons, turned
from perpscope.trading.trade import Leg, Trade

SMALL, HUGE = 1.0, 1e15
STEPS, DIGITS = 60, 9
"""Halvings of the search, after which its two ends differ by less than one part in a million."""


@dataclass(frozen=True, slots=True)
class Capacity:
    """Largest notional of a trade, quote units; None where it is not known, see `why`. `bound` says what ends it."""

    notional: float | None
    why: str = ""
    bound: str = ""


def capacity(trade: Trade, costs: TradeCosts, ms: int, income: float, prices: Sequence[Number | None] = ()) -> Capacity:
    """Find the notional at which a trade's costs reach its income.

    Parameters
    ----------
    costs : one set a leg. ms : moment, UTC. income : what it receives over the holding time after what holding costs, a fraction.
    prices : of each leg's coin, for fees per contract.

    **Source**: definition; found by halving the ratio of a size that pays and one that does not.
    """
    for leg, own in zip(trade.legs, costs.legs, strict=True):
        shallow = _shallow(leg, own.crossing, ms)
        if shallow:
            return Capacity(None, shallow)

    def cost(notional: float) -> Mapping[str, Figure]:
        return turned(trade, costs, notional, ms, prices)

    def pays(notional: float) -> bool:
        found = summed(cost(notional))
        return found.value is not None and to_float(found.value) <= income

    if not pays(SMALL):
        why = reasons(cost(SMALL))
        return Capacity(None, why) if why else Capacity(0.0, "", "its costs exceed its income at any size")
    low, high = SMALL, HUGE
    for _ in range(STEPS):
        middle = (low * high) ** 0.5
        low, high = (middle, high) if pays(middle) else (low, middle)
    return Capacity(_floored(low), "", reasons(cost(high)) or "its costs reach its income")


def _floored(value: float) -> float:
    """Cut behind the ninth digit: a walk of a million holds a million, whatever the last binary digits of the search say."""
    unit = 10.0 ** (math.floor(math.log10(value)) - DIGITS + 1)
    return max(math.floor(value / unit) * unit, SMALL)


def _shallow(leg: Leg, crossing: Crossing, ms: int) -> str:
    """Say why no depth is known of a leg's market; empty where it is."""
    orders: tuple[Order, Order] = ("buy", "sell")
    for order in orders:
        small, huge = crossing.at(ms, order, SMALL), crossing.at(ms, order, HUGE)
        if small.value is None:
            return f"{leg.name}: {small.note}"
        if huge.value is not None and huge.value == small.value:
            if small.status in {"given", "assumed"}:
                return (
                    f"{leg.name}: your own spread ({small.source or small.note}) says what any size pays; leave it out, or give an impact"
                )
            return f"{leg.name}: no depth is on record, only a spread; record its books, or give an impact in a cost file (--costs)"
    return ""
