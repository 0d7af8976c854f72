"""By how many intervals does a history follow the same coin elsewhere, and since when?

Each shift predicts a rate from the other venue's; what is left over is judged on the scale of its own time, so calm
months weigh as stormy ones. The evidence is tempered by its own scatter before it may name a date.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from perpscope.audit.facts import Series
from perpscope.audit.imply.grounds import Reference
from perpscope.audit.imply.lag import BLOCK, LEAST_BLOCKS, SHIFTS, SURE, aligned, shifted
from perpscope.audit.infer.model import Between, Seen
from perpscope.audit.infer.path import Stretch, best_path, change_span, overconfidence, penalty
from perpscope.market.time import to_text

if TYPE_CHECKING:
    from perpscope.audit.facts import Floats

LOCAL = 30
"""Rows to either side that tell the scale of what is left over: ten days of eight hours."""
FLOOR = 0.1
"""Least scale, as a share of the usual size of a rate: two venues are never nearer than that."""
ROUNDS = 4


def followed(series: Series, references: tuple[Reference, ...], seed: int = 0) -> tuple[Seen, ...]:
    """Stretches of one shift against each reference that has enough settlements in common."""
    out: list[Seen] = []
    for reference in references:
        rows, others = aligned(series, reference.series)
        if len(rows) >= BLOCK * LEAST_BLOCKS:
            scores = shift_scores(series.rate[rows], others)
            path, tempered = tempered_path(scores)
            slots = series.slot[rows]
            for place, (a, b, k) in enumerate(path):
                began = None
                if place:
                    low, high = change_span(tempered, path[place - 1], path[place])
                    began = Between(to_text(int(slots[low - 1])), to_text(int(slots[high])), to_text(int(slots[a])))
                detail = _detail(reference.name, series.rate[rows][a:b], others[a:b], k, seed)
                out.append(Seen("lag", float(SHIFTS[k]), to_text(int(slots[a])), to_text(int(slots[b - 1])), b - a, b - a, detail, began))
    return tuple(out)


def shift_scores(rate: Floats, others: Floats) -> Floats:
    """(n, shifts) log likelihood of each rate given the other venue's at each shift: Cauchy, on a local scale."""
    import numpy as np

    left = np.abs(rate[:, None] - others)
    least = np.pad(left.min(axis=1), LOCAL, mode="reflect")
    scale = np.median(np.lib.stride_tricks.sliding_window_view(least, 2 * LOCAL + 1), axis=1)
    floor = FLOOR * float(np.median(np.abs(rate))) or 1.0
    scores: Floats = -np.log1p((left / (scale + floor)[:, None]) ** 2)
    return scores


def tempered_path(scores: Floats) -> tuple[list[Stretch], Floats]:
    """Cut by scores divided by their overconfidence, which is learnt from the cut itself; also the scores so divided."""
    change = penalty(*scores.shape)
    path = best_path(scores, change)
    for _ in range(ROUNDS):
        fresh = best_path(scores / overconfidence(scores, path), change)
        if fresh == path:
            break
        path = fresh
    return path, scores / overconfidence(scores, path)


def _detail(name: str, rate: Floats, others: Floats, state: int, seed: int) -> str:
    if len(rate) < BLOCK * LEAST_BLOCKS:
        return f"follows {name}; too short to resample"
    found = shifted(rate, others, seed)
    seen = ", ".join(f"{shift:+d}: {c:.3f}" for shift, c in zip(SHIFTS, found.correlation, strict=True))
    sure = "told from chance" if found.best[state] >= SURE else "not told from chance"
    return f"follows {name}; correlation at each shift {seen}; best in {found.best[state]:.0%} of resamplings, {sure}"
