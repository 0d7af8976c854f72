"""Does the disk's refusal reach the reader in clear words, with nothing stored half?"""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from perpscope.errors import StoreError
from perpscope.market.table import FUNDING
from perpscope.store import Store, default_folder, durable, lock

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.unit.store.conftest import Named, Rows


@pytest.mark.parametrize(("number", "words"), [(errno.ENOSPC, "disk is full"), (errno.EDQUOT, "quota"), (errno.EIO, "disk failed")])
@pytest.mark.parametrize("file", ["parquet", "log"])
def test_a_full_disk_stores_nothing_half(
    store: Store, funding: Rows, source: Named, monkeypatch: pytest.MonkeyPatch, number: int, words: str, file: str
) -> None:
    store.write(FUNDING, funding([0], source()), source())
    real, left = durable.write_all, [0 if file == "parquet" else 1]

    def failing(handle: int, data: bytes) -> None:
        if not left[0]:
            real(handle, data[: len(data) // 2])
            raise OSError(number, os.strerror(number))
        left[0] -= 1
        real(handle, data)

    with monkeypatch.context() as patch:
        patch.setattr(durable, "write_all", failing)
        with pytest.raises(StoreError, match=words) as caught:
            store.write(FUNDING, funding([8, 16], source()), source())
    assert caught.value.do
    assert store.read(FUNDING).height == 1
    assert not list(store.folder.rglob(f"{durable.TEMPORARY}*"))
    assert store.write(FUNDING, funding([8, 16], source()), source()).added == 2


def test_a_real_limit_of_the_system_stores_nothing_half(tmp_path: Path) -> None:
    code = """
import resource, sys
import polars as pl
from pathlib import Path
from perpscope.errors import StoreError
from perpscope.market.table import PREMIUM_SAMPLES
from perpscope.store import Source, Store
store = Store.open(Path(sys.argv[1]), create=True)
told = Source(name="s", sha256="s", table="premium_samples")
who = {"venue": "v", "native_id": "n", "symbol": "A/B:B", "market": "linear", "market_list": "", "source": told.id}
frame = pl.DataFrame({"ts": pl.int_range(90_000, eager=True).cast(pl.Datetime("ms", "UTC"))})
frame = frame.with_columns(premium_frac=frame["ts"].hash(1) / 2**64, **{name: pl.lit(text) for name, text in who.items()})
frame = PREMIUM_SAMPLES.conform(frame)
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, resource.RLIM_INFINITY))
try:
    store.write(PREMIUM_SAMPLES, frame, told)
except StoreError as problem:
    print(problem)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
print(store.tables(), store.write(PREMIUM_SAMPLES, frame, told).added)
"""
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path / "s")], capture_output=True, text=True, check=True)
    assert "larger than is allowed" in done.stdout
    assert done.stdout.splitlines()[-1] == "[] 90000"


def test_a_refused_folder_is_named(store: Store, funding: Rows, source: Named, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: str, *_: object) -> int:
        raise PermissionError(errno.EACCES, "Permission denied", path)

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(StoreError, match=r"no permission \(") as caught:
        store.write(FUNDING, funding([0], source()), source())
    assert "--store" in caught.value.do


def test_a_folder_that_is_no_store_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no such folder"):
        Store.open(tmp_path / "absent")
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "mum.txt").write_text("hello")
    with pytest.raises(StoreError, match="not a store"):
        Store.open(tmp_path / "letters")
    with pytest.raises(StoreError, match=r"holds other things \(mum.txt\)"):
        Store.open(tmp_path / "letters", create=True)
    with pytest.raises(StoreError, match="part of the path is a file"):
        Store.open(tmp_path / "letters" / "mum.txt" / "store", create=True)


@pytest.mark.parametrize(("text", "words"), [('{"format": 2}', "knows up to 1"), ("{", "not readable"), ('{"format": "x"}', "format x")])
def test_a_newer_or_broken_mark_is_refused(store: Store, text: str, words: str) -> None:
    (store.folder / "store.json").write_text(text)
    with pytest.raises(StoreError, match=words):
        Store.open(store.folder)


