"""Is the door of the package small, and does it open at once?"""

from __future__ import annotations

import ast
import os
import resource
import subprocess
import sys
from pathlib import Path
from statistics import median

import pytest

import perpscope

HEAVY = "polars numpy numba llvmlite matplotlib deltalake duckdb pandas scipy jinja2 rich cyclopts asyncio"
COMMAND = Path(sys.executable).with_name("perpscope")
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
NAMES = 40
HELP_SECONDS = 0.3
YARDS = 2.2
"""HELP_SECONDS in yardsticks of 0.136 s: a slow or shared core slows both, so neither alone tells that help grew."""
YARDSTICK = "import argparse, asyncio, dataclasses, decimal, email, inspect, json, logging, typing, unittest, urllib.request"


def test_the_public_surface_is_small_and_there() -> None:
    names = [name for name in perpscope.__all__ if name != "__version__"]
    assert 0 < len(names) <= NAMES
    assert len(set(names)) == len(names)
    assert [name for name in names if not hasattr(perpscope, name)] == []
    assert set(names) <= set(dir(perpscope))


def test_an_unknown_name_is_an_ordinary_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = perpscope.no_such_name


def test_importing_the_package_loads_nothing_heavy() -> None:
    script = f"import sys, perpscope; print([m for m in {HEAVY.split()!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True, env=ENVIRONMENT)
    assert ast.literal_eval(done.stdout) == []


def test_help_comes_at_once() -> None:
    """Processor time, which other work on the machine hardly moves; the first call compiles and is not counted."""
    assert COMMAND.exists(), "the package is not installed here; ./test does that"

    def seconds(*command: str) -> float:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(command, check=True, capture_output=True, env=ENVIRONMENT)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime

    both = [(seconds(str(COMMAND), "--help"), seconds(sys.executable, "-c", YARDSTICK)) for _ in range(6)]
    spent, yard = (median(times) for times in zip(*both[1:], strict=True))
    assert spent < max(HELP_SECONDS, YARDS * yard)
