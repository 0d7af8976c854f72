"""Do formulas that others would write come out right, and do words that change a number keep it from passing?"""

from __future__ import annotations

import json
import math
from typing import Any

import pytest

from perpscope.claims.theory import check_text
from tests.unit.claims.theory.made import check, judged, status

YEARLY = {"x": 40_000.0, "kappa": 2.0, "iota": 0.1, "r_a": 0.05, "r_b": 0.01}
POOL = {"x": 10_000, "y": 2e7, "dy": 2e5}
PEG = "r S phi' + .5 s^2 S^2 phi''"
ANNUAL = "rho=kappa(F-S)/F+sgn(iota-r)*gamma-r (annual)"
DEAR = {"F": 2010.0, "S": 2000.0, "r": 0.05, "kappa": 1095}
AROUND = 1095 * 10 / 2010 - 0.05

RIGHT: list[tuple[str, dict[str, Any], float]] = [
    ("f=(1-i/k)*E[x_tau], tau~Exp(k)", YEARLY, 40_000 * 1.9 / 1.96),
    ("f=E[x_tau], tau~Exp(k)", {**YEARLY, "iota": 0}, 40_000 * 2 / 1.96),
    ("I=1/E^{Qb}[1/x_tau], tau~Exp(k)", {**YEARLY, "iota": 0}, 40_000 * 2.04 / 2),
    ("F=(1+r/k)*S (v1, superseded)", {"kappa": 1095, "r": 0.05, "S": 60_000}, 60_000 * (1 + 0.05 / 1095)),
    ("f=x(κ−ι)/(κ+r_b−r_a)", {"x": 100, "κ": 2, "ι": 0.1, "r_a": 0.1, "r_b": 0}, 100.0),  # noqa: RUF001 - as papers print it
    ("dx=k/(y-dy)-x", POOL, 2e11 / 1.98e7 - 10_000),
    ("mark=y1/x1=(y-dy)^2/k", POOL, 1.98e7**2 / 2e11),
    ("Pbar=mean(P_i)", {"n": 480, "P_i": "0.0003"}, 0.0003),
    (f"{PEG}; phi=sqrt(S)", {"S": 100.0, "r": 0.05, "s": 0.8}, 0.25 - 0.8),
    (PEG, {"phi": "log(S)", "S": 100.0, "r": 0.05, "s": 0.8}, 0.05 - 0.32),
    (PEG, {"phi": "1/S", "S": 50.0, "r": 0.05, "s": 0.8}, (0.64 - 0.05) / 50),
    (PEG, {"phi": "S^2 + 3 S", "S": 2.0, "r": 0.05, "s": 0.5}, 0.05 * 2 * 7 + 0.5 * 0.25 * 4 * 2),
    (ANNUAL, {**DEAR, "iota": 0.0001, "gamma": 0.0005}, AROUND + 0.5475),
    (ANNUAL, {**DEAR, "iota": 0.1095, "gamma": 0.5475}, AROUND + 0.5475),
    ("r*=Phi((F-S)/F) annualised", {"F": 2010.0, "S": 2000.0, "I": 0.0, "g": 0.0005}, 1095 * (10 / 2010 - 0.0005)),
]
"""Formula, inputs, and the number worked out here."""


@pytest.mark.parametrize(("formula", "inputs", "expected"), RIGHT)
def test_what_others_write_is_worked_out(formula: str, inputs: dict[str, Any], expected: float) -> None:
    (row,) = judged(check(formula, inputs, expected))
    assert row["status"] == "pass", row


@pytest.mark.parametrize(("formula", "inputs", "expected"), RIGHT)
@pytest.mark.parametrize("times", [1.01, -1.0, 100.0, 1 / 1095])
def test_a_wrong_number_unit_or_sign_fails(formula: str, inputs: dict[str, Any], expected: float, times: float) -> None:
    assert status(formula, inputs, expected * times, 1e-9) == "fail"


@pytest.mark.parametrize(
    "formula",
    [
        "integral of x",
        "square root of x",
        "variance x",
        "minus x",
        "y = x squared",
        "y = x times 3",
        "y = x choose 2",
        "y = x per cent",
        "y = x (log base)",
        "y = x kappa",
        "y = x(kappa-iota)/(kappa+r_b-r_a)",
        "f = E[x_tau]",
    ],
)
def test_words_that_change_the_number_keep_it_from_passing(formula: str) -> None:
    assert status(formula, {"x": 100.0}, 100.0) == "unsupported"


@pytest.mark.parametrize("formula", ["y = x per unit", "y = x on equity", "y = x*1 (first draft, superseded)", "funding 2*x/2"])
def test_words_that_only_tell_what_it_is_do_not(formula: str) -> None:
    assert status(formula, {"x": 100.0}, 100.0) == "pass"


def test_an_expected_spot_of_a_contract_with_interest_is_not_its_price() -> None:
    assert status("f=E[x_tau], tau~Exp(k)", YEARLY, 40_000 * 1.9 / 1.96) == "unsupported"


def test_what_overflows_is_told_and_no_number() -> None:
    (row,) = judged(check("r*3*365", {"r": 1e308}, 0.1095))
    assert (row["status"], row["got"]) == ("unsupported", None)
    assert "nowhere" in str(row["reason"])


def test_a_mark_before_the_text_and_half_a_character_are_no_obstacle() -> None:
    text = json.dumps({"checks": [check("r*3*365", {"r": 0.0001}, 0.1095)]})
    halved = text.replace('"name": "x"', '"name": "\\ud800 \\ud83d\\ude00 \\udc00"')
    (plain,) = check_text(f"\N{ZERO WIDTH NO-BREAK SPACE}{text}")
    (odd,) = check_text(halved)
    assert plain.status == odd.status == "pass"
    assert odd.check.name == "\N{REPLACEMENT CHARACTER} \N{GRINNING FACE} \N{REPLACEMENT CHARACTER}"
    assert odd.check.name.encode()
    assert math.isclose(float(odd.got), 0.1095)
