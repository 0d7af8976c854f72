"""What do recorded books and trades show of a contract and of the spot market beside it, moment by moment?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from perpscope.analysis.noise.choices import Looks
from perpscope.analysis.noise.push import Ladder
from perpscope.analysis.noise.ticks import rounding_sd, tick_of, trade_noise
from perpscope.audit.booked import Measure, grid, impact_prices, index_at
from perpscope.audit.noise.law import Law, own_average
from perpscope.audit.noise.model import Prices
from perpscope.audit.recorded import CONTRACT_VALUES
from perpscope.errors import NotEnoughData
from perpscope.market.number import to_float
from perpscope.market.recording import Ladders, replay
from perpscope.market.table import BOOK_MESSAGES, CONTEXTS, TRADES

if TYPE_CHECKING:
    import polars as pl

    from perpscope.audit.facts import Floats, Ints
    from perpscope.store import Store

EVERY_SECOND = 1.0
DEEP = 5_000
"""Levels a side kept for walks; recorded books of the largest venues hold up to a thousand and what changes add."""
LOOKS = 8
"""Books that costs are taken over, evenly spread over the recording."""
MULTIPLES = (0.5, 1.0, 2.0)
"""Impact notionals tried, in units of the rule's own: venues of the catalogue differ by more."""
FRESH_SECONDS = 60.0
LEAST_TRADES = 3


@dataclass(frozen=True, slots=True, eq=False)
class Recording:
    """One market's recording: rows of `book_messages` and of `trades`, None where there are no trades."""

    name: str
    books: pl.DataFrame
    trades: pl.DataFrame | None

    def last_trades(self, at: Ints) -> Floats:
        """(n,) price of the last trade at or before each moment, NaN where it is older than a minute."""
        import numpy as np
        import polars as pl

        if self.trades is None:
            return np.full(len(at), np.nan)
        return index_at(self.trades.select("ts", pl.col("price_quote").alias("index_price_quote")), at, FRESH_SECONDS)


def recording(store: Store, who: dict[str, Any], start: int | None, end: int | None) -> Recording | None:
    """Read one market's recording; `who` holds values of columns; None where no book is recorded."""
    import polars as pl

    market = who.get("market")
    known = {name: value for name, value in who.items() if name != "market"}

    def rows(table: Any) -> pl.DataFrame:  # noqa: ANN401 - a table
        found = store.read(table, current=table is TRADES, start_ms=start, end_ms=end, **known)
        return found if market is None else found.filter(pl.col("market") == market)

    books = rows(BOOK_MESSAGES)
    if books.is_empty():
        return None
    trades = rows(TRADES).sort("ts", "sequence")
    first = books.select("venue", "symbol").row(0)
    return Recording(" ".join(first), books, trades if trades.height >= LEAST_TRADES else None)


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """A contract and its index at evenly spaced moments.

    Parameters
    ----------
    at : (n,) ms UTC. looks : what was seen. ladders : best quotes and depth. prices : coarseness, the contract's first.
    """

    at: Ints
    looks: Looks
    prices: tuple[Prices, ...]


def seen(store: Store, law: Law, own: Recording, spot: Recording | None) -> Seen:
    """Look at the recordings once a second.

    Raises
    ------
    NotEnoughData
        When nothing stands for the index.
    """
    at = grid(own.books, EVERY_SECOND)
    ladders = replay(own.books, at)
    indices = _indices(store, law, spot, at)
    if not indices:
        what = f"a premium of {law.contract.identity.venue} {law.contract.symbol} from books"
        raise NotEnoughData(what, "no index and no spot book of the same time", "Import one, or name the spot market (--spot).")
    columns, kinds = _ways(law, ladders, own.last_trades(at))
    look = _own_look(law, kinds)
    looks = Looks(columns, kinds, indices, (look, next(iter(indices)), own_average(law)))
    return Seen(at, looks, tuple(coarseness(each) for each in (own, spot) if each is not None))


def _indices(store: Store, law: Law, spot: Recording | None, at: Ints) -> dict[str, Floats]:
    """Find what the premium may be measured against: the venue's own index first, then the spot mid and the last spot trade."""
    import numpy as np

    found: dict[str, Floats] = {}
    who: dict[str, Any] = {
        "venue": law.contract.identity.venue,
        "native_id": law.contract.identity.native_id,
        "market_list": law.contract.market_list,
    }
    contexts = store.read(CONTEXTS, **who)
    if contexts.height:
        found["the venue's index"] = index_at(contexts, at, FRESH_SECONDS)
    if spot is not None:
        ladders = replay(spot.books, at, levels=1)
        found["the spot mid"] = (ladders.bid_prices[:, 0] + ladders.ask_prices[:, 0]) / 2
        found["the last spot trade"] = spot.last_trades(at)
    return {name: values for name, values in found.items() if np.isfinite(values).any()}


