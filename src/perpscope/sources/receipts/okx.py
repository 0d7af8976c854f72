"""What do OKX's bills say about funding?

Source
------
Bills of type 8 (subType 173 paid, 174 received): the example in ccxt 4.5.78, okx.fetch_funding_history. The venue's document of
the bills says that `sz` is the position in contracts and always positive, `px` the mark price for subTypes 173 and 174, and
that `pnl` is to be referred to for the payment; `balChg` moves the account, `posBalChg` an isolated position. The bill names
no rate and no side.
"""

from __future__ import annotations

from perpscope.market.receipt import Receipt
from perpscope.sources.receipts.shape import Line, ReceiptShape, asset

VENUE = "okx"
_FUNDING = "8"


def _bill(line: Line) -> Receipt | str:
    if line.text("type") != _FUNDING:
        return f"type {line.text('type') or 'none'} is no funding"
    native = line.text("instId")
    moved = next((n for n in ("pnl", "balChg", "posBalChg") if line.has(n) and line.number(n)), "balChg")
    return Receipt(
        venue=VENUE,
        symbol=line.unified(VENUE, native, inverse="-USD-" in native),
        at=line.moment("ts"),
        amount=line.printed(moved),
        asset=asset(line.text("ccy")),
        native_id=native,
        id=line.text("billId"),
        contracts=abs(line.number("sz")) if line.has("sz") else None,
        price=line.maybe("px"),
        origin=line.where,
    )


SHAPES = (ReceiptShape("bill", _bill, ("billId", "balChg", "instId", "type", "ts")),)
