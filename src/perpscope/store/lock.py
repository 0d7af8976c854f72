"""Who may write to this table now?

One writer at a time holds the lock of a table: an advisory lock of the kernel on a small file, gone the moment its
process ends, however it ends. Readers take none. Where the file system knows no such locks, correctness does not
rest on them: an entry of the log is created under a name that only one writer can claim, and the loser starts again.
"""

from __future__ import annotations

import errno
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from perpscope.errors import StoreError

PATIENCE_S = 600.0

if sys.platform == "win32":  # pragma: no cover - not run here: the same promise by that system's own call
    import msvcrt

    def _try(handle: int) -> None:
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _try(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)


_UNKNOWN = {errno.ENOLCK, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS}
_HELD = {errno.EAGAIN, errno.EWOULDBLOCK, errno.EACCES, errno.EDEADLK}


@contextmanager
def exclusive(path: Path, patience_s: float = PATIENCE_S) -> Iterator[None]:
    """Hold the lock of `path` (created where absent) for the length of the block.

    Raises
    ------
    StoreError
        When another writer still holds it after `patience_s` seconds.
    """
    handle = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o644)
    try:
        _wait(handle, path, patience_s)
        yield
    finally:
        os.close(handle)


def _wait(handle: int, path: Path, patience_s: float) -> None:
    until = time.monotonic() + patience_s
    pause = 0.001
    while True:
        try:
            _try(handle)
        except OSError as problem:
            if problem.errno in _UNKNOWN:
                return
            if problem.errno not in _HELD:
                raise
        else:
            return
        if time.monotonic() > until:
            raise StoreError(
                f"to write to the table {path.stem}",
                f"another writer has held it for {patience_s:g} s",
                "Wait until the other import ends, or end it: its lock goes with it.",
            )
        time.sleep(pause)
        pause = min(pause * 1.5, 0.02)
