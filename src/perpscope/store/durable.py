"""When is a byte safe on the disk, and in which words does the disk refuse?

A file is first written under a temporary name and synced, then linked to its own name (which fails if the name is
taken) or moved over it, then its folder is synced. Nobody ever sees half of it, and what was reported written
survives a loss of power.
"""

from __future__ import annotations

import errno
import os
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

from perpscope.errors import StoreError

TEMPORARY = ".unfinished-"

_WORDS = {
    errno.ENOSPC: ("the disk is full", "Free some space and import again: nothing was stored half."),
    errno.EDQUOT: ("the disk quota is used up", "Free some space and import again: nothing was stored half."),
    errno.EFBIG: ("the file would be larger than is allowed here", "Raise the limit, or import in smaller pieces."),
    errno.EACCES: ("no permission", "Give this user the right to read and write the store's folder, or choose another with --store."),
    errno.EPERM: ("no permission", "Give this user the right to read and write the store's folder, or choose another with --store."),
    errno.EROFS: ("the disk is mounted for reading only", "Choose a folder on another disk with --store."),
    errno.EIO: ("the disk failed", "Check the disk; the rows reported as added before are kept."),
    errno.ENOTDIR: ("a part of the path is a file", "Choose a folder with --store."),
    errno.EEXIST: ("a file of that name is in the way", "Choose a folder with --store."),
}


@contextmanager
def disk(asked: str) -> Iterator[None]:
    """Turn an error of the disk into a `StoreError` that says what was asked, what is there and what to do."""
    try:
        yield
    except OSError as problem:
        there, do = _WORDS.get(problem.errno or 0, (problem.strerror or str(problem), "See whether the disk is well."))
        where = f" ({problem.filename})" if problem.filename else ""
        raise StoreError(asked, there + where, do) from problem
    except sqlite3.Error as problem:
        raise StoreError(asked, f"the state file answers: {problem}", _sqlite_advice(str(problem))) from problem


def _sqlite_advice(words: str) -> str:
    if "full" in words:
        return _WORDS[errno.ENOSPC][1]
    if "locked" in words:
        return "Another import is at work: wait until it ends, then try again."
    if "readonly" in words or "unable to open" in words:
        return _WORDS[errno.EACCES][1]
    return "If it persists, move state.sqlite aside and import again: it is rebuilt from the same sources."


def sync_folder(folder: Path) -> None:
    """Make the names inside `folder` durable (no-op where folders cannot be opened, as on Windows)."""
    if sys.platform == "win32":  # pragma: no cover - the journal of that file system does it
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_file(handle: int) -> None:
    """Make the bytes of an open file durable, down to the platter where the system has a call for it."""
    if sys.platform == "darwin":  # pragma: no cover - its fsync stops at the drive's cache
        import fcntl

        fcntl.fcntl(handle, fcntl.F_FULLFSYNC)
    else:
        os.fsync(handle)


def write_all(handle: int, data: bytes) -> None:
    """Write every byte (the one place through which all of the store's bytes go)."""
    view = memoryview(data)
    while view:
        view = view[os.write(handle, view) :]


def write_new(path: Path, data: bytes) -> None:
    """Create `path` with `data`, whole and durable.

    Raises
    ------
    FileExistsError
        When the name is taken: somebody else was first, and nothing was changed.
    """
    temporary = _written(path, data)
    try:
        _claim(temporary, path)
    finally:
        with suppress(OSError):
            temporary.unlink()
    sync_folder(path.parent)


def write_over(path: Path, data: bytes) -> None:
    """Create or replace `path` with `data` in one step, durable."""
    temporary = _written(path, data)
    temporary.replace(path)
    sync_folder(path.parent)


def make_folders(folder: Path) -> None:
    """Create a folder and those above it, each durable."""
    missing = [f for f in (folder, *folder.parents) if not f.exists()]
    for each in reversed(missing):
        each.mkdir(exist_ok=True)
        sync_folder(each.parent)


def _written(path: Path, data: bytes) -> Path:
    temporary = path.with_name(f"{TEMPORARY}{uuid4().hex}")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
    try:
        write_all(handle, data)
        sync_file(handle)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise
    finally:
        os.close(handle)
    return temporary


def _claim(temporary: Path, path: Path) -> None:
    try:
        os.link(temporary, path)
    except OSError as problem:
        if problem.errno not in {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS}:
            raise
        # A file system without hard links: the lock of the table keeps other writers away between the two steps.
        if path.exists():
            raise FileExistsError(errno.EEXIST, "taken", str(path)) from problem
        temporary.rename(path)
