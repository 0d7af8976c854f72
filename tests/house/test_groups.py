"""Do tests of one group share a worker, and with it what it has made? The name of the group must stand in the test's own."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

TESTS = "tests/unit/claims/test_all.py::test_both_languages_say_the_same_numbers"


def test_a_group_stays_on_one_worker(root: Path) -> None:
    line = [sys.executable, "-m", "pytest", "-n", "2", "--dist", "loadgroup", "-v", "-p", "no:cacheprovider", TESTS]
    done = subprocess.run(line, cwd=root, capture_output=True, text=True, check=False)
    told = [text for text in done.stdout.splitlines() if "PASSED" in text]
    assert len(told) > 10, done.stdout
    assert len({text.partition("]")[0] for text in told}) == 1
