"""Does every day of an undated future leave as many longs as shorts, and every loss somebody's gain?"""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from perpscope.errors import NotEnoughData
from perpscope.market.number import INF, Number
from perpscope.trading.carrying import Day, Trade, Wish, carry_days, fix_carry

charges = st.integers(-8, 8).map(lambda k: Fraction(k, 100))
prices = st.integers(9_000, 11_000).map(lambda k: Fraction(k, 100))
lots = st.integers(1, 9).map(Fraction)
names = st.sampled_from("abcdef")


any_or_none = charges | st.sampled_from((INF, -INF))
"""Limits of which some are content with any charge, some with none."""


@st.composite
def sides(draw: st.DrawFn, limits: st.SearchStrategy[Number] = charges) -> tuple[list[Wish], list[Wish]]:
    """Longs and shorts of one open interest."""
    longs: list[Wish] = draw(st.lists(st.tuples(limits, lots), min_size=1, max_size=6))
    short_limits = draw(st.lists(limits, min_size=1, max_size=5))
    left = sum((quantity for _, quantity in longs), start=Fraction(0))
    shorts: list[Wish] = []
    for limit in short_limits[:-1]:
        own = min(draw(lots), left)
        if own:
            shorts.append((limit, own))
        left -= own
    return longs, [*shorts, *([(short_limits[-1], left)] if left else [])]


@st.composite
def days(draw: st.DrawFn) -> list[Day]:
    """Some days of deals; whoever holds something at the close of a day may limit the charge."""
    found: list[Day] = []
    for _ in range(draw(st.integers(1, 4))):
        deals = draw(st.lists(st.tuples(names, names, prices, lots), max_size=5))
        trades = tuple(Trade(*deal) for deal in deals if deal[0] != deal[1])
        before = carry_days(found)[-1].positions if found else {}
        held = dict(before)
        for trade in trades:
            held[trade.buyer] = held.get(trade.buyer, 0) + trade.quantity
            held[trade.seller] = held.get(trade.seller, 0) - trade.quantity
        holders = [name for name, quantity in held.items() if quantity]
        limits = {name: draw(charges) for name in holders}
        found.append(Day(draw(prices), trades, limits))
    return found


@settings(max_examples=200)
@given(both=sides(any_or_none), close=prices)
def test_deliveries_are_receipts_and_with_the_carried_they_are_all(both: tuple[list[Wish], list[Wish]], close: Fraction) -> None:
    longs, shorts = both
    try:
        found = fix_carry(close, longs, shorts)
    except NotEnoughData:
        assert INF in {limit for limit, _ in longs}
        assert -INF in {limit for limit, _ in shorts}
        return
    assert found.deliveries == found.receipts == sum(found.delivering) == sum(found.receiving)
    assert found.carried + found.deliveries == sum(quantity for _, quantity in longs)
    assert (found.charge is None) == (found.carried == 0)
    assert found.next_base == (None if found.charge is None else close + found.charge)


@settings(max_examples=200)
@given(both=sides(), close=prices)
def test_who_wants_more_than_the_charge_delivers_and_who_pays_less_receives(both: tuple[list[Wish], list[Wish]], close: Fraction) -> None:
    longs, shorts = both
    found = fix_carry(close, longs, shorts)
    charge = found.charge
    if charge is None:
        assert max(limit for limit, _ in longs) < min(limit for limit, _ in shorts)
        return
    for (limit, quantity), gone in zip(longs, found.receiving, strict=True):
        assert gone == quantity if limit < charge else gone == 0 if limit > charge else 0 <= gone <= quantity
    for (limit, quantity), gone in zip(shorts, found.delivering, strict=True):
        assert gone == quantity if limit > charge else gone == 0 if limit < charge else 0 <= gone <= quantity
    assert found.forced == 0


@given(both=sides(), close=prices)
def test_shorts_that_would_be_longs_give_the_charge_with_the_other_sign(both: tuple[list[Wish], list[Wish]], close: Fraction) -> None:
    longs, shorts = both
    one = fix_carry(close, longs, shorts)
    other = fix_carry(close, [(-limit, quantity) for limit, quantity in shorts], [(-limit, quantity) for limit, quantity in longs])
    assert other.charge == (None if one.charge is None else -one.charge)
    assert (other.receiving, other.delivering) == (one.delivering, one.receiving)


@settings(max_examples=60)
@given(run=days())
def test_every_day_sums_to_zero(run: list[Day]) -> None:
    found = carry_days(run)
    for one in found:
        assert sum(one.variation.values()) == 0
        assert sum(one.delivered.values()) == 0
        assert sum(one.positions.values()) == 0
        assert all(one.positions.values())


@settings(max_examples=60)
@given(run=days())
def test_the_charge_is_paid_by_who_is_carried_and_by_nobody_else(run: list[Day]) -> None:
    """Over a run, money is what was bought and sold at, what was delivered at the settlement price, and the charges of what was held."""
    found = carry_days(run)
    total: dict[str, Number] = {}
    for day, one in zip(run, found, strict=True):
        for name, amount in one.variation.items():
            total[name] = total.get(name, 0) + amount
        for trade in day.trades:
            total[trade.buyer] = total.get(trade.buyer, 0) + trade.price * trade.quantity
            total[trade.seller] = total.get(trade.seller, 0) - trade.price * trade.quantity
        for name, quantity in one.delivered.items():
            total[name] -= quantity * day.close
    for one in found[:-1]:
        for name, quantity in one.positions.items():
            assert one.carry is not None
            assert one.carry.charge is not None
            total[name] += quantity * one.carry.charge
    for name, quantity in found[-1].positions.items():
        total[name] -= quantity * run[-1].close
    assert set(total.values()) <= {0}


@settings(max_examples=60)
@given(run=days())
def test_the_next_day_is_counted_from_the_base(run: list[Day]) -> None:
    for one, other in pairwise(carry_days(run)):
        assert other.base == (one.carry.next_base if one.carry else None)
        assert (other.base is None) == (not one.positions)
