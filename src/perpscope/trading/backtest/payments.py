"""What does a leg pay or receive while it is held: funding at its stamps, and borrowing?

The same settlement as everywhere: a fixing is charged by the rule of its venue on the contracts held before its stamp, or on the average
held while it accrued.
"""

from __future__ import annotations

from dataclasses import replace

from perpscope.errors import InputError
from perpscope.market.funding import PublishedFixing
from perpscope.market.number import Number
from perpscope.market.time import to_text
from perpscope.mechanisms.funding_swap import floating
from perpscope.mechanisms.settle import NO_PRICE, Settlement, charge, payment
from perpscope.trading.backtest.account import YEAR_MS, Account, Due, in_units
from perpscope.trading.backtest.charges import Charges
from perpscope.trading.backtest.purse import LENDER, Purse
from perpscope.trading.decided import named, step
from perpscope.trading.holdings import History
from perpscope.trading.ledger import OUTSIDE
from perpscope.trading.settle import way


def pay_fixing(purse: Purse, charges: Charges, own: Account, due: Due, *, stop: bool) -> str:
    """Pay one fixing to a leg; return why it could not be paid, "" where it was or nothing was held.

    Raises
    ------
    InputError
        When the price is missing and `stop` is set.
    """
    fixing = due.fixing
    quantity = own.quantity
    if fixing.accrual == "continuous":
        quantity = History("", own.changed_at, own.changed_to).mean(due.at - step(fixing), due.at) if own.changed_at else 0
    if not quantity:
        return ""
    amount = _amount(charges, own, fixing, quantity)
    if amount is None:
        there = "neither the fixing nor a fresh bar says the price of the notional"
        if stop:
            raise InputError(
                f"the payment of {named(fixing)}", there, 'Give the price, or go on without it (missing="skip", --missing skip).'
            )
        return there
    units = in_units(amount)
    if own.quantity:
        purse.receive(own, units, "funding", "funding", OUTSIDE, to_text(fixing.at))
    else:  # accrued before the position was closed, paid after
        purse.receive(own, units, "funding", "funding", OUTSIDE, to_text(fixing.at))
        purse.sweep(own)
    return ""


def _amount(charges: Charges, own: Account, fixing: PublishedFixing, quantity: Number) -> Number | None:
    """Money received in the settle asset; None where its price is missing."""
    settle = _lone(charges, own, way(own.history.listing.settle, fixing))
    if own.swap:
        return floating(quantity, fixing.rate, settle.money_grains)
    price = fixing.price
    if price is None and fixing.per_base is None and settle.price != NO_PRICE:
        if own.late:
            return None
        price = own.mark
        charges.assume(f"funding of {own.label} is charged on the bar's {own.bars.mark_is} price where its own is missing (assumed)")
    value = fixing.rate if fixing.per_base is None else fixing.per_base
    return payment(charge(value, settle, own.history.listing.contract, price), quantity, settle)


def _lone(charges: Charges, own: Account, settle: Settlement) -> Settlement:
    """Settlement of one holder among many: where receivers share what payers pay, all of it is taken to reach him."""
    if settle.sides in {"mirror", "both_pay"}:
        return settle
    charges.assume(f"receivers of {own.label} get in full what payers pay: the open interest of both sides is not at hand (assumed)")
    return replace(settle, sides="mirror")


def pay_borrow(purse: Purse, charges: Charges, k: int, own: Account, price: Number, since: int) -> None:
    """Charge the coins a spot leg borrows to be short, on their value at `price` since `since` (ms UTC)."""
    rate = charges.number(f"borrow of {own.leg.name}", charges.costs.legs[k].borrow)
    value = own.value(price)
    units = in_units(value * rate * (own.now - since) / YEAR_MS)
    if units:
        purse.receive(own, -units, "borrow", "borrow", LENDER)
