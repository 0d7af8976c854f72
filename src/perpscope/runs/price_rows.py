"""Which prices of a coin does the store hold around a moment? Bars that had closed by then, of spot markets and dated futures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from perpscope.analysis.bars import closed_at
from perpscope.market.table import PRICES
from perpscope.store.place import table_folder
from perpscope.store.precedence import current
from perpscope.store.snapshot import Snapshot, read_rows, snapshot
from perpscope.trading.scan.form import QUOTE_DOLLARS, Spot
from perpscope.units import MS_PER_DAY

if TYPE_CHECKING:
    import polars as pl

    from perpscope.store import Store

NEAR_DAYS = 4
"""Age of the last price beyond which a market is taken to be gone: a long weekend."""
_LONGEST_BAR_DAYS = 2
_DEALT = ("trade", "aggregate")


@dataclass(frozen=True, slots=True, eq=False)
class PriceRows:
    """The table of prices at one moment of its log.

    Parameters
    ----------
    seen : the snapshot. sources : the manifest. symbols : every symbol it holds of spot markets and dated futures.
    """

    seen: Snapshot
    sources: pl.DataFrame
    symbols: tuple[str, ...]

    @classmethod
    def of(cls, store: Store) -> PriceRows:
        """Take a snapshot, and list the symbols in it."""
        import polars as pl

        seen = snapshot(table_folder(store.folder, PRICES.name))
        if seen.version < 0 or seen.parts.is_empty():
            return cls(seen, store.sources(), ())
        paths = [str(seen.folder / path) for path in seen.parts["path"]]
        frame = pl.scan_parquet(paths, glob=False, hive_partitioning=False, extra_columns="ignore", missing_columns="insert")
        found = frame.filter(pl.col("market").is_in(["spot", "dated"])).select("symbol").unique().collect(engine="streaming")
        return cls(seen, store.sources(), tuple(found["symbol"].sort().to_list()))

    def near(self, coin: str, at: int, days: int = NEAR_DAYS) -> pl.DataFrame:
        """Read the current bars of a coin's spot markets and dated futures that closed in the days up to `at` (ms UTC).

        Returns
        -------
        frame
            The columns of `prices` and close_at (ms, when the close was known); dealt prices only, sorted by close_at.

        Raises
        ------
        FileNotFoundError
            When a data file was cleaned away since the snapshot was taken.
        """
        import polars as pl

        symbols = [symbol for symbol in self.symbols if symbol.partition("/")[0] == coin]
        if not symbols:
            return PRICES.empty().with_columns(closed_at())
        start = pl.lit((at - (days + _LONGEST_BAR_DAYS) * MS_PER_DAY) * 1000).cast(pl.Datetime("us", "UTC"))
        conditions = [pl.col("symbol").is_in(symbols), pl.col("market").is_in(["spot", "dated"]), pl.col("price_kind").is_in(list(_DEALT))]
        conditions += [pl.col("ts") >= start, pl.col("ts") <= pl.lit(at * 1000).cast(pl.Datetime("us", "UTC"))]
        rows = current(PRICES, read_rows(PRICES, self.seen, conditions), self.sources).with_columns(closed_at())
        return rows.filter(pl.col("close_at").is_between(at - days * MS_PER_DAY, at)).sort("close_at", "venue", "symbol", "bar_hours")


def spot_markets(near: pl.DataFrame, coin: str) -> tuple[list[Spot], float | None]:
    """List the spot markets of a coin against a dollar, and its last price in any of them; None where there is none.

    Parameters
    ----------
    near : what `PriceRows.near` gives. Averages over venues are no market.
    """
    import polars as pl

    quotes = [f"{coin}/{quote}" for quote in QUOTE_DOLLARS]
    rows = near.filter((pl.col("market") == "spot") & pl.col("symbol").is_in(quotes))
    markets = rows.filter(pl.col("price_kind") == "trade").select("venue", "symbol").unique().sort("venue", "symbol")
    return [Spot(venue, symbol, held=True) for venue, symbol in markets.iter_rows()], float(
        rows["close_quote"][-1]
    ) if rows.height else None
