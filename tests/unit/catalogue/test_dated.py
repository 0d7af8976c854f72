"""Does a rule as written refuse what it does not know, and take what it is given?"""

from __future__ import annotations

from fractions import Fraction

import pytest

from perpscope.catalogue.dated import part_names
from perpscope.catalogue.sourced import Sourced, evaluate
from perpscope.errors import CatalogueError, InputError
from perpscope.market.number import INF, Number
from perpscope.market.time import to_ms
from perpscope.mechanisms.window import Window
from tests.unit.catalogue.books import book

CAP: dict[str, Number | str] = {"cap": Fraction(3, 1000)}


def test_a_number_without_a_source_is_unknown_and_the_rule_says_which() -> None:
    for bare in ('"0.0005"', "0.0005", '"0.0005 @"', '"@guide"'):
        rule = book(('damper = "0.0005 @guide"', f"damper = {bare}")).rules[0]
        with pytest.raises(CatalogueError, match=r"formula\.damper is unknown \(.*stands without a source\)"):
            rule.build(CAP)


def test_removing_a_source_takes_the_number_away() -> None:
    whole = book().rules[0]
    assert whole.build(CAP).formula.interest == 0.0003
    cut = book(('interest = "0.0003 @guide"', 'interest = "0.0003"')).rules[0]
    assert [unknown.part for unknown in cut.unknowns(CAP)] == ["formula.interest"]


def test_every_unknown_is_named_at_once() -> None:
    with pytest.raises(CatalogueError) as caught:
        book().rules[1].build()
    for part in ("observe.kind", "formula.floor", "formula.cap", "formula.change"):
        assert part in str(caught.value)


def test_what_is_unknown_may_be_given_by_its_place() -> None:
    rule = book().rules[1]
    given: dict[str, Number | str] = {**CAP, "formula.change": Fraction(1, 1000), "observe.kind": "mid"}
    built = rule.build(given, exact=True)
    assert (built.formula.change, built.observe.kind) == (Fraction(1, 1000), "mid")
    assert rule.unknowns(given) == ()
    with pytest.raises(CatalogueError, match=r"formula\.pace is no part of it"):
        rule.build({**given, "formula.pace": Fraction(1)})


def test_a_given_number_replaces_a_known_one() -> None:
    rule = book().rules[0]
    assert rule.build({**CAP, "formula.interest": Fraction(0)}).formula.interest == 0
    assert rule.build({**CAP, "formula.decimals": Fraction(8)}).formula.decimals == 8


def test_samples_and_averages_need_less() -> None:
    rule = book().rules[1]
    given: dict[str, Number | str] = {**CAP, "formula.change": INF}
    assert [unknown.part for unknown in rule.unknowns(given)] == ["observe.kind"]
    assert rule.unknowns(given, sampled=True) == ()
    built = rule.build(given, sampled=True)
    assert built.observe.kind == "given"
    assert built.fix(Window(0, 28_800_000, {"premium": [0.0002, 0.0002]})).rate == 0.0001
    with pytest.raises(InputError, match="observes 'given'"):
        built.observe.premium(bid=1.0)
    assert rule.build(given, averaged=True).fix(Window.averaged(0, 14_400_000, 0.002)).rate == 0.00075


def test_an_average_of_transformed_samples_needs_to_know_the_transform() -> None:
    rule = book(("observe = { kind", 'each = { kind = "? page lost" }\nobserve = { kind')).rules[0]
    assert [unknown.part for unknown in rule.unknowns(CAP, averaged=True)] == ["each.kind"]


def test_words_of_the_contract_are_worked_out_exactly() -> None:
    assert evaluate("0.75*(a-b)", {"a": Fraction(1, 100), "b": Fraction(1, 200)}) == Fraction(3, 800)
    assert evaluate("min(a, max(1/33, -b))", {"a": Fraction(1), "b": Fraction(0)}) == Fraction(1, 33)
    assert evaluate("inf", {}) == INF
    assert evaluate("0.1+0.2", {}) == Fraction(3, 10)
    with pytest.raises(CatalogueError, match="b is not known"):
        evaluate("a-b", {"a": Fraction(1)})
    with pytest.raises(CatalogueError, match="Give the number with its source"):
        Sourced.read("? lost").number({})
    assert Sourced.read("a-b+inf*max(c,1) @x").names == ("a", "b", "c")


def test_numbers_of_a_contract_are_dated_and_later_ones_win() -> None:
    venue = book()
    early, late = (venue.contract("BTCUSDT", to_ms(day)) for day in ("2024-05-31T23:59:59Z", "2024-06-01T00:00:00Z"))
    assert early == {"maintenance_margin": Fraction(1, 250), "cap": Fraction(3, 1000)}
    assert late == {"cap": Fraction(3, 1000), "formula.interest": Fraction(0)}
    assert venue.contract("ETHUSDT", 0) == {}


def test_what_the_caller_knows_wins_and_feeds_the_words() -> None:
    told = book().contract("BTCUSDT", 0, {"maintenance_margin": Fraction(1, 100)})
    assert told == {"maintenance_margin": Fraction(1, 100), "cap": Fraction(3, 400)}


def test_the_schedule_is_the_stated_one_or_none() -> None:
    first, second = book().rules
    assert first.schedule is not None
    assert (first.schedule.hours, first.schedule.phase_hours, first.schedule.lag) == (8, 4, 1)
    assert second.schedule is not None
    assert first.build(CAP).settle.lag == 1
    for unknown in ('hours = "? varies", phase_hours = "4 @guide"', 'hours = "8 @guide", phase_hours = "? moved"'):
        assert book(('hours = "8 @guide", phase_hours = "4 @guide"', unknown)).rules[0].schedule is None
    late = book(('lag = "1 @guide"', 'lag = "? varies"')).rules[0]
    assert late.schedule is not None
    assert late.schedule.lag == 0


def test_the_lag_stands_in_one_place() -> None:
    assert "lag" in part_names("schedule")
    assert "lag" not in part_names("settle")


def test_a_rule_tells_its_needs_and_sources() -> None:
    rule = book().rules[0]
    assert rule.needs == ("cap",)
    assert rule.sources["formula.interest"] == "guide"
    assert "observe.kind" not in book().rules[1].sources


def test_dates_in_words() -> None:
    first, second = book().rules
    assert first.period == "the start to 2024-01-01T00:00:00Z"
    assert second.period == "2024-01-01T00:00:00Z to today"
