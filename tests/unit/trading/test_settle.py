"""Who is paid at which stamp, for which contract, and what is refused, estimated, doubted or left out?"""

from __future__ import annotations

import itertools
import random
import re
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest

from perpscope.errors import InputError
from perpscope.market.contract import Contract, Payoff
from perpscope.market.funding import Position, PublishedFixing
from perpscope.market.time import Calendar, Schedule, to_ms
from perpscope.mechanisms.settle import Settlement
from perpscope.trading.settle import Hole, Key, Listing, settle

VENUE, SYMBOL = "venue", "BTC/USDT:USDT"
KEY: Key = (VENUE, SYMBOL)
HOUR = 3_600_000
DAY = to_ms("2024-05-01T00:00:00Z")


def held(hour: float, quantity: str | int, account: str = "me", symbol: str = SYMBOL) -> Position:
    return Position(account, VENUE, symbol, DAY + round(hour * HOUR), Fraction(quantity))


def fixing(hour: float, rate: str = "0.0001", hours: float = 8, price: str | None = "60000", late_ms: int = 0) -> PublishedFixing:
    return PublishedFixing(
        VENUE, SYMBOL, DAY + round(hour * HOUR) + late_ms, Fraction(rate), Fraction(hours), None if price is None else Fraction(price)
    )


def listing(
    settlement: Settlement | None = None, payoff: Payoff = "linear", size: str = "1", listed: int | None = None, ended: int | None = None
) -> dict[Key, list[Listing]]:
    return {KEY: [Listing(Contract(payoff, "USDT", Fraction(size)), settlement or Settlement(), listed, ended)]}


def test_an_interval_that_goes_8_4_1_8_within_a_month_settles_at_its_events() -> None:
    """Thirty days: 30 stamps of 8 h, 30 of 4 h, 120 of 1 h, 30 of 8 h; one contract at 60,000 and 0.01 % for each 8 h."""
    calendar = Calendar(tuple((DAY + day * 24 * HOUR, Schedule(hours)) for day, hours in ((0, 8), (10, 4), (15, 1), (20, 8))))
    stamps = calendar.stamps(DAY + 1, DAY + 30 * 24 * HOUR + 1)
    rates = {8: "0.0001", 4: "0.00005", 1: "0.0000125"}
    decided = [replace(fixing(0, rates[int(hours)], hours), at=at) for at, hours in stamps]
    assert [sum(h == hours for _, h in stamps) for hours in (8, 4, 1)] == [60, 30, 120]
    paid = settle([held(0, 1)], decided)
    assert [(p.at, p.interval_hours) for p in paid.payments] == stamps
    assert {p.amount for p in paid.payments} == {Fraction(-6), Fraction(-3), Fraction("-0.75")}
    assert paid.totals == {"USDT": -(60 * 6 + 30 * 3 + 120 * Fraction("0.75"))} == {"USDT": -540}
    assert paid.holes == ()


def test_a_change_exactly_at_the_stamp_is_already_made() -> None:
    decided = [fixing(8), fixing(16), fixing(24)]
    paid = settle([held(8, 1), held(16, -2), held(24, 0)], decided)
    assert [(p.at, p.quantity, p.amount) for p in paid.payments] == [
        (DAY + 8 * HOUR, 1, Fraction(-6)),
        (DAY + 16 * HOUR, -2, Fraction(12)),
    ]


@pytest.mark.parametrize(
    ("opened", "quantity", "doubted"), [(-15, 1, False), (-14, 1, True), (0, 1, True), (14, 0, True), (15, None, False), (16, None, False)]
)
def test_a_change_within_the_venues_tolerance_is_doubted(opened: int, quantity: int | None, doubted: bool) -> None:  # noqa: FBT001 - a table
    """Fifteen seconds: whoever opens inside them, before or after the stamp, may or may not pay."""
    paid = settle([held(8 + opened / 3600, 1)], [fixing(8), fixing(16)], listing(Settlement(grace_s=15)))
    first = [p for p in paid.payments if p.at == DAY + 8 * HOUR]
    assert [p.quantity for p in first] == ([] if quantity is None else [quantity])
    assert [bool(p.doubt) for p in first] == ([] if quantity is None else [doubted])
    assert not paid.payments[-1].doubt


