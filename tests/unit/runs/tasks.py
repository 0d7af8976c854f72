"""Tasks that any executor can find: functions of a module."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from perpscope.errors import InputError

if TYPE_CHECKING:
    import numpy as np

    from perpscope.runs.executors.model import Order


def scaled(shared: np.ndarray, order: Order) -> bytes:
    """The shared array times a number, as bytes."""
    return bytes((shared * order["by"]).tobytes())


def refused(shared: object, order: Order) -> bytes:  # noqa: ARG001 - a task takes both
    """An error of ours in the third order."""
    if order["by"] == 2:
        raise InputError("a task", "the number two", "Take another.")
    return b"done"


def fatal(shared: object, order: Order) -> bytes:  # noqa: ARG001 - a task takes both
    """The end of the process that does it, as when a system without memory ends it."""
    if order["by"] == 2:
        os._exit(9)
    return b"done"


MARK = b"on the machine"


def somewhere(shared: np.ndarray, order: Order) -> bytes:
    """The shared array times a number and the id of the Ray node that did it, slowly enough for two; a fault in the last."""
    import time

    import ray

    time.sleep(1.0 if order["by"] == 11 else 0.2)
    if order["by"] == 11:
        raise InputError("a task", "the number eleven", "Take another.")
    return scaled(shared, order) + MARK + str(ray.get_runtime_context().get_node_id()).encode()


def own_process(shared: object, order: Order) -> bytes:  # noqa: ARG001 - a task takes both
    """The process that did it."""
    return str(os.getpid()).encode()
