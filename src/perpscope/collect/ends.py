"""Had this contract ended before these rows?

Rows after a stated end belong to no contract: venues' archives fill them with a constant. An end is stated by the rule
books (a venue closed) or by the registry of the store; a hole in the data is no end.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from perpscope.catalogue.load import load_venue, venue_ids
from perpscope.market.time import FOREVER, to_text
from perpscope.store import Store

if TYPE_CHECKING:
    import polars as pl

Span = tuple[int, int]


class Ends(Protocol):
    """Spans (ms UTC, both ends exclusive) in which no contract bore this ticker: from an end to the next listing."""

    def __call__(self, venue: str, market_list: str, native_id: str) -> Sequence[Span]:
        """Tell the spans after the contract's ends."""
        ...


def catalogue_ends(venue: str, market_list: str, native_id: str) -> Sequence[Span]:
    """Tell from the rule books: everything ends when its venue closes."""
    del market_list, native_id
    if venue not in venue_ids():
        return ()
    closed = load_venue(venue).closed
    return ((closed, FOREVER),) if closed < FOREVER else ()


def known_ends(sink: object) -> Ends:
    """Tell ends from the rule books and, where the sink is a store, from what its registry was told."""
    stated = _stated(sink) if isinstance(sink, Store) else {}

    def ends(venue: str, market_list: str, native_id: str) -> Sequence[Span]:
        return (*catalogue_ends(venue, market_list, native_id), *stated.get((venue, market_list, native_id), ()))

    return ends


def _stated(store: Store) -> dict[tuple[str, str, str], list[Span]]:
    registry = store.registry
    moments: dict[str, dict[tuple[str, str, str], set[int]]] = {}
    for fact in ("end", "listing"):
        for row in registry.as_of(fact=fact, basis="stated").iter_rows(named=True):
            moments.setdefault(fact, {}).setdefault((row["venue"], row["market_list"], row["native_id"]), set()).add(int(row["value"]))
    found: dict[tuple[str, str, str], list[Span]] = {}
    for who, ends in moments.get("end", {}).items():
        listings = sorted(moments.get("listing", {}).get(who, ()))
        for end in sorted(ends):
            place = bisect_right(listings, end)
            found.setdefault(who, []).append((end, listings[place] if place < len(listings) else FOREVER))
    return found


def after_the_end(frame: pl.DataFrame, ends: Ends) -> pl.DataFrame:
    """{row, reason} of rows (columns venue, market_list, native_id, ts, row) stamped after their contract's end."""
    import polars as pl

    who = ["venue", "market_list", "native_id"]
    found = [pl.DataFrame(schema={"row": pl.Int64, "reason": pl.String})]
    for venue, market_list, native_id in frame.select(who).unique().iter_rows():
        for end, listing in ends(venue, market_list, native_id):
            ms = pl.col("ts").dt.timestamp("ms")
            own = (pl.col("venue") == venue) & (pl.col("market_list") == market_list) & (pl.col("native_id") == native_id)
            dead = frame.filter(own & (ms > end) & (ms < listing))
            words = f"{native_id} on {venue} had ended at {to_text(end)}"
            found.append(dead.select(pl.col("row").cast(pl.Int64), pl.lit(words).alias("reason")))
    return pl.concat(found)
