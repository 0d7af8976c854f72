"""What do disputed readings agree on?"""

from __future__ import annotations

from fractions import Fraction

import pytest

from perpscope.catalogue.load import load_venue, venue_ids
from perpscope.catalogue.readings import agreed, grouped, undisputed
from perpscope.errors import CatalogueError
from tests.unit.catalogue.books import book
from tests.unit.catalogue.test_parse import TWIN

FIRST = ('until = 2024-01-01T00:00:00Z\nstatus = "stated"', 'since = 2024-01-01T00:00:00Z\nstatus = "disputed"\nreading = "one"')
SECOND = (TWIN, TWIN.replace('"stated"', '"disputed"\nreading = "other"'))


def test_what_both_say_is_known_and_what_they_dispute_is_not() -> None:
    both = agreed(book(FIRST, SECOND).rules)
    assert both.parts["formula"]["damper"].text == "0.0005"
    assert both.parts["formula"]["cap"].text == "cap"
    for part, name in (("formula", "interest"), ("formula", "period"), ("reduce", "kind"), ("observe", "kind")):
        assert not both.parts[part][name].known
    assert "one: 0.0003; other: 0.0001" in both.parts["formula"]["interest"].reason
    assert "one: no such part; other: 8" in both.parts["formula"]["period"].reason
    assert both.id == "somewhere-1 or somewhere-2"
    with pytest.raises(CatalogueError, match="disputed"):
        both.build({"cap": Fraction(1, 100)})


def test_rules_without_a_dispute_stay() -> None:
    rules = book().rules
    assert undisputed(rules) == rules
    assert [len(group) for group in grouped(rules)] == [1, 1]


def test_readings_of_different_times_are_no_readings_of_one_rule() -> None:
    with pytest.raises(CatalogueError, match="same time and contracts"):
        agreed(book().rules)
    with pytest.raises(CatalogueError, match="none"):
        agreed(())


@pytest.mark.parametrize("venue", venue_ids())
def test_no_two_undisputed_rules_of_a_venue_are_sure_at_once(venue: str) -> None:
    rules = undisputed(load_venue(venue).rules)
    for rule in rules:
        for moment in (rule.since, rule.surely_since or 0, (rule.surely_until or rule.until) - 1):
            same = [r for r in rules if r.sure(moment) and r.market_list == rule.market_list and (not r.markets or not rule.markets)]
            assert len(same) <= 1, [r.id for r in same]
