"""Is funding summed over whole periods only, and does each period stand beside the right two returns?"""

from __future__ import annotations

import math

import polars as pl
import pytest

from perpscope.analysis.returns.daily import Periods, funding_beside_returns, funding_by_period, regress_funding, returns_by_period
from perpscope.errors import InputError, NotEnoughData
from perpscope.units import MS_PER_HOUR

DAY = 24 * MS_PER_HOUR


def rows(*stamps: tuple[float, float, float]) -> pl.DataFrame:
    """Rows of (hour, rate, interval)."""
    return pl.DataFrame(
        {
            "slot": [round(hour * MS_PER_HOUR) for hour, _, _ in stamps],
            "funding_rate": [rate for _, rate, _ in stamps],
            "interval_hours": [hours for _, _, hours in stamps],
        }
    )


def prices(*closes: tuple[float, float]) -> pl.DataFrame:
    return pl.DataFrame(
        {"close_at": [round(hour * MS_PER_HOUR) for hour, _ in closes], "close_quote": [price for _, price in closes]},
        schema={"close_at": pl.Int64, "close_quote": pl.Float64},
    )


def test_only_days_with_all_their_stamps_count() -> None:
    told = rows((8, 1, 8), (16, 2, 8), (24, 4, 8), (32, 8, 8), (40, 16, 8), (48, 32, 8))
    assert funding_by_period(told).to_dicts() == [{"period": DAY, "funding": 28, "stamps": 3}]
    assert funding_by_period(told, Periods(closing=True)).to_dicts() == [
        {"period": 0, "funding": 7, "stamps": 3},
        {"period": DAY, "funding": 56, "stamps": 3},
    ]


def test_a_change_of_interval_keeps_the_day_whole_and_a_missing_stamp_does_not() -> None:
    told = rows((0, 1, 8), (8, 1, 8), (12, 1, 4), (16, 1, 4))
    assert funding_by_period(told)["funding"].to_list() == [4]
    assert funding_by_period(told.head(3)).is_empty()


def test_hours_before_1970_and_offsets_are_cut_at_the_same_hour() -> None:
    told = rows((-26, 1, 8), (-18, 2, 8), (-10, 4, 8))
    assert funding_by_period(told, Periods(offset_hours=20)).to_dicts() == [{"period": -28 * MS_PER_HOUR, "funding": 7, "stamps": 3}]


def test_returns_do_not_overlap_and_need_all_three_prices() -> None:
    closes = prices((0, 80.0), (720, 100.0), (744, 110.0), (1464, 55.0))
    found = returns_by_period(closes)
    assert found.to_dicts() == [{"period": 30 * DAY, "same": pytest.approx(0.1), "prior": pytest.approx(0.25)}]
    logs = returns_by_period(closes, Periods(log=True))
    assert logs["same"].to_list() == pytest.approx([math.log(1.1)])
    assert logs["prior"].to_list() == pytest.approx([math.log(1.25)])


def test_closes_off_the_boundary_are_not_taken_for_it() -> None:
    assert returns_by_period(prices((1, 80.0), (721, 100.0), (745, 110.0))).is_empty()
    assert returns_by_period(prices((1, 80.0), (721, 100.0), (745, 110.0)), Periods(offset_hours=1)).height == 1


def test_a_known_relation_is_found_again() -> None:
    closes = prices(*((24 * k, 100.0 * math.exp(0.1 * math.sin(1.7 * k) + 0.02 * math.cos(k * k))) for k in range(120)))
    moved = returns_by_period(closes)
    rate = 1e-4 + 2e-3 * moved["same"] + 3e-3 * moved["prior"]
    told = pl.DataFrame({"slot": moved["period"] + 16 * MS_PER_HOUR, "funding_rate": rate, "interval_hours": 24.0})
    fit = regress_funding(funding_beside_returns(told, closes))
    assert fit.coef.tolist() == pytest.approx([1e-4, 2e-3, 3e-3])
    assert fit.n == moved.height


def test_nothing_to_regress_is_not_enough_data_and_no_length_is_a_misuse() -> None:
    with pytest.raises(NotEnoughData):
        regress_funding(funding_beside_returns(rows((8, 1, 8)), prices((0, 1.0))))
    with pytest.raises(InputError):
        Periods(hours=0)
