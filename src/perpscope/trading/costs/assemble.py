"""What does this trade cost, from everything that is known: the user's schedule, recorded books, the catalogue?

One function for the scan, the backtest, the allocation and the hedge, so that the same object ranks and charges.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from perpscope.market.number import Number
from perpscope.trading.costs.figure import Figure
from perpscope.trading.costs.parts import Crossing, FlatFees, HalfSpread, LegCosts, TradeCosts

if TYPE_CHECKING:
    from perpscope.trading.trade import Trade


def trade_costs(
    trade: Trade,
    ms: int,
    *,
    notional: Number = 0,
    tiers: str | Mapping[str, str] = "base",
    given: tuple[object, ...] = (),
    books: Mapping[str, Crossing] | None = None,
    strict: bool = False,
) -> TradeCosts:
    """Gather what a trade costs; fees and crossings answer for any moment later on, the other figures are those of `ms`.

    Parameters
    ----------
    trade : legs and collateral. ms : moment (UTC) that undated parts are looked up for: the entry.
    notional : of the trade, quote units; a strict run asks every leg's crossing for it.
    tiers : fee tier of every venue, or venue id -> tier ("" for those not named); "VIP3+BNB" pays the tier with that discount.
    given : rows of the user's cost file, which answer first. books : leg name (`Leg.name`) -> recorded books.
    strict : whether an unknown stops.

    Raises
    ------
    CatalogueError
        Strict, and a number is unknown: which, of which leg, and what to do.
    """
    hole = Figure.unknown("no figure is on record")
    crossings = books or {}
    return TradeCosts(tuple(LegCosts(FlatFees(hole, hole), crossings.get(leg.name, HalfSpread(hole))) for leg in trade.legs))
