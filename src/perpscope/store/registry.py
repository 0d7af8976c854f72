"""What was known of a contract at one time about another time?

Two clocks: when a fact held at the venue (valid), and when this store believed it (known). Nothing is overwritten:
a fact that is no longer believed is marked superseded, so an old result can be explained by what was known then.
Facts stated by a source and facts inferred from its stamps stand beside each other, each with its source.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from perpscope.errors import InputError
from perpscope.market.instrument import Identity
from perpscope.market.time import FOREVER, to_text
from perpscope.store import state
from perpscope.store.fact import Fact
from perpscope.store.lives import Life, life_at, lives

if TYPE_CHECKING:
    import polars as pl

_FACT = "venue, market_list, native_id, fact, value, valid_from, valid_to, basis, evidence"
_BELIEF = "venue, market_list, native_id, fact, basis, source"
_SHOWN = f"{_FACT}, source, recorded_at, superseded_at"


def record(db: sqlite3.Connection, facts: Iterable[Fact], source: str, now_ms: int) -> int:
    """Believe these facts of a source from now on, in place of what it said of the same contracts and facts before.

    Returns the number of beliefs that changed; telling the same twice changes none.
    """
    told: dict[tuple[str, ...], set[Fact]] = {}
    for fact in facts:
        told.setdefault((fact.venue, fact.market_list, fact.native_id, fact.fact, fact.basis), set()).add(fact)
    return sum(_believe(db, belief, new, source, now_ms) for belief, new in told.items())


def _believe(db: sqlite3.Connection, belief: tuple[str, ...], new: set[Fact], source: str, now_ms: int) -> int:
    held = db.execute(
        f"select number, {_FACT} from contract_facts where ({_BELIEF}, superseded_at) = (?, ?, ?, ?, ?, ?, ?)",  # noqa: S608 - constants
        (*belief, source, FOREVER),
    ).fetchall()
    known = {Fact(*row): number for number, *row in held}
    gone = [(now_ms, number) for fact, number in known.items() if fact not in new]
    come = [
        (f.venue, f.market_list, f.native_id, f.fact, f.value, f.valid_from, f.valid_to, f.basis, f.evidence, source, now_ms, FOREVER)
        for f in sorted(new - known.keys(), key=lambda fact: fact.valid_from)
    ]
    db.executemany("update contract_facts set superseded_at = ? where number = ?", gone)
    db.executemany(f"insert into contract_facts ({_SHOWN}) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", come)  # noqa: S608 - constants
    return len(gone) + len(come)


@dataclass(frozen=True, slots=True)
class Registry:
    """The contracts of one store.

    Parameters
    ----------
    folder : of the store.
    """

    folder: Path

    def record(self, facts: Iterable[Fact], source: str, now_ms: int) -> int:
        """Believe facts told by `source` (a mapping, a venue's own listing) from `now_ms` on; returns the number of changes."""
        with state.changing(self.folder) as db:
            return record(db, facts, source, now_ms)

    def as_of(self, valid_ms: int | None = None, known_ms: int | None = None, **who: str) -> pl.DataFrame:
        """Facts that held at `valid_ms` as believed at `known_ms`; None asks for all times, and for now.

        Keyword arguments venue, market_list, native_id, fact, basis and source narrow the answer.

        Returns
        -------
        Columns venue, market_list, native_id, fact, value, valid_from, valid_to, basis, evidence, source, recorded_at,
        superseded_at; times in ms, `FOREVER` where open.
        """
        import polars as pl

        if strange := who.keys() - set(_BELIEF.split(", ")):
            raise InputError("facts of a contract", f"no column {', '.join(sorted(strange))}", f"Narrow by {_BELIEF}.")
        known = "superseded_at = :forever" if known_ms is None else "recorded_at <= :known and :known < superseded_at"
        valid = "" if valid_ms is None else " and valid_from <= :valid and :valid < valid_to"
        names = "".join(f" and {name} = :{name}" for name in sorted(who))
        asked = f"select {_SHOWN} from contract_facts where {known}{valid}{names} order by {_BELIEF}, valid_from"  # noqa: S608 - names checked
        with state.asking(self.folder) as db:
            found = db.execute(asked, {"forever": FOREVER, "known": known_ms, "valid": valid_ms, **who}).fetchall()
        texts = {"venue", "market_list", "native_id", "fact", "basis", "source"}
        schema = {
            name: pl.String() if name in texts else pl.Float64() if name == "value" else pl.Int64()
            for name in map(str.strip, _SHOWN.split(","))
        }
        return pl.DataFrame(found, schema=schema, orient="row")

    def lives(self, venue: str, market_list: str, native_id: str, known_ms: int | None = None) -> list[Life]:
        """Lives of one ticker in order of time, from its stated listings and ends and the stamps of all sources."""
        facts = self.as_of(known_ms=known_ms, venue=venue, market_list=market_list, native_id=native_id)
        moments: dict[str, list[int]] = {"listing": [], "end": []}
        seen: list[tuple[int, int]] = []
        for fact, value, low, high in facts.select("fact", "value", "valid_from", "valid_to").iter_rows():
            if fact in moments:
                moments[fact].append(int(value))
            elif fact == "seen":
                seen.append((low, high))
        return lives(seen, moments["listing"], moments["end"])

    def identity(self, venue: str, market_list: str, native_id: str, ms: int) -> Identity:
        """Name the contract that bore a ticker at `ms`.

        Raises
        ------
        InputError
            When no contract did: before the listing, or after the end.
        """
        found = self.lives(venue, market_list, native_id)
        life = life_at(found, ms)
        if life is None:
            raise InputError(f"{native_id} on {venue} at {to_text(ms)}", _outside(found, ms), "Ask for a time within its life.")
        return Identity(venue, native_id, life.listed)

    def outside(self, frame: pl.DataFrame) -> pl.DataFrame:
        """{row, reason} for each row of `frame` stamped before the listing or after the end of its contract."""
        import polars as pl

        who = ["venue", "market_list", "native_id"]
        out: list[tuple[int, str]] = []
        rows = frame.select(*who, pl.col("ts").dt.timestamp("ms")).with_row_index("row")
        for (venue, market_list, native_id), each in rows.group_by(who, maintain_order=True):
            found = self.lives(str(venue), str(market_list), str(native_id))
            inside = pl.any_horizontal(pl.col("ts").is_between(life.listed, life.ended) for life in found)
            out += [(row, _outside(found, ms)) for row, ms in each.filter(~inside).select("row", "ts").iter_rows()]
        return pl.DataFrame(sorted(out), schema={"row": pl.UInt32(), "reason": pl.String()}, orient="row")


def _outside(found: list[Life], ms: int) -> str:
    before = [life.ended for life in found if life.ended < ms]
    if before:
        return f"the contract had ended at {to_text(max(before))}"
    return f"the contract was not listed before {to_text(min(life.listed for life in found))}"
