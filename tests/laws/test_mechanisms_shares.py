"""Which laws do the parts hold that share, remember and swap?"""

from __future__ import annotations

import math
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from perpscope.catalogue.load import load_venue
from perpscope.market.contract import Contract
from perpscope.mechanisms.accrual import index_move
from perpscope.mechanisms.consensus import weighted_median
from perpscope.mechanisms.decide import Formula, decide
from perpscope.mechanisms.funding_swap import floating, present_value, time_fee, upfront
from perpscope.mechanisms.observe import Observe
from perpscope.mechanisms.reduce import Adaptive, Velocity
from perpscope.mechanisms.rule import Rule
from perpscope.mechanisms.settle import Settlement, charge
from perpscope.mechanisms.sharing import shared_out
from perpscope.mechanisms.window import Window

HOUR = 3_600_000
amounts = st.fractions(0, 1000, max_denominator=997)
positive = st.fractions(Fraction(1, 90), 1000, max_denominator=97)
signed = st.fractions(-1000, 1000, max_denominator=97)
small = st.fractions(-1, 1, max_denominator=997)
grains = st.sampled_from((1, 100, 10**6, 10**18))
votes = st.lists(st.tuples(small, positive), min_size=1, max_size=8)


def apart(pairs: list[tuple[Fraction, Fraction]]) -> tuple[list[Fraction], list[Fraction]]:
    return [value for value, _ in pairs], [weight for _, weight in pairs]


@given(pairs=votes, factor=positive, shift=small)
def test_a_weighted_median_scales_shifts_and_turns_with_its_votes(
    pairs: list[tuple[Fraction, Fraction]], factor: Fraction, shift: Fraction
) -> None:
    values, weights = apart(pairs)
    found = weighted_median(values, weights)
    assert min(values) <= found <= max(values)
    assert weighted_median([value * factor + shift for value in values], weights) == found * factor + shift
    assert weighted_median([-value for value in values], weights) == -found
    assert weighted_median(values, [weight * factor for weight in weights]) == found
    assert weighted_median(values[::-1], weights[::-1]) == found


@given(pairs=votes, who=st.integers(0, 7), up=positive)
def test_a_weighted_median_never_falls_when_a_vote_rises(pairs: list[tuple[Fraction, Fraction]], who: int, up: Fraction) -> None:
    values, weights = apart(pairs)
    raised = [value + up if k == who % len(values) else value for k, value in enumerate(values)]
    assert weighted_median(raised, weights) >= weighted_median(values, weights)


@given(pairs=votes)
def test_neither_side_of_a_weighted_median_is_heavier_than_half(pairs: list[tuple[Fraction, Fraction]]) -> None:
    found = weighted_median(*apart(pairs))
    half = sum(weight for _, weight in pairs) / 2
    assert sum(weight for value, weight in pairs if value < found) <= half
    assert sum(weight for value, weight in pairs if value > found) <= half


@given(owed=st.lists(amounts, max_size=6), open_interest=st.lists(positive, max_size=6), grains=grains)
def test_a_pot_never_pays_more_than_it_takes(owed: list[Fraction], open_interest: list[Fraction], grains: int) -> None:
    shares = shared_out(owed, open_interest, grains)
    unit = Fraction(1, grains)
    assert sum(shares.paid) == sum(shares.received) + shares.rest
    assert all(0 <= paid - due < unit for paid, due in zip(shares.paid, owed, strict=True))
    if open_interest:
        fair = [sum(owed) * x / sum(open_interest) for x in open_interest]
        assert all(0 <= due - got < unit for got, due in zip(shares.received, fair, strict=True))
        assert 0 <= shares.rest < unit * (len(owed) + len(open_interest) or 1)
    else:
        assert shares.rest == sum(shares.paid)


