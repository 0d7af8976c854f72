"""What is a trade worth a year, after everything it costs?

One formula, on the notional of a leg:

    net = gross - held - cost x 365 / days        on capital: net / capital
    break-even days = cost x 365 / (gross - held)

`cost` enters and leaves all legs (and moves collateral, as often as said), a fraction of the notional; `held` is what holding costs a
year: coins borrowed, and what the capital would earn elsewhere where that is given. Gross is the carry received, a simple annual rate.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from perpscope.market.number import Number, to_float
from perpscope.trading.costs.figure import Figure, summed
from perpscope.trading.costs.parts import TradeCosts, held, round_trip
from perpscope.trading.scan.terms import Terms
from perpscope.trading.trade import Trade

DAYS_PER_YEAR = 365
BP = 10_000
CROSSING = "impact "
"""How the parts of a cost are named that cross a spread."""


@dataclass(frozen=True, slots=True)
class Costed:
    """What a trade costs, part by part.

    Parameters
    ----------
    parts : of entering, leaving and moving collateral, fractions of the notional. yearly : of holding, fractions of the notional a year.
    opportunity : what the capital would earn elsewhere, a fraction of it a year. transfer_hours : how long a transfer takes.
    """

    parts: Mapping[str, Figure]
    yearly: Mapping[str, Figure]
    opportunity: Figure
    transfer_hours: Figure

    @property
    def known(self) -> float:
        """Sum of the known parts of entering and leaving."""
        return sum(to_float(each.value) for each in self.parts.values() if each.value is not None)

    @property
    def bounded(self) -> bool:
        """Whether the unknown parts can only add to the cost: crossing a spread never pays, a fee may be a rebate."""
        return all(part.startswith(CROSSING) for part, each in self.parts.items() if each.value is None)


@dataclass(frozen=True, slots=True)
class Worth:
    """What a trade is worth; None where it is not known, with the reason in `why`.

    Parameters
    ----------
    gross : carry received. cost : of entering and leaving, held : of holding a year. net, on_capital : after them. at_most : net where the
        unknown parts of the cost can only lower it; the net itself where all is known. breakeven_days : until the cost is earned.
    why : name of the field -> reason.
    """

    gross: float | None
    cost: float | None
    held: float | None
    net: float | None
    on_capital: float | None
    at_most: float | None
    breakeven_days: float | None
    why: Mapping[str, str]

    @property
    def hurdle(self) -> float | None:
        """Annual rate the spread must exceed over the holding time; None where a cost is not known."""
        return None if self.gross is None or self.net is None else self.gross - self.net


def turned(trade: Trade, costs: TradeCosts, notional: Number, ms: int, prices: Sequence[Number | None] = ()) -> dict[str, Figure]:
    """Cost of entering and leaving by part, fractions of the notional: a dated future is held to its expiry, and delivered.

    Parameters
    ----------
    notional : quote units. ms : moment, UTC. prices : of each leg's coin, for fees per contract.
    """
    parts = round_trip(costs, trade.legs, notional, ms, prices=prices)
    for leg, own in zip(trade.legs, costs.legs, strict=True):
        if leg.market == "dated":
            parts = {part: figure for part, figure in parts.items() if part not in {f"fee {leg.name} out", f"impact {leg.name} out"}}
            parts[f"delivery {leg.name}"] = own.delivery.times(leg.ratio)
    return parts


def costed(trade: Trade, costs: TradeCosts, terms: Terms, ms: int, prices: Sequence[Number | None] = ()) -> Costed:
    """Cost a trade at a moment (ms UTC); `prices` of each leg's coin, for fees per contract and fees of transfers."""
    parts = turned(trade, costs, terms.notional, ms, prices)
    if terms.transfers and len(trade.venues) > 1:
        parts |= {"transfers": _transfers(trade, costs, terms, prices)}
    yearly = held(costs, trade.legs)
    if costs.opportunity.known:
        yearly |= {"opportunity": costs.opportunity.times(trade.capital)}
    return Costed(parts, yearly, costs.opportunity, costs.transfer.hours)


