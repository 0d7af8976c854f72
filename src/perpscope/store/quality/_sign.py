"""Do rates have the opposite sign?

Where the venue's clamp makes one value come back again and again (the interest), its mirror image never does: the rate
can pass through -0.01 % but does not rest there. A block in which the mirrored value comes back and the value itself
does not is turned over. Certain enough to call a fault at `LEAST` returns; other sources of the contract are compared too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from perpscope.store.quality._series import Flags, Floats, Series, stretches
from perpscope.store.quality.facts import Rules, VenueFacts
from perpscope.store.quality.problem import Problem, count, when

LEAST = 5
"""Returns of the mirrored interest within one stretch. In 317,000 real fixings it came 32 times in all, never five in
one stretch."""
STANDS_OUT = 2.0
"""Times the next most frequent value: where a venue publishes few decimals every value comes back, also minus the interest."""
AGAINST = 3.0
"""Returns of the mirrored interest that one of the interest itself outweighs."""
FINE = 10
"""Different sizes below twice the interest that a series must have."""
SHARE = 0.02
"""Least share of a series that makes a value its interest where the venue's is not known."""
USUAL_8H = (1e-4, 5e-5)
"""Interests of real venues, per 8 h; none on record is negative, so a series that rests on minus one of them is turned over."""
EXACT = 5e-11
AGREE = 0.9
"""Share of equal rates, up to the sign, that makes two sources mirror images; 30 settlements at least."""


def find_flips(series: Series, facts: VenueFacts) -> Iterator[Problem]:
    """Tell every block in which the mirrored interest stands for the interest."""
    for atom in (value for value in _atoms(series, facts) if _fine(series, value)):
        per_row = atom * series.hours / 8
        usual, mirrored = np.abs(series.rate - per_row) <= EXACT, np.abs(series.rate + per_row) <= EXACT
        for first, last, n in _blocks(series, usual, mirrored):
            whole = "the whole series" if not usual.any() else "a block"
            yield Problem(
                "sign",
                int(series.ts[first]),
                int(series.ts[last]),
                f"the rate rests {n} times on {-atom:.4%} per 8 h in {whole} between {when(series.ts[first])} and {when(series.ts[last])},"
                f" where it should rest on {atom:.4%}: the signs are turned over. Here a positive rate is paid by longs; state the"
                " source's sign in the mapping.",
            )


def find_mirrors(all_series: Sequence[Series], rules: Rules) -> Iterator[tuple[Series, Problem]]:
    """Compare sources of one contract: equal rates with opposite signs."""
    del rules
    for i, one in enumerate(all_series):
        for other in all_series[i + 1 :]:
            if one.contract != other.contract:
                continue
            _, a, b = np.intersect1d(one.ts, other.ts, return_indices=True)
            alive = (np.abs(one.rate[a]) > EXACT) & (np.abs(other.rate[b]) > EXACT)
            a, b = a[alive], b[alive]
            against = _close(one.rate[a], -other.rate[b])
            same = _close(one.rate[a], other.rate[b])
            if len(a) >= 30 and against.mean() >= AGREE and same.mean() < 1 - AGREE:  # noqa: PLR2004 - see AGREE
                for series, rival in ((one, other), (other, one)):
                    yield (
                        series,
                        Problem(
                            "sign",
                            int(one.ts[a[0]]),
                            int(one.ts[a[-1]]),
                            f"{against.mean():.0%} of {count(len(a), 'settlement')} shared with source {rival.source} are equal but"
                            " for the sign:"
                            " one of the two is turned over. Find out which by the venue's own page.",
                        ),
                    )


def _close(x: Floats, y: Floats) -> Flags:
    return np.abs(x - y) <= EXACT + 1e-6 * np.abs(x)


def _atoms(series: Series, facts: VenueFacts) -> list[float]:
    """Interest values per 8 h, as the venue states them or as the series shows them (either sign)."""
    if facts.interest_8h is not None:
        return [value for value in facts.interest_8h if value]
    per_8h = series.rate / series.hours * 8
    values, n = np.unique(np.round(np.abs(per_8h), 10), return_counts=True)
    n[values == 0] = 0
    down = np.sort(n)[::-1]
    if len(down) < 2 or down[0] < max(LEAST, SHARE * len(series), STANDS_OUT * down[1]):  # noqa: PLR2004 - two values to compare
        return []
    top = float(values[n.argmax()])
    upright = (np.abs(per_8h - top) <= EXACT).sum() > down[0] / 2
    return [top] if upright or top in USUAL_8H else []


def _fine(series: Series, atom: float) -> bool:
    """Whether the series tells rates below twice the interest apart well enough for a return of one to mean anything."""
    size = np.round(np.abs(series.rate / series.hours * 8) / atom, 4)
    return len(np.unique(size[(size > 0) & (size < 2)])) >= FINE  # noqa: PLR2004 - twice the interest


def _blocks(series: Series, usual: Flags, mirrored: Flags) -> list[tuple[int, int, int]]:
    """Stretches in which the mirrored interest comes back and no other value does as often: first, last, how many."""
    out = []
    for first, last, n in stretches(mirrored, usual, AGAINST, LEAST):
        rows = slice(first, last + 1)
        most = np.unique(series.rate[rows][~mirrored[rows]], return_counts=True)[1].max(initial=0)
        if n >= STANDS_OUT * most:
            out.append((first, last, n))
    return out
