"""At which price is a position liquidated, and at which is nothing left?

One text serves linear, inverse and quanto contracts, long and short: seen over the value v of the position (in the settle
asset), equity is m + s (v - v0), with s = +1 where it rises with the value (long linear, long quanto, short inverse) and -1
elsewhere, and maintenance is piecewise linear. Where their difference changes sign is solved in closed form, tier by tier, and
the value is turned back into a price. On Fractions the answer is exact (but for tables with a ramp, which need a square root).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from perpscope.errors import InputError
from perpscope.market.brackets import Brackets, Tier
from perpscope.market.contract import Contract
from perpscope.market.number import INF, Number, magnitude, to_float

FeeAt = Literal["trigger", "bankruptcy"]
_ALL_COVERED = "the margin covers the whole position: "


@dataclass(frozen=True, slots=True)
class Holding:
    """An open position.

    Parameters
    ----------
    contract : its terms. quantity : contracts, signed (long > 0), not 0. entry : average entry price, > 0.
    funding : funding so far in the settle asset; > 0 received, < 0 paid.
    """

    contract: Contract
    quantity: Number
    entry: Number
    funding: Number = 0

    def __post_init__(self) -> None:
        """Refuse what is no position."""
        if self.quantity == 0 or not math.isfinite(self.quantity):
            raise InputError("a position", f"a quantity of {to_float(self.quantity):g}", "Give contracts: above 0 long, below 0 short.")
        if not 0 < self.entry < INF:
            raise InputError("a position", f"an entry price of {to_float(self.entry):g}", "Prices are positive.")

    @property
    def rises(self) -> int:
        """+1 where equity rises with the value of the position, -1 where it falls."""
        long = self.quantity > 0
        return 1 if long != (self.contract.payoff == "inverse") else -1

    def value(self, price: Number) -> Number:
        """Value without sign at a price, in the settle asset."""
        return magnitude(self.contract.value(self.quantity, price))

    def price(self, value: Number) -> Number:
        """Price at which the position has a value > 0."""
        units = magnitude(self.quantity) * self.contract.size
        return units / value if self.contract.payoff == "inverse" else value / units

    def profit(self, price: Number) -> Number:
        """Unrealised gain at a price, funding aside."""
        return self.contract.profit(self.quantity, self.entry, price)

    def equity(self, margin: Number, price: Number) -> Number:
        """Margin, funding and unrealised gain at a price."""
        return margin + self.funding + self.profit(price)


@dataclass(frozen=True, slots=True)
class Requirement:
    """What a position must hold.

    Parameters
    ----------
    brackets : the margin table.
    fee : closing or liquidation fee that must be there too, a fraction of the value, 0 <= fee < 1.
    fee_at : whether it is reckoned on the value at the "trigger" or, as some venues do, at "bankruptcy".
    """

    brackets: Brackets
    fee: Number = 0
    fee_at: FeeAt = "trigger"

    def __post_init__(self) -> None:
        """Refuse fees that are none."""
        if not 0 <= self.fee < 1:
            raise InputError("a closing fee", f"{to_float(self.fee):g}", "Give a fraction: 0.0005 is 0.05 %.")

    def table(self, holding: Holding) -> Brackets:
        """Return the table over values: of a measure that does not move with the price, the rate it comes to."""
        measure = self.brackets.measure
        if measure == "contracts":
            return self.brackets.fixed(magnitude(holding.quantity))
        if measure == "base" and holding.contract.payoff == "quanto":
            raise InputError("the margin of a quanto", "a table by base units", "Give one by value or by contracts.")
        if measure == "base" and holding.contract.payoff == "linear":
            return self.brackets.fixed(magnitude(holding.quantity) * holding.contract.size)
        return self.brackets

    def maintenance(self, holding: Holding, price: Number) -> Number:
        """Maintenance at a price, in the settle asset, without the fee."""
        table = self.table(holding)
        return table.maintenance(holding.value(holding.entry if table.valued == "entry" else price))

    def needed(self, holding: Holding, price: Number) -> Number:
        """Maintenance and the closing fee at a price (the fee at `price` too, where it is reckoned at the trigger)."""
        at_price = self.fee * holding.value(price) if self.fee_at == "trigger" else 0 * self.fee
        return self.maintenance(holding, price) + at_price


@dataclass(frozen=True, slots=True)
class Liquidation:
    """Where a position ends.

    Parameters
    ----------
    price : at which equity is just the maintenance (and fee); None where there is none, see `reason`.
    bankruptcy : at which equity is just the closing fee, or nothing; None where there is none.
    tier : of the margin table, at the liquidation price (at the entry where maintenance is valued there).
    reason : why there is no price; empty where there is one.
    already : whether the position is below its maintenance at the mark; `price` is then where it fell below.
    """

    price: Number | None
    bankruptcy: Number | None
    tier: Tier | None
    reason: str = ""
    already: bool = False


def initial_margin(holding: Holding, leverage: Number, brackets: Brackets | None = None) -> Number:
    """Margin that opens a position at a leverage: value at entry / leverage, in the settle asset.

    Raises
    ------
    InputError
        When the leverage is below 1 or above what the table allows, or the position larger than the table.
    """
    if not 1 <= leverage < INF:
        raise InputError("a leverage", f"{to_float(leverage):g}", "Give 1 or more; 1 is a position paid in full.")
    value = holding.value(holding.entry)
    if brackets is not None:
        _check_opening(holding, leverage, brackets)
    return value / leverage


def _check_opening(holding: Holding, leverage: Number, brackets: Brackets) -> None:
    table = Requirement(brackets).table(holding)
    value = holding.value(holding.entry)
    known = brackets.largest * (value / _measured(holding, brackets)) if brackets.largest < INF else INF
    if value > known:
        there = f"the table ends at {to_float(known):g} {holding.contract.asset}"
        raise InputError(f"a position of {to_float(value):g} {holding.contract.asset}", there, "Take a smaller position or another table.")
    opens = table.initial(value)
    if opens is not None and leverage * opens > 1 and not math.isclose(leverage * opens, 1, rel_tol=1e-12):
        there = f"a position of {to_float(value):g} {holding.contract.asset} may have {to_float(1 / opens):g}"
        raise InputError(f"a leverage of {to_float(leverage):g}", there, "Lower the leverage or take a smaller position.")


def _measured(holding: Holding, brackets: Brackets) -> Number:
    """Return the position in the measure of its table, at entry."""
    if brackets.measure == "contracts":
        return magnitude(holding.quantity)
    if brackets.measure == "base" and holding.contract.payoff == "linear":
        return magnitude(holding.quantity) * holding.contract.size
    return holding.value(holding.entry)


def liquidation(holding: Holding, requirement: Requirement, margin: Number, mark: Number | None = None) -> Liquidation:
    """Liquidation and bankruptcy price of one position with a margin of its own.

    Parameters
    ----------
    holding, requirement : the position and what it must hold.
    margin : put aside for it, in the settle asset, without funding (that is `holding.funding`).
    mark : today's price; the entry where absent. It decides on which side of the liquidation price the position is.

    Source
    ------
    Linear long, flat rate: E (1 - 1/L) / (1 - mm), `theory_checks.json` (H contracts). Tiers: the tier consistent with the value at
    the liquidation price, as the margin pages of several venues ask; see docs/guide/margin.md.
    """
    mark = holding.entry if mark is None else mark
    nothing = (Tier(INF, 0 * requirement.fee),)
    ruin = _Line(holding, margin, nothing, requirement.fee)
    gone, _, _ = ruin.ends(holding.value(mark))
    table = requirement.table(holding)
    entered = holding.value(holding.entry)
    tiers = table.tiers if table.valued == "mark" else (Tier(INF, 0 * entered, None, -table.maintenance(entered)),)
    if requirement.fee_at == "bankruptcy":
        kept = requirement.fee * gone if gone is not None else 0 * requirement.fee
        line = _Line(holding, margin - kept, tiers, 0 * requirement.fee)
    else:
        line = _Line(holding, margin, tiers, requirement.fee)
    value, tier, already = line.ends(holding.value(mark))
    if table.valued == "entry":
        tier = table.tier(entered)
    bankruptcy = None if gone is None else holding.price(gone)
    if value is None:
        return Liquidation(None, bankruptcy, None, _why_never(holding, already=already), already)
    return Liquidation(holding.price(value), bankruptcy, tier, "", already)


def _why_never(holding: Holding, *, already: bool) -> str:
    if already:
        return "the position is below its maintenance at every price"
    if holding.contract.payoff == "inverse":
        return f"{_ALL_COVERED}no price is high enough"
    return f"{_ALL_COVERED}the price would have to fall below zero"


class _Line:
    """Equity beyond what is needed, as a function of the value of the position: rising or falling, piece by piece."""

    __slots__ = ("fee", "fixed", "pieces", "rises")

    def __init__(self, holding: Holding, margin: Number, tiers: tuple[Tier, ...], fee: Number) -> None:
        self.rises = holding.rises
        self.fee = fee
        self.fixed = margin + holding.funding - self.rises * holding.value(holding.entry)
        self.pieces = list(self._cut(tiers))

    def _cut(self, tiers: tuple[Tier, ...]) -> Iterator[tuple[Number, Number, Tier]]:
        """Cut the values above 0 at the ends of the tiers and at the tops of the parabolas."""
        low: Number = 0 * self.fixed
        for tier in tiers:
            high = INF if tier is tiers[-1] else tier.upto
            top = self._slope(tier) / (2 * tier.ramp) if tier.ramp else low
            if low < top < high:
                yield low, top, tier
                low = top
            yield low, high, tier
            low = high

    def _slope(self, tier: Tier) -> Number:
        return self.rises - tier.maintenance - self.fee

    def _sound(self, value: Number, tier: Tier) -> bool:
        """Whether equity is enough at a value, by the law of one tier."""
        slope = self._slope(tier)
        if value == INF:
            return tier.ramp == 0 and (slope > 0 or (slope == 0 and self.fixed + tier.deduction >= 0))
        return self.fixed + tier.deduction + (slope - tier.ramp * value) * value >= 0

    def _root(self, low: Number, high: Number, tier: Tier) -> Number:
        """Value between two others at which equity is just enough."""
        slope, fixed = self._slope(tier), self.fixed + tier.deduction
        if tier.ramp == 0:
            found = -fixed / slope
        else:
            spread = math.sqrt(max(slope * slope + 4 * tier.ramp * fixed, 0))
            if low < slope / (2 * tier.ramp):
                found = -2 * fixed / (slope + spread)
            elif slope >= 0:
                found = (slope + spread) / (2 * tier.ramp)
            else:
                found = 2 * fixed / (spread - slope)
        return min(max(found, low), high)

    def crossings(self) -> Iterator[tuple[Number, Tier]]:
        """Values at which equity becomes enough or ceases to be, rising, each with the tier beyond it on the poor side."""
        before: tuple[bool, Tier] | None = None
        for low, high, tier in self.pieces:
            starts, ends = self._sound(low, tier), self._sound(high, tier)
            if before is not None and before[0] != starts:
                yield low, before[1] if starts else tier
            if starts != ends:
                yield self._root(low, high, tier), tier
            before = ends, tier

    def ends(self, now: Number) -> tuple[Number | None, Tier | None, bool]:
        """Value at which a position now worth `now` ends, the tier there, and whether it has ended already."""
        tier = next(tier for low, high, tier in self.pieces if now <= high)
        sound = self._sound(now, tier)
        falling = (self.rises > 0) == sound
        found = [(value, tier) for value, tier in self.crossings() if value > 0]
        beyond = [c for c in found if c[0] <= now][-1:] if falling else [c for c in found if c[0] >= now][:1]
        return (*beyond[0], not sound) if beyond else (None, None, not sound)
