"""What do BitMEX's executions say about funding?

Source
------
Fields: the venue's definitions (support.bitmex.com, /execution field definitions): lastQty and lastPx the position and price,
execComm worked out from commission, in the smallest unit of settlCurrency. A recorded row of 2020-07-14 20:00 (XBTUSD, lastQty
169, homeNotional -0.0182351, commission -0.0001, execComm -182) against the venue's published rate of that stamp, +0.0001:
commission is what the holder pays, homeNotional below zero is a short, and execComm below zero was received. `side` is empty.
Only currencies counted in 1e-8 (XBt) and 1e-6 (USDt) are read: XBt by execCost = round(1e8 / price) x contracts in those
definitions, USDt by quoteToSettleMultiplier 1000000 of a recorded JTOUSDT.
"""

from __future__ import annotations

from fractions import Fraction

from perpscope.errors import InputError
from perpscope.market.receipt import Printed, Receipt
from perpscope.sources.receipts.shape import Line, ReceiptShape, asset, by_the_holder

VENUE = "bitmex"
_UNITS = {"XBt": Fraction(1, 100_000_000), "USDt": Fraction(1, 1_000_000)}


def _execution(line: Line) -> Receipt | str:
    if line.text("execType") != "Funding":
        return f"{line.text('execType') or 'no type'} is no funding"
    native, money = line.text("symbol"), line.text("settlCurrency")
    if money not in _UNITS:
        raise InputError(line.where, f"settlCurrency is {money!r}", f"Its smallest unit is on record only for {', '.join(_UNITS)}.")
    unit = _UNITS[money]
    long = line.number("homeNotional") > 0
    rate = line.maybe("commission")
    fee = line.number("execComm")
    return Receipt(
        venue=VENUE,
        symbol=line.unified(VENUE, native, inverse=native.endswith("USD")),
        at=line.moment("transactTime"),
        amount=Printed(-fee * unit, unit),
        asset=asset(money),
        native_id=native,
        id=line.text("execID"),
        contracts=abs(line.number("lastQty")),
        long=long,
        rate=rate and by_the_holder(rate, long=long),
        price=line.maybe("lastPx"),
        origin=line.where,
    )


SHAPES = (ReceiptShape("execution", _execution, ("execType", "execComm", "settlCurrency", "homeNotional", "transactTime")),)