def test_closing_just_before_the_stamp_is_doubted_too() -> None:
    paid = settle([held(0, 1), held(8 - 5 / 3600, 0)], [fixing(8)], listing(Settlement(grace_s=15)))
    assert [(p.quantity, p.amount) for p in paid.payments] == [(0, 0)]
    assert paid.payments[0].doubt == "the position changed at 2024-05-01T07:59:55Z, inside the 15 s the venue allows itself"
    assert settle([held(0, 1), held(8 - 5 / 3600, 0)], [fixing(8)]).payments == ()


def test_a_row_that_changes_nothing_raises_no_doubt() -> None:
    assert settle([held(0, 1), held(8, 1)], [fixing(8)], listing(Settlement(grace_s=15))).payments[0].doubt == ""


def accruing(hour: float, rate: str, hours: float = 8) -> PublishedFixing:
    return replace(fixing(hour, rate, hours), accrual="continuous")


def test_continuous_accrual_takes_the_average_position() -> None:
    """Two contracts for 3 h, then -1 for 5 h: (2 x 3 - 1 x 5) / 8 = 0.125 contracts."""
    paid = settle([held(0, 2), held(3, -1)], [accruing(8, "0.0008")])
    assert (paid.payments[0].quantity, paid.payments[0].amount) == (Fraction("0.125"), Fraction("-6"))


def test_accrual_begins_with_the_position_and_ends_with_it() -> None:
    paid = settle([held(6, 4), held(9, 0)], [accruing(8, "0.0008"), accruing(16, "0.0008"), accruing(24, "0.0008")])
    assert [p.quantity for p in paid.payments] == [1, Fraction("0.5")]


def test_accrual_that_reaches_over_the_fixing_before_is_refused() -> None:
    """Hourly rows of a rate per 8 h would accrue eight times over (ccxt issue 25040)."""
    with pytest.raises(InputError, match="its 8 h reach back over the fixing 1 h before it"):
        settle([held(0, 1)], [accruing(8, "0.0008"), accruing(9, "0.0008")])


def test_fixings_after_the_end_are_ignored_and_counted() -> None:
    """A contract ended at 10:00; its archive goes on with a constant (binance-public-data issue 495, Lean issue 9801)."""
    filler = [fixing(8 * k) for k in range(2, 59)]
    paid = settle([held(0, 1)], [fixing(8), *filler], listing(ended=DAY + 10 * HOUR))
    assert [p.at for p in paid.payments] == [DAY + 8 * HOUR]
    assert paid.ignored == tuple(filler)
    assert paid.totals == {"USDT": Fraction(-6)}


def test_a_contract_still_settles_at_the_instant_of_its_end() -> None:
    assert len(settle([held(0, 1)], [fixing(8)], listing(ended=DAY + 8 * HOUR)).payments) == 1


def lives() -> dict[Key, list[Listing]]:
    first = Listing(Contract("linear", "USDT", Fraction(1)), ended=DAY + 10 * HOUR)
    return {KEY: [Listing(Contract("linear", "USDT", Fraction(10)), listed=DAY + 20 * HOUR), first]}


def test_a_reused_ticker_never_joins_two_contracts() -> None:
    """One unit of the first, never closed; the second has the same name and ten units for each contract."""
    paid = settle([held(0, 1), held(30, 2, "other")], [fixing(8), fixing(16), fixing(24), fixing(32)], lives())
    assert [(p.account, p.at, p.amount) for p in paid.payments] == [
        ("me", DAY + 8 * HOUR, Fraction(-6)),
        ("other", DAY + 32 * HOUR, Fraction(-120)),
    ]
    assert [f.at for f in paid.ignored] == [DAY + 16 * HOUR]


