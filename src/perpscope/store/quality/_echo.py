"""Which blocks of values stand in two places?

Runs of values are compared by what they tell, in bits: a value that makes up a share p of its series tells -log2 p, and
a repetition of the value before it tells nothing. So a calm month at the interest tells next to nothing, and six odd rates
tell more than chance can. Rates are compared to nine decimals, which float32 keeps.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from perpscope.store.quality._series import Flags, Floats, Ints, Series

WIDTHS = (4, 12, 36)
"""Rows of the windows that are looked up; wider ones find echoes among many rests."""
SEED_BITS = 26.0
KNOWN = 20
"""Rows of a value before what follows it is believed; coarse rates step between few values."""
SPARE_BITS = 28.0
"""Two series of n and m rows make n m pairs of places, so log2(n m) bits come by chance and 28 more once in 3e8 pairs of
series. Of all pairs in 90 real series the largest chance echo told 21 bits."""
_ODD = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True, slots=True)
class Echo:
    """The same values in two places.

    Parameters
    ----------
    one, other : series. first, second : first row in each. rows : how many. bits : what they tell together.
    """

    one: Series
    other: Series
    first: int
    second: int
    rows: int
    bits: float


def find_echoes(all_series: Sequence[Series]) -> list[Echo]:
    """Find every echo within and between series, but not two sources that tell the same settlements at the same time."""
    used = [series for series in all_series if len(series) >= WIDTHS[0]]
    if not used:
        return []
    codes = [np.round(series.rate * 1e9).astype(np.int64) for series in used]
    start = np.r_[0, np.cumsum([len(series) for series in used])]
    owner = np.repeat(np.arange(len(used)), np.diff(start))
    contract = {name: i for i, name in enumerate(dict.fromkeys(series.contract for series in used))}
    whose = np.array([contract[series.contract] for series in used])[owner]
    rows = _Rows(np.concatenate(codes), np.concatenate([series.ts for series in used]), owner, whose)
    bits = np.concatenate([_bits(code) for code in codes])
    pairs = np.unique(np.concatenate([_seeds(rows.code, bits, owner, width) for width in WIDTHS]), axis=0)
    total = np.r_[0.0, np.cumsum(bits)]
    out = []
    for a, b, n in _grown(pairs, rows):
        told = min(total[a + n] - total[a], total[b + n] - total[b])
        one, other = int(owner[a]), int(owner[b])
        if told >= SPARE_BITS + np.log2(float(len(used[one])) * len(used[other])):
            out.append(Echo(used[one], used[other], int(a - start[one]), int(b - start[other]), n, float(told)))
    return out


@dataclass(frozen=True, slots=True, eq=False)
class _Rows:
    """All rows, one series after the other: value codes, stamps, series, contract."""

    code: Ints
    ts: Ints
    owner: Ints
    whose: Ints

    def same_fact(self, a: Ints, b: Ints) -> Flags:
        """Whether two rows are one settlement of one contract, told by two sources."""
        return np.asarray((self.whose[a] == self.whose[b]) & (self.ts[a] == self.ts[b]))


def _bits(code: Ints) -> Floats:
    """Count what each row tells: its value, less where the one before often leads to it, nothing if it repeats that."""
    _, which, n = np.unique(code, return_inverse=True, return_counts=True)
    alone = np.log2(len(code) / n)[which]
    before = np.r_[which[0], which[:-1]]
    _, pair, together = np.unique(before * len(n) + which, return_inverse=True, return_counts=True)
    after = np.log2(n[before] / together[pair])
    told = np.where(n[before] >= KNOWN, np.minimum(alone, np.maximum(after, 0.0)), alone)
    return np.where(np.r_[False, code[1:] == code[:-1]], 0.0, told)


def _seeds(code: Ints, bits: Floats, owner: Ints, width: int) -> Ints:
    """Pairs of rows at which windows of `width` equal values begin that tell at least `SEED_BITS`."""
    n = len(code) - width + 1
    if n < 2:  # noqa: PLR2004 - a pair
        return np.empty((0, 2), np.int64)
    total = np.r_[0.0, np.cumsum(bits)]
    telling = (total[width:] - total[:-width] >= SEED_BITS) & (owner[width - 1 :] == owner[:n])
    digest = np.zeros(n, np.uint64)
    scrambled = code.astype(np.uint64) * _ODD
    scrambled ^= scrambled >> np.uint64(29)
    for shift in range(width):
        digest = digest * _ODD + scrambled[shift : shift + n]
    rows = np.flatnonzero(telling)
    order = rows[np.argsort(digest[rows], kind="stable")]
    equal = digest[order[1:]] == digest[order[:-1]]
    return np.stack([order[:-1][equal], order[1:][equal]], axis=1)


def _grown(pairs: Ints, rows: _Rows) -> Iterator[tuple[int, int, int]]:
    """Grow seeds along their diagonal to the longest equal blocks; each block once."""
    pairs = pairs[~rows.same_fact(pairs[:, 0], pairs[:, 1])]
    if not len(pairs):
        return
    lag = pairs[:, 1] - pairs[:, 0]
    done = (-1, -1)
    for a, b in pairs[np.lexsort((pairs[:, 0], lag))].tolist():
        if done[0] == b - a and a < done[1]:
            continue
        low, high = _ends(a, b - a, rows)
        done = (b - a, high)
        yield low, low + b - a, high - low


def _ends(a: int, lag: int, rows: _Rows) -> tuple[int, int]:
    """First row, and the row after the last, of the equal block around `a` at this lag."""
    return a - _reach(a, lag, -1, rows) + 1, a + _reach(a, lag, 1, rows)


def _reach(a: int, lag: int, way: int, rows: _Rows) -> int:
    """How many rows from `a` on, one way, are equal at this lag, in the same two series; searched in doubling steps."""
    reach, n = 0, 64
    while True:
        i = np.arange(a + way * reach, a + way * (reach + n), way)
        i = i[(i >= 0) & (i + lag < len(rows.code))]
        j = i + lag
        fits = (rows.code[i] == rows.code[j]) & (rows.owner[i] == rows.owner[a]) & (rows.owner[j] == rows.owner[a + lag])
        fits &= ~rows.same_fact(i, j)
        stop = len(fits) if fits.all() else int(fits.argmin())
        reach += stop
        if stop < n:
            return reach
        n *= 2
