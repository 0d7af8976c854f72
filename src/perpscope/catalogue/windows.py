"""How does a caller write down a funding window as JSON?

One declaration, `WindowDocument`, is both the check and the published schema (`window_schema`). `read_window` turns
the text into what is asked: a venue, a contract, an end, and what was observed. Nothing is assumed: no interval,
no time zone, no unit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from perpscope.catalogue.contracts import perpetual_venue
from perpscope.catalogue.load import resolve_symbol, resolve_venue
from perpscope.errors import InputError
from perpscope.market.book import Book
from perpscope.market.document import decoded
from perpscope.market.instrument import Instrument, market_of, parse_symbol
from perpscope.market.number import INF, Number
from perpscope.market.time import to_ms

DO = "The schema is printed by `rule eval --schema`."
PERCENT_LIKE = 0.5
FIRST_MS = 946_684_800_000  # 2000-01-01: a smaller integer is not a time in milliseconds

Price = Annotated[float, Meta(gt=0, description="quote currency")]
Fraction = Annotated[float, Meta(description="a fraction: 0.0001 is 0.01 %")]
Size = Annotated[float, Meta(ge=0, description="open contracts of a side, or an amount in a pool")]
Time = Annotated[str | int, Meta(description="ISO 8601 with its zone, such as 2025-09-18T08:00:00Z, or milliseconds since 1970 UTC")]
Level = tuple[Price, Annotated[float, Meta(gt=0, description="quantity in base units")]]


class Rows(Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """Samples inside the window, in order of time: either `premium`, or what the rule observes. Columns of equal length.

    A rule that holds an auction takes orders: `limit` (a fraction; null at any price, as a notice of delivery) and `quantity`
    (above zero buys, below sells).
    """

    at: list[Time] | None = None
    premium: list[Fraction] | None = None
    impact_bid: list[Price] | None = None
    impact_ask: list[Price] | None = None
    bid: list[Price] | None = None
    ask: list[Price] | None = None
    index: list[Price] | None = None
    mark: list[Price] | None = None
    execution: list[Price] | None = None
    fair_basis: list[Fraction] | None = None
    rate_in_force: list[Fraction] | None = None
    long_open: list[Size] | None = None
    short_open: list[Size] | None = None
    reserved: list[Size] | None = None
    pool: list[Size] | None = None
    skew_base: list[float] | None = None
    rate_given: list[float] | None = None
    limit: list[Fraction | None] | None = None
    quantity: list[float] | None = None


class BookRow(Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """One snapshot of the order book with the index (or oracle) price of that moment; levels are [price, quantity], best first."""

    bids: list[Level]
    asks: list[Level]
    index: Price
    mark: Price | None = None
    at: Time | None = None


class Held(Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """A position whose payment is asked for; the price is the one the rule names (mark, index, oracle)."""

    quantity: Annotated[float, Meta(description="contracts, signed: above zero is long")]
    price: Price | None = None
    contract_size: Annotated[float, Meta(gt=0, description="units per contract, where the catalogue does not have it")] | None = None
    long_open: Size | None = None
    short_open: Size | None = None
    fee_pool: Size = 0


class WindowDocument(Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """A funding window: whose rule, when, and what was observed. Give one of `premium_index`, `samples`, `books`."""

    venue: Annotated[str, Meta(description="venue id, name or alias")]
    symbol: Annotated[str, Meta(description="unified symbol, native id or coin")] = ""
    market: Annotated[Literal["", "linear", "inverse", "quanto"], Meta(description="needed where the symbol does not say it")] = ""
    market_list: Annotated[str, Meta(description="sub-market of the venue; empty for the main one")] = ""
    at: Annotated[Time, Meta(description="end of the window; the same as `end`")] | None = None
    start: Time | None = None
    end: Time | None = None
    interval_hours: Annotated[float, Meta(gt=0, description="hours the rate is paid for; never assumed")] | None = None
    premium_index: Annotated[float, Meta(description="the averaged premium, a fraction")] | None = None
    samples: Rows | None = None
    books: Annotated[list[BookRow], Meta(min_length=1)] | None = None
    impact_notional: Annotated[float, Meta(gt=0, description="quote units walked through each side of `books`")] | None = None
    level: Annotated[float, Meta(gt=0, description="price that quote amounts are a share of, where no index is given")] | None = None
    before: Annotated[float, Meta(description="the rate decided before this one, a fraction; for caps on changes")] | None = None
    contract: Annotated[
        dict[str, float], Meta(description="numbers of the contract: initial_margin, maintenance_margin, cap, floor, ...")
    ] = {}
    position: Annotated[Held, Meta(description="what the holder of a position pays or receives at this rate")] | None = None
    reading: Annotated[str, Meta(description="which reading of disputed documents; all where empty")] = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """A window as asked for.

    Parameters
    ----------
    venue, symbol, native_id, market, market_list : which contract; texts may be empty where nothing depends on them.
    start : ms UTC or None where only the end is known. end : ms UTC. hours : interval as stated, else None.
    rows : columns of observations, or `premium_index` alone. before : previous rate (fraction) or None.
    contract : numbers given by the caller. reading : name of a reading or "".
    constant : whether `premium_index` stands for a premium that did not change, so that it is every sample too.
    level : price that amounts in quote units are a share of, or None. position : held, where a payment is asked for.
    """

    venue: str
    symbol: str
    native_id: str
    market: str
    market_list: str
    start: int | None
    end: int
    hours: float | None
    rows: Mapping[str, Sequence[Number]]
    before: float | None
    contract: Mapping[str, Number]
    reading: str
    constant: bool = False
    level: float | None = None
    position: Held | None = None


def window_schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of a window document."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **msgspec.json.schema(WindowDocument)}


def read_window(text: str | bytes) -> Asked:
    """Read a window document.

    Raises
    ------
    InputError
        When the text is not JSON of that shape, or contradicts itself; the message names the place.
    """
    document = _decode(text.decode() if isinstance(text, bytes) else text)
    venue = perpetual_venue(resolve_venue(document.venue), document.symbol)
    symbol, native_id, market, market_list = _contract(venue, document)
    start, end = _span(document)
    if document.before is not None:
        _refuse_percent("before", (document.before,))
    return Asked(
        venue=venue,
        symbol=symbol,
        native_id=native_id,
        market=market,
        market_list=market_list,
        start=start,
        end=end,
        hours=document.interval_hours,
        rows=_rows(document),
        before=document.before,
        contract=document.contract,
        reading=document.reading,
        level=document.level,
        position=document.position,
    )


def _decode(text: str) -> WindowDocument:
    return decoded(text, WindowDocument, "a funding window", f"Pass a JSON object. {DO}")


def _contract(venue: str, document: WindowDocument) -> tuple[str, str, str, str]:
    if not document.symbol:
        return "", "", document.market, document.market_list
    found = resolve_symbol(venue, document.symbol)
    if isinstance(found, Instrument):
        _refuse_other("market_list", document.market_list, found.market_list)
        _refuse_other("market", document.market, found.market)
        return found.symbol, found.identity.native_id, found.market, found.market_list
    market = market_of(*parse_symbol(found))
    _refuse_other("market", document.market, market)
    return found, "", market, document.market_list


def _refuse_other(what: str, said: str, found: str) -> None:
    if said and said != found:
        raise InputError(f"the {what} {said!r}", f"the symbol belongs to {found!r}", "Leave one of the two out, or correct it.")


def _span(document: WindowDocument) -> tuple[int | None, int]:
    end = document.end if document.at is None else document.at
    if end is None:
        raise InputError("a funding window", "neither `at` nor `end`", "Say when the window ends: rules change in time.")
    if document.at is not None and document.end is not None and _ms(document.at) != _ms(document.end):
        raise InputError("a funding window", "`at` and `end` differ", "Give one of them: both mean the end of the window.")
    start = None if document.start is None else _ms(document.start)
    if start is not None and start >= _ms(end):
        raise InputError("a funding window", f"end {end} is not after start {document.start}", "Give start < end.")
    return start, _ms(end)


def _ms(moment: str | int) -> int:
    if isinstance(moment, str):
        return to_ms(moment)
    if moment < FIRST_MS:
        raise InputError(f"the time {moment}", "too small for milliseconds since 1970", "Give milliseconds, or an ISO time with its zone.")
    return moment


def _rows(document: WindowDocument) -> Mapping[str, Sequence[Number]]:
    given = [name for name in ("premium_index", "samples", "books") if getattr(document, name) is not None]
    if len(given) > 1:
        raise InputError("a funding window", f"{' and '.join(given)} together", "Give one of them.")
    if document.impact_notional is not None and document.books is None:
        raise InputError("a funding window", "impact_notional without books", "Give `books`, or leave it out.")
    if document.premium_index is not None:
        _refuse_percent("premium_index", (document.premium_index,))
        return {"premium_index": (document.premium_index,)}
    if document.samples is not None:
        return _columns(document.samples)
    return {} if document.books is None else _books(document.books, document.impact_notional)


def _columns(samples: Rows) -> Mapping[str, Sequence[Number]]:
    columns: dict[str, Sequence[Number]] = {
        name: column for name in Rows.__struct_fields__ if (column := getattr(samples, name)) is not None
    }
    if "premium" in columns and set(columns) - {"premium", "at"}:
        raise InputError("samples", "both `premium` and the prices it is observed from", "Give one of them.")
    if not any(columns.values()):
        raise InputError("samples", "no row at all", "Give at least one observation.")
    if samples.at is not None:
        columns["at"] = [_ms(moment) for moment in samples.at]
    for name in ("premium", "fair_basis", "rate_in_force"):
        _refuse_percent(name, columns.get(name, ()))
    if samples.limit is not None:
        columns["limit"] = _limits(samples.limit, samples.quantity or [])
    return columns


def _limits(limits: Sequence[float | None], quantities: Sequence[float]) -> list[float]:
    """Return the limits of orders; none is a limit that is always met, on the side of the quantity."""
    _refuse_percent("limit", [limit for limit in limits if limit is not None])
    if len(limits) != len(quantities):
        raise InputError("samples", f"{len(limits)} limits of {len(quantities)} quantities", "Give every order both.")
    return [(INF if quantity > 0 else -INF) if limit is None else limit for limit, quantity in zip(limits, quantities, strict=True)]


def _books(books: Sequence[BookRow], notional: float | None) -> Mapping[str, Sequence[Number]]:
    if notional is None:
        raise InputError("impact prices", "books without impact_notional", "Say how much is walked through each side.")
    found = [Book.of(row.bids, row.asks) for row in books]
    columns: dict[str, Sequence[Number]] = {
        "impact_bid": [book.impact_price("bid", notional) for book in found],
        "impact_ask": [book.impact_price("ask", notional) for book in found],
        "bid": [book.bids[0][0] for book in found],
        "ask": [book.asks[0][0] for book in found],
        "index": [row.index for row in books],
    }
    marks, moments = [row.mark for row in books if row.mark is not None], [row.at for row in books if row.at is not None]
    for name, values in (("mark", marks), ("at", moments)):
        if values and len(values) != len(books):
            raise InputError("books", f"`{name}` in {len(values)} of {len(books)} snapshots", "Give it in all of them, or in none.")
    if marks:
        columns["mark"] = marks
    if moments:
        columns["at"] = [_ms(moment) for moment in moments]
    return columns


def _refuse_percent(name: str, values: Sequence[Number]) -> None:
    """Take a premium beyond one half for a percentage."""
    for value in values:
        if not -PERCENT_LIKE <= value <= PERCENT_LIKE:
            raise InputError(f"{name} {value:g}", "more than one half, which looks like percent", "Give a fraction: 0.05 % is 0.0005.")
