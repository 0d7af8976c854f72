"""Do serial, processes and Ray give the same bytes, and an error as it is?"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from perpscope.errors import InputError, StoreError
from perpscope.runs.executors.choose import executor
from tests.unit.runs import tasks

SHARED = np.arange(1000.0) / 7
ORDERS = [{"by": k} for k in range(12)]
HERE = [tasks.scaled(SHARED, order) for order in ORDERS]
ON_A_CLUSTER = """
from pathlib import Path
from tempfile import TemporaryDirectory
import numpy as np
from ray.cluster_utils import Cluster
from perpscope.runs.executors.choose import executor
from perpscope.runs.executors.serial import Serial
from perpscope.runs.sweep import Walking, run_sweep
from perpscope.runs.sweep_told import document
from tests.unit.runs import tasks
from tests.unit.runs.swept import asked, months

small = {"num_cpus": 1, "object_store_memory": 80_000_000, "include_dashboard": False, "node_ip_address": "127.0.0.1"}
cluster = Cluster(initialize_head=True, head_node_args={**small, "num_cpus": 0})
try:
    for _ in range(2):
        cluster.add_node(**small)
    shared, found = np.arange(1000.0) / 7, {}
    try:
        for k, result in executor("ray", address=cluster.address).run(tasks.somewhere, shared, [{"by": k} for k in range(12)]):
            found[k] = result.partition(tasks.MARK)
    except Exception as problem:
        print(type(problem).__name__, problem)
    assert all(found[k][0] == tasks.scaled(shared, {"by": k}) for k in range(11))
    assert len({machine for _, _, machine in found.values()}) == 2
    with TemporaryDirectory() as folder:
        store = months(Path(folder), days=40)
        question = asked(walking=Walking(15, 10))
        here, there = (document(run_sweep(store, question, who), 5) for who in (Serial(), executor("ray", address=cluster.address)))
        assert here == there
finally:
    cluster.shutdown()
"""
KEPT_WAITING = """
from perpscope.runs.executors.choose import executor
from tests.unit.runs import tasks

for _, process in executor("processes", 2).run(tasks.own_process, None, [{}, {}, {}]):
    print(process.decode(), flush=True)
    input()
"""


@pytest.mark.parametrize("name", ["serial", "processes"])
def test_the_same_bytes_come_back(name: str) -> None:
    found = dict(executor(name, None if name == "serial" else 2).run(tasks.scaled, SHARED, ORDERS))
    assert [found[k] for k in range(len(ORDERS))] == HERE


@pytest.mark.parametrize("name", ["serial", "processes"])
def test_an_error_comes_out_as_it_is(name: str) -> None:
    with pytest.raises(InputError, match="a task: the number two"):
        list(executor(name, None if name == "serial" else 2).run(tasks.refused, None, ORDERS))


def test_a_killed_worker_is_said_to_have_been() -> None:
    with pytest.raises(StoreError, match="ended from outside"):
        list(executor("processes", 2).run(tasks.fatal, None, ORDERS))


@pytest.mark.skipif(sys.platform == "win32", reason="the state of a process is read with ps")
def test_workers_do_not_outlive_a_killed_parent(root: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", KEPT_WAITING], cwd=root, stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        worker = parent.stdout.readline().strip()
        assert lives(worker)
        parent.kill()
    until = time.monotonic() + 15
    while lives(worker) and time.monotonic() < until:
        time.sleep(0.1)
    assert not lives(worker)


def lives(process: str) -> bool:
    state = subprocess.run(["ps", "-o", "stat=", "-p", process], capture_output=True, text=True, check=False).stdout.strip()
    return state != "" and not state.startswith("Z")


def test_nothing_to_do_is_done() -> None:
    assert list(executor("processes", 2).run(tasks.scaled, SHARED, [])) == []


@pytest.mark.xdist_group("ray")
def test_a_cluster_of_two_workers_gives_the_same_bytes(root: Path) -> None:
    """In a process of its own: what listens, and all that Ray starts, ends with it."""
    pytest.importorskip("ray", reason="the extra [cluster] is not installed")
    alone = os.environ | {"RAY_USAGE_STATS_ENABLED": "0", "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0"}  # silent, loopback only
    done = subprocess.run(
        [sys.executable, "-c", ON_A_CLUSTER], cwd=root, env=alone, capture_output=True, text=True, timeout=90, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "InputError a task: the number eleven" in done.stdout


def test_without_ray_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("perpscope.runs.executors.cluster.find_spec", lambda _name: None)
    with pytest.raises(InputError, match=r"Install perpscope\[cluster\]"):
        executor("ray")


@pytest.mark.parametrize(
    ("name", "workers", "address", "said"),
    [
        ("threads", None, None, "Give one of serial, processes, ray"),
        ("processes", 0, None, "Give 1 or more"),
        ("serial", 4, None, "Take --executor processes"),
        ("serial", None, "127.0.0.1:6379", "Take --executor ray"),
    ],
)
def test_what_does_not_go_together_is_refused(name: str, workers: int | None, address: str | None, said: str) -> None:
    with pytest.raises(InputError, match=said):
        executor(name, workers, address)


def test_workers_are_the_processors_this_process_may_use(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.sched_getaffinity", lambda _pid: {0, 1, 2}, raising=False)
    found = executor("processes")
    assert getattr(found, "workers", None) == 3


def test_a_cluster_that_is_not_there_is_said_to_be_missing_at_once() -> None:
    pytest.importorskip("ray", reason="the extra [cluster] is not installed")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        free = f"127.0.0.1:{taken.getsockname()[1]}"
    with pytest.raises(StoreError, match="nobody answers"):
        list(executor("ray", address=free).run(tasks.scaled, SHARED, ORDERS))
    with pytest.raises(InputError, match="HOST:PORT"):
        list(executor("ray", address="somewhere").run(tasks.scaled, SHARED, ORDERS))
