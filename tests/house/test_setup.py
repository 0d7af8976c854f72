"""Does `./run` prepare itself once, repair what was interrupted, and then keep out of the way?

A stand-in for the installer takes the place of the real one, so nothing is downloaded; the scripts are the real ones.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import pytest

from tests.house import tree

if TYPE_CHECKING:
    from collections.abc import Callable

SECOND_START_SECONDS = 0.1
INSTALLER = """#!/bin/sh
[ "$1" = --version ] && exit 0
echo "$*" >>"$INSTALLER_LOG"
[ -n "${INSTALLER_FAILS:-}" ] && exit 1
sleep "${INSTALLER_SLEEPS:-0}"
case "$*" in
*--editable*)
    cp "$INSTALLER_COMMAND" "${4%/*}/perpscope"
    ;;
esac
"""
COMMAND = """#!/bin/sh
echo "in $PWD: $* (${PYTHONDONTWRITEBYTECODE-unset})"
exit "${COMMAND_EXITS:-0}"
"""


@dataclass(frozen=True)
class Clone:
    """A copy of the set-up scripts in a folder of their own."""

    folder: Path
    log: Path
    environment: dict[str, str]

    def start(self, *args: str, cwd: Path | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
        command = [str(self.folder / "run"), *args]
        return subprocess.run(command, check=False, cwd=cwd, capture_output=True, text=True, env={**self.environment, **environment})

    def begin(self, **environment: str) -> subprocess.Popen[str]:
        command = [str(self.folder / "run")]
        pipe = subprocess.PIPE
        return subprocess.Popen(
            command, env={**self.environment, **environment}, stdout=pipe, stderr=pipe, text=True, start_new_session=True
        )

    @property
    def installs(self) -> int:
        """How often the lock was installed."""
        return self.log.read_text().count("--requirement") if self.log.exists() else 0


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    folder = tmp_path / "a folder with blanks" / "clone"
    (folder / "requirements").mkdir(parents=True)
    for name in ("run", "requirements/setup"):
        shutil.copy(tree.ROOT / name, folder / name)
    for name in ("requirements/run.lock", "requirements/dev.lock", "requirements/uv.lock", "pyproject.toml"):
        (folder / name).write_text(f"# {name}\n")
    tools = tmp_path / "tools"
    tools.mkdir()
    for name, text in (("uv", INSTALLER), ("command", COMMAND)):
        (tools / name).write_text(text)
        (tools / name).chmod(0o755)
    environment = {
        "PATH": f"{tools}:/usr/bin:/bin",
        "PERPSCOPE_PYTHON": sys.executable,
        "PYTHONDONTWRITEBYTECODE": "1",
        "INSTALLER_LOG": str(tmp_path / "log"),
        "INSTALLER_COMMAND": str(tools / "command"),
    }
    return Clone(folder, tmp_path / "log", environment)


def test_the_first_start_installs_the_run_lock_and_the_second_nothing(clone: Clone, tmp_path: Path) -> None:
    first = clone.start("audit", "a b", cwd=tmp_path)
    assert first.stdout == f"in {tmp_path}: audit a b (unset)\n"
    assert "run.lock" in clone.log.read_text()
    assert "dev.lock" not in clone.log.read_text()
    second = clone.start(COMMAND_EXITS="1")
    assert (second.returncode, second.stderr, clone.installs) == (1, "", 1)


def test_the_second_start_takes_no_time(clone: Clone) -> None:
    clone.start()

    def seconds() -> float:
        before = time.perf_counter()
        clone.start()
        return time.perf_counter() - before

    assert median(seconds() for _ in range(7)) < SECOND_START_SECONDS


@pytest.mark.parametrize("name", ["requirements/run.lock", "pyproject.toml"])
def test_a_changed_lock_or_configuration_is_installed(clone: Clone, name: str) -> None:
    clone.start()
    (clone.folder / name).write_text("# changed\n")
    assert clone.start().returncode == 0
    assert clone.installs == 2


def test_a_set_up_that_was_killed_is_done_afresh(clone: Clone) -> None:
    first = clone.begin(INSTALLER_SLEEPS="30")
    wait_for(lambda: clone.installs == 1)
    left = clone.folder / ".venv" / "half a package"
    left.touch()
    os.killpg(first.pid, signal.SIGKILL)
    first.communicate()
    second = clone.start()
    assert second.returncode == 0
    assert "interrupted" in second.stderr
    assert not left.exists()
    assert clone.installs == 2


def test_two_starts_at_once_install_once_and_both_run(clone: Clone) -> None:
    both = [clone.begin(INSTALLER_SLEEPS="0.5") for _ in range(2)]
    spoken = [start.communicate() for start in both]
    assert [start.returncode for start in both] == [0, 0]
    assert [out.startswith("in ") for out, _ in spoken] == [True, True]
    assert sum("waiting for it" in err for _, err in spoken) == 1
    assert clone.installs == 1


def test_a_folder_that_was_moved_is_set_up_again(clone: Clone) -> None:
    clone.start()
    moved = Clone(clone.folder.with_name("moved"), clone.log, clone.environment)
    clone.folder.rename(moved.folder)
    assert "moved" in moved.start().stderr
    assert moved.start().stderr == ""
    assert clone.installs == 2


def test_a_failed_set_up_says_so_and_is_tried_again(clone: Clone) -> None:
    (clone.folder / "requirements" / "run.lock").write_text("no requirement at all\n")
    failed = clone.start(INSTALLER_FAILS="1", PIP_NO_INDEX="1")
    assert failed.returncode == 3
    assert "could not be installed" in failed.stderr
    assert failed.stdout == ""
    assert clone.start().returncode == 0


def test_without_a_python_it_says_what_to_install(clone: Clone, tmp_path: Path) -> None:
    shims = tmp_path / "shims"
    shims.mkdir()
    for name in ("python3.14", "python3.13", "python3.12", "python3.11", "python3", "python"):
        (shims / name).write_text("#!/bin/sh\nexit 127\n")
        (shims / name).chmod(0o755)
    refused = clone.start(PERPSCOPE_PYTHON="", PATH=f"{shims}:{clone.environment['PATH']}")
    assert refused.returncode == 3
    assert "no Python 3.11 or newer" in refused.stderr


def wait_for(happened: Callable[[], bool]) -> None:
    for _ in range(200):
        if happened():
            return
        time.sleep(0.05)
    pytest.fail("it never happened")
