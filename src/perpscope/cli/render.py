"""How does data leave the command line?

As a table for eyes, JSON for programs or CSV for sheets, always on standard output; a number that is none (NaN, infinite)
leaves as null. Talk goes to standard error, see `place.say`.
"""

from __future__ import annotations

import csv
import io
import json
import math
import shutil
import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from fractions import Fraction
from typing import Annotated, Any, Literal, TypeAlias

from cyclopts import Parameter

Format: TypeAlias = Annotated[Literal["table", "json", "csv"], Parameter(name="--format", help="How to print: table, json or csv.")]
Row: TypeAlias = Mapping[str, object]
WIDE = 160
GENERATED = "SYNTHETIC: rows behind this answer were generated and are of no market"


def render(found: Sequence[Row] | Row, form: str = "table", *, columns: Sequence[str] = (), title: str = "") -> None:
    """Print rows, or one thing, to standard output.

    Parameters
    ----------
    found : rows of name -> value (a list of objects in JSON), or one mapping (an object; name and value line by line in a
    table). Nested values are JSON in the cells of rows, and columns of their own where there is one thing.
    form : "table", "json" or "csv".
    columns : which columns a table of rows shows, in which order; all of them where empty. JSON and CSV hold everything.
    title : above a table.
    """
    if form == "json":
        write(json.dumps(plain(found), ensure_ascii=False, allow_nan=False, indent=2))
    elif form == "csv":
        write(_csv([_flat(found)] if isinstance(found, Mapping) else found))
    elif isinstance(found, Mapping):
        _table([{"": name, "value": cell(value)} for name, value in _flat(found).items()], ("", "value"), title)
    else:
        _table(found, columns or names_of(found), title)


def plain(value: object) -> Any:  # noqa: ANN401 - whatever JSON can hold
    """Reduce a value to what JSON can hold; NaN and infinities become null."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    if isinstance(value, Fraction):
        return float(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    return value if value is None or isinstance(value, bool | int | str) else str(value)


def cell(value: object) -> str:
    """Write one value for a table or a sheet."""
    value = plain(value)
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.12g}"
    if isinstance(value, list) and all(isinstance(item, str | int | float) for item in value):
        return ", ".join(cell(item) for item in value)
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else str(value)


def narrow(columns: int) -> bool:
    """Whether data goes to a terminal of fewer columns."""
    return sys.stdout.isatty() and shutil.get_terminal_size().columns < columns


def names_of(rows: Sequence[Row]) -> tuple[str, ...]:
    """Column names of rows, in the order of their first appearance."""
    return tuple(dict.fromkeys(name for row in rows for name in row))


def write(text: str) -> None:
    """Write data to standard output, ended by one line end."""
    sys.stdout.write(text if text.endswith("\n") else f"{text}\n")


def write_certificate(certificate: Mapping[str, Any]) -> None:
    """Write the digest of the rows an answer stands on, whether all of them are there, and whether any were generated."""
    write(f"certificate {certificate.get('digest', 'none')}, complete: {certificate.get('complete', 'unknown')}")
    if certificate.get("synthetic"):
        write(GENERATED)


def _flat(row: Row, before: str = "") -> dict[str, object]:
    out: dict[str, object] = {}
    for name, value in row.items():
        out |= _flat(value, f"{before}{name}.") if isinstance(value, Mapping) and value else {f"{before}{name}": value}
    return out


def _csv(rows: Sequence[Row]) -> str:
    out = io.StringIO()
    names = names_of(rows)
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(names)
    writer.writerows([[cell(row.get(name)) for name in names] for row in rows])
    return out.getvalue()


def _fits(rows: Sequence[Row], columns: Sequence[str], width: int) -> bool:
    """Whether a table can stand in so many columns without a word or a number cut in two."""
    texts = [[name, *(cell(row.get(name)) for row in rows)] for name in columns]
    words = (max((len(word) for text in column for word in text.split()), default=0) for column in texts)
    return sum(words) + _PADDING * len(columns) <= width


def _blocks(rows: Sequence[Row], columns: Sequence[str], title: str) -> None:
    """Print each row as lines of name and value, an empty line between rows."""
    if title:
        write(title)
    longest = max(map(len, columns))
    for row in rows:
        told = [(name, cell(row.get(name))) for name in columns]
        write("\n" + "\n".join(f"{name:<{longest}}  {text}".strip() for name, text in told if text))


_PADDING = 3
"""Columns between two cells."""


def _table(rows: Sequence[Row], columns: Sequence[str], title: str) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console as Plain
    from rich.table import Table
    from rich.text import Text

    class Console(Plain):
        def on_broken_pipe(self) -> None:
            raise BrokenPipeError  # a reader who has seen enough is no finding

    terminal = sys.stdout.isatty()
    if terminal and not _fits(rows, columns, shutil.get_terminal_size().columns):
        _blocks(rows, columns, title)
        return
    table = Table(title=title or None, title_justify="left", box=SIMPLE_HEAD, show_header=any(columns), pad_edge=False)
    for name in columns:
        numeric = any(isinstance(plain(row.get(name)), int | float) for row in rows)
        table.add_column(name, justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell(row.get(name))) for name in columns))
    Console(file=sys.stdout, width=None if terminal else WIDE, highlight=False).print(table)
