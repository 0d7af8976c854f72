"""Is rounding told from error?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from perpscope.market.table import FUNDING, PRICES
from perpscope.store import Store
from perpscope.store.disagreement import decimals

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.unit.store.conftest import Named, Rows


def compare(store: Store, prices: Rows, source: Named, one: Sequence[float], two: Sequence[float]) -> list[str]:
    for name, values in (("one", one), ("two", two)):
        told = source(name, table="prices")
        store.write(PRICES, prices(range(len(values)), told, close_quote=pl.Series(values)), told)
    found = store.disagreements(PRICES)
    assert found["column"].unique().to_list() in ([], ["close_quote"])
    return [str(each) for each in found.sort("ts")["verdict"]]


def test_float32_is_called_what_it_is(store: Store, prices: Rows, source: Named) -> None:
    values = [0.1, 101.37, 39.858, 1234.5678]
    assert compare(store, prices, source, values, [float(np.float32(v)) for v in values]) == ["float32 rounding"] * 4


def test_cut_and_rounded_last_digits(store: Store, prices: Rows, source: Named) -> None:
    values = [123.456789, 123.45, 99.999]
    assert compare(store, prices, source, values, [123.45, 123.45, 100.0]) == ["last digit", "last digit"]


def test_one_unit_of_the_same_decimals(store: Store, prices: Rows, source: Named) -> None:
    assert compare(store, prices, source, [0.00010001, 0.00375], [0.0001, 0.00375]) == ["last digit"]


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ([123.45], [123.47]),
        (
            [100.0],
            [
                100.5,
            ],
        ),
        ([5.0], [4.0]),
        ([0.0001], [0.0002]),
    ],
)
def test_more_than_rounding_is_different(store: Store, prices: Rows, source: Named, one: list[float], two: list[float]) -> None:
    if one == [100.0]:
        one, two = [100.0, 7.25], [100.5, 7.25]
    assert compare(store, prices, source, one, two) == ["different"]


def test_equal_values_are_no_disagreement_and_empty_ones_neither(store: Store, funding: Rows, source: Named) -> None:
    store.write(FUNDING, funding([0, 8], source("a"), premium_frac=0.5), source("a"))
    store.write(FUNDING, funding([0, 8], source("b")), source("b"))
    assert store.disagreements(FUNDING).is_empty()


def test_who_says_what_about_which_stamp(store: Store, funding: Rows, source: Named) -> None:
    store.write(FUNDING, funding([0, 8], source("a")), source("a"))
    store.write(FUNDING, funding([0, 8], source("b"), interval_hours=pl.Series([8.0, 4.0])), source("b"))
    store.write(FUNDING, funding([100], source("b"), native_id="ETH"), source("b"))
    (row,) = store.disagreements(FUNDING).rows(named=True)
    assert (row["native_id"], row["column"], row["current"], row["other"], row["verdict"]) == (
        "BTC",
        "interval_hours",
        8.0,
        4.0,
        "different",
    )
    assert (row["current_source"], row["other_source"]) == (source("a").id, source("b").id)
    assert store.disagreements(FUNDING, native_id="ETH").is_empty()


def test_each_further_source_is_compared_with_the_current_one(store: Store, funding: Rows, source: Named) -> None:
    for name, rate in (("a", 0.001), ("b", 0.002), ("c", 0.003)):
        store.write(FUNDING, funding([0], source(name), funding_rate=rate), source(name))
    found = store.disagreements(FUNDING)
    assert found["current"].unique().to_list() == [0.001]
    assert sorted(found["other"]) == [0.002, 0.003]


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e15, max_value=1e15))
def test_decimals_are_those_of_the_shortest_text(value: float) -> None:
    from decimal import Decimal

    exponent = Decimal(repr(value)).normalize().as_tuple().exponent
    assert isinstance(exponent, int)
    expected = max(0, -exponent) if value else 0
    assert pl.select(decimals(pl.lit(value))).item() == expected
