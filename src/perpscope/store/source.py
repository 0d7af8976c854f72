"""Where does a row come from, and what became of the rows offered?"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from perpscope.errors import InputError

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One delivery of rows: a file or a payload, with what was stated about it.

    Parameters
    ----------
    name : what people call it (a file's name, an address); never evidence.
    sha256 : hash of its content, hexadecimal.
    licence : of the content; "none stated" where it says nothing.
    table : name of the table its rows go to.
    facts : what its columns do not say (market, unit, close time ...), as stated by its mapping.
    rows : rows in it, good and bad.
    precedence : the higher wins where sources differ; 0 unless the mapping says otherwise.
    id : how its rows name it; empty: the first 16 hexadecimal digits of sha256 over content hash and facts.
    """

    name: str
    sha256: str
    table: str
    licence: str = "none stated"
    facts: Mapping[str, str] = field(default_factory=dict)
    rows: int = 0
    precedence: int = 0
    id: str = ""

    def __post_init__(self) -> None:
        """Give the source its id where none was given."""
        if not self.sha256:
            raise InputError(f"the source {self.name!r}", "no hash of its content", "Hash the bytes it was read from.")
        if not self.id:
            object.__setattr__(self, "id", source_id(self.sha256, self.facts))


def source_id(sha256: str, facts: Mapping[str, str]) -> str:
    """Name the same content read under the same facts the same way, always and everywhere."""
    return hashlib.sha256(f"{sha256}\n{facts_text(facts)}".encode()).hexdigest()[:16]


def facts_text(facts: Mapping[str, str]) -> str:
    """Write facts as text that does not depend on their order."""
    return json.dumps(dict(facts), sort_keys=True, ensure_ascii=False, separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class Written:
    """What became of the rows offered: added + present + conflicting.height = rows offered.

    Parameters
    ----------
    added : rows that are new and now durable.
    present : rows that were there already, value for value.
    conflicting : rows whose key is taken by other values, not stored, with the column `reason`.
    """

    added: int
    present: int
    conflicting: pl.DataFrame
