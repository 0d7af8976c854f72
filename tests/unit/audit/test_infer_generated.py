"""Unannounced changes of rule are found and dated, on histories whose rules are known."""

from __future__ import annotations

import dataclasses

import numpy as np
import polars as pl
import pytest

from perpscope.audit.facts import Series
from perpscope.audit.infer.looks import observed_in
from perpscope.audit.infer.model import Inference
from perpscope.audit.infer.search import infer
from perpscope.audit.sampled import Samples
from perpscope.market.table import CONTEXTS
from perpscope.market.time import to_ms
from tests.unit.audit.worlds import START, World, without, world

FOUND = {
    "mean, lag 1": ("the mean of", "lag 1", "+-0.0005"),
    "mean": ("the mean of", "lag 0", "+-0.0005"),
    "linear": ("the linear mean of", "lag 0", "+-0.0005"),
    "linear, narrow": ("the linear mean of", "lag 0", "+-0.00025"),
    "linear, no interest": ("clamp(0 - P, +-0.0005)", "the linear mean of"),
    "linear, capped": ("the linear mean of", "cap 0.0008"),
    "premium alone": ("P, ", "the mean of"),
    "premium and interest": ("P + 0.0001", "the mean of"),
    "last": ("the last of", "+-0.0005"),
    "every sample pulled": ("the mean of the whole formula on each of", "lag 0"),
}
PAIRS = [
    ("mean, lag 1", "linear"),
    ("mean", "linear"),
    ("linear", "linear, narrow"),
    ("linear, no interest", "linear"),
    ("premium and interest", "mean"),
    ("mean", "premium alone"),
    ("mean, lag 1", "mean"),
    ("linear", "last"),
    ("every sample pulled", "linear"),
]


def assert_found(made: World, names: tuple[str, ...], found: Inference) -> None:
    assert len(found.segments) == len(names), [segment.words for segment in found.segments]
    for name, segment in zip(names, found.segments, strict=True):
        assert all(part in segment.words for part in FOUND[name]), (name, segment.words)
    step = int(made.series.step[0])
    for change, segment in zip(made.changes, found.segments[1:], strict=True):
        true = int(made.series.slot[change])
        assert segment.began is not None
        assert to_ms(segment.began.after) - step < true <= to_ms(segment.began.by) + step
        assert to_ms(segment.began.after) < to_ms(segment.began.best) <= to_ms(segment.began.by)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("names", PAIRS, ids=" then ".join)
def test_a_change_of_rule_is_found_and_dated(names: tuple[str, str], seed: int) -> None:
    made = world(seed, names)
    found = infer(made.series, {"samples": made.samples})
    assert_found(made, names, found)
    assert all(segment.matches >= segment.rows - 1 for segment in found.segments), "a row at the seam at most"
    assert all(segment.runner_up_matches < segment.matches for segment in found.segments)


@pytest.mark.parametrize("seed", range(3))
def test_two_changes_are_found(seed: int) -> None:
    names = ("mean, lag 1", "linear", "linear, narrow")
    made = world(seed, names, windows=600)
    assert_found(made, names, infer(made.series, {"samples": made.samples}))


@pytest.mark.parametrize("seed", range(3))
def test_a_new_cap_is_found_where_it_is_reached(seed: int) -> None:
    made = world(seed, ("linear", "linear, capped"), windows=900)
    reached = (np.abs(made.series.rate[made.changes[0] :]) >= 0.0008 - 1e-9).sum()
    passed = (np.abs(made.series.rate[: made.changes[0]]) > 0.0008 + 1e-9).sum()
    assert min(reached, passed) >= 5, "else there is nothing to see"
    found = infer(made.series, {"samples": made.samples})
    assert len(found.segments) == 2
    assert "0.0008" in found.segments[1].words
    assert "0.0008" not in found.segments[0].words


@pytest.mark.parametrize("seed", range(4))
def test_one_rule_all_along_stays_one_segment(seed: int) -> None:
    names = ("linear",)
    made = world(seed, names, windows=900)
    assert_found(made, names, infer(made.series, {"samples": made.samples}))


@pytest.mark.parametrize(("name", "words"), [("linear", "whole scaled by N/8"), ("interest scaled", "interest scaled by N/8")])
def test_at_four_hours_what_is_scaled_is_told(name: str, words: str) -> None:
    made = world(11, (name,), hours=4.0)
    (segment,) = infer(made.series, {"samples": made.samples}).segments
    assert words in segment.words
    assert segment.matches == segment.rows


def test_at_eight_hours_what_is_scaled_cannot_be_told_and_it_says_so() -> None:
    made = world(12, ("linear",))
    (segment,) = infer(made.series, {"samples": made.samples}).segments
    assert any("any scaling" in words for words in segment.tied)