def units_of(law: Law) -> float:
    """Tell the base units (linear) or quote units (inverse) of one unit of a book's quantity.

    Raises
    ------
    NotEnoughData
        When the contract is a quanto, or inverse and its value unknown.
    """
    units = next((law.numbers[name] for name in CONTRACT_VALUES if name in law.numbers), None)
    if law.market == "quanto" or (units is None and law.market != "linear"):
        what = f"depth of {law.contract.identity.venue} {law.contract.symbol}"
        raise NotEnoughData(what, f"{law.market}, and what one contract is worth is not on record", "Take a linear contract.")
    return 1.0 if units is None else to_float(units)


def _ways(law: Law, ladders: Ladders, last: Floats) -> tuple[dict[str, dict[str, Floats]], dict[str, str]]:
    """Ways to look: impact prices of three notionals (band and mid), the mid of best quotes, the last trade."""
    import numpy as np

    columns: dict[str, dict[str, Floats]] = {}
    kinds: dict[str, str] = {}
    best = {"bid": ladders.bid_prices[:, 0], "ask": ladders.ask_prices[:, 0]}
    if law.notional is not None:
        for times in MULTIPLES:
            notional = law.notional * times
            bid, ask = impact_prices(ladders, Measure(law.rule.observe, notional, law.market, units_of(law)))
            for kind, words in (("impact_band", "impact band of"), ("impact_mid", "impact mid of")):
                columns[f"{words} {notional:g}"], kinds[f"{words} {notional:g}"] = {"impact_bid": bid, "impact_ask": ask}, kind
    columns["mid"], kinds["mid"] = best, "mid"
    if np.isfinite(last).any():
        columns["last trade"], kinds["last trade"] = {"mark": last}, "mark_premium"
    return columns, kinds


def _own_look(law: Law, kinds: dict[str, str]) -> str:
    """Name the way nearest to the rule's own."""
    kind = law.rule.observe.kind
    family = "impact_mid" if kind == "impact_mid" else "mid" if kind in ("mid", "mark_premium", "difference") else "impact_band"
    fits = [name for name, of in kinds.items() if of == family]
    if law.notional is not None and family != "mid":
        fits = [name for name in fits if name.endswith(f" {law.notional:g}")]
    return fits[0] if fits else "mid"


def coarseness(market: Recording) -> Prices:
    """Measure tick, spread and trades of one market; prices of best quotes and snapshots tell the tick."""
    import numpy as np
    import polars as pl

    top = market.books.filter(pl.col("kind") != "change").select(
        pl.col("bid_prices").list.first().alias("bid"), pl.col("ask_prices").list.first().alias("ask")
    )
    top = top.drop_nulls()
    if top.is_empty():
        return Prices(market.name)
    bid, ask = top["bid"].to_numpy(), top["ask"].to_numpy()
    every = [market.books[f"{side}_prices"].explode(empty_as_null=False).unique().to_numpy() for side in ("bid", "ask")]
    tick, mid = tick_of(np.concatenate(every)), (bid + ask) / 2
    rounded = None if tick is None else rounding_sd(tick, float(mid.mean()))
    spread = float(((ask - bid) / mid).mean())
    if market.trades is None:
        return Prices(market.name, tick, spread, rounded)
    found = trade_noise(market.trades["price_quote"].to_numpy())
    return Prices(market.name, tick, spread, rounded, found.trades, found.sd, found.bounce, found.moved)


def ladders_of(law: Law, own: Recording, moments: Seen, premium: Floats) -> list[Ladder]:
    """Whole books at a few moments of the recording, in base units, with index and premium of the moment."""
    import numpy as np

    index = moments.looks.indices[moments.looks.own[1]]
    usable = np.flatnonzero(np.isfinite(index) & np.isfinite(premium))
    if not len(usable):
        return []
    chosen = usable[np.linspace(0, len(usable) - 1, min(LOOKS, len(usable))).astype(np.int64)]
    found = replay(own.books, moments.at[chosen], levels=DEEP)
    units = units_of(law)
    out = []
    for k, row in enumerate(chosen.tolist()):
        bq, aq = found.bid_quantities[k] * units, found.ask_quantities[k] * units
        if law.market == "inverse":
            bq, aq = bq / found.bid_prices[k], aq / found.ask_prices[k]
        if np.isfinite(found.bid_prices[k, 0]):
            out.append(Ladder(found.bid_prices[k], bq, found.ask_prices[k], aq, float(index[row]), float(premium[row])))
    return out
