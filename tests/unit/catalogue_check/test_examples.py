"""Do verdicts come out as they should, on examples of our own and on the open ones, and do they react to every change?"""

from __future__ import annotations

import copy
import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import msgspec
import pytest

from perpscope.catalogue.check import check_example, check_text, read_examples, verdict_rows
from perpscope.catalogue.check.facts import number
from perpscope.errors import InputError

OWN: list[dict[str, Any]] = json.loads((Path(__file__).parent / "examples.json").read_text(encoding="utf-8"))


def judged(example: dict[str, Any]) -> tuple[str, str]:
    (one,) = check_text(json.dumps([example]))
    return one.status, one.reason


@pytest.mark.parametrize("example", OWN, ids=lambda example: example["id"])
def test_our_own_examples(example: dict[str, Any]) -> None:
    status, reason = judged(example)
    assert status == example["verdict"], reason


@pytest.fixture(scope="module")
def open_examples(shared: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((shared / "spec" / "venue_examples.json").read_text(encoding="utf-8"))
    return found


def test_every_open_example_passes(open_examples: list[dict[str, Any]]) -> None:
    verdicts = {v.id: v for v in check_text(json.dumps(open_examples))}
    assert len(verdicts) == len(open_examples) == 101
    for name, verdict in verdicts.items():
        if name == "mexc-clamped-premium-2026":
            assert verdict.status == "disputed"
            assert len(verdict.got) == 3
        else:
            assert verdict.status == "pass", (name, verdict.reason)


def test_a_tolerance_wider_than_a_billionth_needs_a_note_that_figures_are_rounded() -> None:
    example = {"id": "x", "venue": "Hyperliquid", "inputs": {"avg_premium": "0.002"}, "expected": {"rate_8h": "0.0015001"}}
    wide = {**example, "tolerance": "0.001"}
    assert judged(wide)[0] == "fail"
    assert judged({**wide, "notes": "the printed figure is rounded"})[0] == "pass"
    assert judged({**wide, "inputs": {"avg_premium": "0.00212345"}, "expected": {"rate_8h": "0.0016"}})[0] == "pass"  # its digits show it
    assert judged({**wide, "inputs": {"avg_premium": "0.00212345"}, "expected": {"rate_8h": "0.0017"}})[0] == "fail"
    assert judged({**wide, "inputs": {"avg_premium": "0.00212345"}, "expected": {"rate_8h": "0.0016"}, "tolerance": "0"})[0] == "fail"
    assert judged({**wide, "expected": {"rate_8h": "0.0015000000000001"}})[0] == "pass"


def test_a_number_of_few_digits_is_no_excuse_for_an_endless_one() -> None:
    example = {"id": "x", "venue": "FTX", "inputs": {"premium": "0.01"}, "expected": {"hourly_rate": "0.000417"}, "tolerance": "0"}
    assert judged(example)[0] == "pass"
    assert judged({**example, "expected": {"hourly_rate": "0.0004"}})[0] == "fail"


def _turned(example: dict[str, Any], *names: str) -> dict[str, Any]:
    other = copy.deepcopy(example)
    for name in names:
        other["expected"][name] = str(-number(other["expected"][name]))  # type: ignore[operator]  # these are numbers
    return other


def test_signs_of_money_count_where_anything_says_what_they_mean(open_examples: list[dict[str, Any]]) -> None:
    """A side in the name, or a rule that says what is positive; else one sign has to fit all amounts of an example."""
    named = {example["id"]: example for example in open_examples}
    for example_id, name in (
        ("injective-cap", "payment_long"),
        ("mango4", "payment_long"),
        ("perp2-300s", "payment"),
        ("cgse", "long_pnl"),
    ):
        assert judged(_turned(named[example_id], name))[0] == "fail", example_id
    both = ("hourly_payment", "four_hour_total")
    assert judged(_turned(named["cryptocom"], *both))[0] == "fail"  # a sum counts as the rates do
    assert judged(_turned(named["cryptocom"], both[0]))[0] == "fail"
    assert judged(_turned(named["deribit-1min"], "payment_btc", "payment_8h_btc"))[0] == "pass"
    assert judged(_turned(named["deribit-1min"], "payment_btc"))[0] == "fail"
    swapped = {**named["boros-float"], "expected": {"payments": ["-0.01", "0.01"]}}
    assert judged(swapped)[0] == "fail"  # signed size x index


def _passing(examples: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [e for e in examples if check_text(json.dumps([e]))[0].status == "pass"]


def test_an_example_with_another_expectation_fails(open_examples: list[dict[str, Any]]) -> None:
    """The verdict follows the numbers: a tenth more, or a millionth where the value is 0, and it fails."""
    for example in _passing(open_examples + OWN):
        for name, value in example["expected"].items():
            exact = number(value)
            if exact is None:
                continue
            other = copy.deepcopy(example)
            other["expected"][name] = str(float(exact * Fraction(11, 10))) if exact else "0.000001"
            if float(exact) * 0.1 > float(number(example.get("tolerance") if not isinstance(example["tolerance"], dict) else "0") or 0):
                assert judged(other)[0] == ("disputed" if example.get("status") == "disputed" else "fail"), (example["id"], name)


def test_an_unknown_input_is_never_ignored(open_examples: list[dict[str, Any]]) -> None:
    for example in _passing(open_examples + OWN):
        other = copy.deepcopy(example)
        other["inputs"]["gravitational_constant"] = "6.674e-11"
        status, reason = judged(other)
        assert status == "unsupported", example["id"]
        assert "gravitational_constant" in reason


def test_an_input_that_plays_no_part_is_never_ignored() -> None:
    for name, value in (("fair_basis", "0.1"), ("divisor", "3"), ("uncapped_rate", "0.1"), ("bids", [["1", "1"]]), ("intervals", "1")):
        example = {"id": "x", "venue": "Phemex", "inputs": {"avg_premium": "0.0030", name: value}, "expected": {"avg_premium": "0.0030"}}
        status, reason = judged(example)
        assert (status, name in reason) == ("unsupported", True), (name, status, reason)


def test_a_holding_beside_a_rate_is_told_and_does_no_harm() -> None:
    """No rate depends on who holds what at which price; money does."""
    inputs = {"avg_premium": "0.0030", "interest": "0.0001", "damper": "0.0005", "notional": "1", "side": "short", "mark_price": "7"}
    example = {"id": "x", "venue": "Phemex", "inputs": inputs, "expected": {"funding_rate": "0.0025"}}
    status, reason = judged(example)
    assert status == "pass"
    assert "not needed for what is expected: mark_price, notional, side" in reason
    example["expected"] = {"funding_rate": "0.0025", "payment": "0.0025"}
    assert "not needed" not in judged(example)[1]


def test_the_id_plays_no_part(open_examples: list[dict[str, Any]]) -> None:
    renamed = [{**example, "id": f"n{k}"} for k, example in enumerate(open_examples)]
    before, after = check_text(json.dumps(open_examples)), check_text(json.dumps(renamed))
    assert [(v.status, v.got, v.reason) for v in before] == [(v.status, v.got, v.reason) for v in after]


def test_the_unit_of_a_name_is_read(open_examples: list[dict[str, Any]]) -> None:
    """The same example in basis points and in other words for the same things."""
    words = {"avg_premium": "average_premium_bp", "damper": "damper_bp", "interest_8h": "interest_8h_bp", "cap": "cap_bp"}
    seen = 0
    for example in _passing(open_examples):
        other = copy.deepcopy(example)
        for old, new in words.items():
            if isinstance(other["inputs"].get(old), str):
                other["inputs"][new] = str(number(other["inputs"].pop(old)) * 10_000)  # type: ignore[operator]  # these inputs are numbers
                seen += 1
        assert judged(other)[0] == "pass", example["id"]
    assert seen > 20


def test_what_differs_between_venues_is_shown_by_venue() -> None:
    (example,) = [e for e in OWN if e["id"] == "two-venues-one-differs"]
    (verdict,) = check_text(json.dumps([example]))
    assert verdict.got == {"binanceusdm: binanceusdm-2": {"funding_rate": "0.00075"}, "bybit: bybit-2": {"funding_rate": "0.0015"}}


def test_rows_hold_what_the_command_promises() -> None:
    rows = verdict_rows(check_text(json.dumps(OWN)))
    assert {tuple(row) for row in rows} == {("id", "status", "expected", "got", "reason")}
    assert {row["status"] for row in rows} == {"pass", "fail", "unsupported", "disputed"}
    assert [row["id"] for row in rows if not row["reason"] and row["status"] != "pass"] == []


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "truncated"),
        ("{", "truncated"),
        ('{"a": 1}', "a dict"),
        ("[1]", "no object"),
        ('[{"id": "x"}]', "no venue"),
        ('[{"id": "x", "venue": "y", "inputs": {}}]', "no expected"),
        ('[{"id": "x", "venue": "y", "inputs": {}, "expected": {}, "tolerance": "wide"}]', "tolerance"),
        ('[{"id": "x", "venue": "y", "inputs": {}, "expected": {}, "tolerance": "-1"}]', "tolerance"),
    ],
)
def test_a_malformed_file_is_refused_with_its_place(text: str, says: str) -> None:
    with pytest.raises(InputError, match=says):
        check_text(text)


def test_a_file_may_wrap_its_list_and_give_a_tolerance_for_each() -> None:
    entry = {
        "id": "x",
        "venue": "Hyperliquid",
        "inputs": {"avg_premium": 0.002},
        "expected": {"rate_8h": "0.0016", "hourly_rate": "0.0001875"},
        "notes": "rounded",
    }
    wrapped = {"examples": [{**entry, "tolerance": {"rate_8h": "0.0001"}}]}
    (example,) = read_examples(msgspec.json.encode(wrapped))
    assert (example.within("rate_8h"), example.within("hourly_rate")) == (Fraction(1, 10_000), 0)
    assert check_example(example).status == "pass"
