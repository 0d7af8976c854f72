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

from perpscope.market.receipt import Printed, Receipt
from perpscope.sources.receipts.shape import Line, ReceiptShape, asset, by_the_holder, is_long, settles_in

VENUE = "bybit"
_DECIMALS = 8


def _symbol(line: Line, native: str) -> str:
    return line.unified(VENUE, native, inverse=native.endswith("USD"))


def _told(line: Line, *, at: int, amount: Printed, currency: str, name: str, contracts: str, price: str) -> Receipt:
    """Return a payment to the side that the line names; `contracts` and `price` are names in it."""
    native = line.text("symbol")
    symbol, long, rate = _symbol(line, native), is_long(line.text("side"), line.where), line.maybe("feeRate")
    return Receipt(
        venue=VENUE,
        symbol=symbol,
        at=at,
        amount=amount,
        asset=asset(currency or settles_in(symbol)),
        native_id=native,
        id=name,
        contracts=abs(line.number(contracts)),
        rate=rate and by_the_holder(rate, long=long),
        price=line.maybe(price),
        long=long,
        origin=line.where,
    )


def _execution(line: Line) -> Receipt | str:
    if line.text("execType") != "Funding":
        return f"{line.text('execType') or 'no type'} is no funding"
    at, paid = line.moment("execTime"), line.printed("execFee")
    return _told(
        line, at=at, amount=-paid, currency=line.text("feeCurrency"), name=line.text("execId"), contracts="execQty", price="execPrice"
    )


def _log(line: Line) -> Receipt | str:
    if line.text("type") != "SETTLEMENT" or not line.has("funding"):
        return f"{line.text('type') or 'no type'} is no funding"
    at, received = line.moment("transactionTime"), line.printed("funding")
    name = line.text("tradeId") or line.text("id")
    return _told(line, at=at, amount=received, currency=line.text("currency"), name=name, contracts="size", price="tradePrice")


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
