"""Does every ready example state the source of what it prints, in the words of the text?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from perpscope.catalogue.ready import example_ids, load_example, parse_example
from perpscope.errors import CatalogueError, InputError

ARTICLE_C = "004_*.txt"
HEAD = '[example]\nid = "x"\nkind = "trade"\nabout = "y"\n[sources.s]\ntitle = "t"\n'


def test_there_are_examples() -> None:
    assert {"coinflex"} <= set(example_ids())


def test_unknown_names_are_answered_with_the_known_ones() -> None:
    with pytest.raises(InputError, match="coinflex"):
        load_example("nothing")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[", "no TOML"),
        ("[other]\nx = 1\n", "id, kind and about"),
        (f"{HEAD}[capital]\nx = 1\n", "source is None"),
        (f'{HEAD}[[figure]]\nsource = "elsewhere"\n', "'elsewhere', and sources are s"),
    ],
)
def test_what_lacks_a_source_is_refused(text: str, says: str) -> None:
    with pytest.raises(CatalogueError, match=says):
        parse_example(text)


def test_decimals_are_exact() -> None:
    found = parse_example(f'{HEAD}[capital]\nsource = "s"\nx = 0.1\n')
    assert found["capital"]["x"] * 10 == 1


def quoted(found: Mapping[str, Any]) -> Iterator[str]:
    """Yield all words that an example says its text contains."""
    for value in found.values():
        for table in value if isinstance(value, list) else [value]:
            yield from (text for name, text in table.items() if name in {"says", "net_says"})


def test_the_words_quoted_stand_in_the_article(shared: Path) -> None:
    article = next((shared / "sources").glob(ARTICLE_C)).read_text(encoding="utf-8")
    words = list(quoted(load_example("coinflex")))
    assert len(words) > 8
    assert [word for word in words if word not in article] == []


def test_the_numbers_stand_in_the_words_quoted() -> None:
    for figure in load_example("coinflex")["figure"]:
        said = figure["says"].replace("，", "").replace(" ", "")
        assert figure["profit"] in said
        assert figure["yield"] in said
