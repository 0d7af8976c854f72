"""What do KuCoin's funding records say?

Source
------
Classic {timePoint, fundingRate, markPrice, positionQty, positionCost, funding, settleCurrency} and unified {settlementTime, size,
positionValue, fundingFee}: the examples in ccxt 4.5.78, kucoin.fetch_funding_history, and the venue's document (a positive number
was received). In the unified example a short has size -1; that the classic positionQty is signed too is not written anywhere,
so a classic record without a sign is taken as long.
"""

from __future__ import annotations

from perpscope.market.receipt import Receipt
from perpscope.sources.receipts.shape import Line, ReceiptShape, asset

VENUE = "kucoinfutures"


def _record(line: Line, stamp: str, held: str, paid: str) -> Receipt:
    native, quantity = line.text("symbol"), line.number(held)
    return Receipt(
        venue=VENUE,
        symbol=line.unified(VENUE, native, inverse=native.endswith("USDM")),
        at=line.moment(stamp),
        amount=line.printed(paid),
        asset=asset(line.text("settleCurrency")),
        native_id=native,
        id=line.text("id"),
        contracts=abs(quantity),
        long=quantity > 0,
        rate=line.maybe("fundingRate"),
        price=line.maybe("markPrice"),
        origin=line.where,
    )


def _classic(line: Line) -> Receipt | str:
    return _record(line, "timePoint", "positionQty", "funding")


def _unified(line: Line) -> Receipt | str:
    return _record(line, "settlementTime", "size", "fundingFee")


SHAPES = (
    ReceiptShape("funding record", _classic, ("timePoint", "positionQty", "funding", "settleCurrency")),
    ReceiptShape("funding record of a unified account", _unified, ("settlementTime", "size", "fundingFee", "settleCurrency")),
)
