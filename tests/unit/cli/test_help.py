"""Is every argument and option of every command explained in its help?"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from cyclopts import App

from perpscope.cli.app import app


def commands(at: App, path: tuple[str, ...] = ()) -> Iterator[tuple[str, App]]:
    """All commands below an app that run something, by name."""
    for name in at:
        if name.startswith("-"):
            continue
        each = at[name]
        if each.default_command is not None:
            yield " ".join((*path, name)), each
        yield from commands(each, (*path, name))


ALL = dict(commands(app))


def test_there_are_commands() -> None:
    assert {"price perp", "basis lockin", "risk funding", "premium noise", "forecast contest", "claims run", "theory check"} <= ALL.keys()


@pytest.mark.parametrize("name", ALL)
def test_every_argument_is_explained(name: str) -> None:
    collected = ALL[name].assemble_argument_collection(parse_docstring=True)
    assert [argument.name for argument in collected if argument.show and not argument.parameter.help] == []
