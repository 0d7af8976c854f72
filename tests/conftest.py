"""What do all tests share? Where the real data lies, and an honest count of what was skipped and why.

Real data is never part of the repository. Tests that need it ask for the fixture `shared`, or carry the marker
`needs_shared`; without the data they are skipped, and with the data at hand a skip of theirs is a failure.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from collections.abc import Generator

ROOT = Path(__file__).resolve().parents[1]
# A deadline times the machine, not the law; speed has tests of its own. Each run draws other examples, so that they add up over runs.
settings.register_profile("laws", deadline=None, max_examples=70)
settings.load_profile("laws")
SHARED = Path(os.environ.get("PERPSCOPE_SHARED") or ROOT.parent / "shared").resolve()


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "needs_shared: reads real data; skipped without it, and failing if skipped with it")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Name the group of a test where pytest looks for it: pytest-xdist 3.8 writes it into a field that pytest 9.2 no longer reads."""
    if not getattr(config.option, "loadgroup", False):
        return
    for item in items:
        groups = [str(mark.args[0]) for mark in item.iter_markers("xdist_group")]
        if groups and not item.nodeid.endswith(f"@{groups[0]}"):
            item._id = type(item._id).parse(f"{item.nodeid}@{groups[0]}")


@pytest.fixture(scope="session")
def root() -> Path:
    """The folder of the repository."""
    return ROOT


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real data, named by PERPSCOPE_SHARED."""
    if not SHARED.is_dir():
        pytest.skip("the real data is absent (PERPSCOPE_SHARED names its folder)")
    return SHARED


@pytest.fixture(autouse=True)
def _real_data_for_marked_tests(request: pytest.FixtureRequest) -> None:
    if request.node.get_closest_marker("needs_shared"):
        request.getfixturevalue("shared")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn the skip of a data test into a failure when the data is there."""
    report = yield
    needs = "shared" in getattr(item, "fixturenames", ()) or item.get_closest_marker("needs_shared") is not None
    if report.skipped and not hasattr(report, "wasxfail") and needs and SHARED.is_dir():
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped although the real data is here: {_reason(report)}"
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, exitstatus: int) -> None:
    """Leave the counts, then each skipped test with its reason, in the file that PERPSCOPE_TALLY names."""
    if not (target := os.environ.get("PERPSCOPE_TALLY")):
        return
    stats = terminalreporter.stats
    bad = len(stats.get("failed", [])) + len(stats.get("error", []))
    skipped = stats.get("skipped", []) + stats.get("xfailed", [])
    counts = (len(stats.get("passed", [])), bad or int(exitstatus != 0), len(skipped))
    lines = [" ".join(str(count) for count in counts), *sorted(f"  {report.nodeid}: {_reason(report)}" for report in skipped)]
    Path(target).write_text("\n".join(lines) + "\n", encoding="utf-8")


def _reason(report: pytest.TestReport | pytest.CollectReport) -> str:
    if isinstance(report.longrepr, tuple):
        return str(report.longrepr[2]).removeprefix("Skipped: ")
    return str(getattr(report, "wasxfail", "") or report.longrepr)
