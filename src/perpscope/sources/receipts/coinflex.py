"""What do funding payments of the repo family say (CoinFLEX and venues that took over its interface)?

Source
------
GET /v3/funding {id, marketCode, payment, fundingRate, position, indexPrice, createdAt}: the interface's document; in its example a
short of 61.093 pays 122.17530872 at -0.00005, so position is signed and payment positive where received. Several venues
share the interface, so the user states whose it is.
"""

from __future__ import annotations

from perpscope.errors import InputError
from perpscope.market.receipt import Receipt
from perpscope.sources.receipts.shape import Line, ReceiptShape, asset, settles_in


def _payment(line: Line) -> Receipt | str:
    if not line.venue:
        raise InputError(line.where, "several venues write funding so", "State whose it is with --venue, such as coinflex.")
    native, held = line.text("marketCode"), line.number("position")
    base, quote, *_ = [*native.split("-"), ""]
    if not native.endswith("-LIN") or not quote:
        raise InputError(line.where, f"marketCode is {native!r}", "Known are linear ones, such as BTC-USDT-SWAP-LIN.")
    symbol = f"{asset(base)}/{quote}:{quote}"
    return Receipt(
        venue=line.venue,
        symbol=symbol,
        at=line.moment("createdAt"),
        amount=line.printed("payment"),
        asset=settles_in(symbol),
        native_id=native,
        id=line.text("id"),
        contracts=abs(held),
        long=held > 0,
        rate=line.maybe("fundingRate"),
        price=line.maybe("indexPrice"),
        origin=line.where,
    )


SHAPES = (ReceiptShape("funding payment", _payment, ("marketCode", "payment", "fundingRate", "position", "createdAt")),)