def test_contracts_of_one_name_follow_one_another() -> None:
    terms = {KEY: [Listing(Contract("linear", "USDT")), Listing(Contract("linear", "USDT"), listed=DAY)]}
    with pytest.raises(InputError, match="one lasts until open end, the next is listed at 2024-05-01T00:00:00Z"):
        settle([held(0, 1)], [fixing(8)], terms)


@pytest.mark.parametrize(("hour", "words"), [(11, "the contract ended at 2024-05-01T10:00:00Z"), (-1, "the contract was not listed yet")])
def test_a_position_outside_the_contracts_life_is_refused(hour: float, words: str) -> None:
    with pytest.raises(InputError, match=words):
        settle([held(hour, 1)], [fixing(8)], listing(listed=DAY, ended=DAY + 10 * HOUR))


def test_closing_after_the_end_is_no_position() -> None:
    assert len(settle([held(0, 1), held(11, 0)], [fixing(8)], listing(ended=DAY + 10 * HOUR)).payments) == 1


def test_a_position_without_any_fixing_is_refused() -> None:
    with pytest.raises(InputError, match="no fixing of it; there are fixings of venue BTC/USDT:USDT"):
        settle([held(0, 1, symbol="ETH/USDT:USDT")], [fixing(8)])


def test_fixings_nobody_holds_pay_nobody() -> None:
    assert settle([], [fixing(8)]).payments == ()


def test_a_missing_price_stops_only_where_somebody_pays() -> None:
    with pytest.raises(InputError, match="at 2024-05-01T08:00:00Z: the price of the notional is missing"):
        settle([held(0, 1)], [fixing(8, price=None)])
    assert len(settle([held(9, 1)], [fixing(8, price=None), fixing(16)]).payments) == 1


def test_a_missing_price_is_estimated_between_its_neighbours() -> None:
    """60,000 at 08:00 and 63,000 at 20:00: 62,000 at 16:00, and at most 2,000 beside it."""
    paid = settle([held(0, 1)], [fixing(8), fixing(16, price=None), fixing(20, hours=4, price="63000")], missing_price="estimate")
    one = paid.payments[1]
    assert (one.price, one.amount, one.estimated) == (62_000, Fraction("-6.2"), True)
    assert one.possible_error == Fraction("0.2")
    assert [p.estimated for p in paid.payments] == [False, True, False]
    assert [p.possible_error for p in paid.payments] == [0, Fraction("0.2"), 0]


def test_an_estimate_between_equal_prices_is_still_one() -> None:
    paid = settle([held(0, 1)], [fixing(8), fixing(16, price=None), fixing(24)], missing_price="estimate")
    assert (paid.payments[1].estimated, paid.payments[1].possible_error) == (True, 0)


@pytest.mark.parametrize("prices", [(None, "60000"), ("60000", None)])
def test_a_one_sided_guess_is_refused(prices: tuple[str | None, str | None]) -> None:
    with pytest.raises(InputError, match="no price on both sides of it to estimate from"):
        settle([held(0, 1)], [fixing(8, price=prices[0]), fixing(16, price=prices[1])], missing_price="estimate")


@pytest.mark.parametrize("payoff", ["linear", "inverse", "quanto"])
def test_the_possible_error_bounds_the_error(payoff: Payoff) -> None:
    """The true price lies anywhere between its neighbours; checked with exact fractions."""
    rng = random.Random(5)  # noqa: S311 - a market, no secret
    widest = Fraction(0)
    for _ in range(300):
        low, high = sorted(rng.randint(1, 100_000) for _ in range(2))
        first, last = (low, high) if rng.random() < 0.5 else (high, low)
        true = rng.randint(low, high)
        decided = [fixing(8, price=str(first)), fixing(8 + rng.randint(1, 7), price=str(true)), fixing(16, price=str(last))]
        gap = [decided[0], replace(decided[1], price=None), decided[2]]
        exact = settle([held(0, 3)], decided, listing(payoff=payoff)).payments[1]
        guess = settle([held(0, 3)], gap, listing(payoff=payoff), missing_price="estimate").payments[1]
        assert guess.estimated
        off = abs(Fraction(guess.amount) - Fraction(exact.amount))
        assert off <= Fraction(guess.possible_error)
        widest = max(widest, off / Fraction(guess.possible_error or 1))
    assert widest > Fraction(1, 2)


