"""Is what a pair paid over every horizon the plain sum, at both signs, with holes left out and intervals as they are?"""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from perpscope.analysis.carry.horizons import Held, Running, common_days, described, held, knowable
from perpscope.errors import InputError, NotEnoughData
from perpscope.units import MS_PER_DAY, MS_PER_HOUR

FIRST = 20 * MS_PER_DAY


def rows(rates: list[float], hours: float, start: int = FIRST) -> pl.DataFrame:
    """Fixings every `hours`, the first interval beginning at `start`."""
    slots = [start + round((k + 1) * hours * MS_PER_HOUR) for k in range(len(rates))]
    return pl.DataFrame({"slot": slots, "funding_rate": rates, "interval_hours": [hours] * len(rates)})


def plainly(long: pl.DataFrame, short: pl.DataFrame, start: int, days: int) -> float:
    """Add up payment by payment."""
    end = start + days * MS_PER_DAY
    total = 0.0
    for side, frame in ((-1, long), (1, short)):
        for slot, rate in zip(frame["slot"], frame["funding_rate"], strict=True):
            if start < slot <= end:
                total += side * rate
    return total


@given(
    st.lists(st.floats(-0.01, 0.01), min_size=30, max_size=60),
    st.lists(st.floats(-0.01, 0.01), min_size=240, max_size=300),
    st.integers(1, 4),
)
def test_running_sums_are_plain_sums_whatever_the_intervals(slow: list[float], quick: list[float], days: int) -> None:
    long, short = rows(slow, 8.0), rows(quick, 1.0)
    found = held(Running.of(long), Running.of(short), days)
    assert found.starts.size > 0
    assert found.paid == pytest.approx([plainly(long, short, int(start), days) for start in found.starts], abs=1e-12)


@pytest.mark.parametrize("sign", [1, -1])
def test_by_hand_at_both_signs(sign: int) -> None:
    long, short = Running.of(rows([sign * 0.0001] * 12, 8.0)), Running.of(rows([sign * 0.0003] * 12, 8.0))
    found = held(long, short, 2)
    assert found.starts.tolist() == [FIRST, FIRST + MS_PER_DAY, FIRST + 2 * MS_PER_DAY]
    assert found.paid == pytest.approx([sign * 6 * 0.0002] * 3)
    assert held(short, long, 2).paid == pytest.approx(found.reversed().paid)


def test_a_hole_takes_out_the_horizons_that_hold_it_and_no_others() -> None:
    whole = rows([0.0001] * 30, 8.0)
    holed = whole.filter(pl.col("slot") != FIRST + 5 * MS_PER_DAY)
    found = held(Running.of(holed), Running.of(whole), 2, covered=0.9)
    out = {FIRST + 3 * MS_PER_DAY, FIRST + 4 * MS_PER_DAY}
    assert found.left_out == len(out)
    assert set(found.starts.tolist()) & out == set()
    assert held(Running.of(holed), Running.of(whole), 2, covered=0.8).left_out == 0


def test_labels_that_overlap_are_left_out_too() -> None:
    wrong = rows([0.0001] * 240, 1.0).with_columns(pl.lit(8.0).alias("interval_hours"))
    assert held(Running.of(wrong), Running.of(rows([0.0001] * 30, 8.0)), 2).paid.size == 0


def test_the_days_both_were_there() -> None:
    early, late = Running.of(rows([0.0] * 30, 8.0)), Running.of(rows([0.0] * 24, 8.0, FIRST + 3 * MS_PER_HOUR))
    assert common_days(early, late, 1).tolist() == [FIRST + k * MS_PER_DAY for k in range(1, 8)]
    assert common_days(early, late, 100).size == 0
    with pytest.raises(InputError, match="days above 0"):
        common_days(early, late, 0)
    with pytest.raises(InputError, match="share of a horizon"):
        held(early, late, 1, covered=0)
    with pytest.raises(NotEnoughData, match="no fixing"):
        Running.of(rows([], 8.0))


def make(paid: list[float]) -> Held:
    return Held(np.arange(len(paid), dtype=np.int64) * MS_PER_DAY, np.array(paid), 0, 1.0)


def test_a_distribution_by_hand() -> None:
    found = described(make([0.01, -0.02, 0.03, 0.04]), 1000.0, {"printed": 30.0, "none": 50.0})
    assert (found["n"], found["apart"], found["positive_share"]) == (4, 4, 0.75)
    assert (found["lowest"], found["highest"], found["highest_start"]) == (-20.0, 40.0, 3 * MS_PER_DAY)
    assert (found["mean"], found["p50"]) == (pytest.approx(15.0), pytest.approx(20.0))
    assert found["at_least"] == {"printed": 0.5, "none": 0.0}
    assert described(make([]), 1.0) == {"n": 0, "left_out": 0}


def test_costs_unknown_leave_a_horizon_out() -> None:
    found = make([0.01, 0.02, 0.03]).less(np.array([0.001, np.nan, 0.001]))
    assert found.paid == pytest.approx([0.009, 0.029])
    assert found.left_out == 1


def test_what_was_known_before_is_the_sign_of_the_horizon_before() -> None:
    assert knowable(make([0.01, 0.02, -0.03, -0.04])).paid.tolist() == [0.02, -0.03, 0.04]
    assert knowable(make([])).paid.size == 0
