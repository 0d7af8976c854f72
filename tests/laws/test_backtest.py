"""Does a backtest hold for everything: sums, conservation, causality, and against a plain run that shares no code with it?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from perpscope.market.brackets import Brackets
from perpscope.market.contract import Contract
from perpscope.market.funding import PublishedFixing
from perpscope.market.number import Number
from perpscope.trading.backtest.fold import backtest
from perpscope.trading.backtest.model import Bars, LegHistory, Plan, Result
from perpscope.trading.backtest.seen import Decision, Seen
from perpscope.trading.costs.figure import Figure
from perpscope.trading.costs.parts import FlatFees, HalfSpread, LegCosts, TradeCosts, Transfer
from perpscope.trading.ledger import sums
from perpscope.trading.margin import Requirement
from perpscope.trading.settle import Listing
from perpscope.trading.trade import Collateral, Leg, Policy, Trade

HOUR, MINUTE = 3_600_000, 60_000
SPOT, PERP, COIN, QUANTO, DATED, SWAP = "BTC/USDT", "BTC/USDT:USDT", "BTC/USD:BTC", "ETH/USD:BTC", "BTC/USDT:USDT-300101", "swap"
HOURS = 24


@dataclass(frozen=True)
class Case:
    """A trade with all that is known of it."""

    trade: Trade
    histories: tuple[LegHistory, ...]
    costs: TradeCosts
    plan: Plan

    def run(self, **plan: object) -> Result:
        return backtest(self.trade, self.histories, self.costs, replace(self.plan, **plan))  # type: ignore[arg-type]  # the plan refuses others


def path(dice: Random, start: int, *, exact: bool) -> list[Number]:
    """Prices that move by up to two in a hundred, at times by a tenth, and seldom by a half."""
    price: Number = Fraction(start) if exact else float(start)
    found = [price]
    for _ in range(HOURS):
        move = (
            dice.randint(-400, 500)
            if dice.random() < 0.02
            else dice.choice((dice.randint(-20, 20), dice.randint(-20, 20), dice.randint(-100, 100)))
        )
        price = price * (1000 + move) / 1000
        found.append(price)
    return found


def bars_of(dice: Random, start: int = 100, *, exact: bool, rates: bool = False) -> Bars:
    """Bars whose marks lie beside the trades, and whose extremes reach beyond both."""
    trade = [price / (1000 if rates else 1) for price in path(dice, start, exact=exact)]
    mark = [price * (985 + dice.randint(0, 30)) / 1000 for price in trade]
    high = [max(pair) * (1000 + dice.randint(0, 30)) / 1000 for pair in zip(trade, mark, strict=True)]
    low = [min(pair) * (1000 - dice.randint(0, 30)) / 1000 for pair in zip(trade, mark, strict=True)]
    return Bars([k * HOUR for k in range(HOURS + 1)], trade, mark, high, low, open=dice.choice((None, mark)), rates=rates)


def fixings_of(dice: Random, symbol: str, *, exact: bool) -> tuple[PublishedFixing, ...]:
    """Fixings over the whole day, of one, four or eight hours, on the hour, beside it or accruing."""
    kind = Fraction if exact else float
    found: list[PublishedFixing] = []
    at = 0
    while at < HOURS:
        hours = dice.choice((1, 4, 8))
        at += hours
        stamp = at * HOUR + dice.choice((0, 0, 5, 1_200_000))
        price = dice.choice((None, kind(dice.randint(90, 110))))
        rate = kind(Fraction(dice.randint(-1000, 1000), 100_000))
        found.append(PublishedFixing("venue", symbol, stamp, rate, hours, price, dice.choice(("stamp", "stamp", "continuous"))))
    return tuple(found)


CONTRACTS = {
    SPOT: Contract("linear", "USDT"),
    PERP: Contract("linear", "USDT"),
    DATED: Contract("linear", "USDT"),
    SWAP: Contract("linear", "USDT"),
    COIN: Contract("inverse", "BTC"),
    QUANTO: Contract("quanto", "BTC", Fraction(1, 1_000_000)),
}
TABLES = (
    Brackets.flat(Fraction(1, 200)),
    Brackets.flat(Fraction(1, 20), valued="entry"),
    Brackets.of([(5_000, Fraction(1, 250), None), (50_000, Fraction(1, 50), None), (10**12, Fraction(1, 10), None)]),
)


def history_of(dice: Random, symbol: str, *, exact: bool) -> LegHistory:
    """A market of one contract, which may be halted, and may end."""
    ended = HOURS * HOUR if symbol in {DATED, SWAP} else dice.choice((None, None, None, 15 * HOUR, 15 * HOUR + HOUR // 2))
    contract = CONTRACTS[symbol]
    size = contract.size if exact else float(contract.size)
    halts = dice.choice(((), ((dice.randint(0, 12) * HOUR, dice.randint(13, 20) * HOUR),)))
    return LegHistory(
        bars=bars_of(dice, exact=exact, rates=symbol == SWAP),
        listing=Listing(replace(contract, size=size), ended=ended),
        fixings=() if symbol in {SPOT, DATED} else fixings_of(dice, symbol, exact=exact),
        requirement=Requirement(dice.choice(TABLES), Fraction(1, 1000)),
        halts=halts,
        coin=bars_of(dice, 30_000, exact=exact) if symbol == QUANTO else None,
    )


POLICIES = st.sampled_from(
    [
        Policy.hold(),
        Policy.flip(),
        Policy(0.5, 0.1, look=2),
        Policy(0.5, 0.1, look=2, follow=True),
        Policy(0, 0, look=1, follow=True, stay_hours=3, rest_hours=2),
        Policy(most_hours=4, rest_hours=1),
    ]
)


KEPT = (
    Collateral(),
    Collateral(Fraction(1, 10), top_up=Fraction(1, 10), target=Fraction(1, 2)),
    Collateral(rebalance=Fraction(1, 50)),
    Collateral(Fraction(1, 2), Fraction(1, 5), Fraction(1, 2), Fraction(1, 10)),
)


def leg_of(dice: Random, symbol: str, k: int) -> Leg:
    return Leg(
        venue=dice.choice(("one", "two")) + str(k),
        symbol=PERP if symbol == SWAP else symbol,
        swap=symbol == SWAP,
        side=dice.choice(("long", "short")),
        ratio=dice.choice((1, Fraction(1, 2))),
        leverage=1 if symbol == SPOT else dice.choice((1, 2, 5, 10)),
        liquidity=dice.choice(("taker", "maker")),
        multiplier=CONTRACTS[symbol].size if symbol == QUANTO else None,
    )


def costs_of(dice: Random, *, exact: bool) -> LegCosts:
    kind = Fraction if exact else float
    maker, taker, half, borrow, forced, delivery = (Figure.given(kind(Fraction(dice.randint(0, 200), 100_000))) for _ in range(6))
    return LegCosts(FlatFees(maker.times(-1), taker), HalfSpread(half), borrow.times(100), forced, delivery)


@st.composite
def cases(draw: st.DrawFn, *, exact: bool = False) -> Case:
    """Trades of one or two legs of any payoff, under any policy, with collateral that moves."""
    symbols = draw(st.lists(st.sampled_from([SPOT, PERP, COIN, QUANTO, DATED, SWAP]), min_size=1, max_size=3, unique=True))
    policy, collateral = draw(POLICIES), draw(st.sampled_from(KEPT))
    compound, decimals = draw(st.booleans()), draw(st.sampled_from((2, 8)))
    dice = Random(draw(st.integers(0, 2**32)))  # noqa: S311 - a market of a test, not a secret
    legs = tuple(leg_of(dice, symbol, k) for k, symbol in enumerate(symbols))
    histories = tuple(history_of(dice, symbol, exact=exact) for symbol in symbols)
    transfer = Transfer(Figure.given(3), Figure.given(dice.choice((0, 1, 5))))
    costs = TradeCosts(tuple(costs_of(dice, exact=exact) for _ in symbols), transfer, Figure.given(dice.choice((0, 1))))
    plan = Plan(
        notional=dice.choice((1_000, 20_000)),
        asset="USDT",
        missing="skip",
        compound=compound,
        decimals=decimals,
        charge_opportunity=dice.choice((True, False)),
    )
    return Case(Trade("perp_perp", legs, collateral, policy), histories, costs, plan)


@settings(max_examples=150)
@given(st.one_of(cases(), cases(exact=True)))
def test_the_reasons_add_up_to_the_last_unit(case: Case) -> None:
    found = case.run()
    assert sum(found.by_reason.values()) == found.equity[-1] - found.equity[0]
    told = [(why, units) for own in found.by_leg.values() for why, units in own.items()]
    assert {why: sum(units for other, units in told if other == why) for why, _ in told} == found.by_reason


@settings(max_examples=100)
@given(st.one_of(cases(), cases(exact=True)))
def test_legs_conserve_and_the_ledger_explains_the_money(case: Case) -> None:
    """Every entry sums to zero, and what the ledger says is at home when all is closed is the equity."""
    found = case.run()
    ledger = found.ledger
    assert ledger is not None
    assert ledger.check() == ()
    assert all(units == 0 for entry in ledger.entries for units in sums(entry.postings).values())
    if any(event.what == "left open" for event in found.events):
        return
    away = {key: units for key, units in ledger.balances().items() if units and key[0] not in {*ledger.outside, "idle", "on the way"}}
    assert away == {}
    flying = sum(units for (account, _), units in ledger.balances().items() if account == "on the way")
    if not flying:
        assert abs(ledger.balance("idle", "USDT") - found.equity[-1] * 10 ** (12 - found.places)) <= 10 ** (12 - found.places)


def cut(case: Case, last: int) -> Case:
    """Return what was known at hour `last`: other prices and fixings after it."""

    def changed_at(k: int, value: Number) -> Number:
        return value if k <= last else value * (3 if k % 2 else Fraction(1, 3) if isinstance(value, Fraction) else 0.3)

    def other(values: Sequence[Number]) -> list[Number]:
        return [changed_at(k, value) for k, value in enumerate(values)]

    def others(bars: Bars) -> Bars:
        opens = None if bars.open is None else [None if value is None else changed_at(k, value) for k, value in enumerate(bars.open)]
        return replace(bars, trade=other(bars.trade), mark=other(bars.mark), high=other(bars.high), low=other(bars.low), open=opens)

    changed = []
    for history in case.histories:
        paid = tuple(
            one if one.at < last * HOUR + MINUTE else replace(one, rate=-7 * one.rate - Fraction(1, 50)) for one in history.fixings
        )
        coin = None if history.coin is None else others(history.coin)
        changed.append(replace(history, bars=others(history.bars), fixings=paid, coin=coin))
    return replace(case, histories=tuple(changed))


@settings(max_examples=150)
@given(cases(), st.integers(1, HOURS - 1))
def test_what_comes_later_changes_nothing_before(case: Case, last: int) -> None:
    """Any change of data after t leaves equity and everything that happened up to t as it was, under every policy.

    A stamp less than a minute after a bar is paid with the bar, and seen by no decision of that bar.
    """
    was, now = case.run(), cut(case, last).run()
    reach = last * HOUR
    assert [(a, e) for a, e in zip(was.at, was.equity, strict=True) if a <= reach] == [
        (a, e) for a, e in zip(now.at, now.equity, strict=True) if a <= reach
    ]
    assert [event for event in was.events if event.at <= reach] == [event for event in now.events if event.at <= reach]


@settings(max_examples=60)
@given(cases())
def test_a_decision_sees_only_what_was_known_before(case: Case) -> None:
    def decide(seen: Seen, /) -> Decision:
        assert all(known < seen.at for own in seen.legs for known in own.known)
        assert all(one.at < seen.at for own in seen.legs for one in own.fixings)
        return "open"

    case.run(decide=decide)


@settings(max_examples=50)
@given(cases(exact=True))
def test_without_costs_both_orientations_mirror_each_other(case: Case) -> None:
    """What a linear trade gains, its mirror image loses: nothing comes from nowhere."""
    free = LegCosts(
        FlatFees(Figure.given(0), Figure.given(0)), HalfSpread(Figure.given(0)), Figure.given(0), Figure.given(0), Figure.given(0)
    )
    histories = [history for leg, history in zip(case.trade.legs, case.histories, strict=True) if leg.symbol in {PERP, DATED}]
    legs = [replace(leg, leverage=1) for leg in case.trade.legs if leg.symbol in {PERP, DATED}]
    if not legs:
        return
    histories = [replace(history, halts=(), requirement=Requirement(Brackets.flat(0))) for history in histories]
    trade = Trade("perp_perp", tuple(legs))
    costs = TradeCosts((free,) * len(legs))
    plan = replace(case.plan, compound=False, charge_opportunity=False, decimals=12)
    ours, theirs = (backtest(way, histories, costs, plan) for way in (trade, trade.reversed()))
    if ours.liquidations or theirs.liquidations:
        return
    gained, lost = (run.equity[-1] - run.equity[0] for run in (ours, theirs))
    assert abs(gained + lost) <= 2 * HOURS  # units of 10^-12: a rounding a payment
