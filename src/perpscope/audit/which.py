"""Which contract, and which spot market, of the store is meant by a venue's name and a symbol, as people write them?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from perpscope.catalogue.contracts import perpetual_venue
from perpscope.catalogue.load import load_venue, resolve_symbol, resolve_venue, venue_ids
from perpscope.catalogue.schema import Venue
from perpscope.errors import InputError, NotEnoughData
from perpscope.market.instrument import Identity, Instrument, parse_symbol
from perpscope.market.table import BOOK_MESSAGES, CONTEXTS, FUNDING, PRICES

if TYPE_CHECKING:
    import polars as pl

    from perpscope.store import Store

WHO = ("venue", "market_list", "native_id", "symbol")


def held_contract(
    store: Store, venue: str, symbol: str, *, market_list: str | None = None, funding: pl.DataFrame | None = None
) -> Instrument:
    """Tell which contract of the store is meant; contracts without rates are looked for only where no rate is of it.

    Parameters
    ----------
    venue, symbol : ids, names or aliases; a unified symbol, native id or bare coin. market_list : sub-market, where several fit.
    funding : all current rows of the table `funding`, where they have been read already.

    Raises
    ------
    InputError
        When the venue is unknown, or several contracts fit.
    NotEnoughData
        When the store holds nothing about the contract.
    """
    import polars as pl

    law, text = load_venue(perpetual_venue(resolve_venue(venue), symbol)), symbol
    held = (store.read(FUNDING, venue=law.id) if funding is None else funding).filter(pl.col("venue") == law.id)
    known = _known(law, held, market_list)
    if not _is_there(law, text, known):
        others = [rows for table in (CONTEXTS, BOOK_MESSAGES) if (rows := store.read(table, venue=law.id)).height]
        known += tuple(each for rows in others for each in _known(law, rows, market_list) if each not in known)
    try:
        found = _named(law, text, known)
    except InputError as problem:
        if known:
            raise
        raise InputError(problem.asked, f"{problem.there}; {_nothing(law)}", "Import its rates, or name another.") from None
    if found is not None:
        return found
    there = f"the store holds {', '.join(sorted({i.symbol for i in known})[:12])} of this venue" if known else _nothing(law)
    raise NotEnoughData(f"{law.id} {text}", there, "Import its rates, or name one of these.")


def _nothing(law: Venue) -> str:
    """Say that a venue is not in the store and, of a spot market, where its house trades perpetuals."""
    others = [] if law.rules else [name for name in venue_ids() if name.startswith(law.id) and load_venue(name).rules]
    return "the store holds nothing of this venue" + (f"; its house trades perpetuals as {', '.join(others)}" if others else "")


def _known(law: Venue, rows: pl.DataFrame, market_list: str | None) -> tuple[Instrument, ...]:
    """Contracts of the rows, of one sub-market where one is asked for."""
    import polars as pl

    held = rows.select(WHO).unique().sort(WHO)
    if market_list is not None:
        held = held.filter(pl.col("market_list") == market_list)
    return tuple(_instrument(law, *row) for row in held.rows())


def _is_there(law: Venue, text: str, known: tuple[Instrument, ...]) -> bool:
    """Whether a text means one of the known contracts; where it fits several or none, more may be known elsewhere."""
    try:
        return _named(law, text, known) is not None
    except InputError:
        return False


def _named(law: Venue, text: str, known: tuple[Instrument, ...]) -> Instrument | None:
    """Tell which of the known contracts a text means; None where it is none of them."""
    exact = [i for i in known if i.identity.native_id == text]
    found = exact[0] if len(exact) == 1 else resolve_symbol(law.id, text, known)
    if isinstance(found, str):
        return next((i for i in known if i.symbol == found), None)
    wanted = (found.identity.native_id, found.market_list)
    return next((i for i in known if (i.identity.native_id, i.market_list) == wanted), None)


def _instrument(law: Venue, venue: str, market_list: str, native_id: str, symbol: str) -> Instrument:
    read = law.instrument(native_id)
    if read is not None and read.symbol == symbol and read.market_list == market_list:
        return read
    base, quote, settle = parse_symbol(symbol)
    return Instrument(Identity(venue, native_id), base, quote, settle, market_list=market_list)


def keys_of(contract: Instrument) -> dict[str, Any]:
    """Columns that pick the rows of one contract in any table, with their values."""
    return {"venue": contract.identity.venue, "native_id": contract.identity.native_id, "market_list": contract.market_list}


def venue_named(text: str) -> str:
    """Id of a venue; one that the catalogue does not know (a futures exchange or a spot market needs no rule) by its own name."""
    try:
        return resolve_venue(text)
    except InputError:
        return text.strip().lower()


def spot_named(text: str) -> tuple[str, str]:
    """Venue id, and symbol as it was written, of a spot market called VENUE:SYMBOL.

    Raises
    ------
    InputError
        When the text is not of that form.
    """
    venue, colon, symbol = text.partition(":")
    if not colon or not symbol:
        raise InputError(f"the spot market {text!r}", "not of the form VENUE:SYMBOL", "Give a venue, a colon, and a pair: BTC/USDT.")
    return venue_named(venue), symbol


def refuse_other_coin(text: str, symbol: str, base: str) -> None:
    """Raise an error where the spot market called `text`, of a unified symbol, is of another coin than `base`.

    Raises
    ------
    InputError
        When it is.
    """
    coin = symbol.partition("/")[0]
    if coin != base:
        raise InputError(f"the spot market {text}", f"it is of {coin}, the contract of {base}", "Name a market of the same coin.")


def spot_bars(store: Store, text: str, base: str) -> pl.DataFrame:
    """Bars of the spot market called VENUE:SYMBOL, by unified symbol or native id, in capitals or not; none where there are none.

    Raises
    ------
    InputError
        When the text is not of that form, or the market is of another coin than `base`.
    """
    import polars as pl

    venue, symbol = spot_named(text)
    called = [pl.col(name).str.to_uppercase() == symbol.upper() for name in ("symbol", "native_id")]
    bars = store.read(PRICES, venue=venue).filter(pl.any_horizontal(called) & (pl.col("market") == "spot"))
    for name in bars["symbol"].unique().sort():
        refuse_other_coin(text, name, base)
    return bars
