"""What do all bridge tests start from? One written case and its truth."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.bridges.peers import write_case

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """The folder with the files of the known case, and what they should come to."""
    folder = tmp_path_factory.mktemp("case")
    return folder, write_case(folder)


@pytest.fixture
def both(capsys: pytest.CaptureFixture[str]) -> Callable[[float, str, object], None]:
    """Print both totals, also when the test passes."""

    def say(ours: float, engine: str, theirs: object) -> None:
        with capsys.disabled():
            sys.stdout.write(f"\n  perpscope {ours}  |  {engine} {theirs}\n")

    return say
