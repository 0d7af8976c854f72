"""What does a file of margin tables say?

One form serves the catalogue's own files and a user's: TOML or JSON with `[[bracket]]` rows. A user's file may also be what ccxt
answers to `fetchLeverageTiers`: symbols with lists of tiers. Numbers are read exactly.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from perpscope.errors import CatalogueError, InputError, PerpscopeError
from perpscope.market.brackets import MEASURES, VALUED, Brackets, Tier
from perpscope.market.number import INF, Number
from perpscope.market.time import day_ms

COLUMNS = {"upto", "maintenance", "initial", "leverage", "deduction", "ramp"}
_ELSEWHERE = {
    "maxNotional": "upto",
    "notionalCap": "upto",
    "maintenanceMarginRate": "maintenance",
    "maintMarginRatio": "maintenance",
    "maxLeverage": "leverage",
    "initialLeverage": "leverage",
    "cum": "deduction",
}
_KEYS = {
    "venue", "contract", "contracts", "from", "to", "seen", "dates", "status", "source", "unit", "measure", "marginal", "marginal_source",
    "valued", "valued_source", "columns", "tiers", "steps", "assumed", "note", "says",
}  # fmt: skip
_MAKE_IT = "See docs/guide/margin.md for the form."


@dataclass(frozen=True, slots=True)
class BracketRow:
    """One table, or one remark about margins, with its dates and its source.

    Parameters
    ----------
    venue : venue id; empty in a file that speaks of whatever venue is asked. names : other names of the venue.
    contracts : native ids or unified symbols. since, until, seen : ms UTC; None where not known.
    dates : what the source says of its dates. status : verified, stated, inferred, or given (by a user).
    source, note : who says so; what else a reader should know. unit : of the table's measure.
    brackets : the table; None for a remark. says : the remark.
    assumed : what is taken for granted without a source.
    """

    venue: str
    names: tuple[str, ...]
    contracts: tuple[str, ...]
    since: int | None
    until: int | None
    seen: int | None
    dates: str
    status: str
    source: str
    unit: str
    brackets: Brackets | None
    says: str
    assumed: tuple[str, ...]
    note: str

    @property
    def undated(self) -> bool:
        """Whether nothing is known of its dates."""
        return self.since is None and self.until is None and self.seen is None


def parse_brackets(text: str) -> tuple[BracketRow, ...]:
    """Read a file of the catalogue.

    Raises
    ------
    CatalogueError
        When it contradicts itself.
    """
    found = tomllib.loads(text, parse_float=_decimal)
    try:
        return tuple(_row({**found["venue"], **row}, found["venue"], found["sources"]) for row in found["bracket"])
    except InputError as problem:
        raise CatalogueError(f"the margins of {found['venue']['id']}", str(problem), "Mend the file.") from problem


def read_brackets(text: str, source: str) -> tuple[BracketRow, ...]:
    """Read a user's file: TOML or JSON with rows, one row, or ccxt's leverage tiers.

    Parameters
    ----------
    text : the file. source : what to call it where a row names no source.

    Raises
    ------
    InputError
        When it is none of these, or a table in it cannot be.
    """
    found = _loaded(text)
    own = {"source": source, "status": "given"}
    try:
        return tuple(_row({**own, **row}, {"id": row.get("venue", "")}, {}) for row in _rows_of(found))
    except InputError:
        raise
    except (PerpscopeError, KeyError, TypeError, ValueError, ZeroDivisionError) as problem:
        raise InputError(f"the margin tables of {source}", f"{type(problem).__name__}: {problem}", _MAKE_IT) from None


def _loaded(text: str) -> Any:  # noqa: ANN401 - whatever a file may hold
    try:
        return json.loads(text, parse_float=_decimal)
    except ValueError:
        pass
    try:
        return tomllib.loads(text, parse_float=_decimal)
    except ValueError as problem:
        raise InputError("a file of margin tables", f"neither JSON nor TOML ({problem})", _MAKE_IT) from None


def _rows_of(found: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - whatever a file may hold
    if isinstance(found, Mapping) and ("bracket" in found or "brackets" in found):
        found = found.get("bracket", found.get("brackets"))
    if isinstance(found, Mapping) and "tiers" in found:
        found = [found]
    if isinstance(found, Mapping) and found and all(isinstance(tiers, list) for tiers in found.values()):
        found = [{"contracts": [symbol], "tiers": tiers} for symbol, tiers in found.items()]
    if not isinstance(found, list) or not found or not all(isinstance(row, Mapping) for row in found):
        raise InputError("a file of margin tables", "no rows with tiers", _MAKE_IT)
    return [dict(row) for row in found]


def _row(row: Mapping[str, Any], venue: Mapping[str, Any], sources: Mapping[str, str]) -> BracketRow:
    strange = sorted(set(row) - _KEYS - {"id", "names"})
    if strange:
        raise InputError("a margin table", f"names nobody reads: {', '.join(strange)}", f"Known are {', '.join(sorted(_KEYS))}.")
    contracts = tuple(row.get("contracts", [row["contract"]] if "contract" in row else []))
    table = _table(row) if row.get("tiers") else None
    if table is None and not row.get("says"):
        raise InputError(f"the margin table of {', '.join(contracts)}", "no tiers", _MAKE_IT)
    if table is not None and not contracts:
        raise InputError("a margin table", "it names no contract", "Give contracts, native ids or unified symbols.")
    return BracketRow(
        venue.get("id", ""),
        tuple(venue.get("names", ())),
        contracts,
        _moment(row.get("from")),
        _moment(row.get("to")),
        _moment(row.get("seen")),
        row.get("dates", ""),
        row.get("status", "stated"),
        sources.get(row["source"], row["source"]),
        row.get("unit", ""),
        table,
        row.get("says", ""),
        tuple(row.get("assumed", ())) + (_taken(row, table) if table is not None else ()),
        row.get("note", ""),
    )


def _taken(row: Mapping[str, Any], table: Brackets) -> tuple[str, ...]:
    """Say what the form of a table takes for granted."""
    found = []
    if len(table.tiers) > 1 and "marginal" not in row:
        found.append("tiers are marginal: each rate applies to what lies in its tier")
    if "valued" not in row:
        found.append("maintenance is asked of the value at the mark price")
    return tuple(found)


def _table(row: Mapping[str, Any]) -> Brackets:
    columns = row.get("columns", ["upto", "maintenance", "leverage"])
    if not set(columns) <= COLUMNS:
        raise InputError("a margin table", f"columns {', '.join(columns)}", f"Known are {', '.join(sorted(COLUMNS))}.")
    lines = [_line(line, columns) for line in row["tiers"]]
    lines += _stepped(lines[-1], row["steps"]) if "steps" in row else []
    measure, valued = row.get("measure", "value"), row.get("valued", "mark")
    if measure not in MEASURES or valued not in VALUED:
        raise InputError("a margin table", f"measured by {measure!r}, valued at {valued!r}", f"Known are {MEASURES} and {VALUED}.")
    if any("deduction" in line or "ramp" in line for line in lines):
        tiers = (Tier(x["upto"], x["maintenance"], _opens(x), x.get("deduction", 0), x.get("ramp", 0)) for x in lines)
        return Brackets(tuple(tiers), measure, valued)
    rows = [(line["upto"], line["maintenance"], _opens(line)) for line in lines]
    return Brackets.of(rows, marginal=row.get("marginal", True), measure=measure, valued=valued)


def _line(line: Sequence[Any] | Mapping[str, Any], columns: Sequence[str]) -> dict[str, Number]:
    if isinstance(line, Mapping):
        named = {**line, **(line.get("info") or {})} if "cum" in (line.get("info") or {}) else line
        found = {_ELSEWHERE.get(name, name): value for name, value in named.items()}
    elif len(line) == len(columns):
        found = dict(zip(columns, line, strict=True))
    else:
        raise InputError("a margin tier", f"{len(line)} numbers", f"Give {', '.join(columns)}.")
    numbers = {name: _number(value) for name, value in found.items() if name in COLUMNS and value is not None}
    if "maintenance" not in numbers:
        raise InputError("a margin tier", "no maintenance rate", _MAKE_IT)
    return {"upto": INF} | numbers


def _opens(line: Mapping[str, Number]) -> Number | None:
    if "initial" in line:
        return line["initial"]
    return 1 / Fraction(line["leverage"]) if "leverage" in line else None


def _stepped(last: Mapping[str, Number], steps: Mapping[str, Any]) -> list[dict[str, Number]]:
    """Go on after the last line in equal steps, until the table ends or a position must be paid in full."""
    every, upto = Fraction(steps["every"]), Fraction(steps["upto"]) if "upto" in steps else INF
    line, found = dict(last), list[dict[str, Number]]()
    while line["upto"] < upto:
        opens, keeps = line["initial"] + Fraction(steps["initial"]), line["maintenance"] + Fraction(steps["maintenance"])
        if opens > 1 or keeps >= 1:
            break
        line = {"upto": min(line["upto"] + every, upto), "maintenance": keeps, "initial": opens}
        found.append(line)
    return found


def _number(value: object) -> Number:
    if isinstance(value, float):
        return value if value == INF else Fraction(repr(value))
    if isinstance(value, str) and value.strip().lower() in ("inf", "infinity"):
        return INF
    try:
        if isinstance(value, int | str | Fraction) and not isinstance(value, bool):
            return Fraction(value)
    except (ValueError, ZeroDivisionError):
        pass
    raise InputError("a number of a margin table", f"{value!r}", "Write decimals.")


def _decimal(text: str) -> Number:
    if "inf" in text.lower():
        return INF
    return Fraction(text)


def _moment(written: object) -> int | None:
    if written is None or written == "":
        return None
    if not isinstance(written, str):
        raise InputError("the date of a margin table", f"{written!r}", 'Write it as text, like "2025-09-18".')
    return day_ms(written)
