"""Which legs make a kind of trade, and does it stand open?"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import pytest

from perpscope.errors import InputError, NotEnoughData
from perpscope.runs.legs import exposure, legs_of_kind, spot_of
from perpscope.trading.trade import Leg
from tests.unit.claims.held import prices
from tests.unit.runs.made_pair import START, WIGGLY
from tests.unit.runs.stocked import stocked

if TYPE_CHECKING:
    from pathlib import Path

LINEAR, INVERSE = Leg("binanceusdm", "BTC/USDT:USDT", "short", leverage=3), Leg("bitmex", "BTC/USD:BTC", "short", leverage=4)
SPOT = Leg("binance", "BTC/USDT", "long")


def test_a_cash_and_carry_is_short_and_long() -> None:
    assert [(leg.side, leg.leverage) for leg in legs_of_kind("cash_and_carry", LINEAR, SPOT)] == [("short", 3), ("long", 1)]
    assert [leg.side for leg in legs_of_kind("reverse_carry", LINEAR, SPOT)] == ["long", "short"]
    assert [leg.side for leg in legs_of_kind("naked_long", LINEAR, None)] == ["long"]


def test_coins_put_aside_as_margin_are_part_of_the_hedge() -> None:
    legs = legs_of_kind("cash_and_carry", INVERSE, SPOT)
    assert legs[1].ratio == pytest.approx(0.75)
    assert exposure(legs) == pytest.approx(0)
    full = legs_of_kind("cash_and_carry", Leg("bitmex", "BTC/USD:BTC", "short"), SPOT)
    assert len(full) == 1
    assert exposure(full) == 0


def test_exposure_counts_signs_ratios_and_coin_margins() -> None:
    assert exposure((LINEAR, SPOT)) == 0
    assert exposure((LINEAR, Leg("bybit", "BTC/USDT:USDT", "long", ratio=Fraction(1, 2)))) == -0.5
    assert exposure((INVERSE, SPOT)) == 0.25
    assert exposure((LINEAR, Leg("boros", "BTC/USDT:USDT", "long", swap=True))) == -1


def test_a_kind_that_lacks_a_leg_says_so() -> None:
    with pytest.raises(InputError, match="Name the other with --spot or --against"):
        legs_of_kind("perp_perp", LINEAR, None)
    with pytest.raises(InputError, match="Write its legs with --leg"):
        legs_of_kind("deliverable_cash", LINEAR, SPOT)
    with pytest.raises(InputError, match="a second leg, binance:BTC/USDT"):
        legs_of_kind("naked_long", LINEAR, SPOT)


def test_the_spot_market_of_the_same_house_is_found(tmp_path: Path) -> None:
    store = stocked(tmp_path, prices("binance", "BTC/USDC", START, WIGGLY), prices("binance", "BTC/USDT", START, WIGGLY[:9]))
    assert spot_of(store, LINEAR).symbol == "BTC/USDT"
    with pytest.raises(NotEnoughData, match="no spot prices of BTC at bitmex"):
        spot_of(store, INVERSE)


def test_an_inverse_perpetual_is_hedged_with_the_coins_of_its_margin_on_both_sides() -> None:
    perp, coins = Leg("bitmex", "BTC/USD:BTC", "short", leverage=4), Leg("binance", "BTC/USDT", "long")
    for kind, ratio in (("cash_and_carry", 0.75), ("reverse_carry", 1.25)):
        legs = legs_of_kind(kind, perp, coins)  # type: ignore[arg-type]  # one of two kinds
        assert (legs[1].ratio, legs[1].leverage) == (ratio, 1)
        assert exposure(legs) == pytest.approx(0)
