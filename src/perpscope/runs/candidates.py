"""Which trades does a scan of the store offer a plan, all of one moment?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from perpscope.market.time import day_ms
from perpscope.runs.scan import Asked, scan

if TYPE_CHECKING:
    from perpscope.store import Store


@dataclass(frozen=True, slots=True)
class Offered:
    """What a scan offers.

    Parameters
    ----------
    rows : best net annual rate on capital first; of those whose net is not known only the reasons are kept, see `unknown`.
    at : their moment, ms UTC. unknown : reason -> how many trades have no net for it.
    """

    rows: tuple[Mapping[str, Any], ...]
    at: int
    unknown: Mapping[str, int]


def offered(store: Store, asked: Asked, top: int) -> Offered:
    """Scan the store and keep the best.

    Parameters
    ----------
    asked : of the scan; without a moment the one at which most trades end is taken. top : how many are kept.

    Raises
    ------
    NotEnoughData, InputError, CatalogueError
        As a scan does.
    """
    found = scan(store, asked)
    at = asked.at
    if at is None:
        ends = Counter(str(row["at"]) for row in found.rows)
        at = day_ms(max(ends, key=lambda end: (ends[end], end))) if ends else found.moments[-1]
        if len(found.moments) > 1:
            found = scan(store, replace(asked, at=at))
    known = [row for row in found.rows if row["net_apr_capital"] is not None]
    why = Counter(_why(row["why_null"]) for row in found.rows if row["net_apr_capital"] is None)
    best = sorted(known, key=lambda row: -row["net_apr_capital"])[:top]
    return Offered(tuple(best), at, dict(why.most_common()))


def _why(reasons: Mapping[str, str]) -> str:
    """Say why a line has no net: what is missing first of the carry, of entering and of holding."""
    return next((str(reasons[name]) for name in ("gross_apr", "cost_bp", "hold_apr") if name in reasons), "not told")
