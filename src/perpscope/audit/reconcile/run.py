"""What became of a whole statement: every receipt, and the payments that are not in it?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from perpscope.audit.reconcile.evidence import Decided, Evidence, Key
from perpscope.audit.reconcile.judge import Case, judge
from perpscope.audit.reconcile.model import Absent, Cause, Reconciled, Used, Verdict
from perpscope.audit.reconcile.owed import Inputs, contract_of, lacking, owed
from perpscope.audit.reconcile.span import ROUNDED, Span
from perpscope.market.receipt import Printed, Receipt

TELLING = 5
"""Units of the amount that the open digits of rate and price must leave, for an exact match to be no accident."""
MANY = 3
"""Exact matches, and times as many as inexact ones, after which rate and price are taken to be exact."""


@dataclass(frozen=True, slots=True)
class Question:
    """A statement, and what it is held against."""

    receipts: Sequence[Receipt]
    evidence: Evidence


def reconcile(question: Question) -> Reconciled:
    """Explain every receipt, or show what is missing.

    Parameters
    ----------
    question : receipts in any order, and the evidence: fixings, positions, contract sizes.

    Returns
    -------
    A verdict for each receipt in the order given, the receipts that are missing, and totals.
    """
    evidence = question.evidence
    order = sorted(range(len(question.receipts)), key=lambda k: question.receipts[k].at)
    verdicts: dict[int, Verdict] = {}
    paid: dict[tuple[Key, int], Verdict] = {}
    began: dict[Key, int] = {}
    for k in order:
        receipt = question.receipts[k]
        if not receipt.symbol:
            verdicts[k] = _named(receipt, evidence, paid)
        else:
            verdicts[k] = _judged(Case.of(receipt, evidence, began.get((receipt.venue, receipt.symbol))), paid)
        began[(receipt.venue, verdicts[k].receipt.symbol)] = receipt.at
    listed = _to_the_digit(_together([verdicts[k] for k in range(len(order))], evidence))
    return Reconciled(tuple(listed), tuple(_missing(listed, evidence)))


def _judged(case: Case, paid: dict[tuple[Key, int], Verdict]) -> Verdict:
    """Judge a receipt; the second one of a payment that is already explained is a duplicate."""
    verdict = judge(case)
    place = (case.key, case.stamp)
    first = paid.get(place)
    if first is not None and not case.receipt.session and _same_payment(first, verdict):
        cause = Cause("duplicate", f"the payment of this stamp is already explained by {first.receipt.origin or 'a line before'}")
        return replace(verdict, outcome="off", causes=(cause, *verdict.causes))
    if verdict.outcome == "explained":
        paid.setdefault(place, verdict)
    return verdict


def _same_payment(first: Verdict, second: Verdict) -> bool:
    """Whether two lines of one stamp tell the same payment: by their id, by the position on file, or word for word."""
    one, other = first.receipt, second.receipt
    if one.id and one.id == other.id:
        return True
    if second.quantity is not None and second.quantity.origin == "positions":
        return second.outcome == "explained"
    same = (one.amount, one.asset, one.contracts, one.long, one.at) == (other.amount, other.asset, other.contracts, other.long, other.at)
    return same and not (one.id or other.id)


def _named(receipt: Receipt, evidence: Evidence, paid: dict[tuple[Key, int], Verdict]) -> Verdict:
    """Find the contract of a line that names none: the one contract held then whose payment it is."""
    held = evidence.contracts(receipt.venue, receipt.at)
    tried = [_judged(Case.of(replace(receipt, symbol=symbol), evidence), {}) for symbol in held]
    found = [v for v in tried if v.outcome == "explained" and ((v.receipt.venue, v.receipt.symbol), _stamp(v, evidence)) not in paid]
    if len(found) == 1:
        verdict = replace(found[0], notes=(*found[0].notes, "the contract was found by the amount"))
        paid[((receipt.venue, verdict.receipt.symbol), _stamp(verdict, evidence))] = verdict
        return verdict
    if found:
        names = ", ".join(v.receipt.symbol for v in found)
        return Verdict(receipt, "missing input", lacks=("contract",), notes=(f"its amount fits {names}",))
    if evidence.held is None:
        return Verdict(receipt, "missing input", lacks=("contract", "quantity"))
    if not held:
        nobody = Cause("no position", "no position at this venue is on file at that stamp")
        return Verdict(receipt, "unexpected", lacks=("contract",), causes=(nobody,))
    near = tuple(replace(c, detail=f"{v.receipt.symbol}: {c.detail}") for v in tried for c in v.causes)
    lacks = sorted({name for v in tried for name in v.lacks})
    return Verdict(receipt, "missing input" if lacks else "off", lacks=("contract", *lacks), causes=near)


def _stamp(verdict: Verdict, evidence: Evidence) -> int:
    receipt = verdict.receipt
    decided = evidence.at((receipt.venue, receipt.symbol), receipt.at)
    return receipt.at if decided is None else decided.at


def _together(verdicts: list[Verdict], evidence: Evidence) -> list[Verdict]:
    """Explain lines of one stamp that only together are the payment of the position on file."""
    groups: dict[tuple[Key, int], list[int]] = defaultdict(list)
    for k, verdict in enumerate(verdicts):
        if verdict.outcome == "off" and verdict.expected and verdict.quantity and verdict.quantity.origin == "positions":
            groups[((verdict.receipt.venue, verdict.receipt.symbol), _stamp(verdict, evidence))].append(k)
    for places in groups.values():
        parts = [verdicts[k] for k in places]
        expected = parts[0].expected
        total = Span(Fraction(0), Fraction(0))
        for part in parts:
            total = total + Span.around(part.receipt.amount, ROUNDED)
        if len(parts) > 1 and expected is not None and total.meets(expected):
            note = f"a part: {len(parts)} lines of this stamp are the payment together"
            for k in places:
                verdicts[k] = replace(verdicts[k], outcome="explained", causes=(), implied={}, notes=(*verdicts[k].notes, note))
    return verdicts


def _to_the_digit(verdicts: list[Verdict]) -> list[Verdict]:
    """Where a contract's payments follow to the last digit, one that needs the open digits of rate or price does not follow."""
    groups: dict[Key, list[int]] = defaultdict(list)
    for k, verdict in enumerate(verdicts):
        telling = verdict.tolerance is not None and verdict.tolerance > TELLING * verdict.receipt.amount.unit
        if verdict.outcome == "explained" and telling and verdict.expected is not None:
            groups[(verdict.receipt.venue, verdict.receipt.symbol)].append(k)
    for places in groups.values():
        loose = [k for k in places if verdicts[k].digits not in {"exact", "cut"}]
        tight = len(places) - len(loose)
        if tight >= MANY and tight >= MANY * len(loose):
            cause = Cause(
                "last digits", f"{tight} other payments of this contract follow from rate and price as printed, to the last digit"
            )
            for k in loose:
                verdicts[k] = replace(verdicts[k], outcome="off", causes=(cause,))
    return verdicts


