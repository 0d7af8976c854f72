"""What is a task, and what does whoever does it owe?

A task is a function of the module level, something that all tasks of a run share (the data), and an order of its own. It gives bytes,
and the same bytes wherever it is done: no clock, no randomness, no state.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Protocol, TypeAlias

Order: TypeAlias = Mapping[str, Any]
"""What one task is to do, as JSON can hold it."""
Task: TypeAlias = Callable[[Any, Order], bytes]
"""task(shared, order) -> result."""


class Executor(Protocol):
    """Whoever does tasks."""

    @property
    def name(self) -> str:
        """Name it for a reader."""
        ...

    def run(self, task: Task, shared: object, orders: Sequence[Order]) -> Iterator[tuple[int, bytes]]:
        """Do all orders; give the number of each with its result, in whatever order they are done.

        An error in a task comes out of the iterator as it is. Whoever leaves the loop early leaves nothing running.
        """
        ...
