"""Is a venue file that is wrong refused, and does the error say where?"""

from __future__ import annotations

import pytest

from perpscope.catalogue.parse import parse_venue
from perpscope.errors import CatalogueError
from tests.unit.catalogue.books import BOOK, book

TWIN = 'id = "somewhere-2"\nsince = 2024-01-01T00:00:00Z\nstatus = "stated"'


def test_the_small_book_is_sound() -> None:
    venue = book()
    assert [rule.id for rule in venue.rules] == ["somewhere-1", "somewhere-2"]


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("[venue]", "[venue", "broken TOML"),
        ("[venue]", "[other]\nx = 1\n[venue]", "has other"),
        ('about = "An invented venue."', "", "has no about"),
        ('about = "An invented venue."', 'about = "x"\nlicence = "y"', "has licence"),
        ('read = "invented"', "", "has no read"),
        ('read = "invented"', 'read = "x"\npage = "7"', "has page"),
        ("(?P<quote>USDT)'", "(?P<quote>USDT'", "the pattern"),
        ('settle = "=quote"', 'settles = "=quote"', "has settles"),
        ("until = 2024-01-01T00:00:00Z", 'until = "soon"', "'soon' is not a moment"),
        ("until = 2024-01-01T00:00:00Z", "until = 2024-01-01T00:00:00", "is not a moment"),
        ("since = 2024-06-01T00:00:00Z", "since = 7", "is not a moment"),
        ('status = "stated"', 'status = "certain"', "status certain"),
        ('status = "stated"', "", "has no status"),
        ('status = "stated"', 'status = "stated"\nvolume = 3', "has volume"),
        ('status = "stated"', 'status = "disputed"', "reading ''"),
        ('status = "stated"', 'status = "stated"\nreading = "mine"', "reading 'mine'"),
        ('status = "stated"', 'status = "stated"\npreferred = true', "A disputed rule names its reading"),
        ('status = "stated"', 'status = "stated"\nmarkets = ["round"]', "markets round"),
        ("until = 2024-01-01T00:00:00Z", "since = 2025-01-01T00:00:00Z\nuntil = 2024-01-01T00:00:00Z", "dates rise"),
        ("impact_band @guide", "glance @guide", "glance"),
        ('reduce = { kind = "mean @guide" }', 'reduce = { kind = "average @guide" }', "'average'"),
        (
            'reduce = { kind = "mean @guide" }',
            'reduce = { kind = "mean @guide", half_life_hours = "1 @guide" }',
            "mean has no half_life_hours",
        ),
        ('reduce = { kind = "mean @guide" }', 'reduce = { kind = "mean @guide", speed = "1 @guide" }', "reduce has speed"),
        ("interest_per =", 'combine = "sum @guide", interest_per =', "combine='sum'"),
        ('"0.0003 @guide"', '"0.0003 @nowhere"', "no source nowhere"),
        ('"0.0003 @guide"', '"0.0003 percent @guide"', "not an expression"),
        ('"0.0003 @guide"', '"sorted(cap) @guide"', "not a plain expression"),
        ('"0.0003 @guide"', '"cap if cap else 1 @guide"', "not a plain expression"),
        ('phase_hours = "4 @guide"', 'phase_hours = "8 @guide"', "phase"),
        ('lag = "1 @guide"', 'lag = "2 @guide"', "lag 2"),
        ('price = "mark @guide", flow = "stamp @guide"', 'price = "mark @guide", flow = "weekly @guide"', "'weekly'"),
        ('"formula.interest" = "0 @guide"', '"formula.lending" = "0 @guide"', "no part formula.lending"),
        ("0.75*maintenance_margin", "0.75*(maintenance_margin", "not an expression"),
        ('id = "somewhere-2"', 'id = "somewhere-1"', "two rules named somewhere-1"),
        ("since = 2024-01-01T00:00:00Z", "since = 2023-12-01T00:00:00Z", "overlap"),
    ],
)
def test_what_is_wrong_is_named(old: str, new: str, says: str) -> None:
    with pytest.raises(CatalogueError) as caught:
        book((old, new))
    assert says in str(caught.value)
    assert caught.value.do


def test_a_venue_file_without_a_venue() -> None:
    with pytest.raises(CatalogueError, match="has no venue"):
        parse_venue("")


def test_two_readings_of_the_same_dates_stand_only_when_both_are_disputed() -> None:
    first = ('until = 2024-01-01T00:00:00Z\nstatus = "stated"', 'since = 2024-01-01T00:00:00Z\nstatus = "disputed"\nreading = "one"')
    both = book(first, (TWIN, TWIN.replace('"stated"', '"disputed"\nreading = "other"')))
    assert len(both.at(both.rules[0].since)) == 2
    with pytest.raises(CatalogueError, match="overlap"):
        book(first)
    with pytest.raises(CatalogueError, match="overlap"):
        book(first, (TWIN, TWIN.replace('"stated"', '"disputed"\nreading = "one"')))


def test_neighbours_may_overlap_where_neither_is_sure() -> None:
    """The change came between two days: in between either rule may have been in force, and both say so."""
    late = ("until = 2024-01-01T00:00:00Z", "until = 2024-01-05T00:00:00Z\nsurely_until = 2024-01-01T00:00:00Z")
    early = ("since = 2024-01-01T00:00:00Z", "since = 2024-01-01T00:00:00Z\nsurely_since = 2024-01-05T00:00:00Z")
    venue = book(late, early)
    between = (venue.rules[0].until + venue.rules[1].since) // 2
    assert len(venue.at(between)) == 2
    assert [rule.sure(between) for rule in venue.rules] == [False, False]
    assert "surely" in venue.rules[0].period
    for one in ((late,), (late, ("since = 2024-01-01T00:00:00Z", "since = 2024-01-01T00:00:00Z\nsurely_since = 2024-01-04T00:00:00Z"))):
        with pytest.raises(CatalogueError, match="overlap"):
            book(*one)


def test_a_rule_may_never_be_sure() -> None:
    rule = book((TWIN, TWIN + '\nsurely_since = "never"')).rules[1]
    assert not rule.sure(rule.since)
    assert "unproven" in rule.period


def test_rules_of_other_lists_and_kinds_do_not_meet() -> None:
    second = ("since = 2024-01-01T00:00:00Z\nstatus", 'market_list = "*"\nstatus')
    assert len(book(second).rules) == 2
    linear = ("until = 2024-01-01T00:00:00Z\n", 'markets = ["linear"]\n')
    inverse = ("since = 2024-01-01T00:00:00Z\nstatus", 'markets = ["inverse"]\nstatus')
    venue = book(linear, inverse)
    assert [rule.id for rule in venue.at(0, market="inverse")] == ["somewhere-2"]
    assert len(venue.at(0)) == 2


def test_the_book_is_read_as_it_stands() -> None:
    assert BOOK.count("[[rule]]") == 2
