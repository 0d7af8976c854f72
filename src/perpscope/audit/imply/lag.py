"""Is a rate paid when the rule says, seen against the same coin elsewhere?

Premiums of one coin move together. The rates of two venues therefore agree best when shifted by the difference of
their lags. Blocks of a week are resampled to tell that from chance.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from perpscope.audit.imply.grounds import Grounds, Reference
from perpscope.audit.model import Check

if TYPE_CHECKING:
    from perpscope.audit.facts import Flags, Floats, Ints, Series

LAG = "lag against another venue"
SIGN = "sign against another venue"
SHIFTS = (-1, 0, 1, 2)
"""Intervals by which this venue may follow the other: the lags of both are 0 or 1, and one more on the far side."""
BLOCK = 21
"""Settlements in a block: a week of eight hours, longer than the memory of a premium."""
LEAST_BLOCKS = 10
DRAWS = 400
SURE = 0.95
"""Share of the resamplings that must agree."""
CLIP = 0.01
"""Share clipped at either end, so that a few storms do not decide."""


@dataclass(frozen=True, slots=True)
class Shifted:
    """How well the rates of two venues agree at each shift.

    Parameters
    ----------
    correlation : per shift of `SHIFTS`. best : share of the resamplings each shift was the best in. rows : settlements compared.
    """

    correlation: tuple[float, ...]
    best: tuple[float, ...]
    rows: int


def lags(grounds: Grounds) -> tuple[Check, Check]:
    """Check lag and sign, each against the reference with the most common settlements, era by era of the expected shift."""
    found = [f for reference in grounds.references if (f := _against(grounds, reference))]
    if not found:
        why = "no other venue's rates of this coin on the same stamps, with a lag its rule states, are at hand"
        return Check(LAG, None, why), Check(SIGN, None, why)
    name, parts = max(found, key=lambda f: sum(part.rows for _, part in f[1]))
    said = f"against {name}: " + "; ".join(_words(expected, part) for expected, part in parts)
    lag = [_lag_verdict(expected, part) for expected, part in parts]
    sign = [_sign_verdict(part) for _, part in parts]
    return Check(LAG, _together(lag), said), Check(SIGN, _together(sign), said)


def _against(grounds: Grounds, reference: Reference) -> tuple[str, list[tuple[int, Shifted]]] | None:
    import numpy as np

    rows, pairs = aligned(grounds.series, reference.series)
    if not len(rows):
        return None
    place = np.searchsorted(reference.series.slot, grounds.series.slot[rows])
    theirs = reference.lag[np.minimum(place, len(reference.lag) - 1)]
    expected = np.where((grounds.lag[rows] >= 0) & (theirs >= 0), grounds.lag[rows] - theirs, 99)
    parts = []
    for shift in np.unique(expected[expected != 99]).tolist():  # noqa: PLR2004 - the mark of "unknown" just set
        own = expected == shift
        if own.sum() >= BLOCK * LEAST_BLOCKS:
            parts.append((int(shift), shifted(grounds.series.rate[rows[own]], pairs[own], grounds.seed)))
    return (reference.name, parts) if parts else None


def aligned(own: Series, other: Series) -> tuple[Ints, Floats]:
    """Rows of `own` for which `other` has a rate of the same interval at every shift, and those rates, (n, shifts)."""
    import numpy as np

    if not len(other):
        return np.zeros(0, dtype=np.int64), np.zeros((0, len(SHIFTS)))
    columns, good = [], np.ones(len(own), dtype=bool)
    for shift in SHIFTS:
        wanted = own.slot - shift * own.step
        place = np.minimum(np.searchsorted(other.slot, wanted), len(other) - 1)
        good &= (other.slot[place] == wanted) & (other.hours[place] == own.hours)
        columns.append(other.rate[place])
    rows = np.flatnonzero(good)
    return rows, np.column_stack(columns)[rows]


def shifted(rate: Floats, others: Floats, seed: int) -> Shifted:
    """Correlate clipped rates at every shift, and resample blocks to see how sure the best one is.

    Parameters
    ----------
    rate : (n,) this venue. others : (n, shifts) the other one. seed : of the resampling.
    """
    import numpy as np

    x, ys = _clipped(rate), np.column_stack([_clipped(column) for column in others.T])
    sums = np.stack([_sums(x, y) for y in ys.T])
    draws = np.random.default_rng(seed).integers(0, sums.shape[1], size=(DRAWS, sums.shape[1]))
    weights = np.stack([np.bincount(draw, minlength=sums.shape[1]) for draw in draws]).astype(np.float64)
    resampled = np.stack([_correlation(weights @ part) for part in sums])
    best = np.bincount(np.argmax(np.abs(resampled), axis=0), minlength=len(SHIFTS)) / DRAWS
    whole = np.array([_correlation(part.sum(axis=0)[None])[0] for part in sums])
    return Shifted(tuple(whole.tolist()), tuple(best.tolist()), len(rate))


def _clipped(column: Floats) -> Floats:
    import numpy as np

    return np.clip(column, *np.quantile(column, [CLIP, 1 - CLIP]))


def _sums(x: Floats, y: Floats) -> Floats:
    """(blocks, 6) count, sums and products of each block."""
    import numpy as np

    x, y = (x - x.mean()) / (x.std() or 1.0), (y - y.mean()) / (y.std() or 1.0)
    starts = np.arange(0, len(x), BLOCK)
    return np.column_stack([np.add.reduceat(c, starts) for c in (np.ones(len(x)), x, y, x * x, y * y, x * y)])


def _correlation(sums: Floats) -> Floats:
    """(k,) correlations of (k, 6) sums; 0 where one side does not move."""
    import numpy as np

    n, x, y, xx, yy, xy = sums.T
    spread: Floats = (xx / n - (x / n) ** 2) * (yy / n - (y / n) ** 2)
    moving: Flags = spread > 0
    return np.where(moving, (xy / n - x * y / n**2) / np.sqrt(np.where(moving, spread, 1.0)), 0.0)


def _lag_verdict(expected: int, part: Shifted) -> bool | None:
    best = max(range(len(SHIFTS)), key=lambda k: part.best[k])
    if part.best[best] < SURE:
        return None
    return SHIFTS[best] == expected


def _sign_verdict(part: Shifted) -> bool | None:
    """Say whether the venues move together; None where they hardly do (three deviations of independent weeks)."""
    strongest = max(part.correlation, key=abs)
    return strongest > 0 if abs(strongest) > 3 / (part.rows / BLOCK) ** 0.5 else None


def _together(verdicts: list[bool | None]) -> bool | None:
    return False if False in verdicts else True if all(verdicts) else None


def _words(expected: int, part: Shifted) -> str:
    seen = ", ".join(f"{shift:+d}: {c:.3f} ({b:.0%})" for shift, c, b in zip(SHIFTS, part.correlation, part.best, strict=True))
    said = f"expected to follow by {expected} intervals, n {part.rows:,}"
    return f"{said}, correlation at each shift (best in so many of {DRAWS} resamplings) {seen}"
