"""Does every file answer one question? Files, functions and their medians stay small."""

from __future__ import annotations

from statistics import median

from tests.house import tree

FILE_LINES = 400
FILE_MEDIAN = 150
FUNCTION_LINES = 70
WRITTEN_BY_HAND = {".py", ".sh", ".ts", ".js", ".css", ".html", ".jinja", ""}


def test_no_file_is_longer_than_a_reader_can_hold() -> None:
    lengths = {
        tree.name(path): text.count("\n") for path, text in tree.texts() if path.suffix in WRITTEN_BY_HAND and path.name != "LICENSE"
    }
    assert {name: lines for name, lines in lengths.items() if lines > FILE_LINES} == {}


def test_the_median_file_of_the_package_is_short() -> None:
    assert median(len(path.read_text(encoding="utf-8").splitlines()) for path in tree.source_modules()) <= FILE_MEDIAN


def test_no_function_is_longer_than_a_page() -> None:
    long = {
        f"{tree.name(path)}:{node.lineno} {node.name}": lines
        for path in tree.modules()
        for node in tree.functions(path)
        if (lines := (node.end_lineno or node.lineno) - node.lineno + 1) > FUNCTION_LINES
    }
    assert long == {}


def test_how_we_write_here_is_short() -> None:
    assert len((tree.ROOT / "HOUSE.md").read_text(encoding="utf-8").splitlines()) <= FILE_MEDIAN
