"""Is nothing to be had for nothing from a virtual market maker, in exact numbers and in whole grains?"""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perpscope.errors import InputError
from perpscope.mechanisms.virtual_amm import Growth, VirtualAmm, time_weighted

GRAINS = (Fraction(0), Fraction(1000), Fraction(10**18))


def amounts(low: int, high: int) -> st.SearchStrategy[Fraction]:
    """Draw whole thousandths, so that they are whole grains of every kind."""
    return st.integers(low * 1000, high * 1000).map(lambda n: Fraction(n, 1000))


@st.composite
def pools(draw: st.DrawFn) -> VirtualAmm:
    return VirtualAmm(draw(amounts(10, 10_000)), draw(amounts(10, 1000)), draw(st.sampled_from(GRAINS)))


@given(pool=pools(), paid=amounts(-5, 20_000))
def test_a_round_trip_gains_nothing(pool: VirtualAmm, paid: Fraction) -> None:
    """Exactly nothing in exact numbers, a loss of at most what a grain of base is worth twice in grains."""
    there, bought = pool.with_quote(paid)
    _, back = there.with_base(-bought)
    assert -back <= paid
    if pool.grains == 0:
        assert -back == paid


@given(pool=pools(), bought=amounts(-2000, 5))
def test_a_round_trip_in_base_gains_nothing(pool: VirtualAmm, bought: Fraction) -> None:
    """The quote of the first leg buys back no more base than was sold."""
    there, paid = pool.with_base(bought)
    if paid == 0:
        return
    _, again = there.with_quote(-paid)
    assert again <= -bought
    if pool.grains == 0:
        assert again == -bought


@given(pool=pools(), trades=st.lists(st.tuples(st.booleans(), amounts(-4, 400)), max_size=8))
def test_the_product_never_falls(pool: VirtualAmm, trades: list[tuple[bool, Fraction]]) -> None:
    """Constant in exact numbers; in grains each trade leaves at least what the cut product was."""
    for in_quote, amount in trades:
        try:
            after, _ = pool.with_quote(amount) if in_quote else pool.with_base(amount)
        except InputError:
            return
        assert after.quote * after.base >= pool.product
        if pool.grains == 0:
            assert after.product == pool.product
        pool = after


@given(pool=pools(), less=amounts(-5, 5000), more=amounts(0, 5000))
def test_the_price_rises_with_what_is_paid(pool: VirtualAmm, less: Fraction, more: Fraction) -> None:
    low, some = pool.with_quote(less)
    high, most = pool.with_quote(less + more)
    assert low.price <= high.price
    assert some <= most
    if pool.grains == 0 and more:
        assert low.price < high.price
        assert some < most


@given(pool=pools(), first=amounts(0, 500), second=amounts(0, 500))
def test_two_trades_are_one_in_exact_numbers(pool: VirtualAmm, first: Fraction, second: Fraction) -> None:
    exact = VirtualAmm(pool.quote, pool.base)
    step, one = exact.with_quote(first)
    end, two = step.with_quote(second)
    whole, both = exact.with_quote(first + second)
    assert (end, one + two) == (whole, both)


histories = st.lists(st.tuples(st.integers(0, 1000), amounts(1, 100)), min_size=1, max_size=8, unique_by=lambda row: row[0]).map(sorted)


@given(history=histories, after=st.integers(0, 500), length=st.integers(1, 2000), move=amounts(0, 50))
def test_a_time_weighted_price_lies_between_its_prices_and_moves_with_them(
    history: list[tuple[int, Fraction]], after: int, length: int, move: Fraction
) -> None:
    at, prices = [t for t, _ in history], [p for _, p in history]
    now = at[-1] + after
    found = time_weighted(at, prices, now, length)
    assert min(prices) <= found <= max(prices)
    assert time_weighted(at, [p + move for p in prices], now, length) == found + move


steps = st.lists(st.tuples(st.integers(0, 10_000), amounts(1, 200), amounts(1, 200)), min_size=1, max_size=6)


@given(rows=steps, cap=st.one_of(st.just(float("inf")), amounts(0, 1)))
def test_growth_adds_up_and_is_bounded(rows: list[tuple[int, Fraction, Fraction]], cap: Fraction | float) -> None:
    """Each update owes its own share; together they owe the whole; none owes more than the cap of its index."""
    start = state = Growth(0)
    owed: list[Fraction] = []
    for wait, market, index in rows:
        after = state.grown(state.at + wait, market, index, cap)
        owed.append(Fraction(after.owed_since(state)))
        if cap != float("inf"):
            assert abs(owed[-1]) <= index * Fraction(cap) * wait / 1000 / 86_400
        state = after
    assert state.owed_since(start) == sum(owed)


def test_time_that_stands_still_owes_nothing() -> None:
    assert Growth(5, Fraction(1)).grown(5, Fraction(100), Fraction(1)) == Growth(5, Fraction(1))
    with pytest.raises(InputError):
        Growth(5).grown(4, 1.0, 1.0)
