"""What do Binance's statements say about funding?

Source
------
Income history {symbol, incomeType FUNDING_FEE, income, asset, time, tranId}: the example in ccxt 4.5.78, binance.parse_income. The
shape does not say its venue: others copied it (JKorf/Aster.Net @e1c9116f), so the user states it. Transaction history CSV
(User_ID, UTC_Time, Account, Operation, Coin, Change, Remark; Operation "Funding Fee"): the sample of cran/cryptoTax,
R/data_binance.R, and exports used in public tax tools' tests. It names no contract. Later exports write Time without a zone,
as 25-11-12 17:37:06.
"""

from __future__ import annotations

import re

from perpscope.errors import InputError
from perpscope.market.receipt import Receipt
from perpscope.sources.receipts.shape import Line, ReceiptShape, asset

_GROUP = ("binance", "binanceusdm", "binancecoinm")
_MARKETS = {"USDT-FUTURES": "binanceusdm", "USD-M FUTURES": "binanceusdm", "COIN-FUTURES": "binancecoinm", "COIN-M FUTURES": "binancecoinm"}
_SHORT_YEAR = re.compile(r"\d\d-\d\d-\d\d \d\d:\d\d:\d\d")


def _income(line: Line) -> Receipt | str:
    kind = line.text("incomeType")
    if kind != "FUNDING_FEE":
        return f"{kind or 'no type'} is no funding"
    native = line.text("symbol")
    if not line.venue:
        there = "the lines of an income history do not say whose they are: several venues write them so"
        raise InputError(line.where, there, "State it with --venue: binanceusdm, binancecoinm or another.")
    venue = line.venue
    if venue in _GROUP:
        venue = "binancecoinm" if native.endswith("_PERP") else "binanceusdm"
    return Receipt(
        venue=venue,
        symbol=line.unified(venue, native, inverse=native.endswith("_PERP")),
        at=line.moment("time"),
        amount=line.printed("income"),
        asset=asset(line.text("asset")),
        native_id=native,
        id=line.text("tranId"),
        origin=line.where,
    )


def _history(line: Line) -> Receipt | str:
    if line.text("Operation") != "Funding Fee":
        return f"{line.text('Operation') or 'no operation'} is no funding"
    venue = _MARKETS.get(line.text("Account").upper(), "")
    if not venue:
        raise InputError(line.where, f"the account {line.text('Account')!r}", "Known are USDT-Futures, USD-M Futures and Coin-Futures.")
    utc = line.text("UTC_Time")
    clock = line.text("Time")
    if utc:
        at = Line(line.where, {"UTC_Time": utc}, zone="UTC").moment("UTC_Time")
    else:
        at = line.local(f"20{clock}") if _SHORT_YEAR.fullmatch(clock) else line.moment("Time")
    return Receipt(
        venue=venue,
        symbol="",
        at=at,
        amount=line.printed("Change"),
        asset=asset(line.text("Coin")),
        origin=line.where,
        note="this statement names no contract",
    )


SHAPES = (
    ReceiptShape("income history", _income, ("incomeType", "income", "asset", "time")),
    ReceiptShape("transaction history", _history, ("Account", "Operation", "Coin", "Change")),
)
