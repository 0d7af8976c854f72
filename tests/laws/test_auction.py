"""Does every auction clear at one price that nobody can complain of?

Books are random and exact; limits are drawn from few values, so that equal limits, partial fills and notices are ordinary.
"""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from perpscope.errors import NotEnoughData
from perpscope.market.number import INF, Number
from perpscope.mechanisms.auction import TIES, Auction, Cleared, Order, Tie, clear
from perpscope.mechanisms.decide import Formula
from perpscope.mechanisms.observe import Observe
from perpscope.mechanisms.repo import clear_repo
from perpscope.mechanisms.rule import Rule
from perpscope.mechanisms.window import Window

ties = st.sampled_from(TIES)
limits = st.integers(-6, 6).map(lambda k: Fraction(k, 100_000))
quantities = st.integers(1, 12).map(lambda k: Fraction(k, 10))
limit_orders = st.builds(lambda limit, quantity, side: Order(limit, side * quantity), limits, quantities, st.sampled_from((-1, 1)))
notices = st.builds(lambda quantity, side: Order(side * INF, side * quantity), quantities, st.sampled_from((-1, 1)))
books = st.lists(limit_orders | notices, max_size=14)
repo_bids = st.lists(st.builds(lambda k, q: Order(Fraction(-k, 100_000), q), st.integers(1, 6), quantities), max_size=8)
repo_asks = st.lists(st.builds(lambda k, q: Order(Fraction(k, 100_000), -q), st.integers(0, 6), quantities), max_size=8)


def rest(orders: list[Order], found: Cleared) -> list[Number]:
    return [order.quantity - filled for order, filled in zip(orders, found.filled, strict=True)]


@settings(max_examples=200)
@given(orders=books, tie=ties)
def test_what_is_bought_is_sold_and_nobody_trades_the_other_way(orders: list[Order], tie: Tie) -> None:
    found = clear(orders, tie)
    assert sum(found.filled) == 0
    assert sum(x for x in found.filled if x > 0) == found.volume
    for order, filled in zip(orders, found.filled, strict=True):
        assert 0 <= filled / order.quantity <= 1


@settings(max_examples=300)
@given(orders=books, tie=ties)
def test_nobody_is_filled_beyond_his_limit_and_no_better_limit_is_left_out(orders: list[Order], tie: Tie) -> None:
    found = clear(orders, tie)
    price = found.price
    if price is None:
        assert all(abs(order.limit) == INF for order, filled in zip(orders, found.filled, strict=True) if filled)
        return
    event(f"{sum(1 for x in found.filled if x)} filled")
    for order, filled, left in zip(orders, found.filled, rest(orders, found), strict=True):
        if filled > 0:
            assert order.limit >= price
        if filled < 0:
            assert order.limit <= price
        if left > 0 and order.limit != INF:
            assert order.limit <= price
        if left < 0 and order.limit != -INF:
            assert order.limit >= price


@settings(max_examples=200)
@given(orders=books, tie=ties)
def test_no_two_that_could_still_meet_are_left(orders: list[Order], tie: Tie) -> None:
    found = clear(orders, tie)
    buyers = [order.limit for order, left in zip(orders, rest(orders, found), strict=True) if left > 0]
    sellers = [order.limit for order, left in zip(orders, rest(orders, found), strict=True) if left < 0]
    assert not (buyers and sellers) or max(buyers) < min(sellers)


@settings(max_examples=300)
@given(orders=books, tie=ties)
def test_a_price_is_told_exactly_where_a_limit_was_met(orders: list[Order], tie: Tie) -> None:
    found = clear(orders, tie)
    met = any(filled and abs(order.limit) != INF for order, filled in zip(orders, found.filled, strict=True))
    assert (found.price is not None) == met
    assert found.price is None or abs(found.price) != INF


@settings(max_examples=200)
@given(orders=books, tie=ties)
def test_notices_meet_each_other_first_and_what_is_left_of_them_is_a_failure(orders: list[Order], tie: Tie) -> None:
    found = clear(orders, tie)
    wanted = sum(order.quantity for order in orders if order.limit == INF)
    offered = -sum(order.quantity for order in orders if order.limit == -INF)
    filled = [x for order, x in zip(orders, found.filled, strict=True) if abs(order.limit) == INF]
    assert sum(x for x in filled if x > 0) >= min(wanted, offered)
    assert -sum(x for x in filled if x < 0) >= min(wanted, offered)
    assert found.left == wanted - offered - sum(filled)
    assert found.left * (wanted - offered) >= 0
    if wanted == offered:
        limits_only = [order for order in orders if abs(order.limit) != INF]
        assert clear(limits_only, tie).price == found.price


