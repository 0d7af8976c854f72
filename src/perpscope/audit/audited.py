"""Which published rates could be checked, and what came of it? One row a fixing, for others to cite.

The table is declared as the store's tables are: its dictionary, its check and its digest come from the declaration. It is
written as Parquet with the dictionary in the file's own metadata and once more beside it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from perpscope.audit.compare import STATED
from perpscope.audit.contract import Scope, rule_names, try_rates
from perpscope.audit.facts import Facts
from perpscope.audit.run import facts_of
from perpscope.audit.which import held_contract
from perpscope.catalogue.load import load_venue
from perpscope.catalogue.schema import Venue
from perpscope.errors import NotEnoughData, StoreError
from perpscope.market.table import BOOK_MESSAGES, CONTEXTS, FUNDING, PREMIUM_SAMPLES, Column, Table
from perpscope.store.certificate import digest

if TYPE_CHECKING:
    from pathlib import Path

    import polars as pl

    from perpscope.store import Store

MATCHED, DEPARTS, NOT_RECOMPUTABLE = "matched", "departs", "not recomputable"
AUDITED = Table(
    "audited",
    "published funding fixings beside the rates that follow from their inputs and the dated rule, one row per contract and stamp",
    ("venue", "market_list", "native_id", "ts"),
    (
        Column("venue", "text", "venue id (ccxt's where it has one)", required=True),
        Column("symbol", "text", "unified symbol, e.g. BTC/USDT:USDT", required=True),
        Column("native_id", "text", "the venue's own name of the contract", required=True),
        Column("market_list", "text", "sub-market of the venue; empty for the main one", required=True),
        Column("ts", "time", "settlement time as published (raw stamp), UTC", required=True),
        Column("slot", "time", "nominal settlement slot, jitter removed, UTC", required=True),
        Column("interval_hours", "float", "hours the rate is for", required=True, low=0.01, high=168),
        Column("published", "float", "published rate, fraction of notional per interval_hours; > 0: longs pay shorts", required=True),
        Column(
            "computed", "float", "rate by the rule before its last rounding, fraction per interval_hours; null where inputs are not whole"
        ),
        Column("residual", "float", "published - computed, fraction per interval_hours; null where nothing was computed"),
        Column(
            "tolerance", "float", "largest |residual| that is a match, fraction per interval_hours; null where nothing was computed", low=0
        ),
        Column("status", "text", "matched, departs, or not recomputable", required=True),
        Column("reason", "text", "why it was not recomputed; empty where it was", required=True),
        Column("rule", "text", "id of the dated rule in force, in the catalogue; empty where none is", required=True),
        Column("source", "text", "id of the source of the published rate in the store's manifest", required=True),
    ),
)
"""The audited table; `residual` may exceed `tolerance` by rounding where the venue cuts digits, `status` decides."""
_WHO = ("venue", "market_list", "native_id")
_INPUTS = (CONTEXTS, BOOK_MESSAGES, PREMIUM_SAMPLES)


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written: the two files, the number of rows, and the sha256 over every value of them."""

    table: Path
    dictionary: Path
    rows: int
    digest: str


def audited_rows(store: Store, *, venue: str | None = None, funding: pl.DataFrame | None = None) -> pl.DataFrame:
    """Audit every contract of the store, row by row.

    Parameters
    ----------
    venue : venue id; None for all. funding : all current rows of the table `funding`, where they have been read already.

    Returns
    -------
    Rows of the table `AUDITED`, by contract and time. One settlement stamped twice within a minute counts once, as in an audit.
    Venues without rules in the catalogue are there, not recomputable.

    Raises
    ------
    NotEnoughData
        When the store holds no settled rate.
    """
    import polars as pl

    whole = store.read(FUNDING, venue=venue) if funding is None else funding
    settled = whole.filter(pl.col("kind") == "settled")
    if venue is not None:
        settled = settled.filter(pl.col("venue") == venue)
    if settled.is_empty():
        raise NotEnoughData("an audited table", "the store holds no settled rate" + (f" of {venue}" if venue else ""), "Import rates.")
    held = _with_inputs(store)
    parts = settled.partition_by(*_WHO, maintain_order=True)
    return pl.concat(_audited(store, part, whole, held) for part in parts).sort(*_WHO, "ts")


