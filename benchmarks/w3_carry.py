"""W3: how many bars x parameter sets a second does a cash and carry with full rules take?

Input: hourly bars of spot and perpetual (52,560), a rate every eighth bar from an AR(1) premium; seeded. Rules, the same for all: equity
split over both legs, fees and half spreads on both, funding at its stamps, maintenance margin, liquidation with a penalty, exit; the
signal is the mean of the last three rates known strictly before the bar; fills at the bar's price. An item is one bar of one set, whoever
skips it. Two shapes: *sets*, many (enter, exit, leverage) on one symbol; *symbols*, one set on many symbols. Answers are checked against
the plain definition, the uncompiled text that walks through every bar. What is the same for all sets (signals, worst prices of a
stretch) is worked out within the time, by every case. Every case works once before the clock starts.

    python benchmarks/w3_carry.py             all cases, five interleaved rounds
    python benchmarks/w3_carry.py CASE SIZE   one case, one line of JSON

vectorbt does less: one leg, no funding, no margin (it knows none of them); it runs in the environment of `requirements/peers vectorbt`,
or where PERPSCOPE_VECTORBT names a Python that has it.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))
import harness

BARS, EVERY, HOUR = 52_560, 8, 3_600_000
FEE_PERP, FEE_SPOT, MAINTENANCE, PENALTY = 0.0006, 0.0011, 0.005, 0.0125
THREADS = 2
SETS, SYMBOLS = (1_000, 2_000, 4_000), (125, 250, 500)
LARGEST = {"numpy lanes sets": 2_000}
ONLY = {"vectorbt sets": 1_000, "vectorbt symbols": 500}
INSTALLED = Path(__file__).parents[1] / ".peers" / "vectorbt" / "bin" / "python"
VECTORBT = os.environ.get("PERPSCOPE_VECTORBT") or (str(INSTALLED) if INSTALLED.exists() else "")
Answer = dict[str, float]


@dataclass
class Market:
    """Columns of symbols: prices (symbols, bars), rates (symbols, stamps), and the bars of the stamps."""

    spot: np.ndarray
    perp: np.ndarray
    rates: np.ndarray
    stamps: np.ndarray


def market(symbols: int, bars: int = BARS) -> Market:
    """Symbol k is the same however many there are."""
    stamps = np.arange(EVERY - 1, bars, EVERY)
    spot, shocks = np.empty((symbols, bars)), np.empty((bars, symbols))
    for k in range(symbols):
        rng = np.random.default_rng(k)
        spot[k] = 20_000 * np.exp(np.cumsum(rng.normal(0, 0.006, bars)))
        shocks[:, k] = rng.normal(0, 1e-4, bars)
    for row in range(1, bars):  # an AR(1), written out: not every peer has scipy
        shocks[row] += 0.97 * shocks[row - 1]
    premium = np.ascontiguousarray(shocks.T)
    return Market(spot, spot * (1 + premium), np.clip(1e-4 + 0.5 * premium[:, stamps], -0.003, 0.003), stamps)


def parameters(count: int) -> np.ndarray:
    """(count, 3): enter and exit (simple annual rates), leverage; row k is the same however many there are."""
    rng = np.random.default_rng(1)
    drawn = rng.random((4_000, 3))[:count]
    enter = 0.3 * drawn[:, 0]
    return np.column_stack((enter, enter - 0.3 * drawn[:, 1], 1 + 4 * drawn[:, 2]))


def signals(data: Market) -> np.ndarray:
    """(stretches, symbols): mean of the last three rates, a year, known before each stretch between two stamps; NaN before the third."""
    year = (data.rates * 1095.0).T
    found = np.full((len(data.stamps) + 1, len(data.rates)), np.nan)
    found[3:] = (year[:-2] + year[1:-1] + year[2:]) / 3.0
    return found


def lanes(data: Market, sets: np.ndarray, *, threads: int = THREADS) -> np.ndarray:
    """Ours: the leaping kernel; a track for one symbol, all symbols of one clock at once."""
    from perpscope.trading.lanes.run import COLUMNS, Symbols, run_across

    terms, asked, costs = ours(sets)
    if len(data.spot) == 1:
        return alone(data, sets, threads)
    at = np.arange(data.spot.shape[1]) * HOUR
    found = run_across(Symbols(at, data.perp, data.spot, data.stamps, data.rates, 8.0), terms, asked, (3,), costs, threads=threads)
    return found[:, :, COLUMNS.index("equity")].ravel()


def ours(sets: np.ndarray) -> tuple[Any, np.ndarray, Any]:
    """Terms, parameter sets and costs as the lanes take them."""
    from perpscope.trading.lanes.track import LegTerms, Terms

    asked = np.zeros((len(sets), 10))
    asked[:, [0, 1]], asked[:, 3], asked[:, 4] = sets[:, :2], 1 / sets[:, 2], 1.0
    asked[:, 7], asked[:, 8], asked[:, 9] = np.inf, 1e6, np.inf
    terms = Terms(LegTerms(1 + MAINTENANCE, MAINTENANCE, PENALTY), LegTerms(np.inf, -np.inf, 0.0), 0.0, by_short=False)
    return terms, asked, [(0, (FEE_PERP, FEE_PERP, FEE_SPOT, FEE_SPOT))]


def alone(data: Market, sets: np.ndarray, threads: int = 1, *, plain: bool = False) -> np.ndarray:
    """Run each symbol's track by itself; `plain`: by the definition, uncompiled."""
    from perpscope.trading.lanes import _kernels
    from perpscope.trading.lanes.run import run, window
    from perpscope.trading.lanes.track import Market as Leg
    from perpscope.trading.lanes.track import lay

    terms, asked, costs = ours(sets)
    bars = data.spot.shape[1]
    at, decides = np.arange(bars) * HOUR, np.ones(bars, dtype=bool)
    found = []
    for perp, spot, rates in zip(data.perp, data.spot, data.rates, strict=True):
        leg = Leg.closes(perp, data.stamps, rates * perp[data.stamps], rates * 1095.0)
        track = lay(at, decides, leg, Leg.closes(spot), (3,), costs)
        done = run(track, terms, asked, window(track), threads=threads, kernel=_kernels.walk if plain else None)
        found.append(done.column("equity"))
    return np.concatenate(found)


