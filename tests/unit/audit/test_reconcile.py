"""Is every receipt made by the exact settlement explained, and every planted fault named?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from perpscope.audit.reconcile import Decided, Question, reconcile
from perpscope.audit.reconcile.evidence import Key
from perpscope.market.receipt import Printed, Receipt
from tests.unit.audit.receipts import (
    ASSET,
    INVERSE,
    LINEAR,
    PRICES,
    RATES,
    START,
    evidence,
    fixings,
    names,
    outcomes,
    printed,
    statement,
)


@pytest.mark.parametrize("key", [LINEAR, INVERSE])
@pytest.mark.parametrize("quantity", [Fraction(2), Fraction(-37, 10)])
@pytest.mark.parametrize("own", [True, False])
def test_receipts_of_the_exact_settlement_are_explained(key: Key, quantity: Fraction, own: bool) -> None:  # noqa: FBT001 - a parameter of the test
    receipts = statement(key, quantity, own=own)
    found = reconcile(Question(receipts, evidence(key, None if own else quantity)))
    assert outcomes(found) == ["explained"] * 4
    assert not found.missing
    assert not found.finding
    assert {verdict.digits for verdict in found.verdicts} == {"exact"}
    total = found.totals()[ASSET[key]]
    assert total["received"] == total["explained"] == float(sum(r.amount.value for r in receipts))
    assert total["unexplained"] == total["not_explained"] == 0


def test_the_tolerance_is_half_a_digit_of_the_amount_and_what_rate_and_price_leave_open() -> None:
    decided = [Decided(START, Printed.read("0.0001"), Fraction(8), Printed.read("60000.5"))]
    receipt = Receipt(*LINEAR, START, Printed.read("-12.00"), "USDT", contracts=Fraction(2), long=True)
    (verdict,) = reconcile(Question([receipt], evidence(decided=decided))).verdicts
    open_by_rate, open_by_price = 2 * Fraction("0.00005") * Fraction("60000.5"), 2 * Fraction("0.0001") * Fraction("0.05")
    assert verdict.tolerance == open_by_rate + open_by_price + Fraction("0.005")
    assert verdict.expected is not None
    assert verdict.expected.middle == pytest.approx(Fraction("-12.0001"), abs=1e-5)  # the corners of a product are not quite even


@pytest.mark.parametrize("units", [1, 5])
def test_the_last_printed_digit_decides(units: int) -> None:
    """What rounding leaves open is explained; a whole unit is told as cut digits, more is off."""
    (receipt, *_) = statement(LINEAR, Fraction(2))
    width = 2 * Fraction(1, 10**8) * Fraction("60124") + 2 * Fraction("0.00010001") / 10**8  # a unit of rate, and one of price
    moved = replace(receipt, amount=Printed(receipt.amount.value + width * units, receipt.amount.unit))
    verdict = reconcile(Question([moved], evidence(held=Fraction(2)))).verdicts[0]
    assert (verdict.outcome, verdict.digits) == (("explained", "inputs cut") if units == 1 else ("off", "rounded"))


def test_amounts_whose_digits_were_cut_off_are_explained_and_told() -> None:
    exact = [replace(each, rate=Printed(each.rate.value), price=each.price and Printed(each.price.value)) for each in fixings()]
    found = reconcile(Question(statement(LINEAR, Fraction(2), cut=True), evidence(held=Fraction(2), decided=exact)))
    assert outcomes(found) == ["explained"] * 4
    assert "cut" in {verdict.digits for verdict in found.verdicts}


FAULTS: dict[str, tuple[str, Any]] = {
    "sign": ("sign", lambda r, _: replace(r, amount=-r.amount)),
    "quantity": ("quantity", lambda r, _: replace(r, contracts=Fraction(3), long=True, amount=printed(r.amount.value * 3 / 2))),
    "price": (
        "price",
        lambda r, each: replace(r, price=Printed.read("60200.10"), amount=printed(-2 * each.rate.value * Fraction("60200.10"))),
    ),
    "neighbour": ("neighbour", lambda r, _: replace(r, amount=printed(-2 * Fraction(RATES[2]) * Fraction(PRICES[1])))),
    "neighbour whole": ("neighbour", lambda r, _: replace(r, amount=printed(-2 * Fraction(RATES[0]) * Fraction(PRICES[0])))),
    "asset": ("asset", lambda r, each: replace(r, asset="BTC", amount=printed(r.amount.value / each.price.value))),
    "percent": ("unit", lambda r, _: replace(r, amount=printed(r.amount.value / 100))),
    "absolute": ("unit", lambda r, each: replace(r, amount=printed(-2 * each.rate.value, 12))),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_found_and_named(fault: str) -> None:
    name, plant = FAULTS[fault]
    receipts = statement(LINEAR, Fraction(2))
    receipts[1] = plant(receipts[1], fixings()[1])
    found = reconcile(Question(receipts, evidence(held=Fraction(2))))
    assert outcomes(found) == ["explained", "off", "explained", "explained"]
    assert name in names(found.verdicts[1])
    assert found.finding


def test_a_wrong_amount_that_nothing_explains_says_what_it_implies() -> None:
    receipts = statement(LINEAR, Fraction(2))
    odd = replace(receipts[0], amount=printed(receipts[0].amount.value * Fraction(137, 100)))
    verdict = reconcile(Question([odd], evidence(held=Fraction(2)))).verdicts[0]
    assert (verdict.outcome, names(verdict)) == ("off", ["quantity"])
    assert "2.74 contracts, not 2" in verdict.causes[0].detail
    span = verdict.implied["quantity"]
    assert span.low < Fraction("2.74") < span.high
    assert verdict.implied["price"].low < Fraction(PRICES[0]) * Fraction(137, 100) < verdict.implied["price"].high
    assert verdict.implied["rate"].low < Fraction(RATES[0]) * Fraction(137, 100) < verdict.implied["rate"].high


def test_a_change_of_the_last_digits_is_seen_among_exact_payments() -> None:
    """Alone it would pass for what eight decimals of the rate leave open."""
    receipts = statement(LINEAR, Fraction(2))
    receipts[3] = replace(receipts[3], amount=Printed(receipts[3].amount.value + Fraction(1, 10_000), receipts[3].amount.unit))
    found = reconcile(Question(receipts, evidence(held=Fraction(2))))
    assert outcomes(found) == ["explained", "explained", "explained", "off"]
    assert names(found.verdicts[3]) == ["last digits"]
    assert outcomes(reconcile(Question(receipts[3:], evidence(held=Fraction(2))))) == ["explained"]


def test_an_inverse_contract_implies_its_price_upside_down() -> None:
    receipts = statement(INVERSE, Fraction(50), own=True)
    blind = [replace(each, price=None) for each in fixings()]
    verdict = reconcile(Question(receipts[:1], evidence(INVERSE, decided=blind))).verdicts[0]
    assert (verdict.outcome, verdict.lacks) == ("missing input", ("price",))
    assert verdict.implied["price"].low < Fraction(PRICES[0]) < verdict.implied["price"].high


def test_a_receipt_twice_is_one_payment() -> None:
    receipts = statement(LINEAR, Fraction(2))
    found = reconcile(Question([*receipts, replace(receipts[2], origin="row 9")], evidence(held=Fraction(2))))
    assert outcomes(found) == ["explained"] * 4 + ["off"]
    assert found.verdicts[4].causes[0].name == "duplicate"
    assert "row 2" in found.verdicts[4].causes[0].detail


def test_a_receipt_far_from_every_stamp_has_no_rate() -> None:
    """Five minutes late is booked late; six are no payment of that stamp, and the nearest is named."""
    receipt = statement(LINEAR, Fraction(2))[0]
    late, later = (replace(receipt, at=fixings()[0].at + minutes * 60_000) for minutes in (5, 6))
    assert reconcile(Question([late], evidence(held=Fraction(2)))).verdicts[0].outcome == "explained"
    verdict = reconcile(Question([later], evidence(held=Fraction(2)))).verdicts[0]
    assert "rate" in verdict.lacks
    assert "2026-03-01T08:00:00Z" in verdict.notes[-1]


def test_a_line_told_twice_is_one_payment_by_its_id_or_word_for_word() -> None:
    one = statement(LINEAR, Fraction(2), own=True)[0]
    moved = replace(one, at=one.at + 1, origin="row 8")
    assert outcomes(reconcile(Question([one, moved], evidence()))) == ["explained", "off"]
    nameless = replace(one, id="")
    assert outcomes(reconcile(Question([nameless, nameless], evidence()))) == ["explained", "off"]
    assert outcomes(reconcile(Question([nameless, replace(nameless, at=one.at + 1)], evidence()))) == ["explained", "explained"]


def test_a_value_printed_coarsely_leaves_that_open() -> None:
    said: dict[str, Any] = {"long": True, "rate": Printed.read("-0.000026000000")}
    for value, outcome in (("29.3", "explained"), ("29.0", "off")):
        receipt = Receipt(*LINEAR, START, Printed.read("0.00076098"), "USDT", notional=Printed.read(value), **said)
        (verdict,) = reconcile(Question([receipt], evidence(decided=[]))).verdicts
        assert (verdict.outcome, verdict.tolerance and verdict.tolerance > 0) == (outcome, True)
        if outcome == "explained":
            assert verdict.digits == "rounded"


def test_two_legs_of_a_hedge_are_two_payments() -> None:
    long, short = statement(LINEAR, Fraction(2), own=True)[0], statement(LINEAR, Fraction(-1), own=True)[0]
    found = reconcile(Question([replace(long, id="a"), replace(short, id="b")], evidence()))
    assert outcomes(found) == ["explained"] * 2


def test_parts_of_one_payment_are_added_up() -> None:
    first, second = statement(LINEAR, Fraction(3, 2))[0], statement(LINEAR, Fraction(1, 2))[0]
    found = reconcile(Question([replace(first, id="a"), replace(second, id="b")], evidence(held=Fraction(2))))
    assert outcomes(found) == ["explained"] * 2
    assert "2 lines" in found.verdicts[0].notes[-1]


@pytest.mark.parametrize(
    ("change", "lacks", "implied"),
    [
        ({"price": None}, ("price",), "notional"),
        ({"quantity": None}, ("quantity",), "quantity"),
        ({"rate": None}, ("rate",), ""),
    ],
)
def test_a_missing_input_is_named_with_what_the_others_imply(change: Mapping[str, Any], lacks: tuple[str, ...], implied: str) -> None:
    decided = [replace(each, price=None) if "price" in change else each for each in fixings()]
    own = "quantity" not in change
    receipt = statement(LINEAR, Fraction(2), own=own)[0]
    held = evidence(decided=[] if "rate" in change else decided)
    verdict = reconcile(Question([receipt if "rate" not in change else replace(receipt, price=Printed.read(PRICES[0]))], held)).verdicts[0]
    assert (verdict.outcome, verdict.lacks) == ("missing input", lacks)
    if implied == "quantity":
        assert verdict.implied[implied].low < 2 < verdict.implied[implied].high
    if "rate" in change:
        assert verdict.implied["rate"].low < Fraction(RATES[0]) < verdict.implied["rate"].high


def test_a_change_of_position_at_the_stamp_is_tried() -> None:
    """The position was closed a millisecond before the stamp; the venue, with its tolerance, still paid it."""
    stamp = fixings()[0].at
    closed = replace(evidence(), held={LINEAR: [(START, Fraction(2)), (stamp - 1, Fraction(1))]})
    verdict = reconcile(Question(statement(LINEAR, Fraction(2))[:1], closed)).verdicts[0]
    assert names(verdict)[0] == "quantity"
    assert "before the stamp" in verdict.causes[0].detail
