"""What should have been paid, and between which two values, given what digits leave open?

Every payment is the venue's own settlement of the rate: `mechanisms.settle`, in exact fractions, at both ends of what the
printed rate and price may stand for.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache

from perpscope.audit.reconcile.evidence import Decided, Evidence
from perpscope.audit.reconcile.model import Used
from perpscope.audit.reconcile.span import ROUNDED, Span, ends, over
from perpscope.catalogue.contracts import Known, known_contract
from perpscope.catalogue.load import SIMULATED, load_venue, venue_ids
from perpscope.market.contract import Contract
from perpscope.market.number import Number, to_exact
from perpscope.market.receipt import Receipt
from perpscope.mechanisms.settle import NO_PRICE, Settlement, charge, payment


@dataclass(frozen=True, slots=True)
class Inputs:
    """What one payment is worked out from; None where it is not known.

    Parameters
    ----------
    quantity : contracts, signed. rate : fraction of notional. price : quote units. notional : value in the settle asset with the
    sign of the position, which stands for quantity and price. per_base : quote units per base unit, in place of the rate.
    """

    quantity: Used | None = None
    rate: Used | None = None
    price: Used | None = None
    notional: Used | None = None
    per_base: Fraction | None = None


def contract_of(receipt: Receipt, evidence: Evidence) -> Known:
    """Return what is known of a receipt's contract; a venue without a rule book pays at the stamp, and that is said."""
    size = evidence.sizes.get((receipt.venue, receipt.symbol))
    if receipt.venue.removeprefix(SIMULATED) not in venue_ids():
        unit = "" if size is not None else ", one contract being one unit"
        assumed = f"payment at the stamp{unit} is assumed: {receipt.venue} has no rule book here"
        return Known(Contract.of_symbol(receipt.symbol, size), Settlement(), assumed, receipt.native_id)
    return _known(receipt.venue, receipt.symbol, receipt.native_id, _era(receipt.venue, receipt.at), size)


@cache
def _known(venue: str, symbol: str, native_id: str, ms: int, size: Fraction | None) -> Known:
    given: Mapping[str, Number] = {} if size is None else {"contract_size": size}
    found = known_contract(venue, symbol, ms, native_id=native_id, given=given)
    return replace(found, contract=replace(found.contract, size=to_exact(found.contract.size)))


def _era(venue: str, ms: int) -> int:
    """Return the first moment of the time around `ms` in which the catalogue says the same of the venue."""
    dates = _dates(venue)
    k = bisect_right(dates, ms)
    return dates[k - 1] if k else dates[0] - 1


@cache
def _dates(venue: str) -> tuple[int, ...]:
    """Return the moments at which the catalogue says something new of a venue."""
    told = load_venue(venue)
    spans = [(rule.since, rule.until) for rule in told.rules] + [(entry.since, entry.until) for entry in told.contracts]
    return tuple(sorted({told.opened, told.closed + 1, *(moment for span in spans for moment in span)}))


def unrounded(known: Known) -> Known:
    """Return the contract as it would pay without rounding: some statements are worked out beside the venue's ledger."""
    return replace(known, settle=replace(known.settle, level_grains=0, index_grains=0, money_grains=0))


def needs_price(known: Known, inputs: Inputs) -> bool:
    """Whether a price enters the payment."""
    return inputs.notional is None and inputs.per_base is None and known.settle.price != NO_PRICE and known.settle.unit != "quote"


def lacking(known: Known, inputs: Inputs) -> tuple[str, ...]:
    """Names of the inputs that are missing."""
    lacks = [] if inputs.rate or inputs.per_base is not None else ["rate"]
    if not inputs.quantity and not inputs.notional:
        lacks.append("quantity")
    if needs_price(known, inputs) and not inputs.price:
        lacks.append("price")
    if known.settle.sides not in {"mirror", "both_pay"}:
        lacks.append("open interest of both sides")
    return tuple(lacks)


def owed(known: Known, inputs: Inputs, units: Fraction = ROUNDED) -> Span:
    """Return what the holder receives, as far as the digits of rate and price say.

    Parameters
    ----------
    known : the contract. inputs : without anything lacking. units : by how many units of the last digit a number may be off.
    """
    rates = (inputs.per_base,) if inputs.per_base is not None else ends(inputs.rate.value, units) if inputs.rate else (Fraction(0),)
    if inputs.notional is not None:
        value = ends(inputs.notional.value, units)
        return Span.of(-rate * worth for rate in rates for worth in value)
    settle = known.settle if inputs.per_base is None else replace(known.settle, unit="quote", index_grains=0)
    quantity = inputs.quantity.value.value if inputs.quantity else Fraction(0)
    prices: tuple[Fraction | None, ...] = (None,)
    if needs_price(known, inputs) and inputs.price:
        prices = ends(inputs.price.value, units, positive=True)

    def paid(rate: Fraction, price: Fraction | None) -> Fraction:
        return Fraction(payment(charge(rate, settle, known.contract, price), quantity, settle))

    return over(paid, rates, prices)


def implied(known: Known, inputs: Inputs, receipt: Receipt) -> dict[str, Span]:
    """Return what the amount and the other inputs say of one: notional, quantity (both with the sign of the position), rate, price."""
    amount = Span.around(receipt.amount, ROUNDED)
    found: dict[str, Span] = {}
    rates = ends(inputs.rate.value, ROUNDED) if inputs.rate else ()
    if rates and all(rates):
        found["notional"] = Span.of(-a / r for a in (amount.low, amount.high) for r in rates)
    values = _values(known, inputs)
    if values and all(values):
        found["rate"] = Span.of(-a / v for a in (amount.low, amount.high) for v in values)
    prices = ends(inputs.price.value, ROUNDED, positive=True) if inputs.price else ()
    if "notional" in found and prices:
        each = [Fraction(known.contract.value(1, price)) for price in prices]
        found["quantity"] = Span.of(n / e for n in (found["notional"].low, found["notional"].high) for e in each)
    if "notional" in found and inputs.quantity and inputs.quantity.value.value:
        lots = inputs.quantity.value.value * Fraction(known.contract.size)
        worth = [n / lots for n in (found["notional"].low, found["notional"].high)]
        if all(w > 0 for w in worth):
            found["price"] = Span.of(1 / w for w in worth) if known.contract.payoff == "inverse" else Span.of(worth)
    return found


def _values(known: Known, inputs: Inputs) -> tuple[Fraction, ...]:
    """Return the ends of the position's value with its sign; nothing where it is not known."""
    if inputs.notional is not None:
        return ends(inputs.notional.value, ROUNDED)
    if inputs.quantity is None or inputs.price is None:
        return ()
    quantity = inputs.quantity.value.value
    return tuple(Fraction(known.contract.value(quantity, price)) for price in ends(inputs.price.value, ROUNDED, positive=True))


def decided_rate(decided: Decided | None, where: str) -> Used | None:
    """Return the rate of a fixing as an input."""
    return None if decided is None else Used(decided.rate, where)
