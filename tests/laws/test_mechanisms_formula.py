"""Does the formula keep the identities that make one text serve many venues?"""

from __future__ import annotations

import dataclasses
import math
from fractions import Fraction

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from perpscope.market.number import INF, Number, rounded_to
from perpscope.mechanisms.decide import Formula, Terms, bend, decide
from perpscope.mechanisms.sample import Band, WholeFormula, transform
from tests.laws.mechanism_cases import decimals, formulas, premiums, widths

NAN = math.nan
exact_premiums = premiums.map(lambda x: Fraction(repr(x)))
exact_widths = decimals("0", "0.01").map(lambda x: Fraction(repr(x)))


def rate(formula: Formula, premium: Number, hours: Number = 8, before: Number = NAN) -> Terms:
    return decide(premium, hours, before, *formula.numbers())


@given(premium=exact_premiums, width=exact_widths)
def test_the_damper_of_two_maxima_is_the_pull_to_nothing(premium: Fraction, width: Fraction) -> None:
    assert rate(Formula(damper=width), premium).rounded == max(width, premium) + min(-width, premium)


@given(premium=premiums, interest=premiums)
def test_a_damper_of_nothing_leaves_the_premium_and_an_endless_one_the_interest(premium: float, interest: float) -> None:
    assert rate(Formula(interest=interest, damper=0.0), premium).rounded == premium
    assert rate(Formula(interest=interest, damper=INF), premium).rounded == pytest.approx(interest, rel=0, abs=2**-56)


@given(premium=exact_premiums, interest=exact_premiums)
def test_the_endless_damper_is_exact_in_fractions(premium: Fraction, interest: Fraction) -> None:
    assert rate(Formula(interest=interest, damper=INF), premium).rounded == interest


@given(premium=exact_premiums, interest=exact_premiums, width=exact_widths)
def test_inside_the_plateau_the_rate_is_the_interest(premium: Fraction, interest: Fraction, width: Fraction) -> None:
    found = Fraction(rate(Formula(interest=interest, damper=width), premium).rounded)
    assert (found == interest) == (abs(interest - premium) <= width)
    assert abs(found - premium) <= width


@settings(max_examples=300)
@given(
    formula=formulas(), one=premiums, other=premiums, hours=st.sampled_from((0.5, 1.0, 4.0, 8.0)), before=st.one_of(st.just(NAN), premiums)
)
def test_a_larger_premium_never_gives_a_smaller_rate(formula: Formula, one: float, other: float, hours: float, before: float) -> None:
    """Where the multiplier is positive; to within the last bits of the steps, and one grain of rounding."""
    assume(formula.times > 0 and formula.slope1 >= 1)
    low, high = sorted((one, other))
    grain = 10.0**-formula.decimals if formula.decimals >= 0 else 0
    slack = 2**-50 + (grain if low != high else 0)
    assert rate(formula, low, hours, before).rounded <= rate(formula, high, hours, before).rounded + slack


@settings(max_examples=300)
@given(formula=formulas(rounded=False), premium=premiums, hours=st.sampled_from((0.5, 1.0, 4.0, 8.0)), before=premiums)
def test_bounds_hold(formula: Formula, premium: float, hours: float, before: float) -> None:
    found = rate(formula, premium, hours, before)
    share = hours / formula.limit_per if formula.limit_per else 1.0
    assert formula.floor * share - 1e-17 <= found.limited <= formula.cap * share + 1e-17
    assert before - formula.change <= found.slowed <= before + formula.change


@given(premium=premiums, before=premiums, change=decimals("0", "0.01"))
def test_without_a_past_no_change_is_capped(premium: float, before: float, change: float) -> None:
    formula = Formula(change=change)
    assert rate(formula, premium, before=NAN).rounded == premium
    assert abs(rate(formula, premium, before=before).rounded - before) <= change + 2**-50


@given(premium=exact_premiums, hours=st.sampled_from((1, 2, 4, 8)), interest=exact_premiums, width=exact_widths)
def test_a_formula_written_for_eight_hours_pays_its_share(premium: Fraction, hours: int, interest: Fraction, width: Fraction) -> None:
    """N/8 of the whole against the same formula written for the interval itself, where only a stated interest is scaled."""
    eight = Formula(period=Fraction(8), interest=interest, damper=width)
    whole = rate(Formula(interest=interest, damper=width), premium).rounded
    assert rate(eight, premium, hours).rounded == whole * Fraction(hours, 8)
    own = Formula(interest=interest, interest_per=Fraction(24), damper=width)
    assert rate(own, premium, hours).interest == interest * hours / 24


