"""Are the sizes those that can be worked out by hand, by another solver, by trying all, and by the conditions of an optimum?"""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest
from scipy.optimize import linprog

from perpscope.errors import CatalogueError, InputError
from perpscope.trading.allocation.candidate import Candidate, Stake
from perpscope.trading.allocation.explain import explained
from perpscope.trading.allocation.limits import Aim, Limits
from perpscope.trading.allocation.plan import Plan, plan
from perpscope.trading.allocation.risk import Risk, given_risk
from perpscope.trading.costs.figure import Figure
from tests.unit.trading.allocation.plans import bent, flat, independent, sizes, trade

STEP = 1e-6
"""Neighbouring segments differ by that much in reward: sizes are right to a part of one of them."""
CALM = Aim(36.5, aversion=0)
"""A tenth of a year, and no risk."""


def answer(*trades: Candidate, limits: Limits, aim: Aim = CALM, risk: Risk | None = None, strict: bool = False) -> dict[str, Any]:
    return explained(plan(trades, limits, aim, risk, strict=strict))


def row(found: dict[str, Any], name: str) -> dict[str, Any]:
    return next(one for one in found["limits"] if one["limit"] == name)


def test_two_trades_and_one_limit_by_hand() -> None:
    """0.2 a year over a tenth of one is 0.02, less 0.001; the other 0.01 less 0.001. The better takes all the capital: one a unit."""
    found = answer(trade("good", 0.2), trade("poor", 0.1), limits=Limits(1000))
    assert sizes(found) == pytest.approx({"good": 1000})
    assert found["totals"]["expected"] == pytest.approx(19)
    assert found["trades"][0]["by_reason"] == pytest.approx({"funding": 20, "fee": -1, "opportunity": 0})
    assert found["trades"][0]["apr_capital"] == pytest.approx(0.19)
    assert row(found, "capital") == pytest.approx(
        {"limit": "capital", "what": "capital", "used": 1000, "most": 1000, "binds": True, "earns_more": 0.019}
    )
    left = found["left_out"][0]
    assert left["net_at_zero"] == pytest.approx(0.009)
    assert left["takes"] == pytest.approx({"capital": 0.019})
    assert left["why"].startswith("would earn 900.00 per 100,000 of notional over 36.5 days, but what it takes is worth 1,900.00 elsewhere")


def test_a_venue_limit_by_hand() -> None:
    """All lies half at a and half at b; a may hold 300 of 1000: 600 of the first, and nothing else goes through a."""
    limits = Limits(1000, venues={"a": 0.3})
    found = answer(trade("ab", 0.2), trade("cd", 0.1, venues=("c", "d")), limits=limits)
    assert sizes(found) == pytest.approx({"ab": 600, "cd": 400})
    assert row(found, "capital at a")["earns_more"] == pytest.approx((0.019 - 0.009) / 0.5)  # a half unit there is one traded against cd
    assert row(found, "capital")["earns_more"] == pytest.approx(0.009)
    assert found["totals"]["one_more_of_capital"] == pytest.approx(0.009 + 0.3 * 0.02)
    assert found["trades"][0]["bound_by"] == ["capital", "capital at a"]


def test_rounding_carries_no_size_over_its_limit() -> None:
    """1 / 1.4 is 0.71428571428.., and ten decimals of it would be 0.7142857143; so is a capacity with more decimals than are told."""
    capital = 1_000_000.0
    filled = explained(plan([trade("BTC", 0.3, margin=0.7)], Limits(capital), Aim(30, 0)))
    assert filled["totals"]["capital_used"] == pytest.approx(capital, rel=1e-10)
    assert filled["totals"]["capital_used"] <= capital * (1 + 1e-14)
    small = explained(plan([trade("BTC", 0.3, capacity=123_456.78915)], Limits(capital), Aim(30, 0)))
    assert sizes(small)["BTC"] <= 123_456.78915 * (1 + 1e-14)


def test_notional_at_a_venue_and_of_a_coin_bind() -> None:
    found = answer(trade("x", 0.2, margin=0.05), limits=Limits(1000, venue_notional=2.0))
    assert sizes(found) == pytest.approx({"x": 2000})  # one of notional at a and one at b
    found = answer(trade("x", 0.2), trade("y", 0.1, coin="ETH"), limits=Limits(1000, coin=0.25))
    assert sizes(found) == pytest.approx({"x": 250, "y": 250})
    assert found["totals"]["capital_used"] == pytest.approx(500)


