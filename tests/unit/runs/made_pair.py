"""Two days of a perpetual and its spot market, and flat costs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from perpscope.market.time import day_ms
from perpscope.trading.costs.figure import Figure
from perpscope.trading.costs.parts import FlatFees, HalfSpread, LegCosts, TradeCosts, Transfer
from perpscope.trading.trade import Leg, Trade
from perpscope.units import MS_PER_HOUR
from tests.unit.claims.held import funding, prices
from tests.unit.runs.stocked import stocked

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from perpscope.market.number import Number
    from perpscope.runs.backtest import Pricing
    from perpscope.store import Store

START, HOUR = day_ms("2021-04-01"), MS_PER_HOUR
PERP, SPOT = "BTC/USDT:USDT", "BTC/USDT"
SHORT, LONG = Leg("binanceusdm", PERP, "short"), Leg("binance", SPOT, "long")
PAIR = Trade("cash_and_carry", (SHORT, LONG))
WIGGLY = [100.0 + (k * k * 7 % 11) for k in range(49)]


def two_days(
    folder: Path, *, perp: Sequence[float] = WIGGLY, spot: Sequence[float] = WIGGLY, rates: Sequence[float] = (1e-4,) * 6
) -> Store:
    """Hourly bars of both legs over two days, and a fixing every eight hours."""
    return stocked(
        folder,
        prices("binanceusdm", PERP, START - HOUR, perp, market="linear"),
        prices("binance", SPOT, START - HOUR, spot),
        funding("binanceusdm", PERP, START, rates),
    )


def flat(fee: float = 0.0005, half: float = 0.0) -> Pricing:
    """Costs that are the same for every leg, at all times."""

    def costs(trade: Trade, ms: int, notional: Number, prices: Mapping[str, Number]) -> TradeCosts:
        del ms, notional, prices
        own = LegCosts(
            FlatFees(Figure.given(fee), Figure.given(fee)),
            HalfSpread(Figure.given(half)),
            borrow=Figure.given(0.1),
            liquidation=Figure.given(0.01),
        )
        return TradeCosts((own,) * len(trade.legs), Transfer(Figure.given(0), Figure.given(0)))

    return costs
