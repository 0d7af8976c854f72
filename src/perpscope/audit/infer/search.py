"""Which dated rules would have given these rates?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from perpscope.audit.compare import DOUBLES
from perpscope.audit.digits import common, decimals, half_units
from perpscope.audit.facts import Series
from perpscope.audit.imply.grounds import Reference
from perpscope.audit.infer.candidates import Candidate, Target
from perpscope.audit.infer.fit import SAME, Cut, cut, fitted, rates
from perpscope.audit.infer.looks import from_averages, from_samples
from perpscope.audit.infer.model import Between, Inference, Segment
from perpscope.audit.infer.path import REASON, Stretch, change_span
from perpscope.audit.infer.piles import REPEATS, piles, simplest
from perpscope.audit.infer.shown import shown
from perpscope.market.number import Rounding
from perpscope.market.time import to_text

if TYPE_CHECKING:
    from perpscope.audit.facts import Floats, Ints
    from perpscope.audit.sampled import Samples

LEAST_ROWS = 30
"""Fewest rows with inputs a search is made on."""
FITS = 0.5
"""Share of the rows a rule must give to be called fitting, not merely nearest."""
TIES_SHOWN = 4
WORTH = 0.05
"""Share of the rows that a way of rounding must explain besides."""
QUANTILES = (0.5, 0.9, 0.99, 1.0)


def infer(series: Series, observed: Mapping[str, Samples], references: tuple[Reference, ...] = ()) -> Inference:
    """Search the rules that fit a history, segment by segment.

    Parameters
    ----------
    series : published fixings. observed : premium samples by the kind of observation they are.
    references : the same coin elsewhere, for what only a comparison shows.
    """
    import numpy as np

    seen = shown(series, references)
    looks = [*from_averages(series), *from_samples(series, observed)]
    have = np.any([np.isfinite(look.premium) for look in looks], axis=0) if looks else np.zeros(len(series), dtype=bool)
    rows = np.flatnonzero(have)
    if len(rows) < LEAST_ROWS:
        note = f"{len(rows)} rows with an averaged premium or samples: too few to try rules on; what the rates alone show is listed"
        return Inference("published rates alone", 0, 0.0, REASON, (), seen, note)
    half = half_units(series.rate, series.source)
    target = Target(series.rate[rows], series.hours[rows], half[rows])
    own = [replace(look, premium=look.premium[rows], half=look.half[rows]) for look in looks]
    found = cut(fitted(own, target))
    segments = tuple(_segment(series.slot[rows], found, k) for k in range(len(found.path)))
    basis = ", ".join(dict.fromkeys(look.name for look in looks))
    blurred = f"no rule gives most rows exactly: inputs taken as known to within {found.blur:.3g} of a rate" if found.blur else ""
    return Inference(basis, found.fit.tried, found.change, REASON, segments, seen, blurred)


def _segment(slots: Ints, found: Cut, place: int) -> Segment:
    import numpy as np

    fit, (first, stop, state) = found.fit, found.path[place]
    part = slice(first, stop)
    unit = 2 * fit.target.half[part]
    apart = np.any(np.abs(fit.rate[part] - fit.rate[part, state][:, None]) > SAME * unit[:, None], axis=0)
    state, *ties = np.flatnonzero(~apart).tolist()  # of rules that give the same rates here, the plainest comes first
    rest = np.flatnonzero(apart)
    candidate, hits, error = _refined(found, part, state)
    matches = fit.matched[part].sum(axis=0)
    second = int(rest[np.lexsort((np.nanmedian(np.abs(fit.error[part][:, rest]), axis=0), -matches[rest]))[0]]) if len(rest) else -1
    size = np.abs(error[np.isfinite(error)])
    words = candidate.words if hits >= FITS * len(size) else f"none of those tried fits; the nearest: {candidate.words}"
    return Segment(
        start=to_text(int(slots[first])),
        end=to_text(int(slots[stop - 1])),
        rows=len(size),
        matches=hits,
        rule=candidate.to_dict(),
        words=words,
        residuals={f"{q:.0%}": float(np.quantile(size, q)) if len(size) else 0.0 for q in QUANTILES},
        runner_up=fit.candidates[second].words if second >= 0 else "",
        runner_up_matches=int(matches[second]) if second >= 0 else 0,
        tied=(*(fit.candidates[k].words for k in ties[:TIES_SHOWN]), *_untold(fit.target.hours[part])),
        began=_began(slots, found.scores, found.path, place),
    )


def _untold(hours: Floats) -> tuple[str, ...]:
    import numpy as np

    return ("the same with any scaling to the interval: all are 8 h",) if np.all(hours == 8) else ()  # noqa: PLR2004 - N/8 is 1


def _began(slots: Ints, scores: Floats, path: list[Stretch], place: int) -> Between | None:
    if not place:
        return None
    low, high = change_span(scores, path[place - 1], path[place])
    return Between(to_text(int(slots[low - 1])), to_text(int(slots[high])), to_text(int(slots[path[place].first])))


def _refined(found: Cut, part: slice, state: int) -> tuple[Candidate, int, Floats]:
    """Try ways of rounding and a largest step on the rule of a segment; the plain rule stays where they give no more matches."""
    import numpy as np

    fit = found.fit
    plain = fit.candidates[state]
    look = fit.looks[state]
    rate, half, tolerance = fit.target.rate[part], fit.target.half[part], fit.tolerance[part, state]
    error = fit.error[part, state]
    best = (plain, int(fit.matched[part, state].sum()), error)
    if found.blur:
        return best
    worth = max(REPEATS, WORTH * len(rate))
    places = common(decimals(rate))
    ways: tuple[tuple[Rounding, Floats], ...] = (("down", np.ones(len(rate))), ("to_zero", np.sign(rate)))
    for rounding, sign in ways:
        moved = error + sign * half
        hits = int((np.abs(moved) <= tolerance).sum())
        if hits >= best[1] + worth:
            best = (replace(plain, formula=replace(plain.formula, decimals=places, rounding=rounding)), hits, moved)
    step = _largest_step(rate, half)
    if step is not None:
        slowed = replace(best[0], formula=replace(best[0].formula, change=step))
        moved = rate - rates(slowed, look.premium[part], fit.target.hours[part]) + (best[2] - error)
        hits = int((np.abs(moved) <= tolerance + DOUBLES * np.abs(rate)).sum())
        if hits >= best[1] + REPEATS:
            best = (slowed, hits, moved)
    return best


def _largest_step(rate: Floats, half: Floats) -> float | None:
    """Step that rates take again and again and never exceed; None where there is none."""
    import numpy as np

    steps = np.abs(np.diff(rate))
    width = 4 * float(np.median(half))
    top = [pile.value for pile in piles(steps, width) if pile.value >= steps.max() - width]
    return simplest(top[0], width) if top and top[0] > 0 else None
