"""What recorded books prove about rates and premiums."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from perpscope.audit.booked import grid, mids
from perpscope.audit.contract import audit_contract
from perpscope.audit.facts import Facts
from perpscope.audit.model import Audit
from perpscope.audit.recompute import PARTIAL
from perpscope.catalogue.load import load_venue
from tests.unit.audit.histories import published
from tests.unit.audit.recordings import listed_markets, numbered_book, offset_books

RUNNING = "rate of the running interval from books"


@pytest.fixture(scope="module")
def hourly(shared: Path) -> dict[str, Audit]:
    """Audit of each of the ten recorded markets: its books, and its context with the rate of the running hour."""
    markets = listed_markets(shared / "fixtures/cryptofeed/DYDX.0.txt.gz")
    rates = published(shared / "data/funding_dydx_v3_hourly.parquet", "dydx_v3", "BTC-USD", "dydx3", "linear").clear()
    return {
        name: audit_contract(
            Facts(rates, contexts=markets.filter(pl.col("native_id") == name), books=books, contract_units=1.0),
            load_venue("dydx3"),
            peers=markets,
        )
        for name, books in offset_books(shared / "fixtures/cryptofeed/DYDX.ws.1.0.txt.gz")
    }


def test_every_recorded_book_gives_the_rate_of_its_hour_within_what_the_recording_allows(hourly: dict[str, Audit]) -> None:
    found = {name: {c.name: c for c in audit.checks}[RUNNING] for name, audit in hourly.items()}
    assert len(found) == 10
    assert all(check.holds is True for check in found.values()), found
    still = [name for name, check in found.items() if "rate moved by 0 in" in check.detail]
    assert sorted(still) == ["EOS-USD", "MKR-USD", "XMR-USD"]
    assert all(" 0 apart of 5e-11 allowed" in found[name].detail for name in still), "where nothing moved, only the digit is allowed"


@pytest.mark.parametrize(("market", "name", "text"), [("EOS-USD", "add", "0"), ("ETH-USD", "period", "1"), ("EOS-USD", "add", "0.0000126")])
def test_by_another_rule_the_same_books_do_not_give_the_rate(shared: Path, market: str, name: str, text: str) -> None:
    """Without the fixed interest, without the eighth, with another interest."""
    markets = listed_markets(shared / "fixtures/cryptofeed/DYDX.0.txt.gz")
    books = dict(offset_books(shared / "fixtures/cryptofeed/DYDX.ws.1.0.txt.gz"))[market]
    rates = published(shared / "data/funding_dydx_v3_hourly.parquet", "dydx_v3", "BTC-USD", "dydx3", "linear").clear()
    facts = Facts(rates, contexts=markets.filter(pl.col("native_id") == market), books=books, contract_units=1.0)
    law = load_venue("dydx3")
    first = law.rules[0]
    formula = {**first.parts["formula"], name: dataclasses.replace(first.parts["formula"][name], text=text)}
    other = dataclasses.replace(law, rules=(dataclasses.replace(first, parts={**first.parts, "formula": formula}), *law.rules[1:]))
    assert {c.name: c.holds for c in audit_contract(facts, law, peers=markets).checks}[RUNNING] is True
    found = audit_contract(facts, other, peers=markets)
    assert {c.name: c.holds for c in found.checks}[RUNNING] is False
    assert found.finding


def test_five_minutes_of_an_eight_hour_window_stay_partial_and_are_shown(shared: Path) -> None:
    folder = shared / "fixtures/books"
    rates = published(shared / "data/funding_binance_usdm_btc_eth.parquet", "binance", "BTCUSDT", "binanceusdm", "linear")
    day = rates.filter(pl.col("slot").dt.date() == pl.date(2024, 8, 9))
    who = {"venue": "binanceusdm", "native_id": "BTCUSDT", "symbol": "BTC/USDT:USDT"}
    books = numbered_book(folder / "binance_usdm_btcusdt_20240808.jsonl.gz", **who)
    spot = numbered_book(folder / "binance_spot_btcusdt_20240808.jsonl.gz")
    index = mids(spot, grid(books, 1.0))
    found = audit_contract(
        Facts(day, books=books, index=index, index_is="the spot mid stands in", contract_units=1.0), load_venue("binanceusdm")
    )
    assert (found.rows, found.recomputed, found.matched) == (3, 0, 0)
    assert found.not_recomputable[PARTIAL] == 2, "the last moment of the recording opens the next window"
    line, _ = (line for line in found.explain if "partial" in line)
    assert "2024-08-09T00:00:00Z 1.2% was seen" in line
    check = {c.name: c for c in found.checks}["premium from books"]
    assert check.holds is None
    assert "the spot mid stands in" in check.detail
    assert not found.finding


def test_without_an_index_or_a_notional_books_prove_nothing_and_say_so(shared: Path) -> None:
    name, books = "MKR-USD", dict(offset_books(shared / "fixtures/cryptofeed/DYDX.ws.1.0.txt.gz"))["MKR-USD"]
    rates = published(shared / "data/funding_dydx_v3_hourly.parquet", "dydx_v3", "BTC-USD", "dydx3", "linear").clear()
    markets = listed_markets(shared / "fixtures/cryptofeed/DYDX.0.txt.gz").filter(pl.col("native_id") == name)
    alone = audit_contract(Facts(rates, books=books), load_venue("dydx3"))
    blind = audit_contract(
        Facts(rates, books=books, contexts=markets.with_columns(pl.lit(None, pl.Float64).alias("index_price_quote"))), load_venue("dydx3")
    )
    for found, why in ((alone, "impact notional"), (blind, "no index price")):
        (check,) = (c for c in found.checks if c.name == "premium from books")
        assert check.holds is None
        assert why in check.detail


def test_moments_of_the_grid_are_multiples_of_the_spacing(shared: Path) -> None:
    _, books = next(iter(offset_books(shared / "fixtures/cryptofeed/DYDX.ws.1.0.txt.gz")))
    assert np.all(grid(books, 5) % 5000 == 0)
