"""Does the daily charge follow from who would rather deliver, and does the base carry it to the next day?"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import pytest

from perpscope.errors import InputError, NotEnoughData
from perpscope.market.number import INF
from perpscope.trading.carrying import Day, Trade, carry_days, fix_carry


def f(text: str) -> Fraction:
    return Fraction(text)


OPENING = Day(f("100.00"), (Trade("long", "short", f("100.00"), Fraction(1)),), {"long": f("0.01"), "short": f("0.01")})


def test_the_article_s_day() -> None:
    """Close 100.00 and a charge of 0.01 %: the base is 100.01, and at an unchanged 100.00 the long loses 0.01."""
    first, second = carry_days([OPENING, Day(f("100.00"), limits={"long": f("0.01"), "short": f("0.01")})])
    assert first.carry is not None
    assert (first.carry.charge, first.carry.rate, first.carry.next_base) == (f("0.01"), f("0.0001"), f("100.01"))
    assert (first.base, first.variation) == (None, {"long": 0, "short": 0})
    assert second.base == f("100.01")
    assert second.variation == {"long": f("-0.01"), "short": f("0.01")}


def test_a_short_who_asks_more_delivers_and_a_long_who_offers_less_receives() -> None:
    found = fix_carry(f("100"), longs=[(f("3"), f("5")), (f("1"), f("5"))], shorts=[(f("0"), f("6")), (f("2"), f("4"))])
    assert (found.charge, found.deliveries, found.receipts, found.carried) == (1, 4, 4, 6)
    assert (found.delivering, found.receiving) == ((0, 4), (0, 4))


def test_where_everybody_is_content_the_middle_is_fixed_and_nobody_delivers() -> None:
    found = fix_carry(f("100"), longs=[(f("3"), f("5"))], shorts=[(f("1"), f("5"))])
    assert (found.charge, found.deliveries, found.carried, found.next_base) == (2, 0, 5, 102)


def test_where_gold_is_wanted_shorts_pay() -> None:
    """Longs who would rather have the gold bid below zero: shorts that will not deliver pay them to wait."""
    found = fix_carry(f("100"), longs=[(f("-2"), f("5"))], shorts=[(f("-3"), f("5"))])
    assert (found.charge, found.next_base) == (f("-2.5"), f("97.5"))


def test_who_delivers_at_any_charge_leaves_a_long_to_receive() -> None:
    """Seven lots can be carried: the long that pays 3 is, and 2 of the one that pays 1, who sets the charge."""
    found = fix_carry(f("100"), longs=[(f("3"), f("5")), (f("1"), f("5"))], shorts=[(INF, f("3")), (-INF, f("7"))])
    assert (found.charge, found.delivering, found.receiving, found.forced) == (1, (3, 0), (0, 3), 0)


def test_between_who_is_carried_and_who_is_not_the_middle_is_fixed() -> None:
    """A long that pays anything meets the short that asks 2; the other short asks 6, the other long pays 1: 2 to 6 leave all content."""
    found = fix_carry(f("100"), longs=[(INF, f("5")), (f("1"), f("5"))], shorts=[(f("2"), f("5")), (f("6"), f("5"))])
    assert (found.charge, found.receiving, found.delivering) == (4, (0, 5), (0, 5))


def test_a_long_that_would_pay_anything_must_receive_where_shorts_deliver() -> None:
    found = fix_carry(f("100"), longs=[(INF, f("5"))], shorts=[(INF, f("3")), (f("1"), f("2"))])
    assert (found.charge, found.receiving, found.forced) == (1, (3,), 3)
    found = fix_carry(f("100"), longs=[(-INF, f("3")), (f("1"), f("2"))], shorts=[(-INF, f("5"))])
    assert (found.charge, found.delivering, found.forced) == (1, (3,), -3)


def test_of_equal_limits_the_earliest_is_carried() -> None:
    found = fix_carry(f("100"), longs=[(f("1"), f("2")), (f("1"), f("3"))], shorts=[(f("1"), f("3")), (f("2"), f("2"))])
    assert (found.charge, found.receiving, found.delivering) == (1, (0, 2), (0, 2))


def test_limits_that_are_the_charge_are_carried() -> None:
    found = fix_carry(f("100"), longs=[(f("1"), f("2"))], shorts=[(f("1"), f("2"))])
    assert (found.charge, found.carried, found.deliveries) == (1, 2, 0)


def test_where_nobody_agrees_all_is_delivered_and_nothing_is_charged() -> None:
    found = fix_carry(f("100"), longs=[(f("1"), f("2"))], shorts=[(f("3"), f("2"))])
    assert (found.charge, found.rate, found.next_base, found.carried, found.deliveries, found.receipts) == (None, None, None, 0, 2, 2)
    after = carry_days([Day(f("100"), OPENING.trades, {"long": f("1"), "short": f("2")}), Day(f("101"))])
    assert after[0].delivered == {"long": 1, "short": -1}
    assert (after[1].base, after[1].variation, after[1].positions) == (None, {}, {})


def test_a_run_of_three_days() -> None:
    """Worked by hand.

    Day 1: a and b are long 2 and 3 from 100, c short 5; close 101. At most 4 and 1, at least 2: a is carried, c only in part,
    which fixes the charge at his 2; b takes delivery from c. Day 2, from the base 103: close 102; a loses 1 on each of 2, sells
    1 to d at 101 and loses 1 more; d gains 1. All are carried at the middle of 0 and 4. Day 3, from 104: close 103; a short's
    least of 7 is more than all pay.
    """
    days = [
        Day(
            f("101"),
            (Trade("a", "c", f("100"), Fraction(2)), Trade("b", "c", f("100"), Fraction(3))),
            {"a": f("4"), "b": f("1"), "c": f("2")},
        ),
        Day(f("102"), (Trade("d", "a", f("101"), Fraction(1)),), {"a": f("5"), "d": f("4"), "c": f("0")}),
        Day(f("103"), (), {"a": f("1"), "d": f("6"), "c": f("7")}),
    ]
    one, two, three = carry_days(days)
    assert one.variation == {"a": 2, "b": 3, "c": -5}
    assert (one.delivered, one.positions) == ({"b": 3, "c": -3}, {"a": 2, "c": -2})
    assert one.carry is not None
    assert (one.carry.charge, one.carry.next_base) == (2, 103)
    assert two.base == 103
    assert two.variation == {"a": -3, "c": 2, "d": 1}
    assert two.carry is not None
    assert (two.carry.charge, two.delivered, two.positions) == (2, {}, {"a": 1, "c": -2, "d": 1})
    assert three.variation == {"a": -1, "c": 2, "d": -1}
    assert three.carry is not None
    assert (three.carry.charge, three.delivered, three.positions) == (None, {"a": 1, "c": -2, "d": 1}, {})


def test_nothing_open_has_no_charge_and_no_base() -> None:
    first, second = carry_days([Day(f("100")), OPENING])
    assert (first.carry, first.positions, first.variation) == (None, {}, {})
    assert second.base is None
    closed = carry_days([OPENING, Day(f("100"), (Trade("short", "long", f("100"), Fraction(1)),))])[1]
    assert (closed.carry, closed.positions) == (None, {})
    assert closed.variation == {"long": f("-0.01"), "short": f("0.01")}


@pytest.mark.parametrize(
    ("close", "longs", "shorts", "message"),
    [
        (0.0, [(0.0, 1.0)], [(0.0, 1.0)], "settlement price of 0"),
        (math.nan, [(0.0, 1.0)], [(0.0, 1.0)], "settlement price of nan"),
        (100.0, [(0.0, 1.0)], [(0.0, 2.0)], r"open longs 1\.0, open shorts 2\.0"),
        (100.0, [(math.nan, 1.0)], [(0.0, 1.0)], "a long to be carried"),
        (100.0, [(0.0, 1.0)], [(0.0, -1.0)], "a short to be carried"),
    ],
)
def test_bad_numbers_are_refused(close: float, longs: list[Any], shorts: list[Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        fix_carry(close, longs, shorts)


def test_a_charge_that_nobody_limits_is_not_invented() -> None:
    with pytest.raises(NotEnoughData, match="any charge would do"):
        fix_carry(f("100"), [(INF, f("1"))], [(-INF, f("1"))])
    with pytest.raises(NotEnoughData, match="any charge would do"):
        carry_days([Day(f("100"), OPENING.trades)])


@pytest.mark.parametrize(("most", "least", "charge"), [(INF, Fraction(1), 1), (Fraction(3), -INF, 3)])
def test_one_side_s_limit_alone_is_the_charge(most: Any, least: Any, charge: int) -> None:  # noqa: ANN401 - a fraction or an infinity
    assert fix_carry(f("100"), [(most, f("1"))], [(least, f("1"))]).charge == charge


def test_who_holds_nothing_has_no_say() -> None:
    with pytest.raises(InputError, match="a holds nothing"):
        carry_days([Day(f("100"), limits={"a": f("1")})])


@pytest.mark.parametrize("trade", [Trade("a", "a", 1.0, 1.0), Trade("a", "b", 0.0, 1.0), Trade("a", "b", 1.0, -1.0)])
def test_a_deal_that_is_none_is_refused(trade: Trade) -> None:
    with pytest.raises(InputError, match="two accounts, a price and a quantity above 0"):
        carry_days([Day(100.0, (trade,))])
