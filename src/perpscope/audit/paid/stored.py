"""Which fixings does the store hold for these positions, and at which price was each paid?

The price is the one the venue's rule names: as published beside the rate, else the close of a bar of that price at the
stamp. Another price stands in only as an estimate, with the range of its bars as the possible error.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from perpscope.analysis.bars import closed_at
from perpscope.catalogue.load import load_venue
from perpscope.errors import InputError, NotEnoughData
from perpscope.market.funding import PublishedFixing
from perpscope.market.instrument import market_of, parse_symbol
from perpscope.market.number import INF, Number, to_exact
from perpscope.market.table import FUNDING, PRICES
from perpscope.market.time import FOREVER, to_text
from perpscope.sources.records import FixingRow
from perpscope.trading.settle import Key

if TYPE_CHECKING:
    import polars as pl

    from perpscope.audit.paid.terms import Span
    from perpscope.store import Store

_COLUMN = {"mark": "mark_price_quote", "index": "index_price_quote", "oracle": "index_price_quote"}
_BARS = {"mark": "mark", "index": "index", "oracle": "index"}


def stored_fixings(store: Store, key: Key, start: int, end: int | None, *, estimate: bool) -> list[FixingRow]:
    """Settled fixings of one contract with start <= slot < end, priced as its venue's rule says.

    Parameters
    ----------
    key : venue id and unified symbol. estimate : whether another price of the same contract may stand in.

    Raises
    ------
    NotEnoughData
        When the store holds none.
    InputError
        When several contracts of the store bear the symbol.
    """
    import polars as pl

    venue, symbol = key
    rows = store.read(FUNDING, venue=venue, symbol=symbol, start_ms=start, end_ms=end).filter(pl.col("kind") == "settled")
    if rows.is_empty():
        there = f"the store holds none from {to_text(start)} on"
        raise NotEnoughData(f"settled fixings of {venue} {symbol}", there, "Import its history, or give --fixings FILE.")
    if rows.select("market_list", "native_id").n_unique() > 1:
        several = rows.select(pl.concat_str("market_list", "native_id", separator=" ").str.strip_chars()).unique().to_series().sort()
        there = f"several contracts bear it: {', '.join(several)}"
        raise InputError(f"the symbol {symbol} of {venue}", there, "Give the fixings of one of them by --fixings.")
    kind = _price_kind(venue, symbol, start)
    bars = store.read(PRICES, venue=venue, symbol=symbol)
    closes = {name: _closes(bars, name) for name in {_BARS.get(kind, "mark"), "trade"}}
    return [
        _row(row, key, kind, closes, estimate=estimate) for row in rows.unique(["slot"], keep="first").sort("slot").iter_rows(named=True)
    ]


def _price_kind(venue: str, symbol: str, ms: int) -> str:
    rules = load_venue(venue).at(ms, "", market_of(*parse_symbol(symbol)))
    told = [rule.parts["settle"].get("price") for rule in rules]
    return next((value.text for value in told if value is not None and value.known), "mark")


def _closes(bars: pl.DataFrame, kind: str) -> dict[int, tuple[float, float]]:
    """Close of each bar of a price kind, by the time of it, and how far its low or high is from it (relative; infinite where unknown).

    Of several bars that close together the shortest is taken.
    """
    import polars as pl

    chosen = bars.filter(pl.col("price_kind") == kind)
    close = pl.col("close_quote")
    reach = pl.max_horizontal((pl.col(edge) / close - 1).abs() for edge in ("high_quote", "low_quote"))
    known = pl.all_horizontal(pl.col("high_quote", "low_quote").is_not_null())
    rows = chosen.sort("bar_hours", descending=True).select(closed_at(), close, pl.when(known).then(reach).otherwise(INF).alias("reach"))
    return {at: (price, error) for at, price, error in rows.iter_rows()}


def _row(row: dict[str, Any], key: Key, kind: str, closes: dict[str, dict[int, tuple[float, float]]], *, estimate: bool) -> FixingRow:
    slot = int(row["slot"].timestamp() * 1000)
    price, error = _price(row, slot, kind, closes, estimate=estimate)
    premium = row["premium_frac"]
    fixing = PublishedFixing(
        *key,
        slot,
        to_exact(row["funding_rate"]),
        to_exact(row["interval_hours"]),
        price,
        accrual=row["accrual"],
        price_error=error,
    )
    return FixingRow(fixing, row["accrual"], None if premium is None else to_exact(premium))


def _price(
    row: dict[str, Any], slot: int, kind: str, closes: dict[str, dict[int, tuple[float, float]]], *, estimate: bool
) -> tuple[Number | None, Number | None]:
    """Return the price of a fixing and, where it is another price than the rule names, its largest relative error."""
    published = row.get(_COLUMN.get(kind, ""))
    own = closes[_BARS.get(kind, "mark")].get(slot)
    if published is not None:
        return to_exact(published), None
    if own is not None or not estimate:
        return (None if own is None else to_exact(own[0])), None
    traded = closes["trade"].get(slot)
    if traded is not None:
        return to_exact(traded[0]), to_exact(traded[1])
    beside = next((row[column] for column in sorted(set(_COLUMN.values())) if row[column] is not None), None)
    return (None, None) if beside is None else (to_exact(beside), INF)


def stored_lives(store: Store, key: Key) -> list[Span]:
    """Lives of a contract's ticker as the store's registry knows them; stated or inferred from long holes."""
    venue, symbol = key
    funding = store.read(FUNDING, venue=venue, symbol=symbol)
    tickers = funding.select("market_list", "native_id").unique().iter_rows()
    found = [life for market_list, native_id in tickers for life in store.registry.lives(venue, market_list, native_id)]
    return [(life.listed or None, None if life.ended >= FOREVER else life.ended) for life in found]


def first_moments(keys_at: Iterable[tuple[Key, int]]) -> dict[Key, int]:
    """Earliest moment at which each contract was held."""
    found: dict[Key, int] = {}
    for key, at in keys_at:
        found[key] = min(at, found.get(key, at))
    return found
