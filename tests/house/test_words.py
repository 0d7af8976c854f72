"""Do names say what things are? Empty names, traces of one machine and unexplained exceptions are refused."""

from __future__ import annotations

import re

import pytest

from tests.house import tree

EMPTY_NAMES = {"utils", "util", "common", "helpers", "helper", "base", "misc", "core", "lib"}
EMPTY_VERBS = ("get_", "process_", "handle_")
TRACES = {
    "an absolute path of one machine": r"(?<![\w.:\-/\]}])/(?:[r]oot|[w]ork|[h]ome|[t]mp|[U]sers|[o]pt|[v]ar/[t]mp)/[\w.]",
    "the host of a package registry": r"(?i)\b(?:pypi\.org|pythonhosted\.org|registry\.npmjs|deb\.debian\.org|proxy\.golang|crates\.io)\b",
    "how the text came about": r"(?i)\b(?:this|last|next|previous|earlier) [s]ession\b",
    "work left undone": r"\b(?:[T]ODO|[F]IXME|[X]XX|[H]ACK|NotImplemented[E]rror)\b",
}


def test_no_module_has_an_empty_name() -> None:
    stems = {tree.name(path): {*path.relative_to(tree.ROOT).parts[:-1], path.stem} for path in tree.modules()}
    empty = {name for name, parts in stems.items() for part in parts if EMPTY_NAMES & set(part.strip("_").split("_"))}
    assert empty == set()


def test_no_function_has_an_empty_verb_and_nothing_is_a_manager() -> None:
    empty = {
        f"{tree.name(path)}:{node.lineno} {node.name}"
        for path in tree.source_modules()
        for node in tree.definitions(path)
        if node.name.lstrip("_").startswith(EMPTY_VERBS) or "manager" in node.name.lower()
    }
    assert empty == set()


@pytest.mark.parametrize("what", TRACES)
def test_no_text_holds(what: str) -> None:
    pattern = re.compile(TRACES[what])
    found = [
        f"{tree.name(path)}:{number}: {match.group()}"
        for path, text in tree.texts()
        for number, line in enumerate(text.splitlines(), 1)
        if (match := pattern.search(line))
    ]
    assert found == []


@pytest.mark.parametrize(
    ("what", "text"),
    [
        ("an absolute path of one machine", "see /ho" + "me/ann/data"),
        ("the host of a package registry", "from https://" + "pypi" + ".org/simple"),
        ("how the text came about", "as the last " + "session did"),
        ("work left undone", "# TO" + "DO later"),
    ],
)
def test_the_patterns_see_what_they_look_for(what: str, text: str) -> None:
    assert re.search(TRACES[what], text)


def test_every_exception_gives_its_reason() -> None:
    """A silenced warning names its rule and says why on the same line."""
    silenced = re.compile(r"#\s*(?:noqa|type:\s*ignore|pragma:)")
    reasoned = re.compile(r"#\s*(?:noqa: [A-Z0-9, ]+|type: ignore\[[\w, -]+\]|pragma: [\w ]+)\s*(?:-|#|;|—)\s*\w.{3,}")
    bare = [
        f"{tree.name(path)}:{number}: {line.strip()}"
        for path in tree.modules()
        if path.name != "test_words.py"
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if silenced.search(line) and not reasoned.search(line)
    ]
    assert bare == []