def test_an_estimate_nobody_knows_the_error_of() -> None:
    paid = settle([held(0, 1)], [replace(fixing(8), price_error=float("inf"))])
    assert (paid.payments[0].estimated, paid.payments[0].possible_error) == (True, float("inf"))


def test_the_error_of_a_price_is_larger_for_an_inverse_payment() -> None:
    decided = [replace(fixing(8), price_error=Fraction("0.2"))]
    linear = settle([held(0, 1)], decided).payments[0]
    inverse = settle([held(0, 1)], decided, listing(payoff="inverse")).payments[0]
    assert (linear.possible_error, inverse.possible_error) == (-linear.amount / 5, -inverse.amount / 4)


def test_rows_in_any_order_and_twice_give_the_same() -> None:
    positions = [held(0, 1), held(9, -3), held(0, 2, "other")]
    decided = [fixing(8), fixing(16, "-0.0002"), fixing(24)]
    once = settle(positions, decided)
    rng = random.Random(1)  # noqa: S311 - an order, no secret
    for _ in range(20):
        shuffled, again = [*positions, *positions], [*decided, *decided]
        rng.shuffle(shuffled)
        rng.shuffle(again)
        assert settle(shuffled, again) == once


def test_a_fixing_told_twice_with_jitter_is_paid_once() -> None:
    twice = [fixing(8), fixing(8, late_ms=11), fixing(8, price=None, late_ms=59_999), fixing(16)]
    for order in itertools.permutations(twice):
        assert settle([held(0, 1)], order) == settle([held(0, 1)], [fixing(8), fixing(16)])


@pytest.mark.parametrize(
    "other",
    [
        fixing(8, "0.0002", late_ms=11),
        fixing(8, hours=4),
        fixing(8, price="60001", late_ms=59_999),
        replace(fixing(8), per_base=Fraction(1)),
    ],
)
def test_a_fixing_told_twice_and_differently_is_refused(other: PublishedFixing) -> None:
    for order in ([fixing(8), other], [other, fixing(8)]):
        with pytest.raises(InputError, match="told twice and differently"):
            settle([held(0, 1)], order)


def test_intervals_shorter_than_a_minute_are_no_duplicates() -> None:
    ten_seconds = [fixing(8 + k / 360, hours=1 / 360) for k in range(6)]
    assert len(settle([held(0, 1)], ten_seconds).payments) == 6


def test_two_quantities_of_one_instant_are_refused() -> None:
    with pytest.raises(InputError, match="the position of me in venue BTC/USDT:USDT: 1 and 2 at 2024-05-01T00:00:00Z"):
        settle([held(0, 1), held(0, 2)], [fixing(8)])


def test_holes_are_told_where_somebody_held() -> None:
    """Nothing from 08:00 to 24:00; held at first, then from 20:00 on, and before the first interval began."""
    decided = [fixing(8), fixing(32), fixing(48), fixing(64)]
    paid = settle([held(-5, 1), held(1, 0), held(20, 1), held(32, 0)], decided)
    assert paid.holes == (Hole(*KEY, DAY - 5 * HOUR, DAY), Hole(*KEY, DAY + 8 * HOUR, DAY + 24 * HOUR))


def test_late_stamps_are_no_holes() -> None:
    assert settle([held(0, 1)], [fixing(8), fixing(19), fixing(24)]).holes == ()


def test_what_is_missing_before_the_end_of_a_contract_is_a_hole() -> None:
    paid = settle([held(0, 1)], [fixing(8)], listing(ended=DAY + 30 * HOUR))
    assert paid.holes == (Hole(*KEY, DAY + 8 * HOUR, DAY + 30 * HOUR),)


