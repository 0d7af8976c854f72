"""What does the store hold, and what is wrong with it? Every series through every detector, every source against the others."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from perpscope.collect.facts import venue_facts
from perpscope.market.table import DATED_FUTURES, FUNDING, LENDING_RATES, PRICES, TABLES
from perpscope.market.time import to_text
from perpscope.store.quality import check

if TYPE_CHECKING:
    from perpscope.store import Store

Row = dict[str, Any]
_COMPARED = (FUNDING, PRICES, DATED_FUTURES, LENDING_RATES)
_NO_FAULT = "float32 rounding"


def check_store(store: Store) -> dict[str, list[Row]]:
    """Answer `data check`.

    Returns
    -------
    tables
        table, rows, contracts, sources, first, last of every table that holds anything.
    problems
        table, venue, symbol, kind, from, to, detail, severity (fault, doubt, note), market_list, native_id, source.
    """
    held = [name for name in store.tables() if name in TABLES]
    problems: list[Row] = []
    for table in (FUNDING, PRICES):
        if table.name in held:
            rows = store.read(table, current=False)
            facts = venue_facts(rows) if table is FUNDING else {}
            problems += [_shown(row) for row in check(rows, facts).iter_rows(named=True)]
    problems += [row for table in _COMPARED if table.name in held for row in disagreements(store, table.name)]
    return {"tables": [_summary(store, name) for name in held], "problems": problems}


def disagreements(store: Store, table: str) -> Iterable[Row]:
    """Summarise where sources tell different numbers for the same fact: one row per contract, column, pair and reason."""
    import polars as pl

    found = store.disagreements(TABLES[table])
    series = ["venue", "market_list", "native_id", "symbol", "column", "current_source", "other_source", "verdict"]
    sums = found.group_by(series, maintain_order=True).agg(
        pl.len().alias("n"),
        pl.col("ts").min().alias("from"),
        pl.col("ts").max().alias("to"),
        (pl.col("current") - pl.col("other")).abs().max().alias("largest"),
    )
    for row in sums.iter_rows(named=True):
        harmless = row["verdict"] == _NO_FAULT
        yield {
            "table": table,
            "venue": row["venue"],
            "symbol": row["symbol"],
            "kind": _NO_FAULT if harmless else "disagreement",
            "from": _time(row["from"]),
            "to": _time(row["to"]),
            "detail": f"{row['column']} differs in {row['n']:,} rows between the sources {row['current_source']} (current) and "
            f"{row['other_source']}: {row['verdict']}, at most {row['largest']:.6g}"
            + (". One copy held single precision; the other is current." if harmless else "."),
            "severity": "note" if harmless or row["verdict"] == "last digit" else "doubt",
            "market_list": row["market_list"],
            "native_id": row["native_id"],
            "source": row["other_source"],
        }


def _summary(store: Store, name: str) -> Row:
    rows = store.read(TABLES[name], current=False)
    return {
        "table": name,
        "rows": rows.height,
        "contracts": rows.select("venue", "market_list", "native_id").n_unique(),
        "sources": rows["source"].n_unique(),
        "first": _time(rows["ts"].min()),
        "last": _time(rows["ts"].max()),
    }


def _shown(row: Row) -> Row:
    return {name: _time(value) if name in ("from", "to") else value for name, value in row.items()}


def _time(value: Any) -> str | None:  # noqa: ANN401 - a datetime or nothing
    return None if value is None else to_text(round(value.timestamp() * 1000))
