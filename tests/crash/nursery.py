"""Who writes and reads in the crash tests?

A parent that has imported everything and used nothing forks a child per order, so that a writer is at work a few
milliseconds after it was asked for. Orders come on stdin, one JSON list per line: [job, folder, log, ...]; the answer is
the child's process id. A writer reports `added SOURCE BATCH N` only after `Store.write` returned.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import deltalake  # noqa: F401 - imported here so that children need not
import polars as pl

from perpscope.errors import StoreError
from perpscope.market.table import FUNDING
from perpscope.store import Source, Store

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

ROWS = 48
SOURCES = 2
_HOURS = 8
_STEP_MS = _HOURS * 3_600_000


def source(number: int) -> Source:
    """One of the two sources both writers import."""
    return Source(name=f"source {number}", sha256=f"{number:064x}", table="funding", rows=0)


def batch(number: int, part: int) -> pl.DataFrame:
    """Rows of one write: no two batches share a row, and every value tells where it belongs."""
    stamps = [1_600_000_000_000 + _STEP_MS * (part * ROWS + k) for k in range(ROWS)]
    frame = pl.DataFrame(
        {
            "ts": pl.Series(stamps).cast(pl.Datetime("ms", "UTC")),
            "funding_rate": [(part * ROWS + k + 1) * 1e-8 + number * 1e-3 for k in range(ROWS)],
            "mark_price_quote": [float(part + 1)] * ROWS,
        }
    )
    texts = {"venue": "v", "native_id": f"C{part % 3}", "symbol": "C/USDT:USDT", "market": "linear", "market_list": ""}
    stated = {**texts, "kind": "settled", "accrual": "stamp", "source": source(number).id}
    return FUNDING.conform(
        frame.with_columns(slot=pl.col("ts"), interval_hours=pl.lit(float(_HOURS)), **{name: pl.lit(text) for name, text in stated.items()})
    )


def write(folder: Path, say: Callable[[str], None], first: int, last: int, order: Sequence[int]) -> None:
    """Import batches first..last of both sources; now and then tidy up without mercy for readers."""
    store = Store.open(folder, create=True)
    for number in order:
        for part in range(first, last):
            written = store.write(FUNDING, batch(number, part), source(number))
            say(f"added {number} {part} {written.added}")
            if written.added + written.present != ROWS:
                say(f"TORN write of {number} {part}: {written}")
        store.compact(retention_hours=0)
    say("done")


def read(folder: Path, say: Callable[[str], None]) -> None:
    """Read in a loop and complain about anything but whole batches, each once, never fewer than before."""
    most = 0
    while True:
        try:
            store = Store.open(folder)
        except StoreError as problem:
            if "no such folder" not in problem.there and "not a store" not in problem.there:
                say(f"TORN open: {problem}")
            continue
        rows = store.read(FUNDING, current=False)
        counts = rows.group_by("source", "mark_price_quote").agg(pl.len(), pl.col("ts").n_unique().alias("distinct"))
        torn = counts.filter((pl.col("len") != ROWS) | (pl.col("distinct") != ROWS))
        if not torn.is_empty():
            say(f"TORN batches: {torn.rows()}")
        if rows.height < most:
            say(f"TORN history: {rows.height} rows after {most}")
        most = rows.height
        store.sources()
        say(f"read {rows.height}")


def _child(job: str, folder: str, log: str, *rest: int | list[int]) -> None:
    handle = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def say(text: str) -> None:
        os.write(handle, f"{text}\n".encode())

    try:
        if job == "write":
            first, last, order = rest
            assert isinstance(first, int)
            assert isinstance(last, int)
            assert isinstance(order, list)
            write(Path(folder), say, first, last, order)
        else:
            read(Path(folder), say)
    except BaseException as problem:  # noqa: BLE001 - whatever it is, the test must hear of it
        say(f"TORN {job}: {type(problem).__name__} {problem}")


def main() -> None:
    """Fork a child per line of stdin."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            _child(*json.loads(line))
            os._exit(0)
        sys.stdout.write(f"{child}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
