"""Which laws does every rule of the catalogue obey, whatever its numbers?

Tried on the rule's own numbers, in exact fractions, at premiums drawn from a seed that is the rule's id.
"""

from __future__ import annotations

import dataclasses
import math
import random
from fractions import Fraction
from typing import Any

from perpscope.catalogue.dated import DatedRule
from perpscope.market.contract import Contract
from perpscope.market.number import INF, Number, magnitude
from perpscope.mechanisms.decide import Formula, Terms, decide
from perpscope.mechanisms.rule import Rule
from perpscope.mechanisms.settle import Settlement, charge, payment
from tests.conformance.cases import examples

AMOUNTS = ("interest", "damper", "knee1", "knee2", "add", "floor", "cap", "change")
"""Numbers of a formula that are premiums or rates themselves."""
NAN = float("nan")
LINEAR = Contract("linear", "USD", Fraction(1))


def built(dated: DatedRule) -> Rule:
    """Build a rule with the numbers of its first example, in fractions."""
    return examples(dated.venue, dated.id)[0].build()


def drawn(dated: DatedRule) -> list[Fraction]:
    """Premiums of every size, in rising order."""
    dice = random.Random(dated.id)  # noqa: S311 - a seed, not a secret
    return sorted(Fraction(dice.randint(-(10**6), 10**6), 10 ** dice.choice((6, 7, 8, 9))) for _ in range(60))


def terms(formula: Formula, premium: Number, hours: Number = Fraction(8), before: Number = NAN) -> Terms:
    return decide(premium, hours, before, *dataclasses.replace(formula, decimals=-1).numbers())


def with_amounts(formula: Formula, **changed: Number) -> Formula:
    return dataclasses.replace(formula, **changed)  # type: ignore[arg-type]  # numbers by name


class RateLaws:
    """What holds for the rate of every rule."""

    def test_the_rate_stays_inside_its_limits(self, rule: DatedRule) -> None:
        formula = built(rule).formula
        for hours in (Fraction(1), Fraction(4), Fraction(8)):
            share = hours / formula.limit_per if formula.limit_per else 1
            for premium in (*drawn(rule), Fraction(-10), Fraction(10)):
                limited = terms(formula, premium, hours).limited
                assert formula.floor * share <= limited <= formula.cap * share

    def test_a_higher_premium_never_lowers_the_rate(self, rule: DatedRule) -> None:
        formula = built(rule).formula
        rates = [terms(formula, premium).limited for premium in drawn(rule)]
        assert rates == sorted(rates, reverse=formula.times < 0)

    def test_scale(self, rule: DatedRule) -> None:
        """All premiums and rates three times as large: so is the result."""
        formula = built(rule).formula
        scaled = with_amounts(formula, **{name: 3 * getattr(formula, name) for name in AMOUNTS})
        for premium in drawn(rule):
            assert terms(scaled, 3 * premium).slowed == 3 * terms(formula, premium).slowed

    def test_shift(self, rule: DatedRule) -> None:
        """Premium and interest both higher by x: the pulled premium is higher by x."""
        formula = built(rule).formula
        if formula.combine != "pull" or math.isfinite(formula.knee1):
            return  # the law is one of rules that pull a premium they do not bend
        x = Fraction(7, 10_000)
        per = formula.interest_per or formula.period or Fraction(8)
        shifted = with_amounts(formula, interest=formula.interest + x * per / (formula.period or Fraction(8)), interest_per=per)
        for premium in drawn(rule):
            assert terms(shifted, premium + x).clamped == terms(formula, premium).clamped + x

    def test_symmetry(self, rule: DatedRule) -> None:
        """Everything of the other sign, floor and cap exchanged: the rate is of the other sign."""
        formula = built(rule).formula
        if formula.combine == "larger":
            return  # the larger of two is not the larger of their negatives
        mirrored = with_amounts(formula, interest=-formula.interest, add=-formula.add, floor=-formula.cap, cap=-formula.floor)
        for premium in drawn(rule):
            assert terms(mirrored, -premium).slowed == -terms(formula, premium).slowed

    def test_the_cap_on_changes(self, rule: DatedRule) -> None:
        formula = built(rule).formula
        before = Fraction(1, 1000)
        if formula.change == INF or formula.keep:
            return
        for premium in drawn(rule):
            assert magnitude(terms(formula, premium, before=before).slowed - before) <= formula.change


class PaymentLaws:
    """What holds for the payments of every rule."""

    def test_nobody_without_a_position_pays(self, rule: DatedRule) -> None:
        for settle, value in self._charges(rule):
            assert payment(_owed(settle, value), Fraction(0), settle) == 0

    def test_twice_the_position_pays_twice(self, rule: DatedRule) -> None:
        for settle, value in self._charges(rule):
            plain = dataclasses.replace(settle, money_grains=0)
            owed = _owed(plain, value)
            for quantity in (Fraction(3), Fraction(-3)):
                assert payment(owed, 2 * quantity, plain) == 2 * payment(owed, quantity, plain)

    def test_what_one_side_pays_the_other_gets_or_a_third_party_is_named(self, rule: DatedRule) -> None:
        for settle, value in self._charges(rule):
            plain = dataclasses.replace(settle, money_grains=0)
            total = payment(_owed(plain, value), Fraction(5), plain) + payment(_owed(plain, value), Fraction(-5), plain)
            if settle.sides == "both_pay":
                assert total <= 0
                assert settle.to != "venue", "who takes it is said"
            else:
                assert total == 0

    def test_longs_pay_a_positive_rate(self, rule: DatedRule) -> None:
        for settle, value in self._charges(rule):
            received = payment(_owed(dataclasses.replace(settle, money_grains=0, index_grains=0), value), Fraction(5), settle)
            assert (received < 0) == (value > 0)

    def test_money_in_grains_is_off_by_less_than_one(self, rule: DatedRule) -> None:
        for settle, value in self._charges(rule):
            if settle.money_grains:
                plain = dataclasses.replace(settle, money_grains=0)
                owed = _owed(plain, value)
                for quantity in (Fraction(7, 3), Fraction(-7, 3)):
                    cut = payment(owed, quantity, settle)
                    assert magnitude(cut - payment(owed, quantity, plain)) < Fraction(1) / Fraction(settle.money_grains)
                    assert (cut * settle.money_grains).denominator == 1  # type: ignore[union-attr]  # fractions throughout

    @staticmethod
    def _charges(rule: DatedRule) -> list[tuple[Settlement, Fraction]]:
        settle = built(rule).settle
        values = (Fraction(3, 10_000),) if settle.sides == "both_pay" else (Fraction(3, 10_000), Fraction(-3, 10_000))
        return [(settle, value) for value in values]


def _owed(settle: Settlement, value: Fraction) -> Any:  # noqa: ANN401 - a charge
    price = None if settle.price == "none" and settle.unit == "rate" else Fraction(50_000)
    return charge(value, settle, LINEAR, price, long_open=Fraction(5), short_open=Fraction(5))
