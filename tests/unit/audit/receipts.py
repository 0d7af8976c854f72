"""A made-up account: fixings, and receipts worked out by the library's own settlement and printed as a venue prints."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from perpscope.audit.reconcile import Decided, Evidence, Reconciled, Verdict
from perpscope.audit.reconcile.evidence import Key
from perpscope.market.contract import Contract
from perpscope.market.funding import Position, PublishedFixing
from perpscope.market.receipt import Printed, Receipt
from perpscope.market.time import to_ms
from perpscope.trading.settle import Listing, settle

START = to_ms("2026-03-01T00:00:00Z")
HOUR = 3_600_000
LINEAR, INVERSE = ("binanceusdm", "BTC/USDT:USDT"), ("binancecoinm", "BTC/USD:BTC")
RATES = ("0.00010000", "-0.00023456", "0.00004321", "0.00010000")
PRICES = ("60123.45678901", "59876.10000000", "61000.00000000", "60500.12345678")
SIZE = {LINEAR: Fraction(1), INVERSE: Fraction(100)}
ASSET = {LINEAR: "USDT", INVERSE: "BTC"}


def fixings(rates: Sequence[str] = RATES, prices: Sequence[str | None] = PRICES) -> list[Decided]:
    pairs = enumerate(zip(rates, prices, strict=True), 1)
    return [
        Decided(START + 8 * HOUR * k, Printed.read(rate), Fraction(8), None if price is None else Printed.read(price))
        for k, (rate, price) in pairs
    ]


def evidence(key: Key = LINEAR, held: Fraction | None = None, decided: Sequence[Decided] | None = None) -> Evidence:
    rows = fixings() if decided is None else decided
    positions = None if held is None else {key: [(START, held)]}
    return Evidence({key: rows}, positions, {key: SIZE[key]} if key in SIZE else {})


def paid(key: Key, quantity: Fraction, each: Decided) -> Fraction:
    """What `settle` pays, exactly."""
    assert each.price is not None
    contract = Contract.of_symbol(key[1], SIZE[key])
    fixing = PublishedFixing(*key, each.at, each.rate.value, each.hours, each.price.value)
    found = settle([Position("me", *key, START, quantity)], [fixing], {key: [Listing(contract)]})
    return Fraction(found.payments[0].amount)


def printed(amount: Fraction, places: int = 8, *, cut: bool = False) -> Printed:
    scaled = amount * 10**places
    whole = math.trunc(scaled) if cut else round(scaled)
    return Printed(Fraction(whole, 10**places), Fraction(1, 10**places))


def statement(key: Key, quantity: Fraction, *, own: bool = False, cut: bool = False) -> list[Receipt]:
    said: dict[str, Any] = {"contracts": abs(quantity), "long": quantity > 0} if own else {}
    return [
        Receipt(*key, each.at + 7, printed(paid(key, quantity, each), cut=cut), ASSET[key], id=str(k), **said, origin=f"row {k}")
        for k, each in enumerate(fixings())
    ]


def outcomes(found: Reconciled) -> list[str]:
    return [verdict.outcome for verdict in found.verdicts]


def names(verdict: Verdict) -> list[str]:
    return [cause.name for cause in verdict.causes]
