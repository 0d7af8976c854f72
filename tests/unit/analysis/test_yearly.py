"""Are yields what they are by hand, is each question the inverse of the others, and is what has no answer refused?"""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perpscope.analysis.printed.yields import HOWS, How, annual, earned, horizon
from perpscope.analysis.yearly import CALLED, Asked, Gain, headline, ways, yearly
from perpscope.errors import InputError


def test_a_tenth_in_half_a_year_by_hand() -> None:
    found = yearly(Asked(profit=100.0, capital=1000.0, days=182.5, how="compound"))
    assert (found["gain"], found["apr"], found["simple"]) == (0.1, 0.2, 0.2)
    assert found["apy"] == found["compounded"] == pytest.approx(1.1 * 1.1 - 1)
    assert found["compounded_daily"] == pytest.approx((1 + 0.1 / 182.5) ** 365 - 1)
    assert found["continuous"] == pytest.approx(math.exp(0.2) - 1)
    assert found["why_null"] == {}


def test_a_loss_by_hand() -> None:
    found = yearly(Asked(profit=-100.0, capital=1000.0, days=182.5))
    assert (found["apr"], found["apy"]) == (-0.2, pytest.approx(0.9 * 0.9 - 1))


def test_a_year_at_a_rate_is_the_rate() -> None:
    for how in HOWS:
        assert Asked(rate=0.25, days=365.0, how=how).answer()[1].yields()[0][CALLED[how]] == pytest.approx(0.25)


@given(st.floats(-0.2, 2.0), st.floats(10.0, 1000.0), st.sampled_from(HOWS))
def test_the_gain_of_a_yield_turns_it_round(gain: float, days: float, how: How) -> None:
    assert earned(annual(gain, days, how), days, how) == pytest.approx(gain, rel=1e-9, abs=1e-12)


@given(st.floats(0.001, 2.0), st.floats(1.0, 1000.0), st.sampled_from(HOWS))
def test_the_days_of_a_yield_turn_it_round(gain: float, days: float, how: How) -> None:
    assert horizon(gain, annual(gain, days, how), how) == pytest.approx(days, rel=1e-9)


def test_the_question_is_named_and_its_answer_goes_back() -> None:
    asked, gain = Asked(profit=52_627.18, capital=1e6, rate=0.397, how="compound").answer()
    assert asked == "days"
    assert gain.days == pytest.approx(55.99465, abs=1e-5)
    asked, gain = Asked(capital=1e6, days=gain.days, rate=0.397, how="compound").answer()
    assert asked == "profit"
    assert gain.profit == pytest.approx(52_627.18)


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        (Asked(1.0, 0.0, 5.0), "the capital: 0"),
        (Asked(1.0, -1.0, 5.0), "the capital: -1"),
        (Asked(1.0, 1.0, 0.0), "the days: 0"),
        (Asked(1.0, 1.0, math.inf), "the days: inf"),
        (Asked(1.0, 1.0), "given: profit 1, capital 1"),
        (Asked(), "given: nothing"),
        (Asked(rate=0.1), "no days"),
        (Asked(rate=0.1, days=-1.0), "the days: -1"),
        (Asked(1.0, 1.0, 1.0, 0.1), "leave out what is asked"),
        (Asked(1.0, 10.0, None, -0.1), "Give both above 0"),
        (Asked(-10.0, 10.0, None, -0.1), "less than everything"),
        (Asked(capital=1.0, days=1.0, rate=-1.0, how="compound"), "loses everything"),
        (Asked(-10.0, 10.0, 5.0, how="compound"), "loses everything"),
    ],
)
def test_what_has_no_answer_is_refused(asked: Asked, says: str) -> None:
    with pytest.raises(InputError, match=says):
        yearly(asked)


def test_a_total_loss_has_a_simple_rate_alone() -> None:
    found = yearly(Asked(-20.0, 10.0, 1.0))
    assert found["apr"] == -730.0
    assert [found[name] for name in ("apy", "compounded", "compounded_daily")] == [None] * 3
    assert {"apy", "compounded", "compounded_daily"} == set(found["why_null"])  # type: ignore[call-overload]  # a mapping of reasons


def test_what_no_number_holds_is_null_with_a_reason() -> None:
    rates, why = Gain.of(1e9, 1.0, 0.01).yields()
    assert rates["simple"] == 1e9 * 365 / 0.01
    assert rates["compounded"] is None
    assert why["compounded"].startswith("larger than")


def test_rows_for_a_reader() -> None:
    found = yearly(Asked(rate=0.1, days=365.0))
    assert headline(found) == "a gain of 10.000000% in 365 days"
    assert [row["% a year"] for row in ways(found)][:2] == [10.0, 10.0]
