"""What do HTX's financial records say about funding?

Source
------
Records of type 30 and 31 {contract_code, amount, ts or created_time, id}: the examples in ccxt 4.5.78, htx.parse_income and
htx.fetch_funding_history, which ask the venue for those two types; type 30 has a positive amount there and 31 a negative one.
"""

from __future__ import annotations

from perpscope.market.receipt import Receipt
from perpscope.sources.receipts.shape import Line, ReceiptShape, settles_in

VENUE = "htx"


def _record(line: Line) -> Receipt | str:
    if line.text("type") not in {"30", "31"}:
        return f"type {line.text('type') or 'none'} is no funding"
    native = line.text("contract_code")
    symbol = line.unified(VENUE, native, inverse=native.endswith("-USD"))
    return Receipt(
        venue=VENUE,
        symbol=symbol,
        at=line.moment("ts" if line.has("ts") else "created_time"),
        amount=line.printed("amount"),
        asset=settles_in(symbol),
        native_id=native,
        id=line.text("id"),
        origin=line.where,
    )


SHAPES = (ReceiptShape("financial record", _record, ("contract_code", "amount", "type", "id")),)
