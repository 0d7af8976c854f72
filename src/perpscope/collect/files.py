"""Which files are meant by these paths?"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from perpscope.errors import InputError
from perpscope.sources.mapping import NAME

_ABOUT = ("readme", "licence", "license", "changelog", "notice")


def files_of(paths: Iterable[Path], mapping_file: Path | None = None) -> list[Path]:
    """List the files of paths, folders walked to their depth in order of name, each file once.

    In folders the mapping, files about the data (README, LICENSE ...) and hidden files are passed over; a file that is
    named is always taken.

    Raises
    ------
    InputError
        When a path is not there.
    """
    found: dict[Path, Path] = {}
    for path in paths:
        if path.is_dir():
            listed = sorted(each for each in path.rglob("*") if each.is_file() and _is_data(each.relative_to(path), each, mapping_file))
        elif path.exists():
            listed = [path]
        else:
            raise InputError(f"to import {path}", "there is no such file or folder", "Give files, or folders of files.")
        for each in listed:
            found.setdefault(each.resolve(), each)
    return list(found.values())


def _is_data(inside: Path, path: Path, mapping_file: Path | None) -> bool:
    if any(part.startswith(".") for part in inside.parts) or inside.name == NAME:
        return False
    if mapping_file is not None and path.resolve() == mapping_file.resolve():
        return False
    return not inside.name.lower().startswith(_ABOUT)
