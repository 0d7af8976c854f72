"""Are the floors of the house those of its contracts, and is everything below the line pure?"""

from __future__ import annotations

import ast
import tomllib
from typing import Any

from tests.house import tree

READS = ("read_", "scan_", "write_", "sink_")
CLOCKS = {"now", "utcnow", "today", "time_ns", "perf_counter", "monotonic"}
DOORS = {"open", "print", "input", "breakpoint", "__import__"}
HEAVY = {"polars", "numpy", "numba", "deltalake", "matplotlib", "duckdb", "pandas", "scipy"}


def contracts() -> dict[str, Any]:
    config = tomllib.loads((tree.ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return {contract["id"]: contract for contract in config["tool"]["importlinter"]["contracts"]}


def rooms() -> set[str]:
    """Rooms that hold at least one tracked module."""
    return {path.relative_to(tree.SOURCE).parts[0] for path in tree.source_modules() if path.parent != tree.SOURCE}


def test_every_room_stands_on_a_floor() -> None:
    layers = {part.strip().strip("()") for layer in contracts()["floors"]["layers"] for part in layer.split("|")}
    single = {path.stem for path in tree.source_modules() if path.parent == tree.SOURCE} - {"__init__"}
    assert rooms() | single <= layers


def test_the_contract_of_purity_covers_every_room_below_the_line() -> None:
    assert set(contracts()["no-io"]["source_modules"]) == {f"perpscope.{room}" for room in tree.BELOW if room in rooms()} | {
        "perpscope.errors",
        "perpscope.units",
    }


def test_below_the_line_nothing_opens_prints_reads_files_or_looks_at_the_clock() -> None:
    """What an import contract cannot see: built-in functions, readers of tables, clocks of imported classes."""
    impure = [
        f"{tree.name(path)}:{node.lineno} {call}"
        for path in tree.below_the_line()
        for node in ast.walk(tree.parsed(path))
        if isinstance(node, ast.Call) and (call := _impure(node.func, packaged="catalogue" in path.parts))
    ]
    assert impure == []


def _impure(called: ast.expr, *, packaged: bool) -> str | None:
    if isinstance(called, ast.Name) and called.id in DOORS:
        return called.id
    if not isinstance(called, ast.Attribute):
        return None
    if called.attr in CLOCKS:
        return called.attr
    if called.attr.startswith(READS) and not (packaged and called.attr in {"read_text", "read_bytes"}):
        return called.attr  # the catalogue reads its own packaged files, once
    return None


def test_only_private_modules_import_heavy_libraries_where_they_open() -> None:
    """Public modules import them inside the functions that use them, so that a start stays instant."""
    heavy = []
    for path in tree.source_modules():
        if path.stem.startswith("_") and path.stem != "__init__":
            continue
        for node in tree.parsed(path).body:
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            heavy += [f"{tree.name(path)}:{node.lineno} {name}" for name in names if name.split(".")[0] in HEAVY]
    assert heavy == []
