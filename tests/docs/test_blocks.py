"""Do the examples of the documentation run, and do they print what the page shows?"""

from __future__ import annotations

import contextlib
import doctest
import io
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.blocks import ROOT, RUNS, SHOWN, Block, blocks, commands, matches, pages

COMMAND = Path(sys.executable).with_name("perpscope")


def named(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to type commands in: `./run` and `perpscope` work on a store of its own, and docs/ is at hand."""
    folder, tools = tmp_path / "desk", tmp_path / "tools"
    shutil.copytree(ROOT / "docs" / "examples", folder / "docs" / "examples")
    tools.mkdir()
    for path in (folder / "run", tools / "perpscope"):
        path.write_text(f"#!/bin/sh\nexec '{COMMAND}' --store '{tmp_path / 'store'}' --no-open \"$@\"\n")
        path.chmod(0o755)
    monkeypatch.chdir(folder)
    monkeypatch.setenv("PATH", f"{tools}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("COLUMNS", "140")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
    return folder


@pytest.mark.parametrize("page", [page for page in pages() if any(b.language in RUNS for b in blocks(page))], ids=named)
def test_the_examples_of(page: Path, desk: Path) -> None:
    names: dict[str, object] = {"__name__": "__main__"}
    for block in blocks(page):
        if block.language == "console":
            type_in(block, desk)
        elif block.language == "python":
            execute(block, names)


@pytest.mark.parametrize("page", pages(), ids=named)
def test_every_block_says_what_it_is(page: Path) -> None:
    unknown = [f"line {b.line}: {b.language!r}" for b in blocks(page) if b.language not in RUNS | SHOWN and not b.language.startswith("{")]
    assert unknown == []


def type_in(block: Block, desk: Path) -> None:
    typed = commands(block)
    assert typed, f"{named(block.file)}:{block.line} shows no command; a command starts with $"
    for command in typed:
        done = subprocess.run(["sh", "-c", command.line], check=False, cwd=desk, capture_output=True, text=True)
        where = f"{named(block.file)}:{block.line}\n$ {command.line}"
        assert done.returncode == command.exit, f"{where}\nexit {done.returncode}\n{done.stdout}{done.stderr}"
        assert matches(command.shown, done.stdout), f"{where}\nprints\n{done.stdout}\nand not\n{command.shown}"


def execute(block: Block, names: dict[str, object]) -> None:
    where = f"{named(block.file)}:{block.line}"
    if block.body.lstrip().startswith(">>>"):
        test = doctest.DocTestParser().get_doctest(block.body, names, where, str(block.file), block.line)
        heard = io.StringIO()
        failed = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(test, out=heard.write, clear_globs=False).failed
        names.update(test.globs)
        assert not failed, heard.getvalue()
    else:
        with contextlib.redirect_stdout(io.StringIO()):
            exec(compile(block.body, where, "exec"), names)  # noqa: S102 - running the page's own example is the test
