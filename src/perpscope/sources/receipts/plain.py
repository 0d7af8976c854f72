"""What do statements in no venue's own form say: ccxt's entries, and tables with plainly named columns?

Source
------
ccxt's funding history structure {info, symbol, code, timestamp, datetime, id, amount}: ccxt 4.5.78, parse_income of its
exchanges. `info` is the venue's own line; where that is known it is read instead, for it has the digits, and the unified symbol
is kept. ccxt gives Bybit's execFee as amount, positive where paid (bybit.parse_income, same version): without `info` the sign
of that venue's amounts is turned.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from fractions import Fraction

from perpscope.catalogue.load import resolve_symbol, venue_ids
from perpscope.errors import InputError
from perpscope.market.instrument import Instrument
from perpscope.market.receipt import Printed, Receipt
from perpscope.sources.receipts.bybit import VENUE as PAID_IS_POSITIVE
from perpscope.sources.receipts.shape import Line, Read, ReceiptShape, asset
from perpscope.sources.venues import venue_of

NEEDS = "time, symbol, amount and asset; better also venue, quantity, price, rate and id"


def unified(shapes: Iterable[ReceiptShape]) -> ReceiptShape:
    """Make the reader of ccxt's entries, which asks the venues' own shapes about `info`."""
    known = tuple(shapes)

    def read(line: Line) -> Receipt | str:
        info = line.entry["info"]
        own = next((shape for shape in known if isinstance(info, Mapping) and shape.fits(info)), None)
        if own is None:
            return _unified(line)
        found = own.read(Line(line.where, info, line.venue, line.zone))
        return replace(found, symbol=line.text("symbol") or found.symbol) if isinstance(found, Receipt) else found

    return ReceiptShape("entry of ccxt", read, ("info", "symbol", "timestamp", "amount"))


def _unified(line: Line) -> Receipt | str:
    venue = _venue(line)
    amount = line.printed("amount")
    return Receipt(
        venue=venue,
        symbol=line.text("symbol"),
        at=line.moment("timestamp"),
        amount=-amount if venue == PAID_IS_POSITIVE else amount,
        asset=asset(line.text("code") or line.text("symbol").partition(":")[2]),
        id=line.text("id"),
        rate=line.maybe("fundingRate") if venue != PAID_IS_POSITIVE else None,
        price=line.maybe("markPrice"),
        origin=line.where,
        note="read from ccxt's own fields: its numbers may have lost zeros at the end",
    )


def _named(line: Line) -> Receipt | str:
    line = Line(line.where, {str(name).strip().lower(): value for name, value in line.entry.items()}, line.venue, line.zone)
    venue = _venue(line)
    quantity = line.number("quantity") if line.has("quantity") else None
    symbol, native = _symbol(line, venue)
    if not line.has("asset"):
        raise InputError(line.where, "asset is missing", f"A statement needs {NEEDS}.")
    return Receipt(
        venue=venue,
        symbol=symbol,
        at=line.moment("time" if line.has("time") else "at"),
        amount=line.printed("amount"),
        asset=asset(line.text("asset")),
        native_id=native,
        id=line.text("id"),
        contracts=None if quantity is None else abs(quantity),
        long=_long(quantity),
        rate=_rate(line),
        price=line.maybe("price"),
        origin=line.where,
    )


def _venue(line: Line) -> str:
    word = line.text("venue") or line.venue
    if not word:
        raise InputError(line.where, "it does not say whose it is", "State it with --venue, such as binanceusdm, or in a column venue.")
    return stated_venue(word, line.text("symbol"))


def stated_venue(word: str, symbol: str = "") -> str:
    """Venue id of a word; one that names several venues is decided by what the symbol settles in.

    Raises
    ------
    InputError
        When nobody knows the word, or it leaves the venue open.
    """
    base, _, settle = symbol.partition(":")
    market = "" if not settle else "inverse" if base.startswith(f"{settle}/") else "linear"
    found = venue_of(word, market, stated=True)
    if len(found.choices) == 1:
        return found.choices[0]
    if not found.id:
        choices = " or ".join(found.choices)
        raise InputError(f"the venue {word!r}", f"it may be {choices}", f"State {choices}.")
    return found.id


def _symbol(line: Line, venue: str) -> tuple[str, str]:
    word = line.text("symbol")
    if not word or "/" in word:
        return word, ""
    if venue not in venue_ids():
        return line.unified(venue, word), word
    found = resolve_symbol(venue, word)
    return (found.symbol, found.identity.native_id) if isinstance(found, Instrument) else (found, "")


def _rate(line: Line) -> Printed | None:
    name = next((n for n in ("rate", "funding_rate") if line.has(n)), "")
    if not name:
        return None
    rate = line.printed(name)
    if abs(rate.value) >= 1:
        raise InputError(line.where, f"{name} is {rate}, more than the whole notional", "Give a fraction: 0.01 % is 0.0001.")
    return rate


def _long(quantity: Fraction | None) -> bool | None:
    return None if quantity is None else quantity > 0


named: Read = _named
NAMED = (
    ReceiptShape("named columns", _named, ("time", "symbol", "amount")),
    ReceiptShape("named columns", _named, ("at", "symbol", "amount")),
)
