"""Who turns rows of funding into tables of pairs: this process, or Daft on this machine or on a Ray cluster? All give the same."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

from perpscope.analysis.pairs.setting import Setting
from perpscope.analysis.pairs.table import pair_table
from perpscope.errors import InputError, StoreError
from perpscope.runs.funding_rows import FundingRows

if TYPE_CHECKING:
    import polars as pl

Who = Literal["local", "daft", "ray"]
WORKERS = 2
AT_ONCE = 4
"""Coins read at a time: enough for two threads, and few enough that memory stays that of a few coins."""


@dataclass(frozen=True, slots=True)
class Engine:
    """Who does the table work.

    Parameters
    ----------
    name : "local" (this process), "daft" (Daft in this process) or "ray" (Daft on a Ray cluster). workers : threads, or processors of a
        cluster started here. address : of a running cluster; None starts one on this machine, which is ended again.
    """

    name: Who = "local"
    workers: int = WORKERS
    address: str | None = None

    def __post_init__(self) -> None:
        """Refuse engines nobody knows."""
        if self.name not in get_args(Who) or self.workers < 1:
            there = f"{self.name!r} with {self.workers} workers"
            raise InputError("an engine", there, f"Give one of {', '.join(get_args(Who))}, and 1 worker or more.")
        if self.address is not None and self.name != "ray":
            raise InputError(f"a cluster at {self.address}", f"the engine is {self.name}", "Take --engine ray, or leave out --address.")


def pair_tables(funding: FundingRows, coins: Sequence[str], setting: Setting, engine: Engine) -> Iterator[pl.DataFrame]:
    """Yield the table of pairs of each coin (`pair_table`), in the order asked.

    Raises
    ------
    InputError
        When the engine is not installed.
    StoreError
        When the store was compacted meanwhile.
    """
    if engine.name != "local":
        from perpscope.runs.wide import wide_tables

        yield from wide_tables(funding, coins, setting, engine)
        return
    try:
        yield from _local(funding, coins, setting, engine.workers)
    except FileNotFoundError:
        raise StoreError("to scan the store", "its files were joined meanwhile", "Scan again.") from None


def _local(funding: FundingRows, coins: Sequence[str], setting: Setting, workers: int) -> Iterator[pl.DataFrame]:
    def table(coin: str) -> pl.DataFrame:
        return pair_table(funding.rows([coin], setting), setting)

    if len(coins) < AT_ONCE or workers == 1:
        yield from map(table, coins)
        return
    with ThreadPoolExecutor(workers) as pool:
        for group in _batches(coins):
            yield from pool.map(table, group)


def _batches(coins: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(coins), AT_ONCE):
        yield coins[start : start + AT_ONCE]
