"""What margin did a venue ask of a contract at a moment, and who says so?

Bracket tables are dated and sourced as rules are: TOML files in `margins`, one a venue. A table is in force between its dates;
one that was only seen holds for its day and is offered for others with the distance in days; an undated one is a scenario. What
nobody recorded is an error that says what to do, never a typical value.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from typing import Literal

from perpscope.catalogue.bracket_file import BracketRow, parse_brackets
from perpscope.catalogue.load import load_venue, resolve_symbol, resolve_venue, venue_ids
from perpscope.errors import CatalogueError, InputError
from perpscope.market.brackets import Brackets
from perpscope.market.instrument import Instrument, parse_symbol
from perpscope.market.time import FOREVER, to_text
from perpscope.units import MS_PER_DAY

Relation = Literal["in force", "nearest", "undated"]


@dataclass(frozen=True, slots=True)
class FoundBrackets:
    """The table that answers for a contract at a moment, and how well.

    Parameters
    ----------
    row : the table with its dates and source. symbol : unified symbol, or the native id where the venue's ids are not known.
    relation : "in force" (its dates hold the moment), "nearest" (seen or ended at another time), "undated".
    gap_days : whole days between the moment and the table's dates; 0 in force, None where it is undated.
    doubts : what a reader must know of its dates.
    """

    row: BracketRow
    symbol: str
    relation: Relation
    gap_days: int | None
    doubts: tuple[str, ...]

    @property
    def brackets(self) -> Brackets:
        """The table itself."""
        if self.row.brackets is None:
            raise CatalogueError("a margin table", self.row.says, "Give one in a file.")
        return self.row.brackets

    @property
    def assumed(self) -> tuple[str, ...]:
        """What the table takes for granted without a source; each says that it is assumed."""
        words = {
            "in force": (),
            "nearest": (f"the table of {self.gap_days} days away still or already held",),
            "undated": ("the undated table held",),
        }
        return (*words[self.relation], *self.row.assumed)

    def told(self) -> dict[str, object]:
        """Name the table for a reader: where it comes from, when it held, how sure it is."""
        row = self.row
        return {
            "venue": row.venue,
            "contracts": list(row.contracts),
            "source": row.source,
            "status": row.status,
            "from": None if row.since is None else to_text(row.since),
            "to": None if row.until is None else to_text(row.until),
            "seen": None if row.seen is None else to_text(row.seen),
            "dates": row.dates or None,
            "relation": self.relation,
            "gap_days": self.gap_days,
            "doubts": list(self.doubts),
            "note": row.note or None,
        }


@cache
def bracket_venues() -> tuple[str, ...]:
    """Ids of the venues with margin tables in the catalogue."""
    folder = resources.files("perpscope.catalogue").joinpath("margins")
    return tuple(sorted(f.name.removesuffix(".toml") for f in folder.iterdir() if f.name.endswith(".toml")))


@cache
def load_brackets(venue: str) -> tuple[BracketRow, ...]:
    """Load what is recorded of a venue's margins (its id); empty where nothing is."""
    if venue not in bracket_venues():
        return ()
    text = resources.files("perpscope.catalogue").joinpath("margins", f"{venue}.toml").read_text(encoding="utf-8")
    return parse_brackets(text)


def bracket_venue(text: str) -> str:
    """Venue id of an id, name or alias, of the rules or of the margin tables."""
    try:
        return resolve_venue(text)
    except InputError:
        for venue in bracket_venues():
            names = {venue, *(name for row in load_brackets(venue) for name in row.names)}
            if text.strip().lower() in {name.lower() for name in names}:
                return venue
        raise


def find_brackets(venue: str, contract: str, ms: int, given: Sequence[BracketRow] = ()) -> FoundBrackets:
    """Find the margin table of a contract at a moment.

    Parameters
    ----------
    venue : id, name or alias. contract : unified symbol, native id or coin. ms : moment, UTC.
    given : tables of the caller's own file; where they name the contract, they answer alone.

    Raises
    ------
    InputError
        When there is no such venue, or no contract can be called that.
    CatalogueError
        When no table of the contract is recorded; the message says which are, and what to do.
    """
    own = bracket_venue(venue)
    recorded = load_brackets(own)
    symbol, ids = _named(own, contract, (*given, *recorded))
    for rows in (given, recorded):
        mine = [row for row in rows if row.brackets is not None and row.venue in ("", own) and ids & set(row.contracts)]
        if mine:
            return _at(_closed(mine), symbol, ms)
    known = sorted({name for row in recorded if row.brackets is not None for name in row.contracts})
    there = f"unknown; recorded are {', '.join(known)}" if known else "unknown; none of this venue is recorded"
    raise CatalogueError(f"the margin table of {own} {contract}", there, "Give --maintenance, or a table in a file (--brackets).")


