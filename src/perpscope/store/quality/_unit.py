"""Are rates percent where they should be fractions, or per another period than they state?

The interest leaves the same number on every venue that clamps: 0.0001 or 0.00005 per 8 h. Found at 100 times that, rates
are percent; at 8 times it in hourly rows, they are per 8 h. Without such a number size must do: half of all settlements
beyond 0.5 % per 8 h (548 % a year) is no market on record. Two sources of one contract in a constant ratio are told too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from perpscope.store.quality._series import Flags, Series, spans, stretches
from perpscope.store.quality.facts import Rules, VenueFacts
from perpscope.store.quality.problem import Problem, count, when

USUAL_INTEREST_8H = (1e-4,)
EXACT = 1e-6
"""Relative: the error of float32 is 6e-8."""
FACTORS = {100.0: "percent, not fractions", 10_000.0: "basis points, not fractions"}
LEAST = 5
AGAINST = 3.0
SHARE = 0.03
"""Returns, how many of them one return of the right interest outweighs (a rate in another unit passes through it too), and
their share of the rows of their stretch."""
HUGE_8H = 0.005
HUGE_DAYS = 30
LEAST_DAYS = 10
ROWS = 30
"""A squeeze can cost more than 0.5 % per 8 h for days; half of all settlements of a month never did."""


def find_units(series: Series, facts: VenueFacts) -> Iterator[Problem]:
    """Tell every stretch whose interest, or whose size, is that of another unit."""
    told = np.zeros(len(series), bool)
    per_8h = series.rate / series.hours * 8
    known = facts.interest_8h if facts.interest_8h is not None else USUAL_INTEREST_8H
    for atom in (value for value in known if value > 0):
        right = np.abs(per_8h - atom) <= EXACT * atom
        for factor, words in _factors(series, facts):
            wrong = np.abs(per_8h - atom * factor) <= EXACT * atom * factor
            for first, last, n in stretches(wrong & ~told, right, AGAINST, LEAST):
                if n < SHARE * (last - first + 1):
                    continue
                told[first : last + 1] = True
                yield _problem(
                    series,
                    first,
                    last,
                    f"the rate rests {n} times on {atom * factor:.4%} per 8 h, {factor:g} times the interest of {atom:.4%}: {words}",
                )
    huge = (np.abs(per_8h) > HUGE_8H) & ~told
    for first, last in _majorities(series, huge):
        typical = float(np.median(np.abs(per_8h[first : last + 1])))
        yield _problem(
            series,
            first,
            last,
            f"the typical rate is {typical:.3%} per 8 h, {typical * 1095:.0%} a year: percent instead of fractions?",
            sure=False,
        )


def find_ratios(all_series: Sequence[Series], rules: Rules) -> Iterator[tuple[Series, Problem]]:
    """Compare sources of one contract: a constant ratio other than one."""
    del rules
    for i, one in enumerate(all_series):
        for other in all_series[i + 1 :]:
            if one.contract != other.contract:
                continue
            _, a, b = np.intersect1d(one.ts, other.ts, return_indices=True)
            alive = (one.rate[a] != 0) & (other.rate[b] != 0)
            ratio = np.abs(one.rate[a][alive] / other.rate[b][alive])
            middle = float(np.median(ratio)) if len(ratio) >= ROWS else 1.0
            constant = (np.abs(ratio / middle - 1) < 1e-4).mean() if len(ratio) >= ROWS else 0.0  # noqa: PLR2004 - rounding of six decimals
            if constant < 0.9 or abs(middle - 1) < 0.01:  # noqa: PLR2004 - nine of ten; not one
                continue
            for series, rival, times in ((one, other, middle), (other, one, 1 / middle)):
                if times > 1:
                    words = f"{constant:.0%} of {count(len(ratio), 'settlement')} are {times:.6g} times those of source {rival.source}"
                    yield series, _problem(series, int(a.min()) if series is one else int(b.min()), len(series) - 1, words, sure=False)


def _factors(series: Series, facts: VenueFacts) -> list[tuple[float, str]]:
    """Factors to look for; other periods only where the venue's interest is known, and leads to no other interest of it."""
    if not facts.interest_8h:
        return list(FACTORS.items())
    hours = float(np.median(series.hours))
    periods = {24 / hours: "rates per day stated per interval", 8 / hours: "rates per 8 h stated per interval"}
    reached = [value / other for value in facts.interest_8h for other in facts.interest_8h if other]
    new = {factor: words for factor, words in periods.items() if factor > 1 and not any(abs(factor - r) < EXACT for r in reached)}
    return [*FACTORS.items(), *new.items()]


def _majorities(series: Series, huge: Flags) -> Iterator[tuple[int, int]]:
    """Stretches of `HUGE_DAYS` (or all of a shorter series of `LEAST_DAYS`) of which more than half are huge, merged."""
    per_day = 24 / float(np.median(series.hours)) if len(series) else 0.0
    n = min(len(series), round(HUGE_DAYS * per_day))
    if n < max(ROWS, LEAST_DAYS * per_day):
        return
    total = np.r_[0, np.cumsum(huge)]
    most = np.zeros(len(huge), bool)
    for start in np.flatnonzero(total[n:] - total[:-n] > n // 2).tolist():
        most[start : start + n] = True
    for first, last in spans(most):
        rows = np.flatnonzero(huge[first : last + 1]) + first
        yield int(rows[0]), int(rows[-1])


def _problem(series: Series, first: int, last: int, words: str, *, sure: bool = True) -> Problem:
    whole = (
        "all rows"
        if last - first + 1 == len(series)
        else f"{count(last - first + 1, 'row')} from {when(series.ts[first])} to {when(series.ts[last])}"
    )
    return Problem(
        "unit",
        int(series.ts[first]),
        int(series.ts[last]),
        f"{whole}: {words}. State the unit in the mapping and import again; nothing computed from these rows is right.",
        "fault" if sure else "doubt",
    )
