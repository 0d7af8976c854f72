"""Is the nearest unit the exact one, many at a time?"""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from perpscope.market.contract import Contract
from perpscope.market.number import to_exact
from perpscope.mechanisms.settle import Settlement, charge, payment
from perpscope.trading.columns import Decided
from perpscope.trading.nearest import nearest_units
from perpscope.trading.settle import Listing

LISTINGS = [
    Listing(Contract("linear", "USDT", 0.001)),
    Listing(Contract("inverse", "BTC", 100)),
    Listing(Contract("quanto", "XBT", 0.000001)),
    Listing(Contract("linear", "USDT", 1), Settlement(sides="both_pay", to="pool")),
]
GRAINS = [10**8, 10**8, 10**8, 100]


def events(rates: list[float], prices: list[float]) -> Decided:
    """One event for each of the four contracts."""
    return Decided(np.arange(5), np.arange(1, 5), np.array(rates), np.array(prices))


def exactly(c: int, rate: float, price: float, quantity: float) -> int:
    settle = Settlement(sides=LISTINGS[c].settle.sides, to="pool", money_grains=GRAINS[c], money_rounding="nearest")
    contract = Contract(LISTINGS[c].contract.payoff, "X", to_exact(LISTINGS[c].contract.size))
    found = payment(charge(to_exact(rate), settle, contract, to_exact(price)), to_exact(quantity), settle)
    return int(found * GRAINS[c])


rates = st.integers(-30_000, 30_000).map(lambda n: n / 10**8)
prices = st.integers(1, 10**7).map(lambda n: n / 100)


@given(
    rate=st.lists(rates, min_size=4, max_size=4),
    price=st.lists(prices, min_size=4, max_size=4),
    quantity=st.lists(st.integers(-500, 500).filter(bool).map(float), min_size=4, max_size=4),
    contracts=st.sets(st.integers(0, 3), min_size=1),
)
def test_every_unit_is_that_of_exact_arithmetic(rate: list[float], price: list[float], quantity: list[float], contracts: set[int]) -> None:
    places = np.array(sorted(contracts))
    found = nearest_units(events(rate, price), LISTINGS, GRAINS, (places, places, np.array(quantity)[places]))
    assert found is not None or 1 in contracts, "only the long products of the inverse one may not fit"
    if found is not None:
        assert found.tolist() == [exactly(c, rate[c], price[c], quantity[c]) for c in places.tolist()]


@pytest.mark.parametrize(("quantity", "units"), [(1.0, 0), (3.0, -2), (-1.0, 0), (-3.0, 2), (5.0, -2), (7.0, -4)])
def test_half_a_unit_goes_to_the_even_one(quantity: float, units: int) -> None:
    """0.00000001 x 1 x quantity / 2: halves of a unit of 1e-8."""
    decided = Decided(np.array([0, 1]), np.array([1]), np.array([0.00000001]), np.array([0.5]))
    found = nearest_units(decided, [Listing(Contract("linear", "USDT"))], [10**8], (np.array([0]), np.array([0]), np.array([quantity])))
    assert found is not None
    assert found.tolist() == [units]
    assert units == round(-Fraction(quantity) / 2)


@pytest.mark.parametrize(
    ("rate", "quantity", "settle"),
    [(1 / 3, 1.0, Settlement()), (0.0001, 1e14, Settlement()), (0.0001, 1.0, Settlement(index_grains=100))],
    ids=["a rate without end", "too large for 63 bits", "cut to grains of an index"],
)
def test_what_does_not_fit_is_left_to_the_caller(rate: float, quantity: float, settle: Settlement) -> None:
    decided = Decided(np.array([0, 1]), np.array([1]), np.array([rate]), np.array([50_000.12]))
    listing = Listing(Contract("linear", "USDT", 0.001), settle)
    assert nearest_units(decided, [listing], [10**8], (np.array([0]), np.array([0]), np.array([quantity]))) is None
