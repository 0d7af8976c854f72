"""Is this receipt explained, and if not, what would explain it?

The fixing's rate and price and the position on file go first; what the statement itself says stands in where they are absent,
and is tried afterwards, one at a time, as a cause.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from perpscope.audit.reconcile.evidence import Decided, Evidence, Key
from perpscope.audit.reconcile.model import Cause, Digits, Used, Verdict
from perpscope.audit.reconcile.owed import Inputs, contract_of, decided_rate, implied, lacking, owed, unrounded
from perpscope.audit.reconcile.span import CUT, EXACT, ROUNDED, Span
from perpscope.audit.reconcile.summed import of_hours, of_session
from perpscope.catalogue.contracts import Known
from perpscope.market.receipt import Printed, Receipt
from perpscope.market.time import to_text

GRADES: tuple[tuple[Digits, Fraction, Fraction], ...] = (
    ("exact", EXACT, ROUNDED),
    ("cut", EXACT, CUT),
    ("rounded", ROUNDED, ROUNDED),
    ("inputs cut", CUT, CUT),
)
"""How closely a payment follows, the closest first: units by which rate and price, and the amount, may be off."""
STATED = "statement"
HELD = "positions"


@dataclass(frozen=True, slots=True)
class Case:
    """One receipt with everything known about it.

    Parameters
    ----------
    receipt : the line. known : its contract. evidence : what it is held against. decided : the fixing of its stamp.
    since : when its session began (ms UTC), for receipts that sum up a session; None where unknown.
    """

    receipt: Receipt
    known: Known
    evidence: Evidence
    decided: Decided | None
    since: int | None = None

    @classmethod
    def of(cls, receipt: Receipt, evidence: Evidence, since: int | None = None) -> Case:
        """Look up what is known about a receipt."""
        key = (receipt.venue, receipt.symbol)
        return cls(receipt, contract_of(receipt, evidence), evidence, evidence.at(key, receipt.at), since)

    @property
    def key(self) -> Key:
        """Venue and symbol."""
        return self.receipt.venue, self.receipt.symbol

    @property
    def stamp(self) -> int:
        """Return the stamp it is of: that of the fixing, else its own."""
        return self.receipt.at if self.decided is None else self.decided.at

    def notes(self) -> tuple[str, ...]:
        """Say what a reader should know of the contract."""
        side = "the statement names no side: it follows from the payment" if self.side_follows else ""
        near = None if self.decided else self.evidence.nearest(self.key, self.receipt.at)
        far = "" if near is None else f"no fixing is near its time; the nearest is of {to_text(near.at)}"
        return tuple(note for note in (self.known.assumed, side, far) if note)

    @property
    def side_follows(self) -> bool:
        """Whether only the payment tells on which side the contracts were held."""
        return self.evidence.held is None and self.receipt.contracts is not None and self.receipt.long is None

    def quantities(self) -> list[Used]:
        """Return quantities it may have been paid on, the likeliest first."""
        own, held = self._own_quantity(), self.evidence.quantity(self.key, self.stamp)
        found = [] if held is None else [Used(Printed(held), HELD)]
        return [*found, *([Used(Printed(own), STATED)] if own is not None else [])]

    def _own_quantity(self) -> Fraction | None:
        if not self.side_follows:
            return self.receipt.quantity
        rate = self.rates()[0].value.value if self.rates() else Fraction(1)
        paying = (self.receipt.amount.value < 0) == (rate > 0)
        return self.receipt.contracts if paying or self.receipt.contracts is None else -self.receipt.contracts

    def rates(self) -> list[Used]:
        """Return rates, the fixing's first."""
        fixing = decided_rate(self.decided, self.evidence.where)
        own = self.receipt.rate if not self.receipt.hours else None
        return [*([fixing] if fixing else []), *([Used(own, STATED)] if own else [])]

    def prices(self) -> list[Used]:
        """Return prices, the fixing's own kind first."""
        main = [] if self.decided is None or self.decided.price is None else [Used(self.decided.price, self.evidence.where)]
        own = [] if self.receipt.price is None else [Used(self.receipt.price, STATED)]
        others = [] if self.decided is None else [Used(value, f"{kind} price") for kind, value in self.decided.prices.items()]
        return [*main, *own, *others]

    def inputs(self) -> Inputs:
        """Return what the payment is first worked out from."""
        quantity, rate, price = (next(iter(each), None) for each in (self.quantities(), self.rates(), self.prices()))
        per_base = None if self.decided is None else self.decided.per_base
        return Inputs(quantity, rate, price, self._notional() if quantity is None else None, per_base)

    def _notional(self) -> Used | None:
        value, long = self.receipt.notional, self.receipt.long
        return None if value is None or long is None else Used(value if long else -value, STATED)


