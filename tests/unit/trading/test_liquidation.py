"""Are positions reduced, taken over and deleveraged as venues describe it?"""

from __future__ import annotations

from fractions import Fraction

import pytest

from perpscope.errors import InputError
from perpscope.market.brackets import Brackets
from perpscope.market.contract import Contract
from perpscope.market.number import INF
from perpscope.trading.deleverage import (
    Opposite,
    deleverage_pro_rata,
    deleverage_queue,
    haircut_pro_rata,
    haircut_queue,
    queue,
    score,
    share_out,
)
from perpscope.trading.liquidation import ByFraction, ByTier, bearable, reduce_until_safe, take_over
from perpscope.trading.margin import Holding, Requirement

LINEAR = Contract("linear", "USDT")
TABLE = Brackets.of([(1000, Fraction("0.01"), None), (5000, Fraction("0.05"), None), (INF, Fraction("0.1"), None)], marginal=False)
ASKED = Requirement(TABLE)
LONG = Holding(LINEAR, 100, Fraction(100))


def test_one_tier_down_is_enough_where_the_margin_suffices_there() -> None:
    """10,000 asks 10 %, 5,000 asks 5 %: with 900 of equity half the position goes, and 900 >= 250."""
    found = reduce_until_safe(LONG, ASKED, Fraction(900), Fraction(100), ByTier())
    assert found.left is not None
    assert (found.left.quantity, found.closed, found.steps, found.restored) == (50, 50, 1, True)
    assert (found.realised, found.fees, found.margin) == (0, 0, 900)


def test_losses_are_realised_and_fees_paid_from_the_margin() -> None:
    asked = Requirement(TABLE, Fraction("0.001"))
    found = reduce_until_safe(LONG, asked, Fraction(1500), Fraction(94), ByTier(), fill=Fraction(93))
    assert found.left is not None
    assert (found.closed, found.realised, found.fees) == (47, 47 * -7, 47 * 93 * Fraction("0.001"))
    assert found.margin == 1500 - 329 - Fraction("4.371")


def test_two_tiers_at_a_time_and_closing_all_from_the_lowest() -> None:
    found = reduce_until_safe(LONG, ASKED, Fraction(200), Fraction(100), ByTier(2))
    assert found.left is not None
    assert (found.left.quantity, found.steps) == (10, 1)
    lowest = reduce_until_safe(Holding(LINEAR, 10, Fraction(100)), ASKED, Fraction(5), Fraction(100), ByTier())
    assert (lowest.left, lowest.closed, lowest.restored, lowest.margin) == (None, 10, False, 5)


def test_a_fifth_at_a_time_until_it_suffices() -> None:
    """10,000, then 8,000, 6,400, 5,120 ask 10 %; 4,090 asks 5 % and 300 is enough: lots of one contract, rounded up."""
    found = reduce_until_safe(LONG, ASKED, Fraction(300), Fraction(100), ByFraction(Fraction(1, 5), 1000))
    assert found.left is not None
    assert (found.left.quantity, found.steps) == (40, 4)


def test_small_positions_are_closed_whole() -> None:
    found = reduce_until_safe(LONG, ASKED, Fraction(300), Fraction(100), ByFraction(Fraction(1, 5), 10_000))
    assert (found.left, found.closed, found.steps) == (None, 100, 1)


def test_lots_are_rounded_up() -> None:
    found = reduce_until_safe(LONG, ASKED, Fraction(900), Fraction(100), ByTier(), lot=30)
    assert found.closed == 60


def test_a_sound_position_is_left_alone_and_funding_stays_with_it() -> None:
    held = Holding(LINEAR, 100, Fraction(100), Fraction(-50))
    found = reduce_until_safe(held, ASKED, Fraction(1050), Fraction(100), ByTier())
    assert (found.left, found.closed, found.steps, found.restored) == (held, 0, 0, True)
    closed = reduce_until_safe(held, ASKED, Fraction(60), Fraction(100), ByFraction(1))
    assert (closed.left, closed.margin) == (None, 10)


def test_a_table_by_contracts_is_reduced_by_contracts() -> None:
    table = Brackets.of([(10, Fraction("0.01"), None), (INF, Fraction("0.1"), None)], measure="contracts", marginal=False)
    found = reduce_until_safe(Holding(LINEAR, 25, Fraction(100)), Requirement(table), Fraction(50), Fraction(100), ByTier())
    assert found.left is not None
    assert found.left.quantity == 10


@pytest.mark.parametrize(("fill", "fund", "after", "missing"), [(92, 10, 210, 0), (89, 150, 50, 0), (88, 150, 0, 50), (90, 0, 0, 0)])
def test_the_fund_takes_the_difference_to_the_bankruptcy_price(fill: int, fund: int, after: int, missing: int) -> None:
    found = take_over(LONG, 1000, 90, fill, fund)
    assert (found.lost, found.fund, found.missing) == (1000, after, missing)


def test_how_many_contracts_the_fund_can_bear() -> None:
    assert bearable(LONG, 90, 88, 150) == bearable(LONG, 90, 88, 151) == 75
    assert bearable(LONG, 90, 88, 0) == 0
    assert bearable(LONG, 90, 91, 0) == 100
    assert bearable(LONG, 90, 88, 10_000) == 100


