"""How much margin did a position lack at its worst moment?"""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perpscope.market.brackets import Brackets
from perpscope.market.contract import Contract
from perpscope.trading.margin import Holding, Requirement, liquidation
from perpscope.trading.shortfall import shortfall

ASKED = Requirement(Brackets.flat(Fraction(1, 100)))
LINEAR, INVERSE = Contract("linear", "USDT"), Contract("inverse", "BTC")


def test_a_long_by_hand() -> None:
    # 1 at 100 with 20: at 70 it has lost 30 and must hold 0.7
    found = shortfall(Holding(LINEAR, 1, Fraction(100)), ASKED, 20, [(0, 100), (1, Fraction(70)), (2, 90)])
    assert (found.missing, found.at, found.price) == (Fraction(107, 10), 1, 70)


def test_what_was_left_over_is_below_nothing() -> None:
    found = shortfall(Holding(LINEAR, -1, Fraction(100)), ASKED, 20, [(0, 100), (1, Fraction(90))])
    assert found.missing < 0


@given(
    st.sampled_from((LINEAR, INVERSE)),
    st.sampled_from((1, -1)),
    st.integers(2, 50),
    st.lists(st.integers(1, 400), min_size=1, max_size=20),
)
def test_the_missing_margin_is_just_what_keeps_it_alive(contract: Contract, side: int, leverage: int, prices: list[int]) -> None:
    holding = Holding(contract, side * Fraction(1000 if contract is INVERSE else 10), Fraction(100))
    margin = holding.value(100) / leverage
    path = [(k, Fraction(price)) for k, price in enumerate(prices)]
    found = shortfall(holding, ASKED, margin, path)
    saved = margin + max(found.missing, 0)
    assert all(holding.equity(saved, price) >= ASKED.needed(holding, price) for _, price in path)
    if found.missing > 0:
        limit = liquidation(holding, ASKED, margin).price
        assert limit is not None
        assert side * (found.price - limit) < 0


def test_no_prices_are_no_answer() -> None:
    with pytest.raises(ValueError, match="empty"):
        shortfall(Holding(LINEAR, 1, 100), ASKED, 20, [])
