"""Which coins does the store hold funding of, and what are the current rows of one of them?

For big stores: one snapshot of the table answers for all coins, only the columns that are used are read, and what is not wanted is
skipped by the statistics of the files. The rows are those of `Store.read`: one per fact, by precedence.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from perpscope.analysis.pairs.contracts import COLUMNS, coins, once
from perpscope.analysis.pairs.setting import Setting, Ticker
from perpscope.catalogue.load import SIMULATED, load_venue, venue_ids
from perpscope.market.table import FUNDING
from perpscope.market.time import FOREVER
from perpscope.store.place import table_folder
from perpscope.store.precedence import current
from perpscope.store.snapshot import Snapshot, read_rows, snapshot
from perpscope.units import MS_PER_DAY

if TYPE_CHECKING:
    import polars as pl

    from perpscope.store import Store

MARGIN_DAYS = 8
"""Days read before the history: the longest interval a fixing may have, and a day."""


@dataclass(frozen=True, slots=True, eq=False)
class FundingRows:
    """The funding table at one moment of its log.

    Parameters
    ----------
    seen : the snapshot. sources : the manifest. held : venue, market_list, native_id, symbol, market, coin of every contract.
    dropped : venues whose rows play no part.
    """

    seen: Snapshot
    sources: pl.DataFrame
    held: pl.DataFrame
    dropped: tuple[str, ...] = ()

    @classmethod
    def of(cls, store: Store) -> FundingRows:
        """Take a snapshot, and list the contracts in it."""
        import polars as pl

        seen = snapshot(table_folder(store.folder, FUNDING.name))
        who = ("venue", "market_list", "native_id", "symbol", "market")
        if seen.version < 0 or seen.parts.is_empty():
            return cls(seen, store.sources(), coins(pl.DataFrame(schema=dict.fromkeys(who, pl.String()))))
        listed = _scan(seen, who).unique().collect(engine="streaming")
        return cls(seen, store.sources(), coins(listed).sort("coin", *who))

    def real(self) -> FundingRows:
        """Leave out venues of generated data where there are others: invented rates are no market to trade against."""
        import polars as pl

        generated = tuple(sorted(venue for venue in self.held["venue"].unique() if venue.startswith(SIMULATED)))
        kept = self.held.filter(~pl.col("venue").is_in(generated))
        return self if kept.is_empty() else replace(self, held=kept, dropped=generated)

    @property
    def coins(self) -> list[str]:
        """Coins in alphabetical order."""
        return self.held["coin"].unique().sort().to_list()

    def rows(self, wanted: Sequence[str], setting: Setting) -> pl.DataFrame:
        """Read the current rows of some coins, with their coin, as far back as the setting looks.

        Raises
        ------
        FileNotFoundError
            When a data file was cleaned away since the snapshot was taken.
        """
        import polars as pl

        mine = self.held.filter(pl.col("coin").is_in(list(wanted)))
        symbols = mine["symbol"].unique().to_list()
        conditions = [pl.col("symbol").is_in(symbols)]
        if setting.at is not None:
            start = setting.at - (setting.history + MARGIN_DAYS) * MS_PER_DAY
            conditions += [pl.col("ts") <= _moment(setting.at), pl.col("ts") >= _moment(start)]
        if self.dropped:
            conditions.append(~pl.col("venue").is_in(self.dropped))
        seen = self._holding(mine["native_id"].unique().sort().to_list())
        found = _scan(seen, COLUMNS).filter(*conditions).collect() if seen.parts.height else FUNDING.empty().select(COLUMNS)
        if not once(found):
            found = current(FUNDING, read_rows(FUNDING, seen, conditions), self.sources).select(COLUMNS)
        if len(wanted) == 1 and self.held.filter(pl.col("symbol").is_in(symbols))["coin"].n_unique() == 1:
            return found.with_columns(pl.lit(wanted[0]).alias("coin"))
        return coins(found).filter(pl.col("coin").is_in(list(wanted)))

    def _holding(self, native_ids: Sequence[str]) -> Snapshot:
        """Return the snapshot without the files that can hold none of these contracts."""
        lows, highs = (self.seen.parts[name].to_list() for name in ("min.native_id", "max.native_id"))
        kept = [low is None or high is None or _between(native_ids, low, high) for low, high in zip(lows, highs, strict=True)]
        return replace(self.seen, parts=self.seen.parts.filter(kept))


def _between(names: Sequence[str], low: str, high: str) -> bool:
    """Whether one of sorted names lies in a range."""
    place = bisect_left(names, low)
    return place < len(names) and names[place] <= high


def _scan(seen: Snapshot, columns: Iterable[str]) -> pl.LazyFrame:
    import polars as pl

    kinds = FUNDING.schema()
    stored = {name: pl.Datetime("us", "UTC") if isinstance(kinds[name], pl.Datetime) else kinds[name] for name in seen.names}
    paths = [str(seen.folder / path) for path in seen.parts["path"]]
    frame = pl.scan_parquet(paths, schema=stored, glob=False, missing_columns="insert", extra_columns="ignore", hive_partitioning=False)
    return frame.select(columns)


def _moment(ms: int) -> pl.Expr:
    import polars as pl

    return pl.lit(ms * 1000).cast(pl.Datetime("us", "UTC"))


def lives_told(store: Store, held: pl.DataFrame) -> tuple[Mapping[Ticker, tuple[int, ...]], Mapping[Ticker, tuple[int, ...]]]:
    """Return when sources say contracts were listed, and when they say they ended or their venue closed; ms UTC by ticker.

    Parameters
    ----------
    held : venue, market_list and native_id of the contracts asked about.
    """
    told: list[dict[Ticker, tuple[int, ...]]] = []
    for fact in ("listing", "end"):
        rows = store.registry.as_of(fact=fact).select("venue", "market_list", "native_id", "value").unique().sort("value")
        found: dict[Ticker, tuple[int, ...]] = {}
        for venue, market_list, native_id, value in rows.iter_rows():
            ticker = (venue, market_list, native_id)
            found[ticker] = (*found.get(ticker, ()), int(value))
        told.append(found)
    born, ended = told
    for venue, market_list, native_id in held.select("venue", "market_list", "native_id").unique().iter_rows():
        closed = load_venue(venue).closed if venue in venue_ids() else FOREVER
        if closed < FOREVER:
            ended[venue, market_list, native_id] = (*ended.get((venue, market_list, native_id), ()), closed)
    return born, ended
