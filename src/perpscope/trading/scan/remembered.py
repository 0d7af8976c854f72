"""How are the costs of thousands of trades found, of a few legs each, without asking the same twice?

A leg of a contract is part of many trades. Whoever is asked for the same moment, side and notional again answers from memory.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from perpscope.market.number import Number
from perpscope.trading.costs.figure import Figure
from perpscope.trading.costs.parts import Crossing, Fees, LegCosts, Liquidity, Order


@dataclass(frozen=True, slots=True)
class RememberedFees:
    """Fees that remember what they said."""

    fees: Fees
    told: dict[tuple[object, ...], Figure] = field(default_factory=dict)

    def at(self, ms: int, liquidity: Liquidity, price: Number | None = None) -> Figure:
        """Fraction of the notional at a moment."""
        asked = (ms, liquidity, price)
        if asked not in self.told:
            self.told[asked] = self.fees.at(ms, liquidity, price)
        return self.told[asked]


@dataclass(frozen=True, slots=True)
class RememberedCrossing:
    """A crossing that remembers what it said."""

    crossing: Crossing
    told: dict[tuple[object, ...], Figure] = field(default_factory=dict)

    def at(self, ms: int, order: Order, notional: Number) -> Figure:
        """Fraction of the mid for a notional at a moment."""
        asked = (ms, order, notional)
        if asked not in self.told:
            self.told[asked] = self.crossing.at(ms, order, notional)
        return self.told[asked]


def remembered(costs: LegCosts) -> LegCosts:
    """Return the same costs of a leg, which answer each question once.

    Examples
    --------
    >>> from perpscope.trading.costs.parts import FlatFees, HalfSpread
    >>> flat = LegCosts(FlatFees(Figure.given(0.0002), Figure.given(0.0005)), HalfSpread(Figure.given(0.0001)))
    >>> remembered(flat).fill(0, "buy", 1000, "taker") == flat.fill(0, "buy", 1000, "taker")
    True
    """
    return replace(costs, fees=RememberedFees(costs.fees), crossing=RememberedCrossing(costs.crossing))
