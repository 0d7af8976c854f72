"""On real rows of 2021: where do the printed profits lie, what do printed rules earn, and what does leaving on every sign cost?"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from perpscope.collect.imports import import_paths
from perpscope.market.time import day_ms
from perpscope.runs.backtest import Question as Backtest
from perpscope.runs.backtest import run_backtest
from perpscope.runs.contrast import compared
from perpscope.runs.history import Wanted
from perpscope.runs.pair_histories import Question, pair_histories
from perpscope.runs.printed_rules import Question as Rules
from perpscope.runs.printed_rules import rules_answer
from perpscope.store import Store
from perpscope.trading.costs.assemble import trade_costs
from perpscope.trading.examples.printed_rules import printed_rules
from perpscope.trading.examples.printed_trade import printed_trade
from perpscope.trading.trade import Leg, Trade

FILES = (
    "funding_binance_usdm_btc_eth",
    "funding_other_venues_btc_eth",
    "funding_bitmex_xbtusd",
    "perp_1h_binance_usdm_btc_eth_2020_2024",
    "spot_1h_binance_btc_eth_2017_2025",
)
FROM, TO = datetime(2021, 1, 1, tzinfo=UTC), datetime(2022, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def store(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Store:
    """The rows of one year, imported by the shared mapping."""
    folder = tmp_path_factory.mktemp("examples")
    (folder / "import.toml").write_text((shared / "data" / "import.toml").read_text(encoding="utf-8"), encoding="utf-8")
    for name in FILES:
        year = pl.scan_parquet(shared / "data" / f"{name}.parquet").filter(pl.col("ts").is_between(FROM, TO, closed="left"))
        year.collect().write_parquet(folder / f"{name}.parquet")
    made = Store.open(folder / "store", create=True)
    taken = import_paths(made, [folder / f"{name}.parquet" for name in FILES])
    assert all(one.rejected < one.rows for one in taken)
    return made


def test_the_printed_profits_lie_high_among_the_pairs_of_their_year(store: Store) -> None:
    found, pairs = pair_histories(store, Question.of(printed_trade("coinflex"), 56))
    own = {(row["coin"], row["long"]["venue"], row["short"]["venue"]): row for row in found["pairs"]}
    both = next(row for key, row in own.items() if key[0] == "ETH" and set(key[1:]) == {"binanceusdm", "htx"})
    assert both["highest"] > 34_448.60  # what the article leaves between the two venues
    pooled = found["pooled"]
    assert 0.03 < pooled["BTC"]["at_least"]["btc_htx"] < 0.3
    assert pooled["ETH"]["at_least"]["eth_binance"] < 0.02
    best = max(row["highest"] for row in found["pairs"] if row["coin"] == "BTC")
    assert best > 52_627.18
    assert len(pairs) == len(found["pairs"]) > 15
    for row in found["pairs"]:
        known = row["after_fees"]["taker"]
        assert known is not None
        assert known["mean"] < row["mean"]


def test_printed_rules_agree_in_full_at_the_closes_they_saw_and_lose_most_of_it_an_hour_later(store: Store) -> None:
    he = replace(printed_rules("he"), start=day_ms("2021-06-01"), end=day_ms("2021-08-01"))
    by = {(row["strategy"], row["tier"]): row for row in rules_answer(store, he, Rules(("BTC",)))["rows"]}
    sharpe = {name: by[name, "no"]["paper"]["sharpe"] for name in ("correct", "long_only", "no_clamp", "carry")}
    assert sorted(sharpe, key=lambda name: -sharpe[name]) == ["correct", "long_only", "no_clamp", "carry"]  # as printed
    for name in sharpe:
        row = by[name, "no"]
        assert row["full_same"]["return_1y"] == pytest.approx(row["paper"]["return_1y"], abs=0.01)  # quantities drift within a position
        assert row["full_same"]["sharpe"] == pytest.approx(row["paper"]["sharpe"], rel=0.1)
    assert by["correct", "no"]["full_next"]["return_1y"] < 0.5 * by["correct", "no"]["full_same"]["return_1y"]


def test_leaving_on_every_change_of_sign_costs_more_than_holding_brings(store: Store) -> None:
    legs = (Leg("binanceusdm", "BTC/USDT:USDT", "short"), Leg("binance", "BTC/USDT", "long"))
    asked = Backtest(
        Trade("cash_and_carry", legs),
        Wanted(day_ms("2021-05-01"), day_ms("2021-11-01")),
        lambda trade, ms, notional, prices: trade_costs(trade, ms, notional=notional, prices=prices),
        notional=1_000_000,
    )
    run = run_backtest(store, asked)
    rows = {row["policy"]: row for row in compared(run, ["exit", "flip"])}
    assert run.money > 0
    assert rows["exit"]["net_return"] < 0 < run.answers["net_return"]
    assert rows["flip"]["net_return"] < rows["exit"]["net_return"]
    assert rows["exit"]["trades"] > 20
    assert -rows["exit"]["fee"] > run.answers["by_reason"]["funding"]
