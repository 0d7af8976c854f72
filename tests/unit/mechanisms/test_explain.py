"""Does the story of a fixing say what happened, in one screen?"""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perpscope.errors import InputError
from perpscope.mechanisms.decide import Formula, decide
from perpscope.mechanisms.explain import describe, explain, percent
from perpscope.mechanisms.observe import OBSERVATIONS, Observe
from perpscope.mechanisms.reduce import Last, LinearMean, Mean
from perpscope.mechanisms.rule import Rule
from perpscope.mechanisms.settle import Settlement
from perpscope.mechanisms.shape import pieces, plateau
from perpscope.mechanisms.window import Window
from tests.laws.mechanism_cases import History, formulas, histories, premiums, rules

EIGHT_HOURS = 8 * 3_600_000
USUAL = Formula(period=8.0, interest=0.0001, damper=0.0005, floor=-0.003, cap=0.003, decimals=8)
RULE = Rule(Observe("impact_band", 5.0), LinearMean(), USUAL)


def story(rule: Rule, premium: float, *, hours: float = 8, before: float | None = None) -> str:
    return " ".join(explain(rule.fix(Window.averaged(0, EIGHT_HOURS, premium, hours), before)).text.split())


def test_why_is_it_one_basis_point() -> None:
    told = story(RULE, 0.0002)
    assert "I - P = -0.01 % lies inside ±0.05 %: pulled all the way to the interest" in told
    assert "rate +0.01 % per 8 h = +10.95 % APR" in told
    assert "I - P = +0.04 % lies inside ±0.05 %: pulled all the way to the interest" in story(RULE, -0.0003)
    assert "I - P = 0 % lies inside" in story(RULE, 0.0001)
    assert "longs pay shorts, due 1970-01-01T08:00:00Z" in told


def test_beyond_the_band_it_is_pulled_by_the_band_only() -> None:
    assert "I - P = -0.09 % is beyond ±0.05 %: pulled 0.05 % towards the interest, no further" in story(RULE, 0.001)
    assert "rate -0.15 % per 8 h" in story(RULE, -0.002)
    assert "shorts pay longs" in story(RULE, -0.002)


def test_a_cap_that_bites_and_one_that_does_not() -> None:
    assert "limit +0.3 % cap hit: without it +1.95 %" in story(RULE, 0.02)
    assert "limit -0.3 % floor hit: without it -1.95 %" in story(RULE, -0.02)
    assert "limit +0.01 % inside -0.3 % .. +0.3 %, headroom 0.29 %" in story(RULE, 0.0)


def test_scaling_says_from_what_to_what() -> None:
    told = story(RULE, 0.002, hours=1)
    assert "scaling +0.01875 % written for 8 h, paid for 1 h" in told
    assert "per 1 h = +0.15 % per 8 h" in told


def test_the_cap_on_changes_needs_a_past_and_says_so() -> None:
    slow = RULE.but(formula=Formula(change=0.001))
    assert "cap of 0.1 % a step not applied: no previous rate" in story(slow, 0.004)
    assert "held to 0.1 % of the previous rate +0.05 %" in story(slow, 0.004, before=0.0005)
    assert "within 0.1 % of the previous rate +0.35 %" in story(slow, 0.004, before=0.0035)


def test_additive_interest_and_larger_and_through() -> None:
    added = Rule(Observe("mid"), Mean(), Formula(period=8, add=0.0000125, add_per=1), settle=Settlement("unknown", "through"))
    told = story(added, 0.0008, hours=1)
    assert "addition +0.01125 % plus +0.00125 %" in told
    assert "accruing through the interval" in told
    assert "at mark" not in told
    larger = RULE.but(formula=Formula("larger", interest=0.0001))
    assert "larger +0.01 % the larger of premium and interest" in story(larger, -0.01)
    assert "the rate is the interest, whatever the premium" in story(RULE.but(formula=Formula(interest=0.0001, damper=math.inf)), 0.01)


def test_partial_coverage_is_said() -> None:
    fixing = RULE.fix(Window(0, EIGHT_HOURS, {"premium": [0.001] * 4800}))
    told = " ".join(explain(fixing).text.split())
    assert fixing.kind == "partial"
    assert "4800 samples, coverage 83.33 %: PARTIAL, not to be compared" in told
    full = explain(RULE.fix(Window(0, EIGHT_HOURS, {"premium": [0.001] * 5760}))).text
    assert "PARTIAL" not in full
    assert "coverage 100 %" in full


def test_coverage_is_never_rounded_up_to_full() -> None:
    fixing = RULE.fix(Window(0, 1000 * EIGHT_HOURS, {"premium": [0.001] * 5_759_999}))
    assert "coverage 99.99 %: PARTIAL" in " ".join(explain(fixing).text.split())


def test_every_number_names_its_source_where_one_is_given() -> None:
    sources = {"formula.damper": "guide", "formula.interest": "notice", "formula.cap": "measured"}
    text = explain(RULE.fix(Window.averaged(0, EIGHT_HOURS, 0.0)), title="T", sources=sources).text
    assert text.startswith("T\n")
    assert {f"[{source}]" in text for source in sources.values()} == {True}


