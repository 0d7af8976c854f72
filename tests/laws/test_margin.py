"""Do margin and liquidation hold for every payoff, side, table and leverage? On Fractions, to the last digit."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

from hypothesis import assume, given
from hypothesis import strategies as st

from perpscope.market.brackets import Brackets, Tier
from perpscope.market.contract import Contract, Payoff
from perpscope.market.number import INF, Number, to_float
from perpscope.trading.account import CrossAccount
from perpscope.trading.margin import Holding, Requirement, initial_margin, liquidation

PAYOFFS: tuple[Payoff, ...] = ("linear", "inverse", "quanto")
positive = st.fractions(min_value=Fraction(1, 100), max_value=10_000, max_denominator=100)
shares = st.fractions(min_value=Fraction(1, 1000), max_value=Fraction(1, 4), max_denominator=1000)
fees = st.fractions(min_value=0, max_value=Fraction(1, 100), max_denominator=10_000)
leverages = st.fractions(min_value=1, max_value=150, max_denominator=4)


@st.composite
def tables(draw: st.DrawFn, *, marginal: bool = True) -> Brackets:
    """Tables of one to five tiers with rising rates; initial rates twice the maintenance."""
    rates = sorted(draw(st.sets(shares, min_size=1, max_size=5)))
    ends: list[Number] = sorted(draw(st.sets(positive.map(lambda x: 100 * x), min_size=len(rates) - 1, max_size=len(rates) - 1)))
    rows = [(end, rate, 2 * rate) for end, rate in zip([*ends, INF], rates, strict=True)]
    return Brackets.of(rows, marginal=marginal)


@st.composite
def holdings(draw: st.DrawFn) -> Holding:
    contract = Contract(draw(st.sampled_from(PAYOFFS)), "M", draw(positive))
    return Holding(contract, draw(positive) * draw(st.sampled_from((1, -1))), draw(positive))


@given(holdings(), tables(), fees, leverages)
def test_at_the_liquidation_price_equity_is_just_what_is_needed(held: Holding, table: Brackets, fee: Fraction, leverage: Fraction) -> None:
    asked = Requirement(table, fee)
    margin = initial_margin(held, leverage)
    found = liquidation(held, asked, margin)
    if found.price is None:
        assert held.rises == 1
        assert margin >= held.value(held.entry)
    else:
        assert held.equity(margin, found.price) == asked.needed(held, found.price)
        assert found.tier == table.tier(held.value(found.price))
    if found.bankruptcy is not None:
        assert held.equity(margin, found.bankruptcy) == fee * held.value(found.bankruptcy)


@given(holdings(), tables(), fees, positive)
def test_maintenance_at_entry_is_solved_exactly_too(held: Holding, table: Brackets, fee: Fraction, margin: Fraction) -> None:
    asked = Requirement(replace(table, valued="entry"), fee)
    price = liquidation(held, asked, margin).price
    if price is not None:
        assert held.equity(margin, price) == table.maintenance(held.value(held.entry)) + fee * held.value(price)


@given(holdings(), tables(), fees, leverages)
def test_the_position_is_sound_before_its_liquidation_and_not_after(
    held: Holding, table: Brackets, fee: Fraction, leverage: Fraction
) -> None:
    asked, margin = Requirement(table, fee), initial_margin(held, leverage)
    found = liquidation(held, asked, margin)
    assume(found.price is not None)
    assert found.price is not None
    sound = held.equity(margin, held.entry) >= asked.needed(held, held.entry)
    assert found.already is not sound
    worse = found.price * (Fraction(99, 100) if held.quantity > 0 else Fraction(101, 100))
    better = found.price * (Fraction(101, 100) if held.quantity > 0 else Fraction(99, 100))
    assert held.equity(margin, worse) < asked.needed(held, worse)
    assert held.equity(margin, better) > asked.needed(held, better)


@given(holdings(), tables(marginal=False), fees, leverages)
def test_tables_that_jump_end_where_equity_first_fails(held: Holding, table: Brackets, fee: Fraction, leverage: Fraction) -> None:
    asked, margin = Requirement(table, fee), initial_margin(held, leverage)
    found = liquidation(held, asked, margin)
    assume(found.price is not None and not found.already)
    assert found.price is not None
    value, now = held.value(found.price), held.value(held.entry)
    step = Fraction(1, 10**9)
    beyond = held.price(value * (1 - step) if held.rises > 0 else value * (1 + step))
    assert held.equity(margin, beyond) < asked.needed(held, beyond)
    for part in range(1, 10):
        between = held.price(now + (value - now) * Fraction(part, 10))
        assert held.equity(margin, between) >= asked.needed(held, between)


@given(holdings(), tables(), fees, leverages)
def test_bankruptcy_lies_beyond_liquidation(held: Holding, table: Brackets, fee: Fraction, leverage: Fraction) -> None:
    found = liquidation(held, Requirement(table, fee), initial_margin(held, leverage))
    if found.price is not None and found.bankruptcy is not None:
        assert (found.price > found.bankruptcy) is (held.quantity > 0)


@given(holdings(), tables(), leverages, leverages)
def test_more_leverage_brings_the_liquidation_nearer(held: Holding, table: Brackets, one: Fraction, other: Fraction) -> None:
    low, high = sorted((one, other))
    assume(low < high)
    near, far = (liquidation(held, Requirement(table), initial_margin(held, leverage)).price for leverage in (high, low))
    assert near is not None
    if far is not None:
        assert (near > far) is (held.quantity > 0)


@given(holdings(), shares, shares, fees, leverages)
def test_more_maintenance_brings_the_liquidation_nearer(
    held: Holding, one: Fraction, other: Fraction, fee: Fraction, leverage: Fraction
) -> None:
    low, high = sorted((one, other))
    assume(low < high)
    margin = initial_margin(held, leverage)
    far, near = (liquidation(held, Requirement(Brackets.flat(rate), fee), margin).price for rate in (low, high))
    if far is not None and near is not None:
        assert (near > far) is (held.quantity > 0)


@given(tables())
def test_marginal_tables_are_continuous_and_never_fall(table: Brackets) -> None:
    for lower, upper in pairwise(table.tiers):
        assert lower.required(lower.upto) == upper.required(lower.upto)
        assert upper.required(2 * lower.upto) > lower.required(lower.upto)
    assert table.tiers[0].required(0) == 0


@given(tables(), positive)
def test_a_marginal_table_is_an_income_tax(table: Brackets, value: Fraction) -> None:
    value = 100 * value
    low: Number = Fraction(0)
    due: Number = Fraction(0)
    for tier in table.tiers:
        due += tier.maintenance * max(min(value, tier.upto) - low, 0)
        low = tier.upto
    assert table.maintenance(value) == due


@given(positive, positive, tables(), fees, leverages)
def test_an_inverse_long_is_a_linear_short_of_the_reciprocal_price(
    quantity: Fraction, entry: Fraction, table: Brackets, fee: Fraction, leverage: Fraction
) -> None:
    """The mirror: the value of one is that of the other, and so are equity and maintenance."""
    asked = Requirement(table, fee)
    inverse = Holding(Contract("inverse", "M"), quantity, entry)
    linear = Holding(Contract("linear", "M"), -quantity, 1 / entry)
    one = liquidation(inverse, asked, initial_margin(inverse, leverage)).price
    other = liquidation(linear, asked, initial_margin(linear, leverage)).price
    assert one is not None
    assert other is not None
    assert one == 1 / other


@given(positive, positive, fees, shares, leverages)
def test_long_and_short_mirror_each_other(quantity: Fraction, entry: Fraction, fee: Fraction, rate: Fraction, leverage: Fraction) -> None:
    """Swapping sides swaps the signs of margin and rates in one formula: E (1 -+ 1/L) / (1 -+ (rate + fee))."""
    for side in (1, -1):
        held = Holding(Contract("linear", "M"), side * quantity, entry)
        price = liquidation(held, Requirement(Brackets.flat(rate), fee), initial_margin(held, leverage)).price
        expected = entry * (1 - side / leverage) / (1 - side * (rate + fee))
        assert (price is None and expected <= 0) or price == expected


@given(holdings(), tables(), fees, leverages, positive)
def test_the_currency_of_prices_does_not_matter(held: Holding, table: Brackets, fee: Fraction, leverage: Fraction, scale: Fraction) -> None:
    """Prices in another unit, the contract resized so that its value stays: the same position, the price scaled."""
    contract = held.contract
    size = contract.size * scale if contract.payoff == "inverse" else contract.size / scale
    other = replace(held, contract=replace(contract, size=size), entry=held.entry * scale)
    asked = Requirement(table, fee)
    one, two = (liquidation(h, asked, initial_margin(h, leverage)).price for h in (held, other))
    assert two == (None if one is None else one * scale)


@given(holdings(), tables(), fees, leverages, positive)
def test_a_larger_position_in_a_larger_table_has_the_same_price(
    held: Holding, table: Brackets, fee: Fraction, leverage: Fraction, scale: Fraction
) -> None:
    rows = [(INF if tier.upto == INF else tier.upto * scale, tier.maintenance, tier.initial) for tier in table.tiers]
    larger = replace(held, quantity=held.quantity * scale)
    one = liquidation(held, Requirement(table, fee), initial_margin(held, leverage))
    two = liquidation(larger, Requirement(Brackets.of(rows), fee), initial_margin(larger, leverage))
    assert (one.price, one.bankruptcy) == (two.price, two.bankruptcy)


@given(holdings(), tables(), leverages, st.fractions(min_value=-1, max_value=1, max_denominator=50))
def test_funding_counts_as_margin(held: Holding, table: Brackets, leverage: Fraction, funding: Fraction) -> None:
    margin, asked = initial_margin(held, leverage), Requirement(table)
    assert liquidation(replace(held, funding=funding), asked, margin) == liquidation(held, asked, margin + funding)


@given(holdings(), holdings(), tables(), fees, positive, positive)
def test_a_cross_account_is_used_up_at_the_liquidation_price(
    one: Holding, other: Holding, table: Brackets, fee: Fraction, balance: Fraction, mark: Fraction
) -> None:
    asked = Requirement(table, fee)
    account = CrossAccount({"M": balance}, {"one": (one, asked), "other": (other, asked)})
    marks = {"one": one.entry, "other": mark}
    price = account.liquidation("one", marks).price
    if price is not None:
        there = marks | {"one": price}
        assert account.equity(there) == account.needed(there)


@given(holdings(), tables(), fees, positive)
def test_alone_in_its_account_a_position_is_isolated(held: Holding, table: Brackets, fee: Fraction, balance: Fraction) -> None:
    asked = Requirement(table, fee)
    alone = CrossAccount({"M": balance}, {"it": (held, asked)}).liquidation("it", {"it": held.entry})
    assert alone == liquidation(held, asked, balance)


@given(st.floats(0.002, 0.05), st.floats(1e-6, 1e-4), st.floats(10, 1e5), st.floats(0.1, 500), st.floats(1.2, 20), st.sampled_from((1, -1)))
def test_a_ramp_is_solved_to_the_last_digits(rate: float, ramp: float, entry: float, value: float, leverage: float, side: int) -> None:
    """A square root in doubles: equal to 1e-9 of the value, which is some thousand roundings of 2^-53."""
    held = Holding(Contract("inverse", "M"), side * value * entry, entry)
    asked = Requirement(Brackets((Tier(INF, rate, None, 0, ramp),), "base"))
    margin = initial_margin(held, leverage)
    price = liquidation(held, asked, margin).price
    if price is not None:
        off = to_float(held.equity(margin, price) - asked.needed(held, price))
        assert abs(off) <= 1e-9 * held.value(price)
