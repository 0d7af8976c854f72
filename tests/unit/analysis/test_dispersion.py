"""Is the distance between venues measured at common stamps, whatever their intervals?"""

from __future__ import annotations

from statistics import fmean, pstdev

import polars as pl
import pytest

from perpscope.analysis.dispersion import aligned, by_coin, dispersion
from perpscope.analysis.series import fixings
from tests.unit.analysis.frames import at, contract, regular, row


def spread(*frames: pl.DataFrame) -> pl.DataFrame:
    return dispersion(aligned(fixings(pl.concat(frames))))


def test_hourly_and_eight_hourly_venues_are_asked_for_the_same_eight_hours() -> None:
    eight = contract([(8, 0.0008, 8.0), (16, 0.0016, 8.0)])
    one = contract([(hour, 0.0001 * hour, 1.0) for hour in range(1, 17)], venue="beta")
    found = spread(eight, one)
    assert found["stamp"].to_list() == [at(8), at(16)]
    first = [0.0008 / 8 * 8760, sum(0.0001 * hour for hour in range(1, 9)) / 8 * 8760]
    second = [0.0016 / 8 * 8760, sum(0.0001 * hour for hour in range(9, 17)) / 8 * 8760]
    assert found["spread_apr"].to_list() == pytest.approx([abs(a - b) for a, b in (first, second)], rel=1e-12)
    assert found["sd_apr"].to_list() == pytest.approx([pstdev(first), pstdev(second)], rel=1e-12)
    assert found["mean_apr"].to_list() == pytest.approx([fmean(first), fmean(second)], rel=1e-12)


def test_a_venue_on_another_phase_answers_with_what_it_paid_inside() -> None:
    shifted = contract([(4, 0.0003, 8.0), (12, 0.0005, 8.0)], venue="beta")
    found = spread(contract(regular(2, 8, 0.0001)), shifted)
    assert found["spread_apr"].to_list() == pytest.approx([0.0002 / 8 * 8760, 0.0004 / 8 * 8760], rel=1e-12)


def test_two_contracts_of_one_venue_are_no_dispersion_across_venues() -> None:
    other = contract(regular(3, 8, 0.0005), symbol="BTC/USDC:USDC")
    assert spread(contract(regular(3, 8)), other).is_empty()


def test_coins_are_kept_apart() -> None:
    assert spread(contract(regular(3, 8)), contract(regular(3, 8), venue="beta", symbol="ETH/USDT:USDT")).is_empty()


@pytest.mark.parametrize("rates", [[(8.0, 0.001, 24.0)], [(hour, 0.001, 1.0) for hour in range(1, 8)]])
def test_a_day_or_a_broken_window_is_no_answer_to_eight_hours(rates: list[tuple[float, float, float]]) -> None:
    """One daily fixing says nothing of eight hours; seven of eight hours are 87.5 %."""
    assert spread(contract(regular(1, 8)), contract(rates, venue="beta")).is_empty()


def test_the_average_covers_the_last_thirty_days_of_common_stamps() -> None:
    """Sixty days; the spread is 0.0003 in the first half and 0.0001 in the second; the last venue ends first."""
    steady = contract(regular(200, 8, 0.0001))
    moving = contract([(8.0 * i, 0.0004 if i <= 90 else 0.0002, 8.0) for i in range(1, 181)], venue="beta")
    found = row(by_coin(spread(steady, moving)))
    assert (found["coin_stamps"], found["coin_venues"], found["coin_contracts"], found["coin_until"]) == (90, 2, 2, at(1440))
    assert found["coin_spread_apr"] == pytest.approx(0.0001 / 8 * 8760, rel=1e-9)
    assert found["coin_sd_apr"] == pytest.approx(0.00005 / 8 * 8760, rel=1e-9)