@given(quantity=signed, rate=small, seconds=st.integers(0, 10**8), grains=grains)
def test_a_swap_is_never_worth_more_to_its_two_sides_than_nothing(quantity: Fraction, rate: Fraction, seconds: int, grains: int) -> None:
    """Both legs are antisymmetric but for rounding, which is against the holder."""
    assert 0 <= upfront(quantity, rate, seconds, grains) + upfront(-quantity, rate, seconds, grains) <= Fraction(1, grains)
    assert 0 >= floating(quantity, rate, grains) + floating(-quantity, rate, grains) >= -Fraction(1, grains)
    assert upfront(quantity, rate, seconds) == -upfront(-quantity, rate, seconds) == 2 * upfront(quantity / 2, rate, seconds)
    assert time_fee(quantity, abs(rate), seconds, grains) == time_fee(-quantity, abs(rate), seconds, grains) >= 0
    assert present_value(quantity, rate, seconds, grains) <= upfront(quantity, rate, seconds, grains)


@given(
    ticks=st.lists(st.tuples(st.integers(0, 100), small), min_size=1, max_size=8),
    last=st.integers(0, 100),
    gap=st.integers(0, 100),
    cut=st.integers(0, 7),
)
def test_an_index_adds_up_over_neighbouring_stretches(ticks: list[tuple[int, Fraction]], last: int, gap: int, cut: int) -> None:
    at = [sum(step for step, _ in ticks[: k + 1]) * 1000 for k in range(len(ticks))]
    rates = [rate for _, rate in ticks]
    end, k = at[-1] + last * 1000, cut % len(ticks)
    whole = index_move(at, rates, end, period_hours=8, longest_gap_s=gap)
    parts = index_move(at[:k], rates[:k], at[k], period_hours=8, longest_gap_s=gap) if k else 0
    assert whole == parts + index_move(at[k:], rates[k:], end, period_hours=8, longest_gap_s=gap)
    assert abs(Fraction(whole)) <= max(abs(rate) for rate in rates) * (end - at[0]) / (8 * HOUR)
    assert index_move(at, [-rate for rate in rates], end, period_hours=8, longest_gap_s=gap) == -whole


def velocity(scale: Fraction, fastest: Fraction) -> Rule:
    return Rule(Observe("skew"), Velocity(scale, fastest), Formula(period=24))


def windows(steps: list[tuple[int, Fraction]], column: str = "premium") -> list[Window]:
    """One window for each (hours, sample)."""
    found, now = [], 0
    for hours, x in steps:
        found.append(Window(now, now + hours * HOUR, {column: [x], "at": [Fraction(now)]}))
        now += hours * HOUR
    return found


steps = st.lists(st.tuples(st.integers(1, 48), signed), min_size=1, max_size=6)


@given(steps=steps, scale=positive, fastest=positive)
def test_a_drifting_rate_turns_with_the_skew_and_moves_no_faster_than_allowed(
    steps: list[tuple[int, Fraction]], scale: Fraction, fastest: Fraction
) -> None:
    rule, carry, before = velocity(scale, fastest), Fraction(0), None
    mirrored = None
    for window, other in zip(windows(steps), windows([(h, -x) for h, x in steps]), strict=True):
        before, mirrored = rule.fix(window, before), rule.fix(other, mirrored)
        assert before.tally is not None
        assert mirrored.tally is not None
        assert (before.rate, before.tally.carry) == (-mirrored.rate, -mirrored.tally.carry)
        after = Fraction(before.tally.carry)
        assert abs(after - carry) <= fastest * Fraction(window.length_hours) / 24
        assert before.terms.premium == (carry + after) / 2
        carry = after


@given(steps=steps, scale=positive, fastest=positive)
def test_one_window_of_a_drifting_rate_pays_what_its_parts_pay(
    steps: list[tuple[int, Fraction]], scale: Fraction, fastest: Fraction
) -> None:
    rule, parts = velocity(scale, fastest), windows(steps)
    whole = Window(0, parts[-1].end, {"premium": [x for _, x in steps], "at": [Fraction(part.start) for part in parts]})
    paid, before = Fraction(0), None
    for part in parts:
        before = rule.fix(part, before)
        paid += Fraction(before.rate)
    assert rule.fix(whole).rate == paid