def _named(venue: str, contract: str, rows: Iterable[BracketRow]) -> tuple[str, set[str]]:
    """Return the symbol of what the user typed, and the names a table may know it by."""
    native = list(dict.fromkeys(name for row in rows for name in row.contracts))
    if venue not in venue_ids():
        return _unlisted(venue, contract, native)
    read = load_venue(venue).instrument
    known = {name: instrument for name in native if (instrument := read(name)) is not None}
    found = resolve_symbol(venue, contract, tuple(known.values()))
    symbol = found.symbol if isinstance(found, Instrument) else found
    return symbol, {symbol, contract} | {name for name, instrument in known.items() if instrument.symbol == symbol}


def _unlisted(venue: str, contract: str, native: Sequence[str]) -> tuple[str, set[str]]:
    """Return the same for a venue whose ids nobody has described: the id itself, or the coin it begins with."""
    base = parse_symbol(contract)[0] if "/" in contract else contract
    ids = {name for name in native if name == contract or name.split("-")[0].split("_")[0].upper() == base.upper()}
    if not ids:
        raise InputError(f"{venue} {contract}", f"tables are recorded of {', '.join(native)}", "Name one of them.")
    return contract, ids


def _closed(rows: Sequence[BracketRow]) -> list[BracketRow]:
    """End each table that has no end of its own where another one of the contract begins or was seen."""
    starts = sorted(start for row in rows if (start := _start(row)) is not None)
    found = []
    for row in rows:
        later = [start for start in starts if row.since is not None and start > row.since]
        opened = row.since is not None and row.until is None
        words = f"{row.dates}; to: where the next table is known" if row.dates else "to: where the next table is known"
        found.append(replace(row, until=later[0], dates=words) if opened and later else row)
    return found


def _start(row: BracketRow) -> int | None:
    return row.since if row.seen is None else row.seen


def _at(rows: Sequence[BracketRow], symbol: str, ms: int) -> FoundBrackets:
    dated = [row for row in rows if not row.undated]
    held = [row for row in dated if _gap(row, ms) == 0]
    if held:
        row = max(held, key=lambda r: (r.seen is not None, r.since if r.since is not None else -1))
        return FoundBrackets(row, symbol, "in force", 0, _doubts(row))
    if dated:
        row = min(dated, key=lambda r: _gap(r, ms))
        days = -(-_gap(row, ms) // MS_PER_DAY)
        return FoundBrackets(row, symbol, "nearest", days, (f"seen or in force {days} days away; what held between is not on record",))
    return FoundBrackets(rows[-1], symbol, "undated", None, ("its source has no date: a scenario, not history",))


def _gap(row: BracketRow, ms: int) -> int:
    """Milliseconds between a moment and the dates of a table; 0 inside."""
    if row.seen is not None:
        return max(row.seen - ms, ms - (row.seen + MS_PER_DAY - 1), 0)
    first = -FOREVER if row.since is None else row.since
    last = FOREVER if row.until is None else row.until
    return max(first - ms, ms - last + 1 if ms >= last else 0, 0)


def _doubts(row: BracketRow) -> tuple[str, ...]:
    if row.seen is not None:
        return ()
    no_start = ("since when it held is not on record",) if row.since is None else ()
    return (*no_start, *(("until when it held is not on record",) if row.until is None else ()))


def bracket_rows(venue: str = "") -> list[Mapping[str, object]]:
    """List every recorded table and remark, or those of one venue: {venue, contracts, from, to, seen, status, source, says}."""
    venues = [bracket_venue(venue)] if venue else list(bracket_venues())
    return [
        {
            "venue": row.venue,
            "contracts": list(row.contracts),
            "from": None if row.since is None else to_text(row.since),
            "to": None if row.until is None else to_text(row.until),
            "seen": None if row.seen is None else to_text(row.seen),
            "status": row.status,
            "tiers": 0 if row.brackets is None else len(row.brackets.tiers),
            "says": row.says or None,
            "source": row.source,
        }
        for name in venues
        for row in load_brackets(name)
    ]
