"""Does a reused ticker stay two contracts?"""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perpscope.market.time import FOREVER
from perpscope.store.intervals import LIFE_GAP_MS
from perpscope.store.lives import Life, life_at, lives

DAY = 24 * 3_600_000


def days(*numbers: float) -> list[int]:
    return [round(number * DAY) for number in numbers]


def test_one_span_is_one_life_of_unknown_beginning() -> None:
    assert lives([(10 * DAY, 50 * DAY)]) == [Life(0, FOREVER, stated=False)]


def test_nothing_seen_is_still_one_life() -> None:
    assert lives([]) == [Life(0, FOREVER, stated=False)]


def test_a_long_hole_parts_two_lives() -> None:
    first, second = lives([(0, 50 * DAY), (300 * DAY, 400 * DAY)])
    assert (first.ended, second.listed, second.ended) == (50 * DAY, 300 * DAY, FOREVER)


def test_another_source_fills_the_hole() -> None:
    assert len(lives([(0, 50 * DAY), (300 * DAY, 400 * DAY), (40 * DAY, 310 * DAY)])) == 1


def test_a_stated_end_leaves_the_filler_after_it_without_a_contract() -> None:
    found = lives([(0, 300 * DAY)], ends=days(200))
    assert found == [Life(0, 200 * DAY, stated=True)]
    assert life_at(found, 200 * DAY) == found[0]
    assert life_at(found, 201 * DAY) is None


def test_a_new_listing_after_an_end_is_a_new_contract() -> None:
    found = lives([(10 * DAY, 300 * DAY)], listings=days(5, 250), ends=days(200))
    assert found == [Life(5 * DAY, 200 * DAY, stated=True), Life(250 * DAY, FOREVER, stated=True)]
    assert [life_at(found, day * DAY) for day in (4, 225)] == [None, None]
    assert life_at(found, 250 * DAY) == found[1]


def test_a_stated_listing_in_a_hole_dates_it() -> None:
    found = lives([(0, 50 * DAY), (300 * DAY, 400 * DAY)], listings=days(290))
    assert [(life.listed, life.ended) for life in found] == [(0, 50 * DAY), (290 * DAY, FOREVER)]


def test_one_listing_told_twice_is_one() -> None:
    assert lives([(10 * DAY, 20 * DAY)], listings=days(9, 9.5)) == [Life(9 * DAY, FOREVER, stated=True)]


@given(
    st.lists(st.tuples(st.integers(0, 900), st.integers(0, 300)), max_size=6),
    st.lists(st.integers(0, 1200), max_size=3),
    st.lists(st.integers(0, 1200), max_size=3),
)
def test_lives_follow_each_other_without_overlap(spans: list[tuple[int, int]], listings: list[int], ends: list[int]) -> None:
    found = lives([(low * DAY, (low + length) * DAY) for low, length in spans], days(*listings), days(*ends))
    assert found
    for life, following in pairwise(found):
        assert life.listed <= life.ended <= following.listed
    assert found[-1].listed <= found[-1].ended


@pytest.mark.parametrize(("hole", "count"), [(LIFE_GAP_MS, 1), (LIFE_GAP_MS + 1, 2)])
def test_how_long_a_hole_must_be(hole: int, count: int) -> None:
    assert len(lives([(0, DAY), (DAY + hole, 2 * DAY + hole)])) == count
