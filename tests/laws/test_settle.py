"""Does settlement hold for everything: sign, sums, splits, units of price? And does another rule change only what it says?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from perpscope.market.contract import Contract, Payoff
from perpscope.market.funding import Position, PublishedFixing
from perpscope.market.number import INF
from perpscope.market.number import total as by_halves
from perpscope.market.time import Schedule
from perpscope.mechanisms.decide import Formula
from perpscope.mechanisms.observe import Observe
from perpscope.mechanisms.reduce import Last, LinearMean, Mean, Reducer
from perpscope.mechanisms.rule import Rule
from perpscope.mechanisms.settle import SIDES, Settlement
from perpscope.trading.counterfactual import PARTS, Law, Observed, Regime, decided, exchanged, steps
from perpscope.trading.settle import Key, Listing, Settled, settle

HOUR = 3_600_000
KEY: Key = ("venue", "BTC/USDT:USDT")
Fixings = list[PublishedFixing]


def fractions(low: str, high: str, places: int) -> st.SearchStrategy[Fraction]:
    return st.decimals(low, high, places=places).map(Fraction)


quantities = fractions("-1000", "1000", 3)
rates = fractions("-0.02", "0.02", 8)
prices = fractions("0.01", "100000", 2)
_PAYOFFS: tuple[Payoff, ...] = ("linear", "inverse", "quanto")
payoffs = st.sampled_from(_PAYOFFS)
sizes = st.sampled_from([Fraction(1), Fraction("0.001"), Fraction(100)])


@st.composite
def histories(draw: st.DrawFn, accounts: Sequence[str] = ("a", "b")) -> list[Position]:
    """Changes of position of some accounts over two days, some exactly on stamps."""
    moments = st.one_of(st.integers(0, 48).map(lambda hour: hour * HOUR), st.integers(0, 48 * HOUR))
    return [
        Position(account, *KEY, at, draw(quantities))
        for account in accounts
        for at in draw(st.lists(moments, min_size=1, max_size=4, unique=True))
    ]


@st.composite
def fixings(draw: st.DrawFn, *, mixed: bool = True) -> Fixings:
    """Six intervals one after another, of 8, 4 or 1 hours, paid at the stamp or accruing."""
    found: Fixings = []
    at = 0
    for _ in range(6):
        hours = draw(st.sampled_from((8, 4, 1)))
        at += hours * HOUR
        accrual = draw(st.sampled_from(("stamp", "continuous"))) if mixed else "stamp"
        found.append(PublishedFixing(*KEY, at, draw(rates), hours, draw(prices), accrual))  # type: ignore[arg-type]  # one of the two
    return found


def pay(positions: Sequence[Position], decided: Fixings, contract: Contract | None = None, way: Settlement | None = None) -> Settled:
    return settle(positions, decided, {KEY: [Listing(contract or Contract("linear", "USDT", Fraction(1)), way or Settlement())]})


def total(run: Settled) -> Fraction:
    return sum((Fraction(amount) for amount in run.totals.values()), start=Fraction(0))


def times(positions: Sequence[Position], factor: Fraction) -> list[Position]:
    return [replace(row, quantity=Fraction(row.quantity) * factor) for row in positions]


@given(histories(), fixings(), payoffs, sizes, quantities)
def test_money_is_linear_in_the_quantity(held: list[Position], told: Fixings, payoff: Payoff, size: Fraction, factor: Fraction) -> None:
    contract = Contract(payoff, "USDT", size)
    assert total(pay(times(held, factor), told, contract)) == factor * total(pay(held, told, contract))


@given(histories(), fixings(), payoffs)
def test_a_short_receives_what_a_long_pays(held: list[Position], told: Fixings, payoff: Payoff) -> None:
    contract = Contract(payoff, "USDT", Fraction(1))
    ours, theirs = pay(held, told, contract), pay(times(held, Fraction(-1)), told, contract)
    assert [p.amount for p in ours.payments] == [-p.amount for p in theirs.payments]


@given(histories(), fixings(), payoffs, st.sampled_from(SIDES))
def test_nothing_held_pays_nothing(held: list[Position], told: Fixings, payoff: Payoff, sides: str) -> None:
    run = pay(times(held, Fraction(0)), told, Contract(payoff, "USDT", Fraction(1)), Settlement(sides=sides))  # type: ignore[arg-type]  # one of them
    assert run.payments == ()
    assert run.totals == {}


@given(histories(("a", "b", "c")), fixings(), payoffs, st.sampled_from(("mirror", "shared", "larger")))
def test_a_closed_book_pays_nobody_on_the_whole(held: list[Position], told: Fixings, payoff: Payoff, sides: str) -> None:
    """A fourth account takes the other side of every change."""
    changes: dict[int, Fraction] = defaultdict(Fraction)
    for account in ("a", "b", "c"):
        own = sorted((row for row in held if row.account == account), key=lambda row: row.at)
        before = Fraction(0)
        for row in own:
            changes[row.at] += Fraction(row.quantity) - before
            before = Fraction(row.quantity)
    net = Fraction(0)
    others = [Position("d", *KEY, at, -(net := net + changes[at])) for at in sorted(changes)]
    run = pay([*held, *others], told, Contract(payoff, "USDT", Fraction(1)), Settlement(sides=sides))  # type: ignore[arg-type]  # one of them
    assert total(run) == 0
    assert all(error == 0 for error in run.conservation_error.values())


@given(histories(("a",)), fixings(), payoffs, fractions("0", "1", 2))
def test_a_position_in_two_accounts_pays_the_same(held: list[Position], told: Fixings, payoff: Payoff, share: Fraction) -> None:
    contract = Contract(payoff, "USDT", Fraction(1))
    other = [replace(row, account="z") for row in times(held, 1 - share)]
    assert total(pay([*times(held, share), *other], told, contract)) == total(pay(held, told, contract))


@given(histories(("a",)), rates, prices, st.lists(st.integers(1, 47), min_size=1, max_size=6, unique=True))
def test_accrual_may_be_cut_anywhere(held: list[Position], rate: Fraction, price: Fraction, cuts: list[int]) -> None:
    """Two days at one rate per hour and one price: one fixing of all of it, or one for each piece."""
    edges = [0, *sorted(cuts), 48]
    pieces = [PublishedFixing(*KEY, b * HOUR, rate * (b - a), b - a, price, "continuous") for a, b in pairwise(edges)]
    whole = [PublishedFixing(*KEY, 48 * HOUR, rate * 48, 48, price, "continuous")]
    assert total(pay(held, pieces)) == total(pay(held, whole))


@given(histories(("a",)), fixings(), payoffs, fractions("0", "0.01", 8))
def test_a_higher_rate_is_never_better_for_a_long(held: list[Position], told: Fixings, payoff: Payoff, more: Fraction) -> None:
    contract = Contract(payoff, "USDT", Fraction(1))
    longs = [replace(row, quantity=abs(Fraction(row.quantity))) for row in held]
    dearer = [replace(f, rate=Fraction(f.rate) + more) for f in told]
    ours, theirs = pay(longs, told, contract).payments, pay(longs, dearer, contract).payments
    assert all(b.amount <= a.amount for a, b in zip(ours, theirs, strict=True))
    assert all(-b.amount >= -a.amount for a, b in zip(ours, theirs, strict=True))


@given(histories(), fixings(), fractions("0.01", "1000", 2), sizes)
def test_the_unit_of_price_does_not_matter(held: list[Position], told: Fixings, unit: Fraction, size: Fraction) -> None:
    """A thousandth of the coin at a thousandth of its price: contracts of another size pay the same."""
    scaled = [replace(f, price=Fraction(f.price or 1) * unit) for f in told]
    for payoff in _PAYOFFS:
        other = size * unit if payoff == "inverse" else size / unit
        ours = pay(held, told, Contract(payoff, "USDT", size))
        theirs = pay(held, scaled, Contract(payoff, "USDT", other))
        assert [p.amount for p in ours.payments] == [p.amount for p in theirs.payments]


@given(histories(), fixings(), st.randoms())
def test_the_order_of_rows_does_not_matter(held: list[Position], told: Fixings, rng: object) -> None:
    held_again, told_again = [*held, *held], [*told, *told]
    rng.shuffle(held_again)  # type: ignore[attr-defined]  # a random.Random
    rng.shuffle(told_again)  # type: ignore[attr-defined]  # likewise
    assert pay(held_again, told_again) == pay(held, told)


@given(histories(), fixings(), st.integers(1, 5))
def test_fixings_paid_apart_add_up(held: list[Position], told: Fixings, cut: int) -> None:
    both = [pay(held, part) for part in (told[:cut], told[cut:])]
    assert total(both[0]) + total(both[1]) == total(pay(held, told))


@given(st.lists(fractions("-1000000", "1000000", 6), max_size=40))
def test_a_sum_by_halves_is_the_sum(numbers: list[Fraction]) -> None:
    assert by_halves(numbers) == sum(numbers)


# another rule


@st.composite
def rules(draw: st.DrawFn) -> Rule:
    """A rule of premiums with every part at work or at rest."""
    cap = draw(st.one_of(st.just(INF), fractions("0", "0.01", 4)))
    formula = Formula(
        combine=draw(st.sampled_from(("pull", "larger", "clamped_premium"))),
        period=draw(st.sampled_from((0, 8, 24))),
        interest=draw(fractions("-0.001", "0.001", 5)),
        damper=draw(fractions("0", "0.001", 5)),
        times=draw(st.sampled_from((Fraction(1), Fraction(1, 2)))),
        add=draw(st.sampled_from((Fraction(0), Fraction("0.0000125")))),
        add_per=1,
        floor=-cap,
        cap=cap,
        change=draw(st.one_of(st.just(INF), fractions("0", "0.001", 5))),
        keep=draw(st.sampled_from((Fraction(0), Fraction(1, 4)))),
        decimals=draw(st.sampled_from((-1, 5))),
    )
    averages: tuple[Reducer, ...] = (Mean(), LinearMean(), Last())
    reduce = draw(st.sampled_from(averages))
    way = Settlement(flow=draw(st.sampled_from(("stamp", "through"))))
    return Rule(Observe("impact_band", 60), reduce, formula, settle=way)


regimes = st.builds(Regime, rules(), st.sampled_from((None, Schedule(1), Schedule(4), Schedule(8))))
premiums = st.lists(fractions("-0.01", "0.01", 6), min_size=3, max_size=6)


def observed(several: Sequence[Fraction], hours: int = 8) -> list[Observed]:
    return [
        Observed(PublishedFixing(*KEY, k * hours * HOUR, Fraction(0), hours, Fraction(60_000 + 100 * k)), premium)
        for k, premium in enumerate(several, start=1)
    ]


def always(regime: Regime) -> Law:
    return lambda _: regime


@given(rules(), premiums)
def test_the_own_rule_at_the_own_stamps_changes_nothing(rule: Rule, several: list[Fraction]) -> None:
    """Deciding what the rule itself had decided gives its rates, prices and stamps."""
    first = decided(observed(several), always(Regime(rule)))
    again = decided([Observed(f, premium) for f, premium in zip(first, several, strict=True)], always(Regime(rule, Schedule(8))))
    assert again == first


@settings(max_examples=30)
@given(regimes, premiums)
def test_exchanging_nothing_changes_nothing(regime: Regime, several: list[Fraction]) -> None:
    assert exchanged(regime, regime, PARTS) == regime
    rows = observed(several)
    assert all(decided(rows, law) == decided(rows, always(regime)) for _, law in steps(always(regime), always(regime)))


@settings(max_examples=40)
@given(regimes, regimes, premiums, histories(("a",)))
def test_the_parts_add_up_to_the_whole(own: Regime, other: Regime, several: list[Fraction], held: list[Position]) -> None:
    rows = observed(several)
    before = first = total(pay(held, decided(rows, always(own))))
    parts = {}
    for part, law in steps(always(own), always(other)):
        now = total(pay(held, decided(rows, law)))
        parts[part] = now - before
        before = now
    assert sum(parts.values(), start=Fraction(0)) == total(pay(held, decided(rows, always(other)))) - first
    assert parts["interval"] == 0 or own.schedule != other.schedule or own.rule.formula.period != other.rule.formula.period


@given(fractions("-0.01", "0.01", 6), fractions("-0.001", "0.001", 5), fractions("0", "0.001", 5), st.sampled_from((1, 2, 4)), quantities)
def test_a_constant_premium_decided_hourly_and_scaled_pays_the_same(
    premium: Fraction, interest: Fraction, damper: Fraction, hours: int, quantity: Fraction
) -> None:
    """Eight-hour history, one price; the formula is written for 8 h, its limits are per hour."""
    formula = Formula(period=8, interest=interest, damper=damper, cap=Fraction("0.0005"), floor=Fraction("-0.0005"), limit_per=1)
    rule = Rule(Observe("impact_band", 60), LinearMean(), formula)
    rows = [replace(seen, fixing=replace(seen.fixing, price=Fraction(60_000))) for seen in observed([premium] * 3)]
    held = [Position("a", *KEY, 0, quantity)]
    slow, fast = (decided(rows, always(Regime(rule, Schedule(step)))) for step in (8, hours))
    assert len(fast) == len(slow) * 8 // hours
    assert total(pay(held, fast)) == total(pay(held, slow))
