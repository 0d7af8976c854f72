"""Are windows exact across changes of interval, and do they admit what they miss?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pytest

from perpscope.analysis.series import fixings
from perpscope.analysis.windows import window_apr
from tests.unit.analysis.frames import Fixings, changing, contract, regular, row

if TYPE_CHECKING:
    from collections.abc import Sequence


def windows(rates: Sequence[tuple[float, float, float]], *days: int) -> dict[str, float | str | None]:
    return row(window_apr(fixings(contract(rates)), days))


def plain_apr(rates: Fixings, days: int) -> tuple[float, float]:
    """Annual rate and covered share by plain loops: the union of hours is counted hour by hour."""
    last = rates[-1][0]
    inside = [fixing for fixing in rates if fixing[0] > last - 24 * days]
    covered = {hour for stamp, _, length in inside for hour in range(int(stamp - length), int(stamp))}
    covered &= set(range(int(last) - 24 * days, int(last)))
    paid, hours = 0.0, 0.0
    for _, rate, length in inside:
        paid += rate
        hours += length
    return paid / hours * 8760, len(covered) / (24 * days)


def test_a_constant_rate_is_its_own_annual_rate() -> None:
    found = windows(regular(300, 8), 1, 7, 30, 90)
    assert [found[f"apr_{days}d"] for days in (1, 7, 30, 90)] == pytest.approx([0.1095] * 4, rel=1e-12)
    assert [found[f"why_{days}d"] for days in (1, 7, 30, 90)] == [None] * 4


@pytest.mark.parametrize("end", range(len(changing())))
def test_every_stamp_of_a_symbol_that_changes_its_interval_three_times(end: int) -> None:
    rates = changing()[: end + 1]
    for days in (1, 7):
        found = windows(rates, days)
        apr, covered = plain_apr(rates, days)
        assert found[f"covered_{days}d"] == pytest.approx(covered, abs=1e-12)
        if covered >= 0.9:
            assert found[f"apr_{days}d"] == pytest.approx(apr, rel=1e-12)
        else:
            assert found[f"apr_{days}d"] is None
            assert str(found[f"why_{days}d"]).endswith(f"% of the {days} days is covered")


def test_the_changing_symbol_really_changes() -> None:
    assert next(hours for _, _, hours in changing() if hours != 8) == 4
    assert {hours for _, _, hours in changing()} == {1.0, 4.0, 8.0}


def test_one_row_covers_its_own_interval_and_nothing_else() -> None:
    found = windows([(24, 0.0003, 24.0)], 1, 7)
    assert found["apr_1d"] == pytest.approx(0.0003 * 365)
    assert found["apr_7d"] is None
    assert found["why_7d"] == "14 % of the 7 days is covered"


@pytest.mark.parametrize(("missing", "shown"), [(2, True), (3, False)])
def test_ninety_per_cent_of_a_window_is_enough(missing: int, shown: bool) -> None:  # noqa: FBT001 - the case
    """21 fixings of 8 h fill a week: 19 are 90.5 %, 18 are 85.7 %."""
    rates = [fixing for i, fixing in enumerate(regular(21, 8)) if not 5 <= i < 5 + missing]
    found = windows(rates, 7)
    assert (found["apr_7d"] is not None) is shown
    assert found["covered_7d"] == pytest.approx((21 - missing) / 21)


def test_a_gap_changes_neither_rates_nor_hours_of_what_is_there() -> None:
    rates = [(hour, 0.0001 * hour, 1.0) for hour in range(1, 25) if hour not in {7, 8}]
    found = windows(rates, 1)
    assert found["apr_1d"] == pytest.approx(sum(rate for _, rate, _ in rates) / 22 * 8760, rel=1e-12)


def test_eight_hours_written_on_hourly_stamps_give_a_reason_and_no_number() -> None:
    found = windows([(hour, 0.0001, 8.0) for hour in range(8, 40)], 1)
    assert found["apr_1d"] is None
    assert found["why_1d"] == "intervals sum to 192.0 h in 24.0 h: labels and stamps disagree"


def test_windows_end_at_each_contracts_own_last_stamp() -> None:
    old, new = contract(regular(30, 8, 0.0002)), contract(regular(90, 8, 0.0001), venue="beta")
    found = window_apr(fixings(pl.concat([old, new])), (7,))
    assert row(found, venue="alpha")["apr_7d"] == pytest.approx(0.219)
    assert row(found, venue="beta")["apr_7d"] == pytest.approx(0.1095)


def test_estimates_are_no_fixings() -> None:
    settled = contract(regular(3, 8))
    predicted = contract([(32, 0.9, 8.0)], kind="predicted")
    assert len(fixings(pl.concat([settled, predicted]))) == 3


@pytest.mark.parametrize(
    ("symbol", "market_list", "coin"),
    [
        ("BTC/USDT:USDT", "", "BTC"),
        ("1000PEPE/USDT:USDT", "", "PEPE"),
        ("1000000MOG/USDT:USDT", "", "MOG"),
        ("1INCH/USDT:USDT", "", "1INCH"),
        ("GOLD/USDC:USDC", "xyz", "xyz:GOLD"),
    ],
)
def test_the_coin_of_a_symbol(symbol: str, market_list: str, coin: str) -> None:
    assert fixings(contract(regular(1, 8), symbol=symbol, market_list=market_list))["coin"].to_list() == [coin]
