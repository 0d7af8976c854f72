"""Which pages are made from declarations? One per venue of the catalogue, one of all tables, one of all modules."""

from __future__ import annotations

import ast
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from perpscope.catalogue.load import load_venue, venue_ids
from perpscope.catalogue.passport import passport
from perpscope.market.table import TABLES, Column, Table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from perpscope.catalogue.schema import Venue

PUBLIC = ("errors", "units", "market", "mechanisms", "catalogue", "analysis")
"""Rooms whose functions a program may call; the rest is reached by the command line."""


def write(folder: Path) -> None:
    """Write every generated page; a page that has not changed keeps its time, so it is not built again."""
    _write(folder, {"tables.md": tables_page(TABLES.values()), "modules.md": modules_page()})
    write_passports(folder / "venues")


def write_passports(folder: Path) -> None:
    """Write the passport of every venue into a folder of its own, and remove those of venues that are gone."""
    pages = {f"{venue}.md": venue_page(load_venue(venue)) for venue in venue_ids()}
    _write(folder, pages)
    for stale in folder.glob("*.md"):
        if stale.name not in pages:
            stale.unlink()


def _write(folder: Path, pages: Mapping[str, str]) -> None:
    for name, text in pages.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")


def tables_page(tables: Iterable[Table]) -> str:
    """One section per declared table."""
    parts = ["# Tables", "What a store holds, column by column. The page is made from the declarations that also check every row."]
    for table in tables:
        parts += [f"## {table.name}", f"{table.meaning.capitalize()}.", f"A row is unique by {_codes(table.key)} and its source."]
        parts.append(_grid(("column", "type", "required", "bounds", "meaning"), map(_column, table.columns)))
    return "\n\n".join(parts) + "\n"


def _column(column: Column) -> tuple[str, ...]:
    low, high = (("" if bound is None else f"{bound:g}") for bound in (column.low, column.high))
    bounds = f"{low} to {high}" if low and high else f"≥ {low}" if low else f"≤ {high}" if high else ""
    positive = column.low is not None and 0 < column.low < 1e-300  # noqa: PLR2004 - the smallest float says "positive"
    return f"`{column.name}`", column.kind, "yes" if column.required else "", "> 0" if positive else bounds, column.meaning


def modules_page() -> str:
    """One section per public module, its docstrings read by autodoc."""
    parts = ["# Modules", "What a program can call. Everything below the line of the house is pure: it reads no file and no clock."]
    parts += [f"## {module}\n\n```{{eval-rst}}\n.. automodule:: {module}\n```" for module in _modules()]
    return "\n\n".join(parts) + "\n"


def _modules() -> Iterator[str]:
    root = Path(str(resources.files("perpscope")))
    for room in PUBLIC:
        paths = [root / f"{room}.py"] if (root / f"{room}.py").exists() else sorted((root / room).glob("*.py"))
        for path in paths:
            if not path.stem.startswith("_") and ast.parse(path.read_text(encoding="utf-8")).body:
                yield ".".join(("perpscope", *path.relative_to(root).with_suffix("").parts))


def venue_page(venue: Venue) -> str:
    """Passport of one venue: its rules with their dates, what changed, what is unknown, and where every number comes from."""
    return passport(venue)


def _codes(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _grid(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("\n", " ") for cell in line) + " |" for line in lines)
