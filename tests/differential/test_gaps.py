"""Three rooms look for holes: the certificate, the data check and the report. Do they see the same ones?

The certificate counts by stated intervals, the check by grids it infers itself, the report by hours covered: three
questions, one answer on every real history at hand.
"""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from perpscope.analysis.coverage import gaps as of_report
from perpscope.analysis.series import fixings
from perpscope.collect.imports import import_paths
from perpscope.market.table import FUNDING
from perpscope.store import Store
from perpscope.store.gaps import coverage as of_certificate
from perpscope.store.quality import coverage as of_check


@pytest.fixture(scope="session")
def fundings(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> pl.DataFrame:
    store = Store.open(tmp_path_factory.mktemp("gaps") / "store", create=True)
    import_paths(store, sorted((shared / "data").glob("funding_*.parquet")))
    return store.read(FUNDING, current=False)


@pytest.mark.needs_shared
def test_the_three_see_the_same_holes(fundings: pl.DataFrame) -> None:
    series = fundings.partition_by("venue", "market_list", "native_id", "source")
    assert len(series) > 80
    seen = 0
    for rows in series:
        certified = {(gap.after, gap.missing) for gap in of_certificate(FUNDING, rows).gaps}
        checked = {(hole.after, hole.missing) for hole in of_check(rows).gaps}
        reported = set(of_report(fixings(rows))["start"].to_list())
        assert certified == checked, rows.row(0)
        assert {after for after, _ in certified} == reported, rows.row(0)
        seen += len(certified)
    assert seen >= 30
