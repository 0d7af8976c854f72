"""What does the mapping beside the data say about this file?

`import.toml` lists files by name or pattern, each with `facts` and, where columns decide, a `map` of (when -> facts)
whose first match wins. A name chooses an entry and is never evidence of anything else.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from perpscope.errors import InputError
from perpscope.sources.facts import ABOUT_THE_SOURCE, KNOWN, as_text, check_facts

NAME = "import.toml"
_ENTRY = {"name", "facts", "map"}
_CASE = {"when", "facts"}


@dataclass(frozen=True, slots=True)
class Case:
    """Rows whose columns hold one of the values in `when` have these `facts`."""

    when: tuple[tuple[str, tuple[str, ...]], ...]
    facts: Mapping[str, Any]

    @property
    def words(self) -> str:
        """Say which rows are meant."""
        return " and ".join(f"{column} = {' or '.join(values)}" for column, values in self.when) or "all other rows"


@dataclass(frozen=True, slots=True)
class Entry:
    """What is stated about one file: facts of all its rows, then cases of some.

    Parameters
    ----------
    origin : the mapping it comes from, in words; empty where no mapping speaks of the file.
    """

    facts: Mapping[str, Any] = field(default_factory=dict)
    cases: tuple[Case, ...] = ()
    origin: str = ""

    @property
    def licence(self) -> str:
        """Licence of the content, as stated."""
        return str(self.facts.get("licence", "none stated"))

    @property
    def precedence(self) -> int:
        """Rank among sources of the same fact."""
        return int(self.facts.get("precedence", 0))

    def identity(self) -> dict[str, str]:
        """Facts that change what the rows mean, as text."""
        said = as_text(self.facts)
        if self.cases:
            cases = [{"when": dict(c.when), "facts": as_text(c.facts)} for c in self.cases]
            said["map"] = json.dumps(cases, sort_keys=True, ensure_ascii=False)
        return said


@dataclass(frozen=True, slots=True)
class FileFacts:
    """A mapping: entries by name or pattern, in order."""

    entries: tuple[tuple[str, Entry], ...] = ()

    def entry(self, path: Path) -> Entry:
        """Return the first entry whose name or pattern fits the file; an empty one where none does."""
        for name, entry in self.entries:
            if path.name == name or fnmatchcase(path.name, name) or ("/" in name and fnmatchcase(path.as_posix(), f"*{name}")):
                return entry
        return Entry()


NO_MAPPING = FileFacts()


def read_mapping(path: Path) -> FileFacts:
    """Read a mapping file, checked whole.

    Raises
    ------
    InputError
        When it is unreadable or holds a key or value that is not known; the message lists what is.
    """
    asked = f"the mapping {path.name}"
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError) as problem:
        raise InputError(asked, f"it cannot be read: {problem}", "Give a text file in TOML.") from None
    except tomllib.TOMLDecodeError as problem:
        raise InputError(asked, f"it is not TOML: {problem}", "Mend that line.") from None
    _only(asked, raw, {"file"})
    files = raw.get("file", [])
    if not isinstance(files, list):
        raise InputError(asked, "`file` is not a list", "Write [[file]] before each file.")
    return FileFacts(tuple(_entry(asked, item, path.name) for item in files))


def mapping_of(path: Path, chosen: Path | None = None) -> FileFacts:
    """Return the mapping that speaks of a file: the chosen one, else `import.toml` in the file's own folder, else an empty one."""
    beside = chosen or path.parent / NAME
    return read_mapping(beside) if chosen or beside.is_file() else NO_MAPPING


def _entry(asked: str, item: Mapping[str, Any], origin: str) -> tuple[str, Entry]:
    name = item.get("name")
    if not isinstance(name, str) or not name:
        raise InputError(asked, "a [[file]] without a name", 'Give name = "..." (a name or a pattern such as "*.csv").')
    where = f"{asked}, file {name}"
    _only(where, {key: value for key, value in item.items() if key not in KNOWN}, _ENTRY)
    beside = {key: value for key, value in item.items() if key in KNOWN}
    facts = {**beside, **_table(where, "facts", item.get("facts", {}))}
    check_facts(where, facts)
    listed = item.get("map", [])
    if not isinstance(listed, list):
        raise InputError(where, "`map` is not a list", "Write map = [ { when = {...}, facts = {...} } ].")
    return name, Entry(facts, tuple(_case(where, case) for case in listed), origin)


def _case(where: str, case: Mapping[str, Any]) -> Case:
    _only(f"{where}, map", case, _CASE)
    facts = _table(where, "facts", case.get("facts", {}))
    check_facts(where, facts)
    about = ABOUT_THE_SOURCE & set(facts)
    if about:
        raise InputError(where, f"{', '.join(sorted(about))} inside map", "These are of the whole file: put them into its facts.")
    when = _table(where, "when", case.get("when", {}))
    return Case(tuple((column, _values(value)) for column, value in when.items()), facts)


def _table(where: str, name: str, value: Any) -> Mapping[str, Any]:  # noqa: ANN401 - a TOML value
    if not isinstance(value, Mapping):
        raise InputError(where, f"{name} = {value!r}", f"Write {name} = {{ ... }}.")
    return value


def _values(value: Any) -> tuple[str, ...]:  # noqa: ANN401 - a TOML value
    listed = value if isinstance(value, Sequence) and not isinstance(value, str) else [value]
    return tuple(str(v).lower() if isinstance(v, bool) else str(v) for v in listed)


def _only(where: str, item: Any, known: set[str]) -> None:  # noqa: ANN401 - a TOML value
    if not isinstance(item, Mapping):
        raise InputError(where, f"{item!r} is not a table", f"Its keys are {', '.join(sorted(known))}.")
    foreign = set(item) - known
    if foreign:
        raise InputError(where, f"unknown {', '.join(sorted(foreign))}", f"Known keys are {', '.join(sorted(known))}.")
