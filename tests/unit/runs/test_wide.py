"""Does Daft, in this process or on a cluster of this machine, give the tables of the local path, bit for bit?"""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING

import polars as pl
import pytest

from perpscope.errors import InputError
from perpscope.market.table import FUNDING
from perpscope.runs import wide
from perpscope.runs.funding_rows import FundingRows
from perpscope.runs.tables import Engine, pair_tables
from perpscope.store import Source
from tests.unit.runs.scanned import DAY, END, LINEAR, START, constant, store_of, three

if TYPE_CHECKING:
    from pathlib import Path

    from perpscope.store import Store

SCRIPT = """
import sys
from contextlib import contextmanager
from pathlib import Path
from perpscope.analysis.pairs.setting import Setting
from perpscope.runs import wide
from perpscope.runs.funding_rows import FundingRows
from perpscope.runs.tables import Engine, pair_tables
from perpscope.store import Store

@contextmanager
def engine_of(name):
    if name == "daft":
        yield Engine("daft", 2)
        return
    from ray.cluster_utils import Cluster

    small = {"object_store_memory": 80_000_000, "include_dashboard": False, "node_ip_address": "127.0.0.1"}
    cluster = Cluster(initialize_head=True, head_node_args={**small, "num_cpus": 0})
    try:
        for _ in range(2):
            cluster.add_node(**small, num_cpus=1)
        yield Engine("ray", 2, cluster.address)
    finally:
        cluster.shutdown()

if __name__ == "__main__":
    folder, name, *moment = sys.argv[1:]
    wide.PER_QUERY = 2
    funding = FundingRows.of(Store.open(Path(folder)))
    setting = Setting(at=int(moment[0]) if moment else None)
    here = list(pair_tables(funding, funding.coins, setting, Engine("local")))
    with engine_of(name) as engine:
        there = list(pair_tables(funding, funding.coins, setting, engine))
        if engine.name == "daft":  # a process may ask again, with other workers too
            again = list(pair_tables(funding, funding.coins, setting, Engine("daft", 1)))
            assert all(one.equals(other, null_equal=True) for one, other in zip(there, again, strict=True))
    assert len(here) == len(there) == 3, (len(here), len(there))
    for one, other in zip(here, there, strict=True):
        assert one.schema == other.schema
        assert one.height > 0
        assert one.equals(other, null_equal=True), (one["coin"][0], one.columns)
    print("equal", sum(table.height for table in here))
"""
ALONE = {"DO_NOT_TRACK": "true", "RAY_USAGE_STATS_ENABLED": "0", "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0"}


def full(folder: Path) -> Store:
    """Three coins; of one contract a second source tells other rates with more said, and one tells predictions: precedence decides."""
    store = store_of(
        folder,
        *three(),
        constant("gate", "ETH/USDT:USDT", 3e-4, 8),
        constant("bybit", "ETH/USDC:USDC", -1e-4, 8, days=60),
        constant("okx", "1000PEPE/USDT:USDT", 3e-4, 8),
        constant("binanceusdm", LINEAR, 5e-4, 8, premium_frac=[1e-3] * 300),
    )
    table, foretold = constant("bybit", LINEAR, 9e-4, 4)
    source = Source(name="foretold", sha256="f" * 64, table=table.name, rows=foretold.height, precedence=9)
    rows = foretold.with_columns(pl.lit("predicted").alias("kind"), pl.lit(source.id).alias("source"))
    store.write(FUNDING, FUNDING.conform(rows), source)
    return store


def run(folder: Path, name: str, *moment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(folder / "store"), name, *moment],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **ALONE},
        timeout=120,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout.strip().splitlines()[-1]


def test_precedence_is_that_of_the_store(tmp_path: Path) -> None:
    """What the other engine must repeat: rows with a premium win, settled rates win over predictions whatever was stated."""
    from perpscope.analysis.pairs.setting import Setting

    funding = FundingRows.of(full(tmp_path))
    (table,) = pair_tables(funding, ["BTC"], Setting(), Engine())
    alone = table.filter(table["b_venue"].is_null()).select("a_venue", "apr_30d").rows()
    assert {venue: pytest.approx(apr) for venue, apr in alone} == {"binanceusdm": 0.5475, "bybit": 0.0438, "hyperliquid": 0.0876}


@pytest.mark.xdist_group("ray")
@pytest.mark.skipif(find_spec("daft") is None, reason="perpscope[cluster] is not installed")
def test_daft_in_one_process_gives_the_same(tmp_path: Path) -> None:
    full(tmp_path)
    assert run(tmp_path, "daft") == "equal 9"
    assert run(tmp_path, "daft", str(START + 50 * DAY)) == "equal 10"


@pytest.mark.xdist_group("ray")
@pytest.mark.skipif(find_spec("daft") is None or find_spec("ray") is None, reason="perpscope[cluster] is not installed")
def test_daft_on_a_cluster_of_two_workers_gives_the_same(tmp_path: Path) -> None:
    full(tmp_path)
    assert run(tmp_path, "ray", str(END)) == "equal 9"


@pytest.mark.parametrize("name", ["daft", "ray"])
def test_without_daft_it_says_what_to_install(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from perpscope.analysis.pairs.setting import Setting

    funding = FundingRows.of(store_of(tmp_path))
    monkeypatch.setattr(wide, "find_spec", lambda _: None)
    with pytest.raises(InputError, match=r"Install perpscope\[cluster\]"):
        list(pair_tables(funding, funding.coins, Setting(), Engine(name)))  # type: ignore[arg-type]  # one of the names


def test_unknown_engines_are_refused() -> None:
    with pytest.raises(InputError, match="Give one of local, daft, ray"):
        Engine("spark")  # type: ignore[arg-type]  # the mistake on trial
