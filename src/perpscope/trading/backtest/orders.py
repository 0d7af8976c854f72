"""How is a trade opened, closed and brought back into balance, and what does that cost?

All legs in, or none. Orders fill at the trade price of the instant; the fee and what the fill is worse than that price are taken from the
leg's own money. Contracts can be divided.
"""

from __future__ import annotations

from dataclasses import dataclass

from perpscope.errors import InputError
from perpscope.market.instrument import parse_symbol
from perpscope.market.number import Number, magnitude
from perpscope.market.time import to_text
from perpscope.trading.backtest.account import SCALE, Account, in_units
from perpscope.trading.backtest.charges import Charges
from perpscope.trading.backtest.purse import VENUE, Purse
from perpscope.trading.ledger import OUTSIDE
from perpscope.trading.margin import initial_margin
from perpscope.trading.trade import Leg, Trade


@dataclass(frozen=True, slots=True)
class Ticket:
    """What opens one leg: contracts (signed), units of the reporting asset put aside, and units of the settle asset that it costs."""

    own: Account
    quantity: Number
    margin: int
    fee: int
    impact: int


def cost_of(charges: Charges, k: int, own: Account, leg: Leg, quantity: Number) -> tuple[int, int]:
    """Fee and impact of buying or selling contracts at the price of the moment, in units of the settle asset.

    Of a swap, both are annual rates on its notional for the time that is left.
    """
    value = own.value(own.price, quantity)
    notional = magnitude(quantity) * own.size if own.inverse else value * own.coin if own.quanto else value
    fee, impact = charges.fill(k, leg, own.now, "buy" if quantity > 0 else "sell", notional, None if own.swap else own.price)
    base = value * own.years_left if own.swap else value
    return in_units(fee * base), in_units(impact * base)


def tickets(purse: Purse, charges: Charges, trade: Trade, notional: Number) -> list[Ticket]:
    """Work out what opens each leg of a trade (in the orientation it is given) for a notional in the reporting asset."""
    first = purse.accounts[0]
    coin = parse_symbol(trade.legs[0].symbol)[0]
    found = []
    for k, (own, leg) in enumerate(zip(purse.accounts, trade.legs, strict=True)):
        if own.swap:
            quantity = notional * leg.ratio / own.coin
        else:
            same = parse_symbol(leg.symbol)[0] == coin and not first.swap
            quantity = own.quantity_of(notional * leg.ratio / (first if same else own).base_worth())
        margin = int(notional * leg.ratio / leg.leverage * SCALE)
        found.append(Ticket(own, leg.sign * quantity, margin, *cost_of(charges, k, own, leg, leg.sign * quantity)))
    return found


def why_not(purse: Purse, asked: list[Ticket], trade: Trade) -> str:
    """Say why a trade cannot be opened: a leg would be liquidated at once; "" where it can.

    Raises
    ------
    InputError
        When a venue's margin table does not allow the leverage or the position.
    """
    for one, leg in zip(asked, trade.legs, strict=True):
        own = one.own
        own.take(one.quantity, own.price)
        try:
            if not own.swap and not own.safe:
                initial_margin(own.holding(), leg.leverage, own.requirement.brackets)
            behind = own.number(purse.bought(own, one.margin) - one.fee - one.impact)
            if not own.safe and behind + own.profit(own.mark) < own.needed(own.mark):
                return f"{own.label} would be below its maintenance margin at once"
        except InputError as problem:
            raise InputError(f"opening {own.label} at {to_text(own.now)}: {problem.asked}", problem.there, problem.do) from None
        finally:
            own.drop()
    return ""


def open_all(purse: Purse, asked: list[Ticket]) -> None:
    """Put the margins aside, take the positions, pay the fees."""
    for one in asked:
        own = one.own
        purse.fund(own, one.margin)
        own.take(one.quantity, own.price)
        _pay(purse, own, one.fee, one.impact)


def close_leg(purse: Purse, charges: Charges, k: int, own: Account, leg: Leg) -> None:
    """Close one leg at the trade price, costs and all, and bring its money home."""
    fee, impact = cost_of(charges, k, own, leg, -own.quantity)
    purse.realise(own, 1, own.price, "basis", "closed")
    _pay(purse, own, fee, impact)
    purse.sweep(own)


def change(purse: Purse, charges: Charges, k: int, leg: Leg, quantity: Number) -> None:
    """Bring a leg to another quantity of the same sign, costs and all."""
    own = purse.accounts[k]
    more = quantity - own.quantity
    fee, impact = cost_of(charges, k, own, leg, more)
    if magnitude(quantity) > magnitude(own.quantity):
        own.take(more, own.price)
    else:
        purse.realise(own, -more / own.quantity, own.price, "basis", "reduced")
    purse.settle(own, "basis")
    _pay(purse, own, fee, impact)


def _pay(purse: Purse, own: Account, fee: int, impact: int) -> None:
    if fee:
        purse.receive(own, -fee, "fee", "fee" if fee > 0 else "rebate", VENUE)
    if impact:
        purse.receive(own, -impact, "impact", "realised", OUTSIDE, "worse than the mid price")
