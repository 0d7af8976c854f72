"""Which fixings of a contract does the store hold, and at which price was each of them paid?

The price is the one the venue's rule names: as published beside the rate, else the close of a bar of that price at the stamp. Another
price of the contract stands in only as an estimate, with the range of the bar that holds the stamp as its largest error.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from perpscope.market.funding import PublishedFixing
from perpscope.market.number import INF
from perpscope.market.table import FUNDING
from perpscope.mechanisms.settle import Settlement
from perpscope.runs.prices import Series, one_contract

if TYPE_CHECKING:
    import polars as pl

    from perpscope.store import Store

_COLUMN = {"mark": "mark_price_quote", "index": "index_price_quote", "oracle": "index_price_quote"}
_OTHER = ("mark_price_quote", "index_price_quote")


@dataclass(frozen=True, slots=True, eq=False)
class Fixings:
    """Settled fixings of one contract with the prices they were paid at.

    Parameters
    ----------
    fixings : by stamp. rows : of the store they come from. estimated, unpriced : how many carry an estimate, how many no price.
    largest_error : of the estimates, relative; infinite where nobody knows it, 0 where there is none.
    """

    fixings: tuple[PublishedFixing, ...]
    rows: pl.DataFrame
    estimated: int
    unpriced: int
    largest_error: float


def settled_rows(store: Store, venue: str, symbol: str, span: tuple[int, int]) -> pl.DataFrame:
    """Rows of settled fixings of one contract, one a slot, from the start of a window to its end, both included (ms UTC).

    Raises
    ------
    InputError
        When several contracts of the venue bear the symbol.
    """
    import polars as pl

    rows = store.read(FUNDING, venue=venue, symbol=symbol, start_ms=span[0], end_ms=span[1] + 1).filter(pl.col("kind") == "settled")
    return one_contract(rows, venue, symbol).unique("slot", keep="first").sort("slot")


def priced(rows: pl.DataFrame, settle: Settlement, series: Series, *, other: bool = False) -> Fixings:
    """Give fixings the prices they were paid at.

    Parameters
    ----------
    rows : as `settled_rows` gives them. settle : the venue's rule of payment; it names the price, and whether funding accrues.
    series : bars that may stand in. other : whether these bars are another contract's.
    """
    through = settle.flow == "through"
    found = _priced(rows, settle.price, series, other=other)
    fixings = tuple(_fixing(row, through=through) for row in found.iter_rows(named=True))
    errors = [float(one.price_error) for one in fixings if one.price_error is not None]
    return Fixings(fixings, rows, len(errors), sum(one.price is None for one in fixings), max(errors, default=0.0))


def _fixing(row: dict[str, Any], *, through: bool) -> PublishedFixing:
    error = None if row["price"] is None else row["error"]
    return PublishedFixing(
        row["venue"],
        row["symbol"],
        row["at"],
        row["funding_rate"],
        row["interval_hours"],
        row["price"],
        "continuous" if through else row["accrual"],
        price_error=error,
    )


def _priced(rows: pl.DataFrame, price: str, series: Series, *, other: bool) -> pl.DataFrame:
    """Add `at` (ms), `price` and `error` (null where the price is the venue's own)."""
    import polars as pl

    none = pl.lit(None, dtype=pl.Float64)
    at = rows.with_columns(pl.col("slot").dt.epoch("ms").alias("at"))
    bars = _at_stamps(at, series)
    named = pl.col(_COLUMN[price]) if price in _COLUMN else none
    exact = pl.lit(not other and series.mark_is == price) & pl.col("at_close") & ~pl.col("stands_in").fill_null(value=False)
    known = named.is_not_null() | (exact & pl.col("bar_price").is_not_null())
    guess = pl.when(pl.col("bar_price").is_not_null() & pl.lit(not other)).then(pl.col("bar_error")).otherwise(INF)
    return bars.with_columns(
        pl.coalesce(named, "bar_price", *_OTHER).alias("price"),
        pl.when(known).then(None).otherwise(guess).alias("error"),
    )


def _at_stamps(rows: pl.DataFrame, series: Series) -> pl.DataFrame:
    """Add the price at each stamp: the close of a bar that closes at it, else the last price before it in the bar that holds it.

    Where the price stayed within its bar, the true one lies within `bar_error` of it; infinite where highs and lows are not held.
    """
    import polars as pl

    told = series.bars.with_columns(pl.lit(value=False).alias("stands_in")) if series.marks is None else series.marks
    told = told.sort("known")
    close = pl.col("close_quote")
    before = pl.when(pl.col("known").shift(1) >= pl.col("opened")).then(close.shift(1)).otherwise(pl.col("open_quote"))
    bars = told.with_columns(before.alias("before")).rename({"known": "closed"})
    joined = rows.join_asof(bars.sort("closed"), left_on="at", right_on="closed", strategy="forward")
    at_close = pl.col("closed") == pl.col("at")
    price = pl.when(at_close).then(close).when(pl.col("opened") < pl.col("at")).then(pl.col("before")).otherwise(None)
    found = joined.with_columns(at_close.fill_null(value=False).alias("at_close"), price.alias("bar_price"))
    reach = pl.max_horizontal((pl.col(edge) / pl.col("bar_price") - 1).abs() for edge in ("high_quote", "low_quote"))
    extremes = pl.all_horizontal(pl.col("high_quote", "low_quote").is_not_null())
    return found.with_columns(pl.when(extremes).then(reach).otherwise(INF).alias("bar_error"))
