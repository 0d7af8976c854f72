"""Does the call auction give the prices, fills and failures one can work out by hand?"""

from __future__ import annotations

import math
from fractions import Fraction

import pytest

from perpscope.errors import CatalogueError, InputError, NotEnoughData
from perpscope.market.number import INF
from perpscope.mechanisms.auction import Auction, Order, Tie, clear
from perpscope.mechanisms.decide import Formula
from perpscope.mechanisms.meter import Meter
from perpscope.mechanisms.observe import Observe
from perpscope.mechanisms.rule import Rule
from perpscope.mechanisms.window import Window

BIDS = [
    Order(Fraction(-10, 100_000), Fraction(10)),
    Order(Fraction(-15, 100_000), Fraction(10)),
    Order(Fraction(-20, 100_000), Fraction(20)),
    Order(Fraction(-25, 100_000), Fraction(30)),
]
ASKS = [Order(Fraction(k, 100_000), Fraction(-10)) for k in (10, 15, 20, 25)]
REPO = Rule(Observe("orders"), Auction("last", idle=Fraction(0)), Formula(times=-1))


def notices(longs: int, shorts: int) -> list[Order]:
    return [*([Order(INF, Fraction(longs))] if longs else []), *([Order(-INF, Fraction(-shorts))] if shorts else [])]


def window(orders: list[Order]) -> Window:
    return Window(0, 28_800_000, {"limit": [o.limit for o in orders], "quantity": [o.quantity for o in orders]})


@pytest.mark.parametrize(
    ("longs", "shorts", "price"),
    [(100, 80, Fraction(15, 100_000)), (80, 100, Fraction(-15, 100_000)), (10, 0, Fraction(10, 100_000)), (0, 41, Fraction(-25, 100_000))],
)
def test_the_page_s_book_clears_at_the_last_limit_met(longs: int, shorts: int, price: Fraction) -> None:
    """The venue's own table: 20 net are bought at 0.010 % and 0.015 %, all of it repriced to 0.015 %; mirrored for sales."""
    found = clear([*notices(longs, shorts), *BIDS, *ASKS])
    assert (found.price, found.left) == (price, 0)
    assert found.volume == max(longs, shorts)


def test_the_middle_lies_between_the_last_filled_and_the_first_that_was_not() -> None:
    found = clear([*notices(80, 100), *BIDS, *ASKS], "middle")
    assert found.price == Fraction(-175, 1_000_000)
    assert clear([*notices(80, 101), *BIDS, *ASKS], "middle").price == Fraction(-20, 100_000), "an order filled in part fixes the price"


def test_notices_cancel_each_other_before_the_book_is_touched() -> None:
    found = clear([*notices(30, 30), *BIDS, *ASKS])
    assert (found.price, found.volume, found.left) == (None, 30, 0)
    assert found.filled == (30, -30, *[0] * 8)


def test_at_one_limit_the_earliest_is_filled_first() -> None:
    later, earlier = Order(Fraction(1), Fraction(-4)), Order(Fraction(1), Fraction(-3))
    assert clear([Order(INF, Fraction(5)), earlier, later]).filled == (5, -3, -2)
    assert clear([Order(INF, Fraction(2)), Order(INF, Fraction(3)), Order(Fraction(1), Fraction(-4))]).filled == (2, 2, -4)


@pytest.mark.parametrize("tie", ["last", "middle"])
def test_a_thin_book_leaves_notices_over_and_keeps_the_last_fill(tie: Tie) -> None:
    short = clear([*notices(0, 100), *BIDS], tie)
    assert (short.price, short.volume, short.left) == (Fraction(-25, 100_000), 70, -30)
    long = clear([*notices(100, 0), *ASKS], tie)
    assert (long.price, long.volume, long.left) == (Fraction(25, 100_000), 40, 60)
    nobody = clear(notices(7, 0), tie)
    assert (nobody.price, nobody.volume, nobody.left) == (None, 0, 7)


