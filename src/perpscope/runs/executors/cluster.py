"""The machines of a Ray cluster, or this one as a cluster of its own.

The data is put into the cluster's object store once. Where no address is named, a cluster of this machine is started, which listens on the
loopback interface only, without dashboard and without telling anybody, and is ended again.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

from perpscope.errors import InputError, StoreError
from perpscope.runs.executors.model import Order, Task

OBJECT_STORE_BYTES = 80_000_000
"""Of a cluster started here; data larger than half of it gets twice its size."""
PATIENCE_S = 10.0
WAITING = 4
"""Orders handed out for each processor before the first comes back."""
LOOPBACK = "127.0.0.1"
_SETTINGS = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0"}
"""Read when Ray is imported: it reports to nobody, and does not warn at every start of a change to come."""
_ALONE = ("RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER", "0")
"""Ray 2.60 takes a loopback address for a mistake and listens on all interfaces, unless it is told that there are no other machines."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """A Ray cluster.

    Parameters
    ----------
    workers : processors of a cluster started here, >= 1; a cluster at an address has its own.
    address : "host:port" of a running cluster; None starts one here.
    """

    workers: int
    address: str | None = None
    name: str = "ray"

    def __post_init__(self) -> None:
        """Refuse where Ray is absent."""
        if find_spec("ray") is None:
            raise InputError("the executor ray", "Ray is not installed", "Install perpscope[cluster], or take serial or processes.")

    def run(self, task: Task, shared: object, orders: Sequence[Order]) -> Iterator[tuple[int, bytes]]:
        """Do all orders; the first error ends the others.

        Orders under way when it ends are not cancelled one by one (a driver of Ray 2.60 that does so may crash as an answer comes in): they
        end with the connection.

        Raises
        ------
        StoreError
            When the cluster cannot be reached, or lost a worker for good.
        """
        with self.connected(shared) as ray:
            from ray.exceptions import RayError, RayTaskError

            given = ray.put(shared)
            # One processor each: a machine is given as many tasks at a time as it has.
            remote = ray.remote(num_cpus=1, max_retries=3)(task)
            most = max(1, WAITING * int(ray.cluster_resources().get("CPU", 1)))
            waiting: dict[Any, int] = {}
            try:
                for number, order in enumerate(orders):
                    if len(waiting) >= most:
                        yield _one_done(ray, waiting)
                    waiting[remote.remote(given, dict(order))] = number
                while waiting:
                    yield _one_done(ray, waiting)
            except RayTaskError as problem:
                raise getattr(problem, "cause", problem) from None
            except RayError as problem:
                there = f"the cluster answers: {str(problem).splitlines()[0]}"
                raise StoreError("to work on a Ray cluster", there, "See whether its machines are well; what was done is kept.") from None

    @contextmanager
    def connected(self, shared: object) -> Iterator[Any]:
        """Connect to the cluster, or start one that holds `shared`, and end it again; gives the module `ray`.

        Raises
        ------
        StoreError
            When it cannot be reached, or started.
        """
        for name, value in _SETTINGS.items():
            os.environ.setdefault(name, value)
        if self.address is None or self.address.startswith(("localhost:", f"{LOOPBACK}:")):
            os.environ.setdefault(*_ALONE)
        if self.address is not None:
            _knock(self.address)
        import ray

        quiet: dict[str, Any] = {"log_to_driver": False, "logging_level": "error", "namespace": "perpscope"}
        try:
            if self.address is None:
                _start(ray, self.workers, shared, quiet)
            else:
                ray.init(address=self.address, **quiet)
        except (ConnectionError, RuntimeError, ValueError, OSError) as problem:
            place = self.address or "this machine"
            there = str(problem).strip().splitlines()[0] if str(problem).strip() else type(problem).__name__
            raise StoreError(f"a Ray cluster at {place}", there, "Start it, or name another with --address.") from None
        try:
            yield ray
        finally:
            ray.shutdown()


def _knock(address: str) -> None:
    """See whether anybody listens, which Ray itself would ask for minutes.

    Raises
    ------
    InputError
        When it is no address.
    StoreError
        When nobody answers.
    """
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if not host or not port.isdigit():
        raise InputError(f"a Ray cluster at {address}", "not of the form HOST:PORT", "Give the address that `ray start --head` prints.")
    try:
        socket.create_connection((host.strip("[]"), int(port)), PATIENCE_S).close()
    except (OSError, OverflowError) as problem:
        there = f"nobody answers ({problem})"
        raise StoreError(f"a Ray cluster at {address}", there, "Start it, or name another with --address.") from None


def _start(ray: Any, workers: int, shared: object, quiet: dict[str, Any]) -> None:  # noqa: ANN401 - a module
    import pickle

    room = max(OBJECT_STORE_BYTES, 2 * len(pickle.dumps(shared, protocol=5)))
    ray.init(address="local", num_cpus=workers, object_store_memory=room, include_dashboard=False, _node_ip_address=LOOPBACK, **quiet)


def _one_done(ray: Any, waiting: dict[Any, int]) -> tuple[int, bytes]:  # noqa: ANN401 - a module
    (ref, *_), _ = ray.wait(list(waiting), num_returns=1)
    found: bytes = ray.get(ref)
    return waiting.pop(ref), found
