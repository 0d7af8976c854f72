"""What does a builder of a table have at hand besides the columns?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from perpscope.sources.known import KnownFacts
from perpscope.sources.model import Lacks


@dataclass(frozen=True, slots=True)
class Given:
    """Facts of a group of rows.

    Parameters
    ----------
    asked : words for the file, used in errors. facts : what the mapping states about these rows.
    known : what the rule books know.
    spelled : our words to the file's own column names.
    lacks : where lacking facts are gathered. notes : where remarks for the reader are gathered.
    mixed : whether the rows come from messages of many contracts, so that one contract's fault is not the file's.
    """

    asked: str
    facts: Mapping[str, Any]
    known: KnownFacts
    spelled: Mapping[str, str]
    lacks: Lacks
    notes: dict[str, None] = field(default_factory=dict)
    mixed: bool = False
