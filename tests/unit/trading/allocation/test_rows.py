"""Is a row of a scan read as it stands, and is what it does not tell refused with its reason?"""

from __future__ import annotations

from typing import Any

import pytest

from perpscope.errors import InputError
from perpscope.market.number import INF
from perpscope.trading.allocation.candidate import Candidate
from perpscope.trading.allocation.rows import Refused, Terms, candidate_of, legs_of
from perpscope.trading.costs.figure import Figure
from perpscope.trading.trade import Collateral, Trade

ROW: dict[str, Any] = {
    "symbol": "BTC",
    "kind": "perp_perp",
    "legs": [
        {"venue": "a", "side": "short", "payoff": "linear", "symbol": "BTC/USDT:USDT", "leverage": 5.0},
        {"venue": "b", "side": "long", "payoff": "inverse", "symbol": "BTC/USD:BTC", "leverage": 4.0},
    ],
    "gross_apr": 0.12,
    "cost_bp": 20.0,
    "capacity": 5e6,
    "why_null": {},
}


def read(terms: Terms | None = None, **changed: Any) -> Candidate:  # noqa: ANN401 - what a row holds
    found = candidate_of(ROW | changed, terms or Terms())
    assert isinstance(found, Candidate)
    return found


def refused(terms: Terms | None = None, **changed: Any) -> str:  # noqa: ANN401 - what a row holds
    found = candidate_of(ROW | changed, terms or Terms())
    assert isinstance(found, Refused)
    return found.why


def test_a_row_is_a_candidate() -> None:
    found = read()
    assert found.name == "short a:BTC/USDT:USDT / long b:BTC/USD:BTC"
    assert (found.coin, found.kind, found.gross, found.capacity) == ("BTC", "perp_perp", 0.12, 5e6)
    assert [leg.margin for leg in found.legs] == pytest.approx([0.2, 0.25])
    assert found.charge(1e6)["cost"].value == pytest.approx(0.002)
    assert any("at every size (assumed)" in words for words in found.assumed)


def test_what_a_row_says_beside_its_numbers_is_said_by_the_plan_too() -> None:
    legs = [ROW["legs"][0], {"venue": "a", "side": "long", "payoff": "spot", "symbol": "BTC/USDT", "on_record": False}]
    told = read(legs=legs, notes=["quoted in USD and USDT: taken for one"], expires="2026-03-27T08:00:00Z").assumed
    name = "short a:BTC/USDT:USDT / long a:BTC/USDT: "
    assert f"{name}a is assumed to trade BTC/USDT, nobody knows here whether it does" in told
    assert f"{name}quoted in USD and USDT: taken for one" in told
    assert any("until 2026-03-27T08:00:00Z" in words for words in told)
    assert not any("assumed to trade" in words for words in read(legs=[ROW["legs"][0], legs[1] | {"on_record": True}]).assumed)


def test_capital_is_that_of_the_trade_itself() -> None:
    found = read(Terms(leverage=3, buffer=0.15))
    assert found.capital == pytest.approx(float(Trade("perp_perp", legs_of(ROW, 3), Collateral(0.15)).capital))


def test_leverage_and_buffer_are_the_users_where_he_says_them() -> None:
    found = read(Terms(leverage=2, buffer=0.1))
    assert found.capital == pytest.approx(0.5 + 0.5 + 0.1)


def test_spot_is_paid_in_full_whatever_the_leverage() -> None:
    legs = [ROW["legs"][0], {"venue": "a", "side": "long", "payoff": "spot", "symbol": "BTC/USDT", "ratio": 0.5}]
    found = read(Terms(leverage=3), legs=legs)
    assert [leg.margin for leg in found.legs] == pytest.approx([1 / 3, 0.5])


def test_legs_without_symbols_take_the_rows_coin_and_their_payoff() -> None:
    legs = [{"venue": "a", "side": "short", "payoff": payoff} for payoff in ("linear", "inverse", "quanto", "dated", "spot")]
    assert [leg.market for leg in legs_of(ROW | {"legs": legs})] == ["linear", "inverse", "quanto", "dated", "spot"]