@settings(max_examples=200)
@given(
    steps=st.lists(st.tuples(st.integers(1, 48), small), min_size=1, max_size=6),
    increase=st.fractions(0, Fraction(1, 10**5), max_denominator=10**7),
    decrease=st.fractions(0, Fraction(1, 10**6), max_denominator=10**8),
    bands=st.tuples(st.fractions(0, Fraction(1, 2)), st.fractions(0, Fraction(1, 2))),
    cap=st.fractions(Fraction(1, 10**6), 1),
)
def test_an_adaptive_rate_is_bounded_turns_with_the_imbalance_and_rests_between_its_bands(
    steps: list[tuple[int, Fraction]], increase: Fraction, decrease: Fraction, bands: tuple[Fraction, Fraction], cap: Fraction
) -> None:
    calm, stable = sorted(bands)
    rule = Rule(Observe("imbalance"), Adaptive(increase, decrease, stable, calm, cap=cap), Formula(period=Fraction(1, 3600)))
    carry = Fraction(0)
    before = mirrored = None
    for (hours, x), window, other in zip(steps, windows(steps), windows([(h, -x) for h, x in steps]), strict=True):
        before, mirrored = rule.fix(window, before), rule.fix(other, mirrored)
        assert before.tally is not None
        assert mirrored.tally is not None
        after = Fraction(before.tally.carry)
        assert after == -mirrored.tally.carry
        assert abs(after) <= cap
        if carry * x > 0 and calm <= abs(x) <= stable:
            assert after == carry
        if carry * x > 0 and abs(x) < calm:
            assert 0 < abs(after) <= abs(carry) or abs(after) == Fraction(1, 10**30)
            assert after * carry > 0
        assert before.rate == before.terms.premium * hours * 3600
        carry = after


@given(rate=small, longs=amounts, shorts=amounts)
def test_what_receivers_share_is_what_payers_pay(rate: Fraction, longs: Fraction, shorts: Fraction) -> None:
    usd = Contract("linear", "USD")
    larger = charge(rate, Settlement(price="none", sides="larger"), usd, long_open=longs, short_open=shorts)
    assert larger.long * longs + larger.short * shorts == 0
    if longs and shorts:
        assert abs(larger.long * longs) == abs(rate) * max(longs, shorts)
        paying = longs if rate > 0 else shorts
        if paying == max(longs, shorts):
            assert larger == charge(rate, Settlement(price="none", sides="shared"), usd, long_open=longs, short_open=shorts)


@given(
    usage=st.tuples(st.fractions(0, 1), st.fractions(0, 1)),
    base=st.fractions(Fraction(1, 100), 1),
    more=st.fractions(0, 1),
    optimal=st.fractions(Fraction(1, 100), Fraction(99, 100)),
)
def test_a_kinked_fee_rises_with_the_usage_and_ends_at_the_rate_above_the_kink(
    usage: tuple[Fraction, Fraction], base: Fraction, more: Fraction, optimal: Fraction
) -> None:
    """The kink is the bend of the one formula: base x usage, then base + (above - base) x (usage - optimal) / (1 - optimal)."""
    dated = next(rule for rule in load_venue("gmx2").rules if rule.market_list == "borrow")
    numbers = {"base_factor": base, "optimal_usage": optimal, "above_factor": base + more}
    formula = dated.build(numbers, sampled=True, exact=True).formula
    second = Fraction(1, 3600)

    def fee(x: Fraction) -> Fraction:
        return Fraction(decide(x, second, math.nan, *formula.numbers()).rounded)

    low, high = sorted(usage)
    assert fee(Fraction(0)) == 0
    assert fee(low) <= fee(high) <= fee(Fraction(1)) == base + more
    for x in usage:
        beyond = max(x - optimal, Fraction(0)) * more / (1 - optimal)
        assert fee(x) == base * x + beyond


@given(before=small, limited=small, keep=st.fractions(0, Fraction(99, 100)))
def test_a_smoothed_rate_lies_between_the_old_and_the_new(before: Fraction, limited: Fraction, keep: Fraction) -> None:
    terms = decide(limited, 1, before, *Formula(keep=keep).numbers())
    assert terms.slowed == keep * before + (1 - keep) * limited
    assert min(before, limited) <= terms.slowed <= max(before, limited)
    assert decide(limited, 1, math.nan, *Formula(keep=keep).numbers()).slowed == limited