@pytest.mark.parametrize("names", PAIRS[:3], ids=" then ".join)
@pytest.mark.parametrize("fault", ["rounded samples", "missing samples", "coarse samples", "missing rows", "wrong rows", "six decimals"])
@pytest.mark.parametrize("seed", range(2))
def test_faulty_inputs_hide_no_change(names: tuple[str, str], fault: str, seed: int) -> None:
    made, rng = world(seed, names, decimals=6 if fault == "six decimals" else 8), np.random.default_rng(seed)
    series, samples = made.series, made.samples
    if fault == "rounded samples":
        samples = Samples(samples.at, np.round(samples.premium, 6), np.full(len(samples.at), 5e-7))
    elif fault == "missing samples":
        kept = rng.random(len(samples.at)) > 0.05
        samples = Samples(samples.at[kept], samples.premium[kept], samples.half[kept])
    elif fault == "coarse samples":
        samples = Samples(samples.at[::5], samples.premium[::5], samples.half[::5])
    elif fault == "missing rows":
        series = without(series, rng.random(len(series)) > 0.1)
    elif fault == "wrong rows":
        wrong = rng.random(len(series)) < 0.02
        series = dataclasses.replace(series, rate=np.round(series.rate + wrong * rng.normal(0, 0.0005, len(series)), 8))
    found = infer(series, {"samples": samples})
    if fault == "missing samples":  # a neighbour in force for longer is nearer the truth than a plain mean of what is left
        same = tuple(dataclasses.replace(s, words=s.words.replace("time-weighted mean", "mean")) for s in found.segments)
        found = dataclasses.replace(found, segments=same)
    assert_found(made, names, found)
    assert bool(found.note) == (fault in {"missing samples", "coarse samples"}), found.note


@pytest.mark.parametrize("truth", ["impact_band", "impact_band_mark", "mark_premium"])
def test_whether_the_index_or_the_mark_was_observed_is_told(truth: str) -> None:
    """Contexts every ten minutes hold impact prices, mark and index; the rates follow one of the premiums they make."""
    rng, windows, per = np.random.default_rng(9), 120, 48
    count = windows * per
    x = world(9, ("linear",), windows=windows).samples.premium[: count * 10 : 10]
    index = 100 * np.exp(np.cumsum(rng.normal(0, 1e-4, count)))
    mark = index * (1 - x / 2)
    middle = index * (1 + x)
    at = START + 600_000 * np.arange(count)
    frame = pl.DataFrame(
        {
            "ts": pl.Series(at).cast(pl.Datetime("ms")).dt.replace_time_zone("UTC"),
            "impact_bid_quote": middle - 0.01,
            "impact_ask_quote": middle + 0.01,
            "index_price_quote": index,
            "mark_price_quote": mark,
        }
    )
    absent = [name for name in CONTEXTS.names if name not in frame.columns]
    observed = observed_in(frame.with_columns(pl.lit(None, pl.Float64).alias(name) for name in absent))
    assert {"impact_band premiums", "impact_band_mark premiums", "impact_mid premiums", "mark_premium premiums"} <= set(observed)
    premium = observed[f"{truth} premiums"].premium.reshape(windows, per).mean(axis=1)
    rate = np.round(premium + np.clip(0.0001 - premium, -0.0005, 0.0005), 8)
    slots = START + 28_800_000 * np.arange(1, windows + 1, dtype=np.int64)
    nothing = np.full(windows, np.nan)
    series = Series(slots, slots, rate, np.full(windows, 8.0), nothing, np.zeros(windows, dtype=np.int64))
    (segment,) = infer(series, observed).segments
    assert f"mean of {truth} premiums" in segment.words
    assert segment.matches == segment.rows == windows


def test_noise_fits_no_rule_and_is_not_said_to() -> None:
    made = world(3, ("linear",))
    noise = dataclasses.replace(made.series, rate=np.round(np.random.default_rng(1).normal(0, 0.0008, len(made.series)), 8))
    found = infer(noise, {"samples": made.samples})
    assert all("none of those tried fits" in segment.words for segment in found.segments)


def test_without_inputs_the_rates_alone_are_read() -> None:
    made = world(4, ("linear",))
    found = infer(made.series, {})
    assert found.segments == ()
    assert "too few" in found.note
    assert {seen.feature for seen in found.seen} >= {"interval", "decimals", "interest atom", "largest step"}


def test_the_way_of_rounding_is_read_off_the_last_digit() -> None:
    made = world(5, ("linear",), decimals=12)
    cut = dataclasses.replace(made.series, rate=np.floor(made.series.rate * 1e6 + 1e-7) / 1e6)
    (segment,) = infer(cut, {"samples": made.samples}).segments
    assert "rounded down to 6 decimals" in segment.words
    assert segment.matches == segment.rows


def test_a_limited_step_is_read_off_the_steps() -> None:
    made = world(6, ("linear",))
    rate = made.series.rate.copy()
    for k in range(1, len(rate)):
        rate[k] = round(min(max(rate[k], rate[k - 1] - 0.0001), rate[k - 1] + 0.0001), 8)
    assert (rate != made.series.rate).sum() > 20
    (segment,) = infer(dataclasses.replace(made.series, rate=rate), {"samples": made.samples}).segments
    assert "step 0.0001" in segment.words
    assert segment.matches > 0.95 * segment.rows


def test_the_answer_is_plain_and_names_its_evidence() -> None:
    made = world(7, ("mean, lag 1", "linear"))
    answer = infer(made.series, {"samples": made.samples}).to_dict()
    assert answer["penalty"] == pytest.approx(np.log(400) + np.log(answer["candidates"]))
    first = answer["segments"][0]
    assert first["rule"]["lag"] == 1
    assert first["rule"]["damper"] == 0.0005
    assert set(first["residuals"]) == {"50%", "90%", "99%", "100%"}
    assert first["runner_up"]
