"""Does each hour get what was paid for it, whatever the interval?"""

from __future__ import annotations

import numpy as np
import pytest

from perpscope.analysis.pairs import _grid
from perpscope.mechanisms._kernels import compiled

HOUR = _grid.HOUR


def laid(stamps: list[float], hours: list[float], rates: list[float], cells: int) -> np.ndarray:
    """One series on a grid that begins at 0; stamps in hours."""
    out, room = np.empty((1, cells)), np.empty(cells, np.int64)
    stamp = np.array([round(s * HOUR) for s in stamps])
    given = (np.array([0, len(stamps)]), stamp, np.array(hours, float), np.array(rates), 0)
    _grid.accrue(*given, out, room)
    fast = np.empty((1, cells))
    compiled(_grid.accrue)(*given, fast, np.empty(cells, np.int64))
    assert np.array_equal(out, fast, equal_nan=True)
    row: np.ndarray = out[0]
    return row


def test_intervals_of_8_4_and_1_hours_meet_on_one_grid() -> None:
    """8 h of 0.0008, then 4 h of 0.0002, then hourly 0.00003: 0.0001, 0.00005 and 0.00003 an hour."""
    found = laid([8, 12, 13, 14], [8, 4, 1, 1], [0.0008, 0.0002, 0.00003, 0.00003], 15)
    assert found[:8] == pytest.approx(0.0001)
    assert found[8:12] == pytest.approx(0.00005)
    assert found[12:14] == pytest.approx(0.00003)
    assert np.isnan(found[14])


def test_a_late_stamp_pays_once_for_an_hour_more_and_a_hole_stays_one() -> None:
    late = laid([8, 17], [8, 8], [0.0008, 0.0009], 17)
    assert late[8:] == pytest.approx(0.0001)
    assert late.sum() == pytest.approx(0.0017)
    hole = laid([8, 24], [8, 8], [0.0008, 0.0008], 24)
    assert np.isnan(hole[8:16]).all()
    assert hole[16:] == pytest.approx(0.0001)


def test_what_was_paid_is_what_the_grid_holds() -> None:
    """Half-hour stamps and quarter-hour fixings are shared between hours; the sum is the sum of the rates."""
    found = laid([8.5, 16.5, 16.75, 17.0], [8, 8, 0.25, 0.25], [0.0008, 0.0016, 0.00001, 0.00002], 17)
    assert np.isnan(found[0])
    assert found[8] == pytest.approx(0.00005 + 0.0001)
    assert found[16] == pytest.approx(0.0001 + 0.00003)
    assert np.nansum(found) == pytest.approx(0.0008 + 0.0016 + 0.00003 - 0.00005)


def test_values_are_placed_by_series_and_time() -> None:
    out = np.full((2, 3), np.nan)
    runs, lengths = np.array([1, 0, 1], np.uint32), np.array([1, 1, 2], np.uint32)
    stamp = np.array([0, 2 * HOUR, HOUR, 9 * HOUR])
    compiled(_grid.place)(runs, lengths, stamp, np.array([1.0, 2.0, 3.0, 4.0]), 0, HOUR, out)
    assert np.array_equal(out, [[np.nan, np.nan, 2.0], [1.0, 3.0, np.nan]], equal_nan=True)
