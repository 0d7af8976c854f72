"""Which executor does a person mean by `--executor processes --workers 4`?"""

from __future__ import annotations

import os
from typing import Literal, get_args

from perpscope.errors import InputError
from perpscope.runs.executors.cluster import Cluster
from perpscope.runs.executors.model import Executor
from perpscope.runs.executors.processes import Processes
from perpscope.runs.executors.serial import Serial

Name = Literal["serial", "processes", "ray"]
NAMES: tuple[str, ...] = get_args(Name)


def executor(name: str, workers: int | None = None, address: str | None = None) -> Executor:
    """Choose by name.

    Parameters
    ----------
    name : serial, processes or ray. workers : of processes, or processors of a Ray cluster started here; default one for each processor
        this process may use. address : of a running Ray cluster.

    Raises
    ------
    InputError
        When there is no such executor, workers are fewer than one, or what was asked does not go together.
    """
    if name not in NAMES:
        raise InputError(f"the executor {name!r}", "no such executor", f"Give one of {', '.join(NAMES)}.")
    if workers is not None and workers < 1:
        raise InputError(f"{workers} workers", "nobody would work", "Give 1 or more.")
    if address is not None and name != "ray":
        raise InputError(f"a cluster at {address}", f"the executor is {name}", "Take --executor ray, or leave out --address.")
    if name == "serial":
        if workers not in {None, 1}:
            raise InputError(f"{workers} workers", "the serial executor is one process", "Take --executor processes.")
        return Serial()
    count = workers or (len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)
    return Processes(count) if name == "processes" else Cluster(count, address)
