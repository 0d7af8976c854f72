"""Several processes of this machine, each with its own copy of the data, sent once.

Workers are started afresh (never forked), so that threads of the parent cannot harm them. A worker whose parent was killed notices within
`LOOK_S` and ends, whatever it waits for.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import as_completed
from dataclasses import dataclass
from typing import Any

from perpscope.errors import StoreError
from perpscope.runs.executors.model import Order, Task

IDLE_S = 20
LOOK_S = 1.0

_given: list[Any] = []
"""In a worker: the task and what its orders share."""


@dataclass(frozen=True, slots=True)
class Processes:
    """`workers` processes, >= 1."""

    workers: int
    name: str = "processes"

    def run(self, task: Task, shared: object, orders: Sequence[Order]) -> Iterator[tuple[int, bytes]]:
        """Do all orders; the first error ends the others.

        Raises
        ------
        StoreError
            When a worker was killed from outside, as a system without memory does.
        """
        from loky import ProcessPoolExecutor
        from loky.process_executor import BrokenProcessPool

        pool = ProcessPoolExecutor(
            min(self.workers, max(len(orders), 1)), timeout=IDLE_S, initializer=_take, initargs=(task, shared, os.getpid())
        )
        done = False
        try:
            numbers = {pool.submit(_do, order): number for number, order in enumerate(orders)}
            for future in as_completed(numbers):
                yield numbers.pop(future), future.result()
            done = True
        except BrokenProcessPool as problem:
            there = f"a worker process was ended from outside ({problem.args[0].splitlines()[0] if problem.args else 'no reason given'})"
            raise StoreError("to work in several processes", there, "Take fewer --workers; what was done is kept.") from None
        finally:
            pool.shutdown(wait=True, kill_workers=not done)


def _take(task: Task, shared: object, parent: int) -> None:
    _given[:] = [task, shared]
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: int) -> None:
    """End this process when its parent is gone: a queue that nobody fills any more tells no worker so."""
    while os.getppid() == parent:
        time.sleep(LOOK_S)
    os._exit(1)


def _do(order: Order) -> bytes:
    task, shared = _given
    result: bytes = task(shared, order)
    return result
