"""Is arithmetic judged by the exact number, and does a wrong printed one fail?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perpscope.claims.annual import a11, f05, f14, f20, per_period, rounds_to
from perpscope.claims.case import Case, Shelf
from perpscope.claims.ledger import load_claim
from tests.unit.claims.held import tried

if TYPE_CHECKING:
    from collections.abc import Callable

    from perpscope.claims.model import Reproduction


def stating(name: str, **numbers: float) -> Case:
    """Open a case whose article states other numbers."""
    claim = load_claim(name)
    return Case(replace(claim, stated={**claim.stated, **numbers}), Shelf(None))


@pytest.mark.parametrize(
    ("exact", "printed", "digits", "right"),
    [(0.10951, 0.1095, 4, True), (0.10956, 0.1095, 4, False), (0.0015, 0.001, 1, True), (0.0016, 0.001, 1, False), (-0.25, -0.2, 1, True)],
)
def test_a_printed_number_is_right_when_the_exact_one_rounds_to_it(exact: float, printed: float, digits: int, right: bool) -> None:  # noqa: FBT001 - a parameter of the test
    assert rounds_to(exact, printed, digits) is right


@given(st.floats(0.001, 20), st.sampled_from([1.0, 8.0, 24.0, 168.0]))
def test_a_period_repeated_gives_the_year_back(yearly: float, hours: float) -> None:
    count = 8760 / hours
    assert per_period(yearly, hours, compounded=False) * count == pytest.approx(yearly)
    assert (1 + per_period(yearly, hours, compounded=True)) ** count - 1 == pytest.approx(yearly)
    assert per_period(yearly, hours, compounded=True) < per_period(yearly, hours, compounded=False)


def test_the_numbers_of_the_four() -> None:
    found = {name: tried(name, Shelf(None)) for name in ("F05", "F14", "F20", "A11")}
    assert {name: one.verdict for name, one in found.items()} == {
        "F05": "holds",
        "F14": "holds with changes",
        "F20": "fails",
        "A11": "holds",
    }
    assert found["F05"].found["apr"] == 0.1095
    assert found["F20"].found["per_day"] == pytest.approx(1 / 365)
    assert found["F20"].found["per_8h"] == pytest.approx(1 / 1095)
    assert (1 + found["F20"].found["per_day_compounded"]) ** 365 == pytest.approx(2)
    assert found["A11"].found["left_at_constant_leverage"] == pytest.approx(0.9995**1095)
    assert found["F14"].found["once_a_day"] == pytest.approx(0.250025)


def test_a_premium_means_what_the_rules_say() -> None:
    """0.0685 % less the clamp's 0.05 % is 0.0185 % in eight hours; paid out every eight hours it is three times 25 %."""
    (grid,) = tried("F14", Shelf(None)).grids
    meanings = {name: row[0] for row in grid.rows for name in str(row[2]).split(", ")}
    assert meanings["binanceusdm-1"] == pytest.approx(0.000185 * 1095)
    assert meanings["ftx"] == pytest.approx(0.250025)
    assert meanings["okx-0"] == pytest.approx(0.750075)


@pytest.mark.parametrize(
    ("run", "name", "numbers", "verdict"),
    [
        (f05, "F05", {"apr": 0.11}, "fails"),
        (f14, "F14", {"once_a_day": 0.20}, "fails"),
        (f20, "F20", {"per_day": 0.003}, "holds"),
        (f20, "F20", {"per_day": 0.002}, "holds with changes"),
        (a11, "A11", {"per_year": 0.55}, "fails"),
    ],
)
def test_another_printed_number_gets_another_verdict(
    run: Callable[[Case], Reproduction], name: str, numbers: dict[str, float], verdict: str
) -> None:
    assert run(stating(name, **numbers)).verdict == verdict