def test_two_legs_at_one_venue_and_a_buffer_are_counted_there() -> None:
    one = trade("x", 0.2, venues=("a", "a"), buffer=0.2)
    assert one.capital_at("a") == pytest.approx(1.2)
    assert trade("y", 0.2, buffer=0.2).capital_at("a") == pytest.approx(0.6)
    assert sizes(answer(one, limits=Limits(1200, venue=0.5))) == pytest.approx({"x": 500})


def test_a_bent_cost_stops_where_the_next_unit_costs_what_it_earns() -> None:
    """0.019 x - 1e-8 x^2 is largest at 950,000; between the sizes asked the cost is a chord."""
    found = answer(trade("x", 0.2, bent(0.001, 1e-8)), limits=Limits(3e6))
    size = sizes(found)["x"]
    assert size == pytest.approx(950_000, rel=0.01)  # a twenty-fourth of the way between the first sizes asked
    assert found["totals"]["expected"] == pytest.approx(0.019 * size - 1e-8 * size**2, rel=1e-9)
    assert found["totals"]["expected"] > 0.9999 * (0.019 * 950_000 - 1e-8 * 950_000**2)
    assert "the next unit costs or risks more" in found["trades"][0]["explained"]


def test_the_aversion_by_hand() -> None:
    """0.019 x - 2 x^2 s^2 / C is largest at x = 0.019 C / (4 s^2)."""
    found = answer(trade("x", 0.2), limits=Limits(1000), aim=Aim(36.5, 2.0), risk=independent([0.2], 36.5))
    assert sizes(found)["x"] == pytest.approx(0.019 * 1000 / (4 * 0.04), rel=1e-6)
    assert found["totals"]["sd"] == pytest.approx(0.2 * sizes(found)["x"])
    assert found["totals"]["risk_charge"] == pytest.approx(found["totals"]["expected"] / 2, rel=1e-6)  # as at every such optimum


def test_the_limit_of_the_standard_deviation_by_hand() -> None:
    """Two independent trades of the same reward share the deviation in parts 1 / s^2."""
    trades = trade("calm", 0.2), trade("wild", 0.2, venues=("c", "d"))
    found = answer(*trades, limits=Limits(1e6, sd=0.001), risk=independent([0.01, 0.02], 36.5))
    got = sizes(found)
    assert got["calm"] / got["wild"] == pytest.approx(4, rel=1e-4)
    assert found["totals"]["sd"] == pytest.approx(1000, rel=1e-6)
    price = row(found, "sd")["earns_more"]
    assert price == pytest.approx(found["totals"]["expected"] / 1000, rel=1e-5)  # all is proportional to the deviation allowed
    assert found["totals"]["one_more_of_capital"] == pytest.approx(0.001 * price, rel=1e-5)


def test_trades_that_move_together_share_a_limit() -> None:
    r = given_risk(np.array([[1.0, 0.9, 0.0], [0.9, 1.0, 0.0], [0.0, 0.0, 1.0]]) * 1e-10, 36.5, "made up")
    trades = [trade(name, apr) for name, apr in (("x", 0.3), ("y", 0.2), ("z", 0.1))]
    found = answer(*trades, limits=Limits(1000, together=0.4), risk=r)
    assert sizes(found) == pytest.approx({"x": 400, "z": 600}, rel=1e-5)
    assert row(found, "capital in what moves together (x, y)")["binds"]


def test_a_capacity_binds_and_is_named() -> None:
    found = answer(trade("x", 0.2, capacity=300.0), limits=Limits(1000))
    assert sizes(found) == pytest.approx({"x": 300})
    assert found["trades"][0]["bound_by"] == ["capacity"]


def test_what_does_not_pay_is_never_taken() -> None:
    found = answer(trade("costly", 0.009, 0.001), trade("paying", -0.1), limits=Limits(1000))
    assert found["trades"] == []
    assert found["totals"]["expected"] == 0
    assert found["left_out"][0]["why"].startswith("does not pay: receives +90.00 after holding costs and costs 100.00")


