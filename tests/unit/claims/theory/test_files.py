"""Is a file that cannot be read refused, and a line that cannot be read told, without hiding the others?"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perpscope.claims.theory import check_text, verdict_rows
from perpscope.claims.theory.checks import read_checks
from perpscope.claims.theory.expressions import Unreadable, evaluate, tokens
from perpscope.claims.theory.symbols import meant
from perpscope.errors import InputError
from tests.unit.claims.theory.made import check, judged

GOOD = check("r*3*365", {"r": 0.0001}, 0.1095)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "nothing was given"),
        ("{", "not JSON"),
        ("[]", "a list"),
        (json.dumps([GOOD]), "a list"),
        ("5", "no object"),
        ("{}", "no list of checks"),
        ('{"checks": {}}', "no list of checks"),
        ('{"checks": []}', "empty"),
        ("[" * 100_000, "not JSON"),
    ],
)
def test_what_is_no_file_of_checks_is_refused(text: str, why: str) -> None:
    with pytest.raises(InputError, match=why):
        check_text(text)


BAD: list[tuple[Any, str]] = [
    ("text", "no object"),
    (None, "no object"),
    ([GOOD], "no object"),
    ({}, "no expected value"),
    ({**GOOD, "cls": "magic"}, "magic"),
    ({**GOOD, "cls": 3}, "none of"),
    ({**GOOD, "formula": 3}, "no text"),
    ({**GOOD, "inputs": [1]}, "no object"),
    ({**GOOD, "tol": -1}, "tolerance"),
    ({**GOOD, "tol": "wide"}, "tolerance"),
    ({**GOOD, "tol": True}, "tolerance"),
    ({**GOOD, "tol": float("inf")}, "tolerance"),
    ({**GOOD, "tol": float("nan")}, "tolerance"),
    ({**GOOD, "tol_kind": "loose"}, "loose"),
    ({**GOOD, "expected": None}, "expected"),
    ({**GOOD, "expected": []}, "expected"),
    ({**GOOD, "expected": {}}, "expected"),
    ({**GOOD, "expected": {"a": float("nan")}}, "expected"),
    ({**GOOD, "expected": float("nan")}, "expected"),
    ({**GOOD, "inputs": {"r": float("nan")}}, "not finite"),
    ({**GOOD, "inputs": {"r": "1e999"}}, "not given"),
    ({**GOOD, "inputs": {}}, "not given"),
    ({key: value for key, value in GOOD.items() if key != "expected"}, "no expected value"),
    ({key: value for key, value in GOOD.items() if key != "inputs"}, "not given"),
]


@pytest.mark.parametrize(("entry", "why"), BAD)
def test_a_bad_line_is_told_and_hides_no_other(entry: object, why: str) -> None:
    bad, good = judged(entry, GOOD)
    assert (bad["status"], good["status"]) == ("unsupported", "pass")
    assert why in bad["reason"]


def test_the_shape_may_say_class_id_and_tolerance() -> None:
    one = {"id": "y", "class": "formula", "formula": "r*3*365", "inputs": {"r": 0.0001}, "expected": 0.1095}
    (row,) = judged(one)
    assert (row["id"], row["name"], row["status"]) == ("y", "y", "pass")
    assert judged({**one, "expected": 0.10951})[0]["status"] == "fail"  # without a tolerance: a billionth
    assert judged({**one, "expected": 0.10951, "tolerance": 0.0001})[0]["status"] == "pass"


def test_a_number_knows_its_printed_digits() -> None:
    (read,) = read_checks('{"checks": [{"expected": [60002.7398511, 0.56, 5e-11, 2]}]}')
    assert [getattr(x, "half", None) for x in read.expected] == [pytest.approx(5e-8), 0, 0, None]


def test_symbols_mean_one_input_or_none() -> None:
    inputs = ["kappa", "iota", "r_a", "r_b", "c_spot", "c_fut", "sigma_btc", "sigma_eth", "rho"]
    told = {
        "k": "kappa",
        "i": "iota",
        "ra": "r_a",
        "cS": "c_spot",
        "cF": "c_fut",
        "sb": "sigma_btc",
        "se": "sigma_eth",
        "r": None,
        "zz": None,
    }
    assert {symbol: meant(symbol, inputs) for symbol in told} == told | {"r": "r_a"}
    assert meant("sigma", ["sigma_x", "sigma_y"]) is None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2(a+b)c", 18),
        ("a b^2 c", 12),
        ("-a^2", -1),
        ("|a-b| c", 3),
        ("2^-1", 0.5),
        ("max(a, b, 2.5)", 2.5),
        ("50% b", 1),
        ("18 bp", 0.0018),
        ("[a+b][c]", 9),
    ],
)
def test_formulas_are_read_as_people_write_them(text: str, value: float) -> None:
    assert float(evaluate(tokens(text), {"a": 1.0, "b": 2.0, "c": 3.0}.get)) == pytest.approx(value)


@pytest.mark.parametrize(
    "text", ["a.b", "a if b else c", "'a'", "f'{a}'", "a; b", "|a", "clamp(a)", "a == ", "(a", "a := 1", "[x for x in a]"]
)
def test_what_is_no_expression_is_refused(text: str) -> None:
    with pytest.raises(Unreadable):
        evaluate(tokens(text), {"a": 1.0, "b": 2.0, "c": 3.0}.get)


def test_a_band_is_judged_by_its_formula_and_by_a_book() -> None:
    rates = {"alpha": 0.05, "mu": 0.5, "delta": 0.05, "tick": 1}
    formula = "zero-intelligence book: s=(mu/alpha)(0.28+1.86 eps^0.75), eps=delta/mu"
    band = {"cls": "band", "tol_kind": "relative"}
    (right,) = judged(check(formula, rates, 6.108, 0.3, **band))
    assert right["status"] == "pass"
    assert right["got"]["formula"] == pytest.approx(2.8 + 18.6 * 0.1**0.75)
    assert right["got"]["simulated"] == pytest.approx(6.1, rel=0.3)
    assert judged(check(formula, rates, 6.5, 0.3, **band))[0]["status"] == "fail"
    assert judged(check(formula, rates, 6.108, 0.01, **band))[0]["status"] == "fail"
    assert judged(check(formula, {"alpha": 0.05}, 6.108, 0.3, **band))[0]["status"] == "unsupported"
    assert judged(check(formula, {**rates, "mu": -1}, 6.108, 0.3, **band))[0]["status"] == "unsupported"
    assert judged(check(formula, rates, [6.108], 0.3, **band))[0]["status"] == "unsupported"


@pytest.mark.needs_shared
def test_every_formula_and_band_of_the_shared_file_holds(shared: Path) -> None:
    text = (shared / "spec" / "theory_checks.json").read_text(encoding="utf-8")
    rows = [row for row in verdict_rows(check_text(text)) if row["cls"] in {"formula", "band"}]
    assert len(rows) == 45
    assert [row for row in rows if row["status"] != "pass"] == []


@pytest.mark.needs_shared
def test_names_and_order_decide_nothing(shared: Path) -> None:
    checks = json.loads((shared / "spec" / "theory_checks.json").read_text(encoding="utf-8"))["checks"]
    own = [{**one, "name": f"check {k}"} for k, one in enumerate(checks) if one["cls"] == "formula"]
    assert {row["status"] for row in judged(*reversed(own))} == {"pass"}


WORDS = "f x k i = ( ) [ ] + - * / ^ , ; -> if in where clamp( max( exp( sqrt( | rho sx sz P I g N 8 0.5 1e-6 % phi'' E[x_tau] iff same"
words = st.sampled_from(WORDS.split())
entries = st.one_of(st.integers(-3, 3), st.floats(), st.text(max_size=6), st.booleans(), st.none(), st.lists(st.floats(), max_size=3))


@settings(max_examples=120)
@given(
    formula=st.one_of(st.lists(words, max_size=14).map(" ".join), st.text(max_size=30)),
    inputs=st.dictionaries(
        st.sampled_from(["x", "kappa", "iota", "r_a", "r_b", "P", "I", "g", "N", "n", "P_i", "phi", "longs", "close"]), entries, max_size=6
    ),
    expected=st.one_of(entries, st.dictionaries(st.sampled_from(["L", "U", "BTC"]), entries, max_size=2)),
    cls=st.sampled_from(["formula", "band", "data", "property"]),
)
def test_every_check_gets_a_verdict_that_says_why(formula: str, inputs: dict[str, Any], expected: Any, cls: str) -> None:  # noqa: ANN401 - anything
    (row,) = judged(check(formula, inputs, expected, 0.0, cls=cls))
    assert row["status"] in {"pass", "fail", "unsupported", "disputed"}
    assert row["reason"]
    json.dumps(row)
