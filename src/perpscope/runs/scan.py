"""Which trades pay, of all contracts the store holds funding of? Coin by coin: rows, pairs, trades, costs, margins, ranks.

Coins are read one after another, so that memory is that of a few coins and of the lines found, whatever the store holds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from perpscope.analysis.pairs.setting import Setting
from perpscope.catalogue.load import SIMULATED
from perpscope.catalogue.tariffs import BASE
from perpscope.errors import InputError, NotEnoughData
from perpscope.market.instrument import parse_symbol
from perpscope.market.table import BOOK_MESSAGES, DATED_FUTURES, FUNDING, PRICES
from perpscope.market.time import day_ms, to_text
from perpscope.runs.contracts import Margins
from perpscope.runs.funding_rows import FundingRows, lives_told
from perpscope.runs.leg_terms import LegTerms
from perpscope.runs.price_rows import PriceRows
from perpscope.runs.scan_lines import Lines, Wanted
from perpscope.runs.tables import Engine, pair_tables
from perpscope.store.place import table_folder
from perpscope.store.snapshot import snapshot
from perpscope.trading.scan.rank import Choice, ranked
from perpscope.trading.scan.terms import Terms
from perpscope.units import MS_PER_DAY

if TYPE_CHECKING:
    from perpscope.catalogue.tariff_row import CostRow
    from perpscope.store import Certificate, Store


_LISTED = 20


@dataclass(frozen=True, slots=True)
class Asked:
    """What is scanned.

    Parameters
    ----------
    terms : on which trades are compared. at : ms UTC; None: the end of each coin's data. history : days looked back.
    symbols, venues, kinds : what is looked at, everything where empty: coins, or symbols one of the legs must have; one venue wants a
        leg there, several want all legs among them.
    tiers, given, margins : fees, the user's cost rows, maintenance rates. strict : whether an unknown stops.
    synthetic : ids of sources of generated data. parts : whether every line lists its cost parts. engine : who does the table work.
    kept : which lines are worth keeping, where not all of them; the others are dropped coin by coin.
    """

    terms: Terms = field(default_factory=Terms)
    at: int | None = None
    history: int = 365
    symbols: tuple[str, ...] = ()
    venues: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    tiers: str | Mapping[str, str] = BASE
    given: Sequence[CostRow] = ()
    margins: Margins = field(default_factory=Margins)
    strict: bool = False
    synthetic: frozenset[str] = frozenset()
    parts: bool = False
    engine: Engine = field(default_factory=Engine)
    kept: Choice | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Scanned:
    """What a scan found.

    Parameters
    ----------
    rows : lines kept. trades : how many there were. left_out : contracts that are no candidates, by reason. moments : ms UTC, of the coins.
    contracts : compared. version : of the funding table.
    """

    rows: tuple[dict[str, Any], ...]
    trades: int
    left_out: Mapping[str, tuple[str, ...]]
    moments: tuple[int, ...]
    contracts: int
    version: int


def scan(store: Store, asked: Asked) -> Scanned:
    """Find and value every trade the store holds data of.

    Raises
    ------
    NotEnoughData
        When it holds no funding of what is asked; strict, when a spread is not covered.
    InputError
        When a coin is not held, or the engine is not installed.
    CatalogueError
        Strict, when a cost is not known: which, of which trade.
    """
    whole = FundingRows.of(store)
    funding = whole if any(venue.startswith(SIMULATED) for venue in asked.venues) else whole.real()
    symbols = tuple(_unified(funding, text) for text in asked.symbols)
    names = _coins(funding, symbols)
    born, ended = lives_told(store, funding.held)
    setting = Setting(asked.at, asked.terms.window, asked.history, born, ended, asked.synthetic)
    exact = tuple(text for text in symbols if "/" in text)
    wanted = Wanted(asked.terms, asked.venues, asked.kinds, exact, strict=asked.strict, parts=asked.parts)
    books = store if BOOK_MESSAGES.name in store.tables() else None
    legs = LegTerms(asked.tiers, asked.given, asked.margins, books)
    lines = Lines(store, PriceRows.of(store), _dated_coins(store), legs, wanted)
    rows: list[dict[str, Any]] = []
    left_out: dict[str, list[str]] = {"generated": [f"all of {venue}" for venue in funding.dropped]} if funding.dropped else {}
    moments: list[int] = []
    contracts = trades = 0
    for table in pair_tables(funding, names, setting, asked.engine):
        for state, venue, symbol in table.filter(table["state"] != "fresh").select("state", "a_venue", "a_symbol").iter_rows():
            left_out.setdefault(state, []).append(f"{venue} {symbol}")
        fresh = table.filter(table["state"] == "fresh")
        contracts += int(fresh["b_venue"].null_count())
        moments += fresh["at"].unique().to_list()
        found = list(lines.of(fresh, funding.seen.version))
        trades += len(found)
        rows = rows + found if asked.kept is None else ranked([*rows, *found], asked.kept)
    if not moments and not left_out.keys() - {"generated"}:
        when = "" if asked.at is None else f" in the {asked.history} days up to {to_text(asked.at)}"
        raise NotEnoughData("a scan of trades", f"the store holds no settled funding of these coins{when}", "Name another moment.")
    gone = {state: tuple(each) for state, each in left_out.items()}
    return Scanned(tuple(rows), trades, gone, tuple(sorted(set(moments))), contracts, funding.seen.version)


def certificate_of(store: Store, row: Mapping[str, Any]) -> Certificate:
    """Certify the fixings of a line's ranking window: sources, their licences, every gap, a digest of the values."""
    end = day_ms(row["certificate"]["window_end"])
    start = end - int(row["window_days"]) * MS_PER_DAY
    legs = [leg for leg in row["legs"] if "native_id" in leg]
    frames = [
        store.read(FUNDING, venue=leg["venue"], native_id=leg["native_id"], symbol=leg["symbol"], start_ms=start + 1, end_ms=end + 1)
        for leg in legs
    ]
    return store.certificate(*frames)


