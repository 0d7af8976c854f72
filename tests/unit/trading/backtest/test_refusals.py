"""What does a backtest refuse, what does it go on without, and what does it say then?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from perpscope.errors import CatalogueError, InputError, NotEnoughData, PerpscopeError
from perpscope.market.brackets import Brackets
from perpscope.market.contract import Contract
from perpscope.mechanisms.settle import Settlement
from perpscope.trading.backtest.fold import backtest
from perpscope.trading.backtest.model import Bars, LegHistory, Plan, Result
from perpscope.trading.costs.figure import Figure
from perpscope.trading.costs.parts import FlatFees, HalfSpread, LegCosts, TradeCosts, Transfer
from perpscope.trading.margin import Requirement
from perpscope.trading.trade import Collateral, Policy, Trade
from tests.unit.trading.backtest.cases import COIN, HOUR, PERP, QUANTO, SPOT, bars, cost, costs, fixings, happened, leg, perp, reasons, spot

FLAT = bars([100] * 9)
PAID = fixings([(hour, 0.0001, 100) for hour in range(1, 9)], 1)
NONE = Figure.unknown("nobody said")


def carry(**more: Any) -> Trade:  # noqa: ANN401 - options of several kinds
    return Trade("cash_and_carry", (leg(SPOT, "long", venue="shop"), leg(PERP, "short", 2)), **more)


def run(histories: list[LegHistory], charged: TradeCosts | None = None, trade: Trade | None = None, **plan: Any) -> Result:  # noqa: ANN401 - options of several kinds
    return backtest(trade or carry(), histories, charged or costs(cost(), cost()), Plan(**({"notional": 10_000, "decimals": 2} | plan)))


def whole() -> list[LegHistory]:
    return [spot(FLAT), perp(FLAT, PAID)]


def test_a_strict_run_with_everything_there() -> None:
    assert reasons(run(whole(), strict=True)) == {"funding": 8.00}


STRICT: dict[str, tuple[Callable[[], dict[str, Any]], str]] = {
    "a fee": (lambda: {"charged": costs(cost(), _without(fees=FlatFees(NONE, NONE)))}, "the fee|fee of venue"),
    "an impact": (lambda: {"charged": costs(cost(), _without(crossing=HalfSpread(NONE)))}, "impact of venue"),
    "a liquidation fee": (lambda: {"charged": costs(cost(), _without(liquidation=NONE))}, "liquidation fee"),
    "a borrow rate": (
        lambda: {"charged": costs(_without(borrow=NONE), cost()), "trade": carry().reversed(), "histories": _lent()},
        "borrow of shop",
    ),
    "a borrow rate that turning needs": (
        lambda: {"charged": costs(_without(borrow=NONE), cost()), "trade": carry(policy=Policy.flip()), "histories": _lent()},
        "borrow of shop",
    ),
    "a delivery fee": (
        lambda: {"charged": costs(cost(), _without(delivery=NONE)), "histories": [spot(FLAT), perp(FLAT, PAID, ended=5 * HOUR)]},
        "delivery fee",
    ),
    "the time of a transfer": (lambda: {"trade": carry(collateral=Collateral(0.1, 0.1))}, "time of a transfer"),
    "all of the time of a transfer": (
        lambda: {
            "trade": carry(collateral=Collateral(0.1, 0.1)),
            "charged": TradeCosts((cost(), cost()), Transfer(Figure.given(1), Figure.given(1), whole=False)),
        },
        "lower bound",
    ),
    "a requirement": (
        lambda: {"histories": [spot(FLAT), perp(FLAT, PAID, requirement=None, why_no_requirement="not on record")]},
        "not on record",
    ),
    "a requirement that turning needs": (
        lambda: {
            "trade": Trade("naked_long", (leg(PERP, "long"),), policy=Policy.flip()),
            "histories": [perp(FLAT, PAID, requirement=None, why_no_requirement="not on record")],
            "charged": costs(cost()),
        },
        "not on record",
    ),
    "marks": (lambda: {"histories": [spot(FLAT), perp(replace(FLAT, mark_is="index"), PAID)]}, "the index price stands in"),
    "the price of a fixing": (lambda: {"histories": [spot(FLAT), perp(FLAT, _unpriced(3))]}, "1970-01-01T03:00:00Z"),
    "a fixing in the middle": (lambda: {"histories": [spot(FLAT), perp(FLAT, PAID[:3] + PAID[4:])]}, "no funding from 1970-01-01T03"),
    "fixings at the beginning": (lambda: {"histories": [spot(FLAT), perp(FLAT, PAID[3:])]}, "no funding from 1970-01-01T00"),
    "fixings at the end": (lambda: {"histories": [spot(FLAT), perp(FLAT, PAID[:5])]}, "no funding from 1970-01-01T05"),
    "a bar": (lambda: {"histories": [spot(_holed()), perp(_holed(), PAID)]}, "no bars from"),
    "the other side's share": (lambda: {"histories": [spot(FLAT), perp(FLAT, PAID, settle=Settlement(sides="shared"))]}, "open interest"),
    "the price of the settle asset": (
        lambda: {"histories": [spot(FLAT), perp(FLAT, PAID, contract=Contract("linear", "USDC"))]},
        "USDC is taken for USDT",
    ),
}


def _lent() -> list[LegHistory]:
    """Coins that may be sold short, for their margin is known."""
    return [spot(FLAT, requirement=Requirement(Brackets.flat(0.1))), perp(FLAT, PAID)]


def _without(**figures: Any) -> LegCosts:  # noqa: ANN401 - figures and parts
    return replace(cost(), **figures)


def _unpriced(k: int) -> tuple[Any, ...]:
    return (*PAID[: k - 1], replace(PAID[k - 1], price=None), *PAID[k:])


def _holed() -> Bars:
    """Bars without those of hours 4 and 5."""
    kept = [0, 1, 2, 3, 6, 7, 8]
    prices = [100.0] * len(kept)
    return Bars([k * HOUR for k in kept], prices, prices, prices, prices)


@pytest.mark.parametrize("what", STRICT)
def test_a_strict_run_refuses(what: str) -> None:
    given, told = STRICT[what]
    with pytest.raises(PerpscopeError, match=told) as problem:
        run(**{"histories": whole(), "strict": True, **given()})
    assert isinstance(problem.value, InputError | CatalogueError)
    assert problem.value.do


QUIET = {"a liquidation fee", "the time of a transfer", "all of the time of a transfer", "a borrow rate that turning needs"}
"""Of what is never asked, or not told by the fold itself, a run that is not strict says nothing."""


@pytest.mark.parametrize("what", STRICT)
def test_without_strictness_it_runs_and_says_so(what: str) -> None:
    given: dict[str, Any] = {"histories": whole(), "missing": "skip"} | STRICT[what][0]()
    found = run(**given)
    told = [*found.unknown, *found.assumed, *(event.what for event in found.events if event.what in {"hole", "skipped"})]
    assert bool(told) == (what not in QUIET)


def test_what_is_not_known_is_counted_as_nothing_and_named() -> None:
    own = LegCosts(FlatFees(NONE, NONE), HalfSpread(Figure.assumed(0.001, "a quiet market")))
    found = run(whole(), costs(cost(0.001), own))
    assert found.unknown == {"fee of venue:BTC/USDT:USDT": "nobody said"}
    assert found.assumed == ("impact of venue:BTC/USDT:USDT: 0.001 assumed (a quiet market)",)
    assert reasons(found) == {"fee": -20.00, "impact": -20.00, "funding": 8.00}


def test_missing_bars_stop_or_are_skipped() -> None:
    """Nothing is decided at 6 h, after the hole, and the position is kept; funding is paid at its own price."""
    histories = [spot(_holed()), perp(_holed(), PAID)]
    with pytest.raises(InputError, match="no prices from 1970-01-01T03:00:00Z to 1970-01-01T06:00:00Z"):
        run(histories)
    found = run(histories, missing="skip")
    assert happened(found, "skipped") == [(6, "")]
    assert reasons(found) == {"funding": 8.00}


def test_a_halt_explains_missing_bars() -> None:
    halted = replace(perp(_holed(), PAID), halts=((3 * HOUR + 1, 6 * HOUR),))
    assert happened(run([spot(_holed()), halted]), "skipped") == []


def test_a_bar_that_one_leg_lacks() -> None:
    """The perpetual has no bar at 4 h and 5 h: the policy would leave at 4 h, and leaves at 6 h."""
    paid = fixings([(hour, 0.0001 if hour < 3 else -0.0001, 100) for hour in range(1, 9)], 1)
    trade = carry(policy=Policy(0, 0, look=1))
    with pytest.raises(InputError, match="no price of venue:BTC/USDT:USDT at 1970-01-01T04:00:00Z"):
        run([spot(FLAT), perp(_holed(), paid)], trade=trade)
    found = run([spot(FLAT), perp(_holed(), paid)], trade=trade, missing="skip")
    assert happened(found, "skipped") == [(4, ""), (5, "")]
    assert happened(found, "closed") == [(6, "")]


def test_a_price_too_old_pays_no_funding() -> None:
    """At 5 h the fixing has no price and the last bar is two hours old."""
    own = perp(_holed(), _unpriced(5))
    with pytest.raises(InputError, match="neither the fixing nor a fresh bar"):
        run([spot(FLAT), replace(own, halts=((3 * HOUR, 6 * HOUR),))])
    found = run([spot(FLAT), own], missing="skip")
    assert ("venue:BTC/USDT:USDT" in {event.leg for event in found.events if event.what == "skipped"}) is True
    assert reasons(found) == {"funding": 7.00}


def test_a_missing_fixing_is_a_hole() -> None:
    found = run([spot(FLAT), perp(FLAT, PAID[:3] + PAID[4:])])
    event = next(event for event in found.events if event.what == "hole")
    assert (event.detail["since"], event.detail["until"]) == (3 * HOUR, 4 * HOUR)
    assert reasons(found) == {"funding": 7.00}


def test_what_accrues_after_the_last_fixing_is_a_hole() -> None:
    """Eight hours of which the window holds six accrue and are never paid; funding paid at its stamp is not owed before it."""
    paid = fixings([(2, 0.0008, 100)], 8)
    accrues = tuple(replace(one, accrual="continuous") for one in paid)
    assert happened(run([spot(FLAT), perp(FLAT, accrues)]), "hole") == [(8, "venue:BTC/USDT:USDT")]
    assert happened(run([spot(FLAT), perp(FLAT, paid)]), "hole") == []
    with pytest.raises(InputError, match="no funding from 1970-01-01T02:00:00Z to 1970-01-01T08:00:00Z"):
        run([spot(FLAT), perp(FLAT, accrues)], strict=True)


def test_a_capital_below_a_unit_is_none() -> None:
    with pytest.raises(InputError, match="what its money is counted in"):
        run(whole(), notional=None, capital=0.001)


def test_nothing_was_held_in_a_hole() -> None:
    """Out of the market from 4 h on: fixings missing later hurt nobody."""
    paid = fixings([(1, 0.0001, 100), (2, 0.0001, 100), (3, -0.0001, 100), (4, 0, 100)], 1)
    found = run([spot(FLAT), perp(FLAT, paid)], trade=carry(policy=Policy(0, 0, look=1)))
    assert happened(found, "closed") == [(4, "")]
    assert happened(found, "hole") == []


def test_stamps_that_come_late_are_paid_with_their_bar() -> None:
    """Some milliseconds after the hour: who entered at the hour does not receive them, and no decision of the hour has seen them."""
    paid = fixings([(hour, hour / 10_000, 100) for hour in range(1, 9)], 1)
    late = tuple(replace(one, at=one.at + 250) for one in paid)
    found = run([spot(FLAT), perp(FLAT, late)], start=2 * HOUR)
    assert reasons(found) == {"funding": 33.00}  # 3 + 4 + 5 + 6 + 7 + 8
    assert found.equity == run([spot(FLAT), perp(FLAT, paid)], start=2 * HOUR).equity


def test_a_change_inside_the_tolerance_of_a_stamp_is_in_doubt() -> None:
    found = run([spot(FLAT), perp(FLAT, PAID, settle=Settlement(grace_s=15))], start=2 * HOUR)
    assert happened(found, "doubt") == [(2, "venue:BTC/USDT:USDT")]


def test_a_margin_table_that_does_not_allow_the_leverage() -> None:
    own = replace(perp(FLAT, PAID), requirement=Requirement(Brackets.flat(0.3, 0.6)))
    with pytest.raises(InputError, match="opening venue:BTC/USDT:USDT at 1970-01-01T00:00:00Z: a leverage of 2"):
        run([spot(FLAT), own])


def test_a_trade_that_would_be_liquidated_at_once_is_not_opened() -> None:
    """The mark lies 20 % above the trade price: a short at 10x is below its maintenance before it begins."""
    own = perp(replace(FLAT, mark=[120] * 9, high=[120] * 9, low=[120] * 9), PAID)
    found = run([own], costs(cost()), Trade("naked_short", (leg(PERP, "short", 10),)))
    assert found.trades == 0
    assert happened(found, "refused") == [(0, "")]


def test_openings_shrink_to_the_money_and_end_with_it() -> None:
    """Liquidated with nothing left, the policy that is always on has nothing to go on with."""
    own = perp(bars([100, 101, 130, 130, 130, 130]), PAID)
    found = run([own], costs(cost()), Trade("naked_short", (leg(PERP, "short", 10),)))
    assert (found.trades, found.liquidations, found.equity[-1]) == (1, 1, 0)
    assert happened(found, "refused") == [(3, "")]


def test_money_grows_the_next_opening_only_when_compounding() -> None:
    """1 % of 10,000 is received twice; after most_hours the trade is opened anew."""
    paid = fixings([(2, 0.01, 100), (4, 0, 100), (6, 0, 100), (8, 0, 100)], 2)
    trade = Trade("naked_short", (leg(PERP, "short"),), policy=Policy(most_hours=3))
    openings = {
        compound: [
            event.detail["notional"]
            for event in run([perp(FLAT, paid)], costs(cost()), trade, compound=compound).events
            if event.what == "opened"
        ]
        for compound in (False, True)
    }
    assert openings == {False: [10_000.0] * 2, True: [10_000.0, 10_100.0]}


def test_what_lies_idle_beyond_the_need_of_the_notional() -> None:
    found = run(whole(), notional=10_000, capital=20_000)
    assert found.equity[0] == 20_000_00
    assert found.notional == 10_000
    with pytest.raises(InputError, match=r"asks 15,000.00: a capital of 14,999.00"):
        run(whole(), capital=14_999)


@pytest.mark.parametrize(
    ("histories", "told"),
    [
        ([spot(FLAT)], "1 histories"),
        ([spot(FLAT), perp(FLAT)], "a perpetual without any fixing"),
        ([spot(FLAT), perp(FLAT, (*PAID, *fixings([(9, 0, 100)], 1, "ETH/USDT:USDT")))], "fixings of venue BTC/USDT:USDT, venue ETH"),
        ([spot(FLAT), perp(bars([100] * 9, rates=True), PAID)], "bars of rates"),
        ([spot(FLAT), perp(FLAT, PAID, contract=Contract("inverse", "BTC"))], None),
        ([spot(FLAT), perp(FLAT, PAID, contract=Contract("quanto", "ETH"))], "no price of ETH in USDT"),
    ],
)
def test_histories_that_do_not_fit_the_trade(histories: list[LegHistory], told: str | None) -> None:
    if told is None:
        assert run(histories).equity
        return
    with pytest.raises(InputError, match=told):
        run(histories)


def test_legs_that_never_meet() -> None:
    with pytest.raises(NotEnoughData, match="instants in common"):
        run([spot(FLAT), perp(bars([100] * 4, start=30), fixings([(31, 0, 100)], 1))])
    with pytest.raises(NotEnoughData, match="no prices"):
        run([spot(bars([])), perp(FLAT, PAID)])


def test_a_dated_future_without_its_expiry() -> None:
    trade = Trade("naked_long", (leg("BTC/USDT:USDT-210326", "long"),))
    with pytest.raises(InputError, match="its end is not known"):
        run([perp(FLAT)], costs(cost()), trade)


def test_a_contract_that_ended_before_the_start() -> None:
    with pytest.raises(NotEnoughData, match="venue:BTC/USDT:USDT ended at 1970-01-01T03"):
        run([spot(FLAT), perp(FLAT, PAID, ended=3 * HOUR)], start=5 * HOUR)


def test_a_start_before_the_prices() -> None:
    late = bars([100] * 4, start=5)
    with pytest.raises(InputError, match="the last leg begins at 1970-01-01T05"):
        run([spot(FLAT), perp(late, PAID)], start=0)
    assert run([spot(FLAT), perp(late, PAID)], start=0, missing="skip").at[0] == 5 * HOUR


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"capital": 0},
        {"notional": float("nan")},
        {"capital": 1, "missing": "guess"},
        {"capital": 1, "decimals": 13},
        {"capital": 1, "start": 5, "end": 5},
    ],
)
def test_plans_that_are_none(wrong: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        Plan(**wrong)


@pytest.mark.parametrize(
    "wrong",
    [
        {"known": [0]},
        {"known": [1, 0]},
        {"mark": [1, 0]},
        {"open": [1, -1]},
        {"step_hours": 0},
    ],
)
def test_bars_that_are_none(wrong: dict[str, Any]) -> None:
    columns: dict[str, Any] = {name: [1, 2] for name in ("known", "trade", "mark", "high", "low")}
    with pytest.raises(InputError):
        Bars(**(columns | wrong))


def test_a_decision_nobody_knows() -> None:
    with pytest.raises(InputError, match="Return one of open, reverse, close, keep"):
        run(whole(), decide=lambda _seen: "panic")


def test_a_quanto_needs_its_coin_at_every_decision() -> None:
    """The coin's price ends at 3 h: from 5 h on it is too old to decide by."""
    own = perp(FLAT, fixings([(1, 0, 100)], 1, QUANTO), contract=Contract("quanto", "BTC", 1e-6), coin=bars([30_000] * 4))
    trade = Trade("naked_long", (leg(QUANTO, "long", multiplier=1e-6),))
    with pytest.raises(InputError, match="no price of venue:ETH/USD:BTC at 1970-01-01T05"):
        run([own], costs(cost()), trade, asset="USDT")
    assert happened(run([own], costs(cost()), trade, asset="USDT", missing="skip"), "left open") == [(8, "")]


def test_an_inverse_contract_is_reported_in_its_coin() -> None:
    """In BTC the money is the margin itself: long 1 BTC of contracts at 100 -> 125 gains 1 - 100 / 125 = 0.2."""
    own = perp(bars([100, 125, 125]), fixings([(1, 0, 100)], 1, COIN), contract=Contract("inverse", "BTC"))
    found = run([own], costs(cost()), Trade("naked_long", (leg(COIN, "long"),)), notional=1, asset="BTC", decimals=4)
    assert reasons(found) == {"basis": 0.2}
    assert found.assumed == ()
