"""Does a series run before or after its market by whole intervals, where no grid shows it?

Changes of funding come to all coins of a venue in the same interval: the changes of one contract, multiplied by the mean
change of the others k intervals later, add up fastest at k = 0. If in the whole series, or from a hole of k slots on (a
moved block leaves one), they add up faster at another k, the stamps are shifted by it. Without a hole the block itself is
sought: the sum of (products at k minus products at 0) falls in a sound series, and the largest rise it ever makes is the
test. Needs at least two other contracts of the same venue and grid, and changes that go together.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from perpscope.store.quality._grid import grid_of
from perpscope.store.quality._series import HOUR, Floats, Series
from perpscope.store.quality.facts import Rules, VenueFacts, facts_of
from perpscope.store.quality.gaps import holes
from perpscope.store.quality.problem import Problem, when

NEAREST = 14 * HOUR
DAY = 24 * HOUR
"""Shifts looked at: up to 14 h both ways (no time zone lies further from UTC), and a day (a date read wrongly)."""
CLIP = 1.5
OTHERS = 2
LEAST = 120
CLEAR = 6.0
"""Standard errors by which the market must show itself in a series before anything is said: one in 1e9 by chance."""
BETTER = 5.0
"""Standard errors by which a whole series must follow the market better at another time: one in 3e6 for each of 28 lags."""
AT_A_HOLE = 4.5
"""Standard errors where a hole names both the lag and one end of the block: one in 3e5 by chance, were the sound mean zero.
It is far below: over whole series no lag of 54 sound real ones came above -3.2."""
TO_THE_END = 0.8
ALARM = 1e-6
"""Without a hole: the height that a falling walk rises to once in a million series; 54 sound ones reached 0.44 of it."""


@dataclass(frozen=True, slots=True)
class _Block:
    """Lag in intervals (> 0: stamps are late), first and last place on the grid, clearness (1 is the threshold)."""

    lag: int
    first: int
    last: int
    clear: float


def find_leads(all_series: Sequence[Series], rules: Rules) -> Iterator[tuple[Series, Problem]]:
    """Tell every series, or block of one, that moves with its market at another time than the market."""
    groups: dict[tuple[str, str, bool, int, int], list[Series]] = defaultdict(list)
    for series in all_series:
        if len(series) >= LEAST:
            grid = grid_of(series, facts_of(rules, *series.contract))
            step = int(np.median(grid.step))
            if grid.phase is not None:
                groups[series.venue, series.market_list, series.inverse, step, grid.phase % step].append(series)
    for (*_, step, phase), members in groups.items():
        yield from _group(members, step, phase, rules)


def _group(members: Sequence[Series], step: int, phase: int, rules: Rules) -> Iterator[tuple[Series, Problem]]:
    lags = [k for k in range(-(DAY // step), DAY // step + 1) if k and (abs(k) * step <= NEAREST or abs(k) * step == DAY)]
    if len({series.contract for series in members}) <= OTHERS or not lags:
        return
    start = min(int(series.ts[0]) for series in members) // step * step + phase - step
    n = (max(int(series.ts[-1]) for series in members) - start) // step + 2
    changes = np.stack([_changes(series, start, step, n) for series in members])
    weights = _weights(changes, [0, *lags])
    for i, j in np.ndindex(weights.shape):
        weights[i, j] *= members[i].contract != members[j].contract
    marks = [_marks(series, facts_of(rules, *series.contract), start, step) for series in members]
    accused = _accused(range(len(members)), changes, weights, lags, marks)
    for i in accused:
        others = [j for j in accused if j != i]
        weights[np.ix_([i], others)] = 0.0  # what is shifted itself must not accuse its companions
        block = _accused([i], changes, weights, lags, marks).get(i)
        if block is not None:
            yield members[i], _problem(members[i], block, start, step)


def _accused(
    which: Iterable[int], changes: Floats, weights: Floats, lags: Sequence[int], marks: Sequence[Sequence[tuple[int, int, int]]]
) -> dict[int, _Block]:
    """Find those of the series that have a block at another time."""
    found = {i: _block(changes[i], _market(changes, weights[i]), lags, marks[i]) for i in which}
    return {i: block for i, block in found.items() if block is not None}


def _weights(changes: Floats, lags: Sequence[int]) -> Floats:
    """How closely each pair goes together at whatever lag it does so best, beyond what chance gives: no lag is favoured."""
    there = np.isfinite(changes)
    value, n = np.where(there, changes, 0.0), changes.shape[1]
    shared = _pairs(there.astype(np.float64), there.astype(np.float64))
    size = np.sqrt(_pairs(value**2, there.astype(np.float64)) * _pairs(there.astype(np.float64), value**2))
    best = np.zeros_like(shared)
    for k in lags:
        best = np.maximum(best, _pairs(value[:, max(0, -k) : n - max(0, k)], value[:, max(0, k) : n + min(0, k)]))
    return np.where(shared >= LEAST, np.maximum(best / np.maximum(size, 1e-12) - 3 / np.sqrt(np.maximum(shared, 1)), 0.0), 0.0)


def _pairs(a: Floats, b: Floats) -> Floats:
    """Sum the products of every row with every row; here, because threads of a matrix library fight over busy machines."""
    return np.asarray(np.einsum("in,jn->ij", a, b))


def _market(changes: Floats, weight: Floats) -> Floats:
    """Weighted change of the others, in units of its usual size, clipped; NaN where fewer than `OTHERS` are there."""
    there = np.isfinite(changes) & (weight > 0)[:, None]
    total = weight @ np.where(there, changes, 0.0)
    enough = there.sum(axis=0) >= OTHERS
    market = np.where(enough, total / np.maximum(np.sqrt(weight**2 @ there), 1e-12), np.nan)
    usual = float(market[enough].std()) if enough.any() else 1.0
    return np.asarray(np.clip(market / (usual or 1.0), -CLIP, CLIP))


def _changes(series: Series, start: int, step: int, n: int) -> Floats:
    """Put changes of the rate on the common grid, in units of their usual size, clipped; NaN where there is none."""
    on_grid = np.full(n, np.nan)
    on_grid[(series.ts - start + step // 2) // step] = series.rate / series.hours
    change = np.diff(on_grid, prepend=np.nan)
    alive = np.abs(change[np.isfinite(change) & (change != 0)])
    return np.asarray(np.clip(change / np.quantile(alive, 0.7), -CLIP, CLIP) if len(alive) else change)


def _marks(series: Series, facts: VenueFacts, start: int, step: int) -> list[tuple[int, int, int]]:
    """Holes a shift can leave: slots missing, the place before and the place after."""
    found = [(hole.missing, (hole.after - start) // step, (hole.before - start) // step) for hole in holes(series, facts)]
    return [mark for mark in found if mark[0] * step <= NEAREST]


def _block(own: Floats, market: Floats, lags: Sequence[int], marks: Sequence[tuple[int, int, int]]) -> _Block | None:
    """Find the clearest block that moves with the market at another time."""
    sums = {k: _products(own, market, k) for k in (0, *lags)}
    n = int(np.isfinite(sums[0]).sum())
    if n < LEAST:
        return None
    means = {k: float(np.nanmean(p)) for k, p in sums.items()}
    if not any(means[k] >= CLEAR * np.sqrt(_noise(p) / n) for k, p in sums.items()):
        return None
    places = np.flatnonzero(np.isfinite(own))
    found = [_Block(-k, int(places[0]), int(places[-1]), _excess(sums[k] - sums[0]) / BETTER) for k in lags]
    found += [block for mark in marks for block in _beside(mark, sums, places, marks)]
    best = max(found, key=lambda block: block.clear)
    if best.clear <= 1:
        best = _sought(sums, lags, max(means.values()))
    return best if best.clear > 1 else None


def _excess(steps: Floats) -> float:
    """Return by how many standard errors the sum of steps is above zero; 0 where it is not."""
    there = steps[np.isfinite(steps)]
    total, n = float(there.sum()), len(there)
    return total / np.sqrt(_noise(there) * n) if n >= LEAST and total > 0 else 0.0


def _beside(
    mark: tuple[int, int, int],
    sums: dict[int, Floats],
    places: np.ndarray[tuple[int], np.dtype[np.int64]],
    marks: Sequence[tuple[int, int, int]],
) -> Iterator[_Block]:
    """Test both sides of one hole, up to the next holes, at the lag it names: late after it, or early before it."""
    missing, before, after = mark
    last = min([m[1] for m in marks if m[1] >= after], default=int(places[-1]))
    first = max([m[2] for m in marks if m[2] <= before], default=int(places[0]))
    if -missing in sums:
        steps = sums[-missing] - sums[0]
        end = after + _top(steps[after : last + 1])
        yield _Block(missing, after, end, _excess(steps[after : end + 1]) / AT_A_HOLE)
    if missing in sums:
        steps = sums[missing] - sums[0]
        back = _top(steps[first : before + 1][::-1])
        yield _Block(-missing, before - back, before, _excess(steps[before - back : before + 1]) / AT_A_HOLE)


def _top(steps: Floats) -> int:
    """Place at which the sum of steps is highest; the last one if it is nearly so there: a shift mostly goes on to the end."""
    walk = np.cumsum(np.nan_to_num(steps))
    if not len(walk):
        return 0
    return len(walk) - 1 if walk[-1] >= TO_THE_END * walk.max() else int(walk.argmax())


def _sought(sums: dict[int, Floats], lags: Sequence[int], drift: float) -> _Block:
    """Seek the block without a hole: the largest rise of the walk at each lag."""
    best = _Block(0, 0, 0, 0.0)
    for k in lags:
        steps = sums[k] - sums[0]
        walk = np.concatenate(([0.0], np.where(np.isfinite(steps), steps, 0.0))).cumsum()
        rise = walk - np.minimum.accumulate(walk)
        last = int(rise.argmax())
        clear = float(rise[last]) * 2 * drift / (np.log(len(walk) * len(lags) / ALARM) * _noise(steps))
        if clear > best.clear:
            best = _Block(-k, int(walk[: last + 1].argmin()), last - 1, clear)
    return best


def _products(own: Floats, market: Floats, k: int) -> Floats:
    """Own change times the market's change k intervals later."""
    later = np.full(len(market), np.nan)
    if k > 0:
        later[:-k] = market[k:]
    elif k < 0:
        later[-k:] = market[:k]
    else:
        later = market
    return np.asarray(own * later)


