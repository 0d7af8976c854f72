"""Does the guide to importing list what can be stated and what is recognised?"""

from __future__ import annotations

from pathlib import Path

from perpscope.market.table import TABLES
from perpscope.sources.facts import KNOWN
from perpscope.sources.rates import LIMIT_FEW, LIMIT_MANY, MANY


def test_every_fact_stands_in_the_guide_as_it_is_declared(root: Path) -> None:
    page = (root / "docs" / "guide" / "import.md").read_text(encoding="utf-8")
    assert [known.name for known in KNOWN.values() if f"| `{known.name}` | {known.meaning} | {known.values} |" not in page] == []


def test_every_table_and_limit_stands_in_the_guide(root: Path) -> None:
    page = (root / "docs" / "guide" / "import.md").read_text(encoding="utf-8")
    assert [name for name in TABLES if f"`{name}`" not in page] == []
    assert f"compared with {LIMIT_MANY} ({LIMIT_FEW} for fewer than {MANY}" in page