def _with_inputs(store: Store) -> set[tuple[str, ...]]:
    """Contracts of which more than rates is held."""
    there = set(store.tables())
    frames = [store.read(table, current=False).select(_WHO).unique() for table in _INPUTS if table.name in there]
    return {row for frame in frames for row in frame.rows()}


def _audited(store: Store, part: pl.DataFrame, whole: pl.DataFrame, held: set[tuple[str, ...]]) -> pl.DataFrame:
    """Rows of one contract."""
    import numpy as np
    import polars as pl

    who = part.select(_WHO).row(0)
    law = load_venue(who[0])
    facts = _facts(store, law, part, whole) if who in held else Facts(part)
    tried = try_rates(facts, law, Scope())
    whole_rows, matched = tried.compared.whole, tried.compared.matched

    def known(values: Any) -> pl.Series:  # noqa: ANN401 - an array of floats
        return pl.Series(np.where(whole_rows, values, np.nan)).fill_nan(None)

    def moment(values: Any) -> pl.Series:  # noqa: ANN401 - an array of ms
        return pl.Series(values).cast(pl.Datetime("ms")).dt.replace_time_zone("UTC")

    rows = pl.DataFrame(
        {
            "ts": moment(tried.series.stamp),
            "slot": moment(tried.series.slot),
            "interval_hours": tried.series.hours,
            "published": tried.series.rate,
            "computed": known(tried.found.rate),
            "residual": known(tried.compared.error),
            "tolerance": known(tried.compared.tolerance),
            "status": np.where(matched, MATCHED, np.where(whole_rows, DEPARTS, NOT_RECOMPUTABLE)),
            "reason": tried.found.reason,
            "rule": rule_names(tried.series, tried.eras),
        }
    )
    names = part.select("ts", "slot", *_WHO, "symbol", "source").unique(["ts", "slot"], keep="first", maintain_order=True)
    return AUDITED.conform(rows.join(names, on=["ts", "slot"], how="left", maintain_order="left"))


def _facts(store: Store, law: Venue, part: pl.DataFrame, whole: pl.DataFrame) -> Facts:
    venue, market_list, native_id = part.select(_WHO).row(0)
    found = held_contract(store, venue, native_id, market_list=market_list, funding=whole)
    return facts_of(store, law, found, whole)


def dictionary(rows: pl.DataFrame, certificate: dict[str, Any] | None = None) -> dict[str, Any]:
    """Say what the table holds: columns with type and meaning, counts, how far a match may be off, and the digests.

    Parameters
    ----------
    rows : of the table `AUDITED`. certificate : of the published rates behind it.
    """
    counts = dict(rows["status"].value_counts().sort("status").iter_rows())
    return {
        "table": AUDITED.name,
        "meaning": AUDITED.meaning,
        "key": list(AUDITED.key),
        "rows": rows.height,
        "status": {name: int(counts.get(name, 0)) for name in (MATCHED, DEPARTS, NOT_RECOMPUTABLE)},
        "tolerance": STATED,
        "columns": [{"name": c.name, "type": c.kind, "required": c.required, "meaning": c.meaning} for c in AUDITED.columns],
        "digest": digest(AUDITED, rows),
        "digest_is": "sha256 over every value, rows sorted by key, columns in the order given, as `perpscope.store.certificate.digest`",
        "certificate": certificate,
    }


def write_audited(store: Store, folder: Path, *, venue: str | None = None) -> Exported:
    """Write `audited.parquet`, its dictionary in its metadata (key `perpscope`), and `audited.json` beside it.

    Parameters
    ----------
    store : what is audited. folder : where to; made if absent. venue : venue id; None for all.

    Raises
    ------
    NotEnoughData
        When the store holds no settled rate.
    StoreError
        When the folder cannot be written.
    """
    funding = store.read(FUNDING, venue=venue)
    rows = audited_rows(store, venue=venue, funding=funding)
    told = dictionary(rows, store.certificate(funding).to_dict())
    text = json.dumps(told, ensure_ascii=False, indent=2, sort_keys=True)
    table, beside = folder / "audited.parquet", folder / "audited.json"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        rows.write_parquet(table, metadata={"perpscope": text})
        beside.write_text(text + "\n", encoding="utf-8")
    except OSError as problem:
        raise StoreError(f"to write the audited table to {folder}", str(problem), "Give a folder that may be written.") from problem
    return Exported(table, beside, rows.height, str(told["digest"]))