def judge(case: Case) -> Verdict:
    """Say what became of one receipt."""
    receipt, notes = case.receipt, case.notes()
    if receipt.session or receipt.hours:
        shown = Verdict(receipt, "missing input", notes=notes)
        return of_session(shown, case.known, case.evidence, case.since) if receipt.session else of_hours(shown, case.known, case.evidence)
    inputs = case.inputs()
    shown = Verdict(receipt, "missing input", quantity=inputs.quantity, rate=inputs.rate, price=inputs.price, notes=notes)
    if inputs.quantity and inputs.quantity.origin == HELD and not inputs.quantity.value.value and receipt.amount.value:
        return _unexpected(case, shown)
    lacks = lacking(case.known, inputs)
    if lacks:
        return replace(shown, lacks=lacks, implied=implied(case.known, inputs, receipt))
    return _compared(case, shown, inputs)


def _compared(case: Case, shown: Verdict, inputs: Inputs) -> Verdict:
    receipt = case.receipt
    expected = owed(case.known, inputs)
    shown = replace(shown, expected=expected, tolerance=expected.half + receipt.amount.unit * ROUNDED)
    if receipt.asset == case.known.contract.asset:
        grade = graded(case.known, inputs, receipt.amount)
        if grade is not None:
            return replace(shown, outcome="explained", digits=grade)
        grade = graded(unrounded(case.known), inputs, receipt.amount)
        if grade is not None:
            exact = owed(unrounded(case.known), inputs)
            note = f"the statement is before the venue's own rounding, after which {float(expected.middle):g} is paid"
            return replace(shown, outcome="explained", digits=grade, expected=exact, notes=(*shown.notes, note))
    return replace(shown, outcome="off", causes=tuple(causes(case, inputs)), implied=implied(case.known, inputs, receipt))


def graded(known: Known, inputs: Inputs, amount: Printed) -> Digits | None:
    """Return how closely an amount follows from inputs; None where it does not."""
    for digits, units, own in GRADES:
        if owed(known, inputs, units).meets(Span.around(amount, own)):
            return digits
    return None


def fits(known: Known, inputs: Inputs, amount: Printed) -> bool:
    """Whether a payment follows from inputs, even if digits were cut off rather than rounded."""
    return owed(known, inputs, CUT).meets(Span.around(amount, CUT))


def _unexpected(case: Case, shown: Verdict) -> Verdict:
    own = case.receipt.contracts
    says = f"; the statement says {float(own):g} contracts" if own is not None else ""
    near = Cause("no position", f"no position in it is on file at that stamp{says}")
    return replace(shown, outcome="unexpected", causes=(near,), implied=implied(case.known, case.inputs(), case.receipt))


def causes(case: Case, inputs: Inputs) -> Iterator[Cause]:
    """Name every single change of an input that would explain the amount, the likeliest first."""
    amount, known = case.receipt.amount, case.known
    if case.receipt.asset != known.contract.asset:
        yield _other_asset(case, inputs)
        return
    if fits(known, inputs, -amount):
        yield Cause("sign", "the amount has the other sign")
    tried = (*_quantities(case, inputs), *_prices(case, inputs), *_rates(case, inputs), *_units(case, inputs))
    seen: set[str] = set()
    for name, detail, other in tried:
        if detail not in seen and fits(known, other, amount):
            seen.add(detail)
            yield Cause(name, detail)
    span = implied(known, inputs, case.receipt).get("quantity")
    held = None if inputs.quantity is None else inputs.quantity.value.value
    if span is not None and span.simplest() != held:
        instead = "" if held is None else f", not {float(held):g}"
        yield Cause("quantity", f"it is the payment of {float(span.simplest()):g} contracts{instead}")


