"""What do Bitget's bills say about funding?

Source
------
Bills {businessType contract_settle_fee, amount, coin, symbol, cTime, billId}: the example in ccxt 4.5.78,
bitget.fetch_funding_history, which asks the venue for that business type; amount moves the balance. Bills of unified accounts
(type CONTRACT_MAIN_SETTLE_FEE_USER_IN or _OUT): the types ccxt keeps; whether their amount is signed is not shown there, so
they are not read.
"""

from __future__ import annotations

from perpscope.market.receipt import Receipt
from perpscope.sources.receipts.shape import Line, ReceiptShape, asset

VENUE = "bitget"


def _bill(line: Line) -> Receipt | str:
    if line.text("businessType") != "contract_settle_fee":
        return f"{line.text('businessType') or 'no type'} is no funding"
    native = line.text("symbol")
    return Receipt(
        venue=VENUE,
        symbol=line.unified(VENUE, native, inverse=native.endswith("USD")),
        at=line.moment("cTime"),
        amount=line.printed("amount"),
        asset=asset(line.text("coin")),
        native_id=native,
        id=line.text("billId"),
        origin=line.where,
    )


SHAPES = (ReceiptShape("bill", _bill, ("billId", "businessType", "amount", "coin", "cTime")),)
