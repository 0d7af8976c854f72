"""Months of a perpetual and its spot market, hour by hour, and parameter sets to run over them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from perpscope.market.time import day_ms
from perpscope.runs.backtest import Question
from perpscope.runs.contracts import Margins
from perpscope.runs.history import Wanted
from perpscope.runs.sweep import Asked, Walking
from perpscope.trading.sweep.grid import Grid
from perpscope.units import MS_PER_HOUR
from tests.unit.claims.held import funding, prices
from tests.unit.runs.made_pair import PAIR, PERP, SPOT, flat
from tests.unit.runs.stocked import stocked

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from typing import Any

    from perpscope.store import Store

START, HOUR = day_ms("2021-01-01"), MS_PER_HOUR
GRID: dict[str, Sequence[float]] = {"enter": (0.0, 0.1, 0.2), "exit": (-0.1, 0.0, 0.1), "leverage": (1.0, 3.0), "look": (1, 3)}


def months(folder: Path, days: int = 120, seed: int = 1) -> Store:
    """Prices that wander, a premium that comes back, and a rate of it every eight hours."""
    rng = np.random.default_rng(seed)
    n = 24 * days + 1
    spot = 100 * np.exp(np.cumsum(rng.normal(0, 0.006, n)))
    premium = rng.normal(0, 1e-4, n)
    for k in range(1, n):
        premium[k] += 0.97 * premium[k - 1]
    rates = np.round(1e-4 + 0.5 * premium[::8], 8)
    return stocked(
        folder,
        prices("binanceusdm", PERP, START - HOUR, np.round(spot * (1 + premium), 6), market="linear"),
        prices("binance", SPOT, START - HOUR, np.round(spot, 6)),
        funding("binanceusdm", PERP, START, rates),
    )


def asked(**more: Any) -> Asked:  # noqa: ANN401 - options of several kinds
    """A sweep of the made months: costs and maintenance that are the same at all times."""
    wanted = Wanted(margins=Margins({"": 0.005}))
    question = Question(PAIR, wanted, flat(0.0002, 0.0001), capital=1_000_000.0)
    options: dict[str, Any] = {"walking": Walking(40, 20), "draws": 200} | more
    return Asked(question, options.pop("grid", Grid.of(GRID)), **options)
