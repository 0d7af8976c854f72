"""How does the same knowledge look as plain rows? Lists of dicts for tables, JSON and CSV at the command line.

Values stay numbers (fractions), times are ISO texts in UTC, the unknown is None with a reason beside it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from perpscope.market.time import to_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl

    from perpscope.reports.inputs import Audit, ImportNote, Problem, SourceNote

Row = dict[str, Any]
_TIMES = ("first", "last", "coin_until")


def board_rows(board: pl.DataFrame) -> list[Row]:
    """Return the board as rows; `synthetic` is true for generated data.

    Parameters
    ----------
    board : what `analysis.board.board` gives.
    """
    return [
        {name: to_text(value) if name in _TIMES and value is not None else value for name, value in row.items()}
        for row in board.iter_rows(named=True)
    ]


def brief_rows(board: pl.DataFrame) -> list[Row]:
    """Return the few columns of the board that fit a terminal, generated data marked in the symbol's place."""
    return [
        {
            "venue": row["venue"],
            "symbol": row["symbol"],
            "kind": "SYNTHETIC" if row["synthetic"] else row["market"],
            "last_rate": row["last_rate"],
            "interval_hours": row["interval_hours"],
            "last_apr": row["last_apr"],
            **{f"apr_{days}d": row[f"apr_{days}d"] for days in (1, 7, 30, 90)},
            "interest_share": row["interest_share"],
            "cap_hits": _sum(row["cap_hits"], row["floor_hits"]),
            "n": row["n"],
            "last": to_text(row["last"]),
        }
        for row in board.iter_rows(named=True)
    ]


def audit_rows(audits: Sequence[Audit]) -> list[Row]:
    """Return one row per audit in the shape of the command contract."""
    return [
        {
            "venue": audit.venue,
            "symbol": audit.symbol,
            "rows": audit.rows,
            "recomputed": audit.recomputed,
            "matched": audit.matched,
            "max_abs_error": audit.max_abs_error,
            "checks": [{"name": check.name, "holds": check.holds, "detail": check.detail} for check in audit.checks],
            "certificate": dict(audit.certificate),
        }
        for audit in audits
    ]


def problem_rows(problems: Sequence[Problem]) -> list[Row]:
    """Return one row per finding of the data check in the shape of the command contract."""
    return [
        {
            "table": problem.table,
            "venue": problem.venue,
            "symbol": problem.symbol,
            "kind": problem.kind,
            "from": problem.start or None,
            "to": problem.end or None,
            "detail": problem.detail,
        }
        for problem in problems
    ]


def source_rows(sources: Sequence[SourceNote]) -> list[Row]:
    """Return one row per source."""
    return [
        {
            "id": source.id,
            "name": source.name,
            "licence": source.licence or None,
            "table": source.table,
            "rows": source.rows,
            "sha256": source.sha256,
            "synthetic": source.synthetic,
            "facts": dict(source.facts),
        }
        for source in sources
    ]


def import_rows(imports: Sequence[ImportNote]) -> list[Row]:
    """Return one row per imported file in the shape of the command contract."""
    names = ("file", "table", "rows", "added", "present", "rejected", "reason")
    return [{name: getattr(note, name) for name in names} for note in imports]


def _sum(*values: int | None) -> int | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None
