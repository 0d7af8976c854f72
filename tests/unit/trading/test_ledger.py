"""Does money move only with a reason, from somebody to somebody, and does the ledger tell who owes?"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from perpscope.errors import InputError
from perpscope.market.contract import Contract
from perpscope.market.funding import Payment, Position, PublishedFixing
from perpscope.mechanisms.settle import Settlement
from perpscope.trading.entries import funding_entries, funding_entry
from perpscope.trading.ledger import OUTSIDE, REASONS, ROUNDING, Entry, Ledger, Posting, Shortfall, moved
from perpscope.trading.money import Units, exact, ratio, whole
from perpscope.trading.settle import Listing, settle

HOUR = 3_600_000
KEY = ("sim:unit", "A/USDT:USDT")


def paid(account: str, quantity: float, amount: float, **changed: object) -> Payment:
    one = Payment(account, *KEY, 8, quantity, 0.0001, 8, 33.335, amount, "USDT")
    return replace(one, **changed)  # type: ignore[arg-type]  # fields of the class


def flows(entry: Entry) -> dict[str, int]:
    return {posting.account: posting.units for posting in entry.postings}


WORTH = [
    (0.1, 10_000_000),
    (1, 10**8),
    (Fraction(1, 3), 33_333_333),
    (5e-9, 0),
    (1.5e-8, 2),
    (-2.5e-8, -2),
    (0.0, 0),
    (123456789.12345678, 12345678912345678),
]


@pytest.mark.parametrize(("amount", "units"), WORTH)
def test_an_amount_becomes_whole_units(amount: float, units: int) -> None:
    assert Units().of("BTC", amount) == units


def test_units_have_decimals_of_their_asset_and_a_text() -> None:
    units = Units({"USDT": 6, "JPY": 0})
    assert [units.places(asset) for asset in ("USDT", "JPY", "BTC")] == [6, 0, 8]
    assert [units.text("USDT", n) for n in (1, -1, 1_234_567)] == ["0.000001", "-0.000001", "1.234567"]
    assert units.text("JPY", -12) == "-12"
    assert units.amount("USDT", -5) == Fraction(-5, 10**6)
    with pytest.raises(InputError, match="23 decimals"):
        Units({"BTC": 23})
    with pytest.raises(InputError, match="-1 decimals"):
        Units(others=-1)


@pytest.mark.parametrize("amount", [float("nan"), float("inf"), float("-inf")])
def test_what_is_no_number_is_no_money(amount: float) -> None:
    with pytest.raises(InputError, match="finite"):
        Units().of("BTC", amount)


def test_doubles_count_as_the_decimal_they_print_as() -> None:
    assert exact(0.1) == Fraction(1, 10)
    assert ratio(2**70 + 1) == (2**70 + 1, 1)
    assert exact(1e-300) == Fraction(1, 10**300)


@pytest.mark.parametrize(
    ("rounding", "expected"),
    [
        ("nearest", [-2, -2, -1, 0, 1, 2, 2]),
        ("down", [-3, -2, -2, -1, 1, 1, 2]),
        ("up", [-2, -1, -1, 0, 1, 2, 3]),
        ("to_zero", [-2, -1, -1, 0, 1, 1, 2]),
        ("away", [-3, -2, -2, -1, 1, 2, 3]),
    ],
)
def test_every_rounding(rounding: str, expected: list[int]) -> None:
    """Quarters -10, -6, -5, -1, 4, 7, 10."""
    assert [whole(n, 4, rounding) for n in (-10, -6, -5, -1, 4, 7, 10)] == expected  # type: ignore[arg-type]  # a parameter


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"account": ""}, "no account"),
        ({"asset": ""}, "no account or no asset"),
        ({"units": 1.5}, "integer of units"),
        ({"units": True}, "integer of units"),
        ({"reason": "gift"}, "the reason 'gift'"),
    ],
)
def test_postings_that_are_none(changed: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        Posting(**({"account": "a", "asset": "BTC", "units": 1, "reason": "fee", "at": 0} | changed))  # type: ignore[arg-type]  # that is the test


def test_entries_that_are_none() -> None:
    one = Posting("a", "BTC", 1, "fee", 0)
    with pytest.raises(InputError, match="no postings"):
        Entry(())
    with pytest.raises(InputError, match=r"the entry 'x': its postings in BTC sum to 1 units"):
        Entry((one,), "x")
    with pytest.raises(InputError, match="several instants"):
        Entry((one, Posting("b", "BTC", -1, "fee", 1)))
    with pytest.raises(InputError, match="in BTC sum to 1"):
        Entry((one, Posting("b", "USDT", -1, "fee", 0)))


def test_every_reason_can_be_booked_and_found_again() -> None:
    ledger = Ledger()
    for n, reason in enumerate(REASONS, 1):
        ledger.post(moved("venue", "me", "BTC", n, reason, n))  # type: ignore[arg-type]  # one of REASONS
    assert ledger.by_reason("me", "BTC") == {reason: n for n, reason in enumerate(REASONS, 1)}
    lines = ledger.statement("me", "BTC")
    assert [line.balance for line in lines] == [n * (n + 1) // 2 for n in range(1, len(REASONS) + 1)]
    assert [line.posting.at for line in lines] == list(range(1, len(REASONS) + 1))
    assert (ledger.balance("venue", "BTC"), ledger.balance("you", "BTC"), ledger.statement("you", "BTC")) == (-66, 0, ())


def test_who_falls_below_zero_is_told_once_and_kept() -> None:
    ledger = Ledger(outside=["bank"])
    assert ledger.post(moved("bank", "me", "USDT", 100, "transfer", 0)) == ()
    assert ledger.post(moved("me", "you", "USDT", 130, "realised", 1)) == (Shortfall("me", "USDT", -30, 1),)
    assert ledger.post(moved("me", "you", "USDT", 5, "fee", 2)) == ()
    assert ledger.owing() == {("me", "USDT"): -35}
    assert ledger.post(moved("fund", "me", "USDT", 35, "insurance", 3)) == (Shortfall("fund", "USDT", -35, 3),)
    assert ledger.owing() == {("fund", "USDT"): -35}
    assert ledger.balance("bank", "USDT") == -100


def test_an_entry_that_only_passes_through_below_zero_is_not_told() -> None:
    legs = (("me", -5), ("you", 5), ("me", 5), ("you", -5))
    assert Ledger().post(Entry(tuple(Posting(who, "BTC", units, "transfer", 0) for who, units in legs))) == ()


def test_nobody_is_paid_twice_for_one_fixing() -> None:
    ledger = Ledger()
    entry = funding_entry([paid("me", 2, -12.0)])
    ledger.post(entry)
    with pytest.raises(InputError, match="posted before"):
        ledger.post(entry)
    assert ledger.entries == (entry,)
    assert ledger.text("me", "USDT") == "-12.00000000"


def test_check_finds_a_balance_that_no_posting_explains() -> None:
    ledger = Ledger()
    ledger.post(moved("a", "b", "BTC", 7, "fee", 0))
    assert ledger.check() == ()
    ledger._balances["b", "BTC"] += 1
    assert ledger.check() == ("b BTC: 8 units held, 7 posted",)
    ledger._balances["b", "BTC"] -= 1
    object.__setattr__(ledger.entries[0].postings[0], "units", -6)
    assert ledger.check() == ("an entry at 1970-01-01T00:00:00Z: 1 BTC too many", "a BTC: -7 units held, -6 posted")


def test_what_rounding_leaves_has_its_account() -> None:
    """Three thirds of a cent against one whole: each payer pays 0 of two decimals, the receiver 0.01."""
    units = Units(others=2)
    payments = [*(paid(name, 1, -1 / 300) for name in "abc"), paid("d", -3, 0.01)]
    entry = funding_entry(payments, units=units)
    assert flows(entry) == {"a": 0, "b": 0, "c": 0, "d": 1, ROUNDING: -1}
    assert [posting.reason for posting in entry.postings] == ["funding"] * 4 + ["rounding"]
    assert flows(funding_entry(payments, units=units, rounding="down")) == {"a": -1, "b": -1, "c": -1, "d": 1, ROUNDING: 2}


def test_what_outsiders_owe_is_told_from_rounding_when_the_contract_is_known() -> None:
    """The venue cuts to cents against the holder: 3.3335 owed, 3.34 paid; the outside receives 3.3335, the rest is rounding."""
    own = Listing(Contract("linear", "USDT", 1000), Settlement(money_grains=100, money_rounding="down"))
    settled = settle([Position("me", *KEY, 0, 1)], [PublishedFixing(*KEY, 8, 0.0001, 8, 33.335)], {KEY: [own]})
    units = Units(others=4)
    assert flows(funding_entry(settled.payments, own, units)) == {"me": -33400, OUTSIDE: 33335, ROUNDING: 65}
    assert flows(funding_entry(settled.payments, units=units)) == {"me": -33400, OUTSIDE: 33400}
    (entry,) = funding_entries(settled, {KEY: [own]}, units)
    assert (entry.name, entry.at, flows(entry)[OUTSIDE]) == ("funding sim:unit A/USDT:USDT 8", 8, 33335)


def test_a_third_party_that_the_rule_names_is_paid() -> None:
    own = Listing(Contract("linear", "USDT"), Settlement(sides="both_pay", to="insurance fund"))
    rows = [Position("a", *KEY, 0, 1), Position("b", *KEY, 0, -1)]
    settled = settle(rows, [PublishedFixing(*KEY, 8, 0.01, 8, 100)], {KEY: [own]})
    (entry,) = funding_entries(settled, {KEY: [own]})
    assert flows(entry) == {"a": -(10**8), "b": -(10**8), "insurance fund": 2 * 10**8}


def test_one_entry_for_each_fixing_in_order_of_time() -> None:
    rows = [Position("a", *KEY, 0, 1), Position("b", *KEY, 0, -1)]
    settled = settle(rows, [PublishedFixing(*KEY, at, 0.01, 8, 100) for at in (24 * HOUR, 8 * HOUR, 16 * HOUR)])
    nothing_known: dict[tuple[str, str], list[Listing]] = {}
    for terms in (None, nothing_known):
        entries = funding_entries(settled, terms)
        assert [entry.at for entry in entries] == [8 * HOUR, 16 * HOUR, 24 * HOUR]
        assert {tuple(flows(entry).items()) for entry in entries} == {(("a", -(10**8)), ("b", 10**8))}


@pytest.mark.parametrize(
    ("payments", "message"),
    [
        ([], "no payments"),
        ([paid("a", 1, -1), paid("b", 1, -1, at=9)], "several fixings"),
        ([paid("a", 1, -1), paid("b", 1, -1, asset="BTC")], "several fixings"),
        ([paid("a", 1, -1), paid("a", 1, -1)], "paid twice"),
    ],
)
def test_payments_that_are_no_fixing(payments: list[Payment], message: str) -> None:
    with pytest.raises(InputError, match=message):
        funding_entry(payments)
