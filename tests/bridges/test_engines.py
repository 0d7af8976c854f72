"""Does each engine, fed by its bridge, come to the total that is known by hand?

Each engine runs in its own environment (`requirements/peers`), on files that the guide's example writes. The case: a
position of 2, then 3 from exactly a settlement on, then -2, over six settlements at 8, 4, 1 and 8 hours.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from tests.bridges.peers import python_of, told_by

Case = tuple[Path, dict[str, Any]]
Both = Callable[[float, str, object], None]

# hour, contracts held, rate, mark price: written out a second time, by hand
BY_HAND = (
    (8, 2, "0.0001", 60_010),
    (16, 3, "-0.0003", 60_020),
    (20, 3, "0.0002", 60_030),
    (21, -2, "0.0005", 60_040),
    (22, -2, "-0.0001", 60_050),
    (24, -2, "0.0004", 60_060),
)
TOTAL = -sum(quantity * Fraction(rate) * mark for _, quantity, rate, mark in BY_HAND)
TWICE_AT_16 = -2 * Fraction("-0.0003") * 60_020

MONEY = 1e-12
"""Relative: six products and sums in doubles, each within half a unit in the last place (1.1e-16)."""
BALANCE = 1e-9
"""Absolute: a balance of a million in doubles has units of 1.2e-10 in the last place, and moves six times."""


def test_our_own_total_is_the_one_by_hand(case: Case) -> None:
    assert Fraction("102.076") == TOTAL
    assert case[1] == {"total": float(TOTAL), "doubled": float(TWICE_AT_16)}


def test_vectorbt_as_a_column_of_orders_and_afterwards(case: Case, both: Both) -> None:
    """As orders of a column without value, and as holdings times what one contract owed."""
    folder, truth = case
    told = told_by("vectorbt_total.py", python_of("vectorbt"), folder)
    for way in ("funding_column", "afterwards"):
        both(truth["total"], f"{told['engine']} ({way})", told[way])
        assert told[way] == pytest.approx(float(TOTAL), rel=MONEY)
    assert told["profit"] == pytest.approx(float(TOTAL), abs=BALANCE)
    assert told["cash"] == pytest.approx(float(TOTAL), abs=BALANCE)


def test_pandas_on_bars_of_every_length(case: Case, both: Both) -> None:
    folder, truth = case
    told = told_by("pandas_total.py", python_of("vectorbt"), folder)
    both(truth["total"], told["engine"], told["totals"])
    assert set(told["totals"]) == {"1h", "6h", "8h", "12h", "24h"}
    assert list(told["totals"].values()) == pytest.approx([float(TOTAL)] * 5, abs=BALANCE)


def test_freqtrade_charges_once_with_late_candles_and_twice_with_candles_on_the_stamp(case: Case, both: Both) -> None:
    folder, truth = case
    told = told_by("freqtrade_total.py", python_of("freqtrade"), folder)
    both(truth["total"], f"{told['engine']} (one minute late)", told["late"])
    both(truth["total"] + truth["doubled"], f"{told['engine']} (on the stamp)", told["on_stamp"])
    assert told["late"] == pytest.approx(float(TOTAL), rel=MONEY)
    assert told["on_stamp"] == pytest.approx(float(TOTAL + TWICE_AT_16), rel=MONEY)


def test_nautilus_2_settles_our_updates_to_the_last_digit(case: Case, both: Both) -> None:
    folder, truth = case
    told = told_by("nautilus_total.py", python_of("nautilus"), folder)
    both(truth["total"], told["engine"], told["total"])
    assert Fraction(Decimal(told["total"])) == TOTAL
    assert Fraction(Decimal(told["as_published"])) == 0, "updates some milliseconds late, without a next stamp, were paid by nobody"


def test_nautilus_1_settles_with_the_module_and_nothing_alone(case: Case, both: Both) -> None:
    folder, truth = case
    told = told_by("nautilus1_total.py", python_of("nautilus1"), folder)
    both(truth["total"], told["engine"], told["total"])
    assert Fraction(Decimal(told["total"])) == TOTAL
    assert Fraction(Decimal(told["alone"])) == 0
