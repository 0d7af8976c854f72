"""Is money conserved when positions are reduced, taken over and deleveraged? In integers and Fractions, to the last unit."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

from hypothesis import assume, given
from hypothesis import strategies as st

from perpscope.market.brackets import Brackets
from perpscope.market.contract import Contract
from perpscope.market.number import INF
from perpscope.trading.deleverage import (
    Deleveraged,
    Opposite,
    deleverage_pro_rata,
    deleverage_queue,
    haircut_pro_rata,
    haircut_queue,
    queue,
    score,
    share_out,
)
from perpscope.trading.liquidation import ByFraction, ByTier, Reduction, bearable, reduce_until_safe, take_over
from perpscope.trading.margin import Holding, Requirement, initial_margin, liquidation

prices = st.fractions(min_value=1, max_value=1000, max_denominator=20)
counts = st.integers(1, 500)
contracts = st.builds(Contract, st.sampled_from(("linear", "inverse", "quanto")), st.just("M"), prices)
sides = st.sampled_from((1, -1))
money = st.fractions(min_value=-1000, max_value=100_000, max_denominator=10)


@st.composite
def fields(draw: st.DrawFn) -> tuple[Contract, int, list[Opposite]]:
    """A contract, a failed position, and holders of the other side."""
    side = draw(sides)
    others = [Opposite(f"a{k}", -side * draw(counts), draw(prices), draw(money)) for k in range(draw(st.integers(0, 8)))]
    return draw(contracts), side * draw(counts), others


def conserved(failed: int, others: list[Opposite], found: Deleveraged) -> None:
    held = {one.account: one.quantity for one in others}
    assert sum(abs(one.closed) for one in found.closures) == abs(failed) - found.open + found.beyond
    assert len({one.account for one in found.closures}) == len(found.closures)
    for one in found.closures:
        assert one.closed + one.left == held[one.account]
        assert one.left == 0 or (one.left > 0) == (held[one.account] > 0), "nobody's position changes its side"
        assert (one.closed > 0) == (held[one.account] > 0)
    assert not found.open or all(one.left == 0 for one in found.closures)
    assert not found.open or len(found.closures) == len(others)


@given(field=fields(), price=prices, mark=prices, whole=st.booleans())
def test_the_queue_matches_every_contract_in_order(
    field: tuple[Contract, int, list[Opposite]], price: Fraction, mark: Fraction, *, whole: bool
) -> None:
    contract, failed, others = field
    found = deleverage_queue(contract, failed, others, price, mark, whole=whole)
    conserved(failed, others, found)
    order = [one.account for one in queue(contract, others, mark)]
    closed = [one.account for one in found.closures]
    assert closed == order[: len(closed)]
    assert all(one.left == 0 for one in (found.closures if whole else found.closures[:-1]))
    assert whole or found.beyond == 0


@given(fields(), prices, prices)
def test_pro_rata_closes_equal_shares_up_to_one_contract(
    field: tuple[Contract, int, list[Opposite]], price: Fraction, mark: Fraction
) -> None:
    contract, failed, others = field
    found = deleverage_pro_rata(contract, failed, others, price, mark)
    conserved(failed, others, found)
    total = sum(abs(one.quantity) for one in others)
    closed = {one.account: abs(one.closed) for one in found.closures}
    for one in others:
        fair = Fraction(min(abs(failed), total) * abs(one.quantity), total)
        assert abs(closed.get(one.account, 0) - fair) < 1


@given(fields(), prices, prices, prices)
def test_what_the_failed_position_lacks_is_what_the_others_give_up(
    field: tuple[Contract, int, list[Opposite]], entry: Fraction, price: Fraction, mark: Fraction
) -> None:
    """Bad debt at the mark = given up, whoever pays: the queue or everybody; and profits realised add up to zero."""
    contract, failed, others = field
    debt = -contract.profit(failed, price, mark)
    for found in (deleverage_queue(contract, failed, others, price, mark), deleverage_pro_rata(contract, failed, others, price, mark)):
        matched = failed - (found.open if failed > 0 else -found.open)
        if matched:
            assert found.given_up == debt * Fraction(matched, failed)
            theirs = sum(contract.profit(one.closed, entry, price) for one in found.closures)
            assert contract.profit(matched, entry, price) + theirs == 0


@given(fields(), prices)
def test_the_queue_falls(field: tuple[Contract, int, list[Opposite]], mark: Fraction) -> None:
    contract, _, others = field
    scores = [score(contract, one, mark) for one in queue(contract, others, mark)]
    assert all(a >= b for a, b in pairwise(scores))


@given(contracts, sides, counts, prices, prices, prices, st.fractions(min_value=0, max_value=10**6, max_denominator=10))
def test_a_takeover_conserves_money(
    contract: Contract, side: int, count: int, entry: Fraction, price: Fraction, fill: Fraction, fund: Fraction
) -> None:
    """Trader, fund and what is missing together make the profit of the trade; the fund never falls below 0."""
    held = Holding(contract, side * count, entry)
    margin = -held.profit(price)
    found = take_over(held, margin, price, fill, fund)
    assert found.fund >= 0
    assert found.missing >= 0
    assert min(found.fund, found.missing) == 0
    assert -found.lost + (found.fund - fund) - found.missing == held.profit(fill)


@given(fields(), prices, prices, prices, st.fractions(min_value=0, max_value=10**5, max_denominator=10))
def test_fund_and_deleveraged_bear_the_whole_loss(
    field: tuple[Contract, int, list[Opposite]], entry: Fraction, price: Fraction, mark: Fraction, fund: Fraction
) -> None:
    contract, failed, others = field
    held = Holding(contract, failed, entry)
    assume(contract.profit(failed, price, mark) < 0)
    borne = bearable(held, price, mark, fund)
    sold = borne if failed > 0 else -borne
    paid = contract.profit(sold, price, mark)
    assert fund + paid >= 0
    rest = failed - sold
    if rest:
        one_more = contract.profit(sold + (1 if failed > 0 else -1), price, mark)
        assert fund + one_more < 0
        found = deleverage_queue(contract, rest, others, price, mark)
        if not found.open:
            assert paid - found.given_up == contract.profit(failed, price, mark)


@given(st.integers(0, 10**12), st.lists(st.integers(0, 10**9), min_size=1, max_size=30))
def test_shares_sum_and_are_within_one_unit(total: int, weights: list[int]) -> None:
    assume(sum(weights) > 0)
    parts = share_out(total, weights)
    assert sum(parts) == total
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part - Fraction(total * weight, sum(weights))) < 1


@given(st.integers(0, 10**9), st.lists(st.integers(-(10**6), 10**8), max_size=30))
def test_haircuts_cover_the_deficit_and_the_queue_takes_no_less(deficit: int, gains: list[int]) -> None:
    first, fair = haircut_queue(deficit, gains), haircut_pro_rata(deficit, gains)
    there = sum(max(gain, 0) for gain in gains)
    for found in (first, fair):
        assert sum(found.taken) == deficit - found.uncovered + found.overshoot
        assert all(0 <= part <= max(gain, 0) for part, gain in zip(found.taken, gains, strict=True))
        assert found.uncovered == max(deficit - there, 0)
    assert sum(first.taken) >= sum(fair.taken)
    assert fair.overshoot == 0
    assert all(part in (0, max(gain, 0)) for part, gain in zip(first.taken, gains, strict=True))
    if first.overshoot:
        last = max(k for k, part in enumerate(first.taken) if part)
        assert first.overshoot < first.taken[last]


@st.composite
def policies(draw: st.DrawFn) -> Reduction:
    if draw(st.booleans()):
        return ByTier(draw(st.integers(1, 2)))
    return ByFraction(draw(st.fractions(min_value=Fraction(1, 10), max_value=1, max_denominator=10)), draw(prices))


@given(contracts, sides, counts, prices, policies(), st.integers(1, 20), st.fractions(min_value=0, max_value=2, max_denominator=20))
def test_a_reduction_ends_conserves_money_and_stops_when_the_margin_suffices(
    contract: Contract, side: int, count: int, entry: Fraction, policy: Reduction, lot: int, depth: Fraction
) -> None:
    """From just before liquidation (depth 0) over bankruptcy (1) to beyond it (2)."""
    held = Holding(contract, side * count, entry)
    value = held.value(entry)
    rows = [
        (value / 4, Fraction(1, 100), Fraction(1, 50)),
        (value / 2, Fraction(1, 40), Fraction(1, 20)),
        (INF, Fraction(1, 20), Fraction(1, 10)),
    ]
    asked, fee = Requirement(Brackets.of(rows)), Fraction(1, 1000)
    margin = initial_margin(held, 8)
    ends = liquidation(held, asked, margin)
    assert ends.price is not None
    assert ends.bankruptcy is not None
    mark = ends.price + (ends.bankruptcy - ends.price) * depth
    assume(mark > 0)
    paying = Requirement(asked.brackets, fee)
    found = reduce_until_safe(held, paying, margin, mark, policy, lot=lot)
    assert found.margin == margin + found.realised - found.fees
    assert found.restored is (found.left is not None)
    left = 0 if found.left is None else found.left.quantity
    assert held.quantity == left + side * found.closed
    if found.left is not None:
        assert found.left.equity(found.margin, mark) >= paying.needed(found.left, mark)
        assert found.closed % lot == 0
        assert held.equity(margin, mark) == found.left.equity(found.margin, mark) + found.fees
