"""Does tidying up change nothing that anybody can see?"""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

import polars as pl
import pytest

from perpscope.market.table import FUNDING
from perpscope.store import Store, upkeep
from perpscope.store.durable import TEMPORARY
from perpscope.store.place import table_folder
from perpscope.store.snapshot import read_rows, snapshot

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.store.conftest import Named, Rows


@pytest.fixture
def pieces(store: Store, funding: Rows, source: Named) -> tuple[Store, Path]:
    """A table of ten commits."""
    for i in range(10):
        store.write(FUNDING, funding(range(80 * i, 80 * i + 80, 8), source(str(i % 3))), source(str(i % 3)))
    return store, table_folder(store.folder, "funding")


def test_small_files_become_one_and_the_rows_stay(pieces: tuple[Store, Path]) -> None:
    store, folder = pieces
    before, version = store.read(FUNDING, current=False), store.versions()["funding"]
    store.compact()
    assert store.read(FUNDING, current=False).equals(before)
    seen = snapshot(folder)
    assert (seen.parts.height, seen.version) == (1, version + 1)
    assert pl.read_delta(str(folder)).height == before.height
    store.compact()
    assert store.versions()["funding"] == version + 1, "one file alone needs no joining"


def test_a_reader_with_an_old_list_keeps_its_files_for_a_day(pieces: tuple[Store, Path]) -> None:
    store, folder = pieces
    for each in folder.glob("*.parquet"):
        os.utime(each, (0, 0))  # written long ago
    old = snapshot(folder)
    store.compact()
    assert read_rows(FUNDING, old).height == 100
    store.compact(retention_hours=0)
    with pytest.raises(FileNotFoundError):
        read_rows(FUNDING, old)
    assert store.read(FUNDING).height == 100


def test_leftovers_go_when_they_are_old_and_data_never(pieces: tuple[Store, Path]) -> None:
    store, folder = pieces
    orphan, half = folder / "part-0.zstd.parquet", folder / "_delta_log" / f"{TEMPORARY}1"
    root = store.folder / f"{TEMPORARY}2"
    stranger = folder / "notes.txt"
    for each in (orphan, half, root, stranger):
        each.write_bytes(b"half")
    store.compact()
    assert all(each.exists() for each in (orphan, half, root, stranger))
    long_ago = time.time() - 25 * 3600
    for each in (orphan, half, root, stranger, *folder.glob("part-*")):
        os.utime(each, (long_ago, long_ago))
    store.compact()
    assert [each.exists() for each in (orphan, half, root, stranger)] == [False, False, False, True]
    assert store.read(FUNDING).height == 100


def test_the_log_is_summed_up_and_shortened(pieces: tuple[Store, Path]) -> None:
    store, folder = pieces
    store.compact(retention_hours=0)
    names = sorted(each.name for each in (folder / "_delta_log").iterdir())
    assert names == [f"{10:020d}.checkpoint.parquet", f"{10:020d}.json", "_last_checkpoint"]
    assert snapshot(folder).version == 10
    assert store.read(FUNDING).height == 100


def test_a_writer_tidies_up_by_itself(store: Store, funding: Rows, source: Named, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upkeep, "CHECKPOINT_EVERY", 4)
    monkeypatch.setattr(upkeep, "COMPACT_AT", 8)
    for i in range(9):
        store.write(FUNDING, funding([8 * i], source()), source())
    folder = table_folder(store.folder, "funding")
    assert snapshot(folder).parts.height == 2
    assert sorted(each.name for each in (folder / "_delta_log").glob("*.checkpoint.parquet")) == [
        f"{3:020d}.checkpoint.parquet",
        f"{8:020d}.checkpoint.parquet",
    ]
    assert store.read(FUNDING).height == 9


def test_joining_gives_way_to_a_faster_writer(pieces: tuple[Store, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    store, folder = pieces

    def taken(*_: object) -> None:
        raise FileExistsError

    files = set(folder.iterdir())
    monkeypatch.setattr(upkeep, "commit", taken)
    assert upkeep.compact(folder, FUNDING, 0) == 0
    assert set(folder.iterdir()) == files
    assert store.read(FUNDING).height == 100


def test_an_empty_table_needs_nothing(store: Store) -> None:
    assert upkeep.compact(table_folder(store.folder, "funding"), FUNDING, 0) == 0
    assert upkeep.clean(table_folder(store.folder, "funding")) == []
    store.compact()
