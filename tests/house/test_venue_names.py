"""Does the source name a venue? Only the catalogue, sources, claims and scenarios may, so that a new venue stays local."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

from tests.house import tree

MAY_NAME = ("catalogue/venues", "sources", "claims", "simulation/scenarios")
ORDINARY = {
    "gate",
    "mark",
    "index",
    "base",
    "drift",
    "vertex",
    "aevo",
    "hl",
    "bin",
    "main",
    "spot",
    "kraken",
    "derive",
    "lighter",
    "orderly",
    "bullish",
    "injective",
    "zeta",
}
"""Names that are also words: looked for as a whole literal only."""


def names() -> set[str]:
    """Ids, names and aliases of all venues in the catalogue."""
    found: set[str] = set()
    for path in (tree.SOURCE / "catalogue" / "venues").glob("*.toml"):
        venue = tomllib.loads(path.read_text(encoding="utf-8"))["venue"]
        found |= {venue["id"], venue.get("name", ""), *venue.get("aliases", [])}
    return {name.lower() for name in found if name}


def checked() -> list[Path]:
    allowed = [tree.SOURCE / folder for folder in MAY_NAME]
    return [path for path in tree.source_modules() if not any(path.is_relative_to(folder) for folder in allowed)]


def test_the_catalogue_has_venues() -> None:
    assert names()


def test_the_source_names_no_venue_outside_its_places() -> None:
    known = names()
    pattern = re.compile(rf"(?<![\w/])(?:{'|'.join(map(re.escape, sorted(known - ORDINARY)))})(?![\w/])", re.IGNORECASE)
    named = []
    for path in checked():
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            named += [f"{tree.name(path)}:{number} {match.group()}" for match in pattern.finditer(line)]
        for node in ast.walk(tree.parsed(path)):
            if (
                isinstance(node, ast.Constant)
                and isinstance(node.value, str)
                and node.value.lower() in known & (ORDINARY - {"mark", "index"})
            ):
                named.append(f"{tree.name(path)}:{node.lineno} {node.value!r}")
    assert named == []
