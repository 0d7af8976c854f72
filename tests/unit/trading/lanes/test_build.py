"""Is what the lanes do not know refused, with the way to what does, and is what they take for constant told?"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import pytest

from perpscope.errors import InputError
from perpscope.market.brackets import Brackets
from perpscope.market.contract import Contract
from perpscope.market.number import Number
from perpscope.trading.backtest.model import Plan
from perpscope.trading.costs.figure import Figure
from perpscope.trading.lanes.build import Laid, lay_out
from perpscope.trading.margin import Requirement
from perpscope.trading.settle import Listing
from perpscope.trading.trade import Collateral, Policy, Trade
from tests.unit.trading.backtest import cases

PRICES = [100.0, 101.0, 102.0, 103.0, 104.0, 105.0, 106.0, 107.0, 108.0, 109.0]
SHORT, LONG = cases.leg(cases.PERP, "short", 2), cases.leg(cases.SPOT, "long")
PAID = cases.fixings([(-8, 0.0002, 100.0), (0, 0.0001, 100.0), (8, 0.0001, 108.0)])
CARRY = Trade("cash_and_carry", (SHORT, LONG))
PLAN = Plan(capital=1_000.0)


def laid(trade: Trade = CARRY, plan: Plan = PLAN, leverages: tuple[float, ...] = (2.0,), **perp: Any) -> Laid:  # noqa: ANN401 - of a history
    prices = cases.bars(PRICES)
    histories = [cases.perp(prices, perp.pop("paid", PAID), **perp), cases.spot(prices)]
    own = cases.costs(cases.cost(0.0005, 0.0001, liquidation=0.01), cases.cost(0.001))
    return lay_out(trade, histories, own, plan, (1, 2), leverages)


def test_numbers_of_a_leg_are_those_of_its_costs_and_requirement() -> None:
    found = laid(requirement=Requirement(Brackets.flat(0.005), 0.0004))
    assert found.terms.short == pytest.approx((1.0054, 0.0054, 0.01))
    assert found.terms.long == pytest.approx((math.inf, -math.inf, 0.0))
    assert found.track.costs.tolist() == [pytest.approx([0.0006, 0.0006, 0.001, 0.001])]
    assert (found.terms.by_short, found.sizing.long_in_full, found.asset) == (True, True, "USDT")
    at_bankruptcy = laid(requirement=Requirement(Brackets.flat(0.005), 0.0004, "bankruptcy")).terms.short
    assert (at_bankruptcy.divisor, at_bankruptcy.need) == pytest.approx((1.005 * 1.0004, 0.005))


def test_stretches_end_with_their_stamps_and_signals_know_only_what_was_before() -> None:
    track = laid().track
    assert track.ends.tolist() == [0, 8, 9]
    assert track.short.owed.tolist() == pytest.approx([0.01, 0.0108, 0.0])
    before = 0.0002 * 1095
    assert track.signals[0].tolist() == pytest.approx([before, 0.0001 * 1095, 0.0001 * 1095])
    assert math.isnan(track.signals[1][0])
    assert track.signals[1].tolist()[1:] == pytest.approx([0.00015 * 1095, 0.0001 * 1095])
    assert track.short.worst.tolist() == [100.0, 108.0, 109.0]
    assert track.long.worst.tolist() == [math.inf] * 3  # nobody liquidates coins that are paid for


def test_a_fixing_without_its_price_is_paid_at_the_mark_and_says_so() -> None:
    found = laid(paid=cases.fixings([(0, 0.0001, None), (8, 0.0002, 100.0)]))
    assert found.track.short.owed.tolist() == pytest.approx([0.01, 0.02, 0.0])
    assert any("charged on the bar's mark price" in line and "assumed" in line for line in found.assumed)


def test_tiers_are_asked_for_the_largest_notional_and_told() -> None:
    table = Brackets.of([(500, 0.01, 0.02), (5_000, 0.02, 0.05)])
    found = laid(requirement=Requirement(table))
    notional = 1_000 / 1.5
    assert found.terms.short.need == pytest.approx((0.02 * notional - 5) / notional)
    assert any("for all sizes (assumed)" in line for line in found.assumed)
    with pytest.raises(InputError, match="Lower the leverage"):
        laid(leverages=(2.0, 50.0), requirement=Requirement(table))


def test_costs_that_are_not_known_count_as_nothing_or_stop() -> None:
    prices = cases.bars(PRICES)
    histories = [cases.perp(prices, PAID), cases.spot(prices)]
    hole = replace(cases.cost(0.0005), liquidation=Figure.unknown("nobody says"))
    own = cases.costs(hole, cases.cost(0.001))
    found = lay_out(CARRY, histories, own, PLAN, (1,), (2.0,))
    assert found.unknown == {f"liquidation fee of {SHORT.name}": "nobody says"}
    assert found.terms.short.penalty == 0


@pytest.mark.parametrize(
    ("trade", "plan", "said"),
    [
        (Trade("naked_short", (SHORT,)), PLAN, "1 legs: short"),
        (Trade("reverse_carry", (replace(SHORT, side="long"), replace(LONG, side="short"))), PLAN, "is borrowed"),
        (Trade("cash_and_carry", (SHORT, replace(LONG, symbol="ETH/USDT"))), PLAN, "legs of two coins"),
        (Trade("cash_and_carry", (SHORT, replace(LONG, ratio=0.5))), PLAN, "ratio of 0.5"),
        (Trade("perp_perp", (replace(SHORT, symbol=cases.COIN), replace(LONG, symbol=cases.PERP))), PLAN, "is inverse"),
        (Trade("cash_and_carry", (SHORT, LONG), Collateral(0.1, top_up=0.1)), PLAN, "moved between the legs"),
        (Trade("cash_and_carry", (SHORT, LONG), policy=Policy.flip()), PLAN, "sides that turn"),
        (CARRY, replace(PLAN, close=False), "left open"),
        (CARRY, replace(PLAN, charge_opportunity=True), "opportunity cost"),
    ],
)
def test_what_lanes_do_not_know_is_sent_to_the_backtest(trade: Trade, plan: Plan, said: str) -> None:
    with pytest.raises(InputError, match=said) as problem:
        laid(trade, plan)
    assert "with a backtest" in str(problem.value)


def test_histories_that_lanes_do_not_know_are_refused() -> None:
    for more, said in (
        ({"halts": ((0, 10),)}, "halted"),
        ({"ended": 5 * cases.HOUR}, "ends within the window"),
        ({"paid": cases.fixings([(0, 0.0001, 100.0)], accrual="continuous")}, "accrues between"),
    ):
        with pytest.raises(InputError, match=said):
            laid(**more)
    prices = cases.bars(PRICES)
    quanto = replace(SHORT, symbol=cases.QUANTO, multiplier=0.000001)
    assert Listing(Contract("linear", "USDT")).contract.asset == "USDT"
    with pytest.raises(InputError, match="is quanto"):
        lay_out(
            Trade("perp_perp", (quanto, replace(LONG, symbol="ETH/USDT"))),
            [cases.perp(prices, PAID), cases.spot(prices)],
            cases.costs(cases.cost(), cases.cost()),
            PLAN,
            (1,),
        )


@dataclass(frozen=True)
class Stepped:
    """Fees that change at an hour, and spreads that grow with the notional."""

    hour: int

    def at(self, ms: int, *_: object) -> Figure:
        return Figure.given(0.001 if ms < self.hour * cases.HOUR else 0.002)


@dataclass(frozen=True)
class Growing:
    def at(self, ms: int, order: str, notional: Number) -> Figure:  # noqa: ARG002 - the protocol's
        return Figure.given(float(notional) * 1e-6)


def test_costs_change_in_the_row_in_which_they_do() -> None:
    prices = cases.bars([100.0] * 90)
    histories = [cases.perp(prices, PAID), cases.spot(prices)]
    for hour in (1, 13, 24, 47, 88):
        own = cases.costs(replace(cases.cost(), fees=Stepped(hour)), cases.cost())
        track = lay_out(CARRY, histories, own, PLAN, (1,)).track
        assert track.eras.tolist() == [0, hour]
        assert track.costs.tolist() == [[0.001, 0.001, 0, 0], [0.002, 0.002, 0, 0]]


def test_costs_that_grow_with_the_notional_are_told() -> None:
    prices = cases.bars(PRICES)
    own = cases.costs(replace(cases.cost(), crossing=Growing()), cases.cost())
    found = lay_out(CARRY, [cases.perp(prices, PAID), cases.spot(prices)], own, PLAN, (1,))
    assert any("fills are charged as those of a notional of 500" in line for line in found.assumed)
    assert found.track.costs[0, 0] == pytest.approx(500e-6)


def test_prices_that_are_missing_stop_what_may_not_go_on_without_them() -> None:
    full, left = cases.bars(PRICES), [*PRICES[:4], *PRICES[5:]]
    holed = replace(cases.bars(left), known=[k * cases.HOUR for k in range(len(PRICES)) if k != 4])
    own = cases.costs(cases.cost(), cases.cost())
    for histories in ([cases.perp(holed, PAID), cases.spot(full)], [cases.perp(holed, PAID), cases.spot(holed)]):
        with pytest.raises(InputError, match="instants at which a leg has no price"):
            lay_out(CARRY, histories, own, PLAN, (1,))
        track = lay_out(CARRY, histories, own, replace(PLAN, missing="skip"), (1,)).track
        assert int(track.decides.sum()) == len(PRICES) - 1


def test_funding_without_any_fresh_price_is_left_out_and_told() -> None:
    late = cases.bars([100.0, 100.0, 100.0, 100.0], step=1)
    late = replace(late, known=[0, cases.HOUR, 9 * cases.HOUR, 10 * cases.HOUR])
    paid = cases.fixings([(1, 0.0001, None), (8, 0.0001, None)])
    own = cases.costs(cases.cost(), cases.cost())
    found = lay_out(CARRY, [cases.perp(late, paid), cases.spot(late)], own, replace(PLAN, missing="skip"), (1,))
    assert found.track.short.owed.tolist() == pytest.approx([0.01, 0.0, 0.0])
    assert any("is left out where neither it nor a bar has a price" in line for line in found.assumed)
