"""Does a mapping say what it says, and refuse what it cannot mean?"""

from __future__ import annotations

from pathlib import Path

import pytest

from perpscope.errors import InputError
from perpscope.sources.facts import KNOWN, read_columns
from perpscope.sources.mapping import mapping_of, read_mapping

GOOD = """
[[file]]
name = "a.parquet"
facts = { table = "funding", market = "linear", licence = "MIT", precedence = 3, source = "mine" }
map = [
  { when = { venue = "x", symbol = ["A", "B"] }, facts = { market = "inverse" } },
  { when = {}, facts = { rate_unit = "percent" } },
]
[[file]]
name = "prices_*.csv"
facts = { table = "prices" }
[[file]]
name = "*"
facts = { table = "contexts" }
"""


def written(folder: Path, content: str, name: str = "import.toml") -> Path:
    (folder / name).write_text(content, encoding="utf-8")
    return folder / name


def test_files_find_their_entry_by_name_then_by_pattern_in_order(tmp_path: Path) -> None:
    mapping = read_mapping(written(tmp_path, GOOD))
    tables = [mapping.entry(tmp_path / name).facts.get("table") for name in ("a.parquet", "prices_1h.csv", "other.json")]
    assert tables == ["funding", "prices", "contexts"]


def test_an_entry_tells_its_licence_rank_and_cases(tmp_path: Path) -> None:
    entry = read_mapping(written(tmp_path, GOOD)).entry(Path("a.parquet"))
    assert (entry.licence, entry.precedence) == ("MIT", 3)
    assert [case.when for case in entry.cases] == [(("venue", ("x",)), ("symbol", ("A", "B"))), ()]


def test_what_identifies_a_source_is_what_changes_the_meaning(tmp_path: Path) -> None:
    entry = read_mapping(written(tmp_path, GOOD)).entry(Path("a.parquet"))
    assert set(entry.identity()) == {"table", "market", "map"}
    other = read_mapping(written(tmp_path, GOOD.replace('licence = "MIT", precedence = 3', 'licence = "ISC", precedence = 0'))).entry(
        Path("a.parquet")
    )
    assert other.identity() == entry.identity()
    assert read_mapping(written(tmp_path, GOOD.replace("percent", "bp"))).entry(Path("a.parquet")).identity() != entry.identity()


def test_the_mapping_beside_a_file_speaks_unless_another_is_chosen(tmp_path: Path) -> None:
    written(tmp_path, '[[file]]\nname = "a.csv"\nfacts = { market = "spot" }\n')
    chosen = written(tmp_path, '[[file]]\nname = "a.csv"\nfacts = { market = "linear" }\n', "other.toml")
    path = tmp_path / "a.csv"
    assert mapping_of(path).entry(path).facts == {"market": "spot"}
    assert mapping_of(path, chosen).entry(path).facts == {"market": "linear"}
    elsewhere = tmp_path / "sub" / "a.csv"
    assert mapping_of(elsewhere).entry(elsewhere).facts == {}


@pytest.mark.parametrize(
    ("content", "named"),
    [
        ('[[file]]\nname = "a"\nfacts = { marke = "linear" }', "market"),
        ('[[file]]\nname = "a"\nfacts = { market = "perpetual" }', "spot, linear, inverse"),
        ('[[file]]\nname = "a"\nfacts = { rate_unit = "furlong" }', "percent"),
        ('[[file]]\nname = "a"\nfacts = { interval_hours = -8 }', "stamps"),
        ('[[file]]\nname = "a"\nfacts = { interval_hours = "often" }', "stamps"),
        ('[[file]]\nname = "a"\nfacts = { timezone = "Middle Earth" }', "Europe/London"),
        ('[[file]]\nname = "a"\nfacts = { close_at = "tea time" }', "UTC"),
        ('[[file]]\nname = "a"\nfacts = { stamp = "middle" }', "open"),
        ('[[file]]\nname = "a"\nfacts = { bar = "a while" }', "1h"),
        ('[[file]]\nname = "a"\nfacts = { observed_at = "2024-01-01T00:00:00" }', "zone"),
        ('[[file]]\nname = "a"\nfacts = { columns = "a, b" }', "->"),
        ('[[file]]\nname = "a"\nfacts = { precedence = "high" }', "whole number"),
        ('[[file]]\nname = "a"\nfact = {}', "facts, map, name"),
        ('[[file]]\nname = "a"\nmap = [ { if = {}, facts = {} } ]', "facts, when"),
        ('[[file]]\nname = "a"\nmap = [ { when = {}, facts = { licence = "MIT" } } ]', "whole file"),
        ('[[file]]\nfacts = { market = "spot" }', "name"),
        ('[[files]]\nname = "a"', "file"),
        ('[[file]\nname = "a"', "TOML"),
    ],
)
def test_what_is_unknown_is_refused_with_what_is_known(tmp_path: Path, content: str, named: str) -> None:
    with pytest.raises(InputError, match=r"import\.toml") as caught:
        read_mapping(written(tmp_path, content))
    assert named in str(caught.value)


def test_facts_may_stand_beside_the_name(tmp_path: Path) -> None:
    path = written(tmp_path, '[[file]]\nname = "a"\nlicence = "MIT"\nmarket = "spot"\nfacts = { market = "linear" }\n')
    assert read_mapping(path).entry(Path("a")).facts == {"licence": "MIT", "market": "linear"}


def test_columns_are_renamed_in_two_spellings() -> None:
    expected = {"f1_close": "BTC1!", "f2_close": "BTC2!"}
    assert read_columns("f1_close -> BTC1!, f2_close -> BTC2!") == expected
    assert read_columns(expected) == expected


def test_every_fact_says_what_it_means_and_which_values_it_takes() -> None:
    assert all(known.meaning and known.values for known in KNOWN.values())


@pytest.mark.needs_shared
def test_the_mapping_of_the_real_data_is_read_whole(shared: Path) -> None:
    mapping = read_mapping(shared / "data" / "import.toml")
    assert {name for name, _ in mapping.entries} == {path.name for path in (shared / "data").glob("*.parquet")}
