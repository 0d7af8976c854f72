"""Where does a history fall apart into stretches that different explanations fit?

Every row has a score under every explanation (a log likelihood, nats); a change of explanation costs a penalty. The
best path is found exactly, by dynamic programming. The penalty is the length of the message that names the change:
log n nats for its place among n rows, log k for the new explanation among k (the reasoning of BIC and of minimum
description length).
"""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from perpscope.audit.facts import Floats

REASON = "a change must be worth naming its place among n rows (log n) and its rule among k tried (log k)"
SPAN_NATS = 3.0
"""A change may lie wherever the best path is at most this much better: odds of twenty to one."""


class Stretch(NamedTuple):
    """Rows first <= row < stop under one explanation (its column)."""

    first: int
    stop: int
    state: int


def penalty(rows: int, states: int) -> float:
    """Cost of one change, nats."""
    return math.log(max(rows, 2)) + math.log(max(states, 2))


def best_path(scores: Floats, change: float) -> list[Stretch]:
    """Cut rows into stretches.

    Parameters
    ----------
    scores : (n, k) log likelihood of each row under each explanation. change : cost of a change, nats.
    """
    import numpy as np

    n, k = scores.shape
    if not n:
        return []
    here = np.arange(k)
    came = np.empty((n, k), dtype=np.int32)
    total = scores[0].copy()
    for row in range(1, n):
        best = int(total.argmax())
        stays = total >= total[best] - change
        came[row] = np.where(stays, here, best)
        total = np.where(stays, total, total[best] - change) + scores[row]
    states = np.empty(n, dtype=np.int64)
    states[-1] = int(total.argmax())
    for row in range(n - 1, 0, -1):
        states[row - 1] = came[row, states[row]]
    edges = [0, *(np.flatnonzero(np.diff(states)) + 1).tolist(), n]
    return [Stretch(a, b, int(states[a])) for a, b in pairwise(edges)]


def change_span(scores: Floats, before: Stretch, after: Stretch, nats: float = SPAN_NATS) -> tuple[int, int]:
    """First and last row at which the change from `before` to `after` may lie: no more than `nats` worse than the best place."""
    import numpy as np

    part = slice(before.first, after.stop)
    gain = scores[part, before.state] - scores[part, after.state]
    at = np.concatenate([[0.0], np.cumsum(gain)])
    near = np.flatnonzero(at >= at[before.stop - before.first] - nats)
    near = near[(near > 0) & (near < after.stop - before.first)]
    return before.first + int(near[0]), before.first + int(near[-1])


def overconfidence(scores: Floats, path: list[Stretch]) -> float:
    """By how much the scores overstate what they know: variance over twice the mean of the lead of the best explanation; at least 1.

    For a true likelihood the lead over the next best has that variance; real residuals have heavier tails. Scores
    divided by this factor weigh evidence as its own scatter warrants (the sandwich correction).

    Source: Godambe information, as in composite likelihood ratio statistics.
    """
    import numpy as np

    leads: list[Floats] = []
    for first, stop, state in path:
        own = scores[first:stop]
        rest = np.delete(own.sum(axis=0), state)
        if not len(rest):
            return 1.0
        other = int(np.argmax(rest))
        leads.append(own[:, state] - own[:, other + (other >= state)])
    lead = np.concatenate(leads)
    return max(1.0, float(lead.var() / (2 * max(lead.mean(), 1e-12))))
