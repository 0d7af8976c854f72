"""The real rows that backtests and storms are tried on, imported once a session."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.unit.runs.real import real_store

if TYPE_CHECKING:
    from pathlib import Path

    from perpscope.store import Store


@pytest.fixture(scope="session")
def real(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Store:
    """A store with funding and hourly prices of two venues, and minutes of another in two crashes."""
    return real_store(shared, tmp_path_factory.mktemp("real"))
