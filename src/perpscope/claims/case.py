"""What is one claim given to be tried with?

A `Shelf` reads the store once for all claims; a `Case` hands one claim its data, keeps account of every row it was
given, and writes the certificate of exactly these rows. A claim does no reading of its own.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from string import Formatter
from typing import TYPE_CHECKING, Any

from perpscope.analysis.bars import closed_at, settlements
from perpscope.analysis.series import fixings
from perpscope.catalogue.load import SIMULATED
from perpscope.claims.model import Claim, Figure, Grid, Reproduction, Text, Verdict
from perpscope.errors import InputError
from perpscope.market.table import DATED_FUTURES, FUNDING, PRICES, Table
from perpscope.market.time import to_text

if TYPE_CHECKING:
    import polars as pl

    from perpscope.store import Store

Who = tuple[tuple[str, object], ...]


class Absent(Exception):  # noqa: N818 - it is a state of the store, not a fault
    """The store does not hold what a claim needs.

    Parameters
    ----------
    what : the rows that are missing, in words.
    """

    def __init__(self, what: Text) -> None:
        super().__init__(what.en)
        self.what = what


@dataclass(slots=True)
class Shelf:
    """The tables of a store, each read once.

    Parameters
    ----------
    store : where they are; None holds nothing.
    """

    store: Store | None
    _tables: dict[str, pl.DataFrame] = field(default_factory=dict)
    _parts: dict[tuple[str, Who], pl.DataFrame] = field(default_factory=dict)
    _proofs: dict[tuple[str, Who], dict[str, Any]] = field(default_factory=dict)

    def part(self, table: Table, who: Who) -> pl.DataFrame:
        """Rows of a table of which columns equal values; "since" and "until" bound `ts` (ms, since <= ts < until)."""
        key = (table.name, who)
        if key not in self._parts:
            self._parts[key] = _filtered(self._whole(table), who)
        return self._parts[key]

    def proof(self, table: Table, who: Who) -> dict[str, Any]:
        """Tell what exactly these rows are: count, span, stamps missing, sources and digest."""
        key = (table.name, who)
        if key not in self._proofs:
            if self.store is None:
                raise InputError("a certificate", "no store", "Open one first.")
            (used,) = self.store.certificate(self.part(table, who)).used
            span = [None if moment is None else to_text(moment) for moment in (used.first, used.last)]
            stamps = {"expected": used.coverage.expected, "present": used.coverage.present, "missing": used.coverage.missing}
            told = {"table": used.table, "rows": used.rows, "first": span[0], "last": span[1], **stamps, "digest": used.digest}
            sources = [{"name": s.name, "sha256": s.sha256, "complete": s.complete} for s in used.sources]
            named = {name: value for name, value in who if name not in ("since", "until")}
            self._proofs[key] = {**told, "who": named, "sources": sources}
        return self._proofs[key]

    def _whole(self, table: Table) -> pl.DataFrame:
        import polars as pl

        if table.name not in self._tables:
            held = self.store is not None and table.name in self.store.tables()
            rows = self.store.read(table) if held and self.store is not None else table.empty()
            self._tables[table.name] = rows.filter(~pl.col("venue").str.starts_with(SIMULATED))  # claims are about markets
        return self._tables[table.name]


def _filtered(rows: pl.DataFrame, who: Who) -> pl.DataFrame:
    import polars as pl

    wanted: list[pl.Expr] = []
    for name, value in who:
        if name in ("since", "until"):
            moment = pl.lit(value).cast(pl.Datetime("ms", "UTC"))
            wanted.append(pl.col("ts") >= moment if name == "since" else pl.col("ts") < moment)
        elif name == "contract":
            wanted.append((pl.col("symbol") == pl.lit(value)) | (pl.col("native_id") == pl.lit(value)))
        else:
            wanted.append(pl.col(name) == pl.lit(value))
    return rows.filter(*wanted) if wanted else rows


@dataclass(slots=True)
class Case:
    """One claim before the court, with the data it may use.

    Parameters
    ----------
    claim : what is tried. shelf : what the store holds.
    """

    claim: Claim
    shelf: Shelf
    _used: dict[tuple[str, Who], Table] = field(default_factory=dict)

    @property
    def store(self) -> Store:
        """The store itself, for rooms that read it on their own; what they read is theirs to certify (`Case.answer`)."""
        if self.shelf.store is None:
            raise Absent(Text("store", "数据库"))
        return self.shelf.store

    def rows(self, table: Table, *, start: int | None = None, end: int | None = None, **who: object) -> pl.DataFrame:
        """Rows of any table as the store holds them.

        Parameters
        ----------
        table : which. start, end : ms UTC, start <= ts < end. who : values of columns; "contract" is a symbol or native id.

        Raises
        ------
        Absent
            When there are none.
        """
        asked = tuple(sorted(who.items())) + (() if start is None else (("since", start),)) + (() if end is None else (("until", end),))
        found = self.shelf.part(table, asked)
        if found.is_empty():
            raise Absent(_words(table, asked))
        self._used[table.name, asked] = table
        return found

    def has(self, table: Table, *, least: int = 1, **who: object) -> bool:
        """Whether a table holds at least `least` rows of which columns equal these values."""
        return self.shelf.part(table, tuple(sorted(who.items()))).height >= least

    def has_funding(self, venue: str, contract: str, *, least: int = 1) -> bool:
        """Whether at least `least` settled fixings of a contract are there."""
        return self.has(FUNDING, least=least, venue=venue, contract=contract, kind="settled")

    def funding(
        self, venue: str, contract: str, *, start: int | None = None, end: int | None = None, market_list: str = ""
    ) -> pl.DataFrame:
        """Settled fixings of one contract as `analysis.series.fixings` gives them, by slot.

        Parameters
        ----------
        venue, contract : ids; a unified symbol or native id. start, end : ms UTC, start <= ts < end.
        """
        return fixings(self.rows(FUNDING, start=start, end=end, venue=venue, contract=contract, market_list=market_list, kind="settled"))

    def bars(
        self,
        venue: str,
        contract: str,
        *,
        market: str,
        bar_hours: float,
        price_kind: str | None = None,
        start: int | None = None,
        end: int | None = None,
    ) -> pl.DataFrame:
        """Price bars of one contract, with `open_at` and `close_at` (ms UTC), sorted by close; bars without a close time are left out."""
        import polars as pl

        kind = {} if price_kind is None else {"price_kind": price_kind}
        found = self.rows(PRICES, start=start, end=end, venue=venue, contract=contract, market=market, bar_hours=float(bar_hours), **kind)
        return (
            found.with_columns(pl.col("ts").dt.epoch("ms").alias("open_at"), closed_at())
            .sort("close_at")
            .unique("close_at", keep="first", maintain_order=True)
        )

    def closes(
        self,
        venue: str,
        contract: str,
        *,
        market: str,
        bar_hours: float,
        price_kind: str | None = None,
        start: int | None = None,
        end: int | None = None,
    ) -> pl.DataFrame:
        """Return closing prices: `close_at` (ms UTC, when the close was observed) and `close_quote`, sorted."""
        kept = self.bars(venue, contract, market=market, bar_hours=bar_hours, price_kind=price_kind, start=start, end=end)
        return kept.select("close_at", "close_quote")

    def dated(self, venue: str, native_id: str, *, start: int | None = None, end: int | None = None) -> pl.DataFrame:
        """Daily settlements of a dated future: `day` and `close_at` (ms UTC; null where unstated) and `close_quote`, sorted."""
        found = self.rows(DATED_FUTURES, start=start, end=end, venue=venue, native_id=native_id)
        return settlements(found)

    def say(self, key: str, **values: object) -> Text:
        """Write a sentence of the claim with these numbers and words in its places; a `Text` gives each language its own."""
        told = self.claim.texts[key]
        en, zh = ({name: v.of(language) if isinstance(v, Text) else v for name, v in values.items()} for language in ("en", "zh"))
        return Text(_WRITER.vformat(told.en, (), en), _WRITER.vformat(told.zh, (), zh))

    def label(self, key: str) -> Text:
        """Name of a number, an axis, a series or a column."""
        return self.claim.label(key)

    def certificate(self) -> dict[str, Any] | None:
        """Certify the rows handed out so far; None where there were none."""
        if not self._used:
            return None
        parts = [self.shelf.proof(table, who) for (_, who), table in sorted(self._used.items(), key=lambda used: repr(used[0]))]
        digest = hashlib.sha256("".join(f"{part['table']} {part['digest']}\n" for part in parts).encode()).hexdigest()
        complete = all(not part["missing"] and all(source["complete"] for source in part["sources"]) for part in parts)
        return {"digest": digest, "complete": complete, "rows": sum(part["rows"] for part in parts), "parts": parts}

    def answer(
        self,
        verdict: Verdict,
        found: Mapping[str, float],
        *,
        why: Sequence[Text],
        n: int = 0,
        window: tuple[int, int] | None = None,
        intervals: Mapping[str, tuple[float, float]] | None = None,
        figures: Sequence[Figure] = (),
        grids: Sequence[Grid] = (),
        certificate: Mapping[str, Any] | None = None,
        lead: str = "",
    ) -> Reproduction:
        """Close the case.

        Parameters
        ----------
        verdict, found, n, window, intervals, figures, grids : as in `Reproduction`; an interval without two finite ends is left out.
        why : sentences, joined to one paragraph behind the claim's own sentence for this verdict, where the ledger has one.
        certificate : of rows that other rooms read; the case certifies its own.
        lead : name of the sentence that opens the reason, where one verdict has several; "" for the one that `LEADS` names.
        """
        opening = self.say(lead) if lead else self._lead(verdict)
        return Reproduction(
            self.claim,
            verdict,
            {name: float(value) for name, value in found.items()},
            Text.joined([opening, *why]) if opening.en else Text.joined(why),
            int(n),
            window,
            {name: pair for name, pair in (intervals or {}).items() if all(map(math.isfinite, pair))},
            tuple(figures),
            tuple(grids),
            self.certificate() or certificate,
            lead=opening,
        )

    def _lead(self, verdict: Verdict) -> Text:
        """Find the reason of a verdict in plain words: the sentence of the claim that `LEADS` names."""
        return self.claim.texts.get(LEADS[verdict], Text("", ""))


class _Writer(Formatter):
    """Python's formats, with a true minus and a space before the per cent sign, as people print numbers."""

    def format_field(self, value: object, format_spec: str) -> str:
        """Write one number."""
        told = str(super().format_field(value, format_spec))
        return (
            told if isinstance(value, str | Text) else told.replace("%", "\u202f%").replace("-", "\u2212", 1 if told.startswith("-") else 0)
        )


_WRITER = _Writer()
LEADS: dict[Verdict, str] = {
    "holds": "lead_holds",
    "holds with changes": "lead_changes",
    "fails": "lead_fails",
    "cannot be tested": "lead_open",
}
"""Name of the sentence of a claim that opens its reason, by verdict; it holds no numbers, so that it is true of any data."""


def _words(table: Table, who: Who) -> Text:
    """Tell which rows were looked for."""
    asked = dict(who)
    span = [to_text(int(str(asked.pop(name)))) if name in asked else "" for name in ("since", "until")]
    what = " ".join(str(value) for name, value in asked.items() if value != "" and name not in ("kind", "market_list"))
    en = f"rows of the table {table.name} ({what})" + (f" from {span[0] or 'the beginning'} to {span[1] or 'the end'}" if any(span) else "")
    zh = f"表 {table.name} 的数据（{what}）" + (f"，时段 {span[0] or '起始'} 至 {span[1] or '末尾'}" if any(span) else "")
    return Text(en, zh)
