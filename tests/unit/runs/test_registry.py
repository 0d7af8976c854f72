"""Is the same question answered once, a changed one again, and a damaged answer never believed?"""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from perpscope.errors import StoreError
from perpscope.runs.executors.serial import Serial
from perpscope.runs.registry import Done, Job, Question, Registry, digest, do
from perpscope.store.durable import TEMPORARY
from tests.unit.runs import tasks

SHARED = np.arange(10.0)
ORDERS = [{"by": k} for k in range(5)]


def job(orders: list[dict[str, int]] | None = None, version: str = "1", data: str = "d") -> Job:
    return Job(tasks.scaled, version, SHARED, data, ORDERS if orders is None else orders)


def test_done_work_is_not_repeated(tmp_path: Path) -> None:
    registry = Registry(tmp_path / "runs")
    first = do(job(ORDERS[:3]), Serial(), registry)
    again = do(job(), Serial(), registry)
    assert (first.found, first.computed, again.found, again.computed) == (0, 3, 3, 2)
    assert do(job(), Serial()).results == again.results == tuple(tasks.scaled(SHARED, order) for order in ORDERS)


@pytest.mark.parametrize("changed", [job(version="2"), job(data="e"), job([{"by": k + 10} for k in range(5)])])
def test_another_question_is_computed(tmp_path: Path, changed: Job) -> None:
    registry = Registry(tmp_path)
    do(job(), Serial(), registry)
    assert do(changed, Serial(), registry).computed == 5


def test_a_damaged_file_is_computed_again(tmp_path: Path) -> None:
    registry = Registry(tmp_path)
    whole = do(job(), Serial(), registry)
    path = registry.path(job().questions[2])
    said = bytearray(path.read_bytes())
    said[-1] ^= 1
    path.write_bytes(said)
    again = do(job(), Serial(), registry)
    assert (again.found, again.computed, again.results) == (4, 1, whole.results)
    assert do(job(), Serial(), registry).found == 5


def test_progress_is_told_from_what_is_found_to_the_end(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    registry = Registry(tmp_path)
    do(job(ORDERS[:2]), Serial(), registry)
    do(job(), Serial(), registry, lambda done, every: told.append((done, every)))
    assert told == [(2, 5), (3, 5), (4, 5), (5, 5)]


def test_what_killed_writers_left_goes_after_a_day(tmp_path: Path) -> None:
    registry = Registry(tmp_path)
    do(job(), Serial(), registry)
    folder = registry.path(job().questions[0]).parent
    old, new = folder / f"{TEMPORARY}old", folder / f"{TEMPORARY}new"
    for each in (old, new):
        each.write_bytes(b"half")
    day_ago = time.time() - 90_000
    os.utime(old, (day_ago, day_ago))
    assert registry.tidy() == 1
    assert not old.exists()
    assert new.exists()
    assert Registry(tmp_path / "absent").tidy() == 0


def test_the_address_does_not_depend_on_the_order_of_words() -> None:
    one = Question("t", "1", {"a": 1, "b": [0.1, 2]}, "d")
    assert one.address == Question("t", "1", {"b": [0.1, 2], "a": 1}, "d").address
    assert len({one.address, Question("t", "1", {"a": 1.5, "b": [0.1, 2]}, "d").address}) == 2


def test_the_digest_tells_names_types_and_shapes_apart() -> None:
    a = np.arange(4.0)
    several: list[dict[str, Any]] = [{"a": a}, {"b": a}, {"a": a.astype("f4")}, {"a": a.reshape(2, 2)}, {"a": a, "b": 1}, {"a": a[::-1]}]
    assert len({digest(each) for each in several}) == len(several)
    assert digest({"a": np.arange(8.0)[::2]}) == digest({"a": np.arange(0.0, 8.0, 2.0)})


def test_a_disk_that_refuses_says_so(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    with pytest.raises(StoreError, match="part of the path is a file"):
        do(job(), Serial(), Registry(blocked))


def test_nothing_is_kept_where_nobody_asked() -> None:
    assert do(job(), Serial()) == Done(tuple(tasks.scaled(SHARED, order) for order in ORDERS), 0, 5)
