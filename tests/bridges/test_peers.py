"""Are the other engines pinned by hash, no part of what ships, and is `requirements/peers` honest about what it could not do?"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.bridges import peers
from tests.bridges.peers import ENGINES, ROOT, python_of

LOCKS = sorted((ROOT / "requirements").glob("peers-*.txt"))
INSTALLER = """#!/bin/sh
[ "$1" = --version ] && exit 0
echo "$*" >>"$INSTALLER_LOG"
exit "${INSTALLER_EXITS:-0}"
"""


def test_every_engine_has_a_lock_and_every_lock_an_engine() -> None:
    assert [path.stem.removeprefix("peers-") for path in LOCKS] == sorted(ENGINES)


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.stem)
def test_a_lock_pins_by_hash_and_names_no_host(lock: Path) -> None:
    text = lock.read_text(encoding="utf-8")
    assert "://" not in text
    entries = [entry for entry in re.split(r"^(?=\S)", text, flags=re.MULTILINE) if entry.strip()]
    assert entries
    assert [entry.split()[0] for entry in entries if "==" not in entry.split()[0] or "--hash=sha256:" not in entry] == []


def test_nothing_that_ships_depends_on_them() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    asked = (
        str(project["project"]["dependencies"]) + str(project["dependency-groups"]) + str(project["project"].get("optional-dependencies"))
    )
    locked = "".join((ROOT / "requirements" / f"{name}.lock").read_text(encoding="utf-8") for name in ("run", "dev"))
    assert [name for name in ("vectorbt", "freqtrade", "nautilus") if name in asked.lower() or name in locked.lower()] == []


def test_an_engine_that_is_not_there_is_skipped_with_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peers, "ROOT", tmp_path)
    with pytest.raises(pytest.skip.Exception, match="vectorbt is not installed: requirements/peers vectorbt installs it"):
        python_of("vectorbt")


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A checkout with the script, one lock, and a stand-in for the installer."""
    folder = tmp_path / "a folder with blanks"
    (folder / "requirements").mkdir(parents=True)
    shutil.copy(ROOT / "requirements" / "peers", folder / "requirements")
    (folder / "requirements" / "peers-vectorbt.txt").write_text("# lock\n")
    tools = folder / ".venv" / "tools" / "bin"
    tools.mkdir(parents=True)
    (tools / "uv").write_text(INSTALLER)
    (tools / "uv").chmod(0o755)
    return folder


def ask(clone: Path, *names: str, **environment: str) -> subprocess.CompletedProcess[str]:
    known = {"PATH": "/usr/bin:/bin", "HOME": str(clone), "PERPSCOPE_PYTHON": sys.executable, "INSTALLER_LOG": str(clone / "log")}
    command = [str(clone / "requirements" / "peers"), *names]
    return subprocess.run(command, check=False, capture_output=True, text=True, env={**os.environ, **known, **environment})


def test_an_engine_is_installed_once_and_by_hash(clone: Path) -> None:
    for _ in range(2):
        done = ask(clone, "vectorbt")
        assert (done.returncode, done.stdout) == (0, "")
    (installed,) = (clone / "log").read_text().splitlines()
    assert "--require-hashes" in installed
    assert (clone / ".peers" / "vectorbt" / "stamp").is_file()


def test_one_that_fails_is_named_and_leaves_no_stamp(clone: Path) -> None:
    failed = ask(clone, "vectorbt", INSTALLER_EXITS="1")
    assert failed.returncode == 3
    assert "not installed: vectorbt" in failed.stderr
    assert not (clone / ".peers" / "vectorbt" / "stamp").exists()
    assert ask(clone, "vectorbt").returncode == 0


def test_an_unknown_name_is_answered_with_the_known_ones(clone: Path) -> None:
    failed = ask(clone, "backtrader")
    assert failed.returncode == 3
    assert "backtrader is none of: vectorbt freqtrade nautilus nautilus1" in failed.stderr
