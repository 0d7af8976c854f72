"""Does another rule see the history as it was, and is the difference of two rules told by all of its parts?"""

from __future__ import annotations

from dataclasses import fields, replace
from fractions import Fraction

import pytest

from perpscope.errors import InputError
from perpscope.market.funding import PublishedFixing
from perpscope.market.number import INF, Number
from perpscope.market.time import Schedule
from perpscope.mechanisms.decide import Formula
from perpscope.mechanisms.observe import Observe
from perpscope.mechanisms.reduce import DecayMean, Last, LinearMean, Mean, MedianMean, Reducer, TimeMean, Velocity
from perpscope.mechanisms.rule import Rule
from perpscope.mechanisms.settle import Settlement
from perpscope.trading import counterfactual
from perpscope.trading.counterfactual import PARTS, Law, Observed, Regime, climb, decided, exchanged, steps

HOUR = 3_600_000
LOOK = Observe("impact_band", 60)
PLAIN = Formula(period=8)


def rule(reduce: Reducer | None = None, formula: Formula = PLAIN, settle: Settlement | None = None) -> Rule:
    return Rule(LOOK, reduce or Mean(), formula, settle=settle or Settlement())


def law(rule: Rule, hours: float | None = None) -> Law:
    return lambda _: Regime(rule, None if hours is None else Schedule(hours))


def history(*premiums: str, hours: int = 1, prices: dict[int, str] | None = None, without: tuple[int, ...] = ()) -> list[Observed]:
    """Intervals one after another from 1970 on, at 60,000 each unless `prices` says otherwise by its number."""
    found = []
    for k, premium in enumerate(premiums, start=1):
        price = Fraction((prices or {}).get(k, "60000"))
        fixing = PublishedFixing("venue", "BTC/USDT:USDT", k * hours * HOUR, Fraction(0), hours, price)
        if k not in without:
            found.append(Observed(fixing, Fraction(premium)))
    return found


def rates(several: list[PublishedFixing]) -> list[Number]:
    return [fixing.rate for fixing in several]


def test_every_number_of_the_formula_belongs_to_a_part() -> None:
    told = [name for names in counterfactual._FORMULA_PARTS.values() for name in names]
    assert sorted(told) == sorted(f.name for f in fields(Formula))
    assert set(PARTS) == {"average", "payment", *counterfactual._FORMULA_PARTS}


def test_the_same_stamps_keep_each_interval_to_itself() -> None:
    found = decided(history("0.0008", "0.0016"), law(rule()))
    assert rates(found) == [Fraction("0.0001"), Fraction("0.0002")]
    assert [(f.at, f.interval_hours, f.price, f.price_error) for f in found] == [(HOUR, 1, 60_000, None), (2 * HOUR, 1, 60_000, None)]


@pytest.mark.parametrize(
    ("average", "expected"),
    [
        (Mean(), Fraction("0.0025")),
        (TimeMean(), Fraction("0.0025")),
        (Last(), Fraction("0.004")),
        (Mean(at_least=10_000), Fraction("0.0025")),
        (MedianMean(60, votes=15, at_least=10_000), Fraction("0.0025")),
        # five minutes 1..48: the k-th hour weighs the sum of its 12 numbers, of 1,176 in all
        (LinearMean(), Fraction(78 * 1 + 222 * 2 + 366 * 3 + 510 * 4, 1000 * 1176)),
    ],
    ids=lambda x: type(x).__name__,
)
def test_premiums_of_shorter_intervals_are_averaged(average: Reducer, expected: Fraction) -> None:
    """Hours of 0.001, 0.002, 0.003 and 0.004; no minute of them is missing, whatever the rule asks at least."""
    found = decided(history("0.001", "0.002", "0.003", "0.004"), law(rule(average, Formula(period=0)), 4))
    assert rates(found) == [expected]


def test_uneven_intervals_weigh_their_length() -> None:
    """Six hours of 0.001 and two of 0.005."""
    rows = history("0.001", "0.005", hours=8)
    rows = [
        replace(rows[0], fixing=replace(rows[0].fixing, at=6 * HOUR, interval_hours=6)),
        replace(rows[1], fixing=replace(rows[1].fixing, at=8 * HOUR, interval_hours=2)),
    ]
    assert rates(decided(rows, law(rule(), 8))) == [Fraction("0.002")]


def test_stamps_beside_the_grid_cost_no_more_than_a_bounded_number_of_samples() -> None:
    """An interval that ends one millisecond late would need 28.8 million equal steps to be cut exactly."""
    rows = history("0.001", "0.003", hours=4)
    late = replace(rows[0], fixing=replace(rows[0].fixing, at=4 * HOUR + 1))
    found = decided([late, rows[1]], law(rule(), 8))
    # one of 5760 steps may fall on either side
    assert abs(Fraction(found[0].rate) - Fraction("0.002")) <= Fraction("0.002") / 5760