def _other_asset(case: Case, inputs: Inputs) -> Cause:
    receipt, asset = case.receipt, case.known.contract.asset
    detail = f"it was booked in {receipt.asset}, the contract settles in {asset}"
    if fits(case.known, inputs, receipt.amount):
        return Cause("asset", f"{detail}; the number is that of {asset}")
    if inputs.price and inputs.price.value.value:
        price = inputs.price.value.value
        span = owed(case.known, inputs, CUT)
        for scale, words in ((price, f"times the price {inputs.price.value}"), (1 / price, f"over the price {inputs.price.value}")):
            if Span(span.low * scale, span.high * scale).meets(Span.around(receipt.amount, CUT)):
                return Cause("asset", f"{detail}; the number is that of {asset} {words}")
    return Cause("asset", detail)


Tried = tuple[str, str, Inputs]


def _quantities(case: Case, inputs: Inputs) -> Iterator[Tried]:
    for other in case.quantities()[1:]:
        yield "quantity", f"{float(other.value.value):g} contracts, as the {other.origin} says", replace(inputs, quantity=other)
    grace = int(case.known.settle.grace_s * 1000) or 1
    for shift, word in ((-grace, "before"), (grace, "after")):
        held = case.evidence.quantity(case.key, case.stamp + shift)
        if held is not None and inputs.quantity and held != inputs.quantity.value.value:
            detail = f"{float(held):g} contracts, held {grace / 1000:g} s {word} the stamp"
            yield "quantity", detail, replace(inputs, quantity=Used(Printed(held), HELD))


def _prices(case: Case, inputs: Inputs) -> Iterator[Tried]:
    for other in case.prices()[1:]:
        word = other.origin if other.origin.endswith("price") else f"price of the {other.origin}"
        yield "price", f"{word}, {other.value}", replace(inputs, price=other)
    near = case.evidence.neighbours(case.key, case.decided) if case.decided else []
    for word, each in near:
        if each.price is not None:
            yield "price", f"the price one stamp {word}, {each.price}", replace(inputs, price=Used(each.price, word))


def _rates(case: Case, inputs: Inputs) -> Iterator[Tried]:
    for other in case.rates()[1:]:
        yield "rate", f"the rate of the {other.origin}, {other.value}", replace(inputs, rate=other)
    near = case.evidence.neighbours(case.key, case.decided) if case.decided else []
    for word, each in near:
        yield "neighbour", f"the rate one stamp {word}, {each.rate}", replace(inputs, rate=Used(each.rate, word))
        if each.price is not None:
            both = replace(inputs, rate=Used(each.rate, word), price=Used(each.price, word))
            yield "neighbour", f"rate and price one stamp {word}, {each.rate} at {each.price}", both


def _units(case: Case, inputs: Inputs) -> Iterator[Tried]:
    """Rates stated in another unit: percent, or money per base unit."""
    if inputs.rate is None:
        return
    rate, origin = inputs.rate.value, inputs.rate.origin
    for scale, words in ((Fraction(1, 100), "the rate is in percent"), (Fraction(100), "the rate is a hundred times larger")):
        yield "unit", words, replace(inputs, rate=Used(Printed(rate.value * scale, rate.unit * scale), origin))
    if inputs.price is not None:
        price = inputs.price.value.value
        for scale, words in (
            (1 / price, "the rate is money per base unit, not a fraction"),
            (price, "the rate was taken as money per base unit"),
        ):
            yield "unit", words, replace(inputs, rate=Used(Printed(rate.value * scale, rate.unit * scale), origin))
    if "size" in case.known.assumed and inputs.quantity is not None:
        held = inputs.quantity.value.value
        for power in (*range(-8, 0), *range(1, 5)):
            size = Fraction(10) ** power
            words = f"one contract is {float(size):g} units"
            yield "contract size", words, replace(inputs, quantity=Used(Printed(held * size), inputs.quantity.origin))