def with_numpy(data: Market, sets: np.ndarray, *, sparse: bool) -> np.ndarray:
    """Numpy lanes: state vectors of all sets (or symbols), a loop over bars.

    `sparse` leaves out what cannot matter: decisions where no signal changed and nothing was lost, and the work on lanes that hold nothing.
    """
    spot, perp = data.spot.T, data.perp.T
    owed, signal = data.rates.T * perp[data.stamps], signals(data)
    enter, leave, margin = sets[:, 0], sets[:, 1], 1 / sets[:, 2]
    m = max(len(sets), spot.shape[1])
    enter, leave, margin = (np.broadcast_to(column, m) for column in (enter, leave, margin))
    idle, quantity, cash_perp, cash_spot, in_perp, in_spot = np.full(m, 1e6), *np.zeros((5, m))
    held, last, bars = np.zeros(m, dtype=bool), len(spot) - 1, len(spot)
    due = True
    for row in range(bars):
        s, p, stretch = spot[row], perp[row], row // EVERY
        gone = held & (p * (quantity * (1 + MAINTENANCE)) > cash_perp + quantity * in_perp)
        if gone.any():
            due = True
            left = np.maximum(cash_perp + quantity * (in_perp - p) - PENALTY * (quantity * p), 0.0)
            freed = left + cash_spot - quantity * (in_spot - s) - FEE_SPOT * (quantity * s)
            idle, held = np.where(gone, idle + freed, idle), held & ~gone
        lost = gone
        if row % EVERY == EVERY - 1:
            paid = quantity * owed[stretch]
            cash_perp = np.where(held, cash_perp + paid, cash_perp)
            gone = held & (paid < 0) & (p * (quantity * (1 + MAINTENANCE)) > cash_perp + quantity * in_perp)
            if gone.any():
                left = np.maximum(cash_perp + quantity * (in_perp - p) - PENALTY * (quantity * p), 0.0)
                freed = left + cash_spot - quantity * (in_spot - s) - FEE_SPOT * (quantity * s)
                idle, held, lost = np.where(gone, idle + freed, idle), held & ~gone, lost | gone
        if sparse and not (due or row % EVERY == 0 or row == last):
            continue
        now = signal[stretch]
        goes = held & ((now < leave) | (row == last))
        comes = ~held & ~goes & ~lost & (now > enter) & (row != last)
        due = bool(lost.any())
        if goes.any():
            freed = cash_perp + quantity * (in_perp - p) - FEE_PERP * (quantity * p)
            freed += cash_spot - quantity * (in_spot - s) - FEE_SPOT * (quantity * s)
            idle, held = np.where(goes, idle + freed, idle), held & ~goes
        if comes.any():
            notional = idle / (margin + 1.0)
            size = notional / s
            behind = notional * margin - FEE_PERP * (size * p)
            comes &= (notional > 0) & (idle >= 1e-8) & (behind >= MAINTENANCE * (size * p))
            quantity = np.where(comes, size, quantity)
            cash_perp = np.where(comes, behind, cash_perp)
            cash_spot = np.where(comes, notional - FEE_SPOT * (size * s), cash_spot)
            in_perp, in_spot = np.where(comes, p, in_perp), np.where(comes, s, in_spot)
            idle, held = np.where(comes, idle - (notional * margin + notional), idle), held | comes
    return idle


