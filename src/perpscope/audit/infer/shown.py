"""What do published rates show by themselves, and since when?

Interval, decimals, the value they pile up on, the values they stop at, the largest step, and, beside the same coin
elsewhere, how many intervals they follow by.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from perpscope.audit.digits import common, decimals, half_units
from perpscope.audit.facts import Series
from perpscope.audit.imply.grounds import Reference
from perpscope.audit.infer.follow import followed
from perpscope.audit.infer.model import Between, Seen
from perpscope.audit.infer.path import Stretch, best_path, change_span, penalty
from perpscope.audit.infer.piles import NEIGHBOURS, piles, simplest
from perpscope.market.time import to_text

if TYPE_CHECKING:
    from perpscope.audit.facts import Flags, Floats, Ints

MOST = 4
LEAST_SHARE = 0.005
"""Least share of all rows on a pile that is taken for an interest term."""
STRAY = 1e-4
"""Chance that a row has more decimals than its era publishes."""


def shown(series: Series, references: tuple[Reference, ...] = ()) -> tuple[Seen, ...]:
    """List everything the rates show, feature by feature, in order of time."""
    if not len(series):
        return ()
    return (*intervals(series), *digits(series), *interests(series), *stops(series), *largest_step(series), *followed(series, references))


def intervals(series: Series) -> tuple[Seen, ...]:
    """Stretches of one stated interval."""
    import numpy as np

    edges = [0, *(np.flatnonzero(np.diff(series.hours)) + 1).tolist(), len(series)]
    out = []
    for a, b in pairwise(edges):
        began = Between(*(to_text(int(series.slot[k])) for k in (a - 1, a, a))) if a else None
        follows = int(series.follows[max(a, 1) : b].sum())
        out.append(_seen(series, "interval", float(series.hours[a]), (a, b), follows, detail="hits follow the slot before", began=began))
    return tuple(out)


def digits(series: Series) -> tuple[Seen, ...]:
    """Stretches of one number of published decimals, read off the rows that are not on a pile."""
    import numpy as np

    places = decimals(series.rate)
    states = sorted({common(part) for part in np.array_split(places, max(1, len(places) // 100))})
    scores = np.empty((len(places), len(states)))
    for k, most in enumerate(states):
        deep = most - places
        scores[:, k] = np.where(deep < 0, np.log(STRAY), np.log(0.9) - np.log(10.0) * deep)  # a last digit is 0 one time in ten
    width = _width(series)
    for pile in piles(series.rate, width, MOST):
        scores[np.abs(series.rate - pile.value) <= width / 2] = 0.0
    path = best_path(scores, penalty(len(places), len(states)))
    out = []
    for place, (a, b, k) in enumerate(path):
        hits = int((places[a:b] == states[k]).sum())
        out.append(_seen(series, "decimals", float(states[k]), (a, b), hits, began=_began(series.slot, scores, path, place)))
    return tuple(out)


def interests(series: Series) -> tuple[Seen, ...]:
    """Stretches in which the rates return to one value inside their range: the interest term of a rule that pulls.

    Only a row on another pile speaks against a stretch; that the premium stayed away for a while does not.
    """
    import numpy as np

    width = _width(series)
    ends = {value for _, value, _ in _stops(series.rate, width)}
    often = [p for p in piles(series.rate, width, MOST) if p.hits >= LEAST_SHARE * len(series)]
    found = [p for p in often if all(abs(p.value - end) > width for end in ends)]
    if not found:
        return (_seen(series, "interest atom", None, (0, len(series)), 0, detail="no value inside the range is returned to beyond chance"),)
    on: Flags = np.column_stack([np.abs(series.rate - p.value) <= width / 2 for p in found])
    share = on.mean(axis=0)
    against = np.log(share)[None, :] - np.log(_chance(series.rate, width))[:, None]
    elsewhere = np.any(on, axis=1, keepdims=True) & ~on
    scores = np.where(elsewhere, -np.maximum(0.0, np.where(on, against, 0.0).sum(axis=1))[:, None], 0.0)
    path = best_path(scores, penalty(len(series), len(found)))
    out = []
    for place, (a, b, k) in enumerate(path):
        hits = np.flatnonzero(on[a:b, k])
        began = _began(series.slot, scores, path, place)
        said = _absence(series, hits + a, a, b)
        out.append(_seen(series, "interest atom", simplest(found[k].value, width / 2), (a, b), len(hits), detail=said, began=began))
    return tuple(out)


def _absence(series: Series, hits: Ints, a: int, b: int) -> str:
    """Say the longest stretch without a hit."""
    import numpy as np

    edges = np.concatenate([[a - 1], hits, [b]])
    widest = int(np.argmax(np.diff(edges)))
    low, high = int(edges[widest]) + 1, int(edges[widest + 1]) - 1
    if high < low:
        return "every row"
    return f"longest without: {high - low + 1} rows, {to_text(int(series.slot[low]))} to {to_text(int(series.slot[high]))}"


def _chance(rate: Floats, width: float) -> Floats:
    """(n,) chance of a row's published unit, from the rows around it that are not on it."""
    import numpy as np

    ranked = np.sort(rate)
    reach = (NEIGHBOURS + 0.5) * width
    near = np.searchsorted(ranked, rate + reach) - np.searchsorted(ranked, rate - reach)
    same = np.searchsorted(ranked, rate + width / 2) - np.searchsorted(ranked, rate - width / 2)
    return (near - same + 1.0) / (2 * NEIGHBOURS) / (len(rate) + 1.0)


