"""What goes into a backtest, and what comes out?

A leg's history is prices with the times at which they were known, fixings, its life, its margins and its halts. The result is an
equity curve in whole units of the reporting asset, every change of it with a reason, and what happened on the way.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal, get_args

from perpscope.errors import InputError
from perpscope.market.funding import PublishedFixing
from perpscope.market.number import INF, Number
from perpscope.market.time import to_text
from perpscope.trading.margin import Requirement
from perpscope.trading.settle import Listing

Why = Literal["funding", "fee", "impact", "basis", "convexity", "borrow", "transfer", "liquidation", "delivery", "opportunity"]
WHYS: tuple[str, ...] = get_args(Why)
MissingData = Literal["stop", "skip"]


@dataclass(frozen=True, slots=True)
class Bars:
    """Prices of one leg in order of time, columns of equal length.

    Parameters
    ----------
    known : ms UTC at which each bar's prices were known (its close). trade : last traded price of the bar, at which orders of that
        instant fill before costs. mark : price margins and liquidation go by; the trade price where the venue's mark is not at hand, see
        `mark_is`. high, low : extremes of the mark inside the bar, for liquidation through a gap; mark itself where not at hand.
    mark_is : what stands in for the mark: "mark", "index" or "trade"; whoever shows a result says so.
    step_hours : usual length of a bar, which the resolution of liquidation is told by.
    """

    known: Sequence[int]
    trade: Sequence[Number]
    mark: Sequence[Number]
    high: Sequence[Number]
    low: Sequence[Number]
    mark_is: Literal["mark", "index", "trade"] = "mark"
    step_hours: float = 1.0

    def __post_init__(self) -> None:
        """Refuse columns of unequal length, times out of order and prices that are none."""
        columns = (self.trade, self.mark, self.high, self.low)
        if any(len(column) != len(self.known) for column in columns):
            raise InputError("price bars", f"columns of {[len(self.known), *map(len, columns)]} rows", "Give one price a time.")
        for before, after in pairwise(self.known):
            if after <= before:
                raise InputError("price bars", f"{to_text(after)} after {to_text(before)}", "Sort them, each time once.")
        for name, column in zip(("trade", "mark", "high", "low"), columns, strict=True):
            if not all(0 < price < INF for price in column):
                raise InputError("price bars", f"a {name} price that is not positive", "Leave out what is not known.")


@dataclass(frozen=True, slots=True)
class LegHistory:
    """All that is known of one leg's market.

    Parameters
    ----------
    bars : its prices. fixings : its funding, in any order; none for spot and dated futures.
    listing : its contract, how its venue pays, and its life. requirement : what its margin must hold; None where nothing can be
        liquidated (spot held long) or it is not known, see `why_no_requirement`.
    halts : (from, to) ms UTC, when its venue let nobody trade or move money; funding and marks go on.
    coin : price of the settle asset in the reporting asset, where it is another than the leg's own price: bars of it for a quanto.
    """

    bars: Bars
    listing: Listing
    fixings: tuple[PublishedFixing, ...] = ()
    requirement: Requirement | None = None
    why_no_requirement: str = ""
    halts: tuple[tuple[int, int], ...] = ()
    coin: Bars | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a trade, for a reader: opened, closed, liquidated, rebalanced, moved, delisted, refused, skipped."""

    at: int
    what: str
    leg: str = ""
    detail: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Result:
    """What a backtest gave; money in whole units of the reporting asset, see `places`.

    Parameters
    ----------
    at : ms UTC of each point of the curve. equity : units at each, the first is the capital put in.
    by_reason : reason -> units; their sum is exactly the last equity minus the first.
    places : decimals of a unit. asset : reporting asset.
    active : whether a position was held in the step that ends at each point; () for the first.
    events : in order of time. liquidations, trades : how many legs were liquidated, how many times the trade was opened.
    by_leg : leg -> reason -> units, where a reason belongs to a leg.
    assumed : what was taken for granted, for a reader. unknown : cost -> why it is not known, and counted as nothing.
    """

    at: tuple[int, ...]
    equity: tuple[int, ...]
    by_reason: Mapping[Why, int]
    places: int
    asset: str
    active: tuple[bool, ...]
    events: tuple[Event, ...] = ()
    liquidations: int = 0
    trades: int = 0
    by_leg: Mapping[str, Mapping[Why, int]] = field(default_factory=dict)
    assumed: tuple[str, ...] = ()
    unknown: Mapping[str, str] = field(default_factory=dict)
