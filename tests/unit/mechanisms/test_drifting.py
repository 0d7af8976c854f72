"""How do rates that remember move, and who pays whom where sides are uneven?"""

from __future__ import annotations

from fractions import Fraction

import pytest

from perpscope.errors import CatalogueError
from perpscope.market.contract import Contract
from perpscope.market.number import INF, Number
from perpscope.mechanisms.decide import Formula
from perpscope.mechanisms.reduce import Adaptive, Velocity, adapted, at_least_in_size, drifted
from perpscope.mechanisms.settle import Charge, Settlement, charge

USD = Contract("linear", "USD")
LARGER = Settlement(price="none", sides="larger")


def moved(carry: str, x: str, seconds: int = 600, cap: Number = 1) -> Number:
    rule = Adaptive(Fraction("1e-6"), Fraction("2e-8"), Fraction("0.05"), Fraction("0.03"))
    increase, decrease, stable, calm, _, _ = rule.numbers()
    return adapted(Fraction(carry), Fraction(x), seconds, increase, decrease, stable, calm, cap)


@pytest.mark.parametrize(
    ("carry", "x", "after"),
    [
        ("0", "0.01", "0.000006"),  # no rate yet: any imbalance starts one
        ("0.00001", "0.06", "0.000046"),  # along, beyond the threshold
        ("0.00001", "0.05", "0.00001"),  # at the threshold it rests
        ("0.00001", "0.03", "0.00001"),  # at the lower one too
        ("0.00002", "0.02", "0.000008"),  # below, it fades
        ("0.00002", "-0.01", "0.000014"),  # against the rate even a small imbalance moves it
        ("-0.00002", "-0.02", "-0.000008"),
        ("0.00001", "0", "0.00001"),  # even sides leave it
        ("0.000012", "0.02", "1e-30"),  # faded away, it keeps its sign
        ("-0.000001", "-0.02", "-1e-30"),
    ],
)
def test_moves_of_an_adaptive_rate(carry: str, x: str, after: str) -> None:
    assert moved(carry, x) == Fraction(after)


def test_a_faded_rate_does_not_start_anew() -> None:
    """The trace counts as a rate along the imbalance, so that a calm market stays at rest."""
    assert moved("1e-30", "0.02") == Fraction("1e-30")
    assert moved("0", "0.02") == Fraction("0.000012")


def test_a_cap_holds_on_both_sides() -> None:
    assert moved("0.00001", "1", cap=Fraction("0.0001")) == Fraction("0.0001")
    assert moved("-0.00001", "-1", cap=Fraction("0.0001")) == Fraction("-0.0001")


def test_a_floor_has_the_sign_of_the_rate_and_nothing_counts_as_positive() -> None:
    floor = Fraction("0.00001")
    assert [at_least_in_size(Fraction(rate), floor) for rate in ("1e-30", "-1e-30", "0", "0.1")] == [floor, -floor, floor, Fraction("0.1")]
    assert at_least_in_size(Fraction(0), 0) == 0


@pytest.mark.parametrize(("skew", "a_day_later"), [("12", "0.003"), ("400", "0.1"), ("401", "0.1"), ("-500", "-0.1"), ("0", "0")])
def test_moves_of_a_drifting_rate(skew: str, a_day_later: str) -> None:
    assert drifted(Fraction(0), Fraction(skew), 24, Fraction(400), Fraction("0.1")) == Fraction(a_day_later)


def test_what_cannot_move_is_refused() -> None:
    with pytest.raises(CatalogueError, match="drifting"):
        Velocity(0, 1)
    with pytest.raises(CatalogueError, match="adaptive"):
        Adaptive(1, 1, Fraction("0.03"), Fraction("0.05"))
    with pytest.raises(CatalogueError, match="adaptive"):
        Adaptive(1, 1, 1, 1, floor=2, cap=1)


@pytest.mark.parametrize(
    ("rate", "longs", "shorts", "owed"),
    [
        ("0.01", 200, 100, ("0.01", "-0.02")),  # the larger side pays: receivers share its 2
        ("0.01", 100, 200, ("0.02", "-0.01")),  # the smaller side pays as much as the larger would
        ("-0.01", 100, 200, ("-0.02", "0.01")),
        ("-0.01", 200, 100, ("-0.01", "0.02")),
        ("0.01", 200, 0, ("0", "0")),  # nobody to receive: nobody pays
        ("0.01", 0, 200, ("0", "0")),
    ],
)
def test_a_rate_on_the_larger_side(rate: str, longs: int, shorts: int, owed: tuple[str, str]) -> None:
    found = charge(Fraction(rate), LARGER, USD, long_open=Fraction(longs), short_open=Fraction(shorts))
    assert found == Charge(Fraction(owed[0]), Fraction(owed[1]))
    assert found.long * longs + found.short * shorts == 0


def test_a_share_of_the_rate_before_stays() -> None:
    formula = Formula(keep=Fraction(1, 4), change=INF)
    assert formula.numbers()[-4] == Fraction(1, 4)
    with pytest.raises(CatalogueError, match="keep"):
        Formula(keep=1)
    with pytest.raises(CatalogueError, match="keep"):
        Formula(keep=-0.1)