def _missing(verdicts: Sequence[Verdict], evidence: Evidence) -> Iterable[Absent]:
    """Yield stamps with a position and a rate, and no receipt."""
    there = {((v.receipt.venue, v.receipt.symbol), _stamp(v, evidence)) for v in verdicts}
    for key in sorted(evidence.held or {}):
        first, last = _window(key[0], verdicts, evidence)
        for decided in evidence.decided.get(key, ()):
            if decided.continuous or not first <= decided.at <= last or (key, decided.at) in there:
                continue
            quantity = evidence.quantity(key, decided.at)
            if quantity:
                yield from _absent(key, decided, quantity, verdicts, evidence)


def _absent(key: Key, decided: Decided, quantity: Fraction, verdicts: Sequence[Verdict], evidence: Evidence) -> Iterable[Absent]:
    known = contract_of(Receipt(key[0], key[1], decided.at, Printed(Fraction(0)), ""), evidence)
    price = None if decided.price is None else Used(decided.price, evidence.where)
    inputs = Inputs(Used(Printed(quantity), "positions"), Used(decided.rate, evidence.where), price, per_base=decided.per_base)
    expected = None if lacking(known, inputs) else owed(known, inputs)
    asset = known.contract.asset
    least = min((v.receipt.amount.unit for v in verdicts if v.receipt.asset == asset and v.receipt.amount.unit), default=Fraction(0))
    if expected is None or abs(expected.middle) > least * ROUNDED:
        yield Absent(key[0], key[1], decided.at, quantity, decided.rate.value, asset, expected)


def _window(venue: str, verdicts: Sequence[Verdict], evidence: Evidence) -> tuple[int, int]:
    if evidence.window is not None:
        return evidence.window
    times = [_stamp(v, evidence) for v in verdicts if v.receipt.venue == venue]
    return (min(times), max(times)) if times else (1, 0)