@settings(max_examples=200)
@given(longs=st.integers(0, 40), shorts=st.integers(0, 40), bids=repo_bids, asks=repo_asks)
def test_net_delivery_by_longs_sweeps_the_offers_and_by_shorts_the_bids(
    longs: int, shorts: int, bids: list[Order], asks: list[Order]
) -> None:
    """On a book that is not crossed: only the side that the net needs trades, best first, and as much as there is."""
    delivered = [order for order in (Order(INF, Fraction(longs)), Order(-INF, Fraction(-shorts))) if order.quantity]
    found = clear([*delivered, *bids, *asks])
    own = found.filled[len(delivered) :]
    bought, sold = sum(own[: len(bids)]), -sum(own[len(bids) :])
    net = longs - shorts
    deep = -sum(ask.quantity for ask in asks) if net > 0 else sum(bid.quantity for bid in bids)
    assert (bought, sold) == ((0, min(net, deep)) if net > 0 else (min(-net, deep), 0))
    assert abs(found.left) == abs(net) - min(abs(net), deep)
    assert found.price is None or found.price * net >= 0
    swept = [order.limit for order, filled in zip([*bids, *asks], own, strict=True) if filled]
    assert found.price == (None if not swept else max(swept) if net > 0 else min(swept))


@settings(max_examples=200)
@given(orders=books, tie=ties, dice=st.randoms(use_true_random=False))
def test_the_order_of_arrival_matters_only_among_equal_limits(orders: list[Order], tie: Tie, dice: object) -> None:
    """Arrived otherwise, the price stays, and every limit of each side is filled as far as before."""
    places = list(range(len(orders)))
    dice.shuffle(places)  # type: ignore[attr-defined]  # Hypothesis gives a random.Random
    shuffled = [orders[k] for k in places]
    one, other = clear(orders, tie), clear(shuffled, tie)
    assert (one.price, one.volume, one.left) == (other.price, other.volume, other.left)
    assert _by_limit(orders, one) == _by_limit(shuffled, other)


def _by_limit(orders: list[Order], found: Cleared) -> dict[tuple[Number, bool], Number]:
    sums: dict[tuple[Number, bool], Number] = {}
    for order, filled in zip(orders, found.filled, strict=True):
        key = order.limit, order.quantity > 0
        sums[key] = sums.get(key, 0) + filled
    return sums


@given(orders=books, tie=ties)
def test_among_equal_limits_the_earliest_is_filled_first(orders: list[Order], tie: Tie) -> None:
    found = clear(orders, tie)
    for key in {(order.limit, order.quantity > 0) for order in orders}:
        shares = [filled / o.quantity for o, filled in zip(orders, found.filled, strict=True) if (o.limit, o.quantity > 0) == key]
        assert shares == sorted(shares, reverse=True)
        assert len([share for share in shares if 0 < share < 1]) <= 1


@given(orders=books, tie=ties, times=quantities)
def test_other_units_of_quantity_give_the_same_price(orders: list[Order], tie: Tie, times: Fraction) -> None:
    one, other = clear(orders, tie), clear([Order(limit, quantity * times) for limit, quantity in orders], tie)
    assert other.price == one.price
    assert (other.volume, other.left) == (one.volume * times, one.left * times)
    assert other.filled == tuple(x * times for x in one.filled)


@given(orders=books, tie=ties, shift=limits, times=quantities)
def test_limits_that_are_shifted_or_stretched_move_the_price_alike(orders: list[Order], tie: Tie, shift: Fraction, times: Fraction) -> None:
    one = clear(orders, tie)
    other = clear([Order(limit if abs(limit) == INF else limit * times + shift, quantity) for limit, quantity in orders], tie)
    assert other.price == (None if one.price is None else one.price * times + shift)
    assert other.filled == one.filled


@given(orders=books, tie=ties)
def test_the_mirrored_book_has_the_mirrored_price(orders: list[Order], tie: Tie) -> None:
    one, other = clear(orders, tie), clear([Order(-limit, -quantity) for limit, quantity in orders], tie)
    assert other.price == (None if one.price is None else -one.price)
    assert other.filled == tuple(-x for x in one.filled)
    assert (other.volume, other.left) == (one.volume, -one.left)


@given(orders=books, tie=ties)
def test_fractions_stay_fractions(orders: list[Order], tie: Tie) -> None:
    found = clear(orders, tie)
    assert all(isinstance(x, Fraction) for x in found.filled)
    assert found.price is None or isinstance(found.price, Fraction)


@given(orders=books)
def test_both_ties_fill_alike_and_price_inside_one_interval(orders: list[Order]) -> None:
    last, middle = clear(orders, "last"), clear(orders, "middle")
    assert (last.filled, last.left) == (middle.filled, middle.left)


