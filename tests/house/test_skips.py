"""Is a skipped test counted honestly, and a skipped data test a failure once the data is here?"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house import tree

TESTS = """
import pytest

def test_that_passes(): pass

def test_that_reads_data(shared): assert shared.is_dir()

@pytest.mark.needs_shared
def test_that_gives_up(): pytest.skip("not today")

def test_that_is_skipped(): pytest.skip("no tool")
"""


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    folder = tmp_path / "tests"
    folder.mkdir()
    shutil.copy(tree.ROOT / "tests" / "conftest.py", folder)
    (folder / "test_some.py").write_text(TESTS)
    return folder


def run(suite: Path, shared: Path, *args: str) -> list[str]:
    """Lines of the tally."""
    tally = suite.parent / "tally"
    environment = {**os.environ, "PERPSCOPE_SHARED": str(shared), "PERPSCOPE_TALLY": str(tally)}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *args, str(suite)]
    subprocess.run(command, check=False, capture_output=True, cwd=suite.parent, env=environment)
    return tally.read_text().splitlines()


@pytest.mark.parametrize("workers", [(), ("-n", "1")], ids=["alone", "in workers"])
def test_without_data_its_tests_are_skipped_with_the_reason(suite: Path, workers: tuple[str, ...]) -> None:
    counts, *skipped = run(suite, suite / "nowhere", *workers)
    assert counts == "1 0 3"
    reasons = sorted(line.split(": ")[1].split(" (")[0] for line in skipped)
    assert reasons == ["no tool", "the real data is absent", "the real data is absent"]


def test_with_data_a_skipped_data_test_fails(suite: Path, tmp_path: Path) -> None:
    counts, *skipped = run(suite, tmp_path)
    assert counts == "2 1 1"
    assert [line.rsplit(": ", 1)[1] for line in skipped] == ["no tool"]


def test_a_run_that_breaks_down_is_not_a_pass(suite: Path, tmp_path: Path) -> None:
    (suite / "test_some.py").write_text("import nothing_of_that_name\n")
    assert run(suite, tmp_path)[0].split()[:2] == ["0", "1"]