def test_holding_costs_and_the_use_of_capital_elsewhere_count() -> None:
    """0.2 a year less 0.05 for the coin borrowed and 0.04 on a capital of one: 0.011 over a tenth of a year, less 0.001."""
    said: dict[str, Any] = {"held": {"borrow a:BTC/USDT": Figure.given(0.05)}, "opportunity": Figure.given(0.04)}
    found = answer(trade("x", 0.2, **said), limits=Limits(1000))
    assert found["trades"][0]["by_reason"] == pytest.approx({"funding": 20, "fee": -1, "borrow": -5, "opportunity": -4})
    assert found["totals"]["expected"] == pytest.approx(10)


def test_parts_of_a_carry_are_told_apart_and_sum() -> None:
    found = answer(trade("x", 0.2, carry={"funding": 0.15, "basis": 0.05}), limits=Limits(1000))
    one = found["trades"][0]
    assert one["by_reason"]["basis"] == pytest.approx(5)
    assert math.fsum(one["by_reason"].values()) == pytest.approx(one["expected"], rel=1e-12)
    assert found["totals"]["by_reason"] == one["by_reason"]


def test_small_trades_are_dropped_and_named() -> None:
    found = answer(trade("x", 0.2, capacity=900.0), trade("y", 0.1), limits=Limits(1000, least=200))
    assert sizes(found) == pytest.approx({"x": 900})
    assert found["left_out"][0]["why"] == "its best size, 100, is below the smallest asked for, 200"
    nothing = answer(trade("x", 0.2, capacity=50.0), limits=Limits(1000, least=200))
    assert nothing["trades"] == []


def test_unknown_costs_are_left_out_and_told_or_stop_a_strict_plan() -> None:
    hole = trade("hole", 0.5, lambda _: {"fee": Figure.unknown("no fee is on record")})
    found = answer(hole, trade("x", 0.1), limits=Limits(1000))
    assert sizes(found) == pytest.approx({"x": 1000})
    assert found["refused"] == [{"name": "hole", "why": "fee: no fee is on record"}]
    with pytest.raises(CatalogueError, match="no fee is on record"):
        answer(hole, trade("x", 0.1), limits=Limits(1000), strict=True)
    with pytest.raises(CatalogueError, match="no trade can be weighed"):
        answer(hole, limits=Limits(1000))


def test_an_unknown_opportunity_counts_nothing_and_says_so_or_stops_a_strict_plan() -> None:
    one = trade("x", 0.1, opportunity=Figure.unknown("no opportunity cost is given"))
    assert "counted as nothing: no opportunity cost is given" in answer(one, limits=Limits(1000))["assumed"]
    with pytest.raises(CatalogueError, match="no opportunity cost is given"):
        answer(one, limits=Limits(1000), strict=True)


def test_a_cost_that_the_hull_undercuts_is_told_as_it_is() -> None:
    """A ticket of 10: up to the 2000 that capital allows it is 0.005 a unit on the hull; half of them cost 5 there and 10 in truth."""
    found = answer(trade("x", 0.2, lambda size: {"fee": Figure.given(10 / size)}, venues=("a", "a")), limits=Limits(2000, venue=0.5))
    assert sizes(found) == pytest.approx({"x": 1000})
    assert found["totals"]["expected"] == pytest.approx(10)
    assert "sizes were chosen on the convex hull of costs, 5.00 below the costs told here" in found["assumed"]


@pytest.mark.parametrize(
    ("limits", "aim", "words"),
    [
        ({"capital": 0}, {}, "capital"),
        ({"capital": math.nan}, {}, "capital"),
        ({"capital": 1, "venue": 1.5}, {}, "share from 0 to 1"),
        ({"capital": 1, "coin": -0.1}, {}, "share from 0 to 1"),
        ({"capital": 1, "venues": {"a": 30}}, {}, "venue a"),
        ({"capital": 1, "sd": -1}, {}, "standard deviation"),
        ({"capital": 1, "least": -1}, {}, "smallest notional"),
        ({"capital": 1, "correlated": 2}, {}, "correlation"),
        ({"capital": 1}, {"days": 0}, "days above 0"),
        ({"capital": 1}, {"days": 1, "aversion": -1}, "aversion"),
    ],
)
def test_limits_that_are_none_are_refused(limits: dict[str, Any], aim: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError, match=words):
        answer(trade("x", 0.1), limits=Limits(**limits), aim=Aim(**({"days": 30} | aim)))


