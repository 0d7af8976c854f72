"""How finely a number was published is read off the data."""

from __future__ import annotations

import numpy as np
import pytest

from perpscope.audit.digits import DEEPEST, decimals, half_units, held_in_single


@pytest.mark.parametrize(
    ("value", "places"),
    [(0.0001, 4), (0.00012345, 8), (-0.0000000001, 10), (5.0, 0), (0.0, 0), (float("nan"), 0), (0.1 + 0.2, 1), (61809.45, 2)],
)
def test_decimals_are_those_the_number_was_printed_with(value: float, places: int) -> None:
    assert decimals(np.array([value])).tolist() == [places]


def test_a_number_of_no_short_decimal_gets_the_deepest() -> None:
    assert decimals(np.array([1 / 3])).tolist() == [DEEPEST]


def test_the_unit_is_that_of_the_series_and_finer_for_the_rare_row_that_is_finer() -> None:
    values = np.array([0.0001] * 5000 + [0.00012345] * 50 + [0.0001234567])
    half = half_units(values)
    assert np.allclose(half[:5050], 5e-9, rtol=1e-12)
    assert half[-1] == pytest.approx(5e-11)


def test_each_source_has_its_own_digits() -> None:
    half = half_units(np.array([0.0001, 0.0002, 0.00012345]), np.array([1, 1, 2]))
    assert half.tolist() == pytest.approx([5e-5, 5e-5, 5e-9])


def test_single_precision_is_recognised_and_carries_its_rounding() -> None:
    exact = np.array([0.0001, 0.00012345, 0.00075, 0.00031])
    held = exact.astype(np.float32).astype(np.float64)
    assert held_in_single(held, decimals(held))
    assert not held_in_single(exact, decimals(exact))
    half = half_units(held)
    assert np.all(np.abs(held - exact) <= half)
    assert np.all(half < 1e-8)


def test_whole_numbers_are_no_sign_of_single_precision() -> None:
    values = np.array([1.0, 2.0, 0.5])
    assert half_units(values).tolist() == [0.05, 0.05, 0.05]
