"""What happens to a position below its maintenance, and who bears what is missing?

First it may be reduced, by tiers or by fractions, until its margin suffices. What does not recover is taken over whole at its
bankruptcy price: the trader is left with nothing, and the insurance fund takes what the sale brings more or less. What the fund
cannot bear is deleveraged (`deleverage`). Every step conserves money: nothing is lost that nobody pays.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TypeAlias

from perpscope.errors import InputError
from perpscope.market.number import INF, Number, magnitude, to_float
from perpscope.trading.margin import Holding, Requirement


@dataclass(frozen=True, slots=True)
class ByTier:
    """Close down to the upper end of a lower tier; in the lowest tier, or where tiers do not follow the value, close all.

    Parameters
    ----------
    tiers : how many tiers lower at a time, 1 or more.
    """

    tiers: int = 1

    def __post_init__(self) -> None:
        """Refuse steps that are none."""
        if self.tiers < 1:
            raise InputError("a reduction by tier", f"{self.tiers} tiers at a time", "Give 1 or more.")


@dataclass(frozen=True, slots=True)
class ByFraction:
    """Close a fraction of the position at a time.

    Parameters
    ----------
    fraction : of what is left, 0 < fraction <= 1.
    above : positions of at most this value (settle asset) are closed whole; 0 for none.
    """

    fraction: Number
    above: Number = 0

    def __post_init__(self) -> None:
        """Refuse fractions that are none."""
        if not 0 < self.fraction <= 1:
            raise InputError("a reduction by fraction", f"{to_float(self.fraction):g}", "Give a fraction above 0 and at most 1.")


Reduction: TypeAlias = ByTier | ByFraction


@dataclass(frozen=True, slots=True)
class Reduced:
    """What a partial liquidation left.

    Parameters
    ----------
    left : the position that remains; None where all was closed.
    margin : what stands behind it, realised profit and fees in it. closed : contracts closed, without sign.
    realised, fees : money in the settle asset; margin = margin before + realised - fees. steps : how often was closed.
    restored : whether equity suffices again (True for a position that needed nothing).
    """

    left: Holding | None
    margin: Number
    closed: Number
    realised: Number
    fees: Number
    steps: int
    restored: bool


def reduce_until_safe(
    holding: Holding,
    asked: Requirement,
    margin: Number,
    mark: Number,
    policy: Reduction,
    *,
    fill: Number | None = None,
    lot: Number = 1,
) -> Reduced:
    """Close parts of a position at `fill` until its equity at `mark` covers its maintenance.

    Parameters
    ----------
    holding, asked, margin : the position, what it must hold, and its own margin.
    mark, fill : price of valuation; price of closing (the mark where absent).
    policy : which part at a time. lot : contracts are closed in multiples of it, rounded up; > 0.

    Raises
    ------
    InputError
        When the lot is not positive.
    """
    if not 0 < lot < INF:
        raise InputError("a partial liquidation", f"a lot of {to_float(lot):g} contracts", "Give the smallest number, above 0.")
    price = mark if fill is None else fill
    found = Reduced(holding, margin, 0 * holding.quantity, 0 * margin, 0 * margin, 0, restored=False)
    while found.left is not None and found.left.equity(found.margin, mark) < asked.needed(found.left, mark):
        closed = _part(found.left, asked, mark, policy, lot)
        found = _close(found, found.left, closed, price, asked.fee)
    return replace(found, restored=found.left is not None)


def _part(left: Holding, asked: Requirement, mark: Number, policy: Reduction, lot: Number) -> Number:
    """Contracts to close next, in lots."""
    held = magnitude(left.quantity)
    if isinstance(policy, ByFraction):
        whole = left.value(mark) <= policy.above
        wanted = held if whole else held * policy.fraction
    else:
        wanted = held - _fits_lower(left, asked, mark, policy.tiers)
    lots: Number = math.ceil(wanted / lot) * lot
    return min(max(lots, lot), held)


def _fits_lower(left: Holding, asked: Requirement, mark: Number, down: int) -> Number:
    """Contracts that fit into a lower tier; 0 where there is none."""
    table, held = asked.brackets, magnitude(left.quantity)
    measured = {"value": left.value(mark), "contracts": held, "base": held * left.contract.size}[table.measure]
    lower = table.tiers.index(table.tier(measured)) - down
    return 0 * held if lower < 0 else min(held, held * table.tiers[lower].upto / measured)


def _close(found: Reduced, left: Holding, closed: Number, price: Number, fee: Number) -> Reduced:
    share = closed / magnitude(left.quantity) if closed != magnitude(left.quantity) else 1
    signed = closed if left.quantity > 0 else -closed
    part = replace(left, quantity=signed, funding=0)
    realised, paid = part.profit(price), fee * part.value(price)
    remains = None if share == 1 else replace(left, quantity=left.quantity - signed)
    funding = left.funding if remains is None else 0 * left.funding
    return Reduced(
        remains,
        found.margin + realised - paid + funding,
        found.closed + closed,
        found.realised + realised,
        found.fees + paid,
        found.steps + 1,
        restored=False,
    )


@dataclass(frozen=True, slots=True)
class Takeover:
    """What a position taken over at its bankruptcy price brought the insurance fund.

    Parameters
    ----------
    lost : margin (and funding) the trader lost, all of it.
    proceeds : gain (> 0) or loss (< 0) of the sale against the bankruptcy price.
    fund : the fund afterwards, never below 0.
    missing : loss the fund could not bear, >= 0.
    """

    lost: Number
    proceeds: Number
    fund: Number
    missing: Number


def take_over(holding: Holding, margin: Number, bankruptcy: Number, fill: Number, fund: Number) -> Takeover:
    """Liquidate a position whole: the engine has it at `bankruptcy` and sells it at `fill`; the fund takes the difference.

    Parameters
    ----------
    holding, margin : the position and its own margin, in the settle asset.
    bankruptcy, fill : prices > 0. fund : the insurance fund before, >= 0, same asset.

    Raises
    ------
    InputError
        When the fund is below 0.
    """
    if not fund >= 0:
        raise InputError("an insurance fund", f"{to_float(fund):g}", "It holds 0 or more; what it lacks is deleveraged.")
    proceeds = holding.contract.profit(holding.quantity, bankruptcy, fill)
    after = fund + proceeds
    return Takeover(margin + holding.funding, proceeds, max(after, 0 * after), max(-after, 0 * after))


def bearable(holding: Holding, bankruptcy: Number, fill: Number, fund: Number) -> int:
    """Whole contracts of a bankrupt position the fund can sell at `fill` without running dry; the rest is to be deleveraged."""
    held = math.floor(magnitude(holding.quantity))
    one = 1 if holding.quantity > 0 else -1
    loss = -holding.contract.profit(one, bankruptcy, fill)
    return held if loss <= 0 else min(held, math.floor(fund / loss))