OTHERS = [
    Opposite("calm", -40, Fraction(100), Fraction(4000)),
    Opposite("bold", -50, Fraction(110), Fraction(1000)),
    Opposite("late", -30, Fraction(85), Fraction(300)),
]


def test_the_score_is_profit_times_leverage_and_a_loss_divided_by_it() -> None:
    """BitMEX, support 18589621443357. At 88: calm 12 % at 0.88x, bold 20 % at 4.4x, late -3.5 % at 8.8x."""
    scores = [score(LINEAR, one, Fraction(88)) for one in OTHERS]
    assert scores == [Fraction(12, 100) * Fraction(88, 100), Fraction(22, 110) * Fraction(44, 10), Fraction(-3, 85) / Fraction(88, 10)]
    assert [one.account for one in queue(LINEAR, OTHERS, Fraction(88))] == ["bold", "calm", "late"]


def test_the_other_index_and_accounts_without_equity() -> None:
    """Hyperliquid, trading/auto-deleveraging: (mark / entry) x (notional / account value); entry / mark for shorts is assumed."""
    assert score(LINEAR, OTHERS[0], Fraction(88), "price_ratio") == Fraction(100, 88) * Fraction(88, 100)
    broke = Opposite("broke", -1, Fraction(110), Fraction(0))
    assert queue(LINEAR, [*OTHERS, broke], Fraction(88))[0] is broke
    assert score(LINEAR, Opposite("lost", -1, Fraction(80), Fraction(-1)), Fraction(88)) == -INF


def test_the_queue_closes_the_first_and_part_of_the_next() -> None:
    found = deleverage_queue(LINEAR, 70, OTHERS, Fraction(90), Fraction(88))
    assert [(one.account, one.closed, one.left) for one in found.closures] == [("bold", -50, 0), ("calm", -20, -20)]
    assert [one.profit for one in found.closures] == [1000, 200]
    assert (found.given_up, found.open, found.beyond) == (140, 0, 0)


def test_whole_positions_close_beyond_what_is_needed() -> None:
    found = deleverage_queue(LINEAR, 70, OTHERS, Fraction(90), Fraction(88), whole=True)
    assert [(one.account, one.left) for one in found.closures] == [("bold", 0), ("calm", 0)]
    assert (found.beyond, found.given_up) == (20, 180)


def test_what_nobody_holds_stays_open() -> None:
    assert deleverage_queue(LINEAR, 200, OTHERS, Fraction(90), Fraction(88)).open == 80
    assert deleverage_pro_rata(LINEAR, 200, OTHERS, Fraction(90), Fraction(88)).open == 80
    assert deleverage_queue(LINEAR, 5, [], Fraction(90), Fraction(88)).open == 5


def test_pro_rata_closes_the_same_share() -> None:
    """70 of 120: 23.33, 29.17, 17.5; the largest remainder is late's."""
    found = deleverage_pro_rata(LINEAR, 70, OTHERS, Fraction(90), Fraction(88))
    assert [(one.account, one.closed) for one in found.closures] == [("calm", -23), ("bold", -29), ("late", -18)]


def test_haircuts() -> None:
    assert haircut_queue(100, [60, -5, 70, 40]) == haircut_queue(100, [60, 0, 70, 40])
    assert (haircut_queue(100, [60, -5, 70, 40]).taken, haircut_queue(100, [60, -5, 70, 40]).overshoot) == ((60, 0, 70, 0), 30)
    assert (haircut_pro_rata(100, [60, -5, 70, 40]).taken, haircut_pro_rata(100, [60, 0]).uncovered) == ((35, 0, 41, 24), 40)


def test_largest_remainders() -> None:
    assert share_out(10, [1, 1, 1]) == (4, 3, 3)
    assert share_out(0, [0, 0]) == (0, 0)
    assert share_out(3, [0, 5]) == (0, 3)


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: deleverage_queue(LINEAR, -70, OTHERS, 90, 88), "calm, bold, late stand on the side"),
        (lambda: deleverage_pro_rata(LINEAR, 0, OTHERS, 90, 88), "a failed position of 0"),
        (lambda: Opposite("x", 0, 1, 1), "0 contracts"),
        (lambda: Opposite("x", 1, -1, 1), "entered at -1"),
        (lambda: haircut_queue(-1, []), "a deficit: -1"),
        (lambda: share_out(3, [0, 0]), "weights that sum to 0"),
        (lambda: share_out(3, [5, -1]), "weights of 0 or more"),
        (lambda: ByTier(0), "0 tiers at a time"),
        (lambda: ByFraction(0), "by fraction: 0"),
        (lambda: ByFraction(1.5), "by fraction: 1.5"),
        (lambda: reduce_until_safe(LONG, ASKED, 1, 100, ByTier(), lot=0), "a lot of 0"),
        (lambda: take_over(LONG, 1, 90, 88, -1), "an insurance fund: -1"),
    ],
)
def test_what_cannot_be_is_refused_in_its_own_words(make: object, says: str) -> None:
    with pytest.raises(InputError, match=says):
        make()  # type: ignore[operator]  # a table of calls
