"""Is a rule one function with three lives? Definition, stream and batch agree bit for bit, in every step they keep."""

from __future__ import annotations

import dataclasses
import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perpscope.mechanisms import batch
from perpscope.mechanisms.decide import Formula, Terms
from perpscope.mechanisms.meter import Meter
from perpscope.mechanisms.observe import Observe
from perpscope.mechanisms.reduce import Adaptive, DecayMean, MedianMean, TimeMean, Velocity
from perpscope.mechanisms.rule import Fixing, Rule
from perpscope.mechanisms.window import Window
from tests.laws.mechanism_cases import History, bits, exact_window, exactly, histories, premiums, rules

TIMED = (TimeMean, DecayMean, MedianMean, Velocity, Adaptive)


def fixed(rule: Rule, windows: list[Window]) -> list[Fixing]:
    """Fix windows in order by the definition, each knowing the one before."""
    found: list[Fixing] = []
    for window in windows:
        found.append(rule.fix(window, found[-1] if found else None))
    return found


def streamed(rule: Rule, windows: list[Window], *, timed: bool) -> list[Fixing]:
    """Fix windows in order by meters, one sample at a time."""
    found: list[Fixing] = []
    for window in windows:
        meter = Meter(rule, window, found[-1] if found else None, timed=timed)
        for k, premium in enumerate(window.rows["premium"]):
            meter.see(premium, int(window.rows["at"][k]) if timed else None)
        found.append(meter.close())
    return found


def batched(rule: Rule, history: History, *, timed: bool) -> batch.Fixings:
    """Fix all windows at once by the compiled text."""
    windows = history.windows(timed=timed)
    samples = np.array([x for window in windows for x in window.rows["premium"]], dtype=float)
    offsets = np.cumsum([0, *(len(window.rows["premium"]) for window in windows)])
    at = np.array([t for window in windows for t in window.rows["at"]], dtype=np.int64) if timed else None
    ends = np.array([window.end for window in windows], dtype=np.int64) if timed else None
    return batch.fix_many(rule, samples, offsets, np.array(history.hours), at=at, ends=ends)


@settings(max_examples=300)
@given(rule=rules(), history=histories(), timed=st.booleans())
def test_definition_stream_and_batch_are_one_text(rule: Rule, history: History, timed: bool) -> None:  # noqa: FBT001 - drawn
    timed = timed or isinstance(rule.reduce, MedianMean)
    windows = history.windows(timed=timed)
    plain = fixed(rule, windows)
    stream = streamed(rule, windows, timed=timed)
    many = batched(rule, history, timed=timed)
    for k, fixing in enumerate(plain):
        assert bits(fixing.terms) == bits(stream[k].terms) == bits(many.terms[k])
        assert (fixing.tally, fixing.coverage, fixing.kind) == (stream[k].tally, stream[k].coverage, stream[k].kind)
        assert fixing.coverage == many.coverage[k]


@settings(max_examples=200)
@given(rule=rules(), values=st.lists(premiums, min_size=1, max_size=8), hours=st.sampled_from((0.5, 1.0, 4.0, 8.0)))
def test_given_averages_are_decided_alike_one_by_one_and_at_once(rule: Rule, values: list[float], hours: float) -> None:
    before = None
    many = batch.fix_averages(rule, np.array(values), np.full(len(values), hours))
    for k, value in enumerate(values):
        before = rule.fix(Window.averaged(0, 3_600_000, value, hours), before)
        assert bits(before.terms) == bits(many.terms[k])
        assert before.coverage is None
        assert math.isnan(many.coverage[k])


@settings(max_examples=200)
@given(rule=rules(), history=histories(), share=st.floats(0, 1))
def test_a_prediction_at_the_end_is_the_fixing_and_at_any_time_that_of_a_shorter_window(rule: Rule, history: History, share: float) -> None:
    window = history.windows(timed=True)[0]
    at = [int(t) for t in window.rows["at"]]
    meter = Meter(rule, window)
    for premium, moment in zip(window.rows["premium"], at, strict=True):
        meter.see(premium, moment)
    predicted = meter.predict(window.end)
    assert predicted.kind == "predicted"
    assert bits(predicted.terms) == bits(meter.close().terms) == bits(rule.fix(window).terms)
    now = at[-1] + round(share * (window.end - at[-1]))
    if now > at[0]:
        shorter = Window(window.start, now, window.rows, hours=window.length_hours)
        assert bits(meter.predict(now).terms) == bits(rule.fix(shorter).terms)


@settings(max_examples=150)
@given(rule=rules(rounded=False), history=histories())
def test_fractions_give_what_doubles_give(rule: Rule, history: History) -> None:
    """Not rounded, for a last bit may tip a rounding, or the move of an adaptive rate; decaying means use powers, not fractions."""
    if isinstance(rule.reduce, DecayMean | Adaptive):
        return
    windows = history.windows(timed=True)
    exact = fixed(exactly(rule), [exact_window(window) for window in windows])
    for plain, true in zip(fixed(rule, windows), exact, strict=True):
        size = max(abs(float(x)) for x in (*true.terms[:7], 0.06) if math.isfinite(x))
        for name, one, other in zip(Terms._fields, plain.terms, true.terms, strict=True):
            assert float(one) == pytest.approx(float(other), rel=1e-14, abs=40 * size * 2**-52), name


@settings(max_examples=60)
@given(rule=rules(), history=histories(), edges=st.lists(st.integers(0, 5), max_size=3))
def test_windows_shared_out_differently_give_the_same(rule: Rule, history: History, edges: list[int]) -> None:
    """The work on windows may be split anywhere between windows."""
    rule = rule.but(formula=dataclasses.replace(rule.formula, change=math.inf, keep=0.0))
    if isinstance(rule.reduce, DecayMean | Velocity | Adaptive):
        return
    whole = batched(rule, history, timed=True).terms
    cuts = sorted({0, len(history.hours), *(min(e, len(history.hours)) for e in edges)})
    windows = history.windows(timed=True)
    parts = []
    for low, high in pairwise(cuts):
        part = History(history.hours[low:high], history.at[low:high], history.samples[low:high], windows[low].start)
        parts.append(batched(rule, part, timed=True).terms)
    assert np.array_equal(np.concatenate(parts), whole, equal_nan=True)


@pytest.mark.parametrize("parts", [1, 2, 3, 7])
def test_threads_take_whole_windows_and_change_nothing(parts: int) -> None:
    rng = np.random.default_rng(7)
    samples = rng.normal(0, 0.001, 300_000)
    offsets = np.arange(0, len(samples) + 1, 600)
    rule = Rule(Observe("impact_band", 5.0), TimeMean(), Formula(period=8.0, interest=1e-4, damper=5e-4, decimals=8))
    hours = np.full(len(offsets) - 1, 1.0)
    once = batch.fix_many(rule, samples, offsets, hours)
    seen = np.zeros(len(hours), dtype=int)

    def note(low: int, high: int) -> None:
        seen[low:high] += 1

    batch.in_parts(note, len(hours), parts)
    assert seen.tolist() == [1] * len(hours)
    halves = [batch.fix_many(rule, samples, offsets[low : high + 1], hours[low:high]).terms for low, high in ((0, 200), (200, 500))]
    assert np.array_equal(np.concatenate(halves), once.terms)
