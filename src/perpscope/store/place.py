"""Where is the store, and is this folder one?

A store is a folder with `store.json` (its format), `state.sqlite` (manifest and registry), `tables/` (one Delta table
each) and `locks/`. `store.json` comes last, so a folder that has it is complete.
"""

from __future__ import annotations

import json
import os
import re
import sys
from contextlib import suppress
from pathlib import Path

from perpscope.errors import StoreError
from perpscope.store import state
from perpscope.store.durable import TEMPORARY, disk, make_folders, write_new
from perpscope.store.lock import exclusive

FORMAT = 1
MARK = "store.json"
_OURS = {MARK, "state.sqlite", "state.sqlite-wal", "state.sqlite-shm", "state.sqlite-journal", "tables", "locks"}


def default_folder() -> Path:
    """Folder of the user's own store: PERPSCOPE_STORE, else the system's place for a user's data."""
    if stated := os.environ.get("PERPSCOPE_STORE"):
        return Path(stated).expanduser()
    home = Path.home()
    if sys.platform == "win32":
        data = Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local")
    elif sys.platform == "darwin":
        data = home / "Library" / "Application Support"
    else:
        stated = os.environ.get("XDG_DATA_HOME", "")
        data = Path(stated) if Path(stated).is_absolute() else home / ".local" / "share"
    return data / "perpscope" / "store"


def table_folder(folder: Path, table: str) -> Path:
    """Folder of one table."""
    return folder / "tables" / table


def lock_file(folder: Path, name: str) -> Path:
    """File whose lock a writer of `name` holds."""
    return folder / "locks" / f"{name}.lock"


def found(folder: Path) -> None:
    """Make a store of an absent or empty folder; harmless where there is one, or where two do it at once.

    A store whose state file was moved aside gets an empty one; importing the same sources again fills it.
    """
    if re.search("%[0-9A-Fa-f]{2}", str(folder.absolute())):  # deltalake 1.6 takes it for an escaped character and looks elsewhere
        raise StoreError(f"to make a store in {folder}", "a percent sign before two digits in the path", "Choose a folder of another name.")
    with disk(f"to make a store in {folder}"):
        strangers = sorted(each.name for each in folder.iterdir() if not _ours(each.name)) if folder.is_dir() else []
        if strangers and not (folder / MARK).exists():
            raise StoreError(f"to make a store in {folder}", f"the folder holds other things ({strangers[0]})", "Choose an empty folder.")
        make_folders(folder / "tables")
        make_folders(folder / "locks")
        with exclusive(lock_file(folder, "store")):
            if not (folder / state.NAME).exists():
                state.found(folder)
            if not (folder / MARK).exists():
                with suppress(FileExistsError):  # where locks do nothing, two may come here at once: with the same words
                    write_new(folder / MARK, json.dumps({"format": FORMAT, "kind": "perpscope store"}).encode() + b"\n")


def _ours(name: str) -> bool:
    return name in _OURS or name.startswith(TEMPORARY)


def verify(folder: Path) -> None:
    """Refuse a folder that is no store, or one of a format this version does not know."""
    asked = f"the store in {folder}"
    if not folder.exists():
        raise StoreError(asked, "no such folder", "Import something into it first, or choose another with --store.")
    with disk(asked):
        try:
            text = (folder / MARK).read_text(encoding="utf-8")
        except FileNotFoundError:
            raise StoreError(
                asked, f"not a store: it has no {MARK}", "Choose the folder of a store, or an empty one to make one."
            ) from None
    try:
        stated = json.loads(text)["format"]
    except (ValueError, KeyError, TypeError):
        raise StoreError(asked, f"{MARK} is not readable", "Restore that file, or import again into an empty folder.") from None
    if not isinstance(stated, int) or stated > FORMAT:
        raise StoreError(asked, f"format {stated}; this version knows up to {FORMAT}", "Use the newer version that made it.")
