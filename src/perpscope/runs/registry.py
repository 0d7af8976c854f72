"""Was this work done before? Results are kept under the digest of what they follow from.

The address of a result is the digest of the task's name and version, its order and the digest of its data: the same question finds the
same answer, whoever computed it and when; any change of the question is another address. A file is written whole and durable or not
at all, so a killed run leaves nothing but finished results, and the next one goes on from there. A file that no longer fits its own
digest counts as absent.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from perpscope.runs.executors.model import Executor, Order, Task
from perpscope.store.durable import TEMPORARY, disk, make_folders, write_over
from perpscope.store.upkeep import RETENTION_HOURS

FOLDER = "runs"
"""Beside the tables of a store."""
_STATED = "perpscope run 1"


@dataclass(frozen=True, slots=True)
class Question:
    """What a result follows from.

    Parameters
    ----------
    task : name of the task function. version : of what it gives; another one with every change of it. order : what it was to do.
    data : digest of what all orders share.
    """

    task: str
    version: str
    order: Order
    data: str

    @property
    def text(self) -> str:
        """Write it as the one JSON text that it has."""
        said = {"data": self.data, "order": dict(self.order), "task": self.task, "version": self.version}
        return json.dumps(said, sort_keys=True, separators=(",", ":"), allow_nan=False)

    @property
    def address(self) -> str:
        """Return the digest of the question, 64 hexadecimal digits."""
        return hashlib.sha256(self.text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Registry:
    """Results in a folder.

    Parameters
    ----------
    folder : made when the first result is kept.
    """

    folder: Path

    def path(self, question: Question) -> Path:
        """Return where its result is, or would be."""
        return self.folder / question.address[:2] / f"{question.address}.run"

    def found(self, question: Question) -> bytes | None:
        """Return its result; None where it was not computed, or its file is damaged.

        Raises
        ------
        StoreError
            When the disk refuses.
        """
        with disk(f"to read the run {question.address[:12]} in {self.folder}"):
            try:
                said = self.path(question).read_bytes()
            except FileNotFoundError:
                return None
        head, _, result = said.partition(b"\n")
        return result if head == _head(question, result) else None

    def keep(self, question: Question, result: bytes) -> None:
        """Keep a result, whole and durable; harmless to repeat.

        Raises
        ------
        StoreError
            When the disk refuses.
        """
        path = self.path(question)
        with disk(f"to keep the run {question.address[:12]} in {self.folder}"):
            make_folders(path.parent)
            write_over(path, _head(question, result) + b"\n" + result)

    def tidy(self, hours: float = RETENTION_HOURS) -> int:
        """Delete what writers left half who were killed `hours` ago or earlier, and return how many files."""
        before = time.time() - hours * 3600
        with disk(f"to tidy up {self.folder}"):
            rubbish = [each for each in self.folder.glob(f"*/{TEMPORARY}*") if each.stat().st_mtime <= before]
            for each in rubbish:
                each.unlink(missing_ok=True)
        return len(rubbish)


def _head(question: Question, result: bytes) -> bytes:
    """First line of a file: what was asked, and the digest of the answer."""
    return json.dumps([_STATED, hashlib.sha256(result).hexdigest(), json.loads(question.text)], sort_keys=True).encode()


@dataclass(frozen=True, slots=True)
class Job:
    """Many orders of one task over one lot of data.

    Parameters
    ----------
    task : function of a module. version : of what it gives. shared : the data. data : its digest. orders : what is to be done.
    """

    task: Task
    version: str
    shared: object
    data: str
    orders: Sequence[Order]

    @property
    def questions(self) -> list[Question]:
        """Return one question an order."""
        name = f"{self.task.__module__}.{self.task.__qualname__}"
        return [Question(name, self.version, order, self.data) for order in self.orders]


@dataclass(frozen=True, slots=True)
class Done:
    """Results of a job, in the order of its orders; how many were found, how many computed."""

    results: tuple[bytes, ...]
    found: int
    computed: int


def do(job: Job, executor: Executor, registry: Registry | None = None, tell: Callable[[int, int], None] = lambda _done, _all: None) -> Done:
    """Do a job: what the registry has is taken from it, the rest is computed and kept, each result as soon as it is there.

    Parameters
    ----------
    registry : None keeps nothing. tell : called with how many results are there, of how many.
    """
    questions = job.questions
    if registry is not None:
        registry.tidy()
    results: dict[int, bytes] = {} if registry is None else _found(registry, questions)
    found = len(results)
    tell(found, len(questions))
    missing = [number for number in range(len(questions)) if number not in results]
    if missing:
        for k, result in executor.run(job.task, job.shared, [job.orders[number] for number in missing]):
            number = missing[k]
            if registry is not None:
                registry.keep(questions[number], result)
            results[number] = result
            tell(len(results), len(questions))
    return Done(tuple(results[number] for number in range(len(questions))), found, len(missing))


def _found(registry: Registry, questions: Sequence[Question]) -> dict[int, bytes]:
    held = ((number, registry.found(question)) for number, question in enumerate(questions))
    return {number: result for number, result in held if result is not None}


def digest(parts: Mapping[str, Any]) -> str:
    """Digest of named arrays and plain values: names, types, shapes and bytes, in the order of names.

    Examples
    --------
    >>> import numpy as np
    >>> digest({"a": np.array([1.0]), "b": 2}) == digest({"b": 2, "a": np.array([1.0])})
    True
    >>> digest({"a": np.array([1.0])}) == digest({"a": np.array([1.0 + 2e-16])})
    False
    """
    import numpy as np

    found = hashlib.sha256()
    for name, value in sorted(parts.items()):
        array = np.ascontiguousarray(value) if isinstance(value, np.ndarray) else None
        kind = f"{array.dtype.str}{array.shape}" if array is not None else "json"
        body = array.tobytes() if array is not None else json.dumps(value, sort_keys=True).encode()
        found.update(f"{name}\0{kind}\0{len(body)}\0".encode())
        found.update(body)
    return found.hexdigest()
