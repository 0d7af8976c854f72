"""Do the pages say what the declarations say, and lead where they point?"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from docs._ext.docstrings import as_markup
from docs._ext.pages import tables_page, venue_page, write
from perpscope.catalogue.load import load_venue, venue_ids
from perpscope.market.table import TABLES
from tests.docs.blocks import ROOT, Block, commands, matches, pages

LINK = re.compile(r"!?\[[^\]]*\]\((?!\w+:)([^)#\s]+)")
PICTURE = re.compile(r"(?:src|srcset)=\"(?!\w+:)([^\"]+)\"")


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    targets = [found for pattern in (LINK, PICTURE) for found in pattern.findall(text)]
    assert [target for target in targets if "_generated" not in target and not (page.parent / target).exists()] == []


def test_the_page_of_tables_shows_every_column() -> None:
    page = tables_page(TABLES.values())
    for table in TABLES.values():
        assert f"## {table.name}" in page
        for column in table.columns:
            assert f"| `{column.name}` | {column.kind} |" in page


@pytest.mark.parametrize("venue", venue_ids())
def test_a_passport_shows_every_rule_every_number_and_every_source(venue: str) -> None:
    known = load_venue(venue)
    page = venue_page(known)
    for rule in known.rules:
        assert any(rule.id in line for line in page.splitlines() if line.startswith("## "))
        for part, values in rule.parts.items():
            for name, value in values.items():
                text = value.text.replace("|", "\\|")
                assert f"| {part} | {name} | " in page
                assert f"`{text}`" in page if value.known else "unknown" in page
    for key in known.sources:
        assert f"\n`{key}`\n: " in page


def test_pages_are_written_once_and_stale_ones_removed(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "venues" / "nowhere.md").write_text("gone")
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.md")}
    write(tmp_path)
    after = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.md")}
    assert after == {path: stamp for path, stamp in before.items() if path.name != "nowhere.md"}
    assert {path.stem for path in (tmp_path / "venues").iterdir()} == set(venue_ids())


def test_shown_output_is_compared_and_only_an_ellipsis_is_free() -> None:
    assert matches("a  1\n…\nend", "a  1\nb\nc\nend\n")
    assert matches("rate …%", "rate 0.01%\n")
    assert not matches("rate 0.01%", "rate 0.02%\n")
    assert not matches("a", "a\nb\n")
    assert matches("", "anything")


def test_commands_are_told_from_their_output() -> None:
    block = Block(ROOT / "README.md", 1, "console", "$ ./run a \\\n    b  # exit 1\nout\n  put\n$ ./run c\n")
    first, second = commands(block)
    assert (first.line, first.exit, first.shown) == ("./run a \\\n    b", 1, "out\n  put")
    assert (second.line, second.exit, second.shown) == ("./run c", 0, "")


def test_docstrings_become_rubrics_and_lists() -> None:
    ours = [
        "One line.",
        "",
        "Parameters",
        "----------",
        "a, b : bounds,",
        "both. c : another.",
        "d : int",
        "    kept",
        "",
        "Returns",
        "---",
        "x : y",
    ]
    moved = [".. rubric:: Parameters", "", "a, b", "    bounds,", "    both. c : another.", "d : int", "    kept", ""]
    assert list(as_markup(ours)) == ["One line.", "", *moved, ".. rubric:: Returns", "", "x : y"]
    assert list(as_markup([])) == []