def test_finer_stamps_share_the_premium_and_lie_between_the_prices() -> None:
    found = decided(history("0.0008", "0.0016", hours=8, prices={1: "60000", 2: "62000"}), law(rule(), 4))
    assert rates(found) == [Fraction("0.0004"), Fraction("0.0004"), Fraction("0.0008"), Fraction("0.0008")]
    assert [f.price for f in found] == [60_000, 60_000, 61_000, 62_000]
    assert [f.price_error for f in found] == [INF, None, Fraction(1000, 61_000), None]


def test_a_window_with_a_hole_is_not_decided_and_ends_the_memory() -> None:
    """Nine hours, the fifth missing; after it the cap on changes starts anew."""
    rows = history(*["0.0008"] * 4, "0", *["0.008"] * 4, without=(5,))
    found = decided(rows, law(rule(formula=Formula(period=8, change=Fraction("0.0001"))), 1))
    assert [f.at // HOUR for f in found] == [1, 2, 3, 4, 6, 7, 8, 9]
    assert rates(found)[3:5] == [Fraction("0.0001"), Fraction("0.001")]
    assert [f.at // HOUR for f in decided(rows, law(rule(), 4))] == [4]


def test_a_history_shorter_than_a_window_decides_nothing() -> None:
    assert decided(history("0.0008"), law(rule(), 8)) == []
    assert decided([], law(rule(), 8)) == []


def test_rules_that_decide_amounts_see_a_share_of_the_price() -> None:
    amounts = rule(
        formula=Formula(period=8, cap=Fraction("0.001"), floor=Fraction("-0.001")), settle=Settlement(unit="quote", price="none")
    )
    shares = rule(formula=Formula(period=8, cap=Fraction("0.001"), floor=Fraction("-0.001")))
    rows = history("0.0004", "0.04", "-0.04", prices={2: "70000"})
    assert rates(decided(rows, law(amounts))) == rates(decided(rows, law(shares)))


@pytest.mark.parametrize(
    ("observe", "average", "words"),
    [
        (Observe("skew"), Last(), "it looks at skew and not at a premium"),
        (Observe("none"), Last(), "it looks at none and not at a premium"),
        (Observe("outside"), Last(), "it looks at outside and not at a premium"),
        (LOOK, Velocity(1, 1), "its rate is carried on, and is no average"),
    ],
)
def test_rules_of_something_else_are_refused(observe: Observe, average: Reducer, words: str) -> None:
    with pytest.raises(InputError, match=words):
        decided(history("0.001"), law(Rule(observe, average, PLAIN)))


def test_an_average_with_memory_goes_on() -> None:
    found = decided(history("0.004", "0", "0"), law(rule(DecayMean(1.0), Formula(period=1))))
    assert found[0].rate == pytest.approx(0.004)  # the weights of a decay are doubles
    assert found[0].rate > found[1].rate > found[2].rate > 0


def test_whether_funding_accrues_follows_the_other_rule() -> None:
    assert [f.accrual for f in decided(history("0.001"), law(rule(settle=Settlement(flow="through"))))] == ["continuous"]


ONE = Regime(rule(), None)
OTHER = Regime(
    rule(
        LinearMean(), Formula("larger", interest=Fraction("0.0001"), times=2, cap=Fraction("0.01"), decimals=6), Settlement(flow="through")
    ),
    Schedule(8),
)


def test_exchanging_all_parts_gives_the_other_and_none_the_first() -> None:
    assert exchanged(ONE, OTHER, PARTS) == OTHER
    assert exchanged(ONE, OTHER, ()) == ONE


def test_a_climb_decides_by_each_step() -> None:
    rows = history(*["0.0008", "-0.0011", "0.0004"] * 8)
    one, other = law(ONE.rule), law(OTHER.rule, 8)
    climbed = list(climb(rows, one, other))
    assert [part for part, _ in climbed] == ["", *PARTS]
    assert climbed[0][1] == decided(rows, one)
    assert [fixings for _, fixings in climbed[1:]] == [decided(rows, step) for _, step in steps(one, other)]
    assert climbed[-1][1] == decided(rows, other)


def test_each_step_exchanges_one_part_more() -> None:
    walk = list(steps(lambda _: ONE, lambda _: OTHER))
    assert tuple(part for part, _ in walk) == PARTS
    assert walk[0][1](0).schedule == OTHER.schedule
    assert walk[0][1](0).rule.formula.period == 0
    assert walk[0][1](0).rule.formula.times == 1
    assert walk[-1][1](0) == OTHER
