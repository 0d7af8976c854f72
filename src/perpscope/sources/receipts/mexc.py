"""What do MEXC's funding records say?

Source
------
Records {symbol, positionType, positionValue, funding, rate, settleTime}: the example in ccxt 4.5.78, mexc.fetch_funding_history;
positionType 1 is long, 2 short (same file, set_leverage). In the example a long receives at a negative rate.
"""

from __future__ import annotations

from perpscope.errors import InputError
from perpscope.market.receipt import Receipt
from perpscope.sources.receipts.shape import Line, ReceiptShape, settles_in

VENUE = "mexc"
_LONG = {"1": True, "2": False}


def _record(line: Line) -> Receipt | str:
    native, kind = line.text("symbol"), line.text("positionType")
    if kind not in _LONG:
        raise InputError(line.where, f"positionType is {kind!r}", "It is 1 (long) or 2 (short).")
    symbol = line.unified(VENUE, native, inverse=native.endswith("_USD"))
    return Receipt(
        venue=VENUE,
        symbol=symbol,
        at=line.moment("settleTime"),
        amount=line.printed("funding"),
        asset=settles_in(symbol),
        native_id=native,
        id=line.text("id"),
        long=_LONG[kind],
        rate=line.maybe("rate"),
        notional=line.maybe("positionValue"),
        origin=line.where,
    )


SHAPES = (ReceiptShape("funding record", _record, ("positionType", "positionValue", "funding", "settleTime")),)
