"""Were these values published by a venue, or invented?

Windows of four lengths are put to eight tests (see `_signs`) that real windows fail at known rates. A window is told only
if at least two signs together are worth `NEEDED`, so no single sign ever suffices; a history shorter than the shortest
window is not judged. A doubt by nature: it says how rarely a true history looks like this. Inventions built with memory,
fat tails, clustering and an interest pass. Venues that call themselves generated are not asked.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from perpscope.store.quality._references import USUAL_8H, References, venue_interests
from perpscope.store.quality._series import HOUR, Flags, Series, spans
from perpscope.store.quality._signs import ALONE, LENGTHS, SIGNS, Sign, at_interest, figures
from perpscope.store.quality.facts import Rules, VenueFacts, facts_of
from perpscope.store.quality.problem import Problem, count, when

NEEDED = 5.0
"""With 3,000 windows in 317,000 rows, independent signs worth 5 leave 0.03 false alarms; no real window had 4."""
CONSTANT_DAYS = 120
"""A contract can rest for 88 days of its life; none on record did for all of four months."""
EDGE_SHARE = 0.02
SYNTHETIC = "sim:"
"""Venue ids that begin so declare themselves generated."""


def find_fabrication(all_series: Sequence[Series], rules: Rules) -> Iterator[tuple[Series, Problem]]:
    """Tell every stretch whose windows look invented, and histories that are one constant."""
    shown = venue_interests(all_series, rules)
    for series in all_series:
        if series.venue.startswith(SYNTHETIC) or not len(series):
            continue
        if _constant(series):
            yield series, _constant_problem(series)
            continue
        facts = facts_of(rules, *series.contract)
        interests = _interests(facts, shown.get((series.venue, series.market_list)))
        guilty = np.zeros(len(series), bool)
        signs: dict[int, tuple[str, ...]] = {}
        references = References.of(series, all_series)
        for size in range(len(LENGTHS)):
            for first, words in _guilty(series, interests, facts, size, references):
                guilty[first : first + LENGTHS[size]] = True
                signs[first] = max(words, signs.get(first, ()), key=len)
        for first, last in spans(guilty):
            told = max((signs[row] for row in signs if first <= row <= last), key=len)
            yield series, _problem(series, *_edges(series, interests, first, last), told)


def _guilty(
    series: Series, interests: tuple[float, ...] | None, facts: VenueFacts, size: int, references: References
) -> Iterator[tuple[int, tuple[str, ...]]]:
    """First row and signs of every window of one length that is told."""
    length = LENGTHS[size]
    if len(series) < length:
        return
    starts = np.unique(np.r_[np.arange(0, len(series) - length + 1, length // 2), len(series) - length])
    figure = figures(series, interests, facts.decimals, starts, length)
    shown: dict[Sign, Flags] = {sign: sign.shown(figure[sign.name], size) for sign in SIGNS if sign.name in figure}
    worth = np.zeros(len(starts))
    for sign, flags in shown.items():
        worth += flags * sign.worth[size]
    for i in np.flatnonzero(worth + ALONE.worth[size] >= NEEDED).tolist():
        seen = [(sign, float(figure[sign.name][i])) for sign, flags in shown.items() if flags[i]]
        together = references.correlation(int(starts[i]), length)
        if together is not None and together < ALONE.limits[size]:
            seen.append((ALONE, together))
        if len(seen) > 1 and sum(sign.worth[size] for sign, _ in seen) >= NEEDED:
            yield int(starts[i]), tuple(sign.tell(value, size) for sign, value in seen)


def _interests(facts: VenueFacts, shown: tuple[float, ...] | None) -> tuple[float, ...] | None:
    """Interests a contract may rest on: those stated, or shown by its venue, with the usual ones; None where nothing is known."""
    stated = shown if facts.interest_8h is None else facts.interest_8h
    return tuple({*stated, *USUAL_8H}) if stated else stated


def _constant(series: Series) -> bool:
    return bool((series.rate == series.rate[0]).all() and series.ts[-1] - series.ts[0] > CONSTANT_DAYS * 24 * HOUR)


def _constant_problem(series: Series) -> Problem:
    days = (series.ts[-1] - series.ts[0]) / HOUR / 24
    words = (
        f"all {count(len(series), 'rate')} of {days:.0f} days are {series.rate[0]:.6%}: a constant, not a history. Import another source."
    )
    return Problem("fabrication", int(series.ts[0]), int(series.ts[-1]), words, "doubt")


def _edges(series: Series, interests: tuple[float, ...] | None, first: int, last: int) -> tuple[int, int]:
    """Widen a stretch to the nearest true interests on both sides, where the series has them; windows begin anywhere."""
    rests = np.flatnonzero(at_interest(series, interests or USUAL_8H))
    if len(rests) < EDGE_SHARE * len(series):
        return first, last
    before, after = rests[rests < first], rests[rests > last]
    return int(before[-1]) + 1 if len(before) else 0, int(after[0]) - 1 if len(after) else len(series) - 1


def _problem(series: Series, first: int, last: int, signs: Sequence[str]) -> Problem:
    rows = f"{count(last - first + 1, 'row')} from {when(series.ts[first])} to {when(series.ts[last])}"
    where = "the whole history" if last - first + 1 == len(series) else rows
    return Problem(
        "fabrication",
        int(series.ts[first]),
        int(series.ts[last]),
        f"{where} is unlike any published history: {'; '.join(signs)}. Do not use it before another source, or the venue, confirms it.",
        "doubt",
    )