def test_plans_that_are_none_are_refused() -> None:
    with pytest.raises(InputError, match="no candidates"):
        plan([], Limits(1), CALM)
    with pytest.raises(InputError, match="more than once"):
        plan([trade("x", 0.1), trade("x", 0.2)], Limits(1), CALM)
    with pytest.raises(InputError, match="how these trades move together"):
        plan([trade("x", 0.1)], Limits(1), Aim(30, 1))
    with pytest.raises(InputError, match="2 trades for 1"):
        plan([trade("x", 0.1)], Limits(1), Aim(30, 1), independent([1, 1]))
    with pytest.raises(InputError, match="what holds no capital has no limit"):
        Stake("a", "BTC", "long", 1, 0)
    with pytest.raises(InputError, match="no legs"):
        Candidate("x", "perp_perp", "BTC", (), {}, flat(0.001))
    with pytest.raises(InputError, match="finite annual rates"):
        trade("x", math.nan)


def made(seed: int, n: int, *, bend: float, aversion: float, sd: float | None = None) -> Plan:
    """Trades at four venues and in three coins, under every kind of limit."""
    rng = np.random.default_rng(seed)
    trades = [
        trade(
            f"t{k}",
            float(rng.normal(0.15, 0.1)),
            bent(float(rng.uniform(5e-4, 2e-3)), bend),
            venues=tuple(rng.choice(list("abcd"), 2, replace=False)),
            coin=str(rng.choice(["BTC", "ETH", "SOL"])),
            margin=float(rng.uniform(0.1, 0.6)),
            capacity=float(rng.uniform(1e5, 5e5)),
        )
        for k in range(n)
    ]
    mix = rng.normal(size=(n, n)) * 0.004
    limits = Limits(1e6, venue=0.4, coin=0.5, venue_notional=1.5, sd=sd)
    return plan(trades, limits, Aim(30, aversion), given_risk(mix @ mix.T / 30 / n, 30, "made up"))


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("bend", [0.0, 2e-9])
def test_linear_programs_agree_with_another_solver(seed: int, bend: float) -> None:
    """Where costs bend, neighbouring segments are so alike that many sizes are worth the same; then only the worth is compared."""
    found = made(seed, 12, bend=bend, aversion=0)
    program = found.program
    gather = np.zeros((program.trades, program.owner.size))
    gather[program.owner, np.arange(program.owner.size)] = 1
    bounds = [(0, width) for width in program.width]
    other = linprog(-program.reward, program.uses @ gather, program.most, bounds=bounds, method="highs")
    assert other.success
    assert found.solution.worth == pytest.approx(-other.fun, rel=1e-7)
    if not bend:
        np.testing.assert_allclose(found.solution.notional, gather @ other.x, atol=1e-3)  # money, of a million
    kept = np.maximum(program.reward - found.solution.prices @ program.uses @ gather, 0)  # what each segment earns beyond its toll
    dual = found.solution.prices @ program.most + kept[kept > 1e-9] @ program.width[kept > 1e-9]
    assert dual == pytest.approx(-other.fun, rel=1e-5)  # prices need not be unique, their worth is


@pytest.mark.parametrize(("seed", "sd"), [(0, None), (1, None), (2, 0.0004), (3, 0.0002)])
def test_the_conditions_of_an_optimum_hold(seed: int, sd: float | None) -> None:
    """Karush, Kuhn and Tucker, by numpy alone: the derivative of each trade's worth against the prices of what it takes."""
    found = made(seed, 10, bend=4e-9, aversion=30.0, sd=sd)
    program, solution = found.program, found.solution
    x, price = solution.notional, solution.prices
    slack = program.most - program.uses @ x
    assert slack.min() > -1e-3  # sizes are told to 1e-10 of the capital
    np.testing.assert_allclose(price * slack, 0, atol=1e-3)
    assert program.factor is not None
    whole = program.factor @ program.factor.T
    deviation = math.sqrt(x @ whole @ x)
    assert solution.sd == pytest.approx(deviation)
    pull = 2 * 30.0 * whole @ x / 1e6 + solution.sd_price * whole @ x / deviation
    if sd is not None:
        assert deviation <= sd * 1e6 * (1 + 1e-9)
        assert solution.sd_price * (sd * 1e6 - deviation) == pytest.approx(0, abs=1e-3)
    for place in range(program.trades):
        mine = np.flatnonzero(program.owner == place)
        if not mine.size:
            assert x[place] == 0  # what does not pay by itself takes no part
            continue
        edges = np.concatenate([[0], np.cumsum(program.width[mine])])
        more = program.reward[mine][min(np.searchsorted(edges[1:], x[place] + 1), len(mine) - 1)]
        less = program.reward[mine][max(np.searchsorted(edges, x[place] - 1) - 1, 0)]
        toll = pull[place] + price @ program.uses[:, place]
        if x[place] < edges[-1] - 1:
            assert more - toll < STEP
        if x[place] > 1:
            assert less - toll > -STEP


