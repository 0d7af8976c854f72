"""Where are the other engines, and what do they say about the known case?"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "docs" / "examples" / "bridges"
ENGINES = {"vectorbt": "vectorbt", "freqtrade": "freqtrade", "nautilus": "NautilusTrader 2", "nautilus1": "NautilusTrader 1"}
"""Environment under .peers -> the engine in it."""


def python_of(peer: str) -> Path:
    """Return the engine's own Python; without one the test is skipped, with what to do."""
    python = ROOT / ".peers" / peer / "bin" / "python"
    if not (ROOT / ".peers" / peer / "stamp").is_file() or not python.exists():
        pytest.skip(f"{ENGINES[peer]} is not installed: requirements/peers {peer} installs it")
    return python


def told_by(script: str, python: Path | str, folder: Path) -> dict[str, Any]:
    """Run an example of the guide and return what it prints last."""
    done = subprocess.run([str(python), str(EXAMPLES / script), str(folder)], check=False, capture_output=True, text=True, cwd=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


def write_case(folder: Path) -> dict[str, Any]:
    """Write the files of the known case with our own Python."""
    return told_by("write_events.py", sys.executable, folder)
