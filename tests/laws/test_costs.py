"""What holds for every cost, whatever the numbers and the dates?"""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from perpscope.catalogue.tariff_row import CostRow, When, Whom
from perpscope.catalogue.tariff_time import at_moment, gap
from perpscope.market.book import Book
from perpscope.trading.costs.figure import Figure, summed
from perpscope.trading.costs.parts import FlatFees, HalfSpread, LegCosts, TradeCosts, Walk, round_trip, turn
from perpscope.trading.trade import Leg

DAY = 86_400_000
quantities = st.floats(0.01, 1000, allow_nan=False)
shares = st.fractions(Fraction(-1, 1000), Fraction(1, 100), max_denominator=100_000)
moments = st.integers(0, 3000).map(lambda day: day * DAY)


@st.composite
def books(draw: st.DrawFn) -> Book:
    """Ladders around 100, steps of a tenth and more."""
    ups, downs = (draw(st.lists(st.floats(0.1, 3), min_size=1, max_size=8)) for _ in "xx")
    asks = [100 + sum(ups[: k + 1]) for k in range(len(ups))]
    bids = [100 - sum(downs[: k + 1]) for k in range(len(downs))]
    return Book.of([(p, draw(quantities)) for p in bids], [(p, draw(quantities)) for p in asks])


@given(books(), st.floats(0.001, 1))
def test_a_walk_is_the_book_s_impact_price_and_grows_with_the_order(book: Book, share: float) -> None:
    walk = Walk(book, "r")
    for order, side in (("buy", "ask"), ("sell", "bid")):
        notional = walk.capacity(order) * share * 0.999999  # type: ignore[arg-type]  # one of two words
        figure, smaller = (walk.at(0, order, amount) for amount in (notional, notional / 2))  # type: ignore[arg-type]  # one of two words
        price = book.impact_price(side, notional)  # type: ignore[arg-type]  # one of two words
        assert figure.value == abs(price - book.mid) / book.mid
        assert smaller.needed("the smaller") <= figure.needed("the larger") + 1e-12  # a few roundings of averages near 100


@given(st.lists(st.tuples(shares, shares), min_size=1, max_size=6))
def test_sums_are_exact_and_hold_their_spans(pairs: list[tuple[Fraction, Fraction]]) -> None:
    figures = {str(k): Figure(high, "given", span=(min(low, high), max(low, high))) for k, (low, high) in enumerate(pairs)}
    whole = summed(figures)
    assert whole.value == sum(high for _, high in pairs)
    low, high = whole.ends
    assert low <= whole.needed("the sum") <= high
    assert high - low == sum(abs(high - low) for low, high in pairs)


@given(st.lists(st.tuples(shares, shares, st.fractions(Fraction(1, 10), 3, max_denominator=100)), min_size=1, max_size=4))
def test_a_round_trip_is_both_turns_and_scales_with_the_ratios(rows: list[tuple[Fraction, Fraction, Fraction]]) -> None:
    legs = [Leg(f"v{k}", "BTC/USDT:USDT", "short", ratio=ratio) for k, (_, _, ratio) in enumerate(rows)]
    own = tuple(LegCosts(FlatFees(Figure.given(0), Figure.given(fee)), HalfSpread(Figure.given(abs(half)))) for fee, half, _ in rows)
    costs = TradeCosts(own)
    whole = summed(round_trip(costs, legs, 1000, 0)).value
    assert whole == sum(2 * ratio * (fee + abs(half)) for fee, half, ratio in rows)
    assert whole == 2 * summed(turn(costs, legs, 1000, 0, opening=True)).needed("one turn")


def row(number: Fraction, when: When, source: str) -> CostRow:
    return CostRow("fee", Whom("v"), when, "base", "base", "stated", source, numbers={"taker": (number, number)})


whens = st.one_of(
    st.builds(lambda day: When(seen=((day, day + DAY),)), moments),
    st.builds(lambda since, length: When(since, since + length), moments, st.integers(1, 500).map(lambda day: day * DAY)),
    st.builds(When, moments),
    st.builds(lambda until: When(None, until), moments),
    st.just(When()),
)


@given(st.lists(st.tuples(shares, whens), min_size=1, max_size=6), moments)
def test_whatever_is_on_record_something_answers_within_its_span_and_says_how_well(told: list[tuple[Fraction, When]], ms: int) -> None:
    rows = [row(number, when, f"s{k}") for k, (number, when) in enumerate(told)]
    found = at_moment(rows, "taker", ms)
    assert found.value in {number for number, _ in told}
    assert found.span[0] <= found.value <= found.span[1]
    if found.relation == "in force":
        assert gap(found.row.when, ms) == 0
    elif found.relation == "undated":
        assert all(when.undated for _, when in told)
        assert found.gap_days is None
    else:
        assert found.gap_days is not None
        assert found.gap_days > 0
        assert found.doubts


@given(st.lists(st.tuples(shares, whens), min_size=1, max_size=5), shares, moments)
def test_a_row_of_the_very_day_is_never_passed_over(told: list[tuple[Fraction, When]], number: Fraction, ms: int) -> None:
    """What was seen on the day answers: no other row is of the day and as sure."""
    seen = row(number, When(seen=((ms, ms + DAY),)), "of the day")
    others = [row(value, when, f"s{k}") for k, (value, when) in enumerate(told) if not any(first <= ms < last for first, last in when.seen)]
    found = at_moment([*others, seen], "taker", ms)
    assert (found.relation, found.value) == ("in force", number)


near = st.tuples(
    st.sampled_from([Fraction(0), Fraction(1, 1000)]), st.integers(0, 3).map(lambda day: When(seen=((day * DAY, day * DAY + DAY),)))
)


@given(st.lists(st.one_of(st.tuples(shares, whens), near), min_size=2, max_size=5), st.one_of(moments, st.just(DAY)), st.randoms())
def test_the_order_of_rows_in_a_file_changes_no_answer(told: list[tuple[Fraction, When]], ms: int, random: object) -> None:
    rows = [row(number, when, f"s{k}") for k, (number, when) in enumerate(told)]
    shuffled = list(rows)
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # Hypothesis' own Random
    first, second = at_moment(rows, "taker", ms), at_moment(shuffled, "taker", ms)
    assert (first.relation, first.gap_days, first.span, first.value) == (second.relation, second.gap_days, second.span, second.value)
