"""How do our docstrings become pages? Sections become rubrics, and `name : meaning` on one line an entry of a list."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

LISTS = {"Parameters", "Attributes"}
_ENTRY = re.compile(r"(?P<names>\w+(?:, \w+)*) : (?P<meaning>.+)")


def rewrite(*event: object) -> None:
    """Answer Sphinx; the lines of the docstring come last and are changed in place."""
    lines = event[-1]
    if isinstance(lines, list):
        lines[:] = list(as_markup(lines))


def as_markup(lines: list[str]) -> Iterator[str]:
    """Turn numpydoc into plain markup; an entry that already has an indented meaning is left alone."""
    section = ""
    for line, after in zip(lines, [*lines[1:], ""], strict=False):
        if _is_rule(after):
            section = line
            yield f".. rubric:: {line}"
        elif _is_rule(line):
            yield ""
        elif section in LISTS and line and not line.startswith(" "):
            yield from _entry(line, after)
        else:
            yield line


def _entry(line: str, after: str) -> Iterator[str]:
    entry = _ENTRY.fullmatch(line)
    if entry is None:
        yield f"    {line}"
    elif after.startswith(" "):
        yield line
    else:
        yield entry["names"]
        yield f"    {entry['meaning']}"


def _is_rule(line: str) -> bool:
    return set(line) == {"-"}
