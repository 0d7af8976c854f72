"""What of a whole statement: payments that are absent, lines that sum up many, lines that name no contract, lines of venues?"""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from perpscope.audit.reconcile import Decided, Evidence, Question, reconcile
from perpscope.audit.reconcile.evidence import holdings
from perpscope.audit.reconcile.gather import evidence_of
from perpscope.audit.reconcile.span import Span
from perpscope.errors import InputError
from perpscope.market.funding import Position, PublishedFixing
from perpscope.market.receipt import Printed, Receipt
from perpscope.market.time import to_ms
from perpscope.sources.receipts.read import read_receipts
from perpscope.sources.records import ContractRow, FixingRow, PositionRow
from tests.unit.audit.receipts import (
    HOUR,
    LINEAR,
    PRICES,
    START,
    evidence,
    fixings,
    names,
    outcomes,
    printed,
    statement,
)
from tests.unit.sources.statements import (
    BITMEX_EXECUTION,
    BYBIT_EXECUTION,
    BYBIT_LOG,
    DYDX_FOURTH,
    DYDX_THIRD,
    KUCOIN_CLASSIC,
    KUCOIN_UNIFIED,
    MEXC,
)


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


def test_a_line_of_many_hours_is_the_sum_of_their_payments() -> None:
    key = ("hyperliquid", "SOL/USDC:USDC")
    hours = [
        Decided(
            START + k * HOUR,
            Printed(Fraction(k - 9, 10**6), Fraction(1, 10**10)),
            Fraction(1),
            Printed(Fraction(200 + k), Fraction(1, 100)),
        )
        for k in range(26)
    ]
    exact = sum((-7 * each.rate.value * each.price.value for each in hours[1:25] if each.price), start=Fraction(0))
    mean = Printed(sum((each.rate.value for each in hours[1:25]), start=Fraction(0)) / 24, Fraction(1, 10**10))
    day = Receipt(*key, START + 57, printed(exact, 6), "USDC", contracts=Fraction(7), long=True, rate=mean, hours=24)
    (verdict,) = reconcile(Question([day], Evidence({key: hours}))).verdicts
    assert verdict.outcome == "explained"
    assert "its rate is the mean of the rates of its hours" in verdict.notes
    (turned,) = reconcile(Question([replace(day, amount=-day.amount)], Evidence({key: hours}))).verdicts
    assert (turned.outcome, names(turned)) == ("off", ["sign"])
    (short,) = reconcile(Question([day], Evidence({key: hours[3:]}))).verdicts
    assert short.lacks == ("rates of the 24 hours it sums up",)
    blind = [replace(each, price=None) for each in hours]
    assert reconcile(Question([day], Evidence({key: blind}))).verdicts[0].lacks == ("price",)


@pytest.mark.needs_shared
def test_a_recorded_line_of_a_day_has_the_mean_rate_of_the_hours_that_follow(shared: Path) -> None:
    """A short of 21 on 2026-04-08, nSamples 24, rate 0.0000051513: by the published hourly history of that contract."""
    import polars as pl

    stamp = to_ms("2026-04-08T00:00:00Z")
    rows = pl.read_parquet(shared / "data" / "funding_cross_section_2025_2026.parquet").filter(pl.col("symbol") == "xyz:AAPL")
    near = rows.filter(pl.col("ts").dt.epoch("ms").is_between(stamp - 30 * HOUR, stamp + 30 * HOUR)).sort("ts")
    key = ("hyperliquid", "AAPL/USDC:USDC")
    hours = [
        Decided(int(ts.timestamp() * 1000), Printed(Fraction(str(rate))), Fraction(1))
        for ts, rate in near.select("ts", "funding_rate").iter_rows()
    ]
    line = Receipt(
        *key, stamp, Printed.read("0.671826"), "USDC", contracts=Fraction(21), long=False, rate=Printed.read("0.0000051513"), hours=24
    )  # fmt: skip
    (verdict,) = reconcile(Question([line], Evidence({key: hours}))).verdicts
    assert verdict.lacks == ("price",)
    assert "its rate is the mean of the rates of its hours" in verdict.notes
    (before,) = reconcile(Question([replace(line, at=stamp - 24 * HOUR)], Evidence({key: hours}))).verdicts
    assert any("is not the mean" in note for note in before.notes)


def test_a_statement_before_the_venues_own_rounding_is_told_so(tmp_path: Path) -> None:
    """The indexer multiplies; the chain moves an index in whole cents for each coin, so that 0.055 is paid and not 0.05625."""
    path = tmp_path / "line.json"
    path.write_text(json.dumps([DYDX_FOURTH]), encoding="utf-8")
    (verdict,) = reconcile(Question(read_receipts(path).receipts, Evidence())).verdicts
    assert (verdict.outcome, verdict.digits) == ("explained", "exact")
    assert verdict.notes[-1].endswith("after which 0.055 is paid")


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
