"""Does one settlement stand there twice?

A venue pays once per slot. Two rows of one source closer than a quarter of their interval are one settlement told
twice: a repeated page, or a raw and a rounded stamp. Certain. With equal rates nothing but the count is wrong; with
different rates one of the two is false.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from perpscope.store.quality._grid import grid_of
from perpscope.store.quality._series import HOUR, Series, spans
from perpscope.store.quality.facts import VenueFacts
from perpscope.store.quality.problem import Problem, count, when

NEAR = 0.25
"""Share of an interval. Off-slot settlements of real venues lay 3 h of 8 h from the next one at the least (0.375)."""
BRIDGE = 2
"""Doubled stamps with fewer clean ones between them are told as one block."""


def find_duplicates(series: Series, facts: VenueFacts) -> Iterator[Problem]:
    """Tell every block of doubled stamps."""
    step = grid_of(series, facts).step
    twice = np.r_[False, np.diff(series.ts) < NEAR * np.minimum(step[1:], step[:-1])]
    for first, last in _blocks(twice):
        rows = np.flatnonzero(twice[first : last + 1]) + first
        differ = int((series.rate[rows] != series.rate[rows - 1]).sum())
        apart = int((series.ts[rows] - series.ts[rows - 1]).max())
        what = (
            f"{count(len(rows), series.noun)} from {when(series.ts[first - 1])} on stands twice"
            if len(rows) == 1
            else (f"{count(len(rows), series.noun)} between {when(series.ts[first - 1])} and {when(series.ts[last])} stand twice")
        )
        gap = (
            "with the same stamp"
            if apart == 0
            else f"up to {apart / 1000:g} s apart"
            if apart < HOUR
            else f"up to {apart / HOUR:g} h apart"
        )
        do = (
            f"{differ} of them with two different values: find out which is true before using either."
            if differ
            else "The values agree: keep one of each, or sums count them double."
        )
        yield Problem("duplicate", int(series.ts[first - 1]), int(series.ts[last]), f"{what}, {gap}. {do}")


def _blocks(twice: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for first, last in spans(twice):
        if merged and first - merged[-1][1] <= BRIDGE:
            merged[-1] = (merged[-1][0], last)
        else:
            merged.append((first, last))
    return merged
