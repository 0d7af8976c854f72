"""Which closes were observed at which hour?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from perpscope.analysis.bars import closed_at, settlements, traded
from perpscope.claims.theory.subject import Seen, Span
from perpscope.market.table import DATED_FUTURES, PRICES

if TYPE_CHECKING:
    import polars as pl


def closes(shelf: Seen, venue: str, symbol: str, market: str, span: Span, hours: float = 1.0) -> pl.DataFrame:
    """Return closing prices observed in a window, start < close <= end: close_at (ms) and close_quote, sorted, one per moment.

    **Source**: the rows of the store; a bar without a stated close is taken to close at its open plus its length, one that nobody traded
    in (`analysis.bars.traded`) is left out.
    """
    return shelf.kept((venue, symbol, market, span, hours), lambda: _closes(shelf, venue, symbol, market, span, hours))


def _closes(shelf: Seen, venue: str, symbol: str, market: str, span: Span, hours: float) -> pl.DataFrame:
    import polars as pl

    rows = shelf.part(PRICES, span, bar_hours=hours, market=market, price_kind="trade", symbol=symbol, venue=venue)
    found = traded(rows.sort("ts")).select(closed_at(), "close_quote")
    inside = (pl.col("close_at") > span.start) & (pl.col("close_at") <= span.end)
    return found.filter(inside).unique("close_at", keep="first", maintain_order=True).sort("close_at")


def dated(shelf: Seen, venue: str, native_id: str, span: Span) -> pl.DataFrame:
    """Return settlements of a dated future on days of a window: day and close_at (ms; null where unstated), close_quote, sorted.

    **Source**: the rows of the store.
    """
    import polars as pl

    rows = shelf.part(DATED_FUTURES, span, native_id=native_id, venue=venue)
    at = pl.coalesce("close_at", "day")
    return settlements(rows).filter((at >= span.start) & (at < span.end))
