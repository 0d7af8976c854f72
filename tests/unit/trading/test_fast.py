"""Do the fast paths pay what the plain definition pays?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pytest

from perpscope.errors import InputError
from perpscope.market.contract import Contract
from perpscope.market.funding import Position, PublishedFixing
from perpscope.mechanisms.settle import Settlement
from perpscope.trading.columns import Decided, Held
from perpscope.trading.fast import cash_flows, unit_flows
from perpscope.trading.money import Units
from perpscope.trading.settle import Listing, settle
from perpscope.trading.totals import totals

LINEAR = Listing(Contract("linear", "USDT", 0.001))
INVERSE = Listing(Contract("inverse", "BTC", 100))
QUANTO = Listing(Contract("quanto", "XBT", 0.000001))


def ints(*numbers: int) -> np.ndarray:
    return np.array(numbers, dtype=np.int64)


def floats(*numbers: float) -> np.ndarray:
    return np.array(numbers, dtype=np.float64)


def one(quantities: dict[int, float], rates: dict[int, float], price: float = 50_000.0) -> tuple[Held, Decided]:
    """One position of one contract."""
    held = Held(ints(0, 1), ints(0, len(quantities)), ints(*quantities), floats(*quantities.values()))
    return held, Decided(ints(0, len(rates)), ints(*rates), floats(*rates.values()), np.full(len(rates), price))


def test_a_change_exactly_at_the_stamp_counts_once_and_with_what_is_held_after_it() -> None:
    held, decided = one({0: 10, 800: 20, 1600: 0}, {800: 0.0001, 1600: 0.0001, 2400: 0.0001})
    assert cash_flows(held, decided, [LINEAR]).amounts.tolist() == [-0.1, 0.0, 0.0]
    assert unit_flows(held, decided, [LINEAR]).units.tolist() == [-10_000_000, 0, 0]
    assert totals(held, decided, [LINEAR]).amounts.tolist() == [-0.1]
    rows = [Position("me", "v", "A/USDT:USDT", at, quantity) for at, quantity in ((0, 10), (800, 20), (1600, 0))]
    fixings = [PublishedFixing("v", "A/USDT:USDT", at, 0.0001, 8, 50_000.0) for at in (800, 1600, 2400)]
    assert [p.amount for p in settle(rows, fixings, {("v", "A/USDT:USDT"): [LINEAR]}).payments] == [-0.1]


def test_each_payoff_and_sign() -> None:
    """Golden: rate 0.0001 at 50,000; 1000 contracts long of 0.001 base units, 100 quote units, a millionth per quote unit."""
    owners, offsets = ints(0, 2, 4, 6), ints(*range(7))
    held = Held(owners, offsets, ints(*[0] * 6), floats(*[1000, -1000] * 3))
    decided = Decided(ints(0, 2, 4, 6), ints(*[8, 16] * 3), floats(*[0.0001, -0.0001] * 3), np.full(6, 50_000.0))
    flows = cash_flows(held, decided, [LINEAR, INVERSE, QUANTO])
    assert flows.begins.tolist() == [0, 2, 4, 6, 8, 10, 12]
    assert flows.amounts.reshape(6, 2).tolist() == pytest.approx(
        np.array([[-5, 5], [5, -5], [-0.0002, 0.0002], [0.0002, -0.0002], [-0.005, 0.005], [0.005, -0.005]]), rel=1e-15
    )
    units = unit_flows(held, decided, [LINEAR, INVERSE, QUANTO], Units({"USDT": 2}))
    assert units.units.tolist() == [-500, 500, 500, -500, -20_000, 20_000, 20_000, -20_000, -500_000, 500_000, 500_000, -500_000]
    assert units.grains.tolist() == [100, 10**8, 10**8]
    assert not units.outside.any()
    assert not units.residue.any()


def test_both_sides_pay_a_third_party() -> None:
    held = Held(ints(0, 2), ints(0, 1, 2), ints(0, 0), floats(3, -2))
    decided = Decided(ints(0, 1), ints(8), floats(0.01), floats(100.0))
    both = Listing(Contract("linear", "USDT"), Settlement(sides="both_pay", money_grains=1, money_rounding="down"))
    assert cash_flows(held, decided, [both]).amounts.tolist() == [-3.0, -2.0]
    found = unit_flows(held, decided, [both])
    assert found.units.tolist() == [-3, -2]
    assert (found.units.sum() + found.outside + found.residue).tolist() == [0]
    assert totals(held, decided, [both]).amounts.tolist() == [-3.0, -2.0]


def test_ties_are_decided_by_the_decimals_and_not_by_their_doubles() -> None:
    """0.0000001 * 0.07 * 5 is 3.5 units of eight decimals, a tie; doubles see some of these from the wrong side."""
    prices = [n / 100 for n in range(1, 2001, 2)]
    count = len(prices)
    held = Held(ints(0, 1), ints(0, 1), ints(0), floats(-5.0))
    decided = Decided(ints(0, count), np.arange(1, count + 1), np.full(count, 0.0000001), np.array(prices))
    contract = Listing(Contract("linear", "USDT", 1))
    found = unit_flows(held, decided, [contract])
    assert found.units.tolist() == [round(n / 2) for n in range(1, 2001, 2)]
    assert found.redone == count
    naive = np.rint(cash_flows(held, decided, [contract]).amounts * 1e8)
    assert np.count_nonzero(naive != found.units) > 50


@pytest.mark.parametrize(("rounding", "units"), [("down", -4), ("up", -3), ("to_zero", -3), ("away", -4), ("nearest", -4)])
def test_the_venues_own_grains_and_direction_are_followed(rounding: str, units: int) -> None:
    held, decided = one({0: 1}, {8: 0.0035}, price=1.0)
    own = Listing(Contract("linear", "USDT", 1), Settlement(money_grains=1000, money_rounding=rounding))  # type: ignore[arg-type]  # a parameter
    assert unit_flows(held, decided, [own]).units.tolist() == [units]
    whole = Decided(decided.events, decided.at, floats(0.003), decided.price)
    assert unit_flows(held, whole, [own]).units.tolist() == [-3]


def test_what_outsiders_owe_and_what_rounding_leaves_add_up_to_zero() -> None:
    held = Held(ints(0, 3), ints(0, 1, 2, 3), ints(0, 0, 0), floats(0.1, 0.2, -0.1))
    decided = Decided(ints(0, 1), ints(8), floats(0.0001), floats(33333.33))
    found = unit_flows(held, decided, [Listing(Contract("linear", "USDT", 1))], Units(others=2))
    assert found.units.tolist() == [-33, -67, 33]
    assert (found.outside.tolist(), found.residue.tolist()) == ([67], [0])
    cancels = unit_flows(replace(held, quantity=floats(0.1, 0.2, -0.3)), decided, [Listing(Contract("linear", "USDT", 1))], Units(others=1))
    assert cancels.units.tolist() == [-3, -7, 10]
    assert (cancels.outside.tolist(), cancels.residue.tolist()) == ([0], [0])


def test_fractional_lots_that_cancel_leave_nothing_outside() -> None:
    held = Held(ints(0, 3), ints(0, 1, 2, 3), ints(0, 0, 0), floats(0.1, 0.2, -0.3))
    decided = Decided(ints(0, 1), ints(8), floats(0.0001), floats(1e9))
    assert cash_flows(held, decided, [Listing(Contract("linear", "USDT", 1))]).net.tolist() == [0.0]


def test_a_large_flow_is_exact_and_a_larger_one_refused() -> None:
    held, decided = one({0: 3}, {8: 0.1}, price=123456789.12345679)
    assert unit_flows(held, decided, [Listing(Contract("linear", "USDT", 1))], Units(others=11)).units.tolist() == [-3703703673703703700]
    with pytest.raises(InputError, match="coarser unit"):
        unit_flows(held, decided, [Listing(Contract("linear", "USDT", 1))], Units(others=12))


@pytest.mark.parametrize(("rate", "price", "quantity"), [(1e200, 1e200, 1.0), (1e200, 1e100, 1e100)])
@pytest.mark.parametrize("pay", [cash_flows, unit_flows, totals, partial(unit_flows, rounding="down")])
def test_what_no_number_can_hold_is_refused_even_where_it_cancels(
    pay: Callable[..., Any], rate: float, price: float, quantity: float
) -> None:
    held = Held(ints(0, 2), ints(0, 1, 2), ints(0, 0), floats(quantity, -quantity))
    with pytest.raises(InputError, match=r"an amount beyond 1e308|2\^63 of them or more"):
        pay(held, Decided(ints(0, 1), ints(5), floats(rate), floats(price)), [Listing(Contract("linear", "USDT", 1))])


def test_many_holdings_with_a_tie_each_sum_to_what_they_are() -> None:
    """Ties at both ends of long stretches, in several positions: the sums hold no mark, whatever exact arithmetic decided."""
    events, positions = 2_500, 7
    at, rate = np.arange(1, events + 1), np.where(np.arange(events) % 5 == 0, 0.5e-8, 1e-8)
    changed = np.concatenate([np.arange(k, events, 11 + k) for k in range(positions)])
    counts = [len(range(k, events, 11 + k)) for k in range(positions)]
    quantity = np.random.default_rng(3).integers(-9, 10, len(changed)).astype(np.float64)
    held = Held(ints(0, positions), np.concatenate(([0], np.cumsum(counts))), changed, quantity)
    found = unit_flows(held, Decided(ints(0, events), at, rate, np.ones(events)), [Listing(Contract("linear", "USDT", 1))])
    assert found.redone > 100
    assert np.abs(found.units).max() <= 9
    sums = found.units.reshape(positions, events).sum(axis=0)
    assert (sums + found.outside + found.residue).tolist() == [0] * events
    assert np.abs(found.residue).max() <= positions / 2 + 1


def test_nobody_and_nothing() -> None:
    nobody = Held(ints(0, 0, 1, 1), ints(0, 0), ints(), floats())
    decided = Decided(ints(0, 1, 2, 2), ints(8, 8), floats(0.1, 0.1), floats(1, 1))
    assert cash_flows(nobody, decided, [LINEAR] * 3).amounts.tolist() == [0.0]
    assert unit_flows(nobody, decided, [LINEAR] * 3).units.tolist() == [0]
    found = totals(nobody, decided, [LINEAR] * 3)
    assert (found.amounts.tolist(), found.conservation_error.tolist()) == ([0.0], [0.0, 0.0, 0.0])


def test_positions_before_the_first_and_after_the_last_event() -> None:
    held, decided = one({-5: 2, 100: 5}, {0: 0.1, 1: 0.1}, price=1000.0)
    assert cash_flows(held, decided, [LINEAR]).amounts.tolist() == [-0.2, -0.2]
    assert cash_flows(held, decided, [LINEAR]).net.tolist() == [2.0, 2.0]
    assert totals(held, decided, [LINEAR]).amounts.tolist() == [-0.4]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"owners": ints(0, 2)}, "offsets of positions"),
        ({"owners": ints()}, "offsets of positions"),
        ({"offsets": ints(1, 2)}, "offsets of rows"),
        ({"at": ints(5, 5)}, "times that do not rise"),
        ({"quantity": floats(1, np.nan)}, "quantity is missing"),
        ({"quantity": floats(1)}, "quantity is missing"),
    ],
)
def test_positions_that_are_none(change: dict[str, np.ndarray], message: str) -> None:
    columns = {"owners": ints(0, 1), "offsets": ints(0, 2), "at": ints(5, 6), "quantity": floats(1, 2)} | change
    with pytest.raises(InputError, match=message):
        Held(**columns)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"events": ints(0, 1)}, "offsets of events"),
        ({"at": ints(6, 5)}, "times that do not rise"),
        ({"rate": floats(1, np.inf)}, "rate is missing"),
        ({"price": floats(1, np.nan)}, "price is missing"),
        ({"price": floats(1, 0)}, "price is missing"),
        ({"price": floats(1)}, "rate is missing"),
    ],
)
def test_fixings_that_are_none(change: dict[str, np.ndarray], message: str) -> None:
    columns = {"events": ints(0, 2), "at": ints(5, 6), "rate": floats(1, 2), "price": floats(1, 2)} | change
    with pytest.raises(InputError, match=message):
        Decided(**columns)


def test_times_may_start_again_in_the_next_position() -> None:
    held = Held(ints(0, 3), ints(0, 1, 1, 2), ints(9, 3), floats(1, -1))
    assert held.at.tolist() == [9, 3]


@pytest.mark.parametrize("path", [cash_flows, unit_flows, totals])
def test_what_the_fast_paths_leave_to_settle(path: object) -> None:
    held, decided = one({0: 1}, {8: 0.1})
    for own in (Settlement(sides="shared"), Settlement(flow="through")):
        with pytest.raises(InputError, match=r"Use settle\(\)"):
            path(held, decided, [Listing(LINEAR.contract, own)])  # type: ignore[operator]  # one of three functions
    with pytest.raises(InputError, match="2 terms for 1"):
        path(held, decided, [LINEAR, LINEAR])  # type: ignore[operator]  # one of three functions
    with pytest.raises(InputError, match="1 contracts held, 0 decided"):
        path(held, Decided(ints(0), ints(), floats(), floats()), [])  # type: ignore[operator]  # one of three functions


def test_grains_of_money_are_whole() -> None:
    held, decided = one({0: 1}, {8: 0.1})
    with pytest.raises(InputError, match="whole grains"):
        unit_flows(held, decided, [Listing(LINEAR.contract, Settlement(money_grains=0.5))])
    with pytest.raises(InputError, match="below 2"):
        unit_flows(held, decided, [LINEAR], Units(others=19))


def test_an_index_cut_to_grains_is_cut_exactly() -> None:
    """0.002923 of 125 is 0.365375, which doubles see a grain of 0.000001 lower; the definition on doubles does so too."""
    held, decided = one({0: 1000}, {8: 0.002923}, price=125.0)
    own = [Listing(Contract("linear", "USDT", 1), Settlement(index_grains=10**6))]
    assert unit_flows(held, decided, own).units.tolist() == [-36_537_500_000]
    assert totals(held, decided, own).amounts.tolist() == [-365.375]
    assert cash_flows(held, decided, own).amounts.tolist() == pytest.approx([-365.374], rel=1e-12)


def test_a_tie_of_somebody_who_pays_on_either_side() -> None:
    """0.0000001 of 0.07 and of 0.09 are 0.7 and 0.9 units for five contracts each 3.5 and 4.5: both sides pay 4 and 4."""
    held = Held(ints(0, 4), ints(0, 1, 2, 3, 4), ints(0, 0, 0, 0), floats(5, -5, 1, -1))
    decided = Decided(ints(0, 2), ints(8, 16), floats(0.0000001, 0.0000001), floats(0.07, 0.09))
    both = Listing(Contract("linear", "USDT", 1), Settlement(sides="both_pay"))
    assert unit_flows(held, decided, [both]).units.tolist() == [-4, -4, -4, -4, -1, -1, -1, -1]
    mirror = Listing(Contract("linear", "USDT", 1))
    assert unit_flows(held, decided, [mirror]).units.tolist() == [-4, -4, 4, 4, -1, -1, 1, 1]


def test_memory_can_be_given() -> None:
    held, decided = one({0: 10, 9: 0}, {8: 0.0001, 16: 0.0001})
    amounts, units = np.full(2, np.nan), np.full(2, 7, dtype=np.int64)
    assert cash_flows(held, decided, [LINEAR], out=amounts).amounts is amounts
    assert unit_flows(held, decided, [LINEAR], out=units).units is units
    assert (amounts.tolist(), units.tolist()) == ([-0.05, 0.0], [-5_000_000, 0])
    wrongs: list[np.ndarray] = [np.empty(3), np.empty(2, dtype=np.float32), np.empty(4)[::2]]
    for wrong in wrongs:
        with pytest.raises(InputError, match="2 contiguous float64"):
            cash_flows(held, decided, [LINEAR], out=wrong)
