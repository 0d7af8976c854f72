"""What does a rule earn when its positions are run in full: exact settlement, margins, fixed quantities, and orders that come later?

A rule says at each look which position it wants, from prices of that very look. A paper trades at them; who must see a price before
acting on it trades a look later. Both are run, so that the price of seeing first is seen.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Literal, get_args

from perpscope.analysis.carry.arbitrage import Performance, summed_up
from perpscope.trading.backtest.fold import backtest
from perpscope.trading.backtest.model import LegHistory, Plan, Result
from perpscope.trading.backtest.seen import Decision, Seen
from perpscope.trading.costs.parts import TradeCosts
from perpscope.trading.trade import Trade
from perpscope.units import HOURS_PER_YEAR, MS_PER_HOUR

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from perpscope.analysis.carry.arbitrage import Looks

Timing = Literal["same", "next"]
TIMINGS: tuple[Timing, ...] = get_args(Timing)
"""Traded at the prices that were looked at, which nobody can; or at those of the next look."""
ENOUGH = 10
"""Times the notional that lies ready, so that no opening is smaller for want of money; what is not margin lies idle."""


@dataclass(slots=True)
class Followed:
    """Decide as a list of positions says.

    Parameters
    ----------
    at : ms UTC of each look, ascending. wanted : position in the perpetual from each look on: -1 short, 1 long, 0 none.
    timing : see `TIMINGS`. held : what was held before each decision, filled by the run: (ms, position of the perpetual).
    """

    at: Sequence[int]
    wanted: Sequence[int]
    timing: Timing
    held: list[tuple[int, int]] = field(default_factory=list)

    def __call__(self, seen: Seen, /) -> Decision:
        """Say what the last look in reach wants; the trade as written is short the perpetual."""
        self.held.append((seen.at, -seen.held))
        place = (bisect_right if self.timing == "same" else bisect_left)(self.at, seen.at) - 1
        wanted = self.wanted[place] if place >= 0 else 0
        return "open" if wanted < 0 else "reverse" if wanted > 0 else "close" if seen.held else "keep"


@dataclass(frozen=True, slots=True, eq=False)
class InFull:
    """A rule run in full.

    Parameters
    ----------
    performance : per unit of notional, after the carry of the money. result : of the backtest, before it.
    """

    performance: Performance
    result: Result


@dataclass(frozen=True, slots=True, eq=False)
class Stage:
    """What a rule is run on: a trade short the perpetual (first leg) and long its coin, with the histories of both."""

    trade: Trade
    histories: Sequence[LegHistory]
    notional: float = 1_000_000.0


def in_full(stage: Stage, costs: TradeCosts, looks: Looks, wanted: npt.NDArray[np.int8], timing: Timing) -> InFull:
    """Run the positions of a rule over the histories of both legs.

    Parameters
    ----------
    stage : what it is run on. costs : of the trade. looks : what the rule went by; their carry is charged on the coins held, and
        paid on the coins sold, as by the paper. wanted : (n,) positions in the perpetual.

    Raises
    ------
    NotEnoughData
        When the rule is active in fewer than two steps.
    """
    rule = Followed(looks.at.tolist(), wanted.tolist(), timing)
    start, end = int(looks.at[0]), int(looks.at[-1])
    money = stage.notional
    plan = Plan(ENOUGH * money, money, start=start, end=end, missing="skip", decide=rule, keep_ledger=False)
    result = backtest(stage.trade, stage.histories, costs, plan)
    return InFull(_performance(result, rule, looks, money), result)


def _performance(result: Result, rule: Followed, looks: Looks, notional: float) -> Performance:
    """Gains of each step over the notional, less the carry of what was held in it."""
    import numpy as np

    at = np.array(result.at, dtype=np.int64)
    hours = np.diff(at) / MS_PER_HOUR
    gain = np.diff(np.array([float(units) for units in result.equity])) / 10**result.places / notional
    active = np.array(result.active[1:])
    moments, sides = (np.array(column, dtype=np.int64) for column in zip(*rule.held, strict=True))
    place = np.searchsorted(moments, at[1:])  # what was held before the decision at the end of the step
    side = np.where(active, sides[np.minimum(place, sides.size - 1)], 0)
    carry = looks.carry[np.clip(np.searchsorted(looks.at, at[:-1], side="right") - 1, 0, None)]
    return summed_up(hours, gain + side * carry * hours / HOURS_PER_YEAR, active)


def holes(at: Sequence[int], hours: float) -> int:
    """Count steps longer than the usual one (hours)."""
    return sum(after - before > hours * MS_PER_HOUR for before, after in pairwise(at))
