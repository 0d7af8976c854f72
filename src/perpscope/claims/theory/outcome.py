"""What became of a check?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from perpscope.claims.theory.checks import Check

Status = Literal["pass", "fail", "unsupported", "disputed"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a check.

    Parameters
    ----------
    check : as written. status : what it comes to. got : what was found, None where nothing was. reason : how, or why not.
    parts : of a check on data, what became of each number: {name, status, expected, got, reason}.
    data : the rows it was tried on: {table, rows, first, last, missing, digest, who}.
    """

    check: Check
    status: Status
    got: Any = None
    reason: str = ""
    parts: Sequence[Mapping[str, Any]] = field(default=())
    data: Sequence[Mapping[str, Any]] = field(default=())
