"""How does the same knowledge look as plain rows? Lists of dicts for tables, JSON and CSV at the command line.

Values stay numbers (fractions), times are ISO texts in UTC, the unknown is None with a reason beside it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from perpscope.market.time import to_text

if TYPE_CHECKING:
    import polars as pl

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
    """Return the few columns of the board that fit a terminal, as texts: rates in per cent, generated data marked."""
    return [
        {
            "venue": f"{row['venue']} {row['market_list']}".strip(),
            "symbol": row["symbol"],
            "kind": "SYNTHETIC" if row["synthetic"] else row["market"],
            "last rate": f"{row['last_rate']:.4%} / {row['interval_hours']:g}h",
            "APR now": _percent(row["last_apr"]),
            **{f"{days}d": _percent(row[f"apr_{days}d"]) for days in (1, 7, 30, 90)},
            "at interest": _percent(row["interest_share"], 0),
            "caps": _sum(row["cap_hits"], row["floor_hits"]),
            "n": f"{row['n']:,}",
            "last": to_text(row["last"])[: len("2026-01-01")],
        }
        for row in board.iter_rows(named=True)
    ]


def _percent(value: float | None, decimals: int = 2) -> str:
    """Write a fraction in per cent; a dash where it is unknown."""
    return "-" if value is None else f"{value:.{decimals}%}"


def _sum(*values: int | None) -> int | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None
