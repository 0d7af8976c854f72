"""What do Deribit's settlements say about funding?

Source
------
private/get_settlement_history_by_instrument {type settlement, timestamp, instrument_name, position, mark_price, funding}: the
venue's document (docs.deribit.com): funding in the base currency, of perpetuals only, of the session since the settlement
before; position in quote units. What trades closed within the session is not in it.
"""

from __future__ import annotations

from perpscope.market.receipt import Receipt
from perpscope.sources.receipts.shape import Line, ReceiptShape, settles_in

VENUE = "deribit"


def _settlement(line: Line) -> Receipt | str:
    if line.text("type") != "settlement" or not line.has("funding"):
        return f"{line.text('type') or 'no type'} without funding"
    native = line.text("instrument_name")
    symbol = line.unified(VENUE, native, inverse="_" not in native)
    return Receipt(
        venue=VENUE,
        symbol=symbol,
        at=line.moment("timestamp"),
        amount=line.printed("funding"),
        asset=settles_in(symbol),
        native_id=native,
        session=True,
        origin=line.where,
        note="the funding of a whole session",
    )


SHAPES = (ReceiptShape("settlement", _settlement, ("type", "timestamp", "instrument_name", "session_profit_loss")),)
