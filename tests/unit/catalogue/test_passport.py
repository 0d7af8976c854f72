"""Does a passport show everything a venue's file says?"""

from __future__ import annotations

import pytest

from perpscope.catalogue.dated import PARTS
from perpscope.catalogue.formula_text import in_symbols, in_words
from perpscope.catalogue.load import load_venue, venue_ids
from perpscope.catalogue.passport import Difference, diff, passport
from tests.unit.catalogue.books import book
from tests.unit.catalogue.test_readings import FIRST, SECOND

ALL_RULES = [(venue, rule.id) for venue in venue_ids() for rule in load_venue(venue).rules]


def test_what_changed_from_one_rule_to_the_next() -> None:
    first, second = book().rules
    found = {(d.part, d.name): d for d in diff(first, second)}
    assert found["formula", "interest"] == Difference("formula", "interest", "0.0003", "0.0001", "guide", "guide")
    assert found["formula", "period"] == Difference("formula", "period", "", "8", "", "guide")
    assert found["observe", "kind"].after == "unknown: the page does not say"
    assert ("formula", "damper") not in found
    assert diff(first, first) == []
    assert {(d.part, d.name, d.after, d.before) for d in diff(second, first)} == {
        (d.part, d.name, d.before, d.after) for d in found.values()
    }


def test_rules_of_two_venues_can_be_compared() -> None:
    one, other = load_venue("binanceusdm").rules[-1], load_venue("bybit").rules[-1]
    assert {(d.part, d.name) for d in diff(one, other)} >= {("formula", "period"), ("formula", "interest"), ("observe", "every_seconds")}


@pytest.mark.parametrize("venue", venue_ids())
def test_the_page_shows_every_number_with_its_source(venue: str) -> None:
    told = load_venue(venue)
    page = passport(told)
    assert page.startswith(f"# {told.name}\n")
    for rule in told.rules:
        for part in PARTS:
            for name, value in rule.parts[part].items():
                text = value.text.replace("|", "\\|")
                assert not value.known or any(f"| {part} | {name} |" in line and f"`{text}`" in line for line in page.splitlines())
        for line in (rule.about, *rule.doubts, rule.period):
            assert line.replace("_", "\\_") in page
    for key in told.sources:
        assert f"\n`{key}`\n: " in page
    for entry in told.contracts:
        assert all(f"| {name} |" in page for name in entry.numbers)
    assert page.count("\n## ") == len({line for line in page.splitlines() if line.startswith("## ")})


def test_readings_stand_side_by_side() -> None:
    page = passport(book(FIRST, SECOND))
    assert "## somewhere-1 or somewhere-2" in page
    assert "| part | what | one | other |  |" in page
    assert "| formula | interest | `0.0003` `guide` | `0.0001` `guide` | disputed |" in page
    assert "| formula | damper | `0.0005` `guide` | `0.0005` `guide` |  |" in page


def test_a_page_tells_the_history() -> None:
    page = passport(book())
    assert "Changed from `somewhere-1`:" in page
    assert "| formula.interest | `0.0003` | `0.0001` |" in page
    assert "| formula.change |  | unknown: its width is lost |" in page


def test_the_formula_in_symbols() -> None:
    first, second = book().rules
    assert in_symbols(first).splitlines() == [
        "p = (max(0, IB - X) - max(0, X - IA)) / X",
        "P = Σ p / n",
        "F = clamp(P + clamp(I - P, ±0.0005), -cap, cap)",
        "I = 0.0003 · N/24",
    ]
    assert in_symbols(second).splitlines()[2] == "F = clamp((P + clamp(I - P, ±0.0005)) · N/8, -cap, cap), at most ? from the rate before"


@pytest.mark.parametrize(("venue", "rule"), ALL_RULES)
def test_every_rule_is_told_in_words_and_symbols(venue: str, rule: str) -> None:
    told = next(r for r in load_venue(venue).rules if r.id == rule)
    words, symbols = in_words(told), in_symbols(told)
    assert words.endswith(".")
    assert "None" not in words + symbols
    assert sum(line.startswith("F = ") for line in symbols.splitlines()) == 1
    if told.parts["formula"].get("period") is not None:
        period = told.parts["formula"]["period"].text
        assert (f"N/({period})" if "/" in period else f"N/{period}") in symbols