def test_two_limits_that_meet_trade_in_the_middle_of_where_both_are_content() -> None:
    crossed = [Order(Fraction(5), Fraction(10)), Order(Fraction(1), Fraction(-10)), Order(Fraction(3), Fraction(-10))]
    for tie in ("last", "middle"):
        assert clear(crossed, tie).price == 2, "the seller at 3 is left out, so the price is at most 3"


def test_a_better_limit_left_out_moves_the_last_price() -> None:
    """The notice meets 1; the bid at 5 that found nobody would have paid more, and 7 is not met: the price is 5."""
    crossed = [
        Order(INF, Fraction(10)),
        Order(Fraction(5), Fraction(10)),
        Order(Fraction(1), Fraction(-10)),
        Order(Fraction(7), Fraction(-10)),
    ]
    assert clear(crossed, "last").price == 5
    assert clear(crossed, "middle").price == 6


@pytest.mark.parametrize("tie", ["last", "middle"])
def test_where_nothing_is_met_there_is_no_price(tie: Tie) -> None:
    for orders in ([], [Order(Fraction(1), Fraction(10))], [Order(Fraction(1), Fraction(10)), Order(Fraction(3), Fraction(-10))]):
        assert (clear(orders, tie).price, clear(orders, tie).volume) == (None, 0)


@pytest.mark.parametrize(
    ("limit", "quantity"),
    [(math.nan, 1.0), (0.0, math.nan), (0.0, 0.0), (0.0, INF), (-INF, 1.0), (INF, -1.0)],
)
def test_orders_that_are_none_are_refused_with_their_place(limit: float, quantity: float) -> None:
    with pytest.raises(InputError, match="order 1 of an auction"):
        clear([Order(0.0, 1.0), Order(limit, quantity)])


def test_unknown_ties_are_refused() -> None:
    with pytest.raises(CatalogueError, match="last, middle"):
        Auction("first")  # type: ignore[arg-type]  # the refusal is what is tested


def test_a_rule_turns_the_clearing_price_into_the_rate_and_keeps_the_fills() -> None:
    fixing = REPO.fix(window([*notices(80, 100), *BIDS, *ASKS]))
    assert fixing.rate == Fraction(15, 100_000)
    assert fixing.cleared is not None
    assert fixing.cleared.volume == 100
    assert fixing.terms.premium == Fraction(-15, 100_000)
    assert REPO.needs() == ("limit", "quantity")


def test_a_rule_takes_the_clearing_price_where_only_that_is_known() -> None:
    assert REPO.fix(Window.averaged(0, 28_800_000, Fraction(-15, 100_000))).rate == Fraction(15, 100_000)


def test_a_window_in_which_notices_cancel_has_the_idle_number_or_none() -> None:
    idle = window([*notices(30, 30), *BIDS, *ASKS])
    fixing = REPO.fix(idle)
    assert (fixing.rate, fixing.cleared) == (0, clear([*notices(30, 30), *BIDS, *ASKS]))
    with pytest.raises(NotEnoughData, match="nothing traded against a limit"):
        REPO.but(reduce=Auction("last")).fix(idle)


def test_a_rule_refuses_a_failed_delivery_by_its_quantity() -> None:
    with pytest.raises(NotEnoughData, match="30 found nobody"):
        REPO.fix(window([*notices(0, 100), *BIDS]))
    with pytest.raises(NotEnoughData, match="7 found nobody"):
        REPO.fix(window(notices(7, 0)))


def test_a_rule_names_the_columns_it_lacks() -> None:
    with pytest.raises(InputError, match="no column quantity"):
        REPO.fix(Window(0, 1, {"limit": [Fraction(0)]}))


def test_an_auction_is_no_running_average() -> None:
    with pytest.raises(InputError, match=r"Rule\.fix"):
        Meter(REPO, window([]))
