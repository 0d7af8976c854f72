"""Has every venue of the catalogue its conformance, and every rule an example? A new venue that has none fails here."""

from __future__ import annotations

from perpscope.catalogue.load import load_venue, venue_ids
from tests.conformance.cases import DATA, document


def test_every_venue_has_its_data_and_its_file() -> None:
    assert {path.stem for path in DATA.glob("*.json")} == set(venue_ids())
    text = "".join(path.read_text(encoding="utf-8") for path in DATA.parent.glob("test_*.py"))
    assert [venue for venue in venue_ids() if f'venue = "{venue}"' not in text] == []


def test_rule_ids_are_unique_in_the_whole_catalogue() -> None:
    ids = [rule.id for venue in venue_ids() for rule in load_venue(venue).rules]
    assert len(ids) == len(set(ids))


def test_every_example_says_where_it_comes_from_and_how_it_was_worked() -> None:
    bare = [
        entry["id"]
        for venue in venue_ids()
        for entry in document(venue)["examples"]
        if not (entry["source"].strip() and entry["notes"].strip())
    ]
    assert bare == []
