"""Does the net of the notices sweep the right side of the repo book, at one price, with the right sign?"""

from __future__ import annotations

import math
from fractions import Fraction

import pytest

from perpscope.errors import InputError
from perpscope.mechanisms.repo import Fill, Quote, clear_repo

Pair = tuple[Fraction, Fraction]


def rate(hundred_thousandths: int) -> Fraction:
    return Fraction(hundred_thousandths, 100_000)


BIDS = [(rate(-10), Fraction(10)), (rate(-15), Fraction(10)), (rate(-20), Fraction(20)), (rate(-25), Fraction(30))]
ASKS = [(rate(10), Fraction(10)), (rate(15), Fraction(10)), (rate(20), Fraction(10)), (rate(25), Fraction(10))]


def test_more_longs_deliver_and_shorts_pay() -> None:
    """The page's own example: 100 - 80 = 20 are bought, all at 0.015 %, and the funding rate is -0.015 %."""
    found = clear_repo(100, 80, BIDS, ASKS)
    assert (found.net_delivery, found.clearing_price, found.funding_rate) == (20, rate(15), rate(-15))
    assert found.fills == (Fill("ask", rate(10), Fraction(10), rate(15)), Fill("ask", rate(15), Fraction(10), rate(15)))
    assert (found.undelivered, found.failed, found.rejected) == (0, False, ())


def test_more_shorts_deliver_and_longs_pay() -> None:
    found = clear_repo(80, 100, BIDS, ASKS)
    assert (found.net_delivery, found.clearing_price, found.funding_rate) == (-20, rate(-15), rate(15))
    assert [(fill.side, fill.quantity, fill.price) for fill in found.fills] == [("bid", 10, rate(-15))] * 2


def test_the_sign_is_that_of_the_venue_s_own_sample() -> None:
    """Its API reference shows netDeliver -5.1 beside an estimated rate of +0.0001: shorts deliver, longs pay."""
    found = clear_repo(0, Fraction("5.1"), [(Fraction("-0.0001"), Fraction(6))], [])
    assert (found.net_delivery, found.funding_rate) == (Fraction("-5.1"), Fraction("0.0001"))


def test_the_last_order_is_filled_in_part_and_unsorted_books_are_sorted() -> None:
    found = clear_repo(25, 0, [], ASKS[::-1])
    assert [(fill.rate, fill.quantity) for fill in found.fills] == [(rate(10), 10), (rate(15), 10), (rate(20), 5)]
    assert {fill.price for fill in found.fills} == {rate(20)}


def test_at_one_rate_the_earliest_is_filled_first() -> None:
    found = clear_repo(4, 0, [], [(rate(1), Fraction(3)), (rate(1), Fraction(2))])
    assert [fill.quantity for fill in found.fills] == [3, 1]


def test_a_thin_book_fails_and_its_rate_is_not_known() -> None:
    found = clear_repo(0, 100, BIDS, ASKS)
    assert (found.failed, found.undelivered, found.clearing_price, found.funding_rate) == (True, 30, rate(-25), None)
    assert sum(fill.quantity for fill in found.fills) == 70
    assert clear_repo(0, 100, BIDS, ASKS, failure_rate=Fraction(1, 100)).funding_rate == Fraction(1, 100)


def test_an_empty_book_fails_without_a_price() -> None:
    found = clear_repo(3, 0, BIDS, [])
    assert (found.failed, found.undelivered, found.clearing_price, found.funding_rate, found.fills) == (True, 3, None, None, ())


def test_the_rate_of_a_failure_plays_no_part_where_all_is_delivered() -> None:
    assert clear_repo(70, 100, BIDS, ASKS, failure_rate=1).funding_rate == rate(20)


@pytest.mark.parametrize("both", [0, 50])
def test_where_both_sides_deliver_alike_nothing_trades_and_nobody_pays(both: int) -> None:
    found = clear_repo(both, both, BIDS, ASKS)
    assert (found.net_delivery, found.clearing_price, found.funding_rate, found.fills, found.failed) == (0, None, 0, (), False)
    assert clear_repo(both, both, BIDS, ASKS, idle_rate=None).funding_rate is None


def test_bids_above_zero_and_offers_below_it_take_no_part() -> None:
    wrong = [(rate(1), Fraction(5)), (rate(0), Fraction(5))]
    found = clear_repo(0, 5, wrong, [])
    assert found.fills == (Fill("bid", rate(0), Fraction(5), rate(0)),)
    assert found.rejected == (Quote("bid", rate(1), Fraction(5)),)
    found = clear_repo(6, 0, [], [(rate(-1), Fraction(5)), (rate(0), Fraction(5))])
    assert (found.undelivered, found.clearing_price) == (1, 0)
    assert found.rejected == (Quote("ask", rate(-1), Fraction(5)),)


def test_what_is_rejected_is_told_whichever_side_is_swept() -> None:
    found = clear_repo(1, 0, [(rate(3), Fraction(1))], [(rate(1), Fraction(1)), (rate(-3), Fraction(1))])
    assert [quote.side for quote in found.rejected] == ["bid", "ask"]


def test_a_price_of_nothing_is_a_plain_zero() -> None:
    found = clear_repo(1.0, 0.0, [], [(0.0, 2.0)])
    assert found.funding_rate == 0
    assert math.copysign(1, float(found.funding_rate)) == 1


@pytest.mark.parametrize(
    ("longs", "shorts", "bids", "message"),
    [
        (-1, 0, [], "delivery by longs"),
        (0, math.inf, [], "delivery by shorts"),
        (0, math.nan, [], "delivery by shorts"),
        (0, 0, [(0.0, 0.0)], "a repo bid"),
        (0, 0, [(0.0, -1.0)], "a repo bid"),
        (0, 0, [(math.nan, 1.0)], "a repo bid"),
        (0, 0, [(-math.inf, 1.0)], "a repo bid"),
        (0, 0, [(0.0, math.inf)], "a repo bid"),
    ],
)
def test_what_is_no_delivery_and_no_order_is_refused(longs: float, shorts: float, bids: list[tuple[float, float]], message: str) -> None:
    with pytest.raises(InputError, match=message):
        clear_repo(longs, shorts, bids, [])
