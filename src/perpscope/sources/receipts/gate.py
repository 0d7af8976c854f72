"""What does Gate's account book say about funding?

Source
------
Account book {time in seconds, change, text, type fund}: the example in ccxt 4.5.78, gate.fetch_funding_history; `text` names the
contract, `change` moves the balance. It names no asset: it is the book of one settle asset, that of the contract.
"""

from __future__ import annotations

from perpscope.market.receipt import Receipt
from perpscope.sources.receipts.shape import Line, ReceiptShape, settles_in

VENUE = "gate"


def _change(line: Line) -> Receipt | str:
    if line.text("type") != "fund":
        return f"{line.text('type') or 'no type'} is no funding"
    native = line.text("contract") or line.text("text")
    symbol = line.unified(VENUE, native, inverse=native.endswith("_USD"))
    return Receipt(
        venue=VENUE,
        symbol=symbol,
        at=line.moment("time"),
        amount=line.printed("change"),
        asset=settles_in(symbol),
        native_id=native,
        origin=line.where,
    )


SHAPES = (ReceiptShape("account book", _change, ("time", "change", "text", "type", "balance")),)
