"""How do columns in our words become checked rows of one table?

Rows are parted by the cases of the mapping, each part is built with its own facts, and the whole is checked against
the table's declaration. A lacking fact refuses the file; a faulty row is rejected with its reasons.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from perpscope.errors import InputError
from perpscope.market.table import TABLES, Table
from perpscope.market.time import to_ms
from perpscope.sources.known import KnownFacts
from perpscope.sources.mapping import Case, Entry
from perpscope.sources.model import FAULT, ROW, Lacks, Part
from perpscope.sources.tables.books import book_messages
from perpscope.sources.tables.contexts import contexts, premium_samples
from perpscope.sources.tables.events import velocity_events
from perpscope.sources.tables.funding import funding
from perpscope.sources.tables.given import Given
from perpscope.sources.tables.lending import identify_assets, lending_rates
from perpscope.sources.tables.prices import dated_futures, prices
from perpscope.sources.tables.trades import trades
from perpscope.sources.tables.who import identify

if TYPE_CHECKING:
    import polars as pl

_BUILDERS: dict[str, Callable[[pl.DataFrame, Given], pl.DataFrame]] = {
    "funding": funding,
    "prices": prices,
    "dated_futures": dated_futures,
    "velocity_events": velocity_events,
    "contexts": contexts,
    "book_messages": book_messages,
    "premium_samples": premium_samples,
    "trades": trades,
    "lending_rates": lending_rates,
}
_IDENTIFY = {"lending_rates": identify_assets}
"""Tables whose rows are about something else than a contract, and how they are told whose they are."""
_PLAIN_WORDS = (
    (r" is below 4\.94066e-324", " is not above zero"),
    (r"ts is missing; slot is missing", "ts is missing"),
    (r"( is not a number); \w+ is (?:above|below) \S+", "$1"),
)


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be built: a table from a file.

    Parameters
    ----------
    asked : words for the file. table : name of the table. entry : what the mapping states.
    says : facts the file's format states (the mapping goes before). known : what rule books know.
    spelled : our words to the file's own column names.
    wide : whether one row of the file became several. mixed : whether rows come from messages of many contracts.
    """

    asked: str
    table: str
    entry: Entry
    known: KnownFacts
    says: Mapping[str, Any] = field(default_factory=dict)
    spelled: Mapping[str, str] = field(default_factory=dict)
    wide: bool = False
    mixed: bool = False


def assemble(raw: pl.DataFrame, order: Order) -> tuple[Part, tuple[str, ...]]:
    """Build the rows of one table, and remarks for the reader.

    Parameters
    ----------
    raw : columns in our words and `row`; columns that only the mapping's `when` asks about keep their own names.

    Raises
    ------
    Refused
        When a fact is lacking, naming every one.
    SourceError
        When its times or rates cannot be what they are taken for.
    """
    import polars as pl

    table, lacks = TABLES[order.table], Lacks()
    notes: dict[str, None] = {}
    built = []
    lives: dict[tuple[str, str, str], tuple[int | None, int | None]] = {}
    for facts, rows in parted(raw, order.entry, order.asked):
        frame = _build(rows.drop("_case"), {**order.says, **facts}, order, lacks, notes)
        built.append(frame)
        lives |= _lives(frame, facts)
    lacks.refuse(f"{order.asked} as {order.table}", raw[ROW].n_unique())
    whole = pl.concat(_conformed(table, frame) for frame in built).sort(ROW, maintain_order=True)
    return replace(checked(table, whole), wide=order.wide, lives=lives), tuple(notes)


def _lives(frame: pl.DataFrame, facts: Mapping[str, Any]) -> dict[tuple[str, str, str], tuple[int | None, int | None]]:
    """Lives the mapping states for the contracts of these rows."""
    if not {"listed", "ended"} & set(facts):
        return {}
    listed, ended = (to_ms(facts[name]) if name in facts else None for name in ("listed", "ended"))
    contracts = frame.select("venue", "market_list", "native_id").drop_nulls().unique()
    return {(str(v), str(m), str(n)): (listed, ended) for v, m, n in contracts.iter_rows()}


def parted(raw: pl.DataFrame, entry: Entry, asked: str) -> list[tuple[dict[str, Any], pl.DataFrame]]:
    """Part rows by the first case that fits each, with the facts of each part."""
    import polars as pl

    number = pl.lit(len(entry.cases))
    for k, case in reversed(list(enumerate(entry.cases))):
        number = pl.when(_fits(case, raw, asked)).then(pl.lit(k)).otherwise(number)
    marked = raw.with_columns(number.alias("_case"))
    facts_of = [{**entry.facts, **case.facts} for case in entry.cases] + [dict(entry.facts)]
    return [(facts_of[int(k)], part) for (k,), part in marked.group_by("_case", maintain_order=True)]


def _fits(case: Case, raw: pl.DataFrame, asked: str) -> pl.Expr:
    import polars as pl

    absent = [column for column, _ in case.when if column not in raw.columns]
    if absent:
        raise InputError(
            f"{asked}: when {', '.join(absent)}", "it has no such column", "Ask about columns the file has, as it spells them."
        )
    return pl.all_horizontal(pl.lit(value=True), *(_holds(raw, column, values) for column, values in case.when))


def _holds(raw: pl.DataFrame, column: str, values: Sequence[str]) -> pl.Expr:
    """Whether a column holds one of the values; numbers are compared as numbers."""
    import polars as pl

    if raw.schema[column].is_numeric():
        numbers = [float(value) for value in values if re.fullmatch(r"[-+.\deE]+", value)]
        return pl.col(column).cast(pl.Float64).is_in(numbers).fill_null(value=False)
    return pl.col(column).cast(pl.String).is_in(values).fill_null(value=False)


def _build(frame: pl.DataFrame, facts: Mapping[str, Any], order: Order, lacks: Lacks, notes: dict[str, None]) -> pl.DataFrame:
    import polars as pl

    frame = frame if FAULT in frame.columns else frame.with_columns(pl.lit("").alias(FAULT))
    given = Given(order.asked, {"table": order.table, **facts}, order.known, order.spelled, lacks, notes, order.mixed)
    return _BUILDERS[order.table](_IDENTIFY.get(order.table, identify)(frame, given), given)


def _conformed(table: Table, frame: pl.DataFrame) -> pl.DataFrame:
    kept = [name for name in table.names if name != "source"]
    schema = table.schema()
    return frame.select(ROW, *(frame[name].cast(schema[name]) for name in kept), FAULT)


def checked(table: Table, whole: pl.DataFrame) -> Part:
    """Part rows into those fit for the table and those rejected, each with its reasons."""
    import polars as pl

    source = pl.lit("-").alias("source")
    faults = table.faults(whole.with_columns(source).select(table.names))
    marked = whole.with_row_index("_place").join(
        faults.select(pl.col("row").alias("_place"), "reason"), on="_place", how="left", maintain_order="left"
    )
    reason = pl.col("reason")
    for theirs, ours in _PLAIN_WORDS:
        reason = reason.str.replace_all(theirs, ours)
    own = pl.when(pl.col(FAULT) != "").then(pl.col(FAULT)).otherwise(reason)
    marked = marked.with_columns(own.fill_null("").alias("reason"))
    good = marked.filter(pl.col("reason") == "").drop("_place", "reason", FAULT)
    bad = marked.filter(pl.col("reason") != "").select(pl.col(ROW).cast(pl.Int64), "reason")
    return Part(table, good, bad)