def _noise(steps: Floats) -> float:
    """Variance per step, by sums of 24 steps where those vary more: steps that hang together count."""
    there = steps[np.isfinite(steps)]
    groups = there[: len(there) // 24 * 24].reshape(-1, 24).sum(axis=1)
    return float(max(groups.var() / 24 if len(groups) > 1 else 0.0, there.var() if len(there) else 0.0, 1e-12))


def _problem(series: Series, block: _Block, start: int, step: int) -> Problem:
    slack = (series.ts[-1] - series.ts[0]) // 50
    a, b = max(start + block.first * step, int(series.ts[0])), min(start + block.last * step, int(series.ts[-1]))
    whole = a <= series.ts[0] + slack and b >= series.ts[-1] - slack
    if whole:
        a, b = int(series.ts[0]), int(series.ts[-1])
    hours = block.lag * step / HOUR
    where = "the whole series" if whole else f"a block from about {when(a)} to about {when(b)}"
    return Problem(
        "shift",
        a,
        b,
        f"{where} moves with the other contracts of its venue {abs(hours):g} h too {'late' if hours > 0 else 'early'}"
        f" ({block.clear:.1f} times the threshold of chance). Shift it by {-hours:+g} h, or state the source's time zone in the mapping.",
        "fault" if block.clear > 2 else "doubt",  # noqa: PLR2004 - far beyond the threshold
    )