@given(orders=books, tie=ties)
def test_doubles_follow_the_exact_auction(orders: list[Order], tie: Tie) -> None:
    """Each subtraction from a quantity rounds by half a unit in its last place; a fill is at most as many as there are orders.

    A residue of that size can decide whether a fill is whole, and so shift the price within a tie: quantities are compared, and prices only
    where tenths are drawn as binary fractions (below).
    """
    doubles = clear([Order(float(limit), float(quantity)) for limit, quantity in orders], tie)
    exact = clear(orders, tie)
    allowed = (len(orders) + 1) * math.ulp(sum(abs(float(order.quantity)) for order in orders) or 1.0)
    assert [abs(a - float(b)) <= allowed for a, b in zip(doubles.filled, exact.filled, strict=True)] == [True] * len(orders)


@given(orders=books, tie=ties)
def test_doubles_that_need_no_rounding_give_the_exact_fills_and_price(orders: list[Order], tie: Tie) -> None:
    whole = [Order(limit if abs(limit) == INF else limit * 100_000, quantity * 10) for limit, quantity in orders]
    doubles = clear([Order(float(limit), float(quantity)) for limit, quantity in whole], tie)
    exact = clear(whole, tie)
    assert doubles.filled == exact.filled
    assert doubles.price == exact.price


deliveries = st.integers(0, 60).map(lambda k: Fraction(k, 10))
quotes = st.lists(st.tuples(limits, quantities), max_size=8)
REPO = Rule(Observe("orders"), Auction("last", idle=Fraction(0)), Formula(times=-1))


@settings(max_examples=200)
@given(longs=deliveries, shorts=deliveries, bids=quotes, asks=quotes)
def test_a_repo_auction_delivers_all_it_can_and_prices_it_alike(
    longs: Fraction, shorts: Fraction, bids: list[tuple[Fraction, Fraction]], asks: list[tuple[Fraction, Fraction]]
) -> None:
    found = clear_repo(longs, shorts, bids, asks)
    side: list[Fraction] = [q for r, q in asks if r >= 0] if found.net_delivery > 0 else [q for r, q in bids if r <= 0]
    deep = sum(side, start=Fraction(0))
    assert found.net_delivery == longs - shorts
    assert sum(fill.quantity for fill in found.fills) + found.undelivered == abs(found.net_delivery)
    assert found.undelivered == max(abs(longs - shorts) - deep, 0)
    assert found.failed == (found.undelivered > 0)
    assert {fill.price for fill in found.fills} == ({found.clearing_price} if found.fills else set())
    assert (found.clearing_price is None) == (not found.fills)
    assert found.fills == () or found.fills[-1].rate == found.clearing_price
    assert found.funding_rate is None or found.funding_rate * found.net_delivery <= 0
    assert (found.funding_rate is None) == found.failed
    assert [q.rate for q in found.rejected] == [r for r, _ in bids if r > 0] + [r for r, _ in asks if r < 0]


@settings(max_examples=200)
@given(longs=deliveries, shorts=deliveries, bids=quotes, asks=quotes)
def test_a_repo_auction_is_the_rule_that_holds_it(
    longs: Fraction, shorts: Fraction, bids: list[tuple[Fraction, Fraction]], asks: list[tuple[Fraction, Fraction]]
) -> None:
    """The whole book and all notices, put to the rule at once, give the rate of the net alone."""
    bids, asks = [(r, q) for r, q in bids if r < 0], [(r, q) for r, q in asks if r >= 0]
    found = clear_repo(longs, shorts, bids, asks)
    orders: list[tuple[Number, Number]] = [
        *([(INF, longs)] if longs else []),
        *([(-INF, -shorts)] if shorts else []),
        *bids,
        *((r, -q) for r, q in asks),
    ]
    window = Window(0, 1, {"limit": [limit for limit, _ in orders], "quantity": [quantity for _, quantity in orders]})
    if found.failed:
        with pytest.raises(NotEnoughData, match="found nobody"):
            REPO.fix(window)
    else:
        assert REPO.fix(window).rate == found.funding_rate


@given(longs=deliveries, shorts=deliveries, bids=quotes, asks=quotes)
def test_a_mirrored_repo_book_has_the_mirrored_rate(
    longs: Fraction, shorts: Fraction, bids: list[tuple[Fraction, Fraction]], asks: list[tuple[Fraction, Fraction]]
) -> None:
    one = clear_repo(longs, shorts, bids, asks)
    other = clear_repo(shorts, longs, [(-r, q) for r, q in asks], [(-r, q) for r, q in bids])
    assert other.funding_rate == (None if one.funding_rate is None else -one.funding_rate)
    assert (other.undelivered, len(other.rejected)) == (one.undelivered, len(one.rejected))
