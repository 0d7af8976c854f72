"""How well does each rule fit each row?

A row that a rule gives within its tolerance counts as a match; one that it misses counts by how far. The share and
the size of misses are learnt from the data in a few rounds, so noisy inputs spread the evidence and exact ones
sharpen it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from perpscope.audit.compare import DOUBLES
from perpscope.audit.infer.candidates import Candidate, Look, Target, formulas, limits
from perpscope.audit.infer.path import Stretch, best_path, penalty
from perpscope.mechanisms.batch import fix_averages
from perpscope.mechanisms.observe import Observe
from perpscope.mechanisms.reduce import Last
from perpscope.mechanisms.rule import Rule

if TYPE_CHECKING:
    from perpscope.audit.facts import Flags, Floats, Ints

BLOCKS = 48
"""Parts of a history in each of which the best few rules are kept for the cut."""
KEPT = 4
ROUNDS = 5
FIRST_MISS = 0.05
MOST_MISS = 0.98
LEAST_MISS = 0.002
PART = 40
"""Rows of a part in which the best rule is asked how far it misses."""
USUALLY = 0.75
NEARLY_ALL = 0.95
SMALL = 0.25
"""Largest blur allowed, as a share of the spread of the rates: beyond it nothing could be told apart."""
SAME = 1e-3
"""Rates this near, in published units, are one and the same."""


@dataclass(frozen=True, slots=True, eq=False)
class Fitted:
    """Rules kept for the cut and how they fit.

    Parameters
    ----------
    candidates : k rules, and looks : how each one's premium was averaged.
    rate : (n, k) computed rates, NaN where inputs lack. tolerance : (n, k).
    target : what is explained. tried : different rules tried.
    """

    candidates: tuple[Candidate, ...]
    looks: tuple[Look, ...]
    rate: Floats
    tolerance: Floats
    target: Target
    tried: int

    @property
    def error(self) -> Floats:
        """(n, k) published - computed."""
        return self.target.rate[:, None] - self.rate

    @property
    def matched(self) -> Flags:
        """(n, k) within the tolerance."""
        import numpy as np

        return np.abs(self.error) <= self.tolerance

    def blurred(self, by: float) -> Fitted:
        """Return the same rules with every premium known only to within `by` (fraction of a rate of this interval)."""
        import numpy as np

        columns = [
            _exactly(candidate, replace(look, half=np.maximum(look.half, by / _share(candidate, self.target))), self.target)
            for candidate, look in zip(self.candidates, self.looks, strict=True)
        ]
        return replace(self, tolerance=np.column_stack([tolerance for _, tolerance in columns]))


def _share(candidate: Candidate, target: Target) -> Floats:
    """(n,) by how much the rate moves with the premium, outside the band."""
    return target.hours / float(candidate.formula.period) if candidate.formula.period else target.hours / target.hours


def rates(candidate: Candidate, premium: Floats, hours: Floats) -> Floats:
    """Rates of a candidate before its last rounding, (n,); NaN where the premium is."""
    import numpy as np

    rule = Rule(Observe("impact_band"), Last(), candidate.formula)
    return np.where(np.isfinite(premium), fix_averages(rule, premium, hours).term("slowed"), np.nan)


def all_candidates(looks: list[Look], target: Target) -> Iterator[tuple[Candidate, Look, Floats]]:
    """Yield every rule worth trying, the plainest first, with the rates it gives."""
    import numpy as np

    bounds = limits(target)
    for look in looks:
        for formula in formulas(look, target):
            free = rates(Candidate(look.name, look.lag, formula), look.premium, target.hours)
            for floor, cap in bounds:
                yield Candidate(look.name, look.lag, replace(formula, floor=floor, cap=cap)), look, np.clip(free, floor, cap)


@dataclass(frozen=True, slots=True, eq=False)
class Cut:
    """A history cut into stretches.

    Parameters
    ----------
    path : the stretches. scores : (n, k) log likelihoods they were cut by. change : penalty of a change, nats.
    fit : the rules with the tolerance used. blur : how far off the inputs were taken to be, fraction of a rate; 0 where exact.
    """

    path: list[Stretch]
    scores: Floats
    change: float
    fit: Fitted
    blur: float


def fitted(looks: list[Look], target: Target) -> Fitted:
    """Try every rule, and keep the best few of each part of the history."""
    import numpy as np

    starts = np.unique(np.linspace(0, len(target.rate), BLOCKS + 1).astype(np.int64)[:-1])
    seen: dict[bytes, int] = {}
    known: list[tuple[Candidate, Look]] = []
    scores: list[Floats] = []
    for candidate, look, rate in all_candidates(looks, target):
        key = np.rint(np.nan_to_num(rate, nan=9.0) / (2 * SAME * target.half)).tobytes()
        if key not in seen:
            seen[key] = len(known)
            known.append((candidate, look))
            scores.append(_by_block(rate, look, target, starts))
    if not known:
        empty = np.zeros((len(target.rate), 0))
        return Fitted((), (), empty, empty, target, 0)
    table = np.stack(scores)
    keep = {int(k) for measure in (0, 1) for column in table[:, measure].T for k in np.argsort(-column, kind="stable")[:KEPT]}
    kept = [known[k] for k in sorted(keep)]
    columns = [_exactly(candidate, look, target) for candidate, look in kept]
    rate, tolerance = (np.column_stack([column[k] for column in columns]) for k in (0, 1))
    return Fitted(tuple(c for c, _ in kept), tuple(look for _, look in kept), rate, tolerance, target, len(known))


def _by_block(rate: Floats, look: Look, target: Target, starts: Ints) -> Floats:
    """(2, blocks) matches, and minus the mean log distance, of each part of the history."""
    import numpy as np

    error = np.abs(target.rate - rate)
    loose = target.half + look.half + DOUBLES * np.abs(target.rate)
    near = -np.log(np.where(np.isnan(error), 1.0, error) + target.half)
    return np.stack([np.add.reduceat((error <= loose).astype(np.float64), starts), np.add.reduceat(near, starts)])


def _exactly(candidate: Candidate, look: Look, target: Target) -> tuple[Floats, Floats]:
    """Rates of a candidate and their tolerance, the rule evaluated half a unit to either side."""
    import numpy as np

    centre, low, high = (rates(candidate, look.premium + sign * look.half, target.hours) for sign in (0, -1, 1))
    reach = np.maximum(np.abs(low - centre), np.abs(high - centre))
    return centre, target.half + reach + DOUBLES * np.abs(target.rate)


def cut(fit: Fitted) -> Cut:
    """Cut the history into stretches of one rule each.

    Where no rule gives most rows of any part exactly, the inputs are only near the venue's own: they are then taken
    as known to within what the best rules miss by, and the rules are held against that.
    """
    import numpy as np

    change = penalty(len(fit.target.rate), fit.tried)
    if not fit.candidates:
        return Cut([], np.zeros(fit.rate.shape), change, fit, 0.0)
    blur = blur_of(fit)
    fit = fit.blurred(blur) if blur else fit
    miss, size = FIRST_MISS, _spread(fit.target)
    path: list[Stretch] = []
    scores = np.zeros(fit.rate.shape)
    for _ in range(ROUNDS):
        scores = _scores(fit, miss, size)
        fresh = best_path(scores, change)
        if fresh == path:
            break
        path = fresh
        error = np.concatenate([np.abs(fit.error[a:b, k]) for a, b, k in path])
        hit = np.concatenate([fit.matched[a:b, k] for a, b, k in path])
        missed = error[~hit & np.isfinite(error)]
        miss = min(MOST_MISS, max(LEAST_MISS, float((~hit).mean())))
        size = max(float(missed.mean()) if len(missed) else size, float(fit.target.half.max()))
    return Cut(path, scores, change, fit, blur)


def blur_of(fit: Fitted) -> float:
    """By how much the best rule of each part misses its rows (fraction of a rate); 0 where it gives most of them exactly."""
    import numpy as np

    parts = np.array_split(np.arange(len(fit.target.rate)), max(1, len(fit.target.rate) // PART))
    error = np.where(np.isfinite(fit.error), np.abs(fit.error), np.inf)
    found = []
    for part in parts:
        usual = np.quantile(error[part], USUALLY, axis=0, method="higher")
        best = int(np.argmin(usual))
        exact = usual[best] <= 2 * np.quantile(fit.tolerance[part, best], USUALLY, method="higher")  # twice: it may round down
        found.append(0.0 if exact else float(np.quantile(error[part, best], NEARLY_ALL, method="lower")))
    middle = float(np.median(found))
    return middle if middle < SMALL * _spread(fit.target) else 0.0


def _spread(target: Target) -> float:
    """Return the mean distance of a rate from the middle one; at least a published unit."""
    import numpy as np

    return max(float(np.mean(np.abs(target.rate - np.median(target.rate)))), float(2 * target.half.max()))


def _scores(fit: Fitted, miss: float, size: float) -> Floats:
    """Log likelihood of each row.

    A match spreads over its tolerance. A miss falls off with its size (Laplace), or, where the published rate is one
    the history returns to anyway, has that value's own frequency: an interest term met by chance proves little.
    """
    import numpy as np

    rate, half = fit.target.rate, fit.target.half
    error = np.abs(fit.error)
    far = np.where(np.isnan(error), size, error)
    _, place, count = np.unique(np.rint(rate / (2 * half)), return_inverse=True, return_counts=True)
    often = np.where(count > 1, count / len(rate), 0.0)[place]
    with np.errstate(divide="ignore"):
        anyway = np.log(often) - np.log(2 * half)
    missed = math.log(miss) + np.maximum(-math.log(2 * size) - far / size, anyway[:, None])
    scores: Floats = np.where(fit.matched, np.maximum(np.log1p(-miss) - np.log(2 * fit.tolerance), missed), missed)
    return scores
