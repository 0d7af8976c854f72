"""Does a virtual market maker trade as the first of its kind did?"""

from __future__ import annotations

from fractions import Fraction

import pytest

from perpscope.errors import InputError, NotEnoughData
from perpscope.mechanisms.virtual_amm import Growth, VirtualAmm, time_weighted

WEI = Fraction(10**18)
POOL = VirtualAmm(Fraction(1000), Fraction(100), WEI)
"""Reserves of the protocol's tests, perpetual-protocol tests/integration/clearingHouse @bf5adf65: 1000 : 100."""


def test_the_prices_that_the_protocols_tests_write_beside_their_trades() -> None:
    """300 in: 1300 : 76.92, price 16.9; 300 more: 1600 : 62.5, price 25.6; then 1200 out: 187.5 sold, price 1.6."""
    pool, first = POOL.with_quote(Fraction(300))
    assert round(float(pool.base), 2) == 76.92
    assert round(float(pool.price), 1) == 16.9
    pool, second = pool.with_quote(Fraction(300))
    assert (pool.quote, pool.price) == (1600, Fraction("25.6") - 1 / WEI)
    assert (pool.base - Fraction("62.5"), first + second) == (1 / WEI, Fraction("37.5") - 1 / WEI)
    pool, sold = POOL.with_quote(Fraction(600))[0].with_quote(Fraction(-1200))
    assert (sold, pool.price) == (Fraction("-187.5"), Fraction("1.6"))


def test_what_does_not_divide_is_to_the_traders_loss() -> None:
    """1000 x 100 / 1300 = 76.923076923076923076(9..): the pool keeps the grain above, for a buyer and for a seller."""
    pool, bought = POOL.with_quote(Fraction(300))
    assert bought == Fraction(23_076_923_076_923_076_923, 10**18)
    assert pool.base == Fraction(76_923_076_923_076_923_077, 10**18)
    pool, sold = POOL.with_quote(Fraction(-300))
    assert -sold == Fraction(42_857_142_857_142_857_143, 10**18)
    pool, paid = POOL.with_base(Fraction(30))
    assert paid == Fraction(428_571_428_571_428_571_429, 10**18)
    pool, received = POOL.with_base(Fraction(-30))
    assert -received == Fraction(230_769_230_769_230_769_230, 10**18)


def test_nothing_traded_changes_nothing_and_more_than_there_is_cannot_be() -> None:
    assert POOL.with_quote(Fraction(0)) == (POOL, 0)
    assert POOL.with_base(Fraction(0)) == (POOL, 0)
    for trade, amount in ((POOL.with_quote, -1000), (POOL.with_base, 100), (POOL.with_base, 101)):
        with pytest.raises(InputError, match="virtual pool"):
            trade(Fraction(amount))
    with pytest.raises(InputError, match="reserves"):
        VirtualAmm(0, 1)


def test_a_deeper_pool_has_the_same_price_and_moves_less() -> None:
    deep = POOL.scaled(Fraction(10))
    assert (deep.price, deep.product) == (POOL.price, 100 * POOL.product)
    assert deep.with_quote(Fraction(300))[0].price < POOL.with_quote(Fraction(300))[0].price


@pytest.mark.parametrize(
    ("now", "length", "found"),
    [
        (1000, 100, "20"),
        (1000, 400, "17.5"),
        (1000, 1000, "13"),
        (1000, 9999, "13"),
        (700, 500, "10"),
        (9999, 100, "20"),
    ],
)
def test_a_price_is_weighed_by_the_time_it_stood(now: int, length: int, found: str) -> None:
    """10 from 0, 20 from 700; before the first price there is nothing to weigh."""
    history = ([0, 700], [Fraction(10), Fraction(20)]) if now > 700 else ([0], [Fraction(10)])
    assert time_weighted(*history, now, length) == Fraction(found)


def test_a_time_weighted_price_in_grains_and_without_prices() -> None:
    assert time_weighted([0, 1], [Fraction(1), Fraction(2)], 3, 3) == Fraction(5, 3)
    assert time_weighted([0, 1], [Fraction(1), Fraction(2)], 3, 3, Fraction(100)) == Fraction(166, 100)
    for at in ([], [5]):
        with pytest.raises(NotEnoughData, match="no price"):
            time_weighted(at, [Fraction(1)] * len(at), 3, 3)


def test_growth_takes_the_averages_of_an_update_for_all_the_time_before_it() -> None:
    start = Growth(1000)
    later = start.grown(301_000, Fraction(153), Fraction(150))
    assert later == Growth(301_000, Fraction(900))
    assert later.owed_since(start) == Fraction(900, 86_400)
    assert later.grown(302_000, Fraction(100), Fraction(150), Fraction(1, 10)).total == 900 - 15
    with pytest.raises(InputError, match="before"):
        later.grown(300_999, Fraction(1), Fraction(1))
