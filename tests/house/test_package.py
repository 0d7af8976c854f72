"""Does the installed package hold everything the checkout holds: rules, templates, types, licence?"""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

from tests.house import tree


def test_the_wheel_holds_every_tracked_file_of_the_package(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=tree.ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as held:
        names = set(held.namelist())
    assert {path.relative_to(tree.ROOT / "src").as_posix() for path in tree.tracked() if path.is_relative_to(tree.SOURCE)} <= names
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert not any(name.endswith(".pyc") for name in names)
