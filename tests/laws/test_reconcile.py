"""Is whatever the settlement pays explained when it is printed, and nothing that is further away than its digits leave open?"""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from perpscope.audit.reconcile import Decided, Evidence, Question, reconcile
from perpscope.audit.reconcile.span import Span
from perpscope.market.contract import Contract
from perpscope.market.receipt import Printed, Receipt
from perpscope.mechanisms.settle import Settlement, charge, payment

AT = 1_772_323_200_000
CONTRACTS = {
    ("binanceusdm", "BTC/USDT:USDT"): Contract("linear", "USDT", Fraction(1)),
    ("binancecoinm", "BTC/USD:BTC"): Contract("inverse", "BTC", Fraction(100)),
    ("bitmex", "ETH/USD:BTC"): Contract("quanto", "BTC", Fraction(1, 1_000_000)),
}


@st.composite
def paid(draw: st.DrawFn) -> tuple[Receipt, Evidence, Fraction]:
    """A receipt as a venue prints it, what it is held against, and the exact payment."""
    key = draw(st.sampled_from(sorted(CONTRACTS)))
    contract = CONTRACTS[key]
    quantity = Fraction(draw(st.integers(-10_000, 10_000).filter(bool)), 100)
    rate = Fraction(draw(st.integers(-300_000, 300_000).filter(bool)), 10**8)
    price = Fraction(draw(st.integers(10_000, 10_000_000)), 100)
    settle = Settlement()
    exact = Fraction(payment(charge(rate, settle, contract, price), quantity, settle))
    unit = Fraction(1, 10**8)
    amount = Printed(round(exact / unit) * unit, unit)
    decided = Decided(AT, Printed(rate, unit), Fraction(8), Printed(price, Fraction(1, 100)))
    receipt = Receipt(*key, AT, amount, contract.asset)
    return receipt, Evidence({key: [decided]}, {key: [(AT - 1, quantity)]}, {key: Fraction(contract.size)}), exact


@given(paid())
def test_what_was_paid_and_printed_is_explained_to_its_last_digit(case: tuple[Receipt, Evidence, Fraction]) -> None:
    receipt, evidence, exact = case
    found = reconcile(Question([receipt], evidence))
    (verdict,) = found.verdicts
    assert (verdict.outcome, verdict.digits) == ("explained", "exact")
    assert verdict.expected is not None
    assert verdict.expected.low <= exact <= verdict.expected.high
    assert not found.missing


@given(paid(), st.sampled_from([-1, 1]))
def test_what_lies_beyond_the_open_digits_is_never_explained(case: tuple[Receipt, Evidence, Fraction], way: int) -> None:
    receipt, evidence, _ = case
    (before,) = reconcile(Question([receipt], evidence)).verdicts
    assert before.expected is not None
    beyond = before.expected.middle + way * (3 * before.expected.half + 3 * receipt.amount.unit)
    moved = Receipt(receipt.venue, receipt.symbol, receipt.at, Printed(beyond, receipt.amount.unit), receipt.asset)
    (verdict,) = reconcile(Question([moved], evidence)).verdicts
    assert verdict.outcome == "off"


@given(paid())
def test_what_the_others_imply_holds_the_input(case: tuple[Receipt, Evidence, Fraction]) -> None:
    receipt, evidence, _ = case
    key = (receipt.venue, receipt.symbol)
    assert evidence.held is not None
    quantity = evidence.held[key][0][1]
    blind = Evidence(evidence.decided, None, evidence.sizes)
    (verdict,) = reconcile(Question([receipt], blind)).verdicts
    assert verdict.lacks == ("quantity",)
    assert verdict.implied["quantity"].low <= quantity <= verdict.implied["quantity"].high


@given(st.fractions(-1000, 1000), st.fractions(0, 10))
def test_the_simplest_number_of_a_span_lies_in_it(low: Fraction, length: Fraction) -> None:
    span = Span(low, low + length)
    assert span.low <= span.simplest() <= span.high