def with_vectorbt(data: Market, sets: np.ndarray) -> np.ndarray:
    """vectorbt: the perpetual leg alone, sold and bought back by the same signals; 250 columns at a time, for its memory."""
    import pandas as pd
    import vectorbt as vbt

    signal = np.repeat(signals(data), EVERY, axis=0)[: data.spot.shape[1]]
    enter, leave = sets[:, 0], sets[:, 1]
    m = max(len(sets), len(data.spot))
    found = []
    for low in range(0, m, 250):
        part = slice(low, low + 250)
        columns = signal if len(sets) > 1 else signal[:, part]
        comes, goes = (columns > enter[part], columns < leave[part]) if len(sets) > 1 else (columns > enter, columns < leave)
        price = pd.DataFrame(data.perp[part].T) if len(sets) == 1 else pd.Series(data.perp[0])
        done = vbt.Portfolio.from_signals(price, comes, goes, direction="shortonly", fees=FEE_PERP, init_cash=1e6, freq="1h")
        found.append(np.asarray(done.total_return()))
    return np.concatenate(found)


def answer(equity: np.ndarray) -> Answer:
    """Sum of what all sets end with, and of its squares."""
    return {"equity": float(np.sum(equity)), "squares": float(np.sum(equity**2))}


def one(case: str, size: int) -> None:
    """Run one case in this process."""
    name, _, shape = case.rpartition(" ")
    bars = 3_000 if size < 20 else BARS
    data = market(size if shape == "symbols" else 1, bars)
    sets = parameters(size) if shape == "sets" else parameters(4)[3:4]
    work: dict[str, Any] = {
        "lanes": lanes,
        "lanes, one thread": lambda *x: lanes(*x, threads=1),
        "plain": lambda *x: alone(*x, plain=True),
        "numpy lanes": lambda *x: with_numpy(*x, sparse=False),
        "numpy sparse": lambda *x: with_numpy(*x, sparse=True),
        "vectorbt": with_vectorbt,
    }
    warm = market(len(data.spot), 40 * EVERY) if name.startswith("numpy") else data
    harness.measure(case, size * bars, lambda: work[name](data, sets), lambda: work[name](warm, sets), answer)


def main() -> None:
    """All cases: agreement with the definition first, then the tables."""
    if len(sys.argv) > 1:
        one(sys.argv[1], int(sys.argv[2]))
        return
    names = ("lanes", "lanes, one thread", "numpy lanes", "numpy sparse")
    for shape, sizes in (("sets", SETS), ("symbols", SYMBOLS)):
        checked = [(f"{name} {shape}", 12) for name in ("plain", *names)]
        harness.agree(harness.rounds(__file__, checked, 1))
        pythons = {f"vectorbt {shape}": VECTORBT} if VECTORBT else {}
        cases = [(f"{name} {shape}", size) for size in sizes for name in names if size <= LARGEST.get(f"{name} {shape}", size)]
        peer = f"vectorbt {shape}"
        found = harness.rounds(__file__, [*cases, (peer, ONLY[peer])], pythons=pythons)
        harness.agree({key: runs for key, runs in found.items() if not key[0].startswith("vectorbt")})
        harness.show(harness.table(found, f"lanes {shape}"))


if __name__ == "__main__":
    main()