@given(formula=formulas(), premium=premiums, hours=st.sampled_from((1.0, 8.0)))
def test_an_interest_stated_per_day_is_the_same_interest_stated_per_eight_hours(formula: Formula, premium: float, hours: float) -> None:
    day = dataclasses.replace(formula, interest=formula.interest * 3, interest_per=24.0)
    eight = dataclasses.replace(formula, interest_per=8.0)
    assert rate(day, premium, hours).interest == pytest.approx(rate(eight, premium, hours).interest, rel=1e-15, abs=0)


@given(x=st.floats(-1e3, 1e3), places=st.integers(0, 10), way=st.sampled_from((0, 1, 2)))
def test_rounding_twice_is_rounding_once_and_moves_less_than_a_grain(x: float, places: int, way: int) -> None:
    grains = 10**places
    once = float(rounded_to(x, grains, way))
    assert rounded_to(once, grains, 0) == once
    assert abs(once - x) <= (0.5 if way == 0 else 1) / grains + abs(x) * 2**-51
    assert float(f"{once:.{places}f}") == once
    if way == 2:
        assert abs(once) <= abs(x) * (1 + 2**-51)


@given(x=st.fractions(-1000, 1000), places=st.integers(0, 40), way=st.sampled_from(range(5)))
def test_rounding_is_exact_in_fractions_and_idempotent(x: Fraction, places: int, way: int) -> None:
    """At any number of grains: what an integer contract of eighteen or thirty digits cuts is cut."""
    once = rounded_to(x, 10**places, way)
    assert isinstance(once, Fraction)
    assert (once * 10**places).denominator == 1
    assert abs(once - x) * 10**places < 1
    assert rounded_to(once, 10**places, way) == once


@pytest.mark.parametrize("x", [math.inf, -math.inf, 1e300, 2.0**53])
def test_what_has_no_decimals_left_is_not_rounded(x: float) -> None:
    assert rounded_to(x, 10**8, 0) == x
    assert math.isnan(rounded_to(math.nan, 10**8, 0))


@given(p=exact_premiums, knee1=exact_widths, knee2=exact_widths)
def test_the_bent_premium_is_odd_continuous_and_the_premium_itself_up_to_the_first_knee(
    p: Fraction, knee1: Fraction, knee2: Fraction
) -> None:
    low, high = sorted((knee1, knee2))
    bent = Fraction(bend(p, low, 2, high, 4))
    assert bent == -bend(-p, low, 2, high, 4)
    assert (bent == p) == (abs(p) <= low)
    tiny = Fraction(1, 10**12)
    assert abs(Fraction(bend(p + tiny, low, 2, high, 4)) - bent) <= 4 * tiny


@given(x=exact_premiums, interest=exact_premiums, width=exact_widths)
def test_a_sample_through_the_whole_formula_is_the_formula_on_it(x: Fraction, interest: Fraction, width: Fraction) -> None:
    for limit in (INF, Fraction("0.003")):
        kind, *numbers = WholeFormula(interest, width, limit).numbers()
        i, d, dead, bound, divide = numbers
        formula = Formula(interest=interest, damper=width, floor=-limit, cap=limit)
        assert transform(kind, x, i, d, dead, bound, divide) == rate(formula, x).rounded


@given(x=exact_premiums, dead=exact_widths, bound=exact_widths, divide=st.sampled_from((1, 8)))
def test_a_dead_zone_is_nothing_inside_bounded_outside_and_odd(x: Fraction, dead: Fraction, bound: Fraction, divide: int) -> None:
    kind, *numbers = Band(dead, bound, divide).numbers()

    def banded(value: Fraction) -> Fraction:
        i, d, zone, limit, by = numbers
        return Fraction(transform(kind, value, i, d, zone, limit, by))

    assert (banded(x) == 0) == (abs(x) <= dead or bound == 0)
    assert abs(banded(x)) <= bound / divide
    assert banded(-x) == -banded(x)


@given(premium=premiums)
def test_neutral_numbers_switch_every_part_off(premium: float) -> None:
    assert set(rate(Formula(), premium)._replace(interest=premium)) == {premium}


@given(width=widths, interest=premiums, premium=premiums)
def test_the_three_ways_to_combine(width: float, interest: float, premium: float) -> None:
    assert rate(Formula("larger", interest=interest, damper=width), premium).clamped == max(interest, premium)
    found = rate(Formula("clamped_premium", interest=interest, damper=width), premium).clamped
    assert found == interest + min(max(premium, -width), width)
