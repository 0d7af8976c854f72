"""Had this contract ended before these rows?

Rows after a stated end belong to no contract: venues' archives fill them with a constant. An end is stated by the
mapping, by the rule books (a venue closed), by the store's registry, or by the date in the id of a dated contract. A
hole in the data is no end.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Protocol

from perpscope.catalogue.load import load_venue, venue_ids
from perpscope.market.time import FOREVER, to_ms, to_text
from perpscope.sources import Part
from perpscope.store import Fact, Store

if TYPE_CHECKING:
    import polars as pl

Span = tuple[int, int]
Who = tuple[str, str, str]
_DATE = re.compile(r".+[_-](\d{6})")


class Ends(Protocol):
    """Spans (ms UTC, both ends exclusive) in which no contract bore this ticker: from an end to the next listing."""

    def __call__(self, venue: str, market_list: str, native_id: str) -> Sequence[Span]:
        """Tell the spans after the contract's ends."""
        ...


def catalogue_ends(venue: str, market_list: str, native_id: str) -> Sequence[Span]:
    """Tell from the rule books and the id: everything ends when its venue closes, a dated contract after its date."""
    del market_list
    closed = load_venue(venue).closed if venue in venue_ids() else FOREVER
    return tuple((end, FOREVER) for end in (closed, _expiry(native_id)) if end < FOREVER)


def _expiry(native_id: str) -> int:
    """End of the day in an id such as BTCUSD_240927 (ms UTC)."""
    dated = _DATE.fullmatch(native_id)
    try:
        day = datetime.strptime(dated[1], "%y%m%d").replace(tzinfo=UTC) if dated else None
    except ValueError:
        return FOREVER
    return FOREVER if day is None else to_ms(day + timedelta(days=1))


def known_ends(sink: object) -> Ends:
    """Tell ends from the rule books and, where the sink is a store, from what its registry was told."""
    stated = _stated(sink) if isinstance(sink, Store) else {}

    def ends(venue: str, market_list: str, native_id: str) -> Sequence[Span]:
        return (*catalogue_ends(venue, market_list, native_id), *stated.get((venue, market_list, native_id), ()))

    return ends


def _stated(store: Store) -> dict[Who, list[Span]]:
    moments: dict[str, dict[Who, set[int]]] = {"end": {}, "listing": {}}
    for fact, of in moments.items():
        for row in store.registry.as_of(fact=fact, basis="stated").iter_rows(named=True):
            of.setdefault((row["venue"], row["market_list"], row["native_id"]), set()).add(int(row["value"]))
    found: dict[Who, list[Span]] = {}
    for who, ends in moments["end"].items():
        listings = sorted(moments["listing"].get(who, ()))
        found[who] = [(end, _next(listings, end)) for end in sorted(ends)]
    return found


def _next(listings: Sequence[int], end: int) -> int:
    place = bisect_right(listings, end)
    return listings[place] if place < len(listings) else FOREVER


def after_the_end(part: Part, ends: Ends) -> pl.DataFrame:
    """{row, reason} of rows stamped after their contract's end, or before the listing the mapping states."""
    import polars as pl

    frame = part.frame
    who = ["venue", "market_list", "native_id"]
    found = [pl.DataFrame(schema={"row": pl.Int64, "reason": pl.String})]
    ms = pl.col("ts").dt.timestamp("ms")
    for venue, market_list, native_id in frame.select(who).unique().sort(who).iter_rows():
        listed, ended = part.lives.get((venue, market_list, native_id), (None, None))
        spans = [*ends(venue, market_list, native_id), *([] if ended is None else [(ended, FOREVER)])]
        words = {span: f"{native_id} on {venue} had ended at {to_text(span[0])}" for span in spans}
        if listed is not None:
            words[0, listed] = f"{native_id} on {venue} was not listed before {to_text(listed)}"
        own = (pl.col("venue") == venue) & (pl.col("market_list") == market_list) & (pl.col("native_id") == native_id)
        for (start, end), reason in words.items():
            dead = frame.filter(own & (ms > start) & (ms < end))
            found.append(dead.select(pl.col("row").cast(pl.Int64), pl.lit(reason).alias("reason")))
    return pl.concat(found).unique("row", keep="first", maintain_order=True)


def tell_registry(sink: object, part: Part, source: str) -> None:
    """Tell a store's registry the lives the mapping states."""
    if not isinstance(sink, Store) or not part.lives:
        return
    facts = [
        Fact(who[0], who[1], who[2], fact, float(value), value, FOREVER)
        for who, life in part.lives.items()
        for fact, value in zip(("listing", "end"), life, strict=True)
        if value is not None
    ]
    sink.registry.record(facts, source, sink.clock())