def _transfers(trade: Trade, costs: TradeCosts, terms: Terms, prices: Sequence[Number | None]) -> Figure:
    """Cost of moving collateral as often as said, a fraction of the notional: a fee in the coin itself is valued at its price."""
    asset = costs.transfer.asset
    price: Number | None = 1
    for leg, told in zip(trade.legs, prices or [None] * len(trade.legs), strict=True):
        if asset and leg.market in {"inverse", "quanto"} and leg.asset == asset:
            price = told
    if price is None:
        return Figure.unknown(f"a transfer costs {asset}, of which no price is known")
    return costs.transfer.fee.times(terms.transfers * price / terms.notional)


def worth(gross: float | None, why_gross: str, found: Costed, trade: Trade, days: float) -> Worth:
    """Value a trade that receives `gross` a year over so many days.

    Examples
    --------
    >>> from perpscope.trading.trade import Leg, Trade
    >>> trade = Trade("perp_perp", (Leg("a", "X/USDT:USDT", "short", leverage=4), Leg("b", "X/USDT:USDT", "long", leverage=4)))
    >>> none = Figure.unknown("not given")
    >>> found = worth(0.10, "", Costed({"fee": Figure.given(0.002)}, {}, none, none), trade, 73)
    >>> [round(value, 6) for value in (found.net, found.on_capital, found.breakeven_days)]
    [0.09, 0.18, 7.3]

    **Source**: the formula of this module.
    """
    why = dict(_holes(gross, why_gross, found))
    cost = None if "cost_bp" in why else to_float(summed(found.parts).value or 0)
    kept = None if "hold_apr" in why else to_float(summed(found.yearly).value or 0)
    missing = " and ".join(why) + " not known" if why else ""
    bound = None
    if gross is not None and kept is not None and found.bounded:
        bound = gross - kept - (found.known if cost is None else cost) * DAYS_PER_YEAR / days
    net = None if cost is None else bound
    breakeven, why_not = _breakeven(gross, cost, kept)
    why |= {} if net is not None else {"net_apr_notional": missing, "net_apr_capital": missing}
    why |= {} if bound is not None else {"net_apr_capital_at_most": missing if found.bounded else "an unknown fee might be a rebate"}
    why |= {"breakeven_days": missing or why_not} if breakeven is None else {}
    capital = to_float(trade.capital)
    return Worth(gross, cost, kept, net, None if net is None else net / capital, None if bound is None else bound / capital, breakeven, why)


def _holes(gross: float | None, why_gross: str, found: Costed) -> Mapping[str, str]:
    """Say which of the three numbers everything stands on are not known, and why."""
    holes = {} if gross is not None else {"gross_apr": why_gross}
    for name, parts in (("cost_bp", found.parts), ("hold_apr", found.yearly)):
        if any(each.value is None for each in parts.values()):
            holes[name] = reasons(parts)
    return holes


def reasons(parts: Mapping[str, Figure]) -> str:
    """Say why parts of a cost are not known, each reason once.

    Examples
    --------
    >>> reasons({"fee a in": Figure.unknown("no fee"), "fee a out": Figure.unknown("no fee"), "fee b in": Figure.given(1)})
    'no fee (fee a in, fee a out)'
    """
    why: dict[str, list[str]] = {}
    for part, each in parts.items():
        if each.value is None:
            why.setdefault(each.note, []).append(part)
    return "; ".join(f"{note} ({', '.join(names)})" for note, names in why.items())


def _breakeven(gross: float | None, cost: float | None, kept: float | None) -> tuple[float | None, str]:
    if gross is None or cost is None or kept is None:
        return None, ""
    if cost <= 0:
        return 0.0, ""
    if gross - kept <= 0:
        return None, "never: it receives no more than holding it costs"
    days = cost * DAYS_PER_YEAR / (gross - kept)
    return (days, "") if math.isfinite(days) else (None, "never: it receives next to nothing")
