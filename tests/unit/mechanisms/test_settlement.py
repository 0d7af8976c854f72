"""Who pays whom how much, for every payoff, side and rounding? Expected values are worked out by hand."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from perpscope.errors import CatalogueError, InputError
from perpscope.market.contract import Contract
from perpscope.mechanisms.settle import Charge, Settlement, charge, payment

LINEAR = Contract("linear", "USDT", Fraction("0.01"))
INVERSE = Contract("inverse", "BTC", Fraction(100))
QUANTO = Contract("quanto", "XBT", Fraction("0.000001"))
WHOLE = Contract("linear", "USDT", Fraction(1))


def received(quantity: str, rate: str, contract: Contract, price: str | None, settle: Settlement | None = None, **more: Any) -> Fraction:  # noqa: ANN401 - open interest by name
    way = settle or Settlement()
    return Fraction(
        payment(charge(Fraction(rate), way, contract, None if price is None else Fraction(price), **more), Fraction(quantity), way)
    )


@pytest.mark.parametrize(
    ("contract", "quantity", "price", "rate", "amount"),
    [
        (LINEAR, "5", "60000", "0.0001", "-0.3"),
        (LINEAR, "5", "60000", "-0.0001", "0.3"),
        (LINEAR, "-5", "60000", "0.0001", "0.3"),
        (LINEAR, "-5", "60000", "-0.0001", "-0.3"),
        (WHOLE, "2", "50000", "0.0003", "-30"),
        (WHOLE, "-2", "50000", "0.0003", "30"),
        (INVERSE, "300", "40000", "0.0004", "-0.0003"),
        (INVERSE, "300", "40000", "-0.0004", "0.0003"),
        (INVERSE, "-300", "40000", "0.0004", "0.0003"),
        (INVERSE, "-300", "40000", "-0.0004", "-0.0003"),
        (QUANTO, "5000", "2000", "0.0001", "-0.001"),
        (QUANTO, "5000", "2000", "-0.0001", "0.001"),
        (QUANTO, "-5000", "2000", "0.0001", "0.001"),
        (QUANTO, "-5000", "2000", "-0.0001", "-0.001"),
    ],
)
def test_the_sign_of_every_payoff(contract: Contract, quantity: str, price: str, rate: str, amount: str) -> None:
    """A positive rate means longs pay shorts; a positive amount is received."""
    assert received(quantity, rate, contract, price) == Fraction(amount)


@pytest.mark.parametrize(
    ("quantity", "amount"), [("100", "-0.858943191939791995"), ("-100", "0.858943191939791995"), ("50", "-0.4294715959698959975")]
)
def test_an_amount_per_base_unit_needs_no_price(quantity: str, amount: str) -> None:
    assert received(quantity, "0.858943191939791995", LINEAR, None, Settlement(unit="quote")) == Fraction(amount)


def test_where_the_position_itself_is_the_notional_no_price_is_needed() -> None:
    assert received("1000", "0.0001", WHOLE, None, Settlement(price="none", sides="both_pay")) == Fraction("-0.1")


def test_both_sides_pay_the_pool() -> None:
    both = Settlement(sides="both_pay")
    assert charge(Fraction("0.0001"), both, WHOLE, Fraction(50_000)) == Charge(Fraction(5), Fraction(5))
    assert received("2", "0.0001", WHOLE, "50000", both) == received("-2", "0.0001", WHOLE, "50000", both) == Fraction(-10)


@pytest.mark.parametrize(
    ("sides", "rate", "long_open", "short_open", "long", "short"),
    [
        ("shared", "1", "10", "40", "1", "-0.25"),
        ("shared", "1", "40", "10", "1", "-4"),
        ("shared", "-1", "10", "40", "-4", "1"),
        ("shared", "-1", "40", "10", "-0.25", "1"),
        ("shared", "1", "0", "40", "1", "0"),
        ("shared", "1", "10", "0", "1", "-1"),
        ("larger", "1", "10", "40", "4", "-1"),
        ("larger", "1", "40", "10", "1", "-4"),
        ("larger", "-1", "10", "40", "-4", "1"),
        ("larger", "-1", "40", "10", "-1", "4"),
        ("larger", "1", "0", "40", "0", "0"),
        ("larger", "-1", "40", "0", "0", "0"),
        ("capped", "1", "40", "10", "1", "-1"),
        ("capped", "1", "10", "40", "1", "-0.75"),
        ("capped", "-1", "40", "10", "-0.75", "1"),
        ("capped", "-1", "10", "40", "-1", "1"),
        ("capped", "0", "10", "40", "0", "0"),
    ],
)
def test_receivers_by_open_interest(sides: Any, rate: str, long_open: str, short_open: str, long: str, short: str) -> None:  # noqa: ANN401 - one of the words
    """One quote unit per contract; with "capped" a third of a fee pool of 60 helps out."""
    way = Settlement(unit="quote", sides=sides, pool_share=Fraction(1, 3))
    owed = charge(Fraction(rate), way, WHOLE, long_open=Fraction(long_open), short_open=Fraction(short_open), pool=Fraction(60))
    assert owed == Charge(Fraction(long), Fraction(short))
    paid, got = (Fraction(long_open) * owed.long, -Fraction(short_open) * owed.short)
    if sides == "larger" or (sides == "shared" and Fraction(long_open) and Fraction(short_open)):
        assert paid == got


def test_a_sum_that_receivers_share_needs_the_open_interest() -> None:
    with pytest.raises(InputError, match="the open interest is missing"):
        charge(Fraction(1), Settlement(sides="shared"), WHOLE, Fraction(1))


@pytest.mark.parametrize(
    ("rate", "price", "per_base"),
    [("0.00017875", "27000", "4.82"), ("-0.00017875", "27000", "-4.82"), ("-0.015", "33500", "-502.5")],
)
def test_the_cumulative_index_is_cut_towards_zero(rate: str, price: str, per_base: str) -> None:
    """Theoretical 4.82625 per base unit.

    Source: dydxprotocol/v4-chain @84d4664b protocol/testing/e2e/funding/funding_e2e_test.go: index moves of 482 and -50250.
    """
    assert charge(Fraction(rate), Settlement(index_grains=100), WHOLE, Fraction(price)).long == Fraction(per_base)


@pytest.mark.parametrize(
    ("rounding", "long", "short"),
    [
        ("to_zero", "-1.23", "1.23"),
        ("down", "-1.24", "1.23"),
        ("up", "-1.23", "1.24"),
        ("away", "-1.24", "1.24"),
        ("nearest", "-1.23", "1.23"),
    ],
)
def test_money_is_rounded_in_the_venues_direction(rounding: Any, long: str, short: str) -> None:  # noqa: ANN401 - one of the words
    """1.2345 of one contract, in hundredths; "down" is against the holder on both sides."""
    way = Settlement(unit="quote", money_grains=100, money_rounding=rounding)
    owed = charge(Fraction("1.2345"), way, WHOLE)
    assert (payment(owed, Fraction(1), way), payment(owed, Fraction(-1), way)) == (Fraction(long), Fraction(short))


def test_nothing_held_pays_nothing() -> None:
    assert payment(Charge(5, -5), 0, Settlement()) == 0


@pytest.mark.parametrize("wrong", [{"flow": "weekly"}, {"unit": "percent"}, {"sides": "nobody"}, {"money_rounding": "sideways"}])
def test_words_nobody_defined(wrong: dict[str, Any]) -> None:
    with pytest.raises(CatalogueError, match=f"{next(iter(wrong))} = "):
        Settlement(**wrong)


def test_a_missing_price_stops() -> None:
    with pytest.raises(InputError, match="the notional price is missing"):
        charge(Fraction("0.0001"), Settlement(), LINEAR)
