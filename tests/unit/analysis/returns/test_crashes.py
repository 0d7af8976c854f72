"""Are falls measured from a peak that was there before, clusters told once, and rates ranked against the past only?"""

from __future__ import annotations

import polars as pl
import pytest

from perpscope.analysis.returns.crashes import deepest_fall, falls, standing
from perpscope.errors import InputError, NotEnoughData
from perpscope.units import MS_PER_HOUR

DAY = 24 * MS_PER_HOUR


def bars(*each: tuple[float, float, float]) -> pl.DataFrame:
    """Hourly bars of (open, high, low)."""
    return pl.DataFrame(
        {
            "open_at": [k * MS_PER_HOUR for k in range(len(each))],
            "open_quote": [o for o, _, _ in each],
            "high_quote": [h for _, h, _ in each],
            "low_quote": [low for _, _, low in each],
        }
    )


CRASH = bars((100, 110, 95), (100, 105, 99), (100, 130, 60), (70, 75, 66), (70, 71, 50), (60, 80, 55))


def test_a_bars_own_high_is_no_peak_before_its_low() -> None:
    found = deepest_fall(CRASH, 2, 2 * MS_PER_HOUR, 3 * MS_PER_HOUR)
    assert (found.peak, found.low, found.peak_at, found.low_at) == (110, 60, 0, 2 * MS_PER_HOUR)
    assert found.depth == pytest.approx(60 / 110 - 1)


def test_a_fall_looks_back_as_far_as_asked() -> None:
    assert deepest_fall(CRASH, 1, 4 * MS_PER_HOUR, 5 * MS_PER_HOUR).peak == 75
    assert deepest_fall(CRASH, 2, 4 * MS_PER_HOUR, 5 * MS_PER_HOUR).peak == 130


def test_a_first_bar_falls_from_its_open() -> None:
    found = deepest_fall(CRASH, 5, 0, 1)
    assert (found.peak, found.peak_at) == (100, 0)
    assert found.depth == pytest.approx(-0.05)


def test_a_cluster_is_told_once_with_its_deepest_low() -> None:
    assert [fall.low_at for fall in falls(CRASH, 2, 0.3, 24)] == [4 * MS_PER_HOUR]
    assert [fall.low_at for fall in falls(CRASH, 2, 0.3, 0.5)] == [hour * MS_PER_HOUR for hour in (2, 3, 4)]
    assert falls(CRASH, 2, 0.9, 1) == ()


def test_the_order_of_the_bars_does_not_matter() -> None:
    assert falls(CRASH.reverse(), 2, 0.3, 24) == falls(CRASH, 2, 0.3, 24)


def rates(*each: float) -> pl.DataFrame:
    return pl.DataFrame({"slot": [k * DAY for k in range(len(each))], "funding_rate": list(each)})


def test_a_rate_is_ranked_against_what_came_before_it_only() -> None:
    found = standing(rates(-3.0, 1.0, -2.0, 1.0, -2.5, 0.0, -9.0), 4 * DAY, 6 * DAY)
    assert (found.rate, found.at, found.stamps, found.rank) == (-2.5, 4 * DAY, 2, 2)
    assert (found.since_days, found.known_days) == (4.0, 4.0)


def test_a_rate_never_seen_so_low_has_no_last_time() -> None:
    found = standing(rates(1.0, 1.0, -1.0), 2 * DAY, 3 * DAY)
    assert (found.since_days, found.rank) == (None, 1)


def test_a_rate_as_low_counts_as_seen() -> None:
    assert standing(rates(-1.0, 1.0, -1.0), 2 * DAY, 3 * DAY).since_days == 2.0


def test_empty_windows_are_not_enough_data_and_no_length_is_a_misuse() -> None:
    with pytest.raises(NotEnoughData):
        standing(rates(1.0, 2.0), 5 * DAY, 6 * DAY)
    with pytest.raises(NotEnoughData):
        standing(rates(1.0, 2.0), 0, DAY)
    with pytest.raises(NotEnoughData):
        deepest_fall(CRASH, 2, DAY, 2 * DAY)
    with pytest.raises(InputError):
        falls(CRASH, 2, 0.0, 1)
