"""What goes into a backtest, and what comes out?

A leg's history is prices with the times at which they were known, fixings, its life, its margins and its halts. The result is an
equity curve in whole units of the reporting asset, every change of it with a reason, and what happened on the way.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise
from typing import Literal, get_args

from perpscope.errors import InputError
from perpscope.market.funding import PublishedFixing
from perpscope.market.number import INF, Number
from perpscope.market.time import to_text
from perpscope.trading.backtest.seen import Decide
from perpscope.trading.ledger import Ledger
from perpscope.trading.margin import Requirement
from perpscope.trading.settle import Listing

Why = Literal["funding", "fee", "impact", "basis", "convexity", "borrow", "transfer", "liquidation", "delivery", "opportunity"]
WHYS: tuple[Why, ...] = get_args(Why)
MissingData = Literal["stop", "skip"]
PLACES = 12
"""Decimals of the unit in which a backtest counts money of any asset inside; the result is rounded to the plan's."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Over which time, with how much money, and how strictly?

    Parameters
    ----------
    capital : money put in, in the reporting asset. notional : of the trade at each opening. One of them is enough: the trade says how much
        capital a unit of notional asks. With both, what the capital has beyond the notional's need lies idle. An opening that the money
        no longer reaches for is smaller.
    start, end : ms UTC, both included; None for as far as all legs have prices.
    asset : reporting asset; "" for the one the first leg is quoted in. decimals : of its unit in the result, 0 to 12.
    strict : refuse every kind of missing input. missing : what a missing price does, "stop" or "skip" (nothing is decided then, and the
        events say so).
    compound : size every opening by the money there is then, instead of by the first.
    close : close what is held at the end, costs and all.
    decide : a decision of one's own, in place of the trade's policy.
    charge_opportunity : count what the capital would earn elsewhere as a cost of its own, instead of telling it beside.
    keep_ledger : keep every cash flow for the result; without it a search is quicker.
    """

    capital: Number | None = None
    notional: Number | None = None
    start: int | None = None
    end: int | None = None
    asset: str = ""
    decimals: int = 8
    strict: bool = False
    missing: MissingData = "stop"
    compound: bool = False
    close: bool = True
    decide: Decide | None = None
    charge_opportunity: bool = False
    keep_ledger: bool = True

    def __post_init__(self) -> None:
        """Refuse plans without money, and what nobody defined."""
        given = {"capital": self.capital, "notional": self.notional}
        if all(value is None for value in given.values()):
            raise InputError("a backtest", "neither a capital nor a notional", "Give one of them, in the reporting asset.")
        for name, value in given.items():
            if value is not None and not 0 < value < INF:
                raise InputError("a backtest", f"a {name} of {float(value):g}", "Give money above 0, in the reporting asset.")
        if self.missing not in get_args(MissingData):
            raise InputError("a backtest", f"missing = {self.missing!r}", f"Give {' or '.join(get_args(MissingData))}.")
        if not 0 <= self.decimals <= PLACES:
            raise InputError("a backtest", f"{self.decimals} decimals", f"Give 0 to {PLACES}.")
        if self.start is not None and self.end is not None and self.end <= self.start:
            raise InputError("a backtest", f"from {to_text(self.start)} to {to_text(self.end)}", "Give an end after the start.")


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
    open : first mark of each bar, which shows whether it opened beyond a liquidation price; None where not at hand, of one bar or of all.
    rates : whether the columns are fixed rates a year, as a swap is quoted in: they may be 0 or below.
    """

    known: Sequence[int]
    trade: Sequence[Number]
    mark: Sequence[Number]
    high: Sequence[Number]
    low: Sequence[Number]
    mark_is: Literal["mark", "index", "trade"] = "mark"
    step_hours: float = 1.0
    open: Sequence[Number | None] | None = None
    rates: bool = False

    def __post_init__(self) -> None:
        """Refuse columns of unequal length, times out of order and prices that are none."""
        columns = (self.trade, self.mark, self.high, self.low, *(() if self.open is None else (self.open,)))
        if any(len(column) != len(self.known) for column in columns):
            raise InputError("price bars", f"columns of {[len(self.known), *map(len, columns)]} rows", "Give one price a time.")
        for before, after in pairwise(self.known):
            if after <= before:
                raise InputError("price bars", f"{to_text(after)} after {to_text(before)}", "Sort them, each time once.")
        lowest = -INF if self.rates else 0
        for name, column in zip(("trade", "mark", "high", "low", "open"), columns, strict=False):
            if not all(price is None or lowest < price < INF for price in column):
                raise InputError("price bars", f"a {name} price that is not positive", "Leave out what is not known.")
        if not 0 < self.step_hours < INF:
            raise InputError("price bars", f"a step of {self.step_hours} h", "Give the usual length of a bar in hours.")


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
    active : whether a position was held in the step that ends at each point, or opened at its end (its costs are in it).
    events : in order of time. liquidations, trades : how many legs were liquidated, how many times the trade was opened.
    by_leg : leg -> reason -> units, where a reason belongs to a leg; what belongs to none is under "".
    assumed : what was taken for granted, for a reader. unknown : cost -> why it is not known, and counted as nothing.
    notional : largest notional opened, in the reporting asset. ledger : every cash flow in its own asset, counted in 10^-12; None where
        the plan does not keep it. Each of its entries sums to zero.
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
    notional: float = 0.0
    ledger: Ledger | None = None

    def amount(self, units: int) -> Fraction:
        """Exact amount of so many units, in the reporting asset."""
        return Fraction(units, 10**self.places)
