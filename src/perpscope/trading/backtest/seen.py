"""What was known before a decision, and what does a policy make of it?

A `Seen` holds lists that the fold appends to as time goes by: at a decision at t they end strictly before t. What is still to come
is not in them, so nobody can look at it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol, get_args

from perpscope.market.funding import PublishedFixing
from perpscope.market.number import INF, Number
from perpscope.trading.trade import Leg, Policy, expected_carry
from perpscope.units import HOURS_PER_YEAR, MS_PER_HOUR

Decision = Literal["open", "reverse", "close", "keep"]
DECISIONS: tuple[str, ...] = get_args(Decision)


@dataclass(slots=True)
class SeenLeg:
    """What was known of one leg's market, oldest first.

    Parameters
    ----------
    leg : as the trade names it. known, trade, mark : bars, ms UTC and prices. fixings : funding that was paid.
    rates : the same as simple annual rates of notional.
    """

    leg: Leg
    known: list[int] = field(default_factory=list)
    trade: list[Number] = field(default_factory=list)
    mark: list[Number] = field(default_factory=list)
    fixings: list[PublishedFixing] = field(default_factory=list)
    rates: list[float] = field(default_factory=list)

    def learn_bar(self, known: int, trade: Number, mark: Number) -> None:
        """Add a bar."""
        self.known.append(known)
        self.trade.append(trade)
        self.mark.append(mark)

    def learn_fixing(self, fixing: PublishedFixing) -> None:
        """Add a fixing; one that states money is brought to a rate by the price beside it, or the last mark."""
        rate = float(fixing.rate)
        if fixing.per_base is not None:
            price = fixing.price or (self.mark[-1] if self.mark else None)
            rate = float(fixing.per_base / price) if price else rate
        self.fixings.append(fixing)
        self.rates.append(rate * (HOURS_PER_YEAR / float(fixing.interval_hours)))

    def mean(self, look: int) -> float | None:
        """Mean of the last `look` annual rates, added oldest first; None where fewer are known."""
        return sum(self.rates[-look:]) / look if len(self.rates) >= look else None


@dataclass(slots=True)
class Seen:
    """What a decision may go by.

    Parameters
    ----------
    at : instant of the decision, ms UTC; everything below was known strictly before it.
    legs : one a leg, as the trade names them. held : 1 as the trade says, -1 with all sides turned, 0 nothing.
    opened, closed : ms UTC of the last opening and closing; None for never. equity : at the instant before, in the reporting asset.
    """

    at: int
    legs: Sequence[SeenLeg]
    held: int = 0
    opened: int | None = None
    closed: int | None = None
    equity: float = 0.0
    _known: tuple[int, ...] = ()
    _carry: float | None = None

    def carry(self, look: int) -> float | None:
        """Return the expected carry of the trade as written, a simple annual rate; None where fewer than `look` fixings are known."""
        known = (look, *(len(own.rates) for own in self.legs))
        if known != self._known:
            means = tuple(own.mean(look) if own.leg.perpetual else None for own in self.legs)
            self._known, self._carry = known, expected_carry(tuple(own.leg for own in self.legs), means)
        return self._carry

    def hours_since(self, ms: int | None) -> float:
        """Hours from an instant to the decision; infinite for never."""
        return INF if ms is None else (self.at - ms) / MS_PER_HOUR


class Decide(Protocol):
    """A decision of one's own."""

    def __call__(self, seen: Seen, /) -> Decision:
        """Say what to do: "open" as the trade says, "reverse" with all sides turned, "close", or "keep" what is."""
        ...


@dataclass(frozen=True, slots=True)
class ByPolicy:
    """Decide as a `Policy` says."""

    policy: Policy

    def __call__(self, seen: Seen, /) -> Decision:
        """Compare the expected carry with the thresholds; see `Policy`."""
        if seen.held and self.policy.exit == -INF:  # no carry is below it
            return "close" if seen.hours_since(seen.opened) >= self.policy.most_hours else "keep"
        carry = seen.carry(self.policy.look)
        if not seen.held:
            return self._enter(carry) if seen.hours_since(seen.closed) >= self.policy.rest_hours else "keep"
        if seen.hours_since(seen.opened) >= self.policy.most_hours:
            return "close"
        if seen.hours_since(seen.opened) < self.policy.stay_hours or not self._left(carry, seen.held):
            return "keep"
        wanted = self._enter(carry)
        return "close" if self.policy.rest_hours > 0 or wanted == "keep" else wanted

    def _enter(self, carry: float | None) -> Decision:
        """Return what an empty book would do."""
        own = self.policy
        if carry is None:
            return "open" if own.enter == -INF else "keep"
        if carry > own.enter:
            return "open"
        return "reverse" if own.follow and carry < -own.enter else "keep"

    def _left(self, carry: float | None, held: int) -> bool:
        """Whether the carry of the position held is below its threshold."""
        return carry is not None and held * carry < self.policy.exit
