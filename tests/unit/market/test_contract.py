"""What is a position worth, and which numbers are refused as contracts, positions and fixings?"""

from __future__ import annotations

from fractions import Fraction

import pytest

from perpscope.errors import InputError
from perpscope.market.contract import Contract, Payoff
from perpscope.market.funding import Position, PublishedFixing

LINEAR = Contract("linear", "USDT", Fraction("0.01"))
INVERSE = Contract("inverse", "BTC", Fraction(100))
QUANTO = Contract("quanto", "XBT", Fraction("0.000001"))


@pytest.mark.parametrize(
    ("contract", "quantity", "price", "worth"),
    [
        (LINEAR, "5", "60000", "3000"),
        (LINEAR, "-5", "60000", "-3000"),
        (INVERSE, "300", "40000", "0.75"),
        (INVERSE, "-300", "40000", "-0.75"),
        (QUANTO, "5000", "2000", "10"),
        (QUANTO, "-5000", "2000", "-10"),
    ],
)
def test_value_is_in_the_settle_asset(contract: Contract, quantity: str, price: str, worth: str) -> None:
    assert contract.value(Fraction(quantity), Fraction(price)) == Fraction(worth)


@pytest.mark.parametrize(
    ("contract", "entry", "price", "gain"),
    [(LINEAR, "50000", "60000", "1000"), (INVERSE, "40000", "50000", "0.005"), (QUANTO, "2000", "2100", "0.001")],
)
def test_profit_of_ten_contracts(contract: Contract, entry: str, price: str, gain: str) -> None:
    assert contract.profit(Fraction(10), Fraction(entry), Fraction(price)) == Fraction(gain)
    assert contract.profit(Fraction(-10), Fraction(entry), Fraction(price)) == -Fraction(gain)


@pytest.mark.parametrize(
    ("symbol", "payoff", "asset"),
    [("BTC/USDT:USDT", "linear", "USDT"), ("BTC/USD:BTC", "inverse", "BTC"), ("1000PEPE/USDC:USDC", "linear", "USDC")],
)
def test_a_symbol_names_its_payoff(symbol: str, payoff: str, asset: str) -> None:
    found = Contract.of_symbol(symbol)
    assert (found.payoff, found.asset, found.size) == (payoff, asset, 1)


@pytest.mark.parametrize(
    ("symbol", "words"),
    [
        ("BTC/USDT", "a spot market pays no funding"),
        ("BTC/USDT:USDT-250926", "a dated future pays no funding"),
        ("BTC/USD:BTC-250926", "a dated future pays no funding"),
        ("ETH/USD:BTC", "its multiplier is not given"),
        ("BTCUSDT", "not of the form BTC/USDT:USDT"),
    ],
)
def test_no_perpetual_is_refused(symbol: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        Contract.of_symbol(symbol)


@pytest.mark.parametrize(
    ("payoff", "asset", "size", "words"),
    [
        ("cubic", "USDT", 1, "the payoff 'cubic'"),
        ("linear", "", 1, "no settle asset"),
        ("linear", "USDT", 0, "a size of 0"),
        ("linear", "USDT", -1, "a size of -1"),
        ("linear", "USDT", float("nan"), "a size of nan"),
        ("linear", "USDT", float("inf"), "a size of inf"),
    ],
)
def test_contracts_that_cannot_be(payoff: Payoff, asset: str, size: float, words: str) -> None:
    with pytest.raises(InputError, match=words):
        Contract(payoff, asset, size)


@pytest.mark.parametrize("price", [0, -1, float("nan"), float("inf")])
def test_a_price_is_positive(price: float) -> None:
    with pytest.raises(InputError, match=f"a price of {price}"):
        LINEAR.value(1, price)


def test_only_linear_contracts_are_paid_per_base_unit() -> None:
    assert LINEAR.per_base(Fraction(100), Fraction("0.5")) == Fraction("0.5")
    with pytest.raises(InputError, match="the contract is inverse"):
        INVERSE.per_base(1, 1)


@pytest.mark.parametrize("quantity", [float("nan"), float("inf")])
def test_a_quantity_is_a_number(quantity: float) -> None:
    with pytest.raises(InputError, match=f"a quantity of {quantity}"):
        Position("me", "venue", "BTC/USDT:USDT", 0, quantity)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"interval_hours": 0}, "an interval of 0 h. State interval_hours; it is never assumed to be 8 h"),
        ({"interval_hours": -8}, "an interval of -8 h"),
        ({"interval_hours": float("nan")}, "an interval of nan h"),
        ({"interval_hours": float("inf")}, "an interval of inf h"),
        ({"interval_hours": 1e-9}, "an interval of 1e-09 h"),
        ({"rate": float("nan")}, "a rate of nan"),
        ({"price": -60_000}, "a price of -60000"),
        ({"price": 0}, "a price of 0"),
        ({"price": float("nan")}, "a price of nan"),
        ({"per_base": float("nan")}, "an amount of nan per base unit"),
        ({"price_error": -0.1}, "a price error of -0.1"),
        ({"price_error": float("nan")}, "a price error of nan"),
    ],
)
def test_what_is_no_fixing(changed: dict[str, float], words: str) -> None:
    told: dict[str, float] = {"rate": 0.0001, "interval_hours": 8, "price": 60_000} | changed
    with pytest.raises(InputError, match=rf"the fixing of venue BTC/USDT:USDT at 1970-01-01T08:00:00Z: {words}"):
        PublishedFixing("venue", "BTC/USDT:USDT", 28_800_000, **told)  # type: ignore[arg-type]  # numbers by name
