"""Is there a price no neighbour and no other market knows of?

A close, high or low that leaves its neighbours by far more than any other in its history, or a close that changes by a
factor of eight or more from one bar to the next and stays. Of 65 real series the largest departure was at most 3.3 times the
next. A doubt: crashes do happen, but then other contracts of the coin share them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from perpscope.store.quality._bars import Bars
from perpscope.store.quality._companions import Moves, company, departures
from perpscope.store.quality._series import Floats, Series
from perpscope.store.quality.problem import Problem, when

ALONE = 12.0
ACCOMPANIED = 5.0
"""Times the next largest departure. Departures of prices have tails of index 3: 12^-3 is 6e-4 a series, and 5^-3 is 8e-3, which
company of the same coin that did not move makes small."""
STEP = float(np.log(8))
LASTS = 3
MOST = 6
LEAST = 60


def find_spikes(all_bars: Sequence[Bars]) -> Iterator[tuple[Bars, Problem]]:
    """Tell every departure that is alone, every wick of the kind, and every change of scale."""
    everyone = [Moves.of(bars.series, _departures(bars.series)) for bars in all_bars]
    for bars, moves in zip(all_bars, everyone, strict=True):
        series = moves.series
        if len(series) < LEAST:
            continue
        closes = dict(_odd_closes(moves, everyone))
        for row, times in closes.items():
            words = f"closes at {series.rate[row]:g}, {times:.1f} times farther from its neighbours than any ordinary bar"
            yield bars, _problem(series, row, words)
        for row, words in (*_odd_wicks(bars), *_odd_steps(series)):
            if row not in closes:
                yield bars, _problem(series, row, words)


def _odd_closes(moves: Moves, everyone: Sequence[Moves]) -> Iterator[tuple[int, float]]:
    found = [(row, times) for row, times in _outstanding(moves.departure) if times >= ACCOMPANIED]
    if found:
        shared = company(moves.series, np.array([row for row, _ in found]), everyone)
        for i, (row, times) in enumerate(found):
            if not shared.same_moved[i] and times >= (ACCOMPANIED if shared.same[i] else ALONE):
                yield row, times


def _odd_wicks(bars: Bars) -> Iterator[tuple[int, str]]:
    for name, wick in _wicks(bars):
        for row, times in _outstanding(wick):
            if times >= ALONE:
                yield row, f"has a {name} {np.expm1(wick[row]):.0%} beyond its body, {times:.1f} times the next longest"


def _odd_steps(series: Series) -> Iterator[tuple[int, str]]:
    for row in _steps(series):
        factor = series.rate[row] / series.rate[row - 1]
        yield row, f"closes at {factor:.3g} times the bar before and stays there: another unit or another contract"


def _departures(series: Series) -> Floats:
    """Log distance from the neighbours; zero beside holes and steps, where neighbours are far away."""
    distance = departures(_logs(series))
    if len(series) < LEAST:
        return distance
    hole = np.diff(series.ts) > 1.5 * np.median(np.diff(series.ts))
    edge = np.r_[hole, False]
    edge[[row - 1 for row in _steps(series)]] = True
    return np.where(np.convolve(edge.astype(int), np.ones(5, int), "same") > 0, 0.0, distance)


def _logs(series: Series) -> Floats:
    return np.asarray(np.log(np.where(series.rate > 0, series.rate, np.nanmedian(series.rate))))


def _steps(series: Series) -> list[int]:
    """Rows at which the price changes by `STEP` from one bar to the next in time, and stays."""
    logs = _logs(series)
    ordinary = np.diff(series.ts) <= 1.5 * np.median(np.diff(series.ts))
    rows = np.flatnonzero(ordinary & (np.abs(np.diff(logs)) >= STEP)) + 1
    lasting = [abs(float(np.median(logs[i : i + LASTS]) - np.median(logs[max(0, i - LASTS) : i]))) >= 0.9 * STEP for i in rows]
    return [int(row) for row, stays in zip(rows, lasting, strict=True) if stays]


def _wicks(bars: Bars) -> Iterator[tuple[str, Floats]]:
    """Log length of the upper and the lower wick, 0 where the bar has none."""
    close = bars.series.rate
    with np.errstate(invalid="ignore", divide="ignore"):
        upper = np.log(bars.high / np.fmax(bars.open, close))
        lower = np.log(np.fmin(bars.open, close) / bars.low)
    for name, wick in (("high", upper), ("low", lower)):
        yield name, np.where(np.isfinite(wick) & (wick > 0), wick, 0.0)


def _outstanding(departure: Floats) -> Iterator[tuple[int, float]]:
    """Up to `MOST` rows set apart from all others, with how many times the next one the least of them is."""
    order = np.argsort(-departure, kind="stable")[: MOST + 1]
    down = departure[order]
    if len(down) <= MOST or down[-1] <= 0:
        return
    ratio = down[:-1] / down[1:]
    cut = int(ratio.argmax())
    for row in order[: cut + 1].tolist():
        yield row, float(ratio[cut])


def _problem(series: Series, row: int, words: str) -> Problem:
    ts = int(series.ts[row])
    return Problem("jump", ts, ts, f"the bar of {when(ts)} {words}. Compare with another source before using it.", "doubt")
