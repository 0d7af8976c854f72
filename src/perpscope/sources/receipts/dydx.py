"""What do dYdX's statements say about funding?

Source
------
v3, GET v3/funding {market, payment, rate, positionSize, price, effectiveAt}: the venue's document of its third version (payment
positive where received, rate per hour, positionSize signed, price the oracle's). v4 indexer, GET /fundingPayments
{createdAt, ticker, oraclePrice, size, side, rate, payment}: dydxprotocol/v4-chain @0d1509a9,
indexer/services/roundtable/src/scripts/update_funding_payments.sql: payment = - size x oraclePrice x rate with a signed size, not
rounded; createdAt is when the indexer wrote the row.
"""

from __future__ import annotations

from perpscope.market.receipt import Receipt
from perpscope.sources.receipts.shape import Line, ReceiptShape, is_long

V3, V4, ASSET = "dydx3", "dydx", "USDC"


def _third(line: Line) -> Receipt | str:
    native, held = line.text("market"), line.number("positionSize")
    return Receipt(
        venue=V3,
        symbol=line.unified(V3, native),
        at=line.moment("effectiveAt"),
        amount=line.printed("payment"),
        asset=ASSET,
        native_id=native,
        contracts=abs(held),
        long=held > 0,
        rate=line.maybe("rate"),
        price=line.maybe("price"),
        origin=line.where,
    )


def _fourth(line: Line) -> Receipt | str:
    native = line.text("ticker")
    return Receipt(
        venue=V4,
        symbol=line.unified(V4, native),
        at=line.moment("createdAt"),
        amount=line.printed("payment"),
        asset=ASSET,
        native_id=native,
        contracts=abs(line.number("size")),
        long=is_long(line.text("side"), line.where),
        rate=line.maybe("rate"),
        price=line.maybe("oraclePrice"),
        origin=line.where,
    )


SHAPES = (
    ReceiptShape("funding payment, third version", _third, ("market", "payment", "rate", "positionSize", "effectiveAt")),
    ReceiptShape("funding payment, own chain", _fourth, ("ticker", "payment", "oraclePrice", "side", "createdAt")),
)