def unpriced(store: Store, row: Mapping[str, Any]) -> tuple[str, ...]:
    """Name the legs of a line of which the store holds no bar in its ranking window: its past cannot be run without them."""
    end = day_ms(row["certificate"]["window_end"])
    start = end - int(row["window_days"]) * MS_PER_DAY
    held = (
        store.read(PRICES, venue=leg["venue"], symbol=leg["symbol"], start_ms=start, end_ms=end + 1, current=False).is_empty()
        for leg in row["legs"]
    )
    return tuple(f"{leg['venue']}:{leg['symbol']}" for leg, absent in zip(row["legs"], held, strict=True) if absent)


def _unified(funding: FundingRows, text: str) -> str:
    """Unified symbol of a native id, where all contracts of that id have one; else the text as it is."""
    import polars as pl

    symbols = funding.held.filter(pl.col("native_id") == text)["symbol"].unique().to_list()
    coins = {coin.upper() for coin in funding.coins}
    return str(symbols[0]) if len(symbols) == 1 and text.strip().upper() not in coins else text


def _coins(funding: FundingRows, symbols: Sequence[str]) -> list[str]:
    """Coins to compare: all that are held, or those asked for."""
    if not funding.coins:
        raise NotEnoughData("a scan of trades", "the store holds no funding", "Import the rates of at least one contract.")
    if not symbols:
        return funding.coins
    return sorted({_coin(funding, text) for text in symbols})


def _coin(funding: FundingRows, text: str) -> str:
    import polars as pl

    exact = funding.held.filter(pl.col("symbol") == text)["coin"].to_list()
    near = [coin for coin in funding.coins if coin.upper() == text.strip().upper()]
    if not exact and not near:
        more = len(funding.coins) - _LISTED
        there = f"the store holds {', '.join(funding.coins[:_LISTED])}{f' and {more} more' if more > 0 else ''}"
        raise InputError(f"the symbol {text!r}", there, "Name one of these coins, a symbol of theirs, or leave it out.")
    return str((exact or near)[0])


def venues_held(store: Store) -> frozenset[str]:
    """Venues of which the store holds funding, dated futures or prices."""
    found: set[str] = set()
    for table in (FUNDING, DATED_FUTURES, PRICES):
        parts = snapshot(table_folder(store.folder, table.name)).parts
        lows = set(parts["min.venue"].drop_nulls()) | set(parts["max.venue"].drop_nulls()) if "min.venue" in parts.columns else set()
        found |= lows
    return frozenset(found)


def _dated_coins(store: Store) -> frozenset[str]:
    rows = store.read(DATED_FUTURES)
    return frozenset(parse_symbol(symbol)[0] for symbol in rows["symbol"].unique().to_list())
