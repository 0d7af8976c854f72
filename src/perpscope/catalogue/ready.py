"""Which ready examples are there, and who printed their numbers?

One TOML file each in `examples`: what a text prints about a trade or a strategy, word for word where it matters, with its source. Numbers
are read exactly. A user's own file of the same form is read by `parse_example`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources
from typing import Any

from perpscope.errors import CatalogueError, InputError
from perpscope.market.number import to_decimal

FOLDER = "examples"
UNSOURCED = ("example", "sources", "assumed")
"""Tables that need no source of their own: they print nothing, are sources, or say that they are assumed."""


@cache
def example_ids() -> tuple[str, ...]:
    """Names of all ready examples."""
    folder = resources.files("perpscope.catalogue").joinpath(FOLDER)
    return tuple(sorted(f.name.removesuffix(".toml") for f in folder.iterdir() if f.name.endswith(".toml")))


@cache
def load_example(name: str) -> Mapping[str, Any]:
    """Load one ready example by its name.

    Raises
    ------
    InputError
        When there is none of that name; the message lists what there is.
    CatalogueError
        When its file lacks a source.
    """
    if name.lower() not in example_ids():
        raise InputError(f"the example {name!r}", f"there are {', '.join(example_ids())}", "Name one of these, or a file of the same form.")
    text = resources.files("perpscope.catalogue").joinpath(FOLDER, f"{name.lower()}.toml").read_text(encoding="utf-8")
    return parse_example(text)


def parse_example(text: str) -> Mapping[str, Any]:
    """Read an example: tables of what was printed, each with a `source` of the table `sources`; decimals become exact fractions.

    Raises
    ------
    CatalogueError
        When it is no TOML, says not what it is, or a table has no source.
    """
    try:
        found = tomllib.loads(text, parse_float=to_decimal)
    except ValueError as problem:
        raise CatalogueError("an example", f"no TOML: {problem}", "Mend the file.") from None
    told = found.get("example", {})
    if not {"id", "kind", "about"} <= set(told):
        raise CatalogueError("an example", "no [example] with id, kind and about", "Say what it is.")
    known = found.get("sources", {})
    for name, table in _tables(found):
        if table.get("source") not in known:
            there = f"its source is {table.get('source')!r}, and sources are {', '.join(known) or 'none'}"
            raise CatalogueError(f"the table {name} of the example {told['id']}", there, "Name the source of each number.")
    return found


def _tables(found: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name, value in found.items():
        if name in UNSOURCED:
            continue
        for table in value if isinstance(value, list) else [value]:
            yield name, table