def test_small_quadratic_programs_agree_with_trying_all() -> None:
    trades = [trade("x", 0.2), trade("y", 0.17, venues=("a", "c")), trade("z", 0.15, venues=("c", "d"))]
    whole = np.array([[4.0, 2.0, 1.0], [2.0, 5.0, 0.0], [1.0, 0.0, 3.0]]) * 1e-3
    found = plan(trades, Limits(1.0, venue=0.35), Aim(36.5, 2.0), given_risk(whole / 36.5, 36.5, "made up"))
    reward = np.array([one.gross / 10 - 0.001 for one in trades])
    uses = found.program.uses

    def worth(x: np.ndarray[Any, Any]) -> float:
        return float(reward @ x - 2.0 * x @ whole @ x) if (uses @ x <= found.program.most + 1e-12).all() else -math.inf

    grid = np.linspace(0, 1, 41)
    best = max(itertools.product(grid, repeat=3), key=lambda x: worth(np.array(x)))
    assert found.solution.worth >= worth(np.array(best)) - 1e-12
    np.testing.assert_allclose(found.solution.notional, best, atol=0.05)


def test_prices_are_what_one_more_unit_earns() -> None:
    base = made(1, 10, bend=4e-9, aversion=30.0)

    def with_capital(capital: float) -> float:
        limits = Limits(capital, venue=0.4, coin=0.5, venue_notional=1.5)
        return plan(base.candidates, limits, Aim(30, 30.0), base.risk).solution.worth

    slope = (with_capital(1e6 + 2000) - with_capital(1e6 - 2000)) / 4000
    assert explained(base)["totals"]["one_more_of_capital"] == pytest.approx(slope, rel=0.05)  # segments move with the capital a little


def test_money_scales() -> None:
    """Ten times the capital, with costs that bend a tenth as much, is ten times the plan."""
    small, large = (
        plan(
            [trade("x", 0.2, bent(0.001, 1e-8 / k), capacity=4e5 * k), trade("y", 0.15, bent(0.001, 2e-8 / k), venues=("a", "c"))],
            Limits(1e6 * k, venue=0.3),
            Aim(30, 5.0),
            independent([0.01, 0.012]),
        ).solution
        for k in (1, 1000)
    )
    np.testing.assert_allclose(large.notional, 1000 * small.notional, rtol=1e-6)
    np.testing.assert_allclose(large.prices, small.prices, atol=1e-9)


def test_a_trade_ends_before_its_cost_jumps_where_that_is_worth_more() -> None:
    """Up to 400 a unit costs 0.001, beyond it 0.015: 1000 of the first earn 5, but 400 of it and 600 of the other 7.6 and 5.4."""

    def jumping(size: float) -> dict[str, Figure]:
        return {"impact": Figure.given(0.001 if size <= 400 else 0.015)}

    trades = trade("jumps", 0.2, jumping), trade("flat", 0.1)
    found = answer(*trades, limits=Limits(1000))
    assert sizes(found) == pytest.approx({"jumps": 400, "flat": 600}, rel=0.03)  # the last size asked below 400 is 391
    assert found["totals"]["expected"] == pytest.approx(13.0, rel=0.01)
    assert not [words for words in found["assumed"] if "convex hull" in words]


def test_a_trade_goes_through_a_jump_that_is_worth_it() -> None:
    """Beyond 100 a unit costs 0.002 instead of 0.001: of 1000, 18 are left, and of 100 only 1.9."""
    found = answer(trade("jumps", 0.2, lambda size: {"impact": Figure.given(0.001 if size <= 100 else 0.002)}), limits=Limits(1000))
    assert sizes(found) == pytest.approx({"jumps": 1000})
    assert found["totals"]["expected"] == pytest.approx(18)
