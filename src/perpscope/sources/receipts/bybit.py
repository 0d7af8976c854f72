"""What do Bybit's statements say about funding?

Source
------
Executions {execType Funding, execFee, feeRate, execPrice, execQty, side}: the example in ccxt 4.5.78, bybit.parse_income. Signs:
the venue's document of the transaction log says of its `funding` that positive is received and that execFee is the opposite.
`side` is that of the position and `feeRate` what that side pays: in the log's example a long of 100 XRPUSDT pays 0.003676 at
0.0001; in the example of the executions before the upgrade (BTCUSDT, Sell, feeRate 0.00203714) a short pays 0.6364003; a
recorded pair of 2026-10-06 shows Buy paying and Sell receiving at one stamp. `execPrice` gives the value: it times execQty is
`execValue` in all of them. ccxt's own amount is execFee: positive where paid. CSV of the transaction log (Uid, Currency,
Contract, Type SETTLEMENT, Direction, Position, Funding, ..., Time(UTC), 20 decimals, zeros for padding; a line "UID: ..."
before): recorded exports in public tests; other statements of the venue print eight decimals.
"""

from __future__ import annotations

from perpscope.market.receipt import Receipt
from perpscope.sources.receipts.shape import Line, ReceiptShape, asset, by_the_holder, is_long, settles_in

VENUE = "bybit"
_DECIMALS = 8


def _symbol(line: Line, native: str) -> str:
    return line.unified(VENUE, native, inverse=native.endswith("USD"))


def _execution(line: Line) -> Receipt | str:
    if line.text("execType") != "Funding":
        return f"{line.text('execType') or 'no type'} is no funding"
    native, side = line.text("symbol"), line.text("side")
    symbol = _symbol(line, native)
    long = is_long(side, line.where)
    rate = line.maybe("feeRate")
    return Receipt(
        venue=VENUE,
        symbol=symbol,
        at=line.moment("execTime"),
        amount=-line.printed("execFee"),
        asset=asset(line.text("feeCurrency") or settles_in(symbol)),
        native_id=native,
        id=line.text("execId"),
        contracts=abs(line.number("execQty")),
        rate=rate and by_the_holder(rate, long=long),
        price=line.maybe("execPrice"),
        long=long,
        origin=line.where,
    )


def _log(line: Line) -> Receipt | str:
    if line.text("type") != "SETTLEMENT" or not line.has("funding"):
        return f"{line.text('type') or 'no type'} is no funding"
    native, side = line.text("symbol"), line.text("side")
    long = is_long(side, line.where)
    rate = line.maybe("feeRate")
    return Receipt(
        venue=VENUE,
        symbol=_symbol(line, native),
        at=line.moment("transactionTime"),
        amount=line.printed("funding"),
        asset=asset(line.text("currency")),
        native_id=native,
        id=line.text("tradeId") or line.text("id"),
        contracts=abs(line.number("size")),
        rate=rate and by_the_holder(rate, long=long),
        price=line.maybe("tradePrice"),
        long=long,
        origin=line.where,
    )


def _export(line: Line) -> Receipt | str:
    if line.text("Type") != "SETTLEMENT" or not line.has("Funding"):
        return f"{line.text('Type') or 'no type'} is no funding"
    native = line.text("Contract")
    long = is_long(line.text("Direction"), line.where)
    stamp = "Time(UTC)" if line.has("Time(UTC)") else "Time"
    clock = Line(line.where, line.entry, zone="UTC" if stamp == "Time(UTC)" else line.zone)
    return Receipt(
        venue=VENUE,
        symbol=_symbol(line, native),
        at=clock.moment(stamp),
        amount=line.printed("Funding", at_least=_DECIMALS),
        asset=asset(line.text("Currency")),
        native_id=native,
        id=line.text("TradeId"),
        contracts=abs(line.number("Position")),
        long=long,
        origin=line.where,
    )


SHAPES = (
    ReceiptShape("execution", _execution, ("execType", "execFee", "execQty", "execTime")),
    ReceiptShape("transaction log", _log, ("type", "funding", "size", "transactionTime")),
    ReceiptShape("transaction log export", _export, ("Currency", "Contract", "Type", "Direction", "Position", "Funding")),
)
