"""Are stays cut where nobody looked, and is a mode a value where values repeat and a place where they do not?"""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from perpscope.analysis.modes import binned_mode, exact_mode, histogram, share_near
from perpscope.analysis.series import fixings
from perpscope.analysis.stays import stay_lengths, stays
from perpscope.analysis.terms import Terms, with_terms
from perpscope.errors import InputError, NotEnoughData
from tests.unit.analysis.frames import at, contract

TERM = Terms("alpha", 8, interest=0.0001)


def stayed(rates: list[tuple[float, float, float]], *terms: Terms) -> pl.DataFrame:
    return stays(with_terms(fixings(contract(rates)), terms))


def test_stays_are_runs_of_one_state() -> None:
    rates = [0.0001, 0.0001, 0.0002, -0.0001, -0.0002, 0.00005, 0.0, 0.0001]
    found = stayed([(8.0 * (k + 1), rate, 8.0) for k, rate in enumerate(rates)], TERM)
    assert found["state"].to_list() == ["at interest", "above", "negative", "below", "zero", "at interest"]
    assert found["n"].to_list() == [2, 1, 2, 1, 1, 1]
    assert found["start"].to_list()[:2] == [at(0), at(16)]
    assert found["end"].to_list()[0] == at(16)
    assert found["cut"].to_list() == [False] * 5 + [True]


def test_a_gap_or_another_interval_ends_a_stay() -> None:
    found = stayed([(8.0, 0.0001, 8.0), (16.0, 0.0001, 8.0), (32.0, 0.0001, 8.0), (36.0, 0.0001, 4.0)], TERM)
    assert found["n"].to_list() == [2, 1, 1]
    assert found["cut"].to_list() == [True, True, True]


def test_without_a_rule_there_are_three_states() -> None:
    found = stayed([(8.0, -0.0001, 8.0), (16.0, 0.0, 8.0), (24.0, 0.0001, 8.0)])
    assert found["state"].to_list() == ["negative", "zero", "above"]


def test_lengths_add_up_to_the_history() -> None:
    rates = [(8.0 * (k + 1), 0.0001 if k % 5 else -0.0001, 8.0) for k in range(50)]
    lengths = stay_lengths(stayed(rates, TERM))
    assert lengths["fixings"].sum() == 50
    assert lengths["share"].sum() == pytest.approx(1.0)
    assert dict(zip(lengths["state"], lengths["longest"], strict=True)) == {"negative": 1, "at interest": 4}
    assert lengths["longest_hours"].to_list() == [8.0, 32.0]


def test_an_exact_mode_is_a_value_and_has_a_runner_up() -> None:
    found = exact_mode([3 * 0.0001, 0.0001 + 0.0002, 0.0003, 0.00012, 0.00012], 1e-8)
    assert found.value == pytest.approx(0.0003, abs=1e-12)
    assert (found.share, found.n) == (0.6, 5)
    assert found.runner_up == pytest.approx(0.00012)
    assert found.runner_up_share == pytest.approx(0.4)


def test_of_two_equal_modes_the_one_nearer_to_zero_counts() -> None:
    assert exact_mode([0.2, 0.2, -0.1, -0.1], 1e-6).value == pytest.approx(-0.1)


def test_a_binned_mode_finds_the_peak_whatever_the_bins() -> None:
    rng = np.random.default_rng(5)
    values = np.concatenate([rng.normal(-0.0004, 0.00005, 4000), rng.normal(0.0008, 0.001, 4000)])
    for width in (0.00005, 0.0001, 0.0002):
        found = binned_mode(values, width)
        assert found.low <= found.value <= found.high
        assert abs(found.value + 0.0004) < width
        assert np.isnan(found.runner_up)


def test_one_position_of_the_bins_can_split_a_peak_and_several_tell() -> None:
    values = [0.049] * 5 + [0.051] * 5 + [0.2] * 6
    assert binned_mode(values, 0.1, shifts=1).value == pytest.approx(0.2)
    assert binned_mode(values, 0.1).low == pytest.approx(0.05, abs=0.0501)


def test_shares_and_histograms_count_everything_once() -> None:
    values = [0.0, 0.1, 0.2, 0.2, 5.0]
    assert share_near(values, 0.2, 0.05) == pytest.approx(0.4)
    assert histogram(values, (0.0, 0.15, 0.3)) == pytest.approx([0.4, 0.4])


def test_nonsense_is_refused() -> None:
    with pytest.raises(NotEnoughData):
        exact_mode([float("nan")], 1e-8)
    with pytest.raises(InputError):
        exact_mode([1.0], 0.0)
    with pytest.raises(InputError):
        binned_mode([1.0], -1.0)
