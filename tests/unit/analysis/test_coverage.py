"""Are gaps found where hours are missing, and nowhere else?"""

from __future__ import annotations

import polars as pl

from perpscope.analysis.coverage import gaps, runs
from perpscope.analysis.series import fixings
from tests.unit.analysis.frames import Fixings, at, changing, contract, regular


def found(rates: Fixings) -> list[tuple[int, int, float]]:
    return gaps(fixings(contract(rates))).select("start", "end", "missing_hours").rows()


def test_an_unbroken_history_has_no_gap_whatever_its_intervals() -> None:
    assert found(regular(100, 8)) == []
    assert found(changing()) == []


def test_a_missing_fixing_is_a_gap_of_its_interval() -> None:
    rates = regular(10, 8)
    del rates[4]
    assert found(rates) == [(at(32), at(40), 8.0)]


def test_a_gap_inside_hours_after_a_change_is_measured_by_the_new_interval() -> None:
    assert found([(8, 0.0, 8.0), (9, 0.0, 1.0), (12, 0.0, 1.0)]) == [(at(9), at(11), 2.0)]


def test_a_stamp_a_little_late_is_no_gap() -> None:
    assert found([(8, 0.0, 8.0), (19, 0.0, 8.0), (27, 0.0, 8.0)]) == []


def test_gaps_do_not_reach_from_one_contract_to_the_next() -> None:
    both = pl.concat([contract(regular(2, 8)), contract(regular(2, 8, start=500), venue="beta")])
    assert gaps(fixings(both)).is_empty()


def test_runs_are_cut_at_gaps_and_at_changes_of_interval() -> None:
    rates = [(8, 0.0, 8.0), (16, 0.0, 8.0), (17, 0.0, 1.0), (18, 0.0, 1.0), (21, 0.0, 1.0)]
    told = runs(fixings(contract(rates))).select("start", "end", "interval_hours", "n").rows()
    assert told == [(at(0), at(16), 8.0, 2), (at(16), at(18), 1.0, 2), (at(20), at(21), 1.0, 1)]