def test_neutral_parts_are_not_mentioned() -> None:
    plain = explain(Rule(Observe("mark_premium"), Mean(), Formula()).fix(Window.averaged(0, EIGHT_HOURS, 0.001)))
    assert [line.part for line in plain.lines] == ["window", "premium", "rate", "pays"]


def test_a_long_value_moves_the_words_and_not_the_edge() -> None:
    rule = RULE.but(formula=Formula(period=1, knee1=0, slope1=1, knee2=0, slope2=4, floor=1e-7))
    text = explain(rule.fix(Window.averaged(0, EIGHT_HOURS, 0.0312500123), None), sources={"formula.floor": "help-page-2025"}).text
    rows = text.split("\n")
    assert any("+100.00003936 %  " in row for row in rows), text
    assert max(len(row) for row in rows) <= 80


@settings(max_examples=200)
@given(rule=rules(), history=histories(), before=st.one_of(st.none(), premiums))
def test_any_story_fits_one_screen(rule: Rule, history: History, before: float | None) -> None:
    sources = {f"formula.{name}": "help-page-2025" for name in Formula.__slots__} | {"reduce.kind": "help-page-2025"}
    window = history.windows(timed=True)[0]
    text = explain(rule.fix(window, before), title="venue ETH/USDT:USDT by the rule venue-2 (verified)", sources=sources).text
    rows = text.split("\n")
    assert len(rows) <= 24, text
    assert max(len(row) for row in rows) <= 80


@pytest.mark.parametrize("kind", [*OBSERVATIONS, "none"])
def test_every_way_to_observe_can_be_told(kind: str) -> None:
    rule = Rule(Observe(kind, 60.0), Mean(), USUAL)
    assert "looks" in describe(rule, 8, title="x").text
    assert explain(rule.fix(Window.averaged(0, EIGHT_HOURS, 0.0))).lines[1].part == "premium"


def test_the_rule_alone_is_a_sentence_and_a_map() -> None:
    text = describe(RULE, 8).text
    assert "mean with weights 1, 2, .. n" in text
    assert "premium   -0.04..0.06 %  rate +0.01 % (flat)" in text
    assert "rate 1 x P -0.05 %" in text
    assert "from 0.35 %  rate +0.3 % (the cap)" in text


@settings(max_examples=300)
@given(formula=formulas(rounded=False), premium=premiums, hours=st.sampled_from((1.0, 8.0)))
def test_the_map_is_the_formula(formula: Formula, premium: float, hours: float) -> None:
    found = pieces(formula, hours)
    assert [piece.low for piece in found] == [-math.inf, *(piece.high for piece in found[:-1])]
    assert found[-1].high == math.inf
    piece = next(piece for piece in found if premium <= piece.high)
    unslowed = float(decide(premium, hours, math.nan, *formula.numbers()).limited)
    assert piece.level + piece.slope * premium == pytest.approx(unslowed, abs=1e-11)


def test_the_plateau_is_where_the_premium_plays_no_part() -> None:
    flat = plateau(USUAL, 8)
    assert flat is not None
    assert (flat.low, flat.high, flat.level) == pytest.approx((-0.0004, 0.0006, 0.0001))
    assert plateau(Formula(), 8) is None


@pytest.mark.parametrize(
    ("x", "text"),
    [(0.0001, "+0.01 %"), (-0.0, "0 %"), (1e-10, "+0.00000001 %"), (math.inf, "unlimited"), (math.nan, "none"), (1.0, "+100 %")],
)
def test_percent(x: float, text: str) -> None:
    assert percent(x) == text


def test_an_explanation_needs_a_decidable_window() -> None:
    with pytest.raises(InputError, match="no column"):
        RULE.fix(Window(0, EIGHT_HOURS, {"mark": [1.0]}))


@pytest.mark.parametrize(
    ("difference", "bound", "who"), [(1000.0, "cap hit", "longs pay shorts"), (-1000.0, "floor hit", "shorts pay longs")]
)
def test_an_amount_is_told_in_shares_of_its_level(difference: float, bound: str, who: str) -> None:
    """1000 of 30,000 is held at 2 % a day, an hour of it 25, though no share of a float is quite the limit."""
    formula = Formula(period=24.0, floor=-0.02, cap=0.02, limit_per=24.0, decimals=18, rounding="to_zero")
    rule = Rule(Observe("outside"), Last(), formula, settle=Settlement(price="none", unit="quote", level_grains=1e18))
    told = " ".join(explain(rule.fix(Window(0, 3_600_000, {"rate_given": [difference]}, level=30_000.0))).text.split())
    assert f"{bound}: without it {difference / 300 / 24:+.8f} %" in told
    assert f"amount {math.copysign(25, difference):+g} quote units per base unit held" in told
    assert who in told
