"""What is wrong with these rows, if anything?

`check` reads a conformed frame of fundings or prices and lists its problems; it touches no disk. Nothing here knows a
venue: what a detector may use about one comes as `VenueFacts`. What every kind means is in `KINDS`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from perpscope.store.quality.facts import Rules, VenueFacts
from perpscope.store.quality.gaps import Coverage, Hole, coverage
from perpscope.store.quality.problem import COLUMNS, KINDS, Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Collection

    import polars as pl

__all__ = ["COLUMNS", "KINDS", "Coverage", "Hole", "Problem", "Rules", "Severity", "VenueFacts", "check", "coverage"]


def check(frame: pl.DataFrame, rules: Rules | None = None, kinds: Collection[str] | None = None) -> pl.DataFrame:
    """List the problems of a frame that conforms to the table `funding` or `prices`, all sources together.

    Parameters
    ----------
    frame : rows of any number of contracts and sources, in any order. Rows of one call are each other's company: a jump
        that the whole market made is no fault, and a series that moves like no other of its coin is a sign.
    rules : facts about venues; without them the detectors work with less power.
    kinds : only these kinds (see `KINDS`); all where None.

    Returns
    -------
    frame
        table, venue, symbol, kind, from, to (UTC; the stamps that bound the place), detail (what was found and what to
        do, in words and figures), severity (fault, doubt or note), market_list, native_id, source. No rows when all is well.

    Raises
    ------
    InputError
        When the frame is of neither table, or a kind is unknown.
    """
    from perpscope.store.quality._check import check as detect

    return detect(frame, rules or {}, kinds)