def stops(series: Series) -> tuple[Seen, ...]:
    """Values that rates stop at, above and below, from the first to the last time they do."""
    found = _stops(series.rate, _width(series))
    said = "reached, and not passed between"
    out = [_seen(series, name, value, (int(at[0]), int(at[-1]) + 1), len(at), detail=said) for name, value, at in found]
    return tuple(sorted(out, key=lambda seen: (seen.feature, seen.start)))


def _stops(rate: Floats, width: float) -> list[tuple[str, float, Ints]]:
    """Side, value and rows of each pile that nothing passes from its first row to its last, though rows fall short of it."""
    import numpy as np

    out = []
    for feature, sign in (("upper limit", 1.0), ("lower limit", -1.0)):
        own = sign * rate
        for pile in piles(own, width):
            at = np.flatnonzero(np.abs(own - pile.value) <= width)
            inside = own[at[0] : at[-1] + 1]
            if pile.value > 0 and inside.max() <= pile.value + width and (inside < pile.value - width).any():
                out.append((feature, sign * simplest(pile.value, width / 2), at))
    return out


def _width(series: Series) -> float:
    """Return the published unit of most rates."""
    import numpy as np

    return float(2 * np.median(half_units(series.rate, series.source)))


def largest_step(series: Series) -> tuple[Seen, ...]:
    """Return the largest step from one rate to the next, and how often just that was taken."""
    import numpy as np

    follows = np.flatnonzero(series.follows)
    if not len(follows):
        return ()
    steps = np.abs(series.rate[follows] - series.rate[follows - 1])
    width = 2 * _width(series)
    top = float(steps.max())
    hits = int((steps >= top - width).sum())
    when = f"at {to_text(int(series.slot[follows[np.argmax(steps)]]))}"
    return (_seen(series, "largest step", simplest(top, width / 2), (0, len(series)), hits, detail=when),)


def _began(slots: Ints, scores: Floats, path: list[Stretch], place: int) -> Between | None:
    if not place:
        return None
    low, high = change_span(scores, path[place - 1], path[place])
    return Between(to_text(int(slots[low - 1])), to_text(int(slots[high])), to_text(int(slots[path[place].first])))


def _seen(
    series: Series, feature: str, value: float | None, span: tuple[int, int], hits: int, *, detail: str = "", began: Between | None = None
) -> Seen:
    a, b = span
    return Seen(feature, value, to_text(int(series.slot[a])), to_text(int(series.slot[b - 1])), b - a, hits, detail, began)
