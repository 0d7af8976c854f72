"""Do backtests on real rows pay what the rows say, and what does leaving at every sign cost there?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import polars as pl
import pytest

from perpscope.market.table import FUNDING, PRICES
from perpscope.market.time import day_ms
from perpscope.runs.backtest import Question, Run, run_backtest
from perpscope.runs.contrast import compared
from perpscope.runs.history import Wanted
from perpscope.trading.costs.assemble import trade_costs
from perpscope.trading.trade import Leg, Trade
from tests.unit.runs.made_pair import flat

if TYPE_CHECKING:
    from collections.abc import Mapping

    from perpscope.market.number import Number
    from perpscope.store import Store
    from perpscope.trading.costs.parts import TradeCosts

BTC, ETH, INVERSE = "BTC/USDT:USDT", "ETH/USDT:USDT", "BTC/USD:BTC"


def on_record(trade: Trade, ms: int, notional: Number, prices: Mapping[str, Number]) -> TradeCosts:
    """Costs as the catalogue has them."""
    return trade_costs(trade, ms, notional=notional, prices=prices)


def held(store: Store, *legs: Leg, start: str, end: str) -> Run:
    run = run_backtest(store, Question(Trade("perp_perp", legs), Wanted(day_ms(start), day_ms(end)), flat(), notional=1_000_000))
    assert run.answers["liquidations"] == 0
    return run


def rates(store: Store, venue: str, symbol: str, start: str, end: str) -> pl.DataFrame:
    """Fixings after the start, up to the end, with the close of the hour that ends at their stamp."""
    rows = store.read(FUNDING, venue=venue, symbol=symbol, start_ms=day_ms(start) + 1, end_ms=day_ms(end) + 1)
    closes = store.read(PRICES, venue=venue, symbol=symbol).filter(pl.col("bar_hours") == 1).select("close_ts", "close_quote")
    return rows.join(closes, left_on="slot", right_on="close_ts", how="left")


def test_funding_of_a_linear_leg_is_the_sum_of_rates_times_value(real: Store) -> None:
    leg = Leg("binanceusdm", BTC, "short")
    run = held(real, leg, Leg("binance", "BTC/USDT", "long"), start="2022-06-01", end="2022-09-01")
    rows = rates(real, leg.venue, leg.symbol, "2022-06-01", "2022-09-01")
    first = real.read(PRICES, venue="binanceusdm", symbol=BTC, start_ms=day_ms("2022-06-01") - 3_600_000).filter(pl.col("bar_hours") == 1)
    coins = 1_000_000 / first["close_quote"][0]
    own = coins * rows.select((pl.col("funding_rate") * pl.col("close_quote")).sum()).item()
    assert rows["close_quote"].null_count() == 0
    assert run.answers["by_leg"][leg.name]["funding"] == pytest.approx(own, rel=1e-9)


def test_funding_of_an_inverse_leg_accrues_hour_by_hour_in_its_coin(real: Store) -> None:
    leg = Leg("deribit", INVERSE, "short")
    run = held(real, leg, start="2020-06-01", end="2020-07-01")
    rows = real.read(FUNDING, venue="deribit", symbol=INVERSE, start_ms=day_ms("2020-06-01") + 1, end_ms=day_ms("2020-07-01") + 1)
    # paid in coins at the index of the hour and valued at it: dollars times the rate
    own = 1_000_000 * rows["funding_rate"].sum()
    assert run.answers["by_leg"][leg.name]["funding"] == pytest.approx(own, rel=1e-9)


def test_eight_hours_against_a_continuous_inverse_contract(real: Store) -> None:
    linear, inverse = Leg("binanceusdm", BTC, "long", ratio=0.5, leverage=2), Leg("deribit", INVERSE, "short", leverage=2)
    run = held(real, inverse, linear, start="2020-12-01", end="2020-12-20")
    rows = real.read(FUNDING, venue="deribit", symbol=INVERSE, start_ms=day_ms("2020-12-01") + 1, end_ms=day_ms("2020-12-20") + 1)
    of_linear = rates(real, "binanceusdm", BTC, "2020-12-01", "2020-12-20")
    first = real.read(PRICES, venue="binanceusdm", symbol=BTC, start_ms=day_ms("2020-12-01") - 3_600_000).filter(pl.col("bar_hours") == 1)
    by_leg = run.answers["by_leg"]
    entry = run.gathered.histories[0].bars.trade[0]  # the coin's price, by which both legs are made of equal exposure
    coins = 500_000 / entry
    assert first["close_quote"][0] == pytest.approx(entry, rel=0.01)
    assert by_leg[inverse.name]["funding"] == pytest.approx(1_000_000 * rows["funding_rate"].sum(), rel=1e-9)
    own = -coins * of_linear.select((pl.col("funding_rate") * pl.col("close_quote")).sum()).item()
    assert by_leg[linear.name]["funding"] == pytest.approx(own, rel=1e-9)
    # coins of the margin, the short and half as much long again: nothing is left open
    assert abs(run.answers["net_return"]) < 0.02
    assert run.document()["exposure"] == 0


@pytest.mark.parametrize("symbol", [BTC, ETH])
def test_leaving_at_every_sign_costs_more_than_it_saves(real: Store, symbol: str) -> None:
    legs = (Leg("binanceusdm", symbol, "short", leverage=2), Leg("binance", symbol.partition(":")[0], "long"))
    question = Question(Trade("cash_and_carry", legs), Wanted(day_ms("2022-01-01"), day_ms("2022-07-01")), on_record, notional=1_000_000)
    rows = {row["policy"]: row for row in compared(run_backtest(real, question), ["exit"])}
    asked, left = rows["as asked"], rows["exit"]
    assert asked["trades"] == 1
    assert left["trades"] > 20
    assert left["funding"] > asked["funding"]  # what is left out was paid ...
    assert left["net_return"] < asked["net_return"] - 0.02  # ... and cost less than leaving and coming back
    assert left["fee"] + left["impact"] < 10 * (asked["fee"] + asked["impact"])


def test_an_answer_stands_on_the_rows_it_names(real: Store) -> None:
    legs = (Leg("binanceusdm", BTC, "short"), Leg("binance", "BTC/USDT", "long"))
    question = Question(Trade("cash_and_carry", legs), Wanted(day_ms("2022-01-01"), day_ms("2022-02-01")), flat(), notional=1_000_000)
    run = run_backtest(real, question)
    again = run_backtest(real, replace(question, notional=2_000_000))
    assert run.document()["certificate"] == again.document()["certificate"]
    assert {source["name"] for table in run.document()["certificate"]["tables"] for source in table["sources"]} == {
        "funding_binance_usdm_btc_eth.parquet",
        "perp_1h_binance_usdm_btc_eth_2020_2024.parquet",
        "spot_1h_binance_btc_eth_2017_2025.parquet",
    }
    assert again.answers["net_return"] == pytest.approx(run.answers["net_return"], rel=1e-6)
