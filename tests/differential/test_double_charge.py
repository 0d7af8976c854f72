"""A position changes exactly at the stamp: who charges it twice?

The rule of freqtrade's backtests, as published: whenever an order fills, the fees of the stretch since the last fill are
summed over all events from its beginning to its end, *both included*, times the amount of the stretch; the next stretch
begins at the very instant this one ends. An event at that instant is in both.

Source: freqtrade/exchange/exchange.py, `calculate_funding_fees`, and freqtrade/optimize/backtesting.py,
`_run_funding_fees`, with `Trade.date_last_filled_utc` of freqtrade/persistence/trade_model.py; releases 2025.6 and 2026.9. The
same case, run in freqtrade itself: `benchmarks/w2_ledger.py double`.
"""

from __future__ import annotations

import random
from itertools import pairwise

import numpy as np
import pytest

from perpscope.market.contract import Contract
from perpscope.market.funding import Position, PublishedFixing
from perpscope.trading.columns import Decided, Held
from perpscope.trading.fast import cash_flows
from perpscope.trading.settle import Listing, settle
from perpscope.trading.totals import totals

KEY = ("sim:stamp", "BTC/USDT:USDT")
HOUR = 3_600_000
Changes = list[tuple[int, float]]
Events = list[tuple[int, float, float]]


def inclusive(changes: Changes, events: Events, *, end_included: bool = True) -> float:
    """The published arithmetic: each stretch from its beginning to its end, both included (or, as it should be, without its end)."""
    fees = 0.0
    for (opened, quantity), (closed, _) in pairwise(changes):
        own = [rate * mark for at, rate, mark in events if opened <= at < closed or (end_included and at == closed)]
        total = sum(part * abs(quantity) for part in own)
        fees += total if quantity < 0 else -total
    return fees


def ours(changes: Changes, events: Events) -> float:
    """Settlement by rows; the fast paths have to agree with it."""
    rows = [Position("me", *KEY, at, quantity) for at, quantity in changes]
    settled = settle(rows, [PublishedFixing(*KEY, at, rate, 8, mark) for at, rate, mark in events])
    at, quantity = zip(*changes, strict=True)
    when, rates, marks = zip(*events, strict=True)
    held = Held(np.array([0, 1]), np.array([0, len(at)]), np.array(at), np.array(quantity))
    decided = Decided(np.array([0, len(when)]), np.array(when), np.array(rates), np.array(marks))
    listing = [Listing(Contract("linear", "USDT"))]
    total = float(settled.totals.get("USDT", 0))
    assert cash_flows(held, decided, listing).amounts.sum() == pytest.approx(total, rel=1e-12, abs=1e-12)
    assert totals(held, decided, listing).amounts[0] == pytest.approx(total, rel=1e-12, abs=1e-12)
    return total


def test_a_change_exactly_at_the_stamp_is_charged_once() -> None:
    """10 contracts from 00:00, 20 from 08:00:00.000, closed at 12:00; 0.01 % of 50,000 at 08:00: 100 is due, 150 is charged."""
    changes: Changes = [(0, 10.0), (8 * HOUR, 20.0), (12 * HOUR, 0.0)]
    events: Events = [(8 * HOUR, 0.0001, 50_000.0)]
    assert inclusive(changes, events) == -150.0
    assert ours(changes, events) == -100.0


def test_a_position_closed_at_the_stamp_pays_nothing_and_one_opened_there_pays() -> None:
    events: Events = [(8 * HOUR, 0.0001, 50_000.0)]
    assert inclusive([(0, 10.0), (8 * HOUR, 0.0)], events) == -50.0
    assert ours([(0, 10.0), (8 * HOUR, 0.0)], events) == 0.0
    assert ours([(8 * HOUR, 10.0), (9 * HOUR, 0.0)], events) == inclusive([(8 * HOUR, 10.0), (9 * HOUR, 0.0)], events) == -50.0


def test_a_flip_at_the_stamp_is_one_payment_and_not_two_that_cancel() -> None:
    events: Events = [(8 * HOUR, 0.0001, 50_000.0)]
    flip: Changes = [(0, 10.0), (8 * HOUR, -10.0), (9 * HOUR, 0.0)]
    assert inclusive(flip, events) == 0.0
    assert ours(flip, events) == 50.0


@pytest.mark.parametrize("seed", range(5))
def test_off_the_stamp_both_agree_and_on_it_the_excess_is_the_old_holding(seed: int) -> None:
    rng = random.Random(seed)  # noqa: S311 - positions, no secret
    events: Events = [(8 * HOUR * k, rng.gauss(1e-4, 2e-4), 50_000.0 + k) for k in range(1, 40)]
    off = sorted(rng.sample(range(1, 8 * 40 * HOUR, 2), 20))
    changes: Changes = [(at, float(rng.randint(-9, 9))) for at in off[:-1]] + [(off[-1], 0.0)]
    assert ours(changes, events) == pytest.approx(inclusive(changes, events), rel=1e-12)
    on: Changes = [(8 * HOUR * (2 * k + 1), quantity) for k, (_, quantity) in enumerate(changes[-20:])]
    due = ours(on, events)
    assert due == pytest.approx(inclusive(on, events, end_included=False), rel=1e-12)
    paid = {at: rate * mark for at, rate, mark in events}
    twice = -sum(quantity * paid[closed] for (_, quantity), (closed, _) in pairwise(on))
    assert inclusive(on, events) - due == pytest.approx(twice, rel=1e-9)
    assert abs(twice) > 1
