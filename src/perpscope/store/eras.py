"""How is a noisy run of observations cut into the fewest eras that explain it?

Each observation is a small integer (a spacing between stamps, a phase). An era has one state. Every observation its
state does not explain costs something, and so does every change of state; the cheapest cut wins (found exactly, by
dynamic programming over runs of equal observations).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from itertools import groupby

CHANGE = 4.0
_MOST_STATES = 8


def cut(observed: Sequence[int], cost: Callable[[int, int], float]) -> list[int]:
    """State of each observation, the cheapest way.

    Parameters
    ----------
    observed : in order of time.
    cost : of explaining one observation (first) by a state (second); 0 where it fits.
    """
    runs = [(value, len(list(same))) for value, same in groupby(observed)]
    states = _candidates(runs)
    if not states:
        return []
    total = dict.fromkeys(states, 0.0)
    trail: list[dict[int, int]] = []
    for value, length in runs:
        best = min(states, key=lambda state: total[state])
        before = {state: state if total[state] <= total[best] + CHANGE else best for state in states}
        total = {
            state: total[before[state]] + (0.0 if before[state] == state else CHANGE) + length * cost(value, state) for state in states
        }
        trail.append(before)
    out: list[int] = []
    state = min(states, key=lambda each: total[each])
    for (_, length), before in zip(reversed(runs), reversed(trail), strict=True):
        out.extend([state] * length)
        state = before[state]
    return out[::-1]


def _candidates(runs: Sequence[tuple[int, int]]) -> list[int]:
    """Values seen at least twice running, or else the most frequent one; the most frequent first."""
    counts: Counter[int] = Counter()
    for value, length in runs:
        counts[value] += length
    twice = {value for value, length in runs if length > 1} or {value for value, _ in counts.most_common(1)}
    return [value for value, _ in counts.most_common() if value in twice][:_MOST_STATES]
