"""What has one contract paid, as the store holds it, and which law decides what it pays next?

Reads rates and stated limits; how much a position may pay is computed by `analysis.risk`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from perpscope.analysis.atoms import atoms
from perpscope.analysis.risk.law import Law, law_in_force
from perpscope.analysis.ruled import Contract
from perpscope.audit.run import stated_numbers
from perpscope.audit.which import held_contract, keys_of
from perpscope.errors import NotEnoughData
from perpscope.market.instrument import Instrument
from perpscope.market.table import FUNDING

if TYPE_CHECKING:
    import polars as pl

    from perpscope.store import Store


def settled_rates(
    store: Store, venue: str, symbol: str, *, market_list: str | None = None, start: int | None = None, end: int | None = None
) -> tuple[Instrument, pl.DataFrame]:
    """Read the settled rows of one contract, and say which it is.

    Parameters
    ----------
    venue, symbol : ids, names or aliases; a unified symbol, native id or bare coin. market_list : sub-market, where several fit.
    start, end : ms UTC, slots with start <= slot < end.

    Raises
    ------
    InputError
        When the venue is unknown, or several contracts fit.
    NotEnoughData
        When the store holds no settled rate of the contract in the window.
    """
    import polars as pl

    found = held_contract(store, venue, symbol, market_list=market_list)
    slot = pl.col("slot").dt.epoch("ms")
    wanted = [pl.col("kind") == "settled", *([] if start is None else [slot >= start]), *([] if end is None else [slot < end])]
    rows = store.read(FUNDING, **keys_of(found)).filter(*wanted)
    if rows.is_empty():
        there = "the store holds no settled rates of it" if start is end is None else "nothing between --from and --to"
        raise NotEnoughData(f"settled funding of {found.identity.venue} {found.symbol}", there, "Widen the window, or import its rates.")
    return found, rows


def law_of(store: Store, found: Instrument, rows: pl.DataFrame) -> Law:
    """Take the law in force at the last stamp, with limits that a source stated or that the history shows.

    Parameters
    ----------
    rows : fixings of the contract, as `analysis.series.fixings` gives them.
    """
    last = rows.row(-1, named=True)
    seen = atoms(rows).filter(interval_hours=last["interval_hours"]).row(0, named=True)
    stated = stated_numbers(store, **keys_of(found))
    given = {number.name: number.value for number in stated if number.since <= last["slot"] < number.until}
    contract = Contract(found.identity.venue, found.market_list, found.identity.native_id, last["market"], last["interval_hours"])
    return law_in_force(contract, last["slot"], seen=(seen["low"], seen["high"]), given=given)
