"""What does the store hold about one contract that a forecaster could have known, settlement by settlement?

Reads rates, premiums and estimates, and says which series stands for the premium; the contest itself is `analysis.forecast`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from perpscope.analysis.bars import closed_at, traded
from perpscope.analysis.forecast.history import History
from perpscope.analysis.forecast.premium import history_of, with_published
from perpscope.analysis.premium.series import TOGETHER_MS, premiums
from perpscope.analysis.series import fixings
from perpscope.audit.which import held_contract, keys_of, spot_bars
from perpscope.catalogue.load import load_venue
from perpscope.errors import NotEnoughData
from perpscope.market.instrument import Instrument
from perpscope.market.table import CONTEXTS, FUNDING, PRICES

if TYPE_CHECKING:
    import polars as pl

    from perpscope.store import Store


@dataclass(frozen=True, slots=True, eq=False)
class Foreseen:
    """One contract's history as forecasters saw it.

    Parameters
    ----------
    contract : which. history : what was known when. notes : which series stands for the premium and the estimate, and what is unknown.
    certificate : what it was read from, as plain values.
    """

    contract: Instrument
    history: History
    notes: tuple[str, ...]
    certificate: dict[str, Any]


def foreseen(
    store: Store,
    venue: str,
    symbol: str,
    *,
    market_list: str | None = None,
    start: int | None = None,
    end: int | None = None,
    spot: str = "",
) -> Foreseen:
    """Read what was known about one contract at each of its settlements.

    Parameters
    ----------
    venue, symbol : ids, names or aliases; a unified symbol, native id or bare coin. market_list : sub-market, where several fit.
    start, end : ms UTC, slots with start <= slot < end. spot : VENUE:SYMBOL of the spot market a premium is measured against where
        the venue publishes none; "" takes the pair's own spot market with the most bars.

    Raises
    ------
    InputError
        When the venue is unknown, several contracts fit, or the spot market is not of the form VENUE:SYMBOL.
    NotEnoughData
        When the store holds no settled rate of the contract in the window.
    """
    import polars as pl

    contract = held_contract(store, venue, symbol, market_list=market_list)
    who = keys_of(contract)
    funding = store.read(FUNDING, **who)
    slot = pl.col("slot").dt.epoch("ms")
    wanted = [slot >= start] if start is not None else []
    funding = funding.filter(*wanted, *([slot < end] if end is not None else []))
    rows = with_published(fixings(funding), funding)
    if rows.is_empty():
        there = "the store holds no settled rate of it in this window"
        raise NotEnoughData(f"forecasts of {who['venue']} {contract.symbol}", there, "Import its rates, or widen --from and --to.")
    contexts = store.read(CONTEXTS, **who)
    premium, step, told, used = _premium(store, contract, rows, contexts, spot)
    guesses, guessed = _estimates(funding, contexts)
    history = history_of(rows, load_venue(who["venue"]), premium, step, guesses)
    late = (
        "" if history.slot[0] == rows["slot"][0] else "rates stand at the time they were decided, before they are paid, by the rule's lag"
    )
    held = [frame for frame in (funding, contexts, *used) if not frame.is_empty()]
    notes = tuple(note for note in (told, guessed, late) if note)
    return Foreseen(contract, history, notes, store.certificate(*held).to_dict())


def _premium(
    store: Store, contract: Instrument, rows: pl.DataFrame, contexts: pl.DataFrame, spot: str
) -> tuple[pl.DataFrame | None, float, str, tuple[pl.DataFrame, ...]]:
    """Premium samples, hours between two, what they are in words, and the frames they were read from."""
    import polars as pl

    if not spot and rows["premium_frac"].null_count() < rows.height:
        return None, 1.0, "the premium is the average the venue published with each rate", ()
    if not spot and contexts["premium_frac"].null_count() < contexts.height:
        seen = contexts.drop_nulls("premium_frac").select(pl.col("ts").dt.epoch("ms").alias("at"), pl.col("premium_frac").alias("premium"))
        return seen.sort("at"), 1.0, "the premium is the one the venue showed last before each settlement, not older than an hour", ()
    who = keys_of(contract)
    own = _trades(store.read(PRICES, **who)).filter(pl.col("market") != "spot")
    other = _spot_bars(store, contract, spot)
    for hours in sorted(set(own["bar_hours"].unique()) & set(other["bar_hours"].unique())):
        pair = tuple(frame.filter(pl.col("bar_hours") == hours) for frame in (own, other))
        perp, beside = (_closes(frame) for frame in pair)
        try:
            seen = premiums(perp, beside, TOGETHER_MS)
        except NotEnoughData:
            continue
        label = f"{pair[1]['venue'][0]} {pair[1]['symbol'][0]}"
        told = f"the premium is the last trade over that of {label}, bars of {hours:g} h: not the venue's own"
        return seen.rename({"close_at": "at"}), hours, told, pair
    return None, 1.0, "", ()


def _trades(prices: pl.DataFrame) -> pl.DataFrame:
    import polars as pl

    return prices.filter(pl.col("price_kind") == "trade")


def _spot_bars(store: Store, contract: Instrument, spot: str) -> pl.DataFrame:
    """Bars of the spot market named, or of the contract's own pair at the venue that has the most."""
    import polars as pl

    if spot:
        bars = _trades(spot_bars(store, spot, contract.base))
        if bars.is_empty():
            raise NotEnoughData(f"the spot market {spot}", "the store holds no bars of it", "Import them, or name another.")
        return bars
    bars = _trades(store.read(PRICES, symbol=f"{contract.base}/{contract.quote}")).filter(pl.col("market") == "spot")
    if bars.is_empty():
        return bars
    most = bars.group_by("venue").agg(pl.len()).sort("len", "venue", descending=[True, False])["venue"][0]
    return bars.filter(pl.col("venue") == most)


def _closes(bars: pl.DataFrame) -> pl.DataFrame:
    """Return when each bar's close was observed, and the close, of bars somebody traded in."""
    found = bars.with_columns(closed_at()).sort("close_at")
    return traded(found.unique("close_at", keep="first", maintain_order=True)).select("close_at", "close_quote")


def _estimates(funding: pl.DataFrame, contexts: pl.DataFrame) -> tuple[pl.DataFrame | None, str]:
    """Find the venue's own estimates of the next rate by the time they were seen, and say where they are from."""
    import polars as pl

    shown = contexts.drop_nulls("predicted_rate").select(
        pl.col("ts").dt.epoch("ms").alias("at"), pl.col("predicted_rate").alias("estimate")
    )
    if not shown.is_empty():
        return shown.sort("at"), "the venue's estimate is the one it showed last before each settlement"
    rows = funding.filter(pl.col("kind") != "settled").select(
        pl.col("ts").dt.epoch("ms").alias("at"), pl.col("funding_rate").alias("estimate")
    )
    if rows.is_empty():
        return None, ""
    return rows.sort("at"), "the venue's estimates are taken as seen at their own stamp, for nothing says that they were seen earlier"
