"""What does the store hold about this contract, and does it agree with the venue's rules?

Reads the frames, and leaves the computing to `contract.audit_contract`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from perpscope.audit.booked import grid, mids
from perpscope.audit.contract import Scope, audit_contract
from perpscope.audit.facts import Facts, KnownNumber
from perpscope.audit.which import held_contract, keys_of
from perpscope.catalogue.load import SIMULATED, load_venue
from perpscope.catalogue.schema import Venue
from perpscope.market.instrument import Instrument
from perpscope.market.table import BOOK_MESSAGES, CONTEXTS, FUNDING, PREMIUM_SAMPLES, Table

if TYPE_CHECKING:
    import polars as pl

    from perpscope.audit.model import Audit
    from perpscope.store import Store

TOLD = ("cap", "floor", "initial_margin", "maintenance_margin")
"""Facts of the registry that rules ask for by these names."""
EVERY_SECOND = 1.0


def run_audit(  # the command's own options
    store: Store,
    venue: str,
    symbol: str,
    *,
    market_list: str | None = None,
    start: int | None = None,
    end: int | None = None,
    infer: bool = False,
    funding: pl.DataFrame | None = None,
) -> Audit:
    """Audit one contract of the store.

    Parameters
    ----------
    venue, symbol : ids, names or aliases; a unified symbol, native id or bare coin. market_list : sub-market, where several fit.
    start, end : ms UTC, slots with start <= slot < end. infer : search for the rule that fits.
    funding : all current rows of the table `funding`, where they have been read already.

    Raises
    ------
    InputError
        When the venue is unknown, or several contracts fit.
    NotEnoughData
        When the store holds nothing about the contract.
    """
    whole = store.read(FUNDING) if funding is None else funding
    found = held_contract(store, venue, symbol, market_list=market_list, funding=whole)
    law = load_venue(found.identity.venue)
    facts = facts_of(store, law, found, whole)
    held = [f for f in (facts.funding, facts.contexts, facts.books, facts.samples) if f is not None and f.height]
    certificate: dict[str, Any] = store.certificate(*held).to_dict()
    if facts.references is not None and facts.references.height:
        certificate["references"] = store.certificate(facts.references).to_dict()
    peers = None if facts.contexts is None else _read(store, CONTEXTS, venue=law.id)
    return audit_contract(facts, law, Scope(start, end, infer=infer), certificate, peers)


def _read(store: Store, table: Table, *, current: bool = True, **who: Any) -> pl.DataFrame | None:  # noqa: ANN401 - filters of the store
    """Rows of a table, None where there are none."""
    rows = store.read(table, current=current, **who)
    return rows if rows.height else None


def facts_of(store: Store, law: Venue, found: Instrument, funding: pl.DataFrame) -> Facts:
    """Everything the store holds about one contract; `funding` holds all rows of that table."""
    import polars as pl

    who: dict[str, Any] = keys_of(found)
    own = pl.all_horizontal(*(pl.col(name) == value for name, value in who.items()))
    books = _read(store, BOOK_MESSAGES, current=False, **who)
    contexts = _read(store, CONTEXTS, **who)
    index, index_is = _stand_in(store, found, books, contexts)
    return Facts(
        funding=funding.filter(own),
        contexts=contexts,
        books=books,
        samples=_read(store, PREMIUM_SAMPLES, **who),
        index=index,
        index_is=index_is,
        references=_references(funding, law.id, found.base),
        numbers=known_numbers(store, **who),
    )


def _stand_in(
    store: Store, found: Instrument, books: pl.DataFrame | None, contexts: pl.DataFrame | None
) -> tuple[pl.DataFrame | None, str]:
    """Mids of the spot book of the same pair, where books were recorded without an index."""
    import polars as pl

    indexed = contexts is not None and contexts["index_price_quote"].null_count() < contexts.height
    if books is None or indexed:
        return None, ""
    spot = _read(store, BOOK_MESSAGES, current=False, symbol=f"{found.base}/{found.quote}")
    spot = None if spot is None else spot.filter(pl.col("market") == "spot")
    if spot is None or spot.is_empty():
        return None, ""
    venue, native_id = spot.select("venue", "native_id").row(0)
    one = spot.filter((pl.col("venue") == venue) & (pl.col("native_id") == native_id))
    return mids(one, grid(books, EVERY_SECOND)), f"the spot mid of {venue} {native_id} stands in for the index"


def _references(funding: pl.DataFrame, venue: str, base: str) -> pl.DataFrame:
    """Rates of the same coin at other venues of the same world: generated histories are held against generated ones."""
    import polars as pl

    simulated = venue.startswith(SIMULATED)
    return funding.filter(
        (pl.col("venue") != venue)
        & pl.col("symbol").str.starts_with(f"{base}/")
        & (pl.col("venue").str.starts_with(SIMULATED) == simulated)
        & (pl.col("kind") == "settled")
    )


def known_numbers(store: Store, **who: str) -> tuple[KnownNumber, ...]:
    """Caps and margins that a source stated of the contract."""
    return tuple(number for number in stated_numbers(store, **who) if number.name in TOLD)


def stated_numbers(store: Store, **who: str) -> tuple[KnownNumber, ...]:
    """Every number that a source stated of the contract, with its time."""
    rows = store.registry.as_of(None, None, basis="stated", **who).select("fact", "value", "valid_from", "valid_to").rows()
    return tuple(KnownNumber(*row) for row in rows)
