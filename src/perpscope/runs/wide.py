"""How is the table work of a scan done by Daft, on this machine or on a Ray cluster?

Queries over the same Delta table, at the version of the snapshot, some coins each: the wanted rows are read in parallel, names become
numbers, rows are brought together by coin, and each coin's rows become its table of pairs by the very functions of the local path:
precedence first, then `pair_table`. So both give the same numbers, bit for bit.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from perpscope.analysis.pairs.contracts import COLUMNS, once
from perpscope.analysis.pairs.setting import Setting
from perpscope.analysis.pairs.table import pair_table, schema
from perpscope.errors import InputError, StoreError
from perpscope.market.table import FUNDING
from perpscope.runs.executors.cluster import Cluster
from perpscope.runs.funding_rows import MARGIN_DAYS, FundingRows
from perpscope.store.precedence import current
from perpscope.units import MS_PER_DAY

if TYPE_CHECKING:
    import polars as pl

    from perpscope.runs.tables import Engine

_SILENT = {"DO_NOT_TRACK": "true", "DAFT_ANALYTICS_ENABLED": "0", "SCARF_NO_ANALYTICS": "true", "DAFT_PROGRESS_BAR": "0"}
"""Read when Daft is imported: it reports to nobody."""
PLACE, WHO, COIN = "place", "who", "coin_number"
NAMED = ("venue", "market_list", "native_id", "symbol", "market")
"""Columns that a contract's number stands for while rows travel."""
PER_QUERY = 16
"""Coins of a query: the rows of so many are in the memory of the machines at a time."""


def wide_tables(funding: FundingRows, coins: Sequence[str], setting: Setting, engine: Engine) -> Iterator[pl.DataFrame]:
    """Yield the table of pairs of each coin (`pair_table`), in the order asked.

    Raises
    ------
    InputError
        When Daft or Ray is not installed, or this process has used Daft's other runner already.
    StoreError
        When the cluster cannot be reached, or a part of the work failed.
    """
    import polars as pl

    if find_spec("daft") is None or (engine.name == "ray" and find_spec("ray") is None):
        raise InputError(f"the engine {engine.name}", "Daft is not installed", "Install perpscope[cluster], or take --engine local.")
    with _running(engine) as (daft, failures):
        for first in range(0, len(coins), PER_QUERY):
            group = coins[first : first + PER_QUERY]
            try:
                found = pl.from_arrow(_query(daft, funding, group, setting).to_arrow())
            except failures as problem:
                there = (str(problem).strip().splitlines() or [type(problem).__name__])[-1]
                do = "See whether its machines are well and reach the store, or take --engine local."
                raise StoreError(f"to scan with the engine {engine.name}", there, do) from problem
            assert isinstance(found, pl.DataFrame)  # noqa: S101 - a table, not a column
            kinds: Any = {**schema(setting), PLACE: pl.Int64()}
            whole = found.cast(kinds)
            yield from (whole.filter(pl.col("coin") == coin).sort(PLACE).drop(PLACE) for coin in group)


@contextmanager
def _running(engine: Engine) -> Iterator[tuple[Any, tuple[type[Exception], ...]]]:
    """Daft with its runner, of which a process has one for life, and what it raises when a part of the work fails."""
    for name, value in _SILENT.items():
        os.environ.setdefault(name, value)
    if engine.name == "daft":
        import daft

        _chosen(daft.set_runner_native, engine, num_threads=engine.workers)
        yield daft, (OSError, daft.exceptions.DaftCoreException)
        return
    with Cluster(engine.workers, engine.address).connected(b"") as ray:
        import daft

        _chosen(daft.set_runner_ray, engine, noop_if_initialized=True)
        yield daft, (OSError, daft.exceptions.DaftCoreException, ray.exceptions.RayError)


def _chosen(choose: Any, engine: Engine, **words: Any) -> None:  # noqa: ANN401 - Daft's
    import daft

    try:
        choose(**words)
    except (RuntimeError, daft.exceptions.DaftCoreException):  # chosen before, with as many threads as then
        if daft.get_or_create_runner().name != {"daft": "native", "ray": "ray"}[engine.name]:
            raise InputError(f"the engine {engine.name}", "this process uses Daft's other runner", "Start another one.") from None


def _query(daft: Any, funding: FundingRows, coins: Sequence[str], setting: Setting) -> Any:  # noqa: ANN401 - Daft's
    """Build the query: rows of the wanted coins, brought together by coin, each coin's table of pairs."""
    import polars as pl

    col = daft.col
    held = funding.held.filter(pl.col("coin").is_in(list(coins))).with_row_index(WHO).cast({WHO: pl.Int64()})
    numbers = held.with_columns(pl.col("coin").rank("dense").cast(pl.Int64).alias(COIN)).drop("coin")
    names = [name for name in FUNDING.names if name in funding.seen.names and name != "accrual"]
    rows = daft.read_deltalake(str(funding.seen.folder), version=funding.seen.version).select(*names)
    rows = rows.where(col("native_id").is_in(held["native_id"].unique().to_list()) & col("symbol").is_in(held["symbol"].unique().to_list()))
    if setting.at is not None:
        start = setting.at - (setting.history + MARGIN_DAYS) * MS_PER_DAY
        kind = daft.DataType.timestamp("us", "UTC")
        rows = rows.where((col("ts") >= daft.lit(start * 1000).cast(kind)) & (col("ts") <= daft.lit(setting.at * 1000).cast(kind)))
    plain = [name for name in names if name not in NAMED]
    rows = rows.join(daft.from_arrow(numbers.to_arrow()), on=list(NAMED)).select(COIN, WHO, *plain)
    of_coin = _table_of(daft, [WHO, *plain], funding.sources, held, setting)
    return rows.groupby(COIN).map_groups(of_coin(*(col(name) for name in [WHO, *plain])).alias("pair")).select(col("pair").unnest())


def _table_of(daft: Any, names: Sequence[str], sources: pl.DataFrame, held: pl.DataFrame, setting: Setting) -> Any:  # noqa: ANN401 - Daft's
    """Return the function of a coin's rows that gives its table of pairs, as Daft calls it."""
    import polars as pl

    kinds = {**schema(setting), PLACE: pl.Int64()}
    fields = {field.name: field.dtype for field in daft.from_arrow(pl.DataFrame(schema=kinds).to_arrow()).schema()}

    @daft.func.batch(return_dtype=daft.DataType.struct(fields))  # type: ignore[untyped-decorator]  # Daft's
    def of_coin(*columns: Any) -> Any:  # noqa: ANN401 - Daft's series
        arrays = [pl.Series(name, each.to_arrow()) for name, each in zip(names, columns, strict=True)]
        frame = pl.DataFrame(arrays).join(held, on=WHO, maintain_order="left")
        missing = [pl.lit(None).alias(name) for name in FUNDING.names if name not in frame.columns]
        told = frame.with_columns(missing).select(*FUNDING.names, "coin").cast(FUNDING.schema())  # type: ignore[arg-type]  # names to types
        kept = told if once(told) else current(FUNDING, told.select(FUNDING.names), sources)
        table = pair_table(kept.select(COLUMNS).with_columns(pl.lit(told["coin"][0]).alias("coin")), setting)
        return table.with_row_index(PLACE).cast({PLACE: pl.Int64()}).select(*kinds).to_struct().to_arrow()

    return of_coin
