"""Which contract bore this ticker at that time?

Tickers are reused. A life of a ticker runs from its listing to its end. Stated listings and ends decide; where none
is stated, a hole of 90 days or more in the stamps of all sources together parts two lives. Stamps after a stated end
and before the next listing belong to no contract (venues' archives fill them with a constant).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from perpscope.market.time import FOREVER
from perpscope.store.intervals import LIFE_GAP_MS


@dataclass(frozen=True, slots=True)
class Life:
    """From `listed` (ms; 0 where unknown) to `ended` (ms; `FOREVER` where it trades on).

    `stated` says whether a source stated the listing or the end; else they are inferred from a long hole.
    """

    listed: int
    ended: int
    stated: bool

    def holds(self, ms: int) -> bool:
        """Whether a stamp belongs to this life (a contract still settles at the instant of its end)."""
        return self.listed <= ms <= self.ended


def lives(seen: Iterable[tuple[int, int]], listings: Iterable[int] = (), ends: Iterable[int] = ()) -> list[Life]:
    """Cut the time of one ticker into lives.

    Parameters
    ----------
    seen : spans (first, last) in which any source has stamps, ms.
    listings, ends : as stated, ms. Listings less than 90 days apart without an end between them are one listing told twice.
    """
    spans, over = sorted(seen), sorted(ends)
    holes = _holes(spans)
    births = _births(spans, holes, _distinct(listings, over))
    out: list[Life] = []
    for (listed, stated), following in zip(births, [*(moment for moment, _ in births[1:]), FOREVER], strict=True):
        end = next((moment for moment in over if listed <= moment < following), None)
        silent = next((low for low, high in holes if listed <= low < following <= high), following)
        out.append(Life(listed, silent if end is None else end, stated or end is not None))
    return out


def life_at(found: Sequence[Life], ms: int) -> Life | None:
    """Return the life a stamp belongs to; None between an end and the next listing, or before all of them."""
    return next((life for life in reversed(found) if life.holds(ms)), None)


def _births(spans: Sequence[tuple[int, int]], holes: Sequence[tuple[int, int]], listings: Sequence[int]) -> list[tuple[int, bool]]:
    """When lives begin, and whether that was stated."""
    births = [(moment, True) for moment in listings]
    births += [(high, False) for low, high in holes if not any(low < moment <= high for moment in listings)]
    first = spans[0][0] if spans else FOREVER
    if not any(moment <= first for moment in listings):
        births.append((0, False))
    return sorted(births)


def _distinct(listings: Iterable[int], ends: Sequence[int]) -> list[int]:
    out: list[int] = []
    for moment in sorted(set(listings)):
        if not out or moment - out[-1] >= LIFE_GAP_MS or any(out[-1] <= end < moment for end in ends):
            out.append(moment)
    return out


def _holes(spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Holes of 90 days or more in the union of sorted spans."""
    out: list[tuple[int, int]] = []
    until: int | None = None
    for low, high in spans:
        if until is not None and low - until > LIFE_GAP_MS:
            out.append((until, low))
        until = high if until is None else max(until, high)
    return out
