"""One task after the other, here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from perpscope.runs.executors.model import Order, Task


@dataclass(frozen=True, slots=True)
class Serial:
    """The process that asks."""

    name: str = "serial"

    def run(self, task: Task, shared: object, orders: Sequence[Order]) -> Iterator[tuple[int, bytes]]:
        """Do all orders in turn."""
        for number, order in enumerate(orders):
            yield number, task(shared, order)
