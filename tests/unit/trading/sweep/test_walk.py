"""Does a test window never see what was trained on?"""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perpscope.errors import InputError, NotEnoughData
from perpscope.trading.sweep.walk import walk_forward


@given(st.integers(0, 50), st.integers(1, 400), st.integers(1, 40), st.integers(1, 40), st.integers(0, 20), st.booleans())
def test_no_window_overlaps_what_it_must_not(start: int, length: int, train: int, test: int, purge: int, anchored: bool) -> None:  # noqa: FBT001 - drawn by hypothesis
    if train + purge + test > length:
        with pytest.raises(NotEnoughData):
            walk_forward((start, start + length), train, test, purge, anchored=anchored)
        return
    folds = walk_forward((start, start + length), train, test, purge, anchored=anchored)
    for one in folds:
        assert one.train[1] + purge == one.test[0]
        assert one.test[1] - one.test[0] == test
        assert one.train[0] == start if anchored else one.train[1] - one.train[0] == train
        assert start <= one.train[0] < one.train[1]
    for before, after in pairwise(folds):
        assert after.test[0] == before.test[1]
    assert folds[-1].test[1] <= start + length < folds[-1].test[1] + test


@pytest.mark.parametrize("lengths", [(0, 1, 0), (1, 0, 0), (1, 1, -1)])
def test_lengths_that_are_none_are_refused(lengths: tuple[int, int, int]) -> None:
    with pytest.raises(InputError, match="lengths above 0"):
        walk_forward((0, 100), *lengths)
