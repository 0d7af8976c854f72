"""Is a line that sums up many payments the sum of what was owed for each?

Some statements book a whole session, or a whole day, in one line. What accrued, or was paid at the stamps, between its two ends
is added up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from perpscope.audit.reconcile.evidence import Decided, Evidence, Key
from perpscope.audit.reconcile.model import Cause, Used, Verdict
from perpscope.audit.reconcile.owed import Inputs, lacking, owed
from perpscope.audit.reconcile.span import CUT, ROUNDED, Span
from perpscope.catalogue.contracts import Known
from perpscope.market.receipt import Printed
from perpscope.units import MS_PER_HOUR

NO_START = "when its session began: no line of this contract before it"
NOTHING = Span(Fraction(0), Fraction(0))


def of_session(shown: Verdict, known: Known, evidence: Evidence, since: int | None) -> Verdict:
    """Say what became of a line that books everything since the line before it.

    Parameters
    ----------
    shown : the verdict so far, with the receipt. since : when the line before it was booked (ms UTC); None where there is none.
    """
    receipt = shown.receipt
    if since is None:
        return replace(shown, lacks=(NO_START,))
    found = accrued(known, (receipt.venue, receipt.symbol), evidence, since, receipt.at)
    return _compared(shown, known, found) if isinstance(found, Span) else replace(shown, lacks=found)


def of_hours(shown: Verdict, known: Known, evidence: Evidence) -> Verdict:
    """Say what became of a line that sums up hourly payments from its time on, with its first stamp or with the one after its last."""
    receipt = shown.receipt
    key, length = (receipt.venue, receipt.symbol), receipt.hours * MS_PER_HOUR
    stamp = round(receipt.at / MS_PER_HOUR) * MS_PER_HOUR
    tries = [[d for d in evidence.decided.get(key, ()) if start <= d.at < start + length] for start in (stamp, stamp + MS_PER_HOUR)]
    whole = [listed for listed in tries if len(listed) == receipt.hours]
    if not whole:
        return replace(shown, lacks=(f"rates of the {receipt.hours} hours it sums up",))
    shown = replace(shown, notes=(*shown.notes, *_mean(whole, receipt.rate)))
    verdicts = []
    for listed in whole:
        found = _paid(listed, known, evidence, key, receipt.quantity)
        verdicts.append(_compared(shown, known, found) if isinstance(found, Span) else replace(shown, lacks=found))
    return min(verdicts, key=lambda verdict: (verdict.outcome != "explained", not verdict.causes))


def _mean(tries: Sequence[Sequence[Decided]], rate: Printed | None) -> tuple[str, ...]:
    """Say whether the rate on the line is the mean of the rates of its hours."""
    means = [sum((d.rate.value for d in listed), start=Fraction(0)) / len(listed) for listed in tries]
    if rate is None:
        return ()
    if any(Span.around(rate, CUT).low <= mean <= Span.around(rate, CUT).high for mean in means):
        return ("its rate is the mean of the rates of its hours",)
    return (f"its rate is not the mean of the rates of its hours, {float(means[0]):.10f}",)


def _paid(listed: Sequence[Decided], known: Known, evidence: Evidence, key: Key, stated: Fraction | None) -> Span | tuple[str, ...]:
    total = NOTHING
    for decided in listed:
        held = evidence.quantity(key, decided.at)
        quantity = Used(Printed(held), "positions") if held is not None else None if stated is None else Used(Printed(stated), "statement")
        price = None if decided.price is None else Used(decided.price, evidence.where)
        inputs = Inputs(quantity, Used(decided.rate, evidence.where), price, per_base=decided.per_base)
        lacks = lacking(known, inputs)
        if lacks:
            return lacks
        total = total + owed(known, inputs)
    return total


def _compared(shown: Verdict, known: Known, expected: Span) -> Verdict:
    receipt = shown.receipt
    around = Span.around(receipt.amount, ROUNDED)
    explained = expected.meets(around) and receipt.asset == known.contract.asset
    tolerance = expected.half + receipt.amount.unit * ROUNDED
    found = replace(shown, outcome="explained" if explained else "off", expected=expected, tolerance=tolerance)
    flipped = not explained and (-expected).meets(Span.around(receipt.amount, CUT))
    return replace(found, causes=(Cause("sign", "the amount has the other sign"),)) if flipped else found


def accrued(known: Known, key: Key, evidence: Evidence, start: int, end: int) -> Span | tuple[str, ...]:
    """Return what accrued between two moments, or the names of what is missing."""
    total, covered = NOTHING, 0
    for decided, share in evidence.within(key, start, end):
        first, last = max(start, decided.start), min(end, decided.at)
        covered += last - first
        held = evidence.mean(key, first, last)
        inputs = Inputs(
            quantity=None if held is None else Used(Printed(held * share), "positions"),
            rate=Used(decided.rate, evidence.where),
            price=None if decided.price is None else Used(decided.price, evidence.where),
            per_base=decided.per_base,
        )
        lacks = lacking(known, inputs)
        if lacks:
            return lacks
        total = total + owed(known, inputs)
    return total if covered == end - start else ("rate for all of the time since the line before",)
