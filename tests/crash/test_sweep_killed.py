"""Is a sweep that was killed at any moment finished by the next one, without doing anything twice, to the same bytes?"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from tests.unit.runs.swept import months

if TYPE_CHECKING:
    from pathlib import Path

ENTER = "from perpscope.cli.app import main; main()"
GRID = ("--enter", "0%..30%/20", "--exit=-30%..0%/20", "--train", "20", "--test", "4", "--draws", "50", "--format", "json")
ORDERS = 98
"""Of this grid: 400 sets in two orders for each of 49 windows."""


def line(store: Path, *more: str) -> list[str]:
    asked = ("--store", str(store), "carry", "sweep", "binanceusdm", "BTC/USDT:USDT", "--spot", "binance:BTC/USDT", *GRID, *more)
    return [sys.executable, "-c", ENTER, *asked]


def swept(store: Path, *more: str) -> tuple[bytes, int, int]:
    """Standard output, orders done, orders known before."""
    done = subprocess.run(line(store, *more), capture_output=True, check=True, timeout=300)
    counts = re.search(r"([\d,]+) pieces of work done by \w+, ([\d,]+) known before", done.stderr.decode())
    assert counts is not None, done.stderr
    return done.stdout, int(counts[1]), int(counts[2])


def kept(store: Path) -> int:
    return len(list((store / "runs").glob("*/*.run")))


def killed(store: Path, at_least: int, *more: str) -> int:
    """Start a sweep, end it by SIGKILL once so many results are there, and count them when all of it is gone."""
    with subprocess.Popen(line(store, *more), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        until = time.monotonic() + 120
        while kept(store) < at_least and process.poll() is None and time.monotonic() < until:
            time.sleep(0.002)
        process.kill()
    return kept(store)


@pytest.fixture(scope="module")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store that nobody swept."""
    return months(tmp_path_factory.mktemp("months")).folder


@pytest.fixture(scope="module")
def whole(untouched: Path, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """What a sweep prints that nobody disturbs."""
    store = tmp_path_factory.mktemp("whole") / "store"
    shutil.copytree(untouched, store)
    printed, done, known = swept(store)
    assert (done, known) == (ORDERS, 0)
    return printed


@pytest.mark.xdist_group("killed sweeps")
@pytest.mark.parametrize("executor", ["serial", "processes"])
def test_a_killed_sweep_goes_on_where_it_was(executor: str, tmp_path: Path, untouched: Path, whole: bytes) -> None:
    store = tmp_path / "store"
    shutil.copytree(untouched, store)
    more = ("--executor", executor, *(("--workers", "2") if executor == "processes" else ()))
    first = killed(store, 5, *more)
    second = killed(store, first + 5, *more) if executor == "serial" else first
    assert 5 <= first <= second < ORDERS, "it was not killed half way"
    again, done, known = swept(store, *more)
    assert (again, known) == (whole, second)
    assert done == ORDERS - second
