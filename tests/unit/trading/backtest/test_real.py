"""On real hours: what does turning at every sign cost against holding, and does the plain run agree to the cent?"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from perpscope.market.brackets import Brackets
from perpscope.market.contract import Contract
from perpscope.market.funding import PublishedFixing
from perpscope.market.number import INF
from perpscope.trading.backtest.fold import backtest
from perpscope.trading.backtest.model import Bars, LegHistory, Plan, Result
from perpscope.trading.costs.figure import Figure
from perpscope.trading.costs.parts import FlatFees, HalfSpread, LegCosts, TradeCosts
from perpscope.trading.margin import Requirement
from perpscope.trading.settle import Listing
from perpscope.trading.trade import Leg, Policy, Trade
from tests.unit.trading.backtest.plain import Market, Plain

HOUR = 3_600_000
START, END = datetime(2021, 1, 1, tzinfo=UTC), datetime(2021, 7, 1, tzinfo=UTC)
COST = {"fee": 0.0004, "half": 0.0001, "borrow": 0.05, "liquidation": 0.003, "maintenance": 0.005}
PERP, SPOT, COIN = "BTC/USDT:USDT", "BTC/USDT", "BTC/USD:BTC"
TRADES = {
    "linear": [(1, "spot", 1.0), (-1, "linear", 2.0)],
    "inverse": [(-1, "inverse", 1.0)],
    "inverse at 5x": [(-1, "inverse", 5.0)],
}


def rows(shared: Path, name: str, symbol: str, *columns: str) -> pl.DataFrame:
    table = pl.scan_parquet(shared / "data" / f"{name}.parquet").filter(pl.col("symbol") == symbol, pl.col("ts").is_between(START, END))
    return table.with_columns(pl.col("ts").dt.round("1h").dt.epoch("ms") // HOUR).select("ts", *columns).sort("ts").collect()


def read(shared: Path, payoffs: list[str]) -> list[Market]:
    """Markets of some legs over the hours that all of them have; a bar is known an hour after its stamp, its close is the mark."""
    files = {
        "spot": ("spot_1h_binance_btc_eth_2017_2025", "BTCUSDT"),
        "linear": ("perp_1h_binance_usdm_btc_eth_2020_2024", "BTCUSDT"),
        "inverse": ("prices_1h_bitmex_xbtusd_2015_2021", "XBTUSD"),
    }
    paying = {"linear": ("funding_binance_usdm_btc_eth", "BTCUSDT"), "inverse": ("funding_bitmex_xbtusd", "XBTUSD")}
    tables = [rows(shared, *files[payoff], "high", "low", "close") for payoff in payoffs]
    hours = sorted(set.intersection(*(set(table["ts"]) for table in tables)))
    found: list[Market] = []
    for payoff, table in zip(payoffs, tables, strict=True):
        own = table.filter(pl.col("ts").is_in(hours))
        paid = {} if payoff == "spot" else dict(rows(shared, *paying[payoff], "funding_rate").iter_rows())
        close, high, low = (own[name].to_list() for name in ("close", "high", "low"))
        places = {hour + 1: k for k, hour in enumerate(hours)}
        due = {places[hour]: (rate, None) for hour, rate in paid.items() if hour in places}
        found.append({"at": list(places), "trade": close, "mark": close, "high": high, "low": low, "paid": due, "hours": 8})
    return found


def ours(legs: list[tuple[int, str, float]], markets: list[Market], policy: Policy) -> Result:
    symbols = {"spot": SPOT, "linear": PERP, "inverse": COIN}
    histories, written = [], []
    for k, ((side, payoff, leverage), own) in enumerate(zip(legs, markets, strict=True)):
        at = [hour * HOUR for hour in own["at"]]
        fixings = tuple(PublishedFixing("venue", symbols[payoff], at[t], rate, own["hours"]) for t, (rate, _) in own["paid"].items())
        contract = Contract("inverse", "BTC") if payoff == "inverse" else Contract("linear", "USDT")
        bars = Bars(at, own["trade"], own["mark"], own["high"], own["low"])
        histories.append(LegHistory(bars, Listing(contract), fixings, Requirement(Brackets.flat(COST["maintenance"]))))
        written.append(Leg(f"venue{k}", symbols[payoff], "long" if side > 0 else "short", leverage=leverage))
    fees, half, borrow, forced = (Figure.given(COST[name]) for name in ("fee", "half", "borrow", "liquidation"))
    costs = LegCosts(FlatFees(fees, fees), HalfSpread(half), borrow, forced)
    trade = Trade("perp_perp", tuple(written), policy=policy)
    return backtest(trade, histories, TradeCosts((costs,) * len(legs)), Plan(notional=10_000, asset="USDT", missing="skip"))


@pytest.mark.parametrize("name", TRADES)
def test_real_hours_agree_with_the_plain_run(shared: Path, name: str) -> None:
    legs = TRADES[name]
    markets = read(shared, [payoff for _, payoff, _ in legs])
    for policy in (Policy.hold(), Policy.flip()):
        words = {name: getattr(policy, name) for name in ("enter", "exit", "look", "follow")} | {"stay": 0, "rest": 0, "most": INF}
        found = ours(legs, markets, policy)
        theirs = Plain(legs, markets, [COST] * len(legs), words, 10_000).run()
        assert len(found.at) > 4_000
        assert [units / 10**8 for units in found.equity] == pytest.approx(theirs.equity, abs=0.005)
        assert (found.liquidations, found.trades) == (theirs.liquidations, theirs.openings)


def test_turning_at_every_sign_cost_more_than_it_brought(shared: Path) -> None:
    """Cash and carry of BTC in the first half of 2021: rates were seldom negative, and each turn trades four legs."""
    legs = TRADES["linear"]
    markets = read(shared, [payoff for _, payoff, _ in legs])
    hold, flip = (ours(legs, markets, policy) for policy in (Policy.hold(), Policy.flip()))
    assert flip.trades > 10 * hold.trades
    assert flip.by_reason["fee"] + flip.by_reason["impact"] < 10 * (hold.by_reason["fee"] + hold.by_reason["impact"])
    assert hold.equity[-1] > flip.equity[-1]
