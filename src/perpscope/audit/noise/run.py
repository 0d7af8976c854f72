"""How exactly could this contract's premium be known, and what would it have cost to move it?

The finest data at hand is used: recorded books and trades; else price bars; else averaged premiums alone.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from perpscope.audit.noise.bars import barred
from perpscope.audit.noise.floors import floor_of_bars, floor_of_books, floor_of_premiums
from perpscope.audit.noise.law import law_at
from perpscope.audit.noise.model import NoiseFloor
from perpscope.audit.noise.recorded import Recording, recording
from perpscope.audit.which import held_contract, keys_of, refuse_other_coin, spot_named
from perpscope.catalogue.load import resolve_symbol
from perpscope.errors import NotEnoughData
from perpscope.market.instrument import Instrument
from perpscope.market.table import FUNDING

if TYPE_CHECKING:
    from perpscope.store import Store


def run_noise(
    store: Store,
    venue: str,
    symbol: str,
    *,
    spot: str = "",
    start: int | None = None,
    end: int | None = None,
    market_list: str | None = None,
) -> NoiseFloor:
    """Find the noise floor of one contract.

    Parameters
    ----------
    venue, symbol : ids, names or aliases; a unified symbol, native id or bare coin. market_list : sub-market, where several fit.
    spot : "VENUE:SYMBOL" of the market that stands for the index; the venue's own index or a spot market of the same pair otherwise.
    start, end : ms UTC, start <= t < end.

    Raises
    ------
    InputError
        When the venue or the contract is unknown, or `spot` is not of that form.
    NotEnoughData
        When the store holds neither books nor bars nor averaged premiums of it, or nothing that stands for the index.
    """
    contract = held_contract(store, venue, symbol, market_list=market_list)
    beside = _spot(spot, contract.base)
    who = keys_of(contract)
    own = recording(store, who, start, end)
    if own is None:
        return _coarse(store, contract, beside, start, end)
    try:
        return floor_of_books(store, contract, own, _spot_recording(store, contract, beside, start, end))
    except NotEnoughData as short:
        try:
            found = _coarse(store, contract, beside, start, end)
        except NotEnoughData:
            raise short from None
        return replace(found, notes=(*found.notes, f"recorded books were of no use: {short.there}"))


def _coarse(store: Store, contract: Instrument, beside: tuple[str, str] | None, start: int | None, end: int | None) -> NoiseFloor:
    """Floor from bars, else from averaged premiums."""
    who = keys_of(contract)
    law = law_at(store, contract, _last(store, who, start, end))
    bars = barred(store, law, beside, start, end)
    if bars is not None:
        return floor_of_bars(store, law_at(store, contract, int(bars.at[-1])), bars)
    return floor_of_premiums(store, law, start, end)


def _spot(text: str, base: str) -> tuple[str, str] | None:
    """Venue id and unified symbol of a spot market, of the coin of the contract."""
    if not text:
        return None
    venue, symbol = spot_named(text)
    found = resolve_symbol(venue, symbol)
    name = found.symbol if isinstance(found, Instrument) else found
    refuse_other_coin(text, name, base)
    return venue, name


def _spot_recording(
    store: Store, contract: Instrument, beside: tuple[str, str] | None, start: int | None, end: int | None
) -> Recording | None:
    pair = f"{contract.base}/{contract.quote}"
    who = {"symbol": pair} if beside is None else {"venue": beside[0], "symbol": beside[1]}
    found = recording(store, {**who, "market": "spot"}, start, end)
    if found is None:
        return None
    first = found.books.select("venue", "native_id").row(0)
    return recording(store, {"venue": first[0], "native_id": first[1], "market": "spot"}, start, end)


def _last(store: Store, who: dict[str, Any], start: int | None, end: int | None) -> int:
    """Last settled fixing in range, ms UTC."""
    import polars as pl

    rows = store.read(FUNDING, start_ms=start, end_ms=end, **who).filter(pl.col("kind") == "settled")
    if rows.is_empty():
        there = "neither books, nor rates in these dates"
        raise NotEnoughData(f"the noise floor of {who['venue']} {who['native_id']}", there, "Import recordings, or give other dates.")
    return int(rows.select(pl.col("slot").dt.epoch("ms").max()).item())
