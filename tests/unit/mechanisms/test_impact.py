"""Are books walked by notional and by quantity, and does a thin side say what the chain takes it to say?"""

from __future__ import annotations

from fractions import Fraction

import pytest

from perpscope.market.number import INF
from perpscope.mechanisms.impact import Ladder, depth_prices, notional_prices
from perpscope.mechanisms.observe import Observe

BIDS: Ladder = [(Fraction(100), Fraction(1)), (Fraction(98), Fraction(2)), (Fraction(90), Fraction(10))]
ASKS: Ladder = [(Fraction(101), Fraction(2)), (Fraction(110), Fraction(1))]


def test_a_notional_is_filled_at_its_average_price() -> None:
    """148 quote units of bids are one base unit at 100 and 48/98 at 98; 202 of asks are two at 101."""
    assert notional_prices(BIDS, ASKS, Fraction(148)) == (148 / (1 + Fraction(48, 98)), Fraction(101))
    assert notional_prices(BIDS, ASKS, Fraction(202))[1] == 101


def test_a_thin_side_counts_for_nothing_in_the_premium() -> None:
    bid, ask = notional_prices(BIDS, ASKS, Fraction(400))
    assert (ask, bid > 0) == (INF, True)
    look = Observe("impact_band", grains=10**6)
    assert look.premium(impact_bid=bid, impact_ask=ask, index=Fraction(200)) == 0
    assert look.premium(impact_bid=bid, impact_ask=ask, index=Fraction(80)) > 0
    assert notional_prices(BIDS, ASKS, Fraction(10_000)) == (0, INF)
    assert notional_prices([], [], Fraction(0)) == (0, INF)


def test_a_notional_of_nothing_asks_for_the_best_prices() -> None:
    assert notional_prices(BIDS, ASKS, 0) == (100, 101)


@pytest.mark.parametrize(("quantity", "bid", "ask"), [("0.5", 100, 101), ("1", 100, 101), ("2.5", 98, 110), ("3", 98, 110)])
def test_a_depth_price_is_that_of_the_level_where_the_quantity_is_met(quantity: str, bid: int, ask: int) -> None:
    assert depth_prices(BIDS, ASKS, Fraction(quantity), Fraction(100)) == (bid, ask)


def test_a_side_that_is_too_thin_stands_at_the_end_of_all_prices() -> None:
    assert depth_prices(BIDS, ASKS, Fraction(4), Fraction(100)) == (90, INF)
    assert depth_prices([], ASKS, Fraction(1), Fraction(100)) == (-INF, 101)
    assert depth_prices(BIDS, ASKS, Fraction(100), Fraction(97)) == (97, 97)
