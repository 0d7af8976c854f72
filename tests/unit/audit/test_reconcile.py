"""Is every receipt made by the exact settlement explained, and every planted fault named?

Receipts are made up: the payment is worked out in fractions by the library's own settlement and then rounded, or cut, as a
venue prints it. Lines of venues' documents and recorded ones follow (sources: the modules of `perpscope.sources.receipts`).
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from perpscope.audit.reconcile import Decided, Evidence, Question, Reconciled, Verdict, reconcile
from perpscope.audit.reconcile.evidence import Key, holdings
from perpscope.audit.reconcile.gather import evidence_of
from perpscope.audit.reconcile.span import Span
from perpscope.errors import InputError
from perpscope.market.contract import Contract
from perpscope.market.funding import Position, PublishedFixing
from perpscope.market.receipt import Printed, Receipt
from perpscope.market.time import to_ms
from perpscope.sources.receipts.read import read_receipts
from perpscope.sources.records import ContractRow, FixingRow, PositionRow
from perpscope.trading.settle import Listing, settle
from tests.unit.sources.test_receipts import (
    BITMEX_EXECUTION,
    BYBIT_EXECUTION,
    BYBIT_LOG,
    DYDX_THIRD,
    KUCOIN_CLASSIC,
    KUCOIN_UNIFIED,
    MEXC,
)

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


def test_a_payment_without_a_receipt_is_missing() -> None:
    receipts = statement(LINEAR, Fraction(2))
    found = reconcile(Question([receipts[0], receipts[3]], evidence(held=Fraction(2))))
    assert [absent.at for absent in found.missing] == [START + 16 * HOUR, START + 24 * HOUR]
    assert found.missing[0].expected is not None
    assert found.missing[0].expected.middle == pytest.approx(receipts[1].amount.value, abs=1e-3)  # the width of eight decimals of the rate
    assert found.totals()["USDT"]["missing"] == 2
    assert found.finding


def test_nothing_is_missing_outside_the_statement_unless_asked() -> None:
    receipts = statement(LINEAR, Fraction(2))[1:3]
    assert not reconcile(Question(receipts, evidence(held=Fraction(2)))).missing
    asked = replace(evidence(held=Fraction(2)), window=(START, START + 100 * HOUR))
    assert len(reconcile(Question(receipts, asked)).missing) == 2


def test_a_payment_too_small_to_print_is_not_missed() -> None:
    decided = fixings(rates=("0.00010000", "0.00000000", "0.00010000"), prices=PRICES[:3])
    receipts = [r for k, r in enumerate(statement(LINEAR, Fraction(2))[:3]) if k != 1]
    receipts[1] = replace(receipts[1], amount=printed(-2 * Fraction("0.0001") * Fraction(PRICES[2])))
    found = reconcile(Question(receipts, evidence(held=Fraction(2), decided=decided)))
    assert outcomes(found) == ["explained"] * 2
    assert not found.missing


def test_a_receipt_without_a_position_is_unexpected() -> None:
    receipts = statement(LINEAR, Fraction(2))
    flat = replace(evidence(), held={LINEAR: [(START, Fraction(2)), (START + 20 * HOUR, Fraction(0))]})
    found = reconcile(Question(receipts, flat))
    assert outcomes(found) == ["explained", "explained", "unexpected", "unexpected"]
    assert found.verdicts[2].implied["quantity"].low < 2 < found.verdicts[2].implied["quantity"].high


def test_a_change_of_position_at_the_stamp_is_tried() -> None:
    """The position was closed a millisecond before the stamp; the venue, with its tolerance, still paid it."""
    stamp = fixings()[0].at
    closed = replace(evidence(), held={LINEAR: [(START, Fraction(2)), (stamp - 1, Fraction(1))]})
    verdict = reconcile(Question(statement(LINEAR, Fraction(2))[:1], closed)).verdicts[0]
    assert names(verdict)[0] == "quantity"
    assert "before the stamp" in verdict.causes[0].detail


def test_a_line_without_a_contract_is_matched_by_its_amount() -> None:
    other = ("binanceusdm", "ETH/USDT:USDT")
    both = Evidence(
        {LINEAR: fixings(), other: fixings(prices=("3000.10", "3001.20", "3002.30", "3003.40"))},
        {LINEAR: [(START, Fraction(2))], other: [(START, Fraction(5))]},
        {LINEAR: Fraction(1), other: Fraction(1)},
    )
    receipts = [replace(r, symbol="", id="") for r in statement(LINEAR, Fraction(2))]
    found = reconcile(Question(receipts, both))
    assert outcomes(found) == ["explained"] * 4
    assert {v.receipt.symbol for v in found.verdicts} == {"BTC/USDT:USDT"}
    assert {absent.symbol for absent in found.missing} == {"ETH/USDT:USDT"}
    blind = reconcile(Question(receipts[:1], replace(both, held=None))).verdicts[0]
    assert blind.lacks == ("contract", "quantity")


def test_a_side_that_only_the_payment_tells_is_said() -> None:
    receipt = replace(statement(LINEAR, Fraction(-2))[0], contracts=Fraction(2))
    verdict = reconcile(Question([receipt], evidence())).verdicts[0]
    assert verdict.outcome == "explained"
    assert verdict.quantity is not None
    assert verdict.quantity.value.value == -2
    assert any("names no side" in note for note in verdict.notes)


def test_a_session_adds_up_what_accrued_while_it_was_held() -> None:
    key = ("deribit", "BTC/USD:BTC")
    hours = [
        Decided(START + k * HOUR, Printed(Fraction(k, 10**6)), Fraction(1), Printed(Fraction(50_000)), continuous=True)
        for k in range(1, 25)
    ]
    held = {key: [(START, Fraction(10)), (START + 12 * HOUR + HOUR // 2, Fraction(20))]}
    size = Fraction(10)
    exact = sum((-(10 if k <= 12 else 20 if k > 13 else 15) * size * Fraction(k, 10**6) / 50_000 for k in range(1, 25)), start=Fraction(0))
    day = Receipt(*key, START + 24 * HOUR, printed(exact, 10), "BTC", session=True)
    before = replace(day, at=START, amount=printed(Fraction(0)))
    found = reconcile(Question([before, day], Evidence({key: hours}, held, {key: size})))
    assert outcomes(found) == ["missing input", "explained"]
    assert "session began" in found.verdicts[0].lacks[0]
    gap = reconcile(Question([before, day], Evidence({key: hours[:-1]}, held, {key: size})))
    assert gap.verdicts[1].lacks == ("rate for all of the time since the line before",)
    turned = reconcile(Question([before, replace(day, amount=-day.amount)], Evidence({key: hours}, held, {key: size})))
    assert names(turned.verdicts[1]) == ["sign"]


def test_the_answer_is_plain_values() -> None:
    receipts = statement(LINEAR, Fraction(2), own=True)
    document = reconcile(Question(receipts, evidence())).to_dict()
    assert set(document) == {"receipts", "missing", "totals"}
    assert json.loads(json.dumps(document)) == document
    first = document["receipts"][0]
    assert (first["verdict"], first["rate"]["printed"], first["quantity"]["from"]) == ("explained", "0.00010000", "statement")
    assert abs(first["difference"]) <= first["tolerance"]


def test_a_span_holds_what_it_says() -> None:
    one = Span(Fraction(1), Fraction(3))
    assert (one.middle, one.half, -one, one + one) == (
        Fraction(2),
        Fraction(1),
        Span(Fraction(-3), Fraction(-1)),
        Span(Fraction(2), Fraction(6)),
    )
    assert one.meets(Span(Fraction(3), Fraction(4)))
    assert not one.meets(Span(Fraction(4), Fraction(5)))


def test_evidence_of_files_reads_digits_off_the_series() -> None:
    rows = [
        FixingRow(PublishedFixing(*LINEAR, each.at, each.rate.value, 8, None if each.price is None else each.price.value))
        for each in fixings()
    ]
    held = [PositionRow(Position("me", *LINEAR, START, 2)), PositionRow(Position("you", *LINEAR, START, 3))]
    receipts = statement(LINEAR, Fraction(2))
    known = [ContractRow(*LINEAR, size=Fraction(1))]
    found = reconcile(Question(receipts, evidence_of(receipts, fixings=rows, positions=held, contracts=known, account="me")))
    assert outcomes(found) == ["explained"] * 4
    rate = found.verdicts[0].rate
    assert rate is not None
    assert str(rate.value) == "0.00010000"
    with pytest.raises(InputError, match="--account"):
        evidence_of(receipts, fixings=rows, positions=held)
    with pytest.raises(InputError, match="Give one size"):
        evidence_of(receipts, fixings=rows, contracts=[*known, ContractRow(*LINEAR, size=Fraction(2))])


def test_two_positions_of_one_moment_are_refused() -> None:
    rows = [Position("me", *LINEAR, START, 2), Position("me", *LINEAR, START, 3)]
    with pytest.raises(InputError, match="differ"):
        holdings(rows)


SELF_CONTAINED: list[tuple[dict[str, Any], str, str, Fraction | None]] = [
    (BYBIT_LOG, "explained", "exact", None),
    (BYBIT_EXECUTION, "explained", "inputs cut", None),
    (BITMEX_EXECUTION, "explained", "exact", None),
    (DYDX_THIRD, "explained", "exact", None),
    (KUCOIN_CLASSIC, "explained", "exact", Fraction(1, 100)),
    (KUCOIN_UNIFIED, "explained", "exact", Fraction(100)),
    (MEXC, "explained", "exact", None),
]


@pytest.mark.parametrize(("line", "outcome", "digits", "size"), SELF_CONTAINED, ids=[str(k) for k in range(len(SELF_CONTAINED))])
def test_lines_that_state_all_their_inputs_are_explained(
    tmp_path: Path, line: dict[str, Any], outcome: str, digits: str, size: Fraction | None
) -> None:
    """Examples of documents and recorded rows: rate, price and size of the statement give its own amount."""
    path = tmp_path / "line.json"
    path.write_text(json.dumps([line]), encoding="utf-8")
    receipts = read_receipts(path).receipts
    key = (receipts[0].venue, receipts[0].symbol)
    (verdict,) = reconcile(Question(receipts, Evidence(sizes={} if size is None else {key: size}))).verdicts
    assert (verdict.outcome, verdict.digits) == (outcome, digits), verdict.to_dict()


@pytest.mark.needs_shared
def test_a_recorded_receipt_meets_the_rate_its_venue_published(shared: Path, tmp_path: Path) -> None:
    """A short of 169 contracts received 182 satoshi on 2020-07-14: by the published history of that contract."""
    import polars as pl

    rows = pl.read_parquet(shared / "data" / "funding_bitmex_xbtusd.parquet")
    stamp = to_ms("2020-07-14T20:00:00Z")
    near = rows.filter(pl.col("ts").dt.epoch("ms").is_between(stamp - 24 * HOUR, stamp + 24 * HOUR))
    known = [
        FixingRow(PublishedFixing("bitmex", "BTC/USD:BTC", int(ts.timestamp() * 1000), Fraction(str(rate)), Fraction(hours)))
        for ts, rate, hours in near.select("ts", "funding_rate", "interval_hours").iter_rows()
    ]
    path = tmp_path / "execution.json"
    path.write_text(json.dumps([BITMEX_EXECUTION]), encoding="utf-8")
    receipts = read_receipts(path).receipts
    (verdict,) = reconcile(Question(receipts, evidence_of(receipts, fixings=known))).verdicts
    assert verdict.outcome == "explained"
    assert verdict.rate is not None
    assert (verdict.rate.origin, verdict.rate.value.value) == ("fixings", Fraction(1, 10_000))
    turned = [replace(receipts[0], amount=-receipts[0].amount)]
    (flipped,) = reconcile(Question(turned, evidence_of(turned, fixings=known))).verdicts
    assert names(flipped)[0] == "sign"
