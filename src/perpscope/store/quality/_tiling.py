"""Does a block of history stand there a second time?

Histories are made longer by laying the same block again, and contracts are invented by copying another's. An echo (see
`_echo`) of at least 64 bits is no chance. Within one series both places are told, for the values do not say which of them
is the copy; between contracts the one with the shorter history is told. Between two sources of one contract an echo at
another time is a shift of one of them. Sure that the values are repeated; blocks with fewer than about five odd rates
cannot be seen.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

import numpy as np

from perpscope.store.quality._echo import Echo, find_echoes
from perpscope.store.quality._grid import grid_of
from perpscope.store.quality._series import HOUR, Series
from perpscope.store.quality._shift import NATURAL_HOURS
from perpscope.store.quality.facts import Rules, facts_of
from perpscope.store.quality.problem import Problem, count, when

CHANCE = "where chance gives at most 21"
Places = dict[int, list[tuple[int, int]]]


def find_tiling(all_series: Sequence[Series], rules: Rules) -> Iterator[tuple[Series, Problem]]:
    """Tell every echo by what it is: a tile, a copy of another contract, or a shift between two sources."""
    echoes = find_echoes(all_series)
    tiles: Places = defaultdict(list)
    for echo in (e for e in echoes if e.one is e.other):
        for first in (echo.first, echo.second):
            tiles[id(echo.one)].append((first, first + echo.rows - 1))
        yield from _tile(echo)
    between = [e for e in echoes if e.one is not e.other and not _inside(e, tiles)]
    yield from _copies([e for e in between if e.one.contract != e.other.contract])
    yield from _shifts([e for e in between if e.one.contract == e.other.contract], rules)


def find_tiles(all_series: Sequence[Series]) -> Iterator[tuple[Series, Problem]]:
    """Tell only the echoes inside single series."""
    for echo in find_echoes(all_series):
        if echo.one is echo.other:
            yield from _tile(echo)


def _inside(echo: Echo, tiles: Places) -> bool:
    """Whether either place lies in a tile of its own series, which then explains the echo."""
    places = ((echo.one, echo.first), (echo.other, echo.second))
    return any(a < first + echo.rows and first <= b for series, first in places for a, b in tiles[id(series)])


def _span(series: Series, first: int, rows: int) -> tuple[int, int]:
    return int(series.ts[first]), int(series.ts[first + rows - 1])


def _tile(echo: Echo) -> Iterator[tuple[Series, Problem]]:
    series, lag = echo.one, echo.second - echo.first
    a, b = _span(series, echo.first, echo.rows), _span(series, echo.second, echo.rows)
    if lag < echo.rows:
        whole = f"a block of {count(lag, 'row')} is laid {(echo.rows + lag) / lag:.3g} times in a row between {when(a[0])} and {when(b[1])}"
        yield (
            series,
            Problem("tiling", a[0], b[1], f"{whole} ({echo.bits:.0f} bits alike, {CHANCE}). Only one of the blocks is history."),
        )
        return
    for here, there in ((b, a), (a, b)):
        words = (
            f"the {count(echo.rows, 'value')} of {when(here[0])} to {when(here[1])} stand at {when(there[0])} to {when(there[1])} too,"
            " in the"
            f" same order ({echo.bits:.0f} bits alike, {CHANCE}). One of the two is a copy: import both spans from another source and"
            " compare."
        )
        yield series, Problem("tiling", here[0], here[1], words)


def _copies(echoes: Sequence[Echo]) -> Iterator[tuple[Series, Problem]]:
    for echo in echoes:
        mine, place, other, theirs = (
            (echo.one, echo.first, echo.other, echo.second)
            if len(echo.one) < len(echo.other)
            else (echo.other, echo.second, echo.one, echo.first)
        )
        here, there = _span(mine, place, echo.rows), _span(other, theirs, echo.rows)
        at = "at the same time" if here == there else f"at {when(there[0])} to {when(there[1])}"
        words = (
            f"the {count(echo.rows, 'rate')} of {when(here[0])} to {when(here[1])} are those of {other.symbol} on {other.venue} {at}"
            f" ({echo.bits:.0f} bits alike, {CHANCE}). One of the two contracts was copied from the other."
        )
        yield mine, Problem("tiling", here[0], here[1], words)


def _shifts(echoes: Sequence[Echo], rules: Rules) -> Iterator[tuple[Series, Problem]]:
    """Join the echoes of two sources by their offset in time, and tell the source that lies wrong."""
    joined: dict[tuple[int, int, int], list[Echo]] = defaultdict(list)
    for echo in echoes:
        offset = int(echo.other.ts[echo.second] - echo.one.ts[echo.first])
        joined[id(echo.one), id(echo.other), offset].append(echo)
    for (_, _, offset), group in joined.items():
        one, other = group[0].one, group[0].other
        rows = sum(e.rows for e in group)
        off = [_beside(series, rules) for series in (one, other)]
        for series, rival, by, wrong in ((one, other, -offset, off[0]), (other, one, offset, off[1])):
            if not wrong and any(off):
                continue
            firsts = [(e.first if series is one else e.second, e.rows) for e in group]
            a = min(first for first, _ in firsts)
            b = max(first + n - 1 for first, n in firsts)
            words = (
                f"{count(rows, 'rate')} stand in source {rival.source} too, {abs(by) / HOUR:g} h {'earlier' if by > 0 else 'later'}:"
                " one of the"
                f" two is shifted{', and this one lies beside the grid' if wrong else ''}. State its time zone in the mapping and"
                " import again."
            )
            yield series, Problem("shift", int(series.ts[a]), int(series.ts[b]), words, "fault" if wrong else "doubt")


def _beside(series: Series, rules: Rules) -> bool:
    """Whether most stamps lie beside the venue's grid, or beside every known one."""
    facts = facts_of(rules, *series.contract)
    grid = grid_of(series, facts)
    if facts.phase_hours is not None:
        return bool(np.median(np.abs(grid.off)) > 0.25 * HOUR)
    return grid.phase is not None and grid.phase % min(int(np.median(grid.step)), NATURAL_HOURS * HOUR) != 0
