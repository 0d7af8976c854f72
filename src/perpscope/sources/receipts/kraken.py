"""What does the account log of Kraken's futures say about funding?

Source
------
Account log {date, asset, contract, info "funding rate change", realized_funding, old_balance, new_balance, booking_uid}: the
example in ccxt 4.5.78, krakenfutures.fetch_ledger, and a recorded row of 2026-09-17 (pf_dogeusd, balance 0.0002 to 0,
realized_funding -0.0002): it is what the balance moved by. CSV of the same log (uid, dateTime, type, symbol, contract,
realized funding, ...): a recorded export; its times are those of the log without their Z. Older exports carry no column
contract; their rows name no contract. Trades realise funding too; those lines are read, and `funding_rate` is not: whether
it is a fraction or money per contract is not documented there.
"""

from __future__ import annotations

from perpscope.market.receipt import Receipt
from perpscope.sources.receipts.shape import Line, ReceiptShape, asset

VENUE = "krakenfutures"


def _log(line: Line) -> Receipt | str:
    if not line.has("realized_funding") or not line.number("realized_funding"):
        return f"{line.text('info') or 'no kind'} realised no funding"
    return _receipt(line, line.text("contract"), line.text("asset"), line.moment("date"), ("realized_funding", "booking_uid", "info"))


def _export(line: Line) -> Receipt | str:
    if not line.has("realized funding") or not line.number("realized funding"):
        return f"{line.text('type') or 'no kind'} realised no funding"
    at = Line(line.where, line.entry, zone="UTC").moment("dateTime")
    return _receipt(line, line.text("contract"), line.text("symbol"), at, ("realized funding", "uid", "type"))


def _receipt(line: Line, contract: str, code: str, at: int, names: tuple[str, str, str]) -> Receipt:
    native = contract.upper()
    funding, uid, kind = names
    word = line.text(kind)
    return Receipt(
        venue=VENUE,
        symbol=line.unified(VENUE, native, inverse=native.startswith("PI_")) if native else "",
        at=at,
        amount=line.printed(funding),
        asset=asset(code),
        native_id=native,
        id=line.text(uid),
        session=True,
        origin=line.where,
        note=f"realised by {word}; it sums up what accrued since the line before",
    )


SHAPES = (
    ReceiptShape("account log", _log, ("booking_uid", "realized_funding", "date", "asset")),
    ReceiptShape("account log export", _export, ("uid", "dateTime", "type", "symbol", "realized funding")),
)
