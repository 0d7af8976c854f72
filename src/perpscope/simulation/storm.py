"""Which days of the past should a trade have lived through, and how closely can they be seen?

A storm is a window of real history, trades to put into it, and ways to look at it. It holds no prices: what it needs is named, for a
reader to import.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from perpscope.trading.trade import Collateral, Kind, Leg

StandIn = tuple[str, str, str]
"""Venue, symbol and market whose prices stand in."""


@dataclass(frozen=True, slots=True)
class Look:
    """One way to look at a storm.

    Parameters
    ----------
    label : for a reader. bar_hours : length of the bars; None takes each leg's finest. closes_only : forget highs, lows and opens.
    price_of : leg name -> whose prices stand in for its own.
    """

    label: str
    bar_hours: float | None
    closes_only: bool = False
    price_of: Mapping[str, StandIn] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Trial:
    """One trade in a storm, at several leverages of its first leg.

    Parameters
    ----------
    label, kind, legs, collateral : of the trade. leverages : each >= 1. fixed : at another leverage it would be another trade.
    """

    label: str
    kind: Kind
    legs: tuple[Leg, ...]
    leverages: tuple[float, ...]
    collateral: Collateral = field(default_factory=Collateral)
    fixed: bool = False


@dataclass(frozen=True, slots=True)
class Forced:
    """Files that tell who was closed by force in a storm.

    Parameters
    ----------
    venue : whose. coins : file by coin (ticker, liq_notional, adl_notional, in dollars). accounts : file by account (asset, side,
        was_liquidated, was_adl).
    """

    venue: str
    coins: str
    accounts: str


@dataclass(frozen=True, slots=True)
class Storm:
    """Days of the past.

    Parameters
    ----------
    name, says : for a reader. start, end : ms UTC; trades are opened at the first price from the start on. trials, looks : at least one.
    halts : venue -> (from, to) ms UTC in which it let nobody trade; each trade is then run with and without.
    needs : what has to be in the store, and how it gets there. forced : who was closed by force.
    """

    name: str
    says: str
    start: int
    end: int
    trials: tuple[Trial, ...]
    looks: tuple[Look, ...]
    needs: tuple[str, ...]
    halts: Mapping[str, tuple[tuple[int, int], ...]] = field(default_factory=dict)
    forced: Forced | None = None