def test_an_amount_per_base_unit_is_paid_as_such_and_a_rate_as_a_share() -> None:
    """Whichever the venue's rule decides, the line of the fixing says which of the two it is."""
    amount, rate = replace(fixing(8, price=None), per_base=Fraction("0.75")), fixing(16)
    for way in (Settlement(), Settlement(unit="quote", price="none")):
        paid = settle([held(0, 2)], [amount, rate], listing(way, size="0.5"))
        assert [p.amount for p in paid.payments] == [Fraction("-0.75"), Fraction(-6)]
        assert not any(p.estimated for p in paid.payments)


def test_receivers_share_among_the_accounts_given() -> None:
    paid = settle([held(0, 1), held(0, -4, "other")], [fixing(8)], listing(Settlement(sides="shared")))
    assert {p.account: p.amount for p in paid.payments} == {"me": -6, "other": 6}


def test_what_rounding_moves_is_told() -> None:
    """A third each way: 2 x 0.33 received, 0.67 paid, for the payment of their net position, which is nothing."""
    way = Settlement(unit="quote", money_grains=100, money_rounding="down")
    decided = [replace(fixing(8), per_base=Fraction(1, 3))]
    paid = settle([held(0, -1), held(0, -1, "b"), held(0, 2, "c")], decided, listing(way))
    assert [p.amount for p in paid.payments] == [Fraction("0.33"), Fraction("-0.67"), Fraction("0.33")]
    assert paid.conservation_error == {"USDT": Fraction("0.01")}
    assert settle([held(0, -1), held(0, 1, "b")], [fixing(8)]).conservation_error == {"USDT": 0}


@pytest.mark.parametrize(
    ("symbol", "words"),
    [("BTC/USDT", "a spot market pays no funding"), ("BTC", "not of the form"), ("ETH/USD:BTC", "its multiplier is not given")],
)
def test_what_is_no_perpetual_is_refused(symbol: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        settle([held(0, 1, symbol=symbol)], [replace(fixing(8), symbol=symbol)])


@pytest.mark.parametrize(
    ("kind", "values", "said"),
    [
        (Position, ("me", "venue", SYMBOL, 0, "1"), "quantity is '1', a str"),
        (Position, ("me", "venue", SYMBOL, "2020-01-01", 1), "at is '2020-01-01', a str"),
        (Position, ("me", "venue", SYMBOL, 0, None), "a quantity of None"),
        (Position, ("me", "venue", None, 0, 1), "Give account, venue and symbol as texts"),
        (PublishedFixing, ("venue", SYMBOL, 8 * HOUR, "0.0001", 8, 60_000), "rate is '0.0001', a str"),
        (PublishedFixing, ("venue", SYMBOL, 8 * HOUR, 0.0001, "8", 60_000), "interval_hours is '8', a str"),
        (PublishedFixing, ("venue", SYMBOL, 8 * HOUR, 0.0001, 8, "60000"), "price is '60000', a str"),
        (PublishedFixing, ("venue", SYMBOL, 8 * HOUR, None, 8, 60_000), "a rate or interval that is not there"),
        (Contract, ("linear", "USDT", "1"), "size is '1', a str"),
    ],
)
def test_a_text_in_the_place_of_a_number_is_named(kind: Callable[..., object], values: tuple[object, ...], said: str) -> None:
    with pytest.raises(InputError, match=re.escape(said)):
        kind(*values)


def test_decimals_alone_are_fine_and_beside_floats_are_refused() -> None:
    mine = [Position("me", "venue", SYMBOL, 0, 1)]
    exact = settle(mine, [PublishedFixing("venue", SYMBOL, 8 * HOUR, Decimal("0.0001"), 8, Decimal(60_000))])  # type: ignore[arg-type]  # no Number
    assert exact.totals == {"USDT": Decimal(-6)}
    with pytest.raises(InputError, match="numbers of several kinds: Decimal, float"):
        settle(mine, [PublishedFixing("venue", SYMBOL, 8 * HOUR, Decimal("0.0001"), 8, 60_000.5)])  # type: ignore[arg-type]  # no Number
