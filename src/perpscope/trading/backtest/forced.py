"""At which price does a leg end against its holder's will, and what is left?

Liquidation in three cases of knowledge. The bar's first mark is known: at the worse of the liquidation price and that mark. It is not, but
the bar was on both sides of the liquidation price: at the liquidation price. The whole bar lies beyond it: at the mark of the bar, the
first that is known beyond. What the margin cannot bear, the venue's insurance fund does; what is left after the fee stays the holder's.
"""

from __future__ import annotations

import math

from perpscope.market.number import Number
from perpscope.trading.backtest.account import SCALE, Account, in_units
from perpscope.trading.backtest.charges import Charges
from perpscope.trading.backtest.purse import INSURANCE, VENUE, Purse


def fill_at(own: Account, limit: Number) -> Number:
    """Price a liquidation fills at in the bar that reached beyond its limit."""
    bars, row = own.bars, own.row
    long = own.quantity > 0
    first = None if bars.open is None else bars.open[row]
    if first is not None:
        return min(limit, first) if long else max(limit, first)
    inside = bars.high[row] >= limit if long else bars.low[row] <= limit
    return limit if inside and math.isfinite(limit) else own.mark


def hit(own: Account) -> Number | None:
    """Price at which the bar that has just become known liquidated a leg; None where the leg holds."""
    if own.safe or not own.fresh:
        return None
    bars, row = own.bars, own.row
    limit = own.beyond(min(bars.low[row], own.mark) if own.quantity > 0 else max(bars.high[row], own.mark))
    return None if limit is None else fill_at(own, limit)


def liquidate(purse: Purse, charges: Charges, k: int, own: Account, price: Number) -> dict[str, object]:
    """Close a leg by force at a price; return what happened, for an event."""
    fee = in_units(charges.number(f"liquidation fee of {own.leg.name}", charges.costs.legs[k].liquidation) * own.value(price))
    told: dict[str, object] = {"price": float(price), "mark": float(own.mark), "quantity": float(own.quantity)}
    purse.realise(own, 1, price, "liquidation", "liquidated")
    purse.receive(own, -fee, "liquidation", "liquidation", INSURANCE, "liquidation fee")
    lacks = -min(own.wallet, 0)
    purse.receive(own, lacks, "liquidation", "insurance", INSURANCE, "beyond the bankruptcy price")
    told |= {"left": own.wallet / SCALE, "insurance": lacks / SCALE, "asset": own.asset}
    purse.sweep(own)
    return told


def expire(purse: Purse, charges: Charges, k: int, own: Account) -> dict[str, object]:
    """Settle a leg whose contract ends, at the last known mark; return what happened, for an event."""
    fee = in_units(charges.number(f"delivery fee of {own.leg.name}", charges.costs.legs[k].delivery) * own.value(own.mark))
    told: dict[str, object] = {"price": float(own.mark), "price_of": own.bars.known[own.row], "quantity": float(own.quantity)}
    purse.realise(own, 1, own.mark, "delivery", "delivered")
    purse.receive(own, -fee, "delivery", "delivery", VENUE, "delivery fee")
    purse.sweep(own)
    return told
