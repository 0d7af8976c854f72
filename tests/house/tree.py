"""What does the house consist of? The files under version control, read once."""

from __future__ import annotations

import ast
import subprocess
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "perpscope"
BELOW = ("market", "mechanisms", "catalogue", "analysis", "trading", "simulation")

Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef
Named: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@cache
def tracked() -> tuple[Path, ...]:
    """Files under version control that are there, sorted."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return tuple(sorted(ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()))


@cache
def texts() -> tuple[tuple[Path, str], ...]:
    """Tracked files that are text, with their text."""
    found = []
    for path in tracked():
        content = path.read_bytes()
        if b"\0" not in content[:8192]:
            found.append((path, content.decode("utf-8")))
    return tuple(found)


@cache
def modules() -> tuple[Path, ...]:
    """Tracked Python modules."""
    return tuple(path for path in tracked() if path.suffix == ".py")


@cache
def source_modules() -> tuple[Path, ...]:
    """Tracked modules of the package."""
    return tuple(path for path in modules() if path.is_relative_to(SOURCE))


@cache
def below_the_line() -> tuple[Path, ...]:
    """Tracked modules of the rooms that do no I/O, and the two single files under them."""
    rooms = {SOURCE / room for room in BELOW}
    single = {SOURCE / "errors.py", SOURCE / "units.py"}
    return tuple(path for path in source_modules() if path in single or rooms & set(path.parents))


@cache
def parsed(path: Path) -> ast.Module:
    """Syntax tree of one module."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def functions(path: Path) -> Iterator[Function]:
    """Every function and method of a module, nested ones too."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def definitions(path: Path) -> Iterator[Named]:
    """Every function, method and class of a module."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node


def name(path: Path) -> str:
    """Path as it is written in messages."""
    return path.relative_to(ROOT).as_posix()
