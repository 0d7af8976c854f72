"""Does an hourly history keep the time of the slower ones of its coin?

A venue that settles every four or eight hours averages the hours before its stamp. The mean of an hourly series over four
hours moves with the slow rate best where those hours end at the slow stamp, or up to three hours before (by its weights); an
interval earlier where the slow venue pays one interval late. If they go together best elsewhere, one of the two is in
another time zone. Only series whose delay is known are tried, and shifts of less than about four hours do not show.
A doubt, and a fault where two slow ones bear witness.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from perpscope.store.quality._grid import grid_of
from perpscope.store.quality._series import HOUR, Floats, Series
from perpscope.store.quality.facts import Rules, facts_of
from perpscope.store.quality.problem import Problem, count

WINDOW = 4
FARTHEST = 14
BEFORE, AFTER = -3, 2
"""Hours between the end of the best four hours and the slow stamp: 0 for rising weights, -2 for equal ones. Real pairs of
fourteen coins lie between -1 and 2, and between -10 and -8 where the slow venue pays eight hours late."""
LEAST = 200
CLEAR = 6.0
BETTER = 3.0
"""Standard errors by which the two must go together (by chance one in 1e9), and must do so better than anywhere they should;
the second is generous, for neighbouring hours err together."""
WITNESSES = 2
"""Slow series that must be in time with a fast one before it accuses another slow one."""
AGREE = 2
"""Hours by which two witnesses may differ."""


@dataclass(frozen=True, slots=True, eq=False)
class _Pair:
    """An hourly series and a slow one: by how many hours the hourly one seems late (0: in time)."""

    fast: Series
    slow: Series
    late: int


def find_anchors(all_series: Sequence[Series], rules: Rules) -> Iterator[tuple[Series, Problem]]:
    """Tell the hourly series all witnesses contradict, and the slow ones that alone contradict one."""
    fast = [s for s in all_series if _hours(s) == 1 and facts_of(rules, *s.contract).lag == 0]
    slow = [s for s in all_series if _hours(s) in {4, 8} and facts_of(rules, *s.contract).lag is not None]
    pairs = [pair for f in fast for s in slow if f.coin == s.coin and f.venue != s.venue and (pair := _pair(f, s, rules)) is not None]
    by_fast: dict[int, list[_Pair]] = defaultdict(list)
    for pair in pairs:
        by_fast[id(pair.fast)].append(pair)
    for group in by_fast.values():
        wrong = [pair for pair in group if pair.late]
        if wrong and len(wrong) == len(group):
            if max(p.late for p in wrong) - min(p.late for p in wrong) <= AGREE:
                yield group[0].fast, _problem(group[0].fast, wrong, wrong[0].late)
        elif len(wrong) == 1 and len(group) > WITNESSES:
            yield wrong[0].slow, _problem(wrong[0].slow, wrong, -wrong[0].late)


def _hours(series: Series) -> float:
    return float(np.median(series.hours)) if len(series) else 0.0


def _pair(fast: Series, slow: Series, rules: Rules) -> _Pair | None:
    """Where the two go together best; None where they do not do so clearly enough to tell."""
    facts = facts_of(rules, *slow.contract)
    step = round(_hours(slow))
    in_time = [k for k in range(-FARTHEST, FARTHEST + 1) if BEFORE <= k + (facts.lag or 0) * step <= AFTER]
    together, n = _together(fast, slow, grid_of(slow, facts).slot)
    if n < LEAST:
        return None
    best = int(together.argmax()) - FARTHEST
    right = max(float(together[k + FARTHEST]) for k in in_time)
    if together.max() * np.sqrt(n) < CLEAR:
        return None
    if best in in_time or (together.max() - right) * np.sqrt(n) < BETTER:
        return _Pair(fast, slow, 0) if best in in_time else None
    return _Pair(fast, slow, min((best - k for k in in_time), key=abs))


def _together(fast: Series, slow: Series, slot: np.ndarray[tuple[int], np.dtype[np.int64]]) -> tuple[Floats, int]:
    """Correlation of changes for windows that end k hours after the slow stamp, k = -FARTHEST ... FARTHEST."""
    first = int(fast.ts[0]) // HOUR
    hours = np.full(int(fast.ts[-1]) // HOUR - first + 1, np.nan)
    low, high = np.quantile(fast.rate, (0.01, 0.99))
    hours[(fast.ts + HOUR // 2) // HOUR - first] = np.clip(fast.rate, low, high)
    total = np.r_[0.0, np.cumsum(np.nan_to_num(hours))]
    there = np.r_[0, np.cumsum(np.isfinite(hours))]
    at = slot // HOUR - first + 1
    inside = (at - FARTHEST - WINDOW >= 0) & (at + FARTHEST < len(total))
    at = at[inside]
    low, high = np.quantile(slow.rate, (0.01, 0.99))
    rate = np.clip(slow.rate[inside], low, high)
    out, n = np.zeros(2 * FARTHEST + 1), 0
    for k in range(-FARTHEST, FARTHEST + 1):
        end = at + k
        mean = np.where(there[end] - there[end - WINDOW] == WINDOW, (total[end] - total[end - WINDOW]) / WINDOW, np.nan)
        a, b = np.diff(mean), np.diff(rate)
        both = np.isfinite(a) & (b != 0)
        n = int(both.sum())
        if n >= LEAST and a[both].std() > 0:
            out[k + FARTHEST] = np.corrcoef(a[both], b[both])[0, 1]
    return out, n


def _problem(series: Series, pairs: Sequence[_Pair], late: int) -> Problem:
    fast = series is pairs[0].fast
    others = ", ".join(
        f"{pair.slow.symbol} on {pair.slow.venue}" if fast else f"{pair.fast.symbol} on {pair.fast.venue}" for pair in pairs[:3]
    )
    return Problem(
        "shift",
        int(series.ts[0]),
        int(series.ts[-1]),
        f"the history moves with {others} ({count(len(pairs), 'witness', 'witnesses')}) as if it were about {abs(late)} h too"
        f" {'late' if late > 0 else 'early'}. Look up the source's time zone; whole intervals of delay are allowed for.",
        "fault" if len(pairs) > 1 else "doubt",
    )
