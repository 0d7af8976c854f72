"""How far does a cumulative index move, when the clock may stop?

Continuous funding adds, at every tick, the amount in force since the tick before. Some venues let no time pass while
their feed is silent: a gap longer than a limit counts as nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from perpscope.errors import InputError
from perpscope.market.number import INF, Number
from perpscope.units import MS_PER_HOUR


def index_move(at: Sequence[int], amounts: Sequence[Number], end: int, *, period_hours: Number, longest_gap_s: Number = INF) -> Number:
    """Sum of amounts x time in force / period.

    Parameters
    ----------
    at : time of each tick (ms, rising). amounts : in force from each tick until the next one, each per `period_hours`.
    end : ms, the last amount is in force until then.
    period_hours : hours the amounts are stated for, > 0. longest_gap_s : a longer time between ticks counts as none.

    Raises
    ------
    InputError
        When lengths differ or times do not rise.

    Source: the funding index of one venue with continuous funding, whose gaps beyond 30 s count as zero; see the catalogue.

    Examples
    --------
    >>> index_move([0], [18.0], 60_000, period_hours=8)
    0.0375
    """
    edges = [*at, end]
    if len(at) != len(amounts) or any(b < a for a, b in pairwise(edges)):
        raise InputError("the move of an index", f"{len(at)} times, {len(amounts)} amounts", "Give one amount for each rising time.")
    moved: Number = 0
    for (a, b), amount in zip(pairwise(edges), amounts, strict=True):
        if b - a <= longest_gap_s * 1000:
            moved += amount * (b - a) / (MS_PER_HOUR * period_hours)
    return moved
