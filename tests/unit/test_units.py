"""Does a rate keep its period through every change of it?"""

from __future__ import annotations

import math
import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perpscope import errors
from perpscope.errors import InputError, NotEnoughData
from perpscope.units import Rate, apr_of_total

values = st.floats(-0.5, 0.5, allow_subnormal=False).filter(lambda x: x == 0 or abs(x) > 1e-200)
hours = st.sampled_from([0.25, 1.0, 2.0, 4.0, 8.0, 24.0])


@pytest.mark.parametrize(
    ("text", "value", "per"),
    [
        ("0.01%/8h", 0.0001, 8),
        ("0.00125 % / 1h", 0.0000125, 1),
        ("0.00125%/h", 0.0000125, 1),
        ("1bp/h", 0.0001, 1),
        ("0.0003/day", 0.0003, 24),
        ("-10.95%/year", -0.1095, 8760),
        ("1e-4/8h", 0.0001, 8),
        ("5%/2d", 0.05, 48),
    ],
)
def test_rates_as_people_write_them(text: str, value: float, per: float) -> None:
    found = Rate.parse(text)
    assert found.value == pytest.approx(value, rel=1e-15)
    assert found.per == per


@pytest.mark.parametrize("text", ["0.01%", "0.01", "0.01%/8x", "/8h", "much/8h", "", "0.01%/8h/8h", "0.01%/0h"])
def test_a_rate_without_a_period_is_no_rate(text: str) -> None:
    with pytest.raises(InputError):
        Rate.parse(text)


def test_a_basis_point_per_eight_hours_and_an_eighth_per_hour_are_one_rate() -> None:
    assert Rate(0.0001, 8).apr == Rate(0.0000125, 1).apr == pytest.approx(0.1095)
    assert Rate(0.0000125, 1).over(8) == Rate(0.0001, 8)
    assert Rate(0.0001, 8).apy == pytest.approx((1.0001) ** 1095 - 1)


@given(value=values, per=hours, other=hours)
def test_changing_the_period_and_back_is_no_change(value: float, per: float, other: float) -> None:
    rate = Rate(value, per)
    assert rate.over(per) == rate
    assert rate.over(other).over(per).value == pytest.approx(value, rel=1e-15, abs=0)
    assert rate.over(other).apr == pytest.approx(rate.apr, rel=1e-14, abs=0)


@given(value=values, per=hours)
def test_compounding_never_lowers_a_rate(value: float, per: float) -> None:
    rate = Rate(value / 1000, per)
    assert rate.apy >= rate.apr - 1e-12


@given(value=values, per=hours, count=st.integers(1, 50))
def test_a_sum_of_rates_is_annualised_over_the_hours_it_was_paid_for(value: float, per: float, count: int) -> None:
    assert apr_of_total(value * count, per * count) == pytest.approx(Rate(value, per).apr, rel=1e-12, abs=1e-300)


@pytest.mark.parametrize(("value", "per"), [(math.nan, 8), (math.inf, 8), (0.1, 0), (0.1, -8), (0.1, math.nan), (0.1, math.inf)])
def test_what_is_no_rate(value: float, per: float) -> None:
    with pytest.raises(InputError):
        Rate(value, per)


@pytest.mark.parametrize("values", [("0.0001", 8), (0.0001, "8"), (None, 8)])
def test_texts_are_read_with_parse(values: tuple[Any, Any]) -> None:
    with pytest.raises(InputError, match=r"Rate\.parse"):
        Rate(*values)


def test_no_yield_of_what_loses_everything_and_no_rate_of_no_time() -> None:
    with pytest.raises(InputError, match="loses everything"):
        _ = Rate(-1, 8).apy
    with pytest.raises(InputError, match="0 hours"):
        apr_of_total(0.1, 0)


def test_errors_say_three_things_and_survive_the_trip_between_processes() -> None:
    for name in ("InputError", "CatalogueError", "SourceError", "StoreError", "NotEnoughData"):
        error = getattr(errors, name)("the thing asked", "what is there", "Do this.")
        again = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes
        assert type(again) is type(error)
        assert str(again) == "the thing asked: what is there. Do this."
        assert isinstance(again, errors.PerpscopeError)
    assert str(NotEnoughData("a fixing")) == "a fixing"
