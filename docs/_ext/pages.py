"""Which pages are made from declarations? One per venue of the catalogue, one of all tables, one of all modules."""

from __future__ import annotations

import ast
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from perpscope.catalogue.load import load_venue, venue_ids
from perpscope.market.table import TABLES, Column, Table
from perpscope.market.time import to_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from perpscope.catalogue.schema import DatedRule, Source, Venue
    from perpscope.catalogue.sourced import Sourced

PUBLIC = ("errors", "units", "market", "mechanisms", "catalogue", "analysis")
"""Rooms whose functions a program may call; the rest is reached by the command line."""


def write(folder: Path) -> None:
    """Write every generated page; a page that has not changed keeps its time, so it is not built again."""
    pages = {"tables.md": tables_page(TABLES.values()), "modules.md": modules_page()}
    pages |= {f"venues/{venue}.md": venue_page(load_venue(venue)) for venue in venue_ids()}
    for name, text in pages.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
    for stale in (folder / "venues").glob("*.md"):
        if f"venues/{stale.name}" not in pages:
            stale.unlink()


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
    """Passport of one venue: its rules with their dates, what is unknown, and where every number comes from."""
    parts = [f"# {venue.name}", venue.about, f"Id `{venue.id}`" + (f", also known as {_codes(venue.aliases)}." if venue.aliases else ".")]
    parts.append(_grid(("in force", "rule", "status"), ((rule.period, f"`{rule.id}`", rule.status) for rule in venue.rules)))
    for rule in venue.rules:
        parts += [f"## {rule.id}", *_rule(rule)]
    if venue.contracts:
        parts += ["## Numbers of single contracts", _grid(("contracts", "in force", "what", "value", "source"), _contracts(venue))]
    if venue.unknown:
        parts += ["## What is unknown", "\n".join(f"- {_plain(line)}" for line in venue.unknown)]
    parts += ["## Sources", "\n".join(f"`{key}`\n: {_source(source)}\n" for key, source in venue.sources.items())]
    return "\n\n".join(part for part in parts if part) + "\n"


def _rule(rule: DatedRule) -> Iterator[str]:
    scope = [rule.status, rule.period]
    scope += [f"market list `{rule.market_list}`"] if rule.market_list else []
    scope += [f"only {', '.join(rule.markets)} contracts"] if rule.markets else []
    scope += [f"reading “{rule.reading}”"] if rule.reading else []
    yield f"*{'; '.join(scope)}*"
    yield _plain(rule.about)
    rows = [row for part, values in rule.parts.items() for row in _values(part, values)]
    yield _grid(("part", "what", "value", "source"), rows)
    if rule.doubts:
        yield "Doubts:\n\n" + "\n".join(f"- {_plain(doubt)}" for doubt in rule.doubts)


def _values(part: str, values: Mapping[str, Sourced]) -> Iterator[tuple[str, ...]]:
    for name, value in values.items():
        if value.known:
            yield part, name, f"`{_cell(value.text)}`", f"`{value.source}`"
        else:
            yield part, name, "unknown", _plain(value.reason)


def _contracts(venue: Venue) -> Iterator[tuple[str, ...]]:
    for entry in venue.contracts:
        for _, *cells in _values("", entry.numbers):
            yield f"`{_cell(entry.pattern)}`", f"{to_text(max(entry.since, 0))} to {to_text(entry.until)}", *cells


def _source(source: Source) -> str:
    said = "; ".join(_plain(text).rstrip(".") for text in (source.title, source.read, source.note) if text)
    return f"{said}. <{source.url}>" if source.url else f"{said}."


def _codes(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _plain(text: str) -> str:
    """Text that markup leaves alone."""
    for mark in "\\*_[]<>#`|":
        text = text.replace(mark, f"\\{mark}")
    return text


def _cell(code: str) -> str:
    """Code that does not end a table's cell."""
    return code.replace("|", "\\|")


def _grid(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("\n", " ") for cell in line) + " |" for line in lines)
