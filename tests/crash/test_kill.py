"""Does anything get lost, torn or doubled when writers are killed at any moment?

Two importers write the same two sources at once while a reader reads in a loop; at 50 random moments one of the
importers, or both, are killed with SIGKILL.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING

import polars as pl
import pytest

from perpscope.market.table import FUNDING
from perpscope.store import Store
from perpscope.store.snapshot import snapshot
from tests.crash import nursery

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

HERE = Path(__file__).parent
STORES = 10
MOMENTS = 5  # per store: 50 kills in all
PARTS = 2  # batches per source that each moment adds
WITHIN_S = 0.03  # a kill falls this long after a randomly chosen batch at most: about what one write takes
SEED = 20_160_514


class Nursery:
    """Forks writers and readers from one warm process."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process

    def start(self, *order: object) -> int:
        _pipe(self.process.stdin).write(json.dumps(order) + "\n")
        _pipe(self.process.stdin).flush()
        return int(_pipe(self.process.stdout).readline())


@pytest.fixture(scope="module")
def children() -> Iterator[Nursery]:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment["POLARS_MAX_THREADS"] = "1"
    with subprocess.Popen(
        [sys.executable, str(HERE / "nursery.py")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    ) as process:
        yield Nursery(process)
        _pipe(process.stdin).close()


@pytest.mark.parametrize("number", range(STORES))
def test_killed_importers_lose_tear_and_double_nothing(number: int, children: Nursery, tmp_path: Path) -> None:
    chance = random.Random(SEED + number)  # noqa: S311 - moments, not secrets
    folder, log = tmp_path / "store", tmp_path / "log.txt"
    log.touch()
    reader = children.start("read", str(folder), str(log))
    try:
        for moment in range(MOMENTS):
            _one_moment(children, folder, log, moment, chance)
            _nothing_amiss(folder, log)
    finally:
        os.kill(reader, signal.SIGKILL)
    assert "read " in log.read_text(), "the reader never got to read"
    _second_import_completes(folder, MOMENTS * PARTS)


def _one_moment(children: Nursery, folder: Path, log: Path, moment: int, chance: random.Random) -> None:
    span = (moment * PARTS, (moment + 1) * PARTS)
    writers = [children.start("write", str(folder), str(log), *span, order) for order in ([0, 1], [1, 0])]
    lines = _reports(log) + chance.randrange(2 * nursery.SOURCES * PARTS)
    _until(lambda: _reports(log) >= lines or not any(map(_alive, writers)))
    time.sleep(chance.uniform(0.0, WITHIN_S))
    doomed = chance.choice([writers[:1], writers[1:], writers])
    for each in doomed:
        _kill(each)
    _until(lambda: not any(map(_alive, writers)))


def _nothing_amiss(folder: Path, log: Path) -> None:
    lines = log.read_text().splitlines()
    assert [line for line in lines if line.startswith("TORN")] == []
    reported: Counter[tuple[int, int]] = Counter()
    for line in lines:
        if line.startswith("added"):
            number, part, rows = map(int, line.split()[1:])
            reported[number, part] += rows
    assert max(reported.values(), default=0) <= nursery.ROWS, "a batch was added twice"
    kept = _batches(Store.open(folder).read(FUNDING, current=False)) if (folder / "store.json").exists() else {}
    for (number, part), rows in reported.items():
        assert rows == 0 or (nursery.source(number).id, part) in kept, f"batch {part} of source {number} was reported and is lost"
    for (source, part), frame in kept.items():
        number = next(n for n in range(nursery.SOURCES) if nursery.source(n).id == source)
        assert frame.sort("ts").equals(nursery.batch(number, part)), f"batch {part} of source {number} is torn"


def _second_import_completes(folder: Path, parts: int) -> None:
    store = Store.open(folder, create=True)
    everything = [(number, part) for number in range(nursery.SOURCES) for part in range(parts)]
    for number, part in everything:
        written = store.write(FUNDING, nursery.batch(number, part), nursery.source(number))
        assert (written.added, written.present) in {(nursery.ROWS, 0), (0, nursery.ROWS)}
        assert written.conflicting.is_empty()
    assert all(store.write(FUNDING, nursery.batch(n, p), nursery.source(n)).added == 0 for n, p in everything[:3])
    rows = store.read(FUNDING, current=False)
    expected = pl.concat([nursery.batch(number, part) for number, part in everything])
    assert rows.equals(expected.sort(["venue", "market_list", "native_id", "ts", "source"]))
    assert store.sources().select("state", "rows_stored").rows() == [("complete", parts * nursery.ROWS)] * nursery.SOURCES
    store.compact(retention_hours=0)
    folder = folder / "tables" / "funding"
    named = set(snapshot(folder).parts["path"])
    assert {each.name for each in folder.iterdir()} == named | {"_delta_log"}, "leftovers of killed writers stay behind"
    assert pl.read_delta(str(folder)).height == expected.height, "another reader of Delta sees something else"


def _batches(rows: pl.DataFrame) -> dict[tuple[str, int], pl.DataFrame]:
    return {(str(source), int(str(mark).split(".")[0]) - 1): frame for (source, mark), frame in rows.group_by("source", "mark_price_quote")}


def _kill(process: int) -> None:
    with suppress(ProcessLookupError):  # it was done already; that moment lies after the end
        os.kill(process, signal.SIGKILL)


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def _reports(log: Path) -> int:
    return log.read_text().count("added")


def _until(done: Callable[[], bool], patience_s: float = 60.0) -> None:
    until = time.monotonic() + patience_s
    while not done():
        if time.monotonic() > until:
            pytest.fail(f"the writers did not end within {patience_s:g} s")
        time.sleep(0.002)


def _pipe(pipe: IO[str] | None) -> IO[str]:
    assert pipe is not None
    return pipe
