"""Does each instrument lock what can be worked out by hand, for who receives and for who pays?

Fees: perpetual 5 bp, coin 10 bp, future 2 bp and 1 bp at its delivery, other perpetual 4 bp, each fill. 73 days are a fifth of a year.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

from perpscope.errors import InputError
from perpscope.trading.costs.figure import Figure
from perpscope.trading.costs.parts import FlatFees, HalfSpread, LegCosts
from perpscope.trading.hedge.assess import Asked, assess
from perpscope.trading.hedge.offer import Quote, dated, other, stay, swap
from perpscope.trading.hedge.position import Position
from perpscope.trading.hedge.rows import matching_rate, ranked
from perpscope.trading.hedge.tail import outlook
from perpscope.trading.trade import Leg, Side
from tests.unit.trading.hedge.hedges import COIN, DATED, FREE, OTHER, PERP, costs, held, quote, restless, steady, terms, weighed


def test_staying_locks_nothing_and_pays_for_itself_where_funding_pays_the_fills() -> None:
    """0.03 % a day is 10.95 % a year; 2 x 5 + 2 x 10 bp over a fifth of a year are 1.5 %."""
    found = assess(held(), [stay(held(), costs(), steady(0.0003))], FREE)[0]
    assert found.locked_apr is None
    assert found.why_null["locked_apr"] == "it floats: nothing is locked"
    assert found.cost_bp == pytest.approx(30)
    assert found.expected_apr == pytest.approx(0.1095 - 0.015)
    assert found.worst_apr == pytest.approx(0.1095 - 0.015)
    assert found.residual_risk == 0
    assert found.breakeven == pytest.approx(0.015)
    assert found.capital.value == pytest.approx(1.5)  # the coin in full, half for the perpetual


@pytest.mark.parametrize(("side", "gross", "drag"), [("short", 0.10, 0.0), ("long", -0.10, 0.03)])
def test_a_dated_future_locks_its_basis(side: Side, gross: float, drag: float) -> None:
    """In: coin 10 bp, future 2; out: coin 10, delivery 1: 23 bp are 1.15 % a year. Who is short the coin borrows it at 3 %."""
    position = held(side)
    found = weighed(position, dated(position, quote(side=side), costs(), restless()))
    assert found.offer.fixed == pytest.approx(gross)
    assert found.cost_bp == pytest.approx(23)
    assert found.locked_apr == pytest.approx(gross - 0.0115 - drag)
    assert found.expected_apr == found.worst_apr == pytest.approx(found.locked_apr)
    assert found.residual_risk == 0
    assert found.capital.value == pytest.approx(1.25 if side == "short" else 0.75)
    assert found.breakeven == pytest.approx(gross - 0.0115 + 0.015)  # what staying costs more, a higher rate has to pay; both borrow


@pytest.mark.parametrize(("side", "gross", "drag"), [("short", 0.09, 0.0), ("long", -0.09, 0.03)])
def test_a_swap_turns_the_perpetuals_funding_into_its_rate(side: Side, gross: float, drag: float) -> None:
    """The four fills of staying, 30 bp, and 25 bp a year for a fifth of one: 35 bp, 1.75 % a year."""
    position = held(side)
    found = weighed(position, swap(position, terms(), costs(), restless(), steady(0.0)))
    assert found.offer.fixed == pytest.approx(gross)
    assert found.cost_bp == pytest.approx(35)
    assert found.locked_apr == pytest.approx(gross - 0.0175 - drag)
    assert found.expected_apr == pytest.approx(found.locked_apr)
    assert found.residual_risk == 0
    assert found.breakeven == pytest.approx(gross - 0.0025)  # staying pays the same fills and loan, but no fee of the swap
    assert found.capital.value == pytest.approx(1.55 if side == "short" else 1.05)


@pytest.mark.parametrize(("side", "received"), [("short", 1), ("long", -1)])
def test_another_perpetual_in_the_coins_place_leaves_the_difference(side: Side, received: int) -> None:
    """Ours pays 0.02 % a day more than theirs: 7.3 % a year; 2 x 5 + 2 x 4 bp are 0.9 %."""
    position = held(side)
    leg = Leg("b", OTHER, "long" if side == "short" else "short", leverage=4)
    found = weighed(position, other(position, leg, costs(), steady(0.0001), steady(0.0002)))
    assert found.locked_apr is None
    assert found.cost_bp == pytest.approx(18)
    assert found.expected_apr == pytest.approx(received * 0.073 - 0.009)
    assert found.capital.value == pytest.approx(0.75)


def test_outright_the_other_perpetual_takes_the_place_of_ours() -> None:
    """A long that pays 0.01 % a day elsewhere, 3.65 % a year, and two fills of 4 bp."""
    position = held("long", hedged=False)
    found = weighed(position, other(position, Leg("b", OTHER, "long"), costs(), steady(0.0001), steady(0.0002)))
    assert found.expected_apr == pytest.approx(-0.0365 - 0.004)
    future = weighed(position, dated(position, quote(side="long"), costs(), restless()))
    assert future.locked_apr == pytest.approx(-0.10 - 0.0015)  # 2 bp and the delivery


def test_what_is_open_already_costs_only_its_way_out() -> None:
    position = held(already=True)
    find = {one.offer.instrument: one.cost_bp for one in assess(position, [
        stay(position, costs(), restless()),
        dated(position, quote(), costs(), restless()),
        swap(position, terms(), costs(), restless(), steady(0.0)),
        other(position, Leg("b", OTHER, "long"), costs(), restless(2), restless(3)),
    ], FREE)}  # fmt: skip
    assert find == pytest.approx({"perp": 15, "dated": 5 + 2 + 1 + 10, "swap": 15 + 5, "other_perp": 5 + 8 + 10})


def test_a_future_that_ends_before_is_rolled_and_the_rest_is_not_locked() -> None:
    """Two more contracts of 73 days in 219 days, 3 bp each; 6 bp over 0.6 years are 0.1 % a year."""
    position = held(days=219)
    history = restless(days=500)
    found = weighed(position, dated(position, quote(), costs(), history))
    assert found.locked_apr == pytest.approx(0.10 - 0.0115)
    assert found.cost_bp == pytest.approx(23 + 6)
    assert found.expected_apr == pytest.approx(0.10 - 29e-4 / 0.6)
    rest = outlook(history - history.mean(), 146, 1)
    assert found.residual_risk == pytest.approx(rest.shortfall / 0.6)
    assert found.worst_apr == pytest.approx(0.10 - 29e-4 / 0.6 - rest.shortfall / 0.6)
    assert any("rolled at the same basis for 146 days (assumed)" in words for words in found.told)


def test_a_swap_that_ends_before_leaves_funding_floating() -> None:
    position = held(days=146)
    found = weighed(position, swap(position, terms(), costs(), steady(0.0001, 600), steady(0.0, 600)))
    assert found.locked_apr == pytest.approx(0.09 - 0.0175)
    assert found.expected_apr == pytest.approx((0.09 * 73 + 0.0365 * 73) / 146 - 35e-4 / 0.4)


@pytest.mark.parametrize("instrument", ["dated", "swap"])
def test_what_ends_after_the_time_held_has_an_end_nobody_knows(instrument: str) -> None:
    position = held(days=36.5)
    offer = (
        dated(position, quote(), costs(), restless())
        if instrument == "dated"
        else swap(position, terms(), costs(), restless(), steady(0.0))
    )
    found = weighed(position, offer)
    assert found.locked_apr is not None
    assert found.expected_apr is not None
    assert found.worst_apr is found.residual_risk is None
    assert "36.5 days after the time held" in found.why_null["residual_risk"]
    assert any("(assumed)" in words for words in found.told)


def test_a_swap_on_another_venues_funding_keeps_the_difference() -> None:
    """The reference pays 0.01 % a day less than ours, 3.65 % a year: the receiver keeps it, and its swings."""
    position, apart = held(), restless(5, mean=0.0001)
    found = weighed(position, swap(position, terms(), costs(), restless(), apart))
    assert found.locked_apr == pytest.approx(0.09 - 0.0175)
    assert found.expected_apr == pytest.approx(0.09 - 0.0175 + apart.mean() * 365)
    assert found.residual_risk == pytest.approx(outlook(apart, 73, 1).shortfall * 5)


def test_what_capital_would_earn_elsewhere_weighs_by_the_capital() -> None:
    """4 % on 1.25 of capital are 5 % of the notional."""
    position, asked = held(), Asked(0, opportunity=Figure.given(0.04))
    found = weighed(position, dated(position, quote(), costs(), restless()), asked)
    assert found.locked_apr == pytest.approx(0.10 - 0.0115 - 0.05)
    free = weighed(position, dated(position, quote(), costs(), restless()), Asked(0))
    assert free.locked_apr == pytest.approx(0.10 - 0.0115)
    assert "counted as nothing: no opportunity cost is given" in free.told


def test_the_rate_at_which_a_swap_does_as_well_as_a_future() -> None:
    """The future locks 10 % less 1.15 %; the swap costs 1.75 %: 10.6 % makes them equal. Who pays wants 8.9..: see the sign."""
    for side, rate in (("short", 0.10 - 0.0115 + 0.0175), ("long", 0.10 + 0.0115 - 0.0175)):
        position = held(side)  # type: ignore[arg-type]  # one of the two sides
        future = dated(position, quote(side=side), costs(), restless())  # type: ignore[arg-type]  # one of the two sides
        _, one, two = assess(
            position, [stay(position, costs(), restless()), future, swap(position, terms(), costs(), None, None, ("x", "y"))], FREE
        )
        found = matching_rate(two, one, position.receives)
        assert found == pytest.approx(rate)
        again = weighed(position, swap(position, terms(found), costs(), restless(), steady(0.0)))  # type: ignore[arg-type]  # known above
        assert again.locked_apr == pytest.approx(one.locked_apr)
    assert matching_rate(one, one, 1) is not None
    assert matching_rate(two, weighed(held(), stay(held(), costs(), restless())), 1) is None


def test_every_hole_has_its_reason() -> None:
    position = held()
    hole = Figure.unknown("the fee differs by market; give --swap-fee")
    found = weighed(
        position,
        swap(
            position, terms(fee=hole, margin=Figure.unknown("no margin is on record")), costs(), None, None, ("no history", "no reference")
        ),
    )
    assert (
        found.locked_apr
        is found.expected_apr
        is found.worst_apr
        is found.residual_risk
        is found.cost_bp
        is found.capital.value
        is found.breakeven
        is None
    )
    assert found.why_null == {
        "locked_apr": "the fee differs by market; give --swap-fee",
        "expected_apr": "the fee differs by market; give --swap-fee",
        "worst_apr": "the fee differs by market; give --swap-fee",
        "residual_risk": "no reference",
        "capital": "no margin is on record",
        "cost_bp": "the fee differs by market; give --swap-fee",
        "breakeven": "the fee differs by market; give --swap-fee",
    }
    known = weighed(position, swap(position, terms(), costs(), None, None, ("no history", "no reference")))
    assert known.locked_apr == pytest.approx(0.09 - 0.0175)  # what is locked needs no history
    assert known.why_null["expected_apr"] == known.why_null["residual_risk"] == "no reference"


def test_an_unknown_margin_hides_what_capital_costs_only_where_it_would_earn() -> None:
    position = held()
    offer = swap(position, terms(margin=Figure.unknown("no margin is on record")), costs(), restless(), steady(0.0))
    assert weighed(position, offer).locked_apr is not None
    found = weighed(position, offer, Asked(0, opportunity=Figure.given(0.04)))
    assert found.locked_apr is None
    assert "no margin is on record" in found.why_null["locked_apr"]


def test_an_unknown_delivery_fee_is_a_hole_of_the_future_alone() -> None:
    position = held()
    bare = LegCosts(FlatFees(Figure.given(0.0002), Figure.given(0.0002)), HalfSpread(Figure.given(0)))
    table = costs() | {f"c:{DATED}": bare}
    found = assess(position, [stay(position, table, restless()), dated(position, quote(), table, restless())], FREE)
    assert found[0].cost_bp == pytest.approx(30)
    assert "no delivery fee is given" in found[1].why_null["locked_apr"]


def test_a_short_history_is_told() -> None:
    position = held()
    found = assess(position, [stay(position, costs(), restless(days=100))], FREE)[0]
    assert "100 days of history" in found.why_null["expected_apr"]
    assert found.cost_bp == pytest.approx(30)


def test_the_most_locked_comes_first_and_what_floats_last() -> None:
    position = held()
    offers = [
        stay(position, costs(), restless()),
        dated(position, quote(), costs(), restless()),
        swap(position, terms(0.2), costs(), restless(), restless(6, 0.0)),
    ]
    rows = ranked(assess(position, offers, FREE), position)
    assert [row["instrument"] for row in rows] == ["swap", "dated", "perp"]
    assert [row["rank_locked"] for row in rows] == [1, 2, None]
    assert rows[1]["rank_risk"] == 1
    assert {row["rank_risk"] for row in rows} == {1, 2, 3}
    assert rows[1]["capital"] == pytest.approx(1.25e6)
    assert rows[1]["explained"].startswith("locks 8.85% a year for 73 days (10.00% before costs); expected 8.85% a year over 73 days")
    assert rows[1]["costs"]["delivery c:BTC/USDT:USDT-260327"]["value"] == 0.0001


def test_the_worst_of_twenty_is_that_of_independent_days() -> None:
    """Of independent normal days the sum is normal: 1.645 deviations below its mean, as far as the history's own deviation says."""
    daily = restless(9, days=4000)
    found = outlook(daily, 10, 3)
    assert found.mean == pytest.approx(daily.mean() * 10)
    assert found.shortfall == pytest.approx(1.645 * daily.std() * math.sqrt(10), rel=0.1)  # blocks of ten days among 4,000
    assert outlook(daily, 10, 3) == found


def test_the_worst_of_twenty_knows_of_persistent_times() -> None:
    """Funding that keeps its level for months falls short by far more than independent days would."""
    rng = np.random.default_rng(2)
    daily = np.repeat(rng.normal(0, 0.0005, 40), 50)
    assert outlook(daily, 30, 1).shortfall > 3 * 1.645 * daily.std() * math.sqrt(30)


def test_positions_and_quotes_that_are_none_are_refused() -> None:
    with pytest.raises(InputError, match="pays no funding"):
        Position(Leg("a", COIN, "long"), None, 1, 1)
    with pytest.raises(InputError, match="Give spot on the other side"):
        Position(Leg("a", PERP, "short"), Leg("a", COIN, "short"), 1, 1)
    with pytest.raises(InputError, match="notional and days above 0"):
        held(days=0)
    with pytest.raises(InputError, match="expiry after the entry"):
        Quote(Leg("c", DATED, "short"), 100, 100, 0)
    with pytest.raises(InputError, match="Prices are positive"):
        quote(price=-1)
    with pytest.raises(InputError, match="maturity after the entry"):
        terms(days=-1)