def test_parts_of_a_scans_row_are_told_apart() -> None:
    found = read(lock_apr=0.05, hold_apr=0.07, opportunity_apr=0.04, capital=0.5)
    assert found.carry == pytest.approx({"funding": 0.07, "basis": 0.05})
    assert found.held["held"].value == pytest.approx(0.07 - 0.04 * 0.5)  # what it holds, without what capital would earn
    assert found.opportunity.value == 0.04
    assert read(Terms(opportunity=Figure.given(0.01)), opportunity_apr=0.04).opportunity.value == 0.01


def test_what_is_not_known_is_refused_with_the_rows_own_reason() -> None:
    assert refused(gross_apr=None, why_null={"gross_apr": "no history"}) == "gross_apr: no history"
    assert refused(gross_apr=None) == "gross_apr: not told"
    assert refused(capacity=0.0) == "a capacity of 0: it earns its costs back at no size"
    hole = read(cost_bp=None, why_null={"cost_bp": "no fee"}).charge(1.0)["cost"]
    assert (hole.value, hole.note) == (None, "cost_bp: no fee")


def test_a_capacity_nobody_knows_sets_no_limit_and_says_so() -> None:
    found = read(capacity=None, why_null={"capacity": "no depth is on record"})
    assert found.capacity == INF
    assert any("no depth is on record" in words for words in found.assumed)


def test_a_stress_raises_margins_or_refuses() -> None:
    kept = {"": Figure.given(0.005)}
    found = read(Terms(move=0.3, kept=kept))
    assert found.legs[0].margin == pytest.approx(0.3 + 0.005 * 1.3)
    assert found.legs[1].margin == pytest.approx((0.3 + 0.005) / 0.7)
    assert "no maintenance rate is known" in refused(Terms(move=0.3))


@pytest.mark.parametrize(
    "changed",
    [
        {"legs": []},
        {"legs": "short a"},
        {"legs": [{"side": "long"}]},
        {"legs": [{"venue": "a", "side": "long", "payoff": "odd"}]},
        {"legs": [{"venue": "a", "side": "up", "payoff": "spot"}]},
        {"gross_apr": "10%"},
        {"gross_apr": True},
        {"cost_bp": [1]},
    ],
)
def test_rows_that_are_none_are_refused_by_the_program(changed: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        candidate_of(ROW | changed, Terms())


@pytest.mark.parametrize("said", [{"leverage": 0.5}, {"move": 1.0}, {"move": -0.1}, {"buffer": -1.0}])
def test_terms_that_are_none_are_refused(said: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        Terms(**said)


def carried(leverage: float) -> dict[str, Any]:
    """Row of a short inverse contract, hedged by its coins and by spot."""
    perp = {"venue": "a", "side": "short", "payoff": "inverse", "symbol": "BTC/USD:BTC", "leverage": leverage}
    spot = {"venue": "a", "side": "long", "payoff": "spot", "symbol": "BTC/USDT", "ratio": 1 - 1 / leverage}
    return ROW | {"kind": "cash_and_carry", "legs": [perp, spot]}


def open_coins(found: Candidate) -> float:
    """Spot and coins put aside, less what is sold short; shares of the notional."""
    perp = found.legs[0]
    return sum(leg.ratio for leg in found.legs[1:]) + perp.margin - perp.ratio


@pytest.mark.parametrize(
    "terms",
    [Terms(leverage=2), Terms(leverage=10), Terms(move=0.5, kept={"": Figure.given(0.01)}), Terms(5, move=0.3, kept={"": Figure.given(0)})],
)
def test_coins_put_aside_are_part_of_the_hedge_whatever_the_leverage_and_the_stress(terms: Terms) -> None:
    found = candidate_of(carried(4.0), terms)
    assert isinstance(found, Candidate)
    assert found.legs[0].margin != pytest.approx(0.25)
    assert open_coins(found) == pytest.approx(0, abs=1e-12)
    assert sum(leg.margin for leg in found.legs) == pytest.approx(1), "coins are held as margin or as spot"


def test_nothing_is_left_of_spot_where_the_coins_are_the_hedge() -> None:
    found = candidate_of(carried(4.0), Terms(leverage=1))
    assert isinstance(found, Candidate)
    assert [leg.venue for leg in found.legs] == ["a"]
    alone = carried(4.0)
    alone["legs"] = [alone["legs"][0] | {"leverage": 1.0}]
    kept = candidate_of(alone, Terms(leverage=5))
    assert isinstance(kept, Candidate)
    assert open_coins(kept) == 0, "its own coins are all that hedges it: the leverage stays"