def test_a_half_made_store_is_finished(tmp_path: Path) -> None:
    folder = tmp_path / "store"
    folder.mkdir()
    (folder / f"{durable.TEMPORARY}0").write_text("{")
    (folder / "tables").mkdir()
    assert Store.open(folder, create=True).tables() == []


def test_a_broken_log_is_an_error_and_not_an_empty_table(store: Store, funding: Rows, source: Named) -> None:
    store.write(FUNDING, funding([0], source()), source())
    entry = store.folder / "tables" / "funding" / "_delta_log" / f"{0:020d}.json"
    entry.write_text('{"add":')
    with pytest.raises(StoreError, match="log is not readable"):
        store.read(FUNDING)


def test_a_broken_state_is_an_error(store: Store, funding: Rows, source: Named) -> None:
    for each in store.folder.glob("state.sqlite*"):
        each.write_bytes(b"not a database at all")
    with pytest.raises(StoreError, match="state file answers"):
        store.write(FUNDING, funding([0], source()), source())


def test_missing_data_files_are_an_error(store: Store, funding: Rows, source: Named) -> None:
    store.write(FUNDING, funding([0], source()), source())
    for each in store.folder.rglob("*.parquet"):
        each.unlink()
    with pytest.raises(StoreError, match="absent"):
        store.read(FUNDING)


def test_everything_is_synced_before_it_is_reported(store: Store, funding: Rows, source: Named, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each new file is synced, then named, then its folder is synced; the data before the log."""
    seen: list[str] = []
    names = {"fsync": os.fsync, "link": os.link}

    def noting(name: str) -> Callable[..., object]:
        def note(*arguments: object) -> object:
            handle = arguments[0]
            path = str(Path(f"/proc/self/fd/{handle}").readlink()) if name == "fsync" else str(arguments[1])
            kind = "folder" if Path(path).is_dir() else "file"
            seen.append(f"{name} {kind} {'log' if '_delta_log' in path else 'data'}")
            return names[name](*arguments)  # type: ignore[operator]  # either of the two calls

        return note

    store.write(FUNDING, funding([0], source()), source())
    for name in names:
        monkeypatch.setattr(os, name, noting(name))
    store.write(FUNDING, funding([8], source()), source())
    assert seen == [
        *("fsync file data", "link file data", "fsync folder data"),
        *("fsync file log", "link file log", "fsync folder log"),
    ]


def test_a_writer_waits_for_the_lock_and_gives_up_in_the_end(tmp_path: Path) -> None:
    path = tmp_path / "funding.lock"
    with (
        lock.exclusive(path),
        pytest.raises(StoreError, match="another writer has held it"),
        lock.exclusive(path, patience_s=0.05),
    ):
        pytest.fail("two writers at once")
    with lock.exclusive(path, patience_s=0.05):
        pass


def test_without_hard_links_a_name_is_still_claimed_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.EPERM, "no links here")

    monkeypatch.setattr(os, "link", refuse)
    durable.write_new(tmp_path / "a", b"1")
    with pytest.raises(FileExistsError):
        durable.write_new(tmp_path / "a", b"2")
    assert (tmp_path / "a").read_bytes() == b"1"
    assert [each.name for each in tmp_path.iterdir()] == ["a"]


def test_the_user_s_own_store_has_a_place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("PERPSCOPE_STORE", str(tmp_path / "mine"))
    assert default_folder() == tmp_path / "mine"
    monkeypatch.delenv("PERPSCOPE_STORE")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    assert default_folder() == tmp_path / "data" / "perpscope" / "store"
    monkeypatch.setenv("XDG_DATA_HOME", "relative/is/ignored")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert default_folder() == tmp_path / ".local" / "share" / "perpscope" / "store"


def test_the_mark_says_the_format(store: Store) -> None:
    assert json.loads((store.folder / "store.json").read_text()) == {"format": 1, "kind": "perpscope store"}
