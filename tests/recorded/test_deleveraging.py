"""What do the recorded cascade of 2025-10-10 and our queue have to say to each other?

The recordings name who was deleveraged and for how much, after the event. They do not hold the leverage and the profit of those
who were not, so the order of the queue itself cannot be checked on them: what can be is which side was closed, whether positions
were closed whole, whether the closed were in profit, and that our two ways of sharing a loss keep to the cent at this scale.
"""

from __future__ import annotations

import csv
import gzip
from fractions import Fraction
from typing import TYPE_CHECKING

import pytest

from perpscope.trading.deleverage import haircut_pro_rata, haircut_queue

if TYPE_CHECKING:
    from pathlib import Path

ACCOUNTS, EVENTS = 19_337, 34_983
DEFICITS = [1, 10**8, 10**10, 3 * 10**10]
"""Cents: a cent, one, a hundred and three hundred million USD."""


def rows(shared: Path, name: str) -> list[dict[str, str]]:
    with gzip.open(shared / "fixtures" / "liquidations" / name, "rt", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def accounts(shared: Path) -> list[dict[str, str]]:
    return rows(shared, "hl_20251010_adl_accounts_anonymised.csv.gz")


def test_the_deleveraged_were_on_the_other_side_in_profit_and_closed_whole(shared: Path, accounts: list[dict[str, str]]) -> None:
    """In a falling market: 4,523 of 4,619 positions of BTC and SOL were shorts (97.9 %), 4,182 of these were closed to nothing."""
    positions = [row for row in rows(shared, "hl_20251010_positions_btc_sol_anonymised.csv.gz") if row["was_adl"] == "True"]
    shorts = [row for row in positions if row["side"] == "SHORT"]
    assert (len(positions), len(shorts)) == (4619, 4523)
    assert sum(float(row["position_size"]) == 0 for row in shorts) == 4182
    in_profit = sum(float(row["closed_pnl"]) > 0 for row in accounts)
    assert (len(accounts), in_profit) == (ACCOUNTS, 19_230)
    lossmakers = sum(Fraction(row["adl_notional"]) for row in accounts if float(row["closed_pnl"]) <= 0)
    assert lossmakers < sum(Fraction(row["adl_notional"]) for row in accounts) / 5000


def test_the_ranks_of_those_left_alone_are_not_recorded(shared: Path) -> None:
    """If this fails, the data have grown and the order of the queue can be checked after all."""
    positions = rows(shared, "hl_20251010_positions_btc_sol_anonymised.csv.gz")
    assert {row["leverage_ratio"] for row in positions} == {""}


def test_the_files_agree_on_the_whole(shared: Path, accounts: list[dict[str, str]]) -> None:
    by_coin = rows(shared, "hl_20251010_adl_by_coin.csv.gz")
    assert sum(int(row["num_adl_events"]) for row in accounts) == sum(int(row["num_events"]) for row in by_coin) == EVENTS
    one, other = (sum((Fraction(row["adl_notional"]) for row in table), start=Fraction(0)) for table in (accounts, by_coin))
    assert abs(one - other) < Fraction(1, 100)
    assert int(one) == 2_103_111_430


@pytest.mark.parametrize("deficit", DEFICITS)
def test_on_the_recorded_gains_the_queue_takes_whole_accounts_and_pro_rata_a_little_of_each(
    accounts: list[dict[str, str]], deficit: int
) -> None:
    """Gains in cents in the order of profit times leverage, as recorded at closing; a deficit of our own choosing."""
    ranked = sorted(accounts, key=lambda row: -float(row["pnl_percent"]) * float(row["leverage_realtime"]))
    gains = [round(100 * Fraction(row["closed_pnl"])) for row in ranked]
    first, fair = haircut_queue(deficit, gains), haircut_pro_rata(deficit, gains)
    assert (first.uncovered, fair.uncovered, fair.overshoot) == (0, 0, 0)
    assert sum(first.taken) - first.overshoot == sum(fair.taken) == deficit
    whole = sum(max(gain, 0) for gain in gains)
    for part, gain in zip(fair.taken, gains, strict=True):
        assert abs(part - Fraction(deficit * max(gain, 0), whole)) < 1
    last = max(k for k, part in enumerate(first.taken) if part)
    assert all(part == max(gain, 0) for part, gain in zip(first.taken[: last + 1], gains, strict=False))
    assert not any(first.taken[last + 1 :])


def test_the_overshoot_is_what_whole_positions_cost(accounts: list[dict[str, str]]) -> None:
    """Told in the guide: of 100 million USD, chosen by us, the queue asks 2,272 accounts and overshoots by 158,478; pro rata asks all."""
    ranked = sorted(accounts, key=lambda row: -float(row["pnl_percent"]) * float(row["leverage_realtime"]))
    gains = [round(100 * Fraction(row["closed_pnl"])) for row in ranked]
    first, fair = haircut_queue(10**10, gains), haircut_pro_rata(10**10, gains)
    assert [sum(part > 0 for part in found.taken) for found in (first, fair)] == [2272, 19_185]
    assert (first.overshoot // 100, fair.overshoot) == (158_478, 0)
