"""Was a value written on after life had ended?

Archives go on: a contract that ended keeps its last rate, its interest or zero for months; a missing span is filled
with the rate before it. Four signs, from the surest: rows after the known end; a constant rate while the mark price
stands still too; a value that this series knows nowhere else, repeated; and a rest at the interest that touches the end
(or a long hole) and is far longer than any before it. The last is a doubt: dead markets do rest while they live (88 days
in one real contract), so it asks for a long memory of shorter rests, or for months.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from perpscope.store.quality._series import HOUR, Ints, Series, runs, spans
from perpscope.store.quality.facts import VenueFacts
from perpscope.store.quality.problem import Problem, count, when

RARE_RUNS = 2
RARE_LENGTH = 6
"""A value with at most two runs in the whole series. Over 317,000 real fixings of 84 contracts no such value came even
three times in a row, except after one contract had ended. A limit can hold a rate: extremes ask for the last sign."""
KNOWN_LITTLE = 100
USUAL_INTEREST_8H = (1e-4, 5e-5)
EXACT = 5e-11
"""Interest terms seen on real venues, per 8 h; a contract may meet its own for the first time, so those need the last sign."""
STILL_MARKS = 6
LONG_HOLE = 7 * 24 * HOUR
LONGER = 2.5
REST_DAYS = 40
KNOWN_ROWS = 500
"""A rest is out of character if it is 2.5 times the longest of at least 500 earlier settlements and lasts 40 days; among the
same contracts the nearest true rest had 2.2 times at 28 days."""
MONTHS_LONGER = 2.0
MONTHS_DAYS = 120
"""Without such a memory: twice the longest, and 120 days; the longest true rest on record is 88 days."""


def find_filler(series: Series, facts: VenueFacts) -> Iterator[Problem]:
    """Tell rows after the end, then every constant run that cannot be life."""
    if facts.ended is not None and len(series) and series.ts[-1] > facts.ended:
        end = int(np.searchsorted(series.ts, facts.ended, "right"))
        yield _problem(series, end, len(series), f"after the contract ended on {when(facts.ended)}", "fault")
        series = series.rows(0, end)
    still = _still(series)
    first, length = runs(_rests(series))
    runs_of = _runs_per_value(series.rate[first])
    for i, n in zip(first.tolist(), length.tolist(), strict=True):
        if n < RARE_LENGTH or n == len(series):
            continue
        stands = [(a, b) for a, b in still if i <= a and b < i + n]
        for a, b in stands:
            yield _problem(series, a, b + 1, "while the mark price does not move either", "fault")
        rest = series.rate[i]
        extreme = rest in {series.rate.max(), series.rate.min()} and rest != 0
        if stands:
            continue
        if runs_of[float(rest)] <= RARE_RUNS and not extreme and not _ordinary(series, i, facts):
            yield _problem(series, i, i + n, "a value this series has nowhere else", "fault")
        elif _at_an_end(series, i + n) and (times := _out_of_character(series, i, i + n)):
            yield _problem(series, i, i + n, f"at the end of its life, {times:.1f} times its longest rest before", "doubt")


def _rests(series: Series) -> Ints:
    """Give each rest a number: a new one wherever the rate changes, or after a long hole."""
    return np.cumsum(np.r_[False, (series.rate[1:] != series.rate[:-1]) | (np.diff(series.ts) > LONG_HOLE)])


def _problem(series: Series, first: int, end: int, why: str, severity: str) -> Problem:
    n, days = end - first, (series.ts[end - 1] - series.ts[first]) / HOUR / 24
    rate = series.rate[first:end]
    what = f"the rate is {rate[0]:.6%}" if (rate == rate[0]).all() else "rates stand"
    return Problem(
        "filler",
        int(series.ts[first]),
        int(series.ts[end - 1]),
        f"{what} in {count(n, 'row')} over {days:.1f} days from {when(series.ts[first])} on, {why}."
        " Nobody paid this: leave these rows out, and state the end of the contract.",
        "fault" if severity == "fault" else "doubt",
    )


def _ordinary(series: Series, first: int, facts: VenueFacts) -> bool:
    """Whether a rest at this value is life: an interest, the beginning of a history, or a history too short to know."""
    rate, hours = series.rate[first], series.hours[first]
    known = USUAL_INTEREST_8H if facts.interest_8h is None else facts.interest_8h
    return first == 0 or len(series) < KNOWN_LITTLE or any(abs(rate - value * hours / 8) < EXACT for value in known if value)


def _runs_per_value(values: np.ndarray[tuple[int], np.dtype[np.float64]]) -> dict[float, int]:
    value, n = np.unique(values, return_counts=True)
    return dict(zip(value.tolist(), n.tolist(), strict=True))


def _still(series: Series) -> list[tuple[int, int]]:
    """First and last row of every stretch in which rate and mark price repeat the row before, `STILL_MARKS` times or more."""
    again = np.r_[False, (series.mark[1:] == series.mark[:-1]) & (series.rate[1:] == series.rate[:-1])]
    return [(a, b) for a, b in spans(again) if b - a + 1 >= STILL_MARKS]


def _at_an_end(series: Series, end: int) -> bool:
    """Whether a run touches the last row or a long hole."""
    if end == len(series):
        return True
    return bool(series.ts[end] - series.ts[end - 1] > LONG_HOLE)


def _out_of_character(series: Series, first: int, end: int) -> float:
    """How many times the longest other rest at this value; 0 where that is not enough."""
    others = np.r_[series.rate[:first], np.nan, series.rate[end:]]
    start, length = runs(others)
    same: Ints = length[others[start] == series.rate[first]]
    times = (end - first) / max(int(same.max(initial=1)), 1)
    days = (series.ts[end - 1] - series.ts[first]) / HOUR / 24
    known = len(series) - (end - first)
    if (times >= LONGER and days >= REST_DAYS and known >= KNOWN_ROWS) or (times >= MONTHS_LONGER and days >= MONTHS_DAYS):
        return times
    return 0.0
