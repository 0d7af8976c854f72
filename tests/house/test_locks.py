"""Do the locks pin everything by hash, name no host, and cover what pyproject.toml asks for?"""

from __future__ import annotations

import re
import tomllib

import pytest

from tests.house import tree

LOCKS = ("run", "dev", "uv")


def lock(name: str) -> str:
    return (tree.ROOT / "requirements" / f"{name}.lock").read_text(encoding="utf-8")


def pins(name: str) -> dict[str, set[str]]:
    """Versions of each package, several where they differ by Python."""
    found: dict[str, set[str]] = {}
    for package, version in re.findall(r"^([a-z0-9-]+)==(\S+)", lock(name), re.MULTILINE):
        found.setdefault(package, set()).add(version)
    return found


def asked(requirements: list[str]) -> set[str]:
    return {re.split(r"[<>=\[;~ ]", requirement)[0].lower() for requirement in requirements}


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_names_no_host_and_no_path(name: str) -> None:
    assert "://" not in lock(name)
    assert not re.search(r"^(?:-|\.|/)", lock(name), re.MULTILINE)


@pytest.mark.parametrize("name", LOCKS)
def test_every_package_is_pinned_by_hash(name: str) -> None:
    entries = re.split(r"^(?=\S)", lock(name), flags=re.MULTILINE)
    assert [entry.split()[0] for entry in entries if entry.strip() and "--hash=sha256:" not in entry] == []


def test_the_locks_cover_what_is_asked_for() -> None:
    config = tomllib.loads((tree.ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    groups = config["dependency-groups"]
    run = asked(config["project"]["dependencies"] + groups["build"])
    assert run <= set(pins("run"))
    assert run | asked(groups["dev"]) <= set(pins("dev"))
    assert asked(groups["tools"]) <= set(pins("uv"))


def test_testing_happens_on_the_versions_that_run() -> None:
    run, dev = pins("run"), pins("dev")
    assert {package: dev.get(package) for package in run} == run
