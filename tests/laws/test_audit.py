"""Laws of the audit: it reads no published rate, it forgives what the digits hide, and nothing more."""

from __future__ import annotations

import dataclasses

import numpy as np
import polars as pl
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from perpscope.audit.compare import compare
from perpscope.audit.digits import decimals, half_units
from perpscope.audit.eras import Era
from perpscope.audit.facts import Series
from perpscope.audit.infer.path import best_path
from perpscope.audit.recompute import recompute
from perpscope.mechanisms.batch import fix_averages
from perpscope.mechanisms.rule import Rule
from tests.unit.audit.rules import PULL, rule, venue

STEP = 28_800_000
FORMULAS = (
    PULL,
    PULL + ', cap = "0.001 @text", floor = "-0.001 @text"',
    'period = "4 @text", interest = "0.0002 @text", damper = "0.00025 @text"',
    'interest = "0 @text", add = "0.00003 @text"',
    'combine = "larger @text", interest = "0.0003 @text"',
    'combine = "clamped_premium @text", interest = "0.0001 @text", damper = "0.0005 @text"',
)
premiums = st.lists(st.integers(-400_000, 400_000).map(lambda k: k / 1e8), min_size=2, max_size=40)


def made(formula: str, premium: list[float], places: int) -> tuple[Series, Era, Rule]:
    """A history the rule itself decided from the exact premiums, printed to `places` decimals."""
    n = len(premium)
    exact = np.array(premium)
    slots = 1_700_000_000_000 // STEP * STEP + STEP * np.arange(n, dtype=np.int64)
    (dated,) = venue(rule("one", formula)).rules
    era = Era(dated, {}, np.arange(n), 0)
    law = era.from_averages
    assert isinstance(law, Rule)
    rates = fix_averages(law, exact, np.full(n, 8.0)).term("slowed")
    series = Series(slots, slots, np.round(rates, places), np.full(n, 8.0), np.round(exact, places), np.zeros(n, dtype=np.int64))
    return series, era, law


@given(st.sampled_from(FORMULAS), premiums, st.integers(5, 10))
@settings(max_examples=150)
def test_a_history_printed_from_the_rule_matches_to_the_last_row(formula: str, premium: list[float], places: int) -> None:
    series, era, _ = made(formula, premium, places)
    compared = compare(series, recompute(series, (era,)))
    assert compared.whole.all()
    assert compared.matched.all()


@given(st.sampled_from(FORMULAS), premiums, st.integers(0, 39), st.sampled_from([-1, 1]), st.floats(1.01, 1e4))
@settings(max_examples=150)
def test_a_rate_beyond_its_tolerance_is_never_matched(formula: str, premium: list[float], row: int, sign: int, times: float) -> None:
    series, era, _ = made(formula, premium, 8)
    row %= len(series)
    found = recompute(series, (era,))
    before = compare(series, found)
    rate = series.rate.copy()
    rate[row] = round(found.rate[row] + sign * times * before.tolerance[row] + sign * 1e-8, 8)
    after = compare(dataclasses.replace(series, rate=rate), found)
    assume(after.tolerance[row] <= before.tolerance[row])
    assert not after.matched[row]
    assert after.matched.sum() == len(series) - 1


@given(st.sampled_from(FORMULAS), premiums, st.integers(0, 2**32 - 1))
@settings(max_examples=100)
def test_published_rates_that_are_noise_move_no_computed_rate(formula: str, premium: list[float], seed: int) -> None:
    series, era, _ = made(formula, premium, 8)
    noise = dataclasses.replace(series, rate=np.random.default_rng(seed).normal(0, 0.01, len(series)))
    one, other = recompute(series, (era,)), recompute(noise, (era,))
    np.testing.assert_array_equal(one.rate, other.rate)
    np.testing.assert_array_equal(one.low, other.low)
    np.testing.assert_array_equal(one.high, other.high)


@given(premiums, st.integers(0, 2**32 - 1))
@settings(max_examples=100)
def test_with_a_limited_step_noise_moves_nothing_either_once_the_first_rate_is_computed(premium: list[float], seed: int) -> None:
    series, era, _ = made(PULL + ', change = "0.0003 @text"', premium, 8)
    noise = dataclasses.replace(series, rate=np.random.default_rng(seed).normal(0, 0.01, len(series)))
    np.testing.assert_array_equal(recompute(series, (era,)).rate, recompute(noise, (era,)).rate)


@given(st.integers(-(10**9), 10**9), st.integers(0, 12))
@settings(max_examples=300)
def test_a_printed_decimal_is_read_back_with_no_more_places_than_it_has(digits: int, places: int) -> None:
    value = digits / 10**places
    found = int(decimals(np.array([value]))[0])
    assert found <= places
    assert round(value, found) == value
    assert half_units(np.array([value]))[0] >= 0.5 * 10.0**-places * (1 - 1e-12)


@given(st.integers(1, 40), st.integers(1, 4), st.floats(0.0, 20.0), st.integers(0, 2**32 - 1))
@settings(max_examples=100)
def test_no_path_of_one_state_beats_the_best_path(rows: int, states: int, change: float, seed: int) -> None:
    scores = np.random.default_rng(seed).normal(0, 3, (rows, states))
    path = best_path(scores, change)
    worth = sum(scores[a:b, k].sum() for a, b, k in path) - change * (len(path) - 1)
    assert worth >= scores.sum(axis=0).max() - 1e-9
    assert [a for a, _, _ in path[1:]] == [b for _, b, _ in path[:-1]]


def test_the_columns_of_a_series_are_those_of_the_table() -> None:
    assert pl.DataFrame(dataclasses.asdict(made(PULL, [0.001, 0.002], 8)[0])).height == 2
