"""Small markets of a few bars, from which the hand-computed cases are made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from perpscope.market.brackets import Brackets
from perpscope.market.contract import Contract
from perpscope.market.funding import Accrual, PublishedFixing
from perpscope.market.number import Number
from perpscope.trading.backtest.model import Bars, LegHistory, Result
from perpscope.trading.costs.figure import Figure
from perpscope.trading.costs.parts import FlatFees, HalfSpread, LegCosts, TradeCosts, Transfer
from perpscope.trading.margin import Requirement
from perpscope.trading.settle import Listing
from perpscope.trading.trade import Leg

HOUR = 3_600_000
SPOT, PERP, COIN, QUANTO = "BTC/USDT", "BTC/USDT:USDT", "BTC/USD:BTC", "ETH/USD:BTC"


def bars(prices: Sequence[Number], step: float = 1, start: float = 0, **more: Any) -> Bars:  # noqa: ANN401 - options of several kinds
    """Bars of one price each, the first at `start` hours, one every `step` hours."""
    known = [round((start + k * step) * HOUR) for k in range(len(prices))]
    columns: dict[str, Any] = {"trade": prices, "mark": prices, "high": prices, "low": prices, "step_hours": step} | more
    return Bars(known, **columns)


def fixings(
    rows: Sequence[tuple[float, Number, Number | None]], hours: float = 8, symbol: str = PERP, accrual: Accrual = "stamp"
) -> tuple[PublishedFixing, ...]:
    """Fixings of (hour, rate, price)."""
    return tuple(PublishedFixing("venue", symbol, round(at * HOUR), rate, hours, price, accrual) for at, rate, price in rows)


def spot(prices: Bars, **more: Any) -> LegHistory:  # noqa: ANN401 - options of several kinds
    return LegHistory(prices, Listing(Contract("linear", "USDT")), **more)


def perp(
    prices: Bars,
    paid: Sequence[PublishedFixing] = (),
    *,
    contract: Contract | None = None,
    **more: Any,  # noqa: ANN401 - options of several kinds
) -> LegHistory:
    """History of a perpetual that keeps 0.5 % of its value as maintenance."""
    listing = Listing(contract or Contract("linear", "USDT"), **{k: more.pop(k) for k in ("ended", "listed", "settle") if k in more})
    asked = {"requirement": Requirement(Brackets.flat(0.005))} | more
    return LegHistory(prices, listing, tuple(paid), **asked)


def cost(fee: Number = 0, half: Number = 0, **more: Number) -> LegCosts:
    """Costs of a leg: taker fee, half spread, and borrow, liquidation, delivery."""
    others = {name: Figure.given(value) for name, value in ({"borrow": 0, "liquidation": 0, "delivery": 0} | more).items()}
    return LegCosts(FlatFees(Figure.given(0), Figure.given(fee)), HalfSpread(Figure.given(half)), **others)


def costs(*legs: LegCosts, hours: Number | None = None, fee: Number = 0, **more: Any) -> TradeCosts:  # noqa: ANN401 - options of several kinds
    transfer = Transfer() if hours is None else Transfer(Figure.given(fee), Figure.given(hours))
    return TradeCosts(legs, transfer, **more)


def leg(symbol: str, side: str, leverage: Number = 1, venue: str = "venue", **more: Any) -> Leg:  # noqa: ANN401 - options of several kinds
    return Leg(venue, symbol, side, leverage=leverage, **more)  # type: ignore[arg-type]  # the leg refuses other sides


def reasons(result: Result) -> dict[str, float]:
    """Money by reason; what is nothing left out."""
    return {why: units / 10**result.places for why, units in result.by_reason.items() if units}


def happened(result: Result, what: str) -> list[tuple[float, str]]:
    """Hour and leg of each event of a kind."""
    return [(event.at / HOUR, event.leg) for event in result.events if event.what == what]


def cut(history: LegHistory, hour: float) -> LegHistory:
    """Return what is known until an hour, that hour included."""
    own = history.bars
    n = sum(known <= hour * HOUR for known in own.known)
    kept = replace(own, known=own.known[:n], trade=own.trade[:n], mark=own.mark[:n], high=own.high[:n], low=own.low[:n])
    return replace(history, bars=kept, fixings=tuple(one for one in history.fixings if one.at <= hour * HOUR))
