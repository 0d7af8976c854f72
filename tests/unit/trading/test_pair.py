"""Which move liquidates a leg, and what must be moved to prevent it? Closed forms on fractions, and what is not known."""

from __future__ import annotations

from fractions import Fraction

import pytest

from perpscope.errors import InputError
from perpscope.market.brackets import Brackets
from perpscope.market.contract import Contract
from perpscope.trading.margin import Requirement
from perpscope.trading.pair import Pledge, pair_move
from perpscope.trading.trade import Leg

M = Fraction(1, 200)
TABLE = Requirement(Brackets.flat(M))
SHORT = Leg("a", "BTC/USDT:USDT", "short", leverage=Fraction(4))
LONG = Leg("b", "BTC/USDT:USDT", "long", leverage=Fraction(2))
INVERSE = Leg("c", "BTC/USD:BTC", "short", leverage=Fraction(4))
SPOT = Leg("s", "BTC/USDT", "long")


def pledged(leg: Leg, requirement: Requirement | None = TABLE, **more: object) -> Pledge:
    return Pledge(leg, leg.contract, requirement, **more)  # type: ignore[arg-type]  # as named


def test_linear_legs_end_where_the_closed_form_says() -> None:
    """Short at 4: (1 + 1/4) / (1 + m) - 1; long at 2: (1 - 1/2) / (1 - m) - 1: the short ends first."""
    found = pair_move([pledged(SHORT), pledged(LONG)], Fraction(1000), Fraction(50))
    assert [leg.move for leg in found.legs] == [Fraction(5, 4) / (1 + M) - 1, Fraction(1, 2) / (1 - M) - 1]
    assert found.first is not None
    assert (found.first.leg, found.why) == (SHORT.name, "")


def test_the_price_of_the_coin_plays_no_part_where_all_is_quoted_alike() -> None:
    at_50, unknown = (pair_move([pledged(SHORT), pledged(LONG)], Fraction(1000), price) for price in (Fraction(50), None))
    assert [leg.move for leg in at_50.legs] == [leg.move for leg in unknown.legs]


def test_an_inverse_short_ends_later_for_its_losses_are_in_a_coin_that_gains() -> None:
    """Equity in coins: v0 / 4 - (v0 - v) = m v, so v = (3 / 4) v0 / (1 - m), price up by (1 - m) 4 / 3 - 1."""
    found = pair_move([pledged(INVERSE)], Fraction(1000), Fraction(50))
    assert found.legs[0].move is not None
    assert found.legs[0].move == (1 - M) * Fraction(4, 3) - 1
    up = 1 + found.legs[0].move
    coins, margin, now = Fraction(1000) / 50, Fraction(1000) / 50 / 4, Fraction(1000) / (50 * up)
    lacking = now / 4 - (margin - (coins - now))
    assert found.legs[0].transfer == lacking * 50 * up / 1000
    hedged = pair_move([pledged(LONG), pledged(INVERSE)], Fraction(1000), Fraction(50))
    down = 1 + (hedged.legs[0].move or 0)
    assert hedged.legs[0].gain == (Fraction(1000) / (50 * down) - coins) * 50 * down / 1000
    by_size = Requirement(Brackets.of([(10, M, Fraction(1, 10)), (1000, 2 * M, Fraction(1, 10))]))
    assert pair_move([pledged(INVERSE, by_size)], Fraction(1000)).why.endswith("no price of the coin is known")


def test_one_rate_for_any_size_needs_no_price_of_the_coin() -> None:
    for legs in ([pledged(INVERSE)], [pledged(LONG), pledged(INVERSE)]):
        told, untold = pair_move(legs, Fraction(1000), Fraction(50)), pair_move(legs, Fraction(1000))
        assert [each.move for each in told.legs] == [each.move for each in untold.legs]
        assert [each.transfer for each in told.legs] == [each.transfer for each in untold.legs]
        assert [each.gain for each in told.legs] == [each.gain for each in untold.legs]


def test_a_short_inverse_leg_paid_in_full_is_never_liquidated() -> None:
    leg = Leg("c", "BTC/USD:BTC", "short")
    found = pair_move([pledged(leg), pledged(SPOT, None)], Fraction(1000), Fraction(50))
    assert found.first is None
    assert found.why.startswith("no move liquidates a leg")


def test_the_transfer_and_the_gain_of_the_other_leg() -> None:
    found = pair_move([pledged(SHORT), pledged(SPOT, None)], Fraction(1000), Fraction(50))
    move = Fraction(5, 4) / (1 + M) - 1
    first = found.first
    assert first is not None
    assert first.transfer == (1 + move) / 4 - (Fraction(1, 4) - move)
    assert first.gain == move
    assert first.told()["gain_covers_transfer"] is False


def test_a_quanto_needs_the_price_of_what_it_settles_in() -> None:
    leg = Leg("q", "ETH/USD:BTC", "long", leverage=Fraction(4), multiplier=Fraction(1, 1_000_000))
    contract = Contract.of_symbol("ETH/USD:BTC", Fraction(1, 1_000_000))
    assert "no price of BTC" in pair_move([Pledge(leg, contract, TABLE)], Fraction(1000), Fraction(2000)).why
    found = pair_move([Pledge(leg, contract, TABLE, settle_price=Fraction(50_000))], Fraction(1000), Fraction(2000))
    assert found.legs[0].move == Fraction(3, 4) / (1 - M) - 1
    assert found.legs[0].transfer is not None


@pytest.mark.parametrize(
    ("pledge", "why"),
    [
        (pledged(SHORT, None, why="no table is on record"), "no table is on record"),
        (Pledge(SHORT, None, TABLE), "its contract is not known"),
        (pledged(SHORT, Requirement(Brackets.of([(500, M, Fraction(1, 10))]))), "a position of 1000 USDT"),
        (pledged(Leg("a", "BTC/USDT:USDT", "short", leverage=50), Requirement(Brackets.flat(M, Fraction(1, 10)))), "a leverage of 50"),
    ],
)
def test_what_is_not_known_is_said_and_ends_the_answer(pledge: Pledge, why: str) -> None:
    found = pair_move([pledge, pledged(LONG)], Fraction(1000), Fraction(50))
    assert found.first is None
    assert why in found.why


def test_a_notional_that_is_none_is_refused() -> None:
    with pytest.raises(InputError, match="above 0"):
        pair_move([pledged(SHORT)], 0)
