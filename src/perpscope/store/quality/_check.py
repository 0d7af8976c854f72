"""In which order are the detectors asked, and who hears of it?

One row of the tables below is one detector. Findings that another finding explains are left out: the holes of a series
whose stated interval is wrong, the jumps and caps of a stretch in another unit.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import TYPE_CHECKING, TypeAlias

from perpscope.errors import InputError
from perpscope.store.quality._anchor import find_anchors
from perpscope.store.quality._bars import Bars, bars_of, find_disorder
from perpscope.store.quality._bounds import find_beyond_cap
from perpscope.store.quality._duplicates import find_duplicates
from perpscope.store.quality._fabrication import find_fabrication
from perpscope.store.quality._filler import find_filler
from perpscope.store.quality._interval import find_intervals
from perpscope.store.quality._jitter import find_jitter
from perpscope.store.quality._jump import find_jumps
from perpscope.store.quality._lead import find_leads
from perpscope.store.quality._off_slot import find_off_slot
from perpscope.store.quality._series import Series, series_of
from perpscope.store.quality._shift import find_shifts
from perpscope.store.quality._sign import find_flips, find_mirrors
from perpscope.store.quality._spike import find_spikes
from perpscope.store.quality._stale import find_stale
from perpscope.store.quality._tiling import find_tiles, find_tiling
from perpscope.store.quality._unit import find_ratios, find_units
from perpscope.store.quality.facts import NOTHING, Rules, VenueFacts, facts_of
from perpscope.store.quality.gaps import find_gaps
from perpscope.store.quality.problem import KINDS, Problem, problems_frame

if TYPE_CHECKING:
    import polars as pl

Found: TypeAlias = list[tuple[Series, Problem]]
OfOne: TypeAlias = Callable[[Series, VenueFacts], Iterable[Problem]]
OfAll: TypeAlias = Callable[[Sequence[Series], Rules], Iterable[tuple[Series, Problem]]]

STAMPS: tuple[tuple[str, OfOne], ...] = (
    ("gap", find_gaps),
    ("duplicate", find_duplicates),
    ("jitter", find_jitter),
    ("off-slot", find_off_slot),
    ("interval", find_intervals),
    ("shift", find_shifts),
)
RATES: tuple[tuple[str, OfOne], ...] = (
    ("unit", find_units),
    ("cap", find_beyond_cap),
    ("sign", find_flips),
    ("filler", find_filler),
)
ACROSS: tuple[tuple[str, OfAll], ...] = (
    ("unit", find_ratios),
    ("sign", find_mirrors),
    ("jump", find_jumps),
    ("tiling shift", find_tiling),
    ("shift", find_leads),
    ("shift", find_anchors),
    ("fabrication", find_fabrication),
)
"""Each detector with the kinds it can find."""
EXPLAINED: dict[str, frozenset[str]] = {
    "gap": frozenset({"interval"}),
    "jump": frozenset({"unit"}),
    "cap": frozenset({"unit"}),
    "tiling": frozenset({"filler", "duplicate"}),
    "fabrication": frozenset({"filler", "tiling"}),
}
"""Kinds that are left out where one of the other kinds covers their whole place."""


def check(frame: pl.DataFrame, rules: Rules, kinds: Collection[str] | None) -> pl.DataFrame:
    """List the problems of a frame of fundings or prices; see `perpscope.store.quality.check`."""
    unknown = sorted(set(kinds or ()) - KINDS.keys())
    if unknown:
        raise InputError("a quality report", f"unknown kinds {', '.join(unknown)}", f"The kinds are {', '.join(KINDS)}.")
    asked = frozenset(KINDS if kinds is None else kinds)
    looked = asked.union(*(EXPLAINED.get(kind, frozenset()) for kind in asked))
    if "funding_rate" in frame.columns:
        found = _of_fundings(series_of(frame), rules, looked)
    elif "close_quote" in frame.columns and "bar_hours" in frame.columns:
        found = _of_bars(bars_of(frame))
    else:
        raise InputError("a quality report", f"columns {', '.join(frame.columns)}", "Give rows of the table funding or prices.")
    return problems_frame((series, problem) for series, problem in _unexplained(found) if problem.kind in asked)


def _of_fundings(all_series: Sequence[Series], rules: Rules, looked: frozenset[str]) -> Found:
    found: Found = []
    for series in all_series:
        facts = facts_of(rules, *series.contract)
        for kind, find in (*STAMPS, *RATES):
            if kind in looked:
                found += [(series, problem) for problem in find(series, facts)]
    for kinds, across in ACROSS:
        if looked & set(kinds.split()):
            found += across(all_series, rules)
    return found


def _of_bars(all_bars: Sequence[Bars]) -> Found:
    found: Found = []
    for bars in all_bars:
        found += [(bars.series, problem) for _, find in STAMPS for problem in find(bars.series, NOTHING)]
        found += [(bars.series, problem) for find in (find_disorder, find_stale) for problem in find(bars)]
        found += find_tiles([bars.series])
    found += [(bars.series, problem) for bars, problem in find_spikes(all_bars)]
    return found


def _covers(other: Problem, problem: Problem) -> bool:
    slack = (other.until - other.since) // 10
    return other.since - slack <= problem.since and problem.until <= other.until + slack


def _unexplained(found: Found) -> Found:
    """Leave out what another finding in the same place explains."""
    places: dict[tuple[int, str], list[Problem]] = {}
    for series, problem in found:
        places.setdefault((id(series), problem.kind), []).append(problem)

    def explained(series: Series, problem: Problem) -> bool:
        others = (other for kind in EXPLAINED.get(problem.kind, ()) for other in places.get((id(series), kind), ()))
        return any(_covers(other, problem) for other in others)

    return [(series, problem) for series, problem in found if not explained(series, problem)]
